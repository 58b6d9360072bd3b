//! Alembic's version table: is it there, and what does it hold.

use limbeck_expr::{Literal, TableName};
use limbeck_ops::{Inspect, Inspected};

use crate::connection::quoted;
use crate::{Connection, DbError};

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

/// Reads the version rows as the table gives them, or `None` where there is no version table. `downgrade -1` takes the first of several, as Alembic
/// does, so they are not sorted here. Leaves no failed transaction and no error in the server's log.
///
/// # Errors
/// What the database answered.
pub fn read_versions(connection: &mut dyn Connection, table: &VersionTable) -> Result<Option<Vec<String>>, DbError> {
    if !has_version_table(connection, table)? {
        return Ok(None);
    }
    let result = connection.query(&format!("SELECT version_num FROM {}", table.quoted()), &[])?;
    Ok(Some(versions(result.rows)))
}

/// Whether the version table is there.
///
/// # Errors
/// What the database answered.
pub fn has_version_table(connection: &mut dyn Connection, table: &VersionTable) -> Result<bool, DbError> {
    let name = TableName::in_schema(table.schema.as_deref(), table.name.as_str());
    Ok(connection.inspect(&Inspect::HasTable(name))? == Inspected::Flag(true))
}

fn versions(rows: Vec<Vec<Literal>>) -> Vec<String> {
    rows.into_iter()
        .filter_map(|row| match row.into_iter().next() {
            Some(Literal::Text(text)) => Some(text),
            // A column that was made by hand may hold numbers.
            Some(Literal::Int(number)) => Some(number.to_string()),
            _ => None,
        })
        .collect()
}
