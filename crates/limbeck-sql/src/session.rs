//! Statements whose effect lasts as long as the session: a new session must have them done again.

use crate::token::{Next, Token, TokenKind, scan};
use crate::words::Words;
use crate::{Flavour, sqlite};

/// Whether a statement changes settings of its session beyond the transaction: PostgreSQL's `SET` (not `LOCAL`, `TRANSACTION` or `CONSTRAINTS`),
/// `RESET`, `DISCARD` and `SELECT set_config(…)` that is not local; SQLite's `PRAGMA` that sets something of the connection, not of the file; MySQL's
/// `SET` (not `GLOBAL` or `PERSIST`, nor of one transaction) and `USE`.
pub fn sets_session(flavour: Flavour, sql: &str) -> bool {
    let mut words = Words::new(flavour, sql);
    let first = words.word();
    match (flavour, first.as_str()) {
        (Flavour::Postgresql, "reset" | "discard") | (Flavour::Mysql, "use") => true,
        (Flavour::Postgresql, "set") => !matches!(words.word().as_str(), "local" | "transaction" | "constraints"),
        (Flavour::Postgresql, "select" | "with" | "values") => configures(sql),
        (Flavour::Mysql, "set") => !matches!(
            words.word().as_str(),
            "global" | "persist" | "persist_only" | "transaction" | "password" | "default" | "role"
        ),
        (Flavour::Sqlite, "pragma") => sqlite::sets_connection(sql),
        _ => false,
    }
}

/// Whether a question calls `set_config` for longer than its transaction. Anything but a plain `true` as its last argument may mean that.
fn configures(sql: &str) -> bool {
    // Most questions never name it, and need no tokens then.
    if !crate::words::mentions(sql, b"set_config") {
        return false;
    }
    let mut calls = Vec::new();
    let mut open: Vec<Token> = Vec::new();
    let mut inside = 0usize;
    let mut named = false;
    scan(Flavour::Postgresql, sql, |token| {
        if !token.is_significant() {
            return Next::Go;
        }
        if inside == 0 {
            let opens = named && token.kind == TokenKind::Open;
            inside = usize::from(opens);
            named = token.is_word(sql, "set_config") || (token.kind == TokenKind::Quoted && token.text(sql) == "\"set_config\"");
            return Next::Go;
        }
        match token.kind {
            TokenKind::Open => inside += 1,
            TokenKind::Close => inside -= 1,
            _ => {}
        }
        if inside == 0 {
            calls.push(std::mem::take(&mut open));
        } else {
            open.push(token);
        }
        Next::Go
    });
    calls.iter().any(|arguments| {
        let last = arguments.rsplit(|token| token.kind == TokenKind::Comma).next().unwrap_or_default();
        !matches!(last, [one] if matches!(one.text(sql).to_ascii_lowercase().as_str(), "true" | "'t'" | "'true'"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lasts_for_the_session_is_found() {
        let cases: &[(Flavour, &[&str], &[&str])] = &[
            (
                Flavour::Postgresql,
                &[
                    "set search_path = a",
                    "/* x */ SET SESSION statement_timeout TO 5",
                    "set session characteristics as transaction read only",
                    "set role r",
                    "set time zone 'UTC'",
                    "reset all",
                    "discard plans",
                    "select set_config('search_path', 'a, b', false)",
                    "SELECT pg_catalog.\"set_config\"('a.b', f(1, true), is_local)",
                    "select set_config('a', 'b', true), set_config('c', 'd', false)",
                ],
                &[
                    "set local search_path = a",
                    "set transaction isolation level serializable",
                    "set constraints all deferred",
                    "select set_config('a', 'b', true)",
                    "select 'set_config(1, 2, false)'",
                    "select set_config from t",
                    "update t set a = 1",
                    "alter role r set search_path = a",
                ],
            ),
            (
                Flavour::Sqlite,
                &[
                    "pragma foreign_keys = on",
                    "PRAGMA main.cache_size(10)",
                    "pragma journal_mode = memory",
                    "pragma temp_store=2",
                ],
                &[
                    "pragma foreign_keys",
                    "pragma table_info(t)",
                    "pragma user_version = 3",
                    "pragma wal_checkpoint(full)",
                    "pragma optimize(1)",
                    "select 1",
                ],
            ),
            (
                Flavour::Mysql,
                &["set names utf8", "set @a = 1", "set session sql_mode = ''", "use d"],
                &["set global a = 1", "set transaction read only", "select 1"],
            ),
        ];
        for (flavour, lasting, passing) in cases {
            for sql in *lasting {
                assert!(sets_session(*flavour, sql), "{sql}");
            }
            for sql in *passing {
                assert!(!sets_session(*flavour, sql), "{sql}");
            }
        }
    }
}
