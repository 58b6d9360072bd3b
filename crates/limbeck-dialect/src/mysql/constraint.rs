//! How MySQL drops constraints: by kind.

use crate::error::{Result, not_implemented};
use crate::render::Render;
use limbeck_expr::TableName;
use limbeck_ops::ConstraintKind;

/// Renders the DROP for a constraint of that kind.
///
/// # Errors
/// The kind is not given.
pub(crate) fn drop(render: &Render, table: &TableName, name: &str, kind: Option<ConstraintKind>) -> Result<String> {
    let table = render.table(table);
    Ok(match kind {
        Some(ConstraintKind::ForeignKey) => format!("ALTER TABLE {table} DROP FOREIGN KEY {name}"),
        Some(ConstraintKind::PrimaryKey) => format!("ALTER TABLE {table} DROP PRIMARY KEY "),
        Some(ConstraintKind::Unique) => format!("ALTER TABLE {table} DROP INDEX {name}"),
        Some(ConstraintKind::Check) => format!("ALTER TABLE {table} DROP CHECK {name}"),
        None => {
            return Err(not_implemented("No generic 'DROP CONSTRAINT' in MySQL - please specify constraint type"));
        }
    })
}
