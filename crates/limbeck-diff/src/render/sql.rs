//! SQL statements as calls of `op.execute`.

use super::python::repr;

/// Stands for a line end inside of a text until lines are indented; no SQL holds it.
pub(super) const LINE_END: char = '\u{1}';

/// The call that runs a statement. `op.execute` takes `:name` for a place-holder: a backslash before it says otherwise, and where that cannot be said the
/// driver gets the text as it is.
pub(super) fn call(op: &str, sql: &str) -> String {
    match escaped(sql) {
        Some(sql) => format!("{op}execute({})", literal(&sql)),
        None => format!("{op}get_bind().exec_driver_sql({})", literal(sql)),
    }
}

/// Puts a backslash before what SQLAlchemy takes for a place-holder, `(?<![:\w\\]):(\w+)(?!:)`; nothing where its own pattern for that backslash would not match.
pub fn escaped(sql: &str) -> Option<String> {
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

/// One line as Python shows it; several lines as they are, where nothing in them needs care.
fn literal(text: &str) -> String {
    let plain = |c: char| c != '\r' && c != LINE_END;
    if text.contains('\n') && text.chars().all(plain) && !text.contains("\"\"\"") && !text.ends_with('"') {
        return format!("\"\"\"{}\"\"\"", text.replace('\\', "\\\\").replace('\n', &LINE_END.to_string()));
    }
    repr(text)
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
        assert_eq!(call("op.", "SELECT ' :ab: '"), "op.get_bind().exec_driver_sql(\"SELECT ' :ab: '\")");
    }

    #[test]
    fn lines_stay_lines() {
        assert_eq!(call("op.", "a\nb"), "op.execute(\"\"\"a\u{1}b\"\"\")");
        assert_eq!(call("op.", "a\n'\\'"), "op.execute(\"\"\"a\u{1}'\\\\'\"\"\")");
        assert_eq!(call("op.", "a\n\"b\""), "op.execute('a\\n\"b\"')");
    }
}
