//! Plain values, read straight from the text: strings, `None`, and tuples and lists of them.

use crate::value::Value;

/// A cursor over Python source; every reader returns `None` for what it does not know.
#[derive(Clone, Copy)]
pub(super) struct Cursor<'a> {
    pub(super) text: &'a str,
    pub(super) at: usize,
}

impl<'a> Cursor<'a> {
    pub(super) fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn peek_at(&self, ahead: usize) -> Option<u8> {
        self.text.as_bytes().get(self.at + ahead).copied()
    }

    pub(super) fn eat(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    /// Skips blanks on this line.
    pub(super) fn skip_blanks(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t')) {
            self.at += 1;
        }
    }

    /// Skips blanks, line ends and comments, as between brackets.
    fn skip_space(&mut self) {
        loop {
            match self.peek() {
                Some(b' ' | b'\t' | b'\n') => self.at += 1,
                Some(b'#') => self.skip_comment(),
                _ => return,
            }
        }
    }

    pub(super) fn skip_comment(&mut self) {
        let rest = &self.text.as_bytes()[self.at..];
        self.at += memchr::memchr(b'\n', rest).unwrap_or(rest.len());
    }

    /// Reads an ASCII name; empty when there is none.
    pub(super) fn name(&mut self) -> &'a str {
        let rest = &self.text.as_bytes()[self.at..];
        let length = rest.iter().take_while(|b| b.is_ascii_alphanumeric() || **b == b'_').count();
        let name = &self.text[self.at..self.at + length];
        self.at += length;
        name
    }

    /// Reads a value that stands alone: nothing may follow that would make it part of an expression.
    pub(super) fn value(&mut self, in_brackets: bool) -> Option<Value> {
        match self.peek()? {
            b'(' => self.sequence(b')'),
            b'[' => self.sequence(b']'),
            b'"' | b'\'' => self.strings(in_brackets).map(Value::Str),
            _ => {
                let start = self.at;
                let name = self.name();
                let quoted = matches!(self.peek(), Some(b'"' | b'\''));
                if quoted && is_text_prefix(name) {
                    self.at = start;
                    return self.strings(in_brackets).map(Value::Str);
                }
                (name == "None" && !quoted).then_some(Value::None)
            }
        }
    }

    fn sequence(&mut self, close: u8) -> Option<Value> {
        self.at += 1;
        let mut items = Vec::new();
        let mut comma = false;
        loop {
            self.skip_space();
            if self.eat(close) {
                break;
            }
            if !items.is_empty() && !comma {
                return None;
            }
            items.push(self.value(true)?);
            self.skip_space();
            comma = self.eat(b',');
        }
        match close {
            b']' => Some(Value::List(items)),
            // Brackets around one value without a comma are just brackets.
            _ if items.len() == 1 && !comma => items.pop(),
            _ => Some(Value::Tuple(items)),
        }
    }

    /// Reads one string literal, or several side by side.
    fn strings(&mut self, in_brackets: bool) -> Option<String> {
        let mut whole = self.string()?;
        loop {
            let before = self.at;
            if in_brackets {
                self.skip_space();
            } else {
                self.skip_blanks();
            }
            let start = self.at;
            let prefix = self.name();
            let more = matches!(self.peek(), Some(b'"' | b'\'')) && is_text_prefix(prefix);
            if !more {
                // `"a" f"b"` and `"a" if x` are for the parser.
                self.at = before;
                return prefix.is_empty().then_some(whole);
            }
            self.at = start;
            whole.push_str(&self.string()?);
        }
    }

    /// Reads one string literal at its prefix or quote.
    pub(super) fn string(&mut self) -> Option<String> {
        let prefix = self.name();
        if !is_text_prefix(prefix) {
            return None;
        }
        let raw = matches!(prefix, "r" | "R");
        let start = self.at;
        self.skip_string()?;
        let literal = &self.text[start..self.at];
        let width = if literal.starts_with("\"\"\"") || literal.starts_with("'''") { 3 } else { 1 };
        let body = literal.get(width..literal.len() - width)?;
        if raw || !body.contains('\\') {
            return Some(body.to_owned());
        }
        unescape(body)
    }

    /// Moves past a string literal at its first quote; a prefix does not change where it ends.
    pub(super) fn skip_string(&mut self) -> Option<()> {
        let quote = self.peek()?;
        let triple = self.peek_at(1) == Some(quote) && self.peek_at(2) == Some(quote);
        let bytes = self.text.as_bytes();
        self.at += if triple { 3 } else { 1 };
        loop {
            let rest = bytes.get(self.at..)?;
            let found = if triple {
                memchr::memchr2(quote, b'\\', rest)?
            } else {
                memchr::memchr3(quote, b'\\', b'\n', rest)?
            };
            self.at += found;
            match bytes[self.at] {
                b'\\' => {
                    // The escaped character may be several bytes long; its rest is skipped as ordinary text.
                    self.at += 2;
                }
                b'\n' => return None,
                _ if !triple => {
                    self.at += 1;
                    return Some(());
                }
                _ if self.peek_at(1) == Some(quote) && self.peek_at(2) == Some(quote) => {
                    self.at += 3;
                    return Some(());
                }
                _ => self.at += 1,
            }
        }
    }
}

fn is_text_prefix(prefix: &str) -> bool {
    matches!(prefix, "" | "r" | "R" | "u" | "U")
}

/// Resolves the escapes of a string literal; `\N{...}` is left to the parser.
fn unescape(body: &str) -> Option<String> {
    let mut text = String::with_capacity(body.len());
    let mut rest = body;
    while let Some(at) = memchr::memchr(b'\\', rest.as_bytes()) {
        text.push_str(&rest[..at]);
        let escape = rest[at + 1..].chars().next()?;
        rest = &rest[at + 1 + escape.len_utf8()..];
        match escape {
            '\n' => {}
            '\\' | '\'' | '"' => text.push(escape),
            'a' => text.push('\u{7}'),
            'b' => text.push('\u{8}'),
            'f' => text.push('\u{c}'),
            'n' => text.push('\n'),
            'r' => text.push('\r'),
            't' => text.push('\t'),
            'v' => text.push('\u{b}'),
            'x' => text.push(hex(&mut rest, 2)?),
            'u' => text.push(hex(&mut rest, 4)?),
            'U' => text.push(hex(&mut rest, 8)?),
            'N' | '0'..='7' => return None,
            other => {
                text.push('\\');
                text.push(other);
            }
        }
    }
    text.push_str(rest);
    Some(text)
}

fn hex(rest: &mut &str, digits: usize) -> Option<char> {
    let code = u32::from_str_radix(rest.get(..digits)?, 16).ok()?;
    *rest = &rest[digits..];
    char::from_u32(code)
}
