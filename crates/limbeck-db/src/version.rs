//! Alembic's version table: is it there, and what does it hold.

use limbeck_expr::{Literal, TableName};
use limbeck_ops::{Inspect, Inspected};

use crate::connection::quoted;
use crate::{Connection, DbError};

/// Reads the version rows as the table gives them, or `None` where there is no version table. `downgrade -1` takes the first of several, as Alembic
/// does, so they are not sorted here. Leaves no failed transaction and no error in the server's log.
///
/// # Errors
/// What the database answered.
pub fn read_versions(connection: &mut dyn Connection, table: &TableName) -> Result<Option<Vec<String>>, DbError> {
    if connection.inspect(&Inspect::HasTable(table.clone()))? != Inspected::Flag(true) {
        return Ok(None);
    }
    let name = quoted(table.name.as_str());
    let name = table
        .schema
        .as_ref()
        .map_or_else(|| name.clone(), |schema| format!("{}.{name}", quoted(schema.as_str())));
    let result = connection.query(&format!("SELECT version_num FROM {name}"), &[])?;
    Ok(Some(versions(result.rows)))
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
