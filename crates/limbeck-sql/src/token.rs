//! Tokens of a text, as coarse as splitting needs them.

use crate::Flavour;

mod plain;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TokenKind {
    /// A name or keyword without quotes.
    Word,
    /// A name in quotes.
    Quoted,
    /// A string of any form, closed or not.
    String,
    Number,
    /// A place-holder: `$1`, `?`, `:a`.
    Parameter,
    Comment,
    Blank,
    Semicolon,
    Open,
    Close,
    Comma,
    Dot,
    /// One character of an operator, or something unknown.
    Other,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Token {
    pub kind: TokenKind,
    pub start: usize,
    pub end: usize,
}

impl Token {
    pub fn text<'sql>(&self, sql: &'sql str) -> &'sql str {
        &sql[self.start..self.end]
    }

    /// Whether the server sees it at all.
    pub fn is_significant(&self) -> bool {
        !matches!(self.kind, TokenKind::Blank | TokenKind::Comment)
    }

    /// Whether it is this keyword (given in lower case).
    pub fn is_word(&self, sql: &str, word: &str) -> bool {
        self.kind == TokenKind::Word && self.text(sql).eq_ignore_ascii_case(word)
    }
}

/// What to do after a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Next {
    Go,
    Stop,
    /// Goes on reading at this place, which lies further on.
    Jump(usize),
}

/// Gives every token of a text to `visit`, in order, without gaps but for jumps.
pub(crate) fn scan(flavour: Flavour, sql: &str, visit: impl FnMut(Token) -> Next) {
    match flavour {
        Flavour::Postgresql => scan_postgres(sql, visit),
        Flavour::Sqlite | Flavour::Mysql => plain::scan_plain(flavour, sql, visit),
    }
}

/// Where an `E''` string may be continued: only after a line break may the next quote go on with it, and then backslashes still escape there
/// (manual 4.1.2.1). squawk's lexer reads the second part as an ordinary string, so that part is read here.
#[derive(PartialEq)]
enum Continuation {
    None,
    Escape,
    EscapeAndBreak,
}

fn scan_postgres(sql: &str, mut visit: impl FnMut(Token) -> Next) {
    use squawk_lexer::{LiteralKind, TokenKind as Lexed};
    let mut base = 0;
    let mut continuation = Continuation::None;
    'text: loop {
        let mut start = base;
        for lexed in squawk_lexer::tokenize(&sql[base..]) {
            if lexed.len == 0 {
                return;
            }
            let mut end = start + lexed.len as usize;
            let mut relex = false;
            let kind = match lexed.kind {
                Lexed::Ident => TokenKind::Word,
                Lexed::QuotedIdent { .. } => TokenKind::Quoted,
                Lexed::Literal {
                    kind: LiteralKind::Int { .. } | LiteralKind::Numeric { .. },
                } => TokenKind::Number,
                Lexed::Literal { .. } => TokenKind::String,
                Lexed::PositionalParam { .. } => TokenKind::Parameter,
                Lexed::LineComment | Lexed::BlockComment { .. } => TokenKind::Comment,
                // The lexer skips a byte order mark at the start; to the server it is part of a name.
                Lexed::Whitespace if sql[start..].starts_with(squawk_lexer::BOM) => TokenKind::Other,
                Lexed::Whitespace => TokenKind::Blank,
                Lexed::Semi => TokenKind::Semicolon,
                Lexed::OpenParen => TokenKind::Open,
                Lexed::CloseParen => TokenKind::Close,
                Lexed::Comma => TokenKind::Comma,
                Lexed::Dot => TokenKind::Dot,
                Lexed::Eof => return,
                _ => TokenKind::Other,
            };
            continuation = match lexed.kind {
                Lexed::Literal {
                    kind: LiteralKind::EscStr { .. },
                } => Continuation::Escape,
                Lexed::Literal { kind: LiteralKind::Str { .. } } if continuation == Continuation::EscapeAndBreak => {
                    end = end_of_escape_string(sql, start + 1);
                    relex = true;
                    Continuation::Escape
                }
                Lexed::LineComment => continuation,
                Lexed::Whitespace if continuation == Continuation::Escape && sql[start..end].contains(['\n', '\r']) => Continuation::EscapeAndBreak,
                Lexed::Whitespace => continuation,
                _ => Continuation::None,
            };
            match visit(Token { kind, start, end }) {
                Next::Go if relex => {
                    base = end;
                    continue 'text;
                }
                Next::Go => start = end,
                Next::Jump(to) => {
                    continuation = Continuation::None;
                    base = to;
                    continue 'text;
                }
                Next::Stop => return,
            }
        }
        return;
    }
}

/// The end of a string in which backslashes escape, read from behind its opening quote.
fn end_of_escape_string(sql: &str, from: usize) -> usize {
    end_of_quoted(sql.as_bytes(), from, b'\'', true)
}

/// The end of something quoted, read from behind its opening quote: a doubled quote does not close it, nor does an escaped one.
fn end_of_quoted(bytes: &[u8], from: usize, quote: u8, backslash: bool) -> usize {
    let mut at = from;
    while at < bytes.len() {
        if backslash && bytes[at] == b'\\' {
            at += 2;
        } else if bytes[at] != quote {
            at += 1;
        } else if bytes.get(at + 1) == Some(&quote) {
            at += 2;
        } else {
            return at + 1;
        }
    }
    // An escape at the very end points behind it.
    bytes.len()
}

/// The significant tokens from the start of a text, at most `limit`.
pub(crate) fn head(flavour: Flavour, sql: &str, limit: usize) -> Vec<Token> {
    let mut tokens = Vec::with_capacity(limit.min(64));
    scan(flavour, sql, |token| {
        if token.is_significant() {
            tokens.push(token);
        }
        if tokens.len() < limit { Next::Go } else { Next::Stop }
    });
    tokens
}
