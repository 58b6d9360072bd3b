//! Batch mode: `op.batch_alter_table(...)` as plain operations, or as a rebuild of the table.
//!
//! The rules are Alembic's (`alembic/operations/batch.py` and the SQLite implementation): which steps SQLite's ALTER TABLE takes as they are, and what
//! the table made in place of the old one looks like when it does not. Everything here is pure but one look at the [`Catalog`](crate::Catalog); the
//! statements are written by the dialect, from the [`BatchPlan`] this module returns.
//!
//! | file | what |
//! |---|---|
//! | `changes` | the steps of a block as the elementary changes Alembic makes of them (a column with flags also brings constraints) |
//! | `decide` | whether these need a rebuild |
//! | `plain` | the block as ordinary operations |
//! | `existing` | the table as it is: read or given, its constraints named |
//! | `rebuild` | the changes applied to it, one by one |
//! | `order` | the places of its columns |
//! | `render`   | the plan as statements |
//! | `assemble` | the new table, what is copied, its indexes |
//!
//! Where Alembic's order comes from a Python set (the constraints of the old table) the order of reading is kept: the primary key first, then as read.

mod assemble;
mod changes;
mod decide;
mod existing;
mod order;
mod plain;
mod rebuild;
mod render;
#[cfg(test)]
mod tests;

use crate::error::{Result, command_error};
use crate::{Context, DialectName};
use changes::Change;
use existing::Existing;
use limbeck_expr::{Expr, Ident, TableName};
use limbeck_ops::{Batch, BatchStep, CreateTable, DropTable, Operation, Recreate};
use limbeck_schema::{Index, NamingConvention};
use rebuild::Rebuilder;

pub(crate) use render::statements;

/// What a block comes to.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum BatchPlan {
    /// Ordinary operations, in order.
    Steps(Vec<Operation>),
    /// A new table in place of the old one.
    Rebuild(Box<Rebuild>),
}

/// Copy and move: statements in the order of the fields. Constraint names are settled, so the parts are compiled under the default naming convention.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Rebuild {
    /// What runs before the new table is made: `batch_op.execute(...)`, and on PostgreSQL the constraints whose names the new table takes over.
    pub before: Vec<Operation>,
    /// The new table, under a temporary name.
    pub create: CreateTable,
    /// The rows.
    pub copy: CopyRows,
    /// The old table.
    pub drop: DropTable,
    /// The new table's way to its own name.
    pub rename: (TableName, Ident),
    /// The indexes, old ones first.
    pub indexes: Vec<Index>,
}

/// `INSERT INTO to (columns) SELECT expressions FROM from`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct CopyRows {
    pub from: TableName,
    pub to: TableName,
    /// Column of the new table, and its value in terms of the old one.
    pub columns: Vec<(Ident, Expr)>,
}

/// Plans a block.
///
/// # Errors
/// As Alembic: `ValueError` for a constraint or index that is not there, `CommandError` where the table cannot be read in `--sql` mode or a column's
/// place was asked for without a rebuild, `NoSuchTableError` for a missing table; and what the catalog answers.
pub(crate) fn plan(dialect: DialectName, batch: &Batch, ctx: &mut Context<'_>) -> Result<BatchPlan> {
    if !decide::may_rebuild(dialect, batch.recreate) {
        if batch.steps.iter().any(wants_a_place) {
            return Err(no_place_without_rebuild());
        }
        return Ok(BatchPlan::Steps(plain::operations(batch)));
    }
    let mut changes: Vec<Change> = Vec::new();
    for step in &batch.steps {
        if wants_a_place(step) && !decide::rebuilds(dialect, batch.recreate, &changes) {
            return Err(no_place_without_rebuild());
        }
        changes.extend(changes::of_step(dialect, &batch.table, step, ctx.naming)?);
    }
    if !decide::rebuilds(dialect, batch.recreate, &changes) {
        return Ok(BatchPlan::Steps(plain::operations(batch)));
    }
    let existing = existing::load(dialect, batch, ctx)?;
    let rebuild = rebuild(dialect, batch, existing, changes)?;
    Ok(BatchPlan::Rebuild(Box::new(rebuild)))
}

fn rebuild(dialect: DialectName, batch: &Batch, existing: Existing, changes: Vec<Change>) -> Result<Rebuild> {
    let mut rebuilder = Rebuilder::new(dialect, existing, &batch.partial_reordering);
    for change in changes {
        rebuilder.apply(change)?;
    }
    let mut before: Vec<Operation> = batch.steps.iter().filter_map(immediate).collect();
    let mut rebuild = assemble::assemble(dialect, batch, rebuilder)?;
    before.append(&mut rebuild.before);
    rebuild.before = before;
    Ok(rebuild)
}

/// The convention that names what a description leaves unnamed, when the block gives none: SQLAlchemy's own, which names indexes only.
fn convention(batch: &Batch) -> NamingConvention {
    batch.naming_convention.clone().unwrap_or_default()
}

/// `batch_op.execute()` does not wait for the end of the block.
fn immediate(step: &BatchStep) -> Option<Operation> {
    match step {
        BatchStep::Execute(execute) => Some(Operation::Execute(execute.clone())),
        _ => None,
    }
}

fn wants_a_place(step: &BatchStep) -> bool {
    matches!(
        step,
        BatchStep::AddColumn {
            insert_before,
            insert_after,
            ..
        } if insert_before.is_some() || insert_after.is_some()
    )
}

fn no_place_without_rebuild() -> limbeck_ops::HostError {
    command_error("Can't specify insert_before or insert_after when using ALTER; please specify recreate='always'")
}

/// Whether a block with these settings was asked to rebuild, whatever its steps are.
const fn always(recreate: Recreate) -> bool {
    matches!(recreate, Recreate::Always)
}
