//! MySQL's statements. Its DDL commits by itself whatever is open, which is no matter of single statements and is left to the runner.

use crate::classify::Look;
use crate::token::head;
use crate::words::Words;
use crate::{Flavour, Kind, TransactionControl};

pub(crate) fn look(_: &str, words: &mut Words<'_>) -> Look {
    match words.word().as_str() {
        "select" | "with" | "values" | "table" | "show" | "explain" | "describe" | "desc" => Look::Question,
        "begin" | "start" | "commit" | "rollback" | "savepoint" | "release" | "xa" | "call" | "set" => Look::Closer,
        _ if words.peek() == Some(b'(') => Look::Question,
        _ => Look::Plain,
    }
}

pub(crate) fn classify(sql: &str) -> Kind {
    let tokens = head(Flavour::Mysql, sql, 8);
    let words: Vec<String> = tokens
        .iter()
        .map(|token| token.text(sql).to_ascii_lowercase())
        .skip_while(|word| word == ";")
        .collect();
    let word = |at: usize| words.get(at).map_or("", String::as_str);
    match (word(0), word(1)) {
        ("begin", _) | ("start", "transaction") => Kind::Control(TransactionControl::Begin),
        ("commit", _) => Kind::Control(TransactionControl::Commit),
        // ROLLBACK [WORK] TO [SAVEPOINT] name
        ("rollback", "to") => Kind::Control(TransactionControl::RollbackTo),
        ("rollback", "work") if word(2) == "to" => Kind::Control(TransactionControl::RollbackTo),
        ("rollback", _) => Kind::Control(TransactionControl::Rollback),
        ("savepoint", _) => Kind::Control(TransactionControl::Savepoint),
        ("release", "savepoint") => Kind::Control(TransactionControl::Release),
        ("xa", _) | ("set", "autocommit" | "@@autocommit") => Kind::Control(TransactionControl::Other),
        ("set", "session") if word(2) == "autocommit" => Kind::Control(TransactionControl::Other),
        ("call", _) => Kind::MayCommit,
        _ => Kind::Normal,
    }
}
