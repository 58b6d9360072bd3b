//! Statements without their values: to compare them, and to name them in logs.

use crate::Flavour;
use crate::token::{Next, Token, TokenKind, scan};

/// Returns a statement with every literal (number, string, dollar string) as `?`, without comments, and with blanks normalised: two statements have
/// the same shape when they differ in nothing but values and layout. The shape is for comparing, not for running.
pub fn shape(flavour: Flavour, sql: &str) -> String {
    let mut shape = String::with_capacity(sql.len());
    let mut previous: Option<TokenKind> = None;
    // A sign that may belong to the number behind it: `-1` and `1` are both values.
    let mut sign: Option<Token> = None;
    scan(flavour, sql, |token| {
        if !token.is_significant() {
            return Next::Go;
        }
        if let Some(held) = sign.take()
            && token.kind != TokenKind::Number
        {
            write(&mut shape, previous, TokenKind::Other, held.text(sql));
            previous = Some(TokenKind::Other);
        }
        if matches!(token.text(sql), "-" | "+") && !matches!(previous, Some(kind) if ends_a_value(kind)) {
            sign = Some(token);
            return Next::Go;
        }
        let text = if is_literal(token.kind) { "?" } else { token.text(sql) };
        write(&mut shape, previous, token.kind, text);
        previous = Some(token.kind);
        Next::Go
    });
    if let Some(held) = sign {
        write(&mut shape, previous, TokenKind::Other, held.text(sql));
    }
    shape.truncate(shape.trim_end_matches([';', ' ']).len());
    shape
}

/// Whether a `-` behind this is a minus rather than a sign.
fn ends_a_value(kind: TokenKind) -> bool {
    matches!(
        kind,
        TokenKind::Word | TokenKind::Quoted | TokenKind::String | TokenKind::Number | TokenKind::Parameter | TokenKind::Close
    )
}

fn is_literal(kind: TokenKind) -> bool {
    matches!(kind, TokenKind::String | TokenKind::Number)
}

/// Appends a token, with a blank where the layout has one by rule: between words and around operators, not inside parentheses.
fn write(shape: &mut String, previous: Option<TokenKind>, kind: TokenKind, text: &str) {
    let tight = matches!(
        (previous, kind),
        (None | Some(TokenKind::Open | TokenKind::Dot), _)
            | (_, TokenKind::Close | TokenKind::Comma | TokenKind::Dot | TokenKind::Semicolon)
            | (Some(TokenKind::Other), TokenKind::Other)
    );
    if !tight {
        shape.push(' ');
    }
    shape.push_str(text);
}

/// Returns the first words of a statement for a log: on one line, at most `limit` characters, cut between words, without comments and without any
/// literal value, which may be a secret.
pub fn headline(flavour: Flavour, sql: &str, limit: usize) -> String {
    let mut line = String::new();
    let mut length = 0;
    let mut blank = false;
    // What has been written up to here may stay when the rest must go.
    let mut cut = 0;
    let mut all = true;
    scan(flavour, sql, |token| {
        if !token.is_significant() {
            blank = !line.is_empty();
            return Next::Go;
        }
        if token.kind == TokenKind::Semicolon && line.is_empty() {
            return Next::Go;
        }
        let text = if is_literal(token.kind) { "?" } else { token.text(sql) };
        if blank {
            cut = line.len();
            line.push(' ');
            length += 1;
        }
        blank = false;
        // A name in quotes or one of MySQL's running comments may have line breaks.
        line.extend(text.chars().map(|character| if character.is_control() { ' ' } else { character }));
        length += text.chars().count();
        all = length <= limit;
        if all { Next::Go } else { Next::Stop }
    });
    if !all {
        let shorter = if cut > 0 { cut } else { line.len() };
        line.truncate(shorter);
        let keep = line.char_indices().nth(limit.saturating_sub(1)).map_or(line.len(), |(at, _)| at);
        line.truncate(keep);
        if limit > 0 {
            line.push('…');
        }
        return line;
    }
    line.truncate(line.trim_end_matches([';', ' ']).len());
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    fn postgresql(sql: &str) -> String {
        shape(Flavour::Postgresql, sql)
    }

    #[test]
    fn values_layout_and_comments_make_no_difference() {
        let wanted = postgresql("INSERT INTO t (a, b) VALUES (1, 'x')");
        assert_eq!(wanted, "INSERT INTO t (a, b) VALUES (?, ?)");
        for sql in [
            "INSERT INTO t(a,b) VALUES(-2.5e3,'it''s; --');",
            "INSERT INTO t (a, b)\n -- why\n VALUES ( 0x1F , $q$ x $q$ )",
            "INSERT /* a */ INTO t (a, b) VALUES (+ 7, E'\\'')",
        ] {
            assert_eq!(postgresql(sql), wanted, "{sql}");
        }
    }

    #[test]
    fn anything_else_makes_a_difference() {
        let shapes = [
            "select a from t",
            "select b from t",
            "select \"a\" from t",
            "select \"A\" from t",
            "select ? from t",
            "select a - 1 from t",
            "select a + 1 from t",
            "select a -- 1\n from t limit 2",
            "select - a from t",
            "select a from t where b = $1",
        ]
        .map(postgresql);
        for (at, one) in shapes.iter().enumerate() {
            assert!(!shapes[at + 1..].contains(one), "{one}");
        }
        assert_ne!(shape(Flavour::Mysql, "select \"a\""), shape(Flavour::Mysql, "select `a`"));
        assert_eq!(shape(Flavour::Mysql, "select \"a\""), "select ?");
    }

    #[test]
    fn a_headline_is_short_and_tells_no_values() {
        let line = |sql, limit| headline(Flavour::Postgresql, sql, limit);
        assert_eq!(
            line("-- why\nCREATE  INDEX\nCONCURRENTLY ix_a ON t (a);", 80),
            "CREATE INDEX CONCURRENTLY ix_a ON t (a)"
        );
        assert_eq!(line("CREATE INDEX CONCURRENTLY ix_a ON t (a)", 31), "CREATE INDEX CONCURRENTLY ix_a…");
        assert_eq!(
            line("ALTER ROLE x PASSWORD 'secret' VALID UNTIL 'x", 80),
            "ALTER ROLE x PASSWORD ? VALID UNTIL ?"
        );
        assert_eq!(line("do $$ secret $$", 80), "do ?");
        assert_eq!(headline(Flavour::Mysql, "set password = \"secret\"", 80), "set password = ?");
        assert_eq!(line("abcdefghij", 5), "abcd…");
        assert_eq!(line("", 5), "");
        for limit in 0..60 {
            assert!(line("CREATE TABLE \"größe\" (a int, b text DEFAULT 'x')", limit).chars().count() <= limit);
        }
    }
}
