//! What other sessions of a database do, as far as a migration has to know: who blocks it, who holds the migration lock, what was left behind.

use std::time::Duration;

use serde::Serialize;

/// A session of the database, as `pg_stat_activity` and `pg_locks` tell it.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct DatabaseSession {
    /// The server process.
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
    /// The lock it holds that is in the way: `AccessExclusiveLock`.
    pub mode: Option<String>,
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
    /// How long it has been connected.
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

/// Something half done in a database.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Leftover {
    /// An index that is not valid: queries do not use it, writes maintain it.
    InvalidIndex { index: String, table: String },
    /// A constraint that was never validated.
    NotValidConstraint { constraint: String, table: String },
}
