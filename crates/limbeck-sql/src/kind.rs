//! What a statement asks of the transaction around it.

use crate::Name;

/// How a statement stands to the transaction around it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Begins, ends or divides a transaction itself.
    Control(TransactionControl),
    /// Cannot run in a transaction, or does nothing there.
    Outside(Outside),
    /// May end transactions from inside: `CALL`, and `DO` on PostgreSQL. Runs in a transaction unless it does.
    MayCommit,
    /// Only asks. A function it calls may still change something: text cannot tell.
    Query,
    /// Anything else.
    Normal,
}

/// A transaction statement in the script's own SQL.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TransactionControl {
    /// `BEGIN`, `START TRANSACTION`
    Begin,
    /// `COMMIT`, `END`; with `AND CHAIN` too, after which the next transaction is already open.
    Commit,
    /// `ROLLBACK`, `ABORT`; with `AND CHAIN` too.
    Rollback,
    /// `SAVEPOINT a`
    Savepoint,
    /// `RELEASE SAVEPOINT a`
    Release,
    /// `ROLLBACK TO SAVEPOINT a`
    RollbackTo,
    /// `PREPARE TRANSACTION`, `COMMIT PREPARED`, `ROLLBACK PREPARED`, MySQL's `XA …` and `SET autocommit`.
    Other,
}

/// A statement that cannot run in a transaction, with what is needed to find out afterwards whether it took effect.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Outside {
    /// `CREATE [UNIQUE] INDEX CONCURRENTLY`
    CreateIndexConcurrently {
        /// Nothing when the server chooses the name. Carries the table's schema, where the index will live.
        name: Option<Name>,
        /// The table.
        table: Name,
        /// `IF NOT EXISTS`
        if_not_exists: bool,
        /// `UNIQUE`
        unique: bool,
    },
    /// `DROP INDEX CONCURRENTLY`
    DropIndexConcurrently {
        /// The indexes; the server takes only one.
        names: Vec<Name>,
        /// `IF EXISTS`
        if_exists: bool,
    },
    /// `REINDEX … CONCURRENTLY`
    ReindexConcurrently {
        /// What is rebuilt.
        what: Reindex,
        /// Its name; nothing for the current database (PostgreSQL 16).
        name: Option<Name>,
    },
    /// `ALTER TABLE parent DETACH PARTITION partition CONCURRENTLY`
    DetachConcurrently {
        /// The partitioned table.
        parent: Name,
        /// The partition.
        partition: Name,
    },
    /// `ALTER TYPE … ADD VALUE`, before PostgreSQL 12 only.
    AddEnumValue {
        /// The enum.
        type_: Name,
        /// The value, unquoted.
        value: String,
        /// `IF NOT EXISTS`
        if_not_exists: bool,
    },
    /// `CREATE DATABASE`
    CreateDatabase {
        /// Its name.
        name: String,
    },
    /// `DROP DATABASE`
    DropDatabase {
        /// Its name.
        name: String,
        /// `IF EXISTS`
        if_exists: bool,
    },
    /// `CREATE TABLESPACE`
    CreateTablespace {
        /// Its name.
        name: String,
    },
    /// `DROP TABLESPACE`
    DropTablespace {
        /// Its name.
        name: String,
        /// `IF EXISTS`
        if_exists: bool,
    },
    /// `ALTER SYSTEM`
    AlterSystem,
    /// `ALTER DATABASE … SET TABLESPACE`
    AlterDatabaseTablespace {
        /// The database.
        name: String,
    },
    /// `VACUUM`
    Vacuum,
    /// `CLUSTER` without a table.
    Cluster,
    /// `CREATE SUBSCRIPTION` that creates a slot, `DROP SUBSCRIPTION` (which may drop one), `ALTER SUBSCRIPTION` that refreshes.
    SubscriptionWithSlot {
        /// The subscription.
        name: String,
    },
    /// SQLite's `VACUUM`
    SqliteVacuum,
    /// SQLite's `ATTACH`. It would run in a transaction, but belongs to the session: no rollback undoes it, and a resumed run must do it again.
    SqliteAttach,
    /// SQLite's `DETACH`, which finds a database locked that the transaction has used.
    SqliteDetach,
    /// A SQLite `PRAGMA` that fails or does nothing inside a transaction; not `foreign_keys`, which the runner sees to.
    SqlitePragma {
        /// Its name in lower case, without schema.
        name: String,
    },
    /// Something else, by its leading words: `DISCARD ALL`, `REINDEX DATABASE`, `REPACK`.
    Other(String),
}

/// What `REINDEX` rebuilds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reindex {
    /// One index.
    Index,
    /// The indexes of a table.
    Table,
    /// Those of a schema.
    Schema,
    /// Those of a database.
    Database,
    /// The system catalogues.
    System,
}

impl Outside {
    /// Returns the words that name the statement, without its objects: `CREATE INDEX CONCURRENTLY`.
    pub fn words(&self) -> String {
        let words = match self {
            Outside::CreateIndexConcurrently { unique: false, .. } => "CREATE INDEX CONCURRENTLY",
            Outside::CreateIndexConcurrently { unique: true, .. } => "CREATE UNIQUE INDEX CONCURRENTLY",
            Outside::DropIndexConcurrently { .. } => "DROP INDEX CONCURRENTLY",
            Outside::ReindexConcurrently { what, .. } => match what {
                Reindex::Index => "REINDEX INDEX CONCURRENTLY",
                Reindex::Table => "REINDEX TABLE CONCURRENTLY",
                Reindex::Schema => "REINDEX SCHEMA CONCURRENTLY",
                Reindex::Database => "REINDEX DATABASE CONCURRENTLY",
                Reindex::System => "REINDEX SYSTEM CONCURRENTLY",
            },
            Outside::DetachConcurrently { .. } => "DETACH PARTITION CONCURRENTLY",
            Outside::AddEnumValue { .. } => "ALTER TYPE ADD VALUE",
            Outside::CreateDatabase { .. } => "CREATE DATABASE",
            Outside::DropDatabase { .. } => "DROP DATABASE",
            Outside::CreateTablespace { .. } => "CREATE TABLESPACE",
            Outside::DropTablespace { .. } => "DROP TABLESPACE",
            Outside::AlterSystem => "ALTER SYSTEM",
            Outside::AlterDatabaseTablespace { .. } => "ALTER DATABASE SET TABLESPACE",
            Outside::Vacuum | Outside::SqliteVacuum => "VACUUM",
            Outside::Cluster => "CLUSTER",
            // CREATE, ALTER and DROP alike.
            Outside::SubscriptionWithSlot { .. } => "SUBSCRIPTION",
            Outside::SqliteAttach => "ATTACH",
            Outside::SqliteDetach => "DETACH",
            Outside::SqlitePragma { name } => return format!("PRAGMA {name}"),
            Outside::Other(words) => words,
        };
        words.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use crate::{Flavour, Kind, classify};

    #[test]
    fn words_name_a_statement() {
        for (flavour, sql, wanted) in [
            (
                Flavour::Postgresql,
                "create unique index concurrently on t (a)",
                "CREATE UNIQUE INDEX CONCURRENTLY",
            ),
            (Flavour::Postgresql, "reindex (concurrently) table t", "REINDEX TABLE CONCURRENTLY"),
            (Flavour::Postgresql, "vacuum t", "VACUUM"),
            (Flavour::Postgresql, "discard all", "DISCARD ALL"),
            (Flavour::Sqlite, "pragma Synchronous=0", "PRAGMA synchronous"),
        ] {
            let Kind::Outside(outside) = classify(flavour, None, sql) else {
                panic!("{sql} is outside")
            };
            assert_eq!(outside.words(), wanted, "{sql}");
        }
    }
}
