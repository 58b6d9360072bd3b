//! ALTER COLUMN on MySQL: one MODIFY or CHANGE that restates the column, or ALTER … SET DEFAULT when only the default changes.

use super::types;
use crate::error::{Result, command_error};
use crate::render::Render;
use crate::types::{Affinity, affinity};
use crate::{alter, column};
use limbeck_ops::{AlterColumn, Change};

/// Appends the statement.
///
/// # Errors
/// The type is not given where the column is restated, or the default is generated.
pub(crate) fn statements(render: &Render, op: &AlterColumn, out: &mut Vec<String>) -> Result<()> {
    if alter::is_computed(op) && op.server_default != Change::Keep {
        return Err(alter::computed_refused());
    }
    if alter::is_identity(op) && op.server_default != Change::Keep {
        return Err(alter::identity_refused());
    }
    let table = alter::table(render, op);
    let name = render.ident(&op.column);
    if op.new_name.is_some() || is_moment(op) {
        let new_name = op.new_name.as_ref().unwrap_or(&op.column);
        out.push(format!("{table} CHANGE {name} {} {}", render.ident(new_name), restated(render, op)?));
    } else if op.nullable.is_some() || op.type_.is_some() || op.autoincrement.is_some() || op.comment != Change::Keep {
        out.push(format!("{table} MODIFY {name} {}", restated(render, op)?));
    } else if let Change::Set(default) = &op.server_default {
        out.push(match column::default(render, Some(default))? {
            Some(default) => format!("{table} ALTER COLUMN {name} SET DEFAULT {default}"),
            None => format!("{table} ALTER COLUMN {name} DROP DEFAULT"),
        });
    } else if op.server_default == Change::Clear {
        out.push(format!("{table} ALTER COLUMN {name} DROP DEFAULT"));
    }
    Ok(())
}

/// Alembic restates every date and time, whose default may be a function, unless the default is dropped.
fn is_moment(op: &AlterColumn) -> bool {
    let type_ = op.type_.as_ref().or(op.existing_type.as_ref());
    type_.is_some_and(|type_| affinity(type_) == Affinity::DateTime) && op.server_default != Change::Clear
}

fn restated(render: &Render, op: &AlterColumn) -> Result<String> {
    let Some(type_) = op.type_.as_ref().or(op.existing_type.as_ref()) else {
        return Err(command_error("All MySQL CHANGE/MODIFY COLUMN operations require the existing type."));
    };
    let nullable = op.nullable.or(op.existing_nullable).unwrap_or(true);
    let mut out = format!("{} {}", types::sql(type_)?, if nullable { "NULL" } else { "NOT NULL" });
    if op.autoincrement.or(op.existing_autoincrement).unwrap_or(false) {
        out += " AUTO_INCREMENT";
    }
    let default = match (&op.server_default, &op.existing_server_default) {
        (Change::Set(default), _) | (Change::Keep, Change::Set(default)) => Some(default),
        _ => None,
    };
    if let Some(default) = column::default(render, default)? {
        out += &format!(" DEFAULT {default}");
    }
    let comment = match &op.comment {
        Change::Keep => op.existing_comment.as_ref(),
        Change::Clear => None,
        Change::Set(comment) => Some(comment),
    };
    if let Some(comment) = comment {
        out += &format!(" COMMENT {}", render.string(comment));
    }
    Ok(out)
}
