//! Which column of a table counts up by itself.

use crate::error::{Result, argument_error};
use crate::postgres;
use crate::types::{Affinity, affinity};
use limbeck_expr::{ColumnType, Ident};
use limbeck_schema::{Autoincrement, Column, Constraint, Table};

/// SQLAlchemy's `PrimaryKeyConstraint._autoincrement_column`.
pub(crate) fn column(key: &[Ident], columns: &[Column], table: &Table) -> Result<Option<String>> {
    let in_key: Vec<&Column> = key
        .iter()
        .filter_map(|name| columns.iter().find(|column| column.name.text == name.text))
        .collect();
    if let [column] = in_key.as_slice() {
        let counts = match column.autoincrement {
            Autoincrement::False => false,
            Autoincrement::True => can_count(column, table, true)?,
            Autoincrement::Auto | Autoincrement::IgnoreFk => can_count(column, table, false)?,
        };
        return Ok(counts.then(|| column.name.text.clone()));
    }
    let mut found: Option<&Column> = None;
    for column in in_key.into_iter().filter(|column| column.autoincrement == Autoincrement::True) {
        can_count(column, table, true)?;
        if let Some(other) = found {
            return Err(argument_error(format!(
                "Only one Column may be marked autoincrement=True, found both {} and {}.",
                column.name, other.name
            )));
        }
        found = Some(column);
    }
    Ok(found.map(|column| column.name.text.clone()))
}

fn can_count(column: &Column, table: &Table, asked: bool) -> Result<bool> {
    let shown = |why: &str| {
        argument_error(format!(
            "Column type {why} on column '{}.{}' is not compatible with autoincrement=True",
            table.name.name, column.name
        ))
    };
    match affinity(&column.type_) {
        Affinity::Numeric => {
            let scale = match &column.type_ {
                ColumnType::Numeric { scale, .. } | ColumnType::SqlNumeric { scale, .. } | ColumnType::SqlDecimal { scale, .. } => *scale,
                _ => None,
            };
            if asked && scale != Some(0) {
                return Err(shown("NUMERIC with non-zero scale"));
            }
            return Ok(asked);
        }
        Affinity::Integer => {}
        _ if asked => return Err(shown(&postgres::types::sql(&column.type_).unwrap_or_else(|_| "NULL".to_string()))),
        _ => return Ok(false),
    }
    if asked {
        return Ok(true);
    }
    let in_foreign_key = || {
        !column.foreign_keys.is_empty()
            || table.constraints.iter().any(|constraint| match constraint {
                Constraint::ForeignKey(key) => key.columns.iter().any(|name| name.text == column.name.text),
                _ => false,
            })
    };
    Ok(!column.has_client_default
        && column.server_default.is_none()
        && column.computed.is_none()
        && (column.autoincrement == Autoincrement::IgnoreFk || !in_foreign_key()))
}
