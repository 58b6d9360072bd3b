//! Reading everything a database has into a [`Catalogue`], in the server's own words.

use limbeck_schema::catalogue::{Catalogue, Name};

use crate::{Connection, DbError};

/// What is read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Filter {
    /// Only these schemas; empty for all that are not the system's or Limbeck's.
    pub schemas: Vec<String>,
    /// Not these schemas.
    pub excluded_schemas: Vec<String>,
    /// Not these tables, views and sequences, nor what belongs to them; one without a schema is left out of every schema.
    pub excluded: Vec<Name>,
    /// Owners and privileges too; SQLite has none.
    pub grants: bool,
}

impl Filter {
    /// Leaves one more relation out.
    pub fn without(mut self, name: Name) -> Self {
        self.excluded.push(name);
        self
    }

    /// Whether a relation is left out.
    pub(crate) fn leaves_out(&self, schema: &str, name: &str) -> bool {
        self.excluded
            .iter()
            .any(|excluded| excluded.name == name && excluded.schema.as_deref().is_none_or(|wanted| wanted == schema))
    }
}

/// Reads a database. On PostgreSQL it is one message and one answer, in one snapshot.
///
/// # Errors
/// What the database answered.
pub fn introspect(connection: &mut dyn Connection, filter: &Filter) -> Result<Catalogue, DbError> {
    connection.catalogue(filter)
}
