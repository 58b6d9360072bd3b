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

/// The name of a pragma in lower case, and whether something is given to it: `PRAGMA [schema.]name`, `… = value`, `… (value)`.
fn parts(sql: &str, tokens: &[Token]) -> Option<(String, bool)> {
    let at = if tokens.get(2).is_some_and(|token| token.kind == TokenKind::Dot) {
        3
    } else {
        1
    };
    let name = tokens.get(at)?.text(sql).trim_matches(['"', '`', '[', ']', '\'']).to_ascii_lowercase();
    let value = tokens.get(at + 1).is_some_and(|token| token.kind != TokenKind::Semicolon);
    Some((name, value))
}

/// In a transaction `journal_mode` and `synchronous` cannot be changed, and a checkpoint behind a write finds the database locked
/// (<https://www.sqlite.org/pragma.html>; tests/sqlite.rs tries each).
fn pragma(sql: &str, tokens: &[Token]) -> Kind {
    let Some((name, value)) = parts(sql, tokens) else { return Kind::Normal };
    match name.as_str() {
        "wal_checkpoint" => Kind::Outside(Outside::SqlitePragma { name }),
        "journal_mode" | "synchronous" if value => Kind::Outside(Outside::SqlitePragma { name }),
        name if acts(name) => Kind::Normal,
        name if asks_about(name) => Kind::Query,
        _ if value => Kind::Normal,
        _ => Kind::Query,
    }
}

/// Whether a pragma sets something of the connection: what is kept in the file needs no repeating.
pub(crate) fn sets_connection(sql: &str) -> bool {
    let tokens = head(Flavour::Sqlite, sql, 16);
    let tokens = &tokens[tokens.iter().take_while(|token| token.kind == TokenKind::Semicolon).count()..];
    let Some((name, value)) = parts(sql, tokens) else { return false };
    let in_file = matches!(
        name.as_str(),
        "user_version" | "application_id" | "auto_vacuum" | "page_size" | "encoding" | "schema_version" | "default_cache_size"
    );
    value && !in_file && !acts(&name) && !asks_about(&name)
}

/// Pragmas that do something rather than set or ask.
fn acts(name: &str) -> bool {
    matches!(name, "optimize" | "incremental_vacuum" | "shrink_memory" | "wal_checkpoint")
}

/// Pragmas that take what they ask about as a value.
fn asks_about(name: &str) -> bool {
    matches!(
        name,
        "table_info"
            | "table_xinfo"
            | "table_list"
            | "index_list"
            | "index_info"
            | "index_xinfo"
            | "foreign_key_list"
            | "foreign_key_check"
            | "integrity_check"
            | "quick_check"
    )
}
