//! The block as ordinary operations: each step with the table's name put back.

use super::immediate;
use limbeck_ops::{AddColumn, AlterColumn, Batch, BatchStep, CreateConstraint, CreateIndex, DropColumn, DropConstraint, DropIndex, Operation};
use limbeck_schema::{Index, Options};

/// What the block does without a rebuild.
pub(super) fn operations(batch: &Batch) -> Vec<Operation> {
    let at_once = batch.steps.iter().filter_map(immediate);
    let at_the_end = batch.steps.iter().filter_map(|step| operation(batch, step));
    at_once.chain(at_the_end).collect()
}

fn operation(batch: &Batch, step: &BatchStep) -> Option<Operation> {
    let table = batch.table.clone();
    Some(match step {
        BatchStep::AddColumn {
            column,
            if_not_exists,
            inline_references,
            inline_primary_key,
            insert_before: _,
            insert_after: _,
        } => Operation::AddColumn(AddColumn {
            table,
            column: column.clone(),
            if_not_exists: *if_not_exists,
            inline_primary_key: *inline_primary_key,
            inline_references: *inline_references,
        }),
        BatchStep::DropColumn {
            column,
            if_exists,
            existing_type: _,
        } => Operation::DropColumn(DropColumn {
            table,
            column: column.clone(),
            if_exists: *if_exists,
            options: Options::new(),
        }),
        BatchStep::AlterColumn(alter) => Operation::AlterColumn(Box::new(AlterColumn { table, ..(**alter).clone() })),
        BatchStep::CreateConstraint(constraint) => Operation::CreateConstraint(CreateConstraint {
            table,
            constraint: constraint.clone(),
        }),
        BatchStep::DropConstraint { name, kind } => Operation::DropConstraint(DropConstraint {
            table,
            name: name.clone(),
            kind: *kind,
            if_exists: false,
            options: Options::new(),
        }),
        BatchStep::CreateIndex(create) => Operation::CreateIndex(CreateIndex {
            index: Index { table, ..create.index.clone() },
            ..create.clone()
        }),
        BatchStep::DropIndex(drop) => Operation::DropIndex(DropIndex {
            table: Some(table),
            ..drop.clone()
        }),
        BatchStep::CreateTableComment { comment } => Operation::CreateTableComment {
            table,
            comment: comment.clone(),
        },
        BatchStep::DropTableComment => Operation::DropTableComment { table },
        BatchStep::RenameTable { to } => Operation::RenameTable { from: table, to: to.clone() },
        BatchStep::Execute(_) => return None,
    })
}
