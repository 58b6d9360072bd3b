//! SQL statements as the body of a revision that Alembic runs too.

use limbeck_diff::render::sql::escaped;

/// What the downgrade says: dropping everything that was there before the history began is nothing to do by accident.
pub const DOWNGRADE: &str =
    "raise NotImplementedError(\n        \"this is the baseline: what it makes was there before the history began, and is not dropped\"\n    )";

/// What the downgrade says where no statements were found that take back what was adopted.
pub const NO_WAY_BACK: &str =
    "raise NotImplementedError(\n        \"this adopts changes made by hand, and no way back was proved: write one before reverting it\"\n    )";

/// The body of `upgrade()`, its first line without the indent that the template gives.
pub fn upgrade(statements: &[String]) -> String {
    let calls: Vec<String> = statements.iter().map(|sql| call(sql)).collect();
    calls.join("\n    ")
}

/// One statement. `op.execute` takes `:name` for a place-holder: a backslash before it says otherwise, and where that cannot be said the driver gets the text as it is.
fn call(sql: &str) -> String {
    match escaped(sql) {
        Some(sql) => format!("op.execute({})", literal(&sql)),
        None => format!("op.get_bind().exec_driver_sql({})", literal(sql)),
    }
}

/// A text as a Python literal that reads as the text.
fn literal(text: &str) -> String {
    let escaped = text.replace('\\', "\\\\");
    if !text.contains(['\n', '\r']) {
        return if !text.contains('"') {
            format!("\"{escaped}\"")
        } else if !text.contains('\'') {
            format!("'{escaped}'")
        } else {
            format!("\"{}\"", escaped.replace('"', "\\\""))
        };
    }
    // Python reads every line end as `\n`.
    let mut escaped = escaped.replace('\r', "\\r").replace("\"\"\"", "\\\"\\\"\\\"");
    if escaped.ends_with('"') {
        escaped.truncate(escaped.len() - 1);
        escaped.push_str("\\\"");
    }
    format!("\"\"\"{escaped}\"\"\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals_read_as_the_text() {
        assert_eq!(literal("a"), "\"a\"");
        assert_eq!(literal("a \"b\""), "'a \"b\"'");
        assert_eq!(literal("a 'b' \"c\\"), "\"a 'b' \\\"c\\\\\"");
        assert_eq!(literal("a\n\"b\""), "\"\"\"a\n\"b\\\"\"\"\"");
        assert_eq!(literal("a\n\"\"\"b\r"), "\"\"\"a\n\\\"\\\"\\\"b\\r\"\"\"");
    }
}
