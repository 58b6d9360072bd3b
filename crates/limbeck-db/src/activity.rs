//! What other sessions of a database do, as far as a migration has to know: who blocks it, who holds the migration lock, what was left behind.
//!
//! SQLite knows no sessions: there the answers are empty, and the holder of the lock is asked for through the companion.

use std::time::Duration;

use serde::{Deserialize, Serialize, Serializer};

use crate::postgres::{activity, leftovers as postgres_leftovers};
use crate::{Backend, Connection, DbError};

/// A session of the database, as `pg_stat_activity` and `pg_locks` tell it; of other roles a server shows less to who may not read all.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct DatabaseSession {
    /// The server process; 0 for a prepared transaction, which has none.
    pub pid: i32,
    /// The role.
    pub user: Option<String>,
    /// `application_name`.
    pub application: Option<String>,
    /// The client's address; `None` for a local socket.
    pub client: Option<String>,
    /// `active`, `idle in transaction`, …
    pub state: Option<String>,
    /// How long its transaction has been open, in seconds.
    pub transaction_seconds: Option<f64>,
    /// How long it has been in its state, in seconds.
    pub state_seconds: Option<f64>,
    /// Its running or last statement, where the role may see it.
    pub query: Option<String>,
    /// The lock it holds that is in the way: `AccessExclusiveLock`. Of a session that blocks nobody, the lock it waits for.
    pub mode: Option<String>,
    /// Whether it waits for that lock itself: it stands ahead in the queue.
    pub queued: bool,
    /// What that lock is on: `public.users`, `transaction 731`.
    pub object: Option<String>,
    /// Sessions it waits for itself.
    pub blocked_by: Vec<i32>,
}

/// Who holds the migration lock.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct LockHolder {
    /// The machine the holder runs on.
    pub host: Option<String>,
    /// The holder's process on that machine.
    pub pid: Option<u32>,
    /// The server process that holds the lock (servers only).
    pub server_pid: Option<i32>,
    /// The database role, or the user of the operating system (SQLite).
    pub user: Option<String>,
    /// How long it has been connected, or (SQLite) has held the lock; in JSON `since_seconds`.
    #[serde(rename = "since_seconds", serialize_with = "as_seconds")]
    pub since: Option<Duration>,
    /// What it works on: `upgrade 1a2b3c`.
    pub doing: Option<String>,
}

/// How far an index build is (`pg_stat_progress_create_index`).
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct IndexProgress {
    /// `building index: scanning table`.
    pub phase: String,
    /// 0 to 100 of this phase, where the server counts.
    pub percent: Option<f64>,
    /// Sessions it still waits for.
    pub waits_for: Option<i64>,
}

/// An index that is being built.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct IndexBuild {
    /// The server process that builds it.
    pub pid: i32,
    /// The table.
    pub table: Option<String>,
    /// The index; `None` while it is not yet visible to others.
    pub index: Option<String>,
    /// How far it is.
    pub progress: IndexProgress,
}

/// Something half done in a database; names are quoted where SQL needs it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Leftover {
    /// An index that is not valid: queries do not use it, writes maintain it.
    InvalidIndex { index: String, table: String },
    /// A constraint that was never validated.
    NotValidConstraint { constraint: String, table: String },
}

/// What goes on in a database, for a person who wonders why nothing moves.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct LockReport {
    /// Who holds migration locks.
    pub holders: Vec<LockHolder>,
    /// Other runs, which wait for one of them or have just begun.
    pub waiting: Vec<LockHolder>,
    /// Sessions that wait for another's lock, and those they wait for.
    pub sessions: Vec<DatabaseSession>,
    /// Transactions that began longer ago than was asked about.
    pub old_transactions: Vec<DatabaseSession>,
    /// Indexes that are being built.
    pub index_builds: Vec<IndexBuild>,
}

/// Looks at everything at once.
///
/// # Errors
/// What the database answered.
pub fn lock_report(connection: &mut dyn Connection, older_than: Duration) -> Result<LockReport, DbError> {
    if connection.backend() != Backend::Postgresql {
        return Ok(LockReport::default());
    }
    Ok(LockReport {
        holders: activity::lock_holders(connection, None)?,
        waiting: activity::lock_waiters(connection)?,
        sessions: activity::sessions(connection)?,
        old_transactions: activity::old_transactions(connection, older_than, &[])?,
        index_builds: activity::index_builds(connection, None)?,
    })
}

/// Every session that waits for another's lock, and those they wait for.
///
/// # Errors
/// What the database answered.
pub fn sessions(connection: &mut dyn Connection) -> Result<Vec<DatabaseSession>, DbError> {
    match connection.backend() {
        Backend::Postgresql => activity::sessions(connection),
        _ => Ok(Vec::new()),
    }
}

/// INVALID indexes that nobody builds now, and constraints that were never validated.
///
/// # Errors
/// What the database answered.
pub fn leftovers(connection: &mut dyn Connection) -> Result<Vec<Leftover>, DbError> {
    match connection.backend() {
        Backend::Postgresql => postgres_leftovers::find(connection),
        _ => Ok(Vec::new()),
    }
}

fn as_seconds<S: Serializer>(duration: &Option<Duration>, serializer: S) -> Result<S::Ok, S::Error> {
    duration.map(|duration| duration.as_secs_f64()).serialize(serializer)
}
