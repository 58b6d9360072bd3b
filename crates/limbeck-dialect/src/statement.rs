//! What a dialect produces: statements, with what the runner must know about each.

use crate::DialectName;
use limbeck_expr::Literal;

/// How a statement stands to the transaction around it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TransactionMode {
    /// Runs inside a transaction like any other.
    Normal,
    /// Must run outside of one (`CREATE INDEX CONCURRENTLY`, `VACUUM`).
    MustRunOutside,
    /// Begins, ends or divides a transaction (`COMMIT`, `SAVEPOINT`).
    Control,
}

/// One statement.
#[derive(Debug, Clone, PartialEq)]
pub struct Statement {
    /// The text: without a terminator, tabs as Alembic's `--sql` prints them when compiled offline.
    pub sql: String,
    /// Values for the `?` placeholders, in order (live SQLite and MySQL only).
    pub params: Vec<Literal>,
    /// How it stands to the transaction around it.
    pub transaction: TransactionMode,
}

impl Statement {
    /// Makes a statement without parameters and classifies it.
    pub fn new(dialect: DialectName, sql: impl Into<String>) -> Self {
        let sql = sql.into();
        let transaction = transaction_mode(dialect, &sql);
        Statement {
            sql,
            params: Vec::new(),
            transaction,
        }
    }
}

/// Says how a statement given as text stands to the transaction around it, by its first words.
///
/// Sources: the notes "cannot be executed inside a transaction block" of the PostgreSQL manual's SQL reference; SQLite's and MySQL's manuals for
/// VACUUM and the transaction statements. `ALTER TYPE … ADD VALUE` runs inside a transaction since PostgreSQL 12 (its value must not be used there).
pub fn transaction_mode(dialect: DialectName, sql: &str) -> TransactionMode {
    let words = leading_words(sql, 6);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["begin" | "commit" | "rollback" | "end" | "savepoint" | "abort", ..] | ["start" | "prepare", "transaction", ..] | ["release", ..] => {
            return TransactionMode::Control;
        }
        ["vacuum", ..] => return TransactionMode::MustRunOutside,
        ["attach" | "detach", ..] if dialect == DialectName::Sqlite => return TransactionMode::MustRunOutside,
        _ => {}
    }
    if dialect != DialectName::Postgresql {
        return TransactionMode::Normal;
    }
    match words.as_slice() {
        ["create", "index", "concurrently", ..]
        | ["create", "unique", "index", "concurrently", ..]
        | ["drop", "index", "concurrently", ..]
        | ["create" | "drop", "database" | "tablespace", ..]
        | ["alter", "system", ..] => TransactionMode::MustRunOutside,
        ["reindex", rest @ ..] if rest.iter().take(3).any(|word| *word == "concurrently") || matches!(rest.first(), Some(&"database" | &"system")) => {
            TransactionMode::MustRunOutside
        }
        ["alter", "table", ..] if has_words(sql, &["detach", "partition"]) && has_words(sql, &["concurrently"]) => TransactionMode::MustRunOutside,
        _ => TransactionMode::Normal,
    }
}

/// The first `limit` words in lower case, comments skipped.
fn leading_words(sql: &str, limit: usize) -> Vec<String> {
    let mut words = Vec::new();
    let mut rest = sql;
    while words.len() < limit {
        rest = rest.trim_start_matches(|c: char| c.is_whitespace() || matches!(c, '(' | ')' | ',' | ';'));
        if let Some(after) = rest.strip_prefix("--") {
            rest = after.split_once('\n').map_or("", |(_, tail)| tail);
        } else if let Some(after) = rest.strip_prefix("/*") {
            rest = after.split_once("*/").map_or("", |(_, tail)| tail);
        } else {
            let end = rest.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(rest.len());
            if end == 0 {
                break;
            }
            words.push(rest[..end].to_ascii_lowercase());
            rest = &rest[end..];
        }
    }
    words
}

fn has_words(sql: &str, wanted: &[&str]) -> bool {
    let lower = sql.to_ascii_lowercase();
    let words: Vec<&str> = lower
        .split(|c: char| !(c.is_alphanumeric() || c == '_'))
        .filter(|word| !word.is_empty())
        .collect();
    words.windows(wanted.len()).any(|window| window == wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_that_leave_the_transaction_are_found() {
        let mode = |sql| transaction_mode(DialectName::Postgresql, sql);
        assert_eq!(mode("CREATE INDEX CONCURRENTLY i ON t (a)"), TransactionMode::MustRunOutside);
        assert_eq!(
            mode("-- note\n /* x */ create unique index concurrently i on t (a)"),
            TransactionMode::MustRunOutside
        );
        assert_eq!(mode("REINDEX (VERBOSE) TABLE CONCURRENTLY t"), TransactionMode::MustRunOutside);
        assert_eq!(mode("VACUUM t"), TransactionMode::MustRunOutside);
        assert_eq!(mode("COMMIT"), TransactionMode::Control);
        assert_eq!(mode("ALTER TABLE p DETACH PARTITION c CONCURRENTLY"), TransactionMode::MustRunOutside);
        assert_eq!(mode("CREATE TABLE concurrently (a int)"), TransactionMode::Normal);
        assert_eq!(
            transaction_mode(DialectName::Sqlite, "CREATE INDEX concurrently ON t (a)"),
            TransactionMode::Normal
        );
    }
}
