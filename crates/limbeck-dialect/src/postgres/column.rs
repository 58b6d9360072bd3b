//! A column's definition on PostgreSQL: SERIAL, IDENTITY, generated columns.

use super::types;
use crate::column;
use crate::error::Result;
use crate::render::Render;
use crate::resolve::ResolvedColumn;
use limbeck_schema::{ColumnType, Computed};

/// `name type DEFAULT … NOT NULL`.
///
/// # Errors
/// The type has no name, or an expression cannot be rendered.
pub(crate) fn specification(render: &Render, resolved: &ResolvedColumn) -> Result<String> {
    let column = &resolved.column;
    let mut out = format!("{} ", render.ident(&column.name));
    let client_default = column.has_client_default || resolved.required_sequence().is_some();
    if column.primary_key && resolved.autoincrement && column.identity.is_none() && !client_default {
        out += match &column.type_ {
            ColumnType::BigInteger | ColumnType::SqlBigint => "BIGSERIAL",
            ColumnType::SmallInteger | ColumnType::SqlSmallint => "SMALLSERIAL",
            _ => "SERIAL",
        };
    } else {
        out += &types::sql(&column.type_)?;
        if let Some(default) = column::default(render, column.server_default.as_ref())? {
            out += &format!(" DEFAULT {default}");
        }
    }
    if let Some(computed) = &column.computed {
        out += &format!(" {}", self::computed(render, computed)?);
    }
    if let Some(identity) = &column.identity {
        out += &format!(" {}", column::identity(identity));
    }
    match (resolved.nullable(), column.identity.is_some()) {
        (false, false) => out += " NOT NULL",
        (true, true) => out += " NULL",
        _ => {}
    }
    Ok(out)
}

/// Virtual columns came with PostgreSQL 18; before, STORED is the only kind.
fn computed(render: &Render, computed: &Computed) -> Result<String> {
    let virtual_too = render.version.is_none_or(|(major, _)| major >= 18);
    if virtual_too {
        return column::computed(render, computed);
    }
    if computed.persisted == Some(false) {
        return Err(crate::error::compile_error(
            "PostrgreSQL computed columns do not support 'virtual' persistence; set the 'persisted' flag to None or True for PostgreSQL support.",
        ));
    }
    Ok(format!("GENERATED ALWAYS AS ({}) STORED", render.expr(&computed.expr)?))
}
