//! The parts of a script that Alembic asks `render_item` about before it writes them.

use crate::{Side, Sided, Step, TableChange, alembic_default};
use limbeck_schema::{Column, Constraint, Table, TableName};

/// A part of a table, by what tells it from others.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Part {
    /// Where it was read.
    pub side: Side,
    /// Its table.
    pub table: TableName,
    /// What of the table.
    pub kind: PartKind,
}

/// What a part is.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum PartKind {
    /// A column.
    Column(String),
    /// A column's type.
    Type(String),
    /// A column's server default.
    Default(String),
    /// A constraint inside of `create_table`.
    Constraint {
        /// Alembic's word for its kind.
        kind: &'static str,
        /// Its name.
        name: Option<String>,
        /// Its columns.
        columns: Vec<String>,
    },
}

impl PartKind {
    /// The word that `render_item` gets.
    pub fn word(&self) -> &'static str {
        match self {
            PartKind::Column(_) => "column",
            PartKind::Type(_) => "type",
            PartKind::Default(_) => "server_default",
            PartKind::Constraint { kind, .. } => kind,
        }
    }

    /// A constraint as a part.
    pub fn constraint(constraint: &Constraint) -> Self {
        let (kind, columns) = match constraint {
            Constraint::PrimaryKey(key) => ("primary_key", key.columns.clone()),
            Constraint::Unique(key) => ("unique", key.columns.clone()),
            Constraint::ForeignKey(key) => ("foreign_key", key.columns.clone()),
            Constraint::Check(check) => ("check", limbeck_dialect::mentioned_columns(&check.condition)),
            Constraint::Exclude(exclude) => {
                let mentioned = exclude.elements.iter().flat_map(|(element, _)| limbeck_dialect::mentioned_columns(element));
                ("exclude", mentioned.collect())
            }
        };
        PartKind::Constraint {
            kind,
            name: constraint.name().ident().map(|name| name.text.clone()),
            columns: columns.into_iter().map(|column| column.text).collect(),
        }
    }
}

/// What has to be asked before the steps are written; the models' types are spelled when the models are read.
pub fn parts(steps: &[Step]) -> Vec<Part> {
    let mut out = Vec::new();
    for step in steps {
        match step {
            Step::CreateTable(Sided { side, item }) => of_table(*side, item, &mut out),
            Step::Modify(modify) => modify.changes.iter().for_each(|change| of_change(&modify.table, change, &mut out)),
            _ => {}
        }
    }
    out
}

fn of_table(side: Side, table: &Table, out: &mut Vec<Part>) {
    for column in &table.columns {
        of_column(side, &table.name, column, out);
    }
    out.extend(table.constraints.iter().map(|constraint| Part {
        side,
        table: table.name.clone(),
        kind: PartKind::constraint(constraint),
    }));
}

fn of_column(side: Side, table: &TableName, column: &Column, out: &mut Vec<Part>) {
    let name = || column.name.text.clone();
    let mut kinds = vec![PartKind::Column(name())];
    if side == Side::Database {
        kinds.push(PartKind::Type(name()));
    }
    if alembic_default(column).is_some() {
        kinds.push(PartKind::Default(name()));
    }
    out.extend(kinds.into_iter().map(|kind| Part {
        side,
        table: table.clone(),
        kind,
    }));
}

fn of_change(table: &TableName, change: &TableChange, out: &mut Vec<Part>) {
    match change {
        TableChange::AddColumn(Sided { side, item }) => of_column(*side, table, item, out),
        TableChange::AlterColumn(alteration) => {
            let name = || alteration.column.text.clone();
            let mut part = |side, kind| {
                out.push(Part {
                    side,
                    table: table.clone(),
                    kind,
                });
            };
            let types = alteration.existing_type.iter().chain(&alteration.type_);
            if types.into_iter().any(|type_| type_.side == Side::Database) {
                part(Side::Database, PartKind::Type(name()));
            }
            let (new, existing) = alteration.sides();
            if matches!(alteration.default, Some(Some(_))) {
                part(new, PartKind::Default(name()));
            }
            if matches!(alteration.existing_default, Some(Some(_))) {
                part(existing, PartKind::Default(name()));
            }
        }
        _ => {}
    }
}
