//! Steps as operations: for running them, and for SQL.

use crate::{Alteration, Modify, Result, Sided, Step, TableChange};
use limbeck_dialect::{Context, DialectName, Memo, compile};
use limbeck_expr::{Query, TableName};
use limbeck_ops::{
    AddColumn, AlterColumn, Batch, BatchStep, Change, ConstraintKind, CreateConstraint, CreateIndex, CreateTable, DropColumn, DropConstraint, DropIndex,
    DropTable, Execute, Operation, Recreate,
};
use limbeck_schema::{Column, Constraint, NamingConvention, OptionValue, ServerDefault, Table};

/// The operations of steps; with `batch` each table's changes are one batch block.
pub fn operations(steps: &[Step], batch: bool) -> Vec<Operation> {
    let mut out = Vec::new();
    for step in steps {
        match step {
            Step::CreateTable(table) => out.push(Operation::CreateTable(CreateTable {
                table: of_table(table),
                if_not_exists: false,
                check_first: false,
                naming_convention: Some(NamingConvention::default()),
            })),
            Step::DropTable(table) => out.push(Operation::DropTable(DropTable {
                table: table.item.name.clone(),
                if_exists: false,
                check_first: false,
                columns: Vec::new(),
                options: limbeck_schema::Options::new(),
            })),
            Step::Modify(modify) if batch => out.push(of_batch(modify)),
            Step::Modify(modify) => out.extend(modify.changes.iter().filter_map(|change| of_change(&modify.table, change))),
            Step::Other { operation, .. } => out.push(operation.clone()),
            Step::Sql { up, .. } => out.extend(up.iter().map(|sql| execute(sql))),
            Step::Text(own) => out.extend(own.operations.iter().cloned()),
            Step::Note(_) => {}
        }
    }
    out
}

/// The SQL of steps as far as it can be told without a database, each statement by itself.
///
/// # Errors
/// The dialect has no words for a step, or must look at the database first (SQLite's rebuilds).
pub fn statements(dialect: DialectName, steps: &[Step], batch: bool) -> Result<Vec<String>> {
    let mut out = Vec::new();
    for operation in operations(steps, batch) {
        out.extend(sql(dialect, &operation)?);
    }
    Ok(out)
}

/// The SQL of an operation, each statement by itself.
pub(crate) fn sql(dialect: DialectName, operation: &Operation) -> Result<Vec<String>> {
    let naming = NamingConvention::default();
    let mut memo = Memo::default();
    let mut context = Context::offline(&naming, &mut memo);
    let mut out = Vec::new();
    compile(dialect, operation, &mut context, &mut out)?;
    Ok(out.into_iter().map(|statement| statement.sql).collect())
}

fn of_table(table: &Sided<Table>) -> Table {
    let mut out = table.item.clone();
    out.indexes.clear();
    out
}

fn execute(sql: &str) -> Operation {
    Operation::Execute(Execute {
        query: Query::Raw {
            sql: sql.to_owned(),
            params: Vec::new(),
        },
        autocommit: false,
    })
}

fn of_change(table: &TableName, change: &TableChange) -> Option<Operation> {
    Some(match change {
        TableChange::AddColumn(column) => Operation::AddColumn(AddColumn {
            table: table.clone(),
            column: column.item.clone(),
            if_not_exists: false,
            inline_primary_key: false,
            inline_references: false,
        }),
        TableChange::DropColumn(column) => Operation::DropColumn(DropColumn {
            table: table.clone(),
            column: column.item.name.clone(),
            if_exists: false,
            options: limbeck_schema::Options::new(),
        }),
        TableChange::AlterColumn(alteration) => Operation::AlterColumn(Box::new(of_alteration(table, alteration))),
        TableChange::RenameColumn { column, to } => Operation::AlterColumn(Box::new(renamed(table, &column.item, to))),
        TableChange::CreateIndex(index) => Operation::CreateIndex(CreateIndex {
            index: index.item.clone(),
            if_not_exists: false,
        }),
        TableChange::DropIndex(index) => Operation::DropIndex(DropIndex {
            name: index.item.name.clone(),
            table: Some(index.item.table.clone()),
            schema: None,
            if_exists: false,
            options: limbeck_schema::Options::new(),
        }),
        TableChange::AddConstraint(table, constraint) => Operation::CreateConstraint(CreateConstraint {
            table: table.clone(),
            constraint: constraint.item.clone(),
        }),
        TableChange::DropConstraint(table, constraint) => Operation::DropConstraint(DropConstraint {
            table: table.clone(),
            name: constraint.item.name().clone(),
            kind: kind(&constraint.item),
            if_exists: false,
            options: limbeck_schema::Options::new(),
        }),
        TableChange::SetComment { comment, .. } => Operation::CreateTableComment {
            table: table.clone(),
            comment: comment.clone(),
        },
        TableChange::DropComment { .. } => Operation::DropTableComment { table: table.clone() },
        TableChange::Note(_) => return None,
    })
}

fn kind(constraint: &Constraint) -> Option<ConstraintKind> {
    Some(match constraint {
        Constraint::PrimaryKey(_) => ConstraintKind::PrimaryKey,
        Constraint::Unique(_) => ConstraintKind::Unique,
        Constraint::Check(_) => ConstraintKind::Check,
        Constraint::ForeignKey(_) => ConstraintKind::ForeignKey,
        Constraint::Exclude(_) => return None,
    })
}

fn of_default(default: &Option<crate::Default>) -> Change<ServerDefault> {
    match default {
        None => Change::Keep,
        Some(None) => Change::Clear,
        Some(Some(default)) => Change::Set(default.clone()),
    }
}

fn of_alteration(table: &TableName, alteration: &Alteration) -> AlterColumn {
    AlterColumn {
        table: table.clone(),
        column: alteration.column.clone(),
        nullable: alteration.nullable,
        server_default: of_default(&alteration.default),
        comment: match &alteration.comment {
            None => Change::Keep,
            Some(None) => Change::Clear,
            Some(Some(comment)) => Change::Set(comment.clone()),
        },
        new_name: None,
        type_: alteration.type_.as_ref().map(|type_| type_.item.clone()),
        autoincrement: alteration.autoincrement,
        existing_type: alteration.existing_type.as_ref().map(|type_| type_.item.clone()),
        existing_server_default: of_default(&alteration.existing_default),
        existing_nullable: alteration.existing_nullable,
        existing_autoincrement: None,
        existing_comment: alteration.existing_comment.clone(),
        options: alteration
            .using
            .iter()
            .map(|using| ("postgresql_using".to_owned(), OptionValue::Text(using.clone())))
            .collect(),
    }
}

fn renamed(table: &TableName, column: &Column, to: &limbeck_schema::Ident) -> AlterColumn {
    let mut out = of_alteration(table, &Alteration::new(column.name.clone()));
    out.new_name = Some(to.clone());
    out.existing_type = Some(column.type_.clone());
    out.existing_nullable = Some(column.is_nullable());
    out
}

fn of_batch(modify: &Modify) -> Operation {
    let step = |change: &TableChange| {
        Some(match change {
            TableChange::AddColumn(column) => BatchStep::AddColumn {
                column: column.item.clone(),
                insert_before: None,
                insert_after: None,
                if_not_exists: false,
                inline_references: false,
                inline_primary_key: false,
            },
            TableChange::DropColumn(column) => BatchStep::DropColumn {
                column: column.item.name.clone(),
                if_exists: false,
                existing_type: None,
            },
            TableChange::AlterColumn(alteration) => BatchStep::AlterColumn(Box::new(of_alteration(&modify.table, alteration))),
            TableChange::RenameColumn { column, to } => BatchStep::AlterColumn(Box::new(renamed(&modify.table, &column.item, to))),
            TableChange::CreateIndex(index) => BatchStep::CreateIndex(CreateIndex {
                index: index.item.clone(),
                if_not_exists: false,
            }),
            TableChange::DropIndex(index) => BatchStep::DropIndex(DropIndex {
                name: index.item.name.clone(),
                table: Some(index.item.table.clone()),
                schema: None,
                if_exists: false,
                options: limbeck_schema::Options::new(),
            }),
            TableChange::AddConstraint(_, constraint) => BatchStep::CreateConstraint(constraint.item.clone()),
            TableChange::DropConstraint(_, constraint) => BatchStep::DropConstraint {
                name: constraint.item.name().clone(),
                kind: kind(&constraint.item),
            },
            TableChange::SetComment { comment, .. } => BatchStep::CreateTableComment { comment: comment.clone() },
            TableChange::DropComment { .. } => BatchStep::DropTableComment,
            TableChange::Note(_) => return None,
        })
    };
    Operation::Batch(Box::new(Batch {
        table: modify.table.clone(),
        recreate: Recreate::Auto,
        copy_from: None,
        extra_constraints: Vec::new(),
        extra_indexes: Vec::new(),
        table_options: limbeck_schema::Options::new(),
        reflect_columns: Vec::new(),
        naming_convention: None,
        partial_reordering: Vec::new(),
        steps: modify.changes.iter().filter_map(step).collect(),
    }))
}

/// What an operation is about, for people.
pub(crate) fn subject(operation: &Operation) -> String {
    match operation {
        Operation::CreateEnum { type_, .. } | Operation::DropEnum { type_, .. } => {
            format!("Type {}", type_.name.as_ref().map_or("(unnamed)", |name| name.as_str()))
        }
        Operation::CreateSequence { sequence, .. } => format!("Sequence {}", sequence.name),
        Operation::DropSequence { name, .. } => format!("Sequence {name}"),
        Operation::CreateSchema { name, .. } | Operation::DropSchema { name, .. } => format!("Schema {name}"),
        Operation::RenameTable { from, to } => format!("The name of table {from} ({to})"),
        _ => "An object".to_owned(),
    }
}
