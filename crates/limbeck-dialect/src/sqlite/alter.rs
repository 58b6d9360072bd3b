//! ALTER COLUMN on SQLite: Alembic writes the statements of the standard, which SQLite refuses unless it is a rename; batch mode is the way.

use crate::alter;
use crate::error::{Result, unsupported_extension};
use crate::render::Render;
use crate::{DialectName, type_sql};
use limbeck_ops::{AlterColumn, Change};

/// Appends the statements.
///
/// # Errors
/// A comment, a generated column or an identity is asked for.
pub(crate) fn statements(render: &Render, op: &AlterColumn, out: &mut Vec<String>) -> Result<()> {
    out.extend(alter::nullable(render, op));
    let default = match &op.server_default {
        Change::Keep => None,
        Change::Clear => Some(None),
        Change::Set(default) => Some(Some(default)),
    };
    if let Some(default) = default {
        if alter::is_computed(op) {
            return Err(alter::computed_refused());
        }
        if alter::is_identity(op) {
            return Err(alter::identity_refused());
        }
        out.push(alter::default(render, op, default)?);
    }
    if let Some(type_) = &op.type_ {
        out.push(format!("{} TYPE {}", alter::column(render, op), type_sql(render.dialect(), type_)?));
    }
    if op.comment != Change::Keep {
        return Err(unsupported_extension(DialectName::Sqlite, "<class 'alembic.ddl.base.ColumnComment'>"));
    }
    if let Some(name) = &op.new_name {
        out.push(format!(
            "{} RENAME COLUMN {} TO {}",
            alter::table(render, op),
            render.ident(&op.column),
            render.ident(name)
        ));
    }
    Ok(())
}
