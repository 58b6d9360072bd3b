//! What autogenerate proposes: steps as Alembic groups them, each knowing what it replaces, so that each can be turned round.

use limbeck_ops::Operation;
use limbeck_schema::{Column, ColumnType, Constraint, Ident, Index, ServerDefault, Table, TableName};
use serde::{Deserialize, Serialize};

/// Where something was read; it decides how its types are spelled in Python.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// `target_metadata`.
    Models,
    /// The database.
    Database,
}

/// A value and where it was read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Sided<T> {
    /// Where.
    pub side: Side,
    /// What.
    pub item: T,
}

impl<T> Sided<T> {
    /// Of the models.
    pub fn models(item: T) -> Self {
        Sided { side: Side::Models, item }
    }

    /// Of the database.
    pub fn database(item: T) -> Self {
        Sided { side: Side::Database, item }
    }
}

/// One step of a revision.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(clippy::large_enum_variant)] // few live at a time
pub enum Step {
    /// A table with its constraints; its indexes are steps of their own.
    CreateTable(Sided<Table>),
    /// A table is dropped.
    DropTable(Sided<Table>),
    /// Changes of one table.
    Modify(Modify),
    /// What has no place in Alembic's comparison: types, sequences, SQL; with what undoes it.
    Other {
        /// Forwards.
        operation: Operation,
        /// Backwards, if it can be undone.
        undo: Option<Operation>,
    },
    /// SQL in both directions, each statement by itself.
    Sql {
        /// The difference in words.
        about: String,
        /// Forwards.
        up: Vec<String>,
        /// Back.
        down: Vec<String>,
    },
    /// A remark for whoever reads the revision.
    Note(String),
    /// An operation of a project's own, written as its renderer writes it.
    Text(OwnLines),
}

/// What a project's own operation is written as, and what is known of it.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct OwnLines {
    /// The lines.
    pub lines: Vec<String>,
    /// What it changes, for people; empty where nobody said.
    pub about: String,
    /// What Alembic's `check` prints of it: a Python tuple; empty where nobody said.
    pub tuple: String,
    /// What it comes to, as far as that can be told without a database.
    pub operations: Vec<Operation>,
}

/// Changes of one table: Alembic's `ModifyTableOps`, a batch block where those are asked for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Modify {
    /// The table.
    pub table: TableName,
    /// Its changes in order.
    pub changes: Vec<TableChange>,
}

/// One change of a table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(clippy::large_enum_variant)] // few live at a time
pub enum TableChange {
    /// A column is added.
    AddColumn(Sided<Column>),
    /// A column is dropped.
    DropColumn(Sided<Column>),
    /// A column is altered.
    AlterColumn(Box<Alteration>),
    /// An index is created.
    CreateIndex(Sided<Index>),
    /// An index is dropped.
    DropIndex(Sided<Index>),
    /// A constraint is added; the table is as its side names it.
    AddConstraint(TableName, Sided<Constraint>),
    /// A constraint is dropped.
    DropConstraint(TableName, Sided<Constraint>),
    /// The table's comment is set.
    SetComment {
        /// The new one.
        comment: Option<String>,
        /// The one it replaces.
        existing: Option<String>,
    },
    /// The table's comment is removed.
    DropComment {
        /// The one it had.
        existing: Option<String>,
    },
    /// A column gets a new name; nothing else of it changes here.
    RenameColumn {
        /// The old name, with its type.
        column: Sided<Column>,
        /// The new name.
        to: Ident,
    },
    /// A remark for whoever reads the revision.
    Note(String),
}

/// A column's server default: none, or one.
pub type Default = Option<ServerDefault>;

/// A change of a column, with what is known of its present state. The outer `Option` is whether it is mentioned.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Alteration {
    /// The column.
    pub column: Ident,
    /// Its present type, where that was compared.
    pub existing_type: Option<Sided<ColumnType>>,
    /// Whether it takes NULL now.
    pub existing_nullable: Option<bool>,
    /// Its present default.
    pub existing_default: Option<Default>,
    /// Its present comment.
    pub existing_comment: Option<String>,
    /// The new type.
    pub type_: Option<Sided<ColumnType>>,
    /// Whether it is to take NULL.
    pub nullable: Option<bool>,
    /// The new default.
    pub default: Option<Default>,
    /// The new comment.
    pub comment: Option<Option<String>>,
    /// Whether the column counts up; no change, but MySQL must hear it.
    pub autoincrement: Option<bool>,
    /// `postgresql_using`.
    pub using: Option<String>,
    /// The same for the way back.
    pub using_back: Option<String>,
}

impl Alteration {
    /// Where what the column becomes and where its present state were read.
    pub fn sides(&self) -> (Side, Side) {
        match &self.existing_type {
            Some(existing) if existing.side == Side::Models => (Side::Database, Side::Models),
            _ => (Side::Models, Side::Database),
        }
    }

    /// Nothing known, nothing changed.
    pub fn new(column: Ident) -> Self {
        Alteration {
            column,
            existing_type: None,
            existing_nullable: None,
            existing_default: None,
            existing_comment: None,
            type_: None,
            nullable: None,
            default: None,
            comment: None,
            autoincrement: None,
            using: None,
            using_back: None,
        }
    }

    /// Whether anything changes.
    pub fn changes(&self) -> bool {
        self.type_.is_some() || self.nullable.is_some() || self.default.is_some() || self.comment.is_some()
    }

    /// The change back.
    fn reversed(mut self) -> Self {
        if self.type_.is_some() {
            std::mem::swap(&mut self.type_, &mut self.existing_type);
        }
        std::mem::swap(&mut self.using, &mut self.using_back);
        if self.nullable.is_some() {
            std::mem::swap(&mut self.nullable, &mut self.existing_nullable);
        }
        if self.default.is_some() {
            std::mem::swap(&mut self.default, &mut self.existing_default);
        }
        if let Some(comment) = self.comment {
            self.comment = Some(std::mem::replace(&mut self.existing_comment, comment));
        }
        self
    }
}

/// The steps that undo `steps`, in the order they must run.
pub fn reversed(steps: &[Step]) -> Vec<Step> {
    steps.iter().rev().filter_map(|step| reversed_step(step.clone())).collect()
}

fn reversed_step(step: Step) -> Option<Step> {
    Some(match step {
        Step::CreateTable(table) => Step::DropTable(table),
        Step::DropTable(table) => Step::CreateTable(table),
        Step::Modify(modify) => Step::Modify(Modify {
            table: modify.table,
            changes: modify.changes.into_iter().rev().filter_map(reversed_change).collect(),
        }),
        Step::Other { operation, undo } => Step::Other {
            operation: undo?,
            undo: Some(operation),
        },
        Step::Sql { about, up, down } => Step::Sql { about, up: down, down: up },
        Step::Text(_) | Step::Note(_) => return None,
    })
}

fn reversed_change(change: TableChange) -> Option<TableChange> {
    use TableChange as C;
    Some(match change {
        C::AddColumn(column) => C::DropColumn(column),
        C::DropColumn(column) => C::AddColumn(column),
        C::AlterColumn(alteration) => C::AlterColumn(Box::new(alteration.reversed())),
        C::CreateIndex(index) => C::DropIndex(index),
        C::DropIndex(index) => C::CreateIndex(index),
        C::AddConstraint(table, constraint) => C::DropConstraint(table, constraint),
        C::DropConstraint(table, constraint) => C::AddConstraint(table, constraint),
        C::SetComment { comment, existing: None } => C::DropComment { existing: comment },
        C::SetComment { comment, existing } => C::SetComment {
            comment: existing,
            existing: comment,
        },
        C::DropComment { existing } => C::SetComment {
            comment: existing,
            existing: None,
        },
        C::RenameColumn { column, to } => {
            let from = column.item.name.clone();
            let mut column = column;
            column.item.name = to;
            C::RenameColumn { column, to: from }
        }
        C::Note(_) => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reversing_twice_is_the_same() {
        let mut alteration = Alteration::new("a".into());
        alteration.existing_type = Some(Sided::database(ColumnType::SqlInteger));
        alteration.type_ = Some(Sided::models(ColumnType::BigInteger));
        alteration.existing_nullable = Some(true);
        alteration.existing_comment = Some("old".into());
        alteration.comment = Some(None);
        let steps = vec![
            Step::CreateTable(Sided::models(Table::new(TableName::new("t")))),
            Step::Modify(Modify {
                table: TableName::new("u"),
                changes: vec![
                    TableChange::AlterColumn(Box::new(alteration)),
                    TableChange::DropComment { existing: Some("gone".into()) },
                ],
            }),
        ];
        let back = reversed(&steps);
        assert!(matches!(&back[1], Step::DropTable(_)));
        assert_eq!(reversed(&back), steps);
    }
}
