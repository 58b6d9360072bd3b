//! SQLite's statements.

use crate::classify::Look;
use crate::token::{Token, TokenKind, head};
use crate::words::Words;
use crate::{Flavour, Kind, Outside, TransactionControl};

pub(crate) fn look(_: &str, words: &mut Words<'_>) -> Look {
    match words.word().as_str() {
        "select" | "with" | "values" | "explain" => Look::Question,
        "begin" | "commit" | "end" | "rollback" | "savepoint" | "release" | "vacuum" | "attach" | "detach" | "pragma" => Look::Closer,
        _ => Look::Plain,
    }
}

pub(crate) fn classify(sql: &str) -> Kind {
    let tokens = head(Flavour::Sqlite, sql, 16);
    let tokens = &tokens[tokens.iter().take_while(|token| token.kind == TokenKind::Semicolon).count()..];
    let is = |at: usize, word: &str| tokens.get(at).is_some_and(|token| token.is_word(sql, word));
    let Some(first) = tokens.first() else { return Kind::Normal };
    match first.text(sql).to_ascii_lowercase().as_str() {
        "begin" => Kind::Control(TransactionControl::Begin),
        "commit" | "end" => Kind::Control(TransactionControl::Commit),
        // ROLLBACK [TRANSACTION] TO [SAVEPOINT] name
        "rollback" if is(1, "to") || is(2, "to") => Kind::Control(TransactionControl::RollbackTo),
        "rollback" => Kind::Control(TransactionControl::Rollback),
        "savepoint" => Kind::Control(TransactionControl::Savepoint),
        "release" => Kind::Control(TransactionControl::Release),
        "vacuum" => Kind::Outside(Outside::SqliteVacuum),
        "attach" => Kind::Outside(Outside::SqliteAttach),
        "detach" => Kind::Outside(Outside::SqliteDetach),
        "pragma" => pragma(sql, tokens),
        _ => Kind::Normal,
    }
}

/// `PRAGMA [schema.]name`, `… = value`, `… (value)`.
///
/// In a transaction `journal_mode` (to and from WAL), `synchronous` and `temp_store` fail, and a checkpoint finds the database locked
/// (<https://www.sqlite.org/pragma.html>; tests/sqlite.rs tries each).
fn pragma(sql: &str, tokens: &[Token]) -> Kind {
    let at = if tokens.get(2).is_some_and(|token| token.kind == TokenKind::Dot) {
        3
    } else {
        1
    };
    let Some(name) = tokens.get(at) else { return Kind::Normal };
    let name = name.text(sql).trim_matches(['"', '`', '[', ']', '\'']).to_ascii_lowercase();
    let value = tokens.get(at + 1).is_some_and(|token| token.kind != TokenKind::Semicolon);
    match name.as_str() {
        "wal_checkpoint" => Kind::Outside(Outside::SqlitePragma { name }),
        "journal_mode" | "synchronous" | "temp_store" if value => Kind::Outside(Outside::SqlitePragma { name }),
        // These act without a value.
        "optimize" | "incremental_vacuum" | "shrink_memory" => Kind::Normal,
        // These take what they ask about as a value.
        "table_info" | "table_xinfo" | "table_list" | "index_list" | "index_info" | "index_xinfo" | "foreign_key_list" | "foreign_key_check"
        | "integrity_check" | "quick_check" => Kind::Query,
        _ if value => Kind::Normal,
        _ => Kind::Query,
    }
}
