//! The words of a statement's shape.

/// A word, a name or a sign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// As it is compared: words in capitals, names in quotes as they are, without them.
    key: String,
    /// As it stands in the text.
    pub text: String,
    quoted: bool,
}

impl Token {
    /// Whether it is this key word or sign.
    pub fn is(&self, word: &str) -> bool {
        !self.quoted && self.key == word
    }

    /// The name as the database compares it.
    pub fn name(&self) -> String {
        if self.quoted { self.key.clone() } else { self.key.to_ascii_lowercase() }
    }
}

/// Takes a shape apart; names with a schema stay together.
pub fn tokens(shape: &str) -> Vec<Token> {
    let mut found: Vec<Token> = Vec::new();
    let mut rest = shape.trim_start();
    let mut dotted = false;
    while let Some(first) = rest.chars().next() {
        let (token, length) = match first {
            '"' | '`' | '[' => quoted(rest, first),
            _ if is_word(first) => {
                let length = rest.find(|character| !is_word(character)).unwrap_or(rest.len());
                let text = rest[..length].to_owned();
                (
                    Token {
                        key: text.to_ascii_uppercase(),
                        text,
                        quoted: false,
                    },
                    length,
                )
            }
            other => (
                Token {
                    key: other.to_string(),
                    text: other.to_string(),
                    quoted: false,
                },
                other.len_utf8(),
            ),
        };
        rest = &rest[length..];
        if token.is(".") {
            dotted = !found.is_empty();
        } else if std::mem::take(&mut dotted)
            && let Some(last) = found.last_mut()
        {
            *last = Token {
                key: format!("{}.{}", last.name(), token.name()),
                text: format!("{}.{}", last.text, token.text),
                quoted: true,
            };
        } else {
            found.push(token);
        }
        rest = rest.trim_start();
    }
    found
}

/// A name in quotes. In brackets only SQLite quotes; an array's are taken apart as signs.
fn quoted(rest: &str, first: char) -> (Token, usize) {
    let sign = |length| Token {
        key: rest[..length].to_owned(),
        text: rest[..length].to_owned(),
        quoted: false,
    };
    if first == '[' {
        return (sign(1), 1);
    }
    let mut key = String::new();
    let mut characters = rest.char_indices().skip(1).peekable();
    while let Some((at, character)) = characters.next() {
        if character == first {
            if characters.peek().is_some_and(|(_, next)| *next == first) {
                characters.next();
            } else {
                let length = at + 1;
                let text = rest[..length].to_owned();
                return (Token { key, text, quoted: true }, length);
            }
        }
        key.push(character);
    }
    (sign(rest.len()), rest.len())
}

fn is_word(character: char) -> bool {
    character.is_alphanumeric() || matches!(character, '_' | '$' | '?' | '#' | '@')
}
