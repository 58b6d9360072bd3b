//! The first words of a text, read without a tokenizer: what most statements are recognised by, in well under a microsecond.

use crate::Flavour;

/// Long enough for every keyword that is compared.
const LENGTH: usize = 16;

/// A word in lower case; an empty one when there is none, and for a word longer than any keyword.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Word {
    bytes: [u8; LENGTH],
    length: usize,
}

impl Word {
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.bytes[..self.length]).unwrap_or_default()
    }
}

/// Reads words one after another.
pub(crate) struct Words<'sql> {
    flavour: Flavour,
    bytes: &'sql [u8],
    at: usize,
}

impl<'sql> Words<'sql> {
    pub fn new(flavour: Flavour, sql: &'sql str) -> Self {
        let mut words = Words {
            flavour,
            bytes: sql.as_bytes(),
            at: 0,
        };
        // Empty statements in front say nothing.
        words.skip();
        while words.peek() == Some(b';') {
            words.at += 1;
            words.skip();
        }
        words
    }

    /// The byte that comes next, behind blanks and comments.
    pub fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    /// The word that comes next, and steps behind it.
    pub fn word(&mut self) -> Word {
        let mut word = Word { bytes: [0; LENGTH], length: 0 };
        let start = self.at;
        if !self.peek().is_some_and(|byte| byte.is_ascii_alphabetic() || byte == b'_' || byte >= 0x80) {
            return word;
        }
        while self
            .peek()
            .is_some_and(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'$' || byte >= 0x80)
        {
            self.at += 1;
        }
        let found = &self.bytes[start..self.at];
        if found.len() <= LENGTH {
            word.length = found.len();
            word.bytes[..found.len()].copy_from_slice(found);
            word.bytes.make_ascii_lowercase();
        }
        self.skip();
        word
    }

    /// Steps over blanks and comments.
    fn skip(&mut self) {
        loop {
            let rest = &self.bytes[self.at..];
            match rest {
                [b' ' | b'\t' | b'\n' | b'\r' | 0x0b | 0x0c, ..] => self.at += 1,
                [b'-', b'-', ..] => self.skip_line(),
                [b'#', ..] if self.flavour == Flavour::Mysql => self.skip_line(),
                [b'/', b'*', b'!' | b'M', ..] if self.flavour == Flavour::Mysql => return,
                [b'/', b'*', ..] => self.skip_block(),
                _ => return,
            }
        }
    }

    fn skip_line(&mut self) {
        let rest = &self.bytes[self.at..];
        let end = match self.flavour {
            Flavour::Postgresql => memchr::memchr2(b'\n', b'\r', rest),
            Flavour::Sqlite | Flavour::Mysql => memchr::memchr(b'\n', rest),
        };
        self.at = end.map_or(self.bytes.len(), |end| self.at + end);
    }

    fn skip_block(&mut self) {
        let nests = self.flavour == Flavour::Postgresql;
        let mut depth = 1usize;
        self.at += 2;
        while depth > 0 {
            match &self.bytes[self.at..] {
                [] => return,
                [b'*', b'/', ..] => {
                    depth -= 1;
                    self.at += 2;
                }
                [b'/', b'*', ..] if nests => {
                    depth += 1;
                    self.at += 2;
                }
                _ => self.at += 1,
            }
        }
    }
}

/// Whether a word (given in lower case) stands anywhere in a text, even in a string: a first sieve.
pub(crate) fn mentions(sql: &str, word: &[u8]) -> bool {
    let lower = word[0];
    let bytes = sql.as_bytes();
    memchr::memchr2_iter(lower, lower.to_ascii_uppercase(), bytes)
        .any(|at| bytes[at..].len() >= word.len() && bytes[at..at + word.len()].eq_ignore_ascii_case(word))
}
