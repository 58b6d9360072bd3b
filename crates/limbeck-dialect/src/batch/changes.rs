//! The steps of a block as elementary changes.
//!
//! A step may be several: a column brings the constraints and the index of its flags, a change between types that come with a CHECK (Boolean, Enum)
//! takes the old one away and brings the new one. Names are settled here, under the convention of `target_metadata` and the table's real name.

use crate::DialectName;
use crate::error::Result;
use crate::resolve::{flag_index, settle_constraint, settle_index, type_check};
use limbeck_expr::{ColumnType, Expr, Ident, TableName};
use limbeck_ops::{AlterColumn, BatchStep, ConstraintKind};
use limbeck_schema::{CheckConstraint, Column, Constraint, ConstraintName, ForeignKey, Index, KeyConstraint, NamingConvention, Options};

/// An elementary change.
#[derive(Debug, Clone, PartialEq)]
#[allow(clippy::large_enum_variant)] // few live at a time
pub(super) enum Change {
    AddColumn {
        /// Without its foreign keys, which became changes of their own.
        column: Column,
        before: Option<Ident>,
        after: Option<Ident>,
    },
    DropColumn {
        column: Ident,
        existing_type: Option<ColumnType>,
    },
    AlterColumn(Box<AlterColumn>),
    AddConstraint(TypedConstraint),
    DropConstraint {
        name: ConstraintName,
        type_bound: bool,
    },
    CreateIndex(Index),
    DropIndex(ConstraintName),
    /// Setting or dropping the comment: asks for a rebuild, which then does not carry it (as in Alembic).
    TableComment,
    /// There is no such thing in a rebuild.
    RenameTable,
}

/// A constraint with a settled name; `type_bound` when it came with a column's type.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct TypedConstraint {
    pub constraint: Constraint,
    pub type_bound: bool,
}

/// The changes of one step; none for a statement, which runs at once.
pub(super) fn of_step(dialect: DialectName, table: &TableName, step: &BatchStep, naming: &NamingConvention) -> Result<Vec<Change>> {
    let settled = |constraint: Constraint| -> Result<Change> {
        Ok(Change::AddConstraint(TypedConstraint {
            constraint: settle_constraint(&constraint, table, naming)?,
            type_bound: false,
        }))
    };
    Ok(match step {
        BatchStep::AddColumn {
            column,
            insert_before,
            insert_after,
            inline_references,
            ..
        } => {
            let mut changes = vec![Change::AddColumn {
                column: bare(column, table, naming)?,
                before: insert_before.clone(),
                after: insert_after.clone(),
            }];
            if column.unique && !column.index {
                changes.push(settled(Constraint::Unique(KeyConstraint {
                    columns: vec![column.name.clone()],
                    ..KeyConstraint::default()
                }))?);
            }
            changes.extend(added_check(dialect, table, &column.name, &column.type_, naming)?);
            let inline = *inline_references && column.foreign_keys.len() == 1;
            for key in column.foreign_keys.iter().filter(|_| !inline) {
                changes.push(settled(Constraint::ForeignKey(ForeignKey {
                    columns: vec![column.name.clone()],
                    ..key.clone()
                }))?);
            }
            if column.index {
                changes.push(Change::CreateIndex(settle_index(&flag_index(column, table), naming)?));
            }
            changes
        }
        BatchStep::DropColumn { column, existing_type, .. } => vec![Change::DropColumn {
            column: column.clone(),
            existing_type: existing_type.clone(),
        }],
        BatchStep::AlterColumn(alter) => alter_column(dialect, table, alter, naming)?,
        BatchStep::CreateConstraint(constraint) => vec![settled(constraint.clone())?],
        BatchStep::DropConstraint { name, kind } => vec![Change::DropConstraint {
            name: dropped_name(name, *kind, table, naming)?,
            type_bound: false,
        }],
        BatchStep::CreateIndex(create) => vec![Change::CreateIndex(settle_index(&of_table(&create.index, table), naming)?)],
        BatchStep::DropIndex(drop) => vec![Change::DropIndex(dropped_index(&drop.name, table, naming)?)],
        BatchStep::CreateTableComment { .. } | BatchStep::DropTableComment => vec![Change::TableComment],
        BatchStep::RenameTable { .. } => vec![Change::RenameTable],
        BatchStep::Execute(_) => Vec::new(),
    })
}

fn alter_column(dialect: DialectName, table: &TableName, alter: &AlterColumn, naming: &NamingConvention) -> Result<Vec<Change>> {
    let mut changes = Vec::new();
    if let (Some(old), Some(_)) = (&alter.existing_type, &alter.type_)
        && let Some(check) = type_check(&alter.column, old, dialect)
    {
        changes.push(Change::DropConstraint {
            name: settle_bound(check, table, naming)?.name,
            type_bound: true,
        });
    }
    changes.push(Change::AlterColumn(Box::new(alter.clone())));
    if let Some(new) = &alter.type_ {
        changes.extend(added_check(dialect, table, &alter.column, new, naming)?);
    }
    Ok(changes)
}

fn added_check(dialect: DialectName, table: &TableName, column: &Ident, type_: &ColumnType, naming: &NamingConvention) -> Result<Option<Change>> {
    let Some(check) = type_check(column, type_, dialect) else { return Ok(None) };
    Ok(Some(Change::AddConstraint(TypedConstraint {
        constraint: Constraint::Check(settle_bound(check, table, naming)?),
        type_bound: true,
    })))
}

/// The check of a type without a name stays without one: only rendering would name it, and what is rendered here has no convention.
fn settle_bound(check: CheckConstraint, table: &TableName, naming: &NamingConvention) -> Result<CheckConstraint> {
    if check.name == ConstraintName::Unnamed {
        return Ok(check);
    }
    match settle_constraint(&Constraint::Check(check.clone()), table, naming)? {
        Constraint::Check(settled) => Ok(settled),
        _ => Ok(check),
    }
}

/// The column without its references, which became changes of their own. Checks written in it stay, named.
///
/// `unique` and `index` stay too, and so such a column gets its constraint or index a second time in a rebuilt table, unnamed or under the temporary
/// table's name: Alembic's database has them, and a later script may come to meet them.
fn bare(column: &Column, table: &TableName, naming: &NamingConvention) -> Result<Column> {
    let mut out = column.clone();
    out.foreign_keys = Vec::new();
    out.checks = named_checks(&column.checks, table, naming)?;
    Ok(out)
}

/// Checks inside a column, named.
pub(super) fn named_checks(checks: &[CheckConstraint], table: &TableName, naming: &NamingConvention) -> Result<Vec<CheckConstraint>> {
    checks
        .iter()
        .map(|check| {
            Ok(match settle_constraint(&Constraint::Check(check.clone()), table, naming)? {
                Constraint::Check(settled) => settled,
                _ => check.clone(),
            })
        })
        .collect()
}

fn of_table(index: &Index, table: &TableName) -> Index {
    Index {
        table: table.clone(),
        ..index.clone()
    }
}

/// A dropped constraint's name goes through the convention as a created one's does, which takes its kind.
fn dropped_name(name: &ConstraintName, kind: Option<ConstraintKind>, table: &TableName, naming: &NamingConvention) -> Result<ConstraintName> {
    let (ConstraintName::Given(_), Some(kind)) = (name, kind) else {
        return Ok(name.clone());
    };
    let key = || KeyConstraint {
        name: name.clone(),
        ..KeyConstraint::default()
    };
    let constraint = match kind {
        ConstraintKind::PrimaryKey => Constraint::PrimaryKey(key()),
        ConstraintKind::Unique => Constraint::Unique(key()),
        ConstraintKind::Check => Constraint::Check(CheckConstraint {
            name: name.clone(),
            condition: Expr::Null,
            deferrable: None,
            initially: None,
            options: Options::new(),
        }),
        ConstraintKind::ForeignKey => Constraint::ForeignKey(ForeignKey {
            name: name.clone(),
            columns: Vec::new(),
            referred_table: table.clone(),
            referred_columns: Vec::new(),
            onupdate: None,
            ondelete: None,
            deferrable: None,
            initially: None,
            match_: None,
            use_alter: false,
            options: Options::new(),
        }),
    };
    Ok(settle_constraint(&constraint, table, naming)?.name().clone())
}

fn dropped_index(name: &ConstraintName, table: &TableName, naming: &NamingConvention) -> Result<ConstraintName> {
    let ConstraintName::Given(_) = name else { return Ok(name.clone()) };
    let index = Index {
        name: name.clone(),
        table: table.clone(),
        elements: Vec::new(),
        unique: false,
        options: Options::new(),
    };
    Ok(settle_index(&index, naming)?.name)
}
