//! Templates rendered by Mako itself (`record_mako.py` writes `mako.json`), rendered here.

use std::path::Path;

use limbeck_script::eval::{EvalError, Host, Names};
use limbeck_script::mako::Template;
use limbeck_script::{CreateDate, Value};

struct Comma;

impl Host for Comma {
    fn call(&self, callee: &str, arguments: &[Value], _names: &Names) -> Result<Option<Value>, EvalError> {
        Ok(match (callee, arguments) {
            ("comma", [Value::None]) => Some("".into()),
            ("comma", [Value::Str(text)]) => Some(text.as_str().into()),
            ("comma", [value]) => value.items().map(|items| {
                let items: Vec<_> = items.iter().map(Value::to_string).collect();
                Value::Str(items.join(", "))
            }),
            _ => None,
        })
    }
}

#[test]
fn as_mako_renders_them() {
    let cases: Vec<serde_json::Value> = serde_json::from_str(include_str!("mako.json")).unwrap();
    let moment = "2024-03-01T10:05:06Z".parse().unwrap();
    let names: Names = [
        ("message", Value::from(" it's a: b ")),
        ("down", Value::tuple_or_none(&["a", "b"])),
        ("none", Value::None),
        ("labels", Value::List(vec!["l".into()])),
        ("quote", "it's \"x\"\n".into()),
        ("create_date", Value::Date(CreateDate::at(moment, Some("UTC")).unwrap())),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value))
    .collect();
    let mut wrong = Vec::new();
    for case in &cases {
        let text = case["template"].as_str().unwrap();
        let rendered = Template::parse(Path::new("t"), text)
            .and_then(|template| template.render(names.clone(), &Comma))
            .map_err(|error| error.to_string());
        if rendered.as_deref() != Ok(case["output"].as_str().unwrap()) {
            wrong.push(format!("{text:?}\n  Mako {:?}\n  here {rendered:?}", case["output"]));
        }
    }
    assert!(cases.len() > 20);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
