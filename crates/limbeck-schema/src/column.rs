//! Columns and what fills them.

use crate::{CheckConstraint, ForeignKey, Options};
use limbeck_expr::{ColumnType, Expr, Ident, TableName};
use serde::{Deserialize, Serialize};

/// `autoincrement=` of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Autoincrement {
    /// SQLAlchemy's default: a lone integer primary key without foreign key or default counts up.
    #[default]
    Auto,
    /// Always.
    True,
    /// Never.
    False,
    /// As `Auto`, foreign keys notwithstanding.
    IgnoreFk,
}

/// `sa.Identity(...)`; each field is its argument.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Identity {
    pub always: bool,
    pub on_null: Option<bool>,
    pub start: Option<i64>,
    pub increment: Option<i64>,
    pub minvalue: Option<i64>,
    pub maxvalue: Option<i64>,
    pub nominvalue: Option<bool>,
    pub nomaxvalue: Option<bool>,
    pub cycle: Option<bool>,
    pub cache: Option<i64>,
    pub order: Option<bool>,
}

/// `sa.Computed(sqltext, persisted=)`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Computed {
    pub expr: Expr,
    #[serde(default)]
    pub persisted: Option<bool>,
}

/// `sa.Sequence(...)`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Sequence {
    pub name: TableName,
    /// Its numbers, as for an identity.
    #[serde(default)]
    pub options: Identity,
    #[serde(default)]
    pub data_type: Option<ColumnType>,
    /// Whether it may be left out where the database has no need of it.
    #[serde(default)]
    pub optional: bool,
}

/// `server_default=`, and what SQLAlchemy stores in its place.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ServerDefault {
    /// A plain string: rendered as a quoted literal.
    Text(String),
    /// `text(...)`, a function, any expression.
    Expr(Expr),
    /// `FetchedValue()`: nothing is rendered.
    Fetched,
    /// `Identity()` given as default (ALTER).
    Identity(Identity),
    /// `Computed()` given as default (ALTER).
    Computed(Computed),
    /// As reflected from the database: SQL text, rendered as it is.
    Reflected(String),
}

/// A column.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Column {
    pub name: Ident,
    pub type_: ColumnType,
    /// `None`: not said; then a primary key column is NOT NULL and any other nullable.
    #[serde(default)]
    pub nullable: Option<bool>,
    #[serde(default)]
    pub primary_key: bool,
    #[serde(default)]
    pub autoincrement: Autoincrement,
    /// `unique=True`.
    #[serde(default)]
    pub unique: bool,
    /// `index=True`.
    #[serde(default)]
    pub index: bool,
    #[serde(default)]
    pub server_default: Option<ServerDefault>,
    /// Whether a Python-side `default=` was given (it ends automatic increment, nothing else).
    #[serde(default)]
    pub has_client_default: bool,
    /// `Sequence(...)` in the column. In a box, as the others that few columns have: models and database together hold many columns.
    #[serde(default)]
    pub sequence: Option<Box<Sequence>>,
    #[serde(default)]
    pub identity: Option<Box<Identity>>,
    #[serde(default)]
    pub computed: Option<Box<Computed>>,
    #[serde(default)]
    pub comment: Option<String>,
    /// `sa.ForeignKey(...)` in the column; each has exactly this column.
    #[serde(default)]
    pub foreign_keys: Vec<ForeignKey>,
    /// `sa.CheckConstraint(...)` in the column.
    #[serde(default)]
    pub checks: Vec<CheckConstraint>,
    /// `system=True`: not created.
    #[serde(default)]
    pub system: bool,
    #[serde(default)]
    pub options: Options,
}

impl Column {
    /// Makes a nullable column with nothing else said.
    pub fn new(name: impl Into<Ident>, type_: ColumnType) -> Self {
        Column {
            name: name.into(),
            type_,
            nullable: None,
            primary_key: false,
            autoincrement: Autoincrement::Auto,
            unique: false,
            index: false,
            server_default: None,
            has_client_default: false,
            sequence: None,
            identity: None,
            computed: None,
            comment: None,
            foreign_keys: Vec::new(),
            checks: Vec::new(),
            system: false,
            options: Options::new(),
        }
    }

    /// Whether the column takes NULL.
    pub fn is_nullable(&self) -> bool {
        self.nullable.unwrap_or(!self.primary_key && self.identity.is_none())
    }
}
