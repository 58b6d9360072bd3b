//! Whether a block needs a rebuild.

use super::{always, changes::Change};
use crate::DialectName;
use limbeck_ops::Recreate;
use limbeck_schema::{Column, ServerDefault};

/// Whether any steps could lead to a rebuild: only SQLite rebuilds of its own accord.
pub(super) fn may_rebuild(dialect: DialectName, recreate: Recreate) -> bool {
    always(recreate) || (recreate == Recreate::Auto && dialect == DialectName::Sqlite)
}

/// Whether these changes lead to a rebuild.
pub(super) fn rebuilds(dialect: DialectName, recreate: Recreate, changes: &[Change]) -> bool {
    always(recreate) || (may_rebuild(dialect, recreate) && changes.iter().any(beyond_alter_table))
}

/// SQLite's ALTER TABLE adds columns, and indexes stand beside the table; Alembic rebuilds for anything else.
fn beyond_alter_table(change: &Change) -> bool {
    match change {
        Change::AddColumn { column, .. } => !can_be_added(column),
        Change::CreateIndex(_) | Change::DropIndex(_) => false,
        Change::DropColumn { .. }
        | Change::AlterColumn(_)
        | Change::AddConstraint(_)
        | Change::DropConstraint { .. }
        | Change::TableComment
        | Change::RenameTable => true,
    }
}

/// A default that is an expression may not be constant, and a stored generated column cannot be added
/// (<https://www.sqlite.org/lang_altertable.html#alter_table_add_column>).
fn can_be_added(column: &Column) -> bool {
    let persisted = |computed: &limbeck_schema::Computed| computed.persisted == Some(true);
    match &column.server_default {
        Some(ServerDefault::Expr(_)) => false,
        Some(ServerDefault::Computed(computed)) => !persisted(computed),
        _ => !column.computed.as_deref().is_some_and(persisted),
    }
}
