//! Templates and what Mako makes of them; `tests/mako.json` holds more, recorded from Mako itself.

use super::*;
use crate::eval::{EvalError, failed};
use crate::value::Value;

struct TestHost;

impl Host for TestHost {
    fn call(&self, callee: &str, arguments: &[Value], _names: &Names) -> Result<Option<Value>, EvalError> {
        match (callee, arguments) {
            ("comma", [Value::None]) => Ok(Some("".into())),
            ("comma", [Value::Str(text)]) => Ok(Some(text.as_str().into())),
            ("comma", [other]) => {
                let items: Vec<_> = crate::methods::iterate(other)?.iter().map(Value::to_string).collect();
                Ok(Some(Value::Str(items.join(", "))))
            }
            ("config.get_main_option", [_]) => Ok(Some("engine1, engine2".into())),
            _ => Ok(None),
        }
    }

    fn expression(&self, source: &str, _names: &Names) -> Option<Result<Value, String>> {
        (source == "lambda: 1").then(|| Ok(Value::Int(1)))
    }
}

fn names() -> Names {
    [
        ("message", Value::from("it's")),
        ("down", Value::tuple_or_none(&["a", "b"])),
        ("none", Value::None),
        ("config", Value::Named("config")),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value))
    .collect()
}

fn rendered(text: &str) -> Result<String, String> {
    Template::parse(Path::new("t.mako"), text)
        .and_then(|template| template.render(names(), &TestHost))
        .map_err(|problem| problem.to_string())
}

#[track_caller]
fn assert_rendered(text: &str, expected: &str) {
    assert_eq!(rendered(text).as_deref(), Ok(expected), "{text:?}");
}

#[test]
fn expressions_and_filters() {
    assert_rendered("<${message}>", "<it's>");
    assert_rendered("${repr(message)} ${repr(down)} ${none}", "\"it's\" ('a', 'b') None");
    assert_rendered("${down | comma,n}|${none | comma,n}|${message|comma}", "a, b||it's");
    assert_rendered("${missing if missing else 'pass'}", "pass");
    assert_rendered("${{'a': '}'}['a']}${'|' if 1 else 2}", "}|");
    assert_rendered("${', '.join(repr(x) for x in down if x != 'b')}", "'a'");
    assert_rendered("${'%s-%02d' % (message.upper(), 7)}${down[-1]}${len(down)}", "IT'S-07b2");
    assert_rendered("${ message | trim, h }", "it&#39;s");
    assert_rendered("${lambda: 1}", "1");
    assert_rendered("${'a'\n + 'b'}", "ab");
}

#[test]
fn lines() {
    assert_rendered("a\\\nb\n## no\n  ## no\nc # yes\n%% d\n", "ab\nc # yes\n% d\n");
    assert_rendered("a\n% if message == 'x':\nb\n% elif down: # why\nc\n% else:\nd\n% endif\ne", "a\nc\ne");
    assert_rendered("% for x in down:\n  ${x}${'' if loop.last else ','}\n% endfor\n", "  a,\n  b\n");
    assert_rendered("% for i, x in [(1, 'p'), (2, 'q')]:\n${i}${x}\n% endfor", "1p\n2q\n");
    assert_rendered("50 % of", "50 % of");
}

#[test]
fn blocks_and_tags() {
    assert_rendered("<%!\nimport re\n%>x<%\n    n = re.split(r',\\s*', 'a,  b')\n    m = n[1]\n%>${m}", "xb");
    assert_rendered("<%text>${raw}</%text><%doc>gone</%doc>.", "${raw}.");
    assert_rendered("<%def name=\"f(a, b='z')\">[${a}${b}]</%def>${f(1)}${f('x', 2)}", "[1z][x2]");
    assert_rendered(
        "<%\nx = []\nfor d in down:\n    x = x + [d]\nif len(x) > 5:\n    x = 0\nelse:\n    y = x\n%>${y}",
        "['a', 'b']",
    );
    assert_rendered("<%page args=\"x\"/>a", "a");
}

#[test]
fn the_multidb_shape() {
    let text = "<%\n    db_names = config.get_main_option(\"databases\")\n%>\n\n## note\n\n% for db_name in re.split(r',\\s*', db_names):\n\ndef upgrade_${db_name}():\n    ${context.get(\"%s_upgrades\" % db_name, \"pass\")}\n\n% endfor\n";
    assert_rendered(
        &format!("<%!\nimport re\n\n%>{text}"),
        "\n\n\n\ndef upgrade_engine1():\n    pass\n\n\ndef upgrade_engine2():\n    pass\n\n",
    );
}

#[test]
fn errors_say_the_line() {
    for (text, expected) in [
        ("\n${missing}", "template rendering failed: t.mako:2: the name is not defined (in `missing`)"),
        ("a\n${x", "template rendering failed: t.mako:2: `}` is missing"),
        ("% if 1:\n", "template rendering failed: t.mako:1: `% if` without `% endif`"),
        ("% endif\n", "template rendering failed: t.mako:1: `% endif` without a start"),
        ("% while 1:\n% endwhile", "template rendering failed: t.mako:1: `% while` is not supported"),
        ("<%include file=\"x\"/>", "template rendering failed: t.mako:1: <%include> is not supported"),
        (
            "${open('x')}",
            "template rendering failed: t.mako:1: calling `open` is not supported here (in `open('x')`)",
        ),
    ] {
        assert_eq!(rendered(text), Err(expected.to_owned()), "{text:?}");
    }
    let endless = "<%def name=\"f()\">${f()}</%def>${f()}";
    assert!(rendered(endless).unwrap_err().contains("without end"));
    assert_eq!(failed("x").to_string(), "x");
}

proptest::proptest! {
    #[test]
    fn never_panics(parts in proptest::collection::vec(
        proptest::sample::select(vec![
            "${", "}", "<%", "%>", "<%!", "<%def name=\"f()\">", "</%def>", "<%text>", "</%text>", "% if x:\n", "% endif\n",
            "% for a in down:\n", "% endfor\n", "\n", "%", "##", "\\\n", "'", "\"", "|", "message", "é", "(", ")", " ", "f()", "#",
        ]), 0..20)
    ) {
        let _ = rendered(&parts.concat());
    }
}
