//! What every database connection can do.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use limbeck_expr::Literal;
use limbeck_ops::{Inspect, Inspected, ResultSet};
use limbeck_schema::catalogue::Catalogue;
use limbeck_schema::{Sequence, Table};

use crate::postgres::{CancelTarget, Postgres, PostgresSettings};
use crate::sqlite::Sqlite;
use crate::{Backend, DatabaseUrl, DbError, Environment, Filter, ServerFields, UrlError};

/// A blocking connection to a database.
pub trait Connection: Send {
    /// Which database it is.
    fn backend(&self) -> Backend;

    /// The database for people, without a password: `postgresql://user@host:5432/db`.
    fn label(&self) -> &str;

    /// Runs a text of one or several statements without parameters; returns the rows touched by the last one, -1 where that has no meaning.
    ///
    /// # Errors
    /// What the database answered. Of several statements none after the failed one has run.
    fn execute_batch(&mut self, sql: &str) -> Result<i64, DbError>;

    /// Runs a text for its rows. SQLite takes parameters for `?`; PostgreSQL's values are in the text.
    ///
    /// # Errors
    /// As `execute_batch`.
    fn query(&mut self, sql: &str, params: &[Literal]) -> Result<ResultSet, DbError>;

    /// As `query`; while no answer has come, `on_tick` is called every `tick` on this thread. It must not use this connection.
    ///
    /// # Errors
    /// As `query`.
    fn query_watched(&mut self, sql: &str, params: &[Literal], tick: Duration, on_tick: &mut dyn FnMut()) -> Result<ResultSet, DbError> {
        let _ = (tick, on_tick);
        self.query(sql, params)
    }

    /// The server process that serves this connection, as `pg_stat_activity` lists it; `None` where there is no server.
    fn process_id(&self) -> Option<i32> {
        None
    }

    /// Begins a transaction.
    ///
    /// # Errors
    /// As `execute_batch`.
    fn begin(&mut self) -> Result<(), DbError>;

    /// Commits the transaction; does nothing without one.
    ///
    /// # Errors
    /// As `execute_batch`; a transaction that failed inside is an error here, since nothing was kept.
    fn commit(&mut self) -> Result<(), DbError>;

    /// Rolls the transaction back; does nothing without one.
    ///
    /// # Errors
    /// As `execute_batch`.
    fn rollback(&mut self) -> Result<(), DbError>;

    /// Whether a transaction is open.
    fn in_transaction(&self) -> bool;

    /// Sets a savepoint; the name is quoted here.
    ///
    /// # Errors
    /// As `execute_batch`.
    fn savepoint(&mut self, name: &str) -> Result<(), DbError> {
        self.execute_batch(&format!("SAVEPOINT {}", quoted(name))).map(drop)
    }

    /// Releases a savepoint.
    ///
    /// # Errors
    /// As `execute_batch`.
    fn release_savepoint(&mut self, name: &str) -> Result<(), DbError> {
        self.execute_batch(&format!("RELEASE SAVEPOINT {}", quoted(name))).map(drop)
    }

    /// Rolls back to a savepoint, which stays.
    ///
    /// # Errors
    /// As `execute_batch`.
    fn rollback_to_savepoint(&mut self, name: &str) -> Result<(), DbError> {
        self.execute_batch(&format!("ROLLBACK TO SAVEPOINT {}", quoted(name))).map(drop)
    }

    /// Answers a question about the schema as SQLAlchemy's inspector does.
    ///
    /// # Errors
    /// What the database answered.
    fn inspect(&mut self, what: &Inspect) -> Result<Inspected, DbError>;

    /// Reads all tables of a schema (of the default one, or the search path) at once, in order of their names.
    ///
    /// # Errors
    /// What the database answered.
    fn tables(&mut self, schema: Option<&str>) -> Result<Vec<Table>, DbError>;

    /// Reads all sequences of a schema with their numbers; none where the database has no sequences.
    ///
    /// # Errors
    /// What the database answered.
    fn sequences(&mut self, schema: Option<&str>) -> Result<Vec<Sequence>, DbError>;

    /// Reads everything the database has, in its own words.
    ///
    /// # Errors
    /// What the database answered.
    fn catalogue(&mut self, filter: &Filter) -> Result<Catalogue, DbError>;

    /// Takes the notices that came since the last call.
    fn take_notices(&mut self) -> Vec<Notice>;

    /// Returns what another thread needs to stop the running statement.
    fn cancel_handle(&self) -> CancelHandle;

    /// The server's version as numbers: `[15, 18]`, `[3, 50, 4]`.
    fn server_version(&self) -> Vec<u32>;

    /// Whether the connection is of no more use.
    fn is_closed(&self) -> bool;
}

/// A message of the server that is not an error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// The message.
    pub message: String,
    /// Severity, SQLSTATE, detail and the rest.
    pub fields: Box<ServerFields>,
}

/// Stops the running statement of a connection from another thread.
#[derive(Clone)]
pub struct CancelHandle(pub(crate) CancelKind);

#[derive(Clone)]
pub(crate) enum CancelKind {
    Postgres(Arc<CancelTarget>),
    Sqlite(Arc<rusqlite::InterruptHandle>),
}

impl CancelHandle {
    /// Asks the database to stop; the statement then fails with code E0616, unless it was done before.
    ///
    /// # Errors
    /// When the server cannot be asked.
    pub fn cancel(&self) -> Result<(), DbError> {
        match &self.0 {
            CancelKind::Postgres(target) => target.cancel(),
            CancelKind::Sqlite(handle) => {
                handle.interrupt();
                Ok(())
            }
        }
    }
}

impl fmt::Debug for CancelHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CancelHandle")
    }
}

/// Connects to the database that a URL names.
///
/// # Errors
/// What is wrong with the URL, or with each server that was tried.
pub fn connect(url: &DatabaseUrl, environment: &Environment) -> Result<Box<dyn Connection>, DbError> {
    match url.backend()? {
        Backend::Postgresql => {
            let settings = PostgresSettings::resolve(url, environment)?;
            Ok(Box::new(Postgres::connect(&settings)?))
        }
        Backend::Sqlite => Ok(Box::new(Sqlite::connect(url)?)),
        backend => Err(UrlError::Connect(backend).into()),
    }
}

/// Returns the label of a database without connecting: where the URL leads, without password.
pub fn label(url: &DatabaseUrl, environment: &Environment) -> String {
    match url.backend() {
        Ok(Backend::Postgresql) => PostgresSettings::resolve(url, environment).map_or_else(|_| url.render(true), |settings| settings.label()),
        Ok(Backend::Sqlite) => crate::sqlite::label(url),
        _ => url.render(true),
    }
}

/// Quotes a name in the way both databases understand.
pub(crate) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
