//! Tables and indexes.

use crate::{Column, Constraint, ConstraintName, Options};
use limbeck_expr::{Expr, TableName};
use serde::{Deserialize, Serialize};

/// An index. A column element is `Expr::Column`; sorting is `Expr::Postfix` around it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Index {
    #[serde(default)]
    pub name: ConstraintName,
    pub table: TableName,
    pub elements: Vec<Expr>,
    #[serde(default)]
    pub unique: bool,
    #[serde(default)]
    pub options: Options,
}

/// A table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Table {
    pub name: TableName,
    pub columns: Vec<Column>,
    #[serde(default)]
    pub constraints: Vec<Constraint>,
    #[serde(default)]
    pub indexes: Vec<Index>,
    #[serde(default)]
    pub comment: Option<String>,
    /// Words after CREATE (`UNLOGGED`).
    #[serde(default)]
    pub prefixes: Vec<String>,
    #[serde(default)]
    pub options: Options,
    /// `info` of a model, as Python shows it; Alembic writes it down.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub info: Option<String>,
}

impl Table {
    /// Makes a table without columns.
    pub fn new(name: TableName) -> Self {
        Table {
            name,
            columns: Vec::new(),
            constraints: Vec::new(),
            indexes: Vec::new(),
            comment: None,
            prefixes: Vec::new(),
            options: Options::new(),
            info: None,
        }
    }

    /// The column of that name.
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.name.as_str() == name)
    }
}
