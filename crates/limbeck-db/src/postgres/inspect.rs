//! Reading a PostgreSQL schema as SQLAlchemy's inspector reports it.

use limbeck_ops::{Inspect, Inspected};

use super::Postgres;
use crate::DbError;

/// Answers a question.
pub(super) fn answer(_database: &mut Postgres, what: &Inspect) -> Result<Inspected, DbError> {
    Err(DbError::operational("E0617", format!("{what:?}")))
}
