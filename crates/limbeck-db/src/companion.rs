//! What stands beside a migrating connection: the migration lock, and eyes on the database while a statement waits.
//!
//! On PostgreSQL it is a second connection that is always in autocommit, so that it holds no snapshot for longer than one of its questions; a
//! session waiting in `pg_advisory_lock` would hold one, and `CREATE INDEX CONCURRENTLY` of the lock's holder would wait for it: a deadlock. On SQLite it
//! is a lock file beside the database.

use std::time::Duration;

use limbeck_expr::{Literal, TableName};
use sha2::{Digest, Sha256};

use crate::postgres::{PostgresCompanion, PostgresSettings};
use crate::sqlite::LockFile;
use crate::{Backend, Connection, DatabaseSession, DatabaseUrl, DbError, Environment, IndexProgress, LockHolder, UrlError};

/// Which migration lock of a database: one for each version table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LockKey {
    number: i32,
}

impl LockKey {
    /// The class of PostgreSQL's two-number advisory locks that migration locks are of: `LIMB`.
    pub(crate) const CLASS: i32 = i32::from_be_bytes(*b"LIMB");

    /// The class of the locks that the migrating connections themselves have.
    pub(crate) const WORK_CLASS: i32 = LockKey::CLASS + 1;

    /// The key of a version table by its name as it is written.
    pub fn new(table: &TableName) -> Self {
        let mut hash = Sha256::new();
        hash.update(table.schema.as_ref().map_or("", |schema| schema.as_str()));
        hash.update([0]);
        hash.update(table.name.as_str());
        let hash = hash.finalize();
        LockKey {
            number: i32::from_be_bytes([hash[0], hash[1], hash[2], hash[3]]),
        }
    }

    /// The key of a version table by where it is: `alembic_version` and `public.alembic_version` are one table, and two `alembic_version`s under
    /// two search paths are not.
    ///
    /// # Errors
    /// What the database answered.
    pub fn of(connection: &mut dyn Connection, table: &TableName) -> Result<Self, DbError> {
        if table.schema.is_some() || connection.backend() != Backend::Postgresql {
            return Ok(LockKey::new(table));
        }
        let result = connection.query(&schema_of(table), &[])?;
        let schema = match result.rows.into_iter().next().and_then(|row| row.into_iter().next()) {
            Some(Literal::Text(schema)) => Some(schema),
            _ => None,
        };
        Ok(LockKey::new(&TableName::in_schema(schema, table.name.clone())))
    }

    pub(crate) fn number(&self) -> i32 {
        self.number
    }
}

/// The question in which schema an unqualified table is; where there is none of the name, in which one it would be made.
pub fn schema_of(table: &TableName) -> String {
    let quoted = crate::connection::quoted(table.name.as_str()).replace('\'', "''");
    format!(
        "SELECT coalesce((SELECT n.nspname FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
         WHERE c.oid = pg_catalog.to_regclass('{quoted}')), pg_catalog.current_schema())::text"
    )
}

/// Who we are, for others who wait for us.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// This machine.
    pub host: String,
    /// This process.
    pub pid: u32,
    /// The user of the operating system.
    pub user: String,
    /// What was started: `upgrade`.
    pub command: String,
}

impl Identity {
    /// This process.
    pub fn of_process(command: impl Into<String>) -> Self {
        Identity {
            host: rustix::system::uname().nodename().to_string_lossy().into_owned(),
            pid: std::process::id(),
            user: Environment::of_process().user.unwrap_or_else(|| "unknown".to_owned()),
            command: command.into(),
        }
    }
}

/// What stands beside a migrating connection.
pub trait Companion: Send {
    /// Tries once to take the lock; true when it is ours now. A lock that is ours already stays so.
    ///
    /// # Errors
    /// What the database or the file system answered.
    fn try_lock(&mut self, key: &LockKey) -> Result<bool, DbError>;

    /// Who holds the lock; `None` when nobody does, or nobody who can be named.
    ///
    /// # Errors
    /// What the database or the file system answered.
    fn holder(&mut self, key: &LockKey) -> Result<Option<LockHolder>, DbError>;

    /// Says what we work on to whoever asks who holds the lock: `upgrade 1a2b3c`.
    ///
    /// # Errors
    /// What the database or the file system answered.
    fn announce(&mut self, doing: &str) -> Result<(), DbError>;

    /// Whether the lock is still ours: not after its connection broke, or its file was removed.
    fn still_held(&mut self) -> bool;

    /// Gives the lock back. Dropping the companion does too.
    fn unlock(&mut self);

    /// The server process that answers this companion's next question; behind a pooler it need not be the one of the last.
    ///
    /// # Errors
    /// What the database answered.
    fn process_id(&mut self) -> Result<Option<i32>, DbError> {
        Ok(None)
    }

    /// The sessions that `process` waits for, with the lock of each that is in the way.
    ///
    /// # Errors
    /// What the database answered.
    fn blockers(&mut self, process: i32) -> Result<Vec<DatabaseSession>, DbError> {
        let _ = process;
        Ok(Vec::new())
    }

    /// How far the index is that `process` builds (PostgreSQL 12 and later).
    ///
    /// # Errors
    /// What the database answered.
    fn index_progress(&mut self, process: i32) -> Result<Option<IndexProgress>, DbError> {
        let _ = process;
        Ok(None)
    }

    /// Transactions of this database, prepared ones too, that began longer ago than this.
    ///
    /// # Errors
    /// What the database answered.
    fn old_transactions(&mut self, older_than: Duration, except: &[i32]) -> Result<Vec<DatabaseSession>, DbError> {
        let _ = (older_than, except);
        Ok(Vec::new())
    }
}

/// Makes the companion of a connection to `url`.
///
/// # Errors
/// As `connect`.
pub fn companion(url: &DatabaseUrl, environment: &Environment, identity: &Identity) -> Result<Box<dyn Companion>, DbError> {
    match url.backend()? {
        Backend::Postgresql => {
            let settings = PostgresSettings::resolve(url, environment)?;
            Ok(Box::new(PostgresCompanion::connect(settings, identity)?))
        }
        Backend::Sqlite => Ok(match LockFile::beside(url, identity)? {
            Some(file) => Box::new(file),
            None => Box::new(Alone),
        }),
        backend => Err(UrlError::Connect(backend).into()),
    }
}

/// The companion of a database that nobody else can reach: in memory.
struct Alone;

impl Companion for Alone {
    fn try_lock(&mut self, _key: &LockKey) -> Result<bool, DbError> {
        Ok(true)
    }

    fn holder(&mut self, _key: &LockKey) -> Result<Option<LockHolder>, DbError> {
        Ok(None)
    }

    fn announce(&mut self, _doing: &str) -> Result<(), DbError> {
        Ok(())
    }

    fn still_held(&mut self) -> bool {
        true
    }

    fn unlock(&mut self) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_of_names_and_stay() {
        let plain = LockKey::new(&TableName::new("alembic_version"));
        // Two versions of Limbeck must agree on it.
        assert_eq!(plain.number(), KNOWN);
        assert_ne!(plain, LockKey::new(&TableName::in_schema(Some("app"), "alembic_version")));
        assert_ne!(LockKey::new(&TableName::in_schema(Some("a"), "b")), LockKey::new(&TableName::new("ab")));
    }

    const KNOWN: i32 = 285_493_415;
}
