//! Parts of ALTER COLUMN that dialects share.

use crate::column;
use crate::error::{Result, compile_error};
use crate::render::Render;
use limbeck_ops::{AlterColumn, Change};
use limbeck_schema::ServerDefault;

/// `ALTER TABLE t`.
pub(crate) fn table(render: &Render, op: &AlterColumn) -> String {
    format!("ALTER TABLE {}", render.quoter.altered_table(&op.table))
}

/// `ALTER TABLE t ALTER COLUMN c`.
pub(crate) fn column(render: &Render, op: &AlterColumn) -> String {
    format!("{} ALTER COLUMN {}", table(render, op), render.ident(&op.column))
}

/// The change of nullability, if there is one.
pub(crate) fn nullable(render: &Render, op: &AlterColumn) -> Option<String> {
    op.nullable
        .map(|nullable| format!("{} {}", column(render, op), if nullable { "DROP NOT NULL" } else { "SET NOT NULL" }))
}

/// `SET DEFAULT …` or `DROP DEFAULT`.
///
/// # Errors
/// The expression cannot be rendered.
pub(crate) fn default(render: &Render, op: &AlterColumn, default: Option<&ServerDefault>) -> Result<String> {
    let head = column(render, op);
    Ok(match column::default(render, default)? {
        Some(default) => format!("{head} SET DEFAULT {default}"),
        None => format!("{head} DROP DEFAULT"),
    })
}

/// Whether the default is, or was, generated.
pub(crate) fn is_computed(op: &AlterColumn) -> bool {
    either(op, |default| matches!(default, ServerDefault::Computed(_)))
}

/// Whether the default is, or was, an identity.
pub(crate) fn is_identity(op: &AlterColumn) -> bool {
    either(op, |default| matches!(default, ServerDefault::Identity(_)))
}

fn either(op: &AlterColumn, test: impl Fn(&ServerDefault) -> bool) -> bool {
    [&op.server_default, &op.existing_server_default]
        .into_iter()
        .any(|change| matches!(change, Change::Set(default) if test(default)))
}

/// Alembic's refusal to turn a column into a generated one or back.
pub(crate) fn computed_refused() -> limbeck_ops::HostError {
    compile_error("Adding or removing a \"computed\" construct, e.g. GENERATED ALWAYS AS, to or from an existing column is not supported.")
}

/// Alembic's refusal to touch identities where the database has none.
pub(crate) fn identity_refused() -> limbeck_ops::HostError {
    compile_error(
        "Adding, removing or modifying an \"identity\" construct, e.g. GENERATED AS IDENTITY, to or from an existing column is not supported in this dialect.",
    )
}
