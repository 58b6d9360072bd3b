//! Alembic's version table: is it there, and what does it hold.

use limbeck_expr::Literal;
use limbeck_ops::DatabaseErrorKind;

use crate::connection::quoted;
use crate::{Backend, Connection, DbError};

/// Where the version rows are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionTable {
    /// `alembic_version` unless configured.
    pub name: String,
    /// The schema, or the connection's default.
    pub schema: Option<String>,
}

impl Default for VersionTable {
    fn default() -> Self {
        VersionTable {
            name: "alembic_version".to_owned(),
            schema: None,
        }
    }
}

impl VersionTable {
    /// The quoted name.
    pub fn quoted(&self) -> String {
        match &self.schema {
            Some(schema) => format!("{}.{}", quoted(schema), quoted(&self.name)),
            None => quoted(&self.name),
        }
    }
}

/// Reads the version rows in order, or `None` where there is no version table. One round trip; leaves no failed transaction behind.
///
/// # Errors
/// What the database answered.
pub fn read_versions(connection: &mut dyn Connection, table: &VersionTable) -> Result<Option<Vec<String>>, DbError> {
    if connection.backend() == Backend::Postgresql && connection.in_transaction() {
        return read_versions_in(connection, table);
    }
    match connection.query(&format!("SELECT version_num FROM {}", table.quoted()), &[]) {
        Ok(result) => Ok(Some(sorted(result.rows))),
        Err(error) if is_missing(&error) => Ok(None),
        Err(error) => Err(error),
    }
}

/// As [`read_versions`], inside a PostgreSQL transaction, which an error would end: asks first whether the table is there.
///
/// # Errors
/// What the database answered.
pub fn read_versions_in(connection: &mut dyn Connection, table: &VersionTable) -> Result<Option<Vec<String>>, DbError> {
    let name = limbeck_expr::TableName {
        schema: table.schema.as_deref().map(Into::into),
        name: table.name.as_str().into(),
    };
    match connection.inspect(&limbeck_ops::Inspect::HasTable(name))? {
        limbeck_ops::Inspected::Flag(true) => {
            let result = connection.query(&format!("SELECT version_num FROM {}", table.quoted()), &[])?;
            Ok(Some(sorted(result.rows)))
        }
        _ => Ok(None),
    }
}

fn sorted(rows: Vec<Vec<Literal>>) -> Vec<String> {
    let mut versions: Vec<String> = rows
        .into_iter()
        .filter_map(|row| match row.into_iter().next() {
            Some(Literal::Text(text)) => Some(text),
            // A column that was made by hand may hold numbers.
            Some(Literal::Int(number)) => Some(number.to_string()),
            _ => None,
        })
        .collect();
    versions.sort();
    versions
}

/// No such table, or no such schema.
fn is_missing(error: &DbError) -> bool {
    match error.sqlstate() {
        Some("42P01" | "3F000") => true,
        Some("SQLITE_ERROR") => {
            error.kind == DatabaseErrorKind::OperationalError && (error.message.starts_with("no such table") || error.message.starts_with("unknown database"))
        }
        _ => false,
    }
}
