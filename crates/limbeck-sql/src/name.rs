//! Names as the server keeps them.

use std::fmt;

/// The longest name of PostgreSQL in bytes; longer ones are cut when they are read.
const LONGEST: usize = 63;

/// A name, perhaps with a schema, without quotes and folded as the server does.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Name {
    /// The schema, if the text names one.
    pub schema: Option<String>,
    /// The name itself.
    pub name: String,
}

impl fmt::Display for Name {
    /// Writes it for people: `schema.name`, without quotes.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.schema {
            Some(schema) => write!(formatter, "{schema}.{}", self.name),
            None => formatter.write_str(&self.name),
        }
    }
}

impl Name {
    /// Makes one from the parts of a dotted name as written; a database in front is dropped, since it can only be this one.
    pub(crate) fn from_parts(parts: &[String]) -> Option<Name> {
        match parts {
            [] => None,
            [name] => Some(Name {
                schema: None,
                name: name.clone(),
            }),
            [.., schema, name] => Some(Name {
                schema: Some(schema.clone()),
                name: name.clone(),
            }),
        }
    }
}

/// Takes the quotes off an identifier, or folds it if it has none, and cuts it to the length the server keeps.
pub(crate) fn identifier(text: &str) -> String {
    let mut name = if let Some(inner) = text.strip_prefix('"') {
        inner.strip_suffix('"').unwrap_or(inner).replace("\"\"", "\"")
    } else if let Some(inner) = text.strip_prefix("U&\"").or_else(|| text.strip_prefix("u&\"")) {
        unicode(&inner.strip_suffix('"').unwrap_or(inner).replace("\"\"", "\""))
    } else {
        text.to_ascii_lowercase()
    };
    if name.len() > LONGEST {
        name.truncate(name.floor_char_boundary(LONGEST));
    }
    name
}

/// Returns what a string constant means: `'a''b'`, `E'a\'b'`, `U&'\0061'`, `$$a$$`. Parts on several lines are one string.
pub(crate) fn string(text: &str) -> String {
    let mut value = String::new();
    let mut escapes = false;
    let mut unicode_escapes = false;
    crate::token::scan(crate::Flavour::Postgresql, text, |token| {
        let part = token.text(text);
        if token.kind == crate::token::TokenKind::String {
            let (prefix, inner) = inside(part);
            match prefix {
                "" => {}
                "u&" | "U&" => unicode_escapes = true,
                "e" | "E" => escapes = true,
                _ => {}
            }
            match inner {
                Inner::Dollar(inner) => value.push_str(inner),
                Inner::Quoted(inner) if escapes => backslashes(inner, &mut value),
                Inner::Quoted(inner) if unicode_escapes => value.push_str(&unicode(&inner.replace("''", "'"))),
                Inner::Quoted(inner) => value.push_str(&inner.replace("''", "'")),
            }
        }
        crate::token::Next::Go
    });
    value
}

enum Inner<'text> {
    Dollar(&'text str),
    Quoted(&'text str),
}

/// The prefix of a string constant and what stands between its quotes.
fn inside(text: &str) -> (&str, Inner<'_>) {
    if let Some(tagged) = text.strip_prefix('$') {
        let tag = tagged.find('$').map_or(text.len(), |at| at + 2);
        let body = &text[tag..];
        return ("", Inner::Dollar(body.strip_suffix(&text[..tag]).unwrap_or(body)));
    }
    let open = text.find('\'').unwrap_or(text.len());
    let body = text.get(open + 1..).unwrap_or_default();
    (&text[..open], Inner::Quoted(body.strip_suffix('\'').unwrap_or(body)))
}

/// Reads the escapes of an `E''` string (manual 4.1.2.2).
fn backslashes(text: &str, value: &mut String) {
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '\'' => {
                characters.next_if_eq(&'\'');
                value.push('\'');
            }
            '\\' => {
                let Some(escaped) = characters.next() else { return };
                let mut digits = |longest: usize, radix: u32, first: u32| {
                    let mut code = first;
                    for _ in 0..longest {
                        let Some(digit) = characters.next_if(|next| next.is_digit(radix)).and_then(|next| next.to_digit(radix)) else {
                            break;
                        };
                        code = code * radix + digit;
                    }
                    char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER)
                };
                value.push(match escaped {
                    'n' => '\n',
                    't' => '\t',
                    'r' => '\r',
                    'b' => '\u{8}',
                    'f' => '\u{c}',
                    'x' => digits(2, 16, 0),
                    'u' => digits(4, 16, 0),
                    'U' => digits(8, 16, 0),
                    '0'..='7' => digits(2, 8, escaped.to_digit(8).unwrap_or_default()),
                    other => other,
                });
            }
            other => value.push(other),
        }
    }
}

/// Reads the escapes of a `U&""` name or `U&''` string with the usual escape character.
fn unicode(text: &str) -> String {
    let mut value = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        value.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        if let Some(after) = rest.strip_prefix('\\') {
            value.push('\\');
            rest = after;
            continue;
        }
        let (skip, length) = if rest.starts_with('+') { (1, 6) } else { (0, 4) };
        let digits = rest.get(skip..skip + length);
        match digits.and_then(|digits| u32::from_str_radix(digits, 16).ok()).and_then(char::from_u32) {
            Some(character) => {
                value.push(character);
                rest = &rest[skip + length..];
            }
            None => value.push('\\'),
        }
    }
    value.push_str(rest);
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_what_the_server_keeps() {
        for (text, wanted) in [
            ("Orders", "orders"),
            ("\"Orders\"", "Orders"),
            ("\"a\"\"b\"", "a\"b"),
            ("u&\"d\\0061t\\+000061\"", "data"),
            ("U&\"a\\\\b\"", "a\\b"),
            // Only ASCII is folded in a UTF-8 database.
            ("GRÖSSE", "grÖsse"),
            ("\"", ""),
        ] {
            assert_eq!(identifier(text), wanted, "{text}");
        }
        // 63 bytes, but no half character.
        assert_eq!(identifier(&format!("{}ö", "a".repeat(62))), "a".repeat(62));
        assert_eq!(identifier(&"a".repeat(64)), "a".repeat(63));
    }

    #[test]
    fn strings_are_what_they_mean() {
        for (text, wanted) in [
            ("'it''s'", "it's"),
            ("'a\\n'", "a\\n"),
            ("E'a\\n\\'\\x41\\101\\u0041\\U00000041\\\\'", "a\n'AAAA\\"),
            ("U&'\\0061''\\+000062'", "a'b"),
            ("$$it's$$", "it's"),
            ("$q$a$$b$q$", "a$$b"),
            ("N'a'", "a"),
            ("'a'\n  'b'", "ab"),
            ("E'a'\n'\\'b'", "a'b"),
            ("'open", "open"),
            ("'", ""),
            ("$$", ""),
            ("", ""),
        ] {
            assert_eq!(string(text), wanted, "{text}");
        }
    }
}
