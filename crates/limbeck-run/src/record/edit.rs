//! What operations that were only written down do to the description of a table.

use limbeck_ops::{AlterColumn, Batch, BatchStep, Change, Operation};
use limbeck_schema::{Column, ColumnType, Constraint, Ident, Index, ServerDefault, Table, TableName};

/// One change of a table's description.
#[derive(Debug, Clone)]
pub(super) enum Edit {
    Add(Box<Column>),
    Drop(Ident),
    Rename(Ident, Ident),
    Type(Ident, ColumnType),
    Nullable(Ident, bool),
    Default(Ident, Option<ServerDefault>),
    Index(Box<Index>),
    DropIndex(Ident),
    Constraint(Box<Constraint>),
    DropConstraint(Ident),
}

/// The edits of an operation, where they are all it does to a table's description.
pub(super) fn of(operation: &Operation) -> Option<(TableName, Vec<Edit>)> {
    Some(match operation {
        Operation::AddColumn(add) if is_plain_column(&add.column) => (add.table.clone(), vec![Edit::Add(Box::new(add.column.clone()))]),
        Operation::DropColumn(drop) => (drop.table.clone(), vec![Edit::Drop(drop.column.clone())]),
        Operation::AlterColumn(alter) => (alter.table.clone(), of_alter(alter)),
        Operation::CreateIndex(create) => (create.index.table.clone(), vec![Edit::Index(Box::new(create.index.clone()))]),
        Operation::DropIndex(drop) => (drop.table.clone()?, vec![Edit::DropIndex(drop.name.ident()?.clone())]),
        Operation::CreateConstraint(create) => (create.table.clone(), vec![Edit::Constraint(Box::new(create.constraint.clone()))]),
        Operation::DropConstraint(drop) => (drop.table.clone(), vec![Edit::DropConstraint(drop.name.ident()?.clone())]),
        Operation::Batch(batch) => (batch.table.clone(), of_batch(batch)?),
        _ => return None,
    })
}

/// The edits of a block; none where one of its steps is not known to be one.
fn of_batch(batch: &Batch) -> Option<Vec<Edit>> {
    let is_plain = batch.extra_constraints.is_empty() && batch.extra_indexes.is_empty() && batch.reflect_columns.is_empty() && batch.copy_from.is_none();
    let mut edits = Vec::new();
    for step in is_plain.then_some(&batch.steps)? {
        match step {
            BatchStep::AddColumn { column, .. } if is_plain_column(column) => edits.push(Edit::Add(Box::new(column.clone()))),
            BatchStep::DropColumn { column, .. } => edits.push(Edit::Drop(column.clone())),
            BatchStep::AlterColumn(alter) => edits.extend(of_alter(alter)),
            BatchStep::CreateConstraint(constraint) => edits.push(Edit::Constraint(Box::new(constraint.clone()))),
            BatchStep::DropConstraint { name, .. } => edits.push(Edit::DropConstraint(name.ident()?.clone())),
            BatchStep::CreateIndex(create) => edits.push(Edit::Index(Box::new(create.index.clone()))),
            BatchStep::DropIndex(drop) => edits.push(Edit::DropIndex(drop.name.ident()?.clone())),
            BatchStep::CreateTableComment { .. } | BatchStep::DropTableComment => {}
            BatchStep::AddColumn { .. } | BatchStep::RenameTable { .. } | BatchStep::Execute(_) => return None,
        }
    }
    Some(edits)
}

/// Whether a column brings no key or index with it: those come as operations of their own, or with names that are not known here.
fn is_plain_column(column: &Column) -> bool {
    column.foreign_keys.is_empty() && !column.unique && !column.primary_key
}

fn of_alter(alter: &AlterColumn) -> Vec<Edit> {
    let column = &alter.column;
    let mut edits = Vec::new();
    edits.extend(alter.type_.clone().map(|type_| Edit::Type(column.clone(), type_)));
    edits.extend(alter.nullable.map(|nullable| Edit::Nullable(column.clone(), nullable)));
    match &alter.server_default {
        Change::Keep => {}
        Change::Clear => edits.push(Edit::Default(column.clone(), None)),
        Change::Set(default) => edits.push(Edit::Default(column.clone(), Some(default.clone()))),
    }
    edits.extend(alter.new_name.clone().map(|to| Edit::Rename(column.clone(), to)));
    edits
}

/// Changes a description.
pub(super) fn apply(table: &mut Table, edits: &[Edit]) {
    for edit in edits {
        match edit {
            Edit::Add(column) => table.columns.push((**column).clone()),
            Edit::Drop(name) => {
                table.columns.retain(|column| column.name.text != name.text);
                table
                    .constraints
                    .retain(|constraint| !columns(constraint).iter().any(|column| column.text == name.text));
            }
            Edit::Rename(name, to) => {
                for column in columns_named(table, name) {
                    column.name = to.clone();
                }
                for constraint in &mut table.constraints {
                    for column in columns_mut(constraint).iter_mut().filter(|column| column.text == name.text) {
                        *column = to.clone();
                    }
                }
            }
            Edit::Type(name, type_) => {
                for column in columns_named(table, name) {
                    column.type_ = type_.clone();
                }
            }
            Edit::Nullable(name, nullable) => {
                for column in columns_named(table, name) {
                    column.nullable = Some(*nullable);
                }
            }
            Edit::Default(name, default) => {
                for column in columns_named(table, name) {
                    column.server_default.clone_from(default);
                }
            }
            Edit::Index(index) => table.indexes.push((**index).clone()),
            Edit::DropIndex(name) => table.indexes.retain(|index| index.name.ident().is_none_or(|other| other.text != name.text)),
            Edit::Constraint(constraint) => table.constraints.push((**constraint).clone()),
            Edit::DropConstraint(name) => table
                .constraints
                .retain(|constraint| constraint.name().ident().is_none_or(|other| other.text != name.text)),
        }
    }
}

fn columns_named<'a>(table: &'a mut Table, name: &'a Ident) -> impl Iterator<Item = &'a mut Column> {
    table.columns.iter_mut().filter(|column| column.name.text == name.text)
}

fn columns(constraint: &Constraint) -> &[Ident] {
    match constraint {
        Constraint::PrimaryKey(key) | Constraint::Unique(key) => &key.columns,
        Constraint::ForeignKey(key) => &key.columns,
        Constraint::Check(_) | Constraint::Exclude(_) => &[],
    }
}

fn columns_mut(constraint: &mut Constraint) -> &mut [Ident] {
    match constraint {
        Constraint::PrimaryKey(key) | Constraint::Unique(key) => &mut key.columns,
        Constraint::ForeignKey(key) => &mut key.columns,
        Constraint::Check(_) | Constraint::Exclude(_) => &mut [],
    }
}
