//! Index elements as text that can be compared: what PostgreSQL adds when it stores an expression is taken away on both sides.

use crate::Result;
use limbeck_dialect::{DialectName, expression_sql};
use limbeck_expr::Expr;
use regex_lite::Regex;
use std::sync::LazyLock;

/// The name of a type after a cast: `"char"`, `s.name`, `character varying(10)`, `timestamp(3) with time zone`, `text[]`.
const TYPE_NAME: &str = r#"(?:"[^"]+"|\w+)(?:\.(?:"[^"]+"|\w+))?(?:\s+(?:varying|precision))?(?:\s*\(\s*\d+(?:\s*,\s*\d+)?\s*\))?(?:\s+with(?:out)?\s+time\s+zone)?(?:\s*\[\s*\d*\s*\])*"#;

static CAST: LazyLock<Regex> = LazyLock::new(|| Regex::new(&format!(r"(?i)::\s*{TYPE_NAME}")).expect("the pattern is written by hand"));
static CAST_CALL: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(&format!(r"(?i)\bcast\s*\((.*?)\s+as\s+{TYPE_NAME}\s*\)")).expect("the pattern is written by hand"));

/// The element as PostgreSQL would be told it.
///
/// # Errors
/// It cannot be written.
pub(super) fn of(element: &Expr) -> Result<String> {
    expression_sql(DialectName::Postgresql, element)
}

/// Takes `::type` away.
pub(super) fn without_casts(sql: &str) -> String {
    CAST.replace_all(sql, "").into_owned()
}

/// The element without quotes, casts, blanks, outer parentheses and orders that are the default.
pub(super) fn bare(table: &str, element: &str) -> String {
    let mut text = element.to_lowercase().replace(['"', '\''], "");
    text = text.replace(&format!("{}.", table.to_lowercase()), "");
    text = without_casts(&text);
    text = without_parentheses(&text).to_owned();
    text = without_default_order(&text);
    text = without_parentheses(&text).to_owned();
    while CAST_CALL.is_match(&text) {
        text = CAST_CALL.replace_all(&text, "$1").into_owned();
    }
    text.replace(' ', "")
}

fn without_parentheses(mut text: &str) -> &str {
    while let Some(inner) = text.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) {
        text = inner;
    }
    text
}

/// `ASC` is the default, and so is `NULLS LAST` after it, `NULLS FIRST` after `DESC`.
fn without_default_order(text: &str) -> String {
    if let Some(rest) = text.strip_suffix(" asc nulls last") {
        return rest.to_owned();
    }
    if let Some(rest) = text.strip_suffix(" nulls last")
        && !rest.ends_with(" desc")
    {
        return rest.to_owned();
    }
    if let Some(rest) = text.strip_suffix(" asc") {
        return rest.to_owned();
    }
    if let Some(rest) = text.strip_suffix(" asc nulls first") {
        return format!("{rest} nulls first");
    }
    if let Some(rest) = text.strip_suffix(" desc nulls first") {
        return format!("{rest} desc");
    }
    text.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_server_adds_says_nothing() {
        for (have, wanted) in [
            ("lower(name::text)", "lower(name)"),
            ("(a + b)", "a + b"),
            ("t.a DESC", "a desc nulls first"),
            ("a", "a ASC NULLS LAST"),
            ("(j ->> 'k'::text)::integer", "CAST(j ->> 'k' AS INTEGER)"),
            ("(ts)::timestamp without time zone", "ts"),
        ] {
            assert_eq!(bare("t", have), bare("t", wanted), "{have}");
        }
        assert_ne!(bare("t", "a DESC"), bare("t", "a"));
        assert_ne!(bare("t", "a DESC NULLS LAST"), bare("t", "a DESC"));
    }
}
