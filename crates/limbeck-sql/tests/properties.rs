//! What must hold for every text, however odd.

use limbeck_sql::{Flavour, Kind, classify, headline, needs_a_look, shape, split};
use proptest::prelude::*;

const FLAVOURS: [Flavour; 3] = [Flavour::Postgresql, Flavour::Sqlite, Flavour::Mysql];

/// Pieces that make trouble when they meet.
const FRAGMENTS: &[&str] = &[
    "'",
    "''",
    "\"",
    "`",
    "[",
    "]",
    "$$",
    "$a$",
    "$1",
    "a$",
    "E'",
    "U&'",
    "U&\"",
    "x'",
    "N'",
    "\\",
    "\\'",
    "--",
    "-- ",
    "#",
    "/*",
    "*/",
    "/*!",
    "\n",
    "\r",
    " ",
    ";",
    ";",
    "(",
    ")",
    ",",
    ".",
    "..",
    "1",
    "1e",
    "0x",
    "1.5",
    "-",
    "+",
    ":",
    "::",
    "@",
    "?",
    "ü",
    "\u{1F600}",
    "\0",
    "\u{feff}",
    "begin",
    "atomic",
    "end",
    "case",
    "create",
    "or",
    "replace",
    "function",
    "procedure",
    "trigger",
    "temp",
    "index",
    "unique",
    "concurrently",
    "if not exists",
    "on",
    "only",
    "t",
    "drop",
    "reindex",
    "table",
    "alter",
    "type",
    "add",
    "value",
    "detach partition",
    "c",
    "vacuum",
    "cluster",
    "database",
    "subscription",
    "connection",
    "publication",
    "with",
    "set",
    "refresh",
    "system",
    "tablespace",
    "discard",
    "all",
    "commit",
    "rollback",
    "to",
    "savepoint",
    "release",
    "prepare",
    "transaction",
    "select",
    "into",
    "for",
    "update",
    "explain",
    "analyze",
    "pragma",
    "=",
    "not",
    "in",
    "array[",
    "interval",
    "cast(",
    "as",
    "between",
    "and",
    "is",
    "null",
    "json_table(",
    "xmltable(",
    "within",
    "group",
    "over",
    "repack",
    "do",
    "call",
];

fn fragments() -> impl Strategy<Value = String> {
    let piece = (prop::sample::select(FRAGMENTS), prop::sample::select(&["", " ", " ", "\n"][..]));
    prop::collection::vec(piece, 0..60).prop_map(|pieces| pieces.into_iter().flat_map(|(text, blank)| [text, blank]).collect())
}

fn texts() -> impl Strategy<Value = String> {
    prop_oneof![4 => fragments(), 1 => any::<String>(), 1 => "[ -~\n]{0,200}"]
}

/// Something quoted that holds anything, closed as its flavour closes it.
fn quoted(flavour: Flavour) -> BoxedStrategy<String> {
    let anything = "[a-z;'\"`$(){}\\[\\]/*\\\\#\n -]{0,12}";
    let string = anything.prop_map(|text| format!("'{}'", text.replace('\'', "''")));
    let plain = anything.prop_map(|text| format!("'{}'", text.replace('\\', "").replace('\'', "''")));
    let double = anything.prop_map(|text| format!("\"{}\"", text.replace('\\', "").replace('"', "\"\"")));
    let line = anything.prop_map(|text| format!("-- {}\n", text.replace('\n', " ")));
    let block = anything.prop_map(|text| format!("/* {} */", text.replace(['*', '/'], " ")));
    match flavour {
        Flavour::Postgresql => {
            let escape = anything.prop_map(|text| format!("E'{}'", text.replace('\\', "\\\\").replace('\'', "\\'")));
            let dollar = anything.prop_map(|text| format!(" $q${}$q$", text.replace("$q$", "")));
            let nested = anything.prop_map(|text| format!("/* /* {} */ ; */", text.replace(['*', '/'], " ")));
            prop_oneof![string, double, line, block, escape, dollar, nested].boxed()
        }
        Flavour::Sqlite => {
            let tick = anything.prop_map(|text| format!("`{}`", text.replace('`', "``")));
            let bracket = anything.prop_map(|text| format!("[{}]", text.replace(']', "")));
            prop_oneof![string, double, line, block, tick, bracket].boxed()
        }
        Flavour::Mysql => {
            let tick = anything.prop_map(|text| format!("`{}`", text.replace('`', "``")));
            let hash = anything.prop_map(|text| format!("# {}\n", text.replace('\n', " ")));
            let escape = anything.prop_map(|text| format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'")));
            prop_oneof![plain, double, line, block, tick, hash, escape].boxed()
        }
    }
}

/// A statement of words and quoted things.
fn statement(flavour: Flavour) -> impl Strategy<Value = String> {
    // A word between any two: a string behind an E'' string and a line break would go on with it, and read its backslashes otherwise.
    prop::collection::vec(prop_oneof!["[a-z]{1,5}", quoted(flavour)], 0..6).prop_map(|pieces| format!("zz {}", pieces.join(" zz ")))
}

fn check_any_text(text: &str) {
    for flavour in FLAVOURS {
        let ranges = split(flavour, text);
        let mut end = 0;
        for range in &ranges {
            assert!(end <= range.start && range.start < range.end, "{flavour:?}: ranges go up: {ranges:?}");
            // Only the `;` of the statement before, and empty statements, stand between.
            assert!(end == 0 || text[end..range.start].starts_with(';'), "{flavour:?}: {ranges:?}");
            let gap = &text[end..range.start];
            assert!(
                gap.is_empty() || gap.ends_with(';'),
                "{flavour:?}: blanks belong to the next statement: {ranges:?}"
            );
            assert!(split(flavour, gap).is_empty(), "{flavour:?}: a lost statement in {gap:?}");
            // Each statement is one. MySQL's `--` is a comment before a blank or at the end, not before the `;` that is gone here.
            let one = &text[range.clone()];
            assert!(
                split(flavour, one).len() == 1 || (flavour == Flavour::Mysql && one.ends_with("--")),
                "{flavour:?}: {one:?}"
            );
            end = range.end;
        }
        assert!(split(flavour, &text[end..]).is_empty(), "{flavour:?}: a lost statement at the end");
        let kind = classify(flavour, Some(11), text);
        if ranges.len() > 1 || !matches!(kind, Kind::Normal | Kind::Query) {
            assert!(needs_a_look(flavour, text), "{flavour:?} {kind:?}");
        }
        let _ = (shape(flavour, text), limbeck_sql::sets_session(flavour, text));
        assert!(headline(flavour, text, 20).chars().count() <= 20);
    }
    let _ = limbeck_sql::added_enum_value(text);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_text_panics_loses_bytes_or_overlaps(text in texts()) {
        check_any_text(&text);
    }

    #[test]
    fn quoting_neither_hides_nor_invents_a_semicolon(statements in prop::sample::select(&FLAVOURS[..]).prop_flat_map(|flavour| {
        (Just(flavour), prop::collection::vec(statement(flavour), 1..5))
    })) {
        let (flavour, statements) = statements;
        let text = statements.join(";");
        let found: Vec<&str> = split(flavour, &text).into_iter().map(|range| &text[range]).collect();
        prop_assert_eq!(found, statements);
    }

    #[test]
    fn two_texts_behind_each_other_split_as_each_alone(one in fragments(), two in fragments()) {
        for flavour in FLAVOURS {
            // Only when the first text closes all it opens, so that what follows stands by itself.
            let probe = format!("{one}\n;zz");
            let ranges = split(flavour, &probe);
            if ranges.last().is_none_or(|last| &probe[last.clone()] != "zz") {
                continue;
            }
            let both = format!("{one}\n;{two}");
            let count = ranges.len() - 1 + split(flavour, &two).len();
            prop_assert_eq!(split(flavour, &both).len(), count, "{:?}", both);
        }
    }

    #[test]
    fn quoted_text_changes_no_classification(pieces in prop::collection::vec(quoted(Flavour::Postgresql), 1..4)) {
        let values = pieces.join(",\n");
        let sql = format!("insert into t values ({values}\n)");
        prop_assert_eq!(classify(Flavour::Postgresql, Some(15), &sql), Kind::Normal);
        let sql = format!("alter table t alter a set default {values}\n");
        prop_assert_eq!(classify(Flavour::Postgresql, Some(15), &sql), Kind::Normal);
    }

    #[test]
    fn a_shape_forgets_numbers_and_strings_only(number in any::<i32>(), text in "[^'\\\\\0]{0,20}") {
        for flavour in FLAVOURS {
            let sql = format!("update t set a = ({number}), b = '{text}' where c = 'x'");
            prop_assert_eq!(shape(flavour, &sql), shape(flavour, "update t set a = (1), b = '' where c = 'y'"));
            let shown = headline(flavour, &sql, 200);
            prop_assert!(shown.ends_with("b = ? where c = ?"), "{}", shown);
        }
    }
}

/// Deep nesting makes a recursive parser overflow its stack, which nothing can catch.
#[test]
fn deep_nesting_does_no_harm() {
    for (open, middle, close) in [
        ("(", "a", ")"),
        ("not ", "a", ""),
        ("- ", "1", ""),
        ("case when ", "a", " then 1 end"),
        ("array[", "1", "]"),
        ("a or ", "b", ""),
        ("/*", "", "*/"),
    ] {
        let deep = format!("{}{middle}{}", open.repeat(100_000), close.repeat(100_000));
        for start in [
            "create index concurrently i on t (",
            "vacuum ",
            "alter type e add value ",
            "create subscription s connection 'x' publication p with (",
            "do ",
            "begin ",
        ] {
            let sql = format!("{start}{deep}");
            for flavour in FLAVOURS {
                let _ = classify(flavour, Some(11), &sql);
            }
        }
    }
}
