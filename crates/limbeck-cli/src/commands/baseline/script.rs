//! SQL statements as the body of a revision that Alembic runs too.

/// What the downgrade says: dropping everything that was there before the history began is nothing to do by accident.
pub const DOWNGRADE: &str =
    "raise NotImplementedError(\n        \"this is the baseline: what it makes was there before the history began, and is not dropped\"\n    )";

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

/// Puts a backslash before what SQLAlchemy takes for a place-holder, `(?<![:\w\\]):(\w+)(?!:)`; nothing where its own pattern for that backslash would not match.
fn escaped(sql: &str) -> Option<String> {
    let chars: Vec<char> = sql.chars().collect();
    let is_word = |at: usize| chars.get(at).is_some_and(|c| c.is_alphanumeric() || *c == '_');
    let mut result = String::with_capacity(sql.len());
    for (at, c) in chars.iter().enumerate() {
        let begins = *c == ':' && is_word(at + 1) && !(at > 0 && (is_word(at - 1) || matches!(chars[at - 1], ':' | '\\')));
        if begins {
            let end = (at + 1..).find(|here| !is_word(*here)).unwrap_or(chars.len());
            let follower = chars.get(end);
            match follower {
                Some(':') if end == at + 2 => {}
                Some(':' | '$') => return None,
                _ => result.push('\\'),
            }
        }
        // A backslash that is there before a colon would be taken away.
        if *c == '\\' && chars.get(at + 1) == Some(&':') {
            return None;
        }
        result.push(*c);
    }
    Some(result)
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
    fn place_holders_are_told_from_casts_and_times() {
        assert_eq!(escaped("a::int, '12:30', x = :y").as_deref(), Some("a::int, '12:30', x = \\:y"));
        assert_eq!(escaped("' :a: '").as_deref(), Some("' :a: '"));
        assert_eq!(escaped("' :ab: '"), None);
        assert_eq!(escaped("'\\:x'"), None);
        assert_eq!(call("SELECT ' :ab: '"), "op.get_bind().exec_driver_sql(\"SELECT ' :ab: '\")");
    }

    #[test]
    fn literals_read_as_the_text() {
        assert_eq!(literal("a"), "\"a\"");
        assert_eq!(literal("a \"b\""), "'a \"b\"'");
        assert_eq!(literal("a 'b' \"c\\"), "\"a 'b' \\\"c\\\\\"");
        assert_eq!(literal("a\n\"b\""), "\"\"\"a\n\"b\\\"\"\"\"");
        assert_eq!(literal("a\n\"\"\"b\r"), "\"\"\"a\n\\\"\\\"\\\"b\\r\"\"\"");
    }
}
