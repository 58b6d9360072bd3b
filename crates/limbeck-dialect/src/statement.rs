//! What a dialect produces: statements, with what the runner must know about each.

use crate::DialectName;
use limbeck_expr::Literal;
use limbeck_sql::{Flavour, Kind};

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

/// Says how a statement given as text stands to the transaction around it.
///
/// `limbeck-sql` reads it, for a current server: `ALTER TYPE … ADD VALUE` runs inside a transaction since PostgreSQL 12 (its value must not be used
/// there). Whoever knows the server's version asks `limbeck_sql::classify` itself.
pub fn transaction_mode(dialect: DialectName, sql: &str) -> TransactionMode {
    let flavour = match dialect {
        DialectName::Postgresql => Flavour::Postgresql,
        DialectName::Sqlite => Flavour::Sqlite,
        DialectName::Mysql => Flavour::Mysql,
    };
    match limbeck_sql::classify(flavour, None, sql) {
        Kind::Control(_) => TransactionMode::Control,
        Kind::Outside(_) => TransactionMode::MustRunOutside,
        Kind::MayCommit | Kind::Query | Kind::Normal => TransactionMode::Normal,
    }
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
