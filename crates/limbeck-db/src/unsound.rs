//! What looks as if it worked and does not: INVALID indexes, constraints that were never validated, triggers that are switched off. With all that is needed to
//! say what mends each.

use serde::Serialize;

use crate::postgres::unsound as postgres_unsound;
use crate::{Backend, Connection, DbError};

/// An index that is not valid: queries do not use it, writes maintain it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct InvalidIndex {
    /// Its name, with its schema and quoted where SQL needs it.
    pub index: String,
    /// Its table.
    pub table: String,
    /// Whether it is the index of a partitioned table, which is valid once every partition has one attached.
    pub is_partitioned: bool,
    /// Whether it is unique: duplicate rows may be why it failed.
    pub is_unique: bool,
    /// Whether `REINDEX CONCURRENTLY` left it beside the one it was to replace (`_ccnew`, `_ccold`).
    pub is_copy: bool,
    /// What it takes on the disk.
    pub bytes: i64,
    /// The statement that makes it.
    pub definition: String,
}

/// A constraint that was never validated.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct UnvalidatedConstraint {
    /// Its name, quoted where SQL needs it.
    pub constraint: String,
    /// Its table or domain.
    pub table: String,
    /// Whether it belongs to a domain.
    pub is_domain: bool,
    /// What it demands.
    pub definition: String,
    /// How many rows the table has, as the server estimates; -1 where it does not know.
    pub rows: i64,
}

/// A trigger that does not fire.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct DisabledTrigger {
    /// Its name, quoted where SQL needs it.
    pub trigger: String,
    /// Its table.
    pub table: String,
    /// The constraint that it enforces, where it is the server's own.
    pub constraint: Option<String>,
    /// Whether it fires only on a replica.
    pub on_replica: bool,
}

/// Everything of that kind in a database.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Unsound {
    /// Indexes.
    pub indexes: Vec<InvalidIndex>,
    /// Constraints.
    pub constraints: Vec<UnvalidatedConstraint>,
    /// Triggers.
    pub triggers: Vec<DisabledTrigger>,
}

/// Looks for them; indexes that are being built do not count. SQLite has nothing of the kind.
///
/// # Errors
/// What the database answered.
pub fn unsound(connection: &mut dyn Connection) -> Result<Unsound, DbError> {
    match connection.backend() {
        Backend::Postgresql => postgres_unsound::find(connection),
        _ => Ok(Unsound::default()),
    }
}
