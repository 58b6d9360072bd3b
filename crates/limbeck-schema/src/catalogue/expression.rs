//! Texts of SQL that are written in two ways and mean the same.
//!
//! SQLite keeps what was typed: case, quotes, white space and comments outside of literals mean nothing. PostgreSQL prints what it understood, but some expressions
//! in two ways, depending on how they came to be: `x IN ('a', 'b')` on a `varchar` column is first printed as `ANY ((ARRAY['a'::character varying, …])::text[])`; made from that text it is printed as
//! `ANY (ARRAY[('a'::character varying)::text, …])`. Both mean the same, and a restored dump has the second where the original has the first.

use super::Dialect;

/// Returns the form in which expressions are compared, or `None` when that is the text itself.
pub fn canonical(dialect: Dialect, text: &str) -> Option<String> {
    match dialect {
        Dialect::Postgresql => arrays(text),
        Dialect::Sqlite => Some(bare(&plain(text)).to_owned()).filter(|plain| plain != text),
    }
}

/// Rewrites casts of arrays as casts of their items.
fn arrays(text: &str) -> Option<String> {
    let mut result: Option<String> = None;
    // From the back, so that what is still to be looked at keeps its place.
    let mut end = text.len();
    while let Some(at) = text[..end].rfind("(ARRAY[") {
        end = at;
        let current = result.as_deref().unwrap_or(text);
        if inside_literal(current, at) {
            continue;
        }
        if let Some(changed) = distribute(current, at) {
            result = Some(changed);
        }
    }
    result
}

/// Whether a place of a text is inside of a literal or a quoted name.
fn inside_literal(text: &str, place: usize) -> bool {
    let mut quote = None;
    for byte in text.as_bytes()[..place].iter().copied() {
        match quote {
            None if byte == b'\'' || byte == b'"' => quote = Some(byte),
            Some(open) if open == byte => quote = None,
            _ => {}
        }
    }
    quote.is_some()
}

/// Rewrites `(ARRAY[a, b])::T[]` at a place as `ARRAY[(a)::T, (b)::T]`.
fn distribute(text: &str, at: usize) -> Option<String> {
    let inner = at + "(ARRAY[".len();
    let (items, close) = items(text, inner)?;
    let after = text[close..].strip_prefix("])::")?;
    let type_end = after.find("[]")?;
    let type_ = &after[..type_end];
    if !type_
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b' ' | b'_' | b'.' | b'"'))
    {
        return None;
    }
    let rest = &after[type_end + 2..];
    let cast: Vec<String> = items.iter().map(|item| format!("({})::{type_}", item.trim())).collect();
    Some(format!("{}ARRAY[{}]{rest}", &text[..at], cast.join(", ")))
}

/// The items of a list from `from` to its closing bracket, and where that is.
fn items(text: &str, from: usize) -> Option<(Vec<&str>, usize)> {
    let mut depth = 0;
    let mut quote = None;
    let mut start = from;
    let mut found = Vec::new();
    for (at, byte) in text.bytes().enumerate().skip(from) {
        match (quote, byte) {
            (Some(open), _) if byte == open => quote = None,
            (Some(_), _) => {}
            (None, b'\'' | b'"') => quote = Some(byte),
            (None, b'(' | b'[') => depth += 1,
            (None, b')' | b']') if depth > 0 => depth -= 1,
            (None, b']') => {
                found.push(&text[start..at]);
                return Some((found, at));
            }
            (None, b')') => return None,
            (None, b',') if depth == 0 => {
                found.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    None
}

/// A text with nothing in it that means nothing to SQLite.
fn plain(text: &str) -> String {
    let mut result = String::with_capacity(text.len());
    let mut rest = text;
    // Whether what was written last would run into a word.
    let mut after_word = false;
    while let Some(first) = rest.chars().next() {
        let length = match first {
            _ if first.is_whitespace() => first.len_utf8(),
            '-' if rest.starts_with("--") => rest.find('\n').unwrap_or(rest.len()),
            '/' if rest.starts_with("/*") => rest[2..].find("*/").map_or(rest.len(), |end| end + 4),
            '\'' | '"' | '`' | '[' => quoted_length(rest, if first == '[' { ']' } else { first }),
            _ if is_word(first) => rest.find(|c| !is_word(c)).unwrap_or(rest.len()),
            _ => first.len_utf8(),
        };
        let (token, after) = rest.split_at(length);
        rest = after;
        if first.is_whitespace() || token.starts_with("--") || token.starts_with("/*") {
            continue;
        }
        let word = is_word(first) || matches!(first, '\'' | '"' | '`' | '[');
        if word && after_word {
            result.push(' ');
        }
        match first {
            '\'' => result.push_str(token),
            '"' | '`' | '[' if token.len() >= 2 => {
                let close = &token[token.len() - 1..];
                result.push_str(&token[1..token.len() - 1].replace(&close.repeat(2), close).to_lowercase());
            }
            _ => result.push_str(&token.to_lowercase()),
        }
        after_word = word;
    }
    result
}

/// A text without parentheses around the whole of it.
fn bare(text: &str) -> &str {
    let Some(inner) = text.strip_prefix('(').and_then(|inner| inner.strip_suffix(')')) else {
        return text;
    };
    let mut depth = 0_i32;
    let mut quoted = false;
    for byte in inner.bytes() {
        match byte {
            b'\'' => quoted = !quoted,
            b'(' if !quoted => depth += 1,
            b')' if !quoted => depth -= 1,
            _ => {}
        }
        if depth < 0 {
            return text;
        }
    }
    bare(inner)
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == '$' || !c.is_ascii()
}

/// The length of something in quotes at the beginning of a text; a doubled quote does not end it.
fn quoted_length(text: &str, close: char) -> usize {
    let mut at = 1;
    while let Some(found) = text[at..].find(close) {
        at += found + 1;
        if close == ']' || !text[at..].starts_with(close) {
            return at;
        }
        at += 1;
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cast_of_an_array_is_the_cast_of_its_items() {
        let before = "CHECK (((s)::text = ANY ((ARRAY['a''),'::character varying, 'b'::character varying])::text[])))";
        let after = "CHECK (((s)::text = ANY (ARRAY[('a''),'::character varying)::text, ('b'::character varying)::text])))";
        assert_eq!(arrays(before).as_deref(), Some(after));
        assert_eq!(arrays(after), None);
    }

    #[test]
    fn sqlite_s_texts_are_compared_by_their_tokens() {
        assert_eq!(plain("CHECK ( \"Status\" IN ('A''b', 'B') ) -- why"), "check(status in('A''b','B'))");
        assert_eq!(plain("check([status] in('A''b',/* x */'B'))"), "check(status in('A''b','B'))");
        assert_ne!(plain("a b"), plain("ab"));
        assert_eq!(canonical(Dialect::Sqlite, "((CURRENT_TIMESTAMP))").as_deref(), Some("current_timestamp"));
        assert_eq!(bare("(a)+(b)"), "(a)+(b)");
        assert_eq!(plain("'unclosed"), "'unclosed");
    }

    #[test]
    fn what_stands_in_literals_stays() {
        assert_eq!(arrays("x = '(ARRAY[1])::text[]'"), None);
        assert_eq!(arrays("(ARRAY[1"), None);
    }
}
