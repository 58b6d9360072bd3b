//! Which kind a statement is. Most are told by their first words; only the rest is read further.

use crate::token::{Next, TokenKind, scan};
use crate::words::Words;
use crate::{Flavour, Kind, mysql, postgres, sqlite};

/// What the first words of a text say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Look {
    /// An ordinary statement, for sure.
    Plain,
    /// Begins like a question.
    Question,
    /// May be anything.
    Closer,
}

/// Says how one statement stands to the transaction around it.
///
/// `server_major` is the server's major version where it is known; an unknown one is taken for a current one. A `;` at the end does no harm.
pub fn classify(flavour: Flavour, server_major: Option<u32>, statement: &str) -> Kind {
    match look(flavour, statement) {
        Look::Plain => Kind::Normal,
        Look::Question if only_asks(flavour, statement) => Kind::Query,
        Look::Question => Kind::Normal,
        Look::Closer => match flavour {
            Flavour::Postgresql => postgres::classify(server_major, statement),
            Flavour::Sqlite => sqlite::classify(statement),
            Flavour::Mysql => mysql::classify(statement),
        },
    }
}

/// Returns false when the text can only be one statement of the kinds [`Kind::Query`] and [`Kind::Normal`], so that callers need not split or classify
/// it. May return true for such a text too, for example when a string holds a `;`. Costs a search for `;` and a look at the first words.
pub fn needs_a_look(flavour: Flavour, sql: &str) -> bool {
    let text = sql.trim_end_matches(|character: char| character == ';' || character.is_ascii_whitespace());
    memchr::memchr(b';', text.as_bytes()).is_some() || look(flavour, text) == Look::Closer
}

fn look(flavour: Flavour, sql: &str) -> Look {
    let mut words = Words::new(flavour, sql);
    let look = match flavour {
        Flavour::Postgresql => postgres::look,
        Flavour::Sqlite => sqlite::look,
        Flavour::Mysql => mysql::look,
    };
    look(sql, &mut words)
}

/// Whether a statement that begins like a question is nothing else: no word in it could make it write or lock. A column that bears such a word as its
/// name makes the answer a false no, which is harmless.
fn only_asks(flavour: Flavour, sql: &str) -> bool {
    let mut explain = false;
    let mut first = true;
    let mut asks = true;
    scan(flavour, sql, |token| {
        if token.kind == TokenKind::Word {
            let is = |word| token.is_word(sql, word);
            if first {
                first = false;
                explain = is("explain");
                if is("show") || (explain && flavour == Flavour::Sqlite) {
                    return Next::Stop;
                }
            } else if explain {
                // EXPLAIN of an INSERT inserts nothing, unless it is to be measured.
                asks = !(is("analyze") || is("analyse"));
            } else {
                let words = ["insert", "update", "delete", "merge", "into", "share", "replace"];
                asks = !words.iter().any(|word| is(word)) || (is("replace") && called(sql, token.end));
            }
        }
        if asks { Next::Go } else { Next::Stop }
    });
    asks
}

/// Whether the word that ends here is called as a function.
fn called(sql: &str, end: usize) -> bool {
    sql[end..].trim_start().starts_with('(')
}

#[cfg(test)]
mod tests;
