//! Constraints.

use crate::Options;
use limbeck_expr::{Expr, Ident, TableName};
use serde::{Deserialize, Serialize};

/// The name of a constraint or index, as far as the script settled it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConstraintName {
    /// No name: the naming convention gives one, or the database.
    #[default]
    Unnamed,
    /// A name that a convention with `%(constraint_name)s` still wraps.
    Given(Ident),
    /// A final name (`op.f("…")`, or read from a database).
    Final(Ident),
}

impl ConstraintName {
    /// The identifier, if there is one.
    pub fn ident(&self) -> Option<&Ident> {
        match self {
            ConstraintName::Unnamed => None,
            ConstraintName::Given(name) | ConstraintName::Final(name) => Some(name),
        }
    }
}

/// PRIMARY KEY or UNIQUE.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct KeyConstraint {
    pub name: ConstraintName,
    pub columns: Vec<Ident>,
    pub deferrable: Option<bool>,
    pub initially: Option<String>,
    pub options: Options,
}

/// CHECK.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CheckConstraint {
    #[serde(default)]
    pub name: ConstraintName,
    pub condition: Expr,
    #[serde(default)]
    pub deferrable: Option<bool>,
    #[serde(default)]
    pub initially: Option<String>,
    #[serde(default)]
    pub options: Options,
}

/// FOREIGN KEY.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ForeignKey {
    #[serde(default)]
    pub name: ConstraintName,
    /// Empty for one written inside a column.
    #[serde(default)]
    pub columns: Vec<Ident>,
    pub referred_table: TableName,
    /// Empty: the referred primary key.
    #[serde(default)]
    pub referred_columns: Vec<Ident>,
    #[serde(default)]
    pub onupdate: Option<String>,
    #[serde(default)]
    pub ondelete: Option<String>,
    #[serde(default)]
    pub deferrable: Option<bool>,
    #[serde(default)]
    pub initially: Option<String>,
    #[serde(default)]
    pub match_: Option<String>,
    /// Created by ALTER TABLE after the tables.
    #[serde(default)]
    pub use_alter: bool,
    #[serde(default)]
    pub options: Options,
}

/// PostgreSQL EXCLUDE.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ExcludeConstraint {
    #[serde(default)]
    pub name: ConstraintName,
    /// Expression and operator.
    pub elements: Vec<(Expr, String)>,
    #[serde(default)]
    pub using: Option<String>,
    #[serde(default)]
    pub where_: Option<Expr>,
    /// Operator classes by column name.
    #[serde(default)]
    pub ops: indexmap::IndexMap<String, String>,
    #[serde(default)]
    pub deferrable: Option<bool>,
    #[serde(default)]
    pub initially: Option<String>,
}

/// A table constraint.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Constraint {
    PrimaryKey(KeyConstraint),
    Unique(KeyConstraint),
    Check(CheckConstraint),
    ForeignKey(ForeignKey),
    Exclude(ExcludeConstraint),
}

impl Constraint {
    /// The constraint's name.
    pub fn name(&self) -> &ConstraintName {
        match self {
            Constraint::PrimaryKey(key) | Constraint::Unique(key) => &key.name,
            Constraint::Check(check) => &check.name,
            Constraint::ForeignKey(key) => &key.name,
            Constraint::Exclude(exclude) => &exclude.name,
        }
    }
}
