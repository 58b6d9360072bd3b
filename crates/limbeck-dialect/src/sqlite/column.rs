//! A column's definition on SQLite: defaults in parentheses, AUTOINCREMENT, ON CONFLICT.

use super::constraint::clause;
use super::types;
use crate::column;
use crate::error::{Result, compile_error};
use crate::option;
use crate::render::Render;
use crate::resolve::{Resolved, ResolvedColumn};
use crate::types::{Affinity, affinity};
use limbeck_schema::Autoincrement;

/// `name type DEFAULT … NOT NULL`.
///
/// # Errors
/// The type has no name, or an expression cannot be rendered.
pub(crate) fn specification(render: &Render, table: &Resolved, resolved: &ResolvedColumn) -> Result<String> {
    let column = &resolved.column;
    let mut out = format!("{} {}", render.ident(&column.name), types::sql(&column.type_)?);
    if let Some(default) = column::default(render, column.server_default.as_ref())? {
        out += &if column::needs_parentheses(&default) {
            format!(" DEFAULT ({default})")
        } else {
            format!(" DEFAULT {default}")
        };
    }
    if !resolved.nullable() {
        out += " NOT NULL";
        out += &clause(&column.options, "sqlite_on_conflict_not_null");
    }
    if column.primary_key {
        let key_columns = table.primary_key.as_ref().map_or(0, |key| key.columns.len());
        if column.autoincrement == Autoincrement::True && key_columns != 1 {
            return Err(compile_error("SQLite does not support autoincrement for composite primary keys"));
        }
        if is_rowid_alias(table, resolved) {
            out += " PRIMARY KEY";
            out += &clause(&column.options, "sqlite_on_conflict_primary_key");
            out += " AUTOINCREMENT";
        }
    }
    if let Some(computed) = &column.computed {
        out += &format!(" {}", column::computed(render, computed)?);
    }
    Ok(out)
}

/// Whether `sqlite_autoincrement=True` moves the primary key into this column.
pub(crate) fn is_rowid_alias(table: &Resolved, column: &ResolvedColumn) -> bool {
    option::truthy(&table.options, "sqlite_autoincrement").is_some()
        && column.column.primary_key
        && table.primary_key.as_ref().is_some_and(|key| key.columns.len() == 1)
        && affinity(&column.column.type_) == Affinity::Integer
        && !column.has_foreign_key
}
