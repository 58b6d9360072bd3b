//! The tokenizer of SQLite and MySQL.
//!
//! Sources: SQLite's `tokenize.c` rules as its manual gives them (lang_keywords, lang_expr, lang_comment); MySQL's manual 11.1 and 11.7.

use super::{Next, Token, TokenKind, end_of_quoted};
use crate::Flavour;

pub(super) fn scan_plain(flavour: Flavour, sql: &str, mut visit: impl FnMut(Token) -> Next) {
    let bytes = sql.as_bytes();
    let mut start = 0;
    while start < bytes.len() {
        let (kind, end) = token_at(flavour, bytes, start);
        match visit(Token { kind, start, end }) {
            Next::Go => start = end,
            Next::Jump(to) => start = to,
            Next::Stop => return,
        }
    }
}

/// The token that starts here. Its end is never inside a character: every byte of one that is not ASCII belongs to a word, a string or a comment.
fn token_at(flavour: Flavour, bytes: &[u8], start: usize) -> (TokenKind, usize) {
    let mysql = flavour == Flavour::Mysql;
    let next = bytes.get(start + 1).copied();
    let run = |from: usize, test: fn(u8) -> bool| from + bytes[from..].iter().take_while(|byte| test(**byte)).count();
    match bytes[start] {
        byte if is_blank(byte) => (TokenKind::Blank, run(start, is_blank)),
        b'-' if next == Some(b'-') && (!mysql || bytes.get(start + 2).is_none_or(|byte| *byte <= b' ')) => (TokenKind::Comment, end_of_line(bytes, start)),
        b'#' if mysql => (TokenKind::Comment, end_of_line(bytes, start)),
        b'/' if next == Some(b'*') => {
            let end = memchr::memmem::find(&bytes[start + 2..], b"*/").map_or(bytes.len(), |at| start + 2 + at + 2);
            // MySQL runs what stands in `/*! … */`, MariaDB also what stands in `/*M! … */`.
            let runs = mysql && (bytes[start + 2..].starts_with(b"!") || bytes[start + 2..].starts_with(b"M!"));
            (if runs { TokenKind::Other } else { TokenKind::Comment }, end)
        }
        b'\'' => (TokenKind::String, end_of_quoted(bytes, start + 1, b'\'', mysql)),
        b'"' if mysql => (TokenKind::String, end_of_quoted(bytes, start + 1, b'"', true)),
        b'"' => (TokenKind::Quoted, end_of_quoted(bytes, start + 1, b'"', false)),
        b'`' => (TokenKind::Quoted, end_of_quoted(bytes, start + 1, b'`', false)),
        b'[' if !mysql => (
            TokenKind::Quoted,
            memchr::memchr(b']', &bytes[start..]).map_or(bytes.len(), |at| start + at + 1),
        ),
        b'0'..=b'9' => (TokenKind::Number, end_of_number(bytes, start)),
        b'.' if next.is_some_and(|byte| byte.is_ascii_digit()) => (TokenKind::Number, end_of_number(bytes, start)),
        b'?' => (TokenKind::Parameter, run(start + 1, |byte| byte.is_ascii_digit())),
        b':' | b'@' if next.is_some_and(is_word) => (TokenKind::Parameter, run(start + 1, is_word)),
        byte if is_word(byte) => (TokenKind::Word, run(start, is_word)),
        b';' => (TokenKind::Semicolon, start + 1),
        b'(' => (TokenKind::Open, start + 1),
        b')' => (TokenKind::Close, start + 1),
        b',' => (TokenKind::Comma, start + 1),
        b'.' => (TokenKind::Dot, start + 1),
        _ => (TokenKind::Other, start + 1),
    }
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | 0x0b | 0x0c)
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'$' || byte >= 0x80
}

fn end_of_line(bytes: &[u8], start: usize) -> usize {
    memchr::memchr(b'\n', &bytes[start..]).map_or(bytes.len(), |at| start + at)
}

fn end_of_number(bytes: &[u8], start: usize) -> usize {
    let mut at = start;
    while let Some(byte) = bytes.get(at) {
        let sign_of_exponent = matches!(byte, b'+' | b'-')
            && matches!(bytes[at - 1], b'e' | b'E')
            && !bytes[start..].starts_with(b"0x")
            && !bytes[start..].starts_with(b"0X")
            && bytes.get(at + 1).is_some_and(u8::is_ascii_digit);
        if !(is_word(*byte) || *byte == b'.' || sign_of_exponent) {
            break;
        }
        at += 1;
    }
    at
}
