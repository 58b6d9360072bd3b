//! A statement as a row of words, for whoever only compares them.

use crate::Flavour;
use crate::token::{Next, TokenKind, scan};

/// The words, names and marks of a text, in lower case, without blanks and comments; quoted names and strings without their quotes.
#[must_use]
pub fn lexemes(flavour: Flavour, sql: &str) -> Vec<String> {
    let mut out = Vec::new();
    scan(flavour, sql, |token| {
        let text = token.text(sql);
        if token.is_significant() {
            let is_quoted = matches!(token.kind, TokenKind::Quoted | TokenKind::String);
            let text = if is_quoted { inside(text) } else { text };
            out.push(text.to_lowercase());
        }
        Next::Go
    });
    out
}

/// What stands between the quotes; an unclosed one ends with the text.
fn inside(text: &str) -> &str {
    let close = match text.chars().next() {
        Some('[') => ']',
        Some(quote) => quote,
        None => return text,
    };
    let rest = text.get(1..).unwrap_or_default();
    rest.strip_suffix(close).unwrap_or(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_quotes_are_left_out() {
        for (sql, expected) in [
            ("DROP TABLE p", vec!["drop", "table", "p"]),
            ("/* x */ drop table main.\"P\"; -- gone", vec!["drop", "table", "main", ".", "p", ";"]),
            (
                "INSERT INTO [New One] SELECT 'it' FROM `日本`",
                vec!["insert", "into", "new one", "select", "it", "from", "日本"],
            ),
            ("drop table \"p", vec!["drop", "table", "p"]),
            ("", vec![]),
        ] {
            assert_eq!(lexemes(Flavour::Sqlite, sql), expected, "{sql}");
        }
    }
}
