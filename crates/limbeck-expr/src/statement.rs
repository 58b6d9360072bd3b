//! Statements that scripts build: select, insert, update, delete, text.

use crate::{BindParam, Expr, FromItem, Ident, TableName};
use serde::{Deserialize, Serialize};

/// A statement a script hands over for execution.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Query {
    /// `sa.text(...)`.
    Text(TextQuery),
    /// A plain string given to the driver (`exec_driver_sql`, `op.execute("...")` offline): never touched.
    Raw {
        sql: String,
        #[serde(default)]
        params: Vec<crate::Literal>,
    },
    /// `SELECT`.
    Select(Box<Select>),
    /// `INSERT`.
    Insert(Box<Insert>),
    /// `UPDATE`.
    Update(Box<Update>),
    /// `DELETE`.
    Delete(Box<Delete>),
}

/// Text with named parameters (`:name`; `\:` is a colon; `::` is a cast).
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct TextQuery {
    /// The text as the script wrote it.
    pub sql: String,
    /// The parameters known by name.
    pub binds: Vec<BindParam>,
}

/// `WITH name AS (…)`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CteDef {
    /// The name.
    pub name: Ident,
    /// Column names, if listed.
    #[serde(default)]
    pub columns: Vec<Ident>,
    /// The query.
    pub query: Box<Query>,
    /// `WITH RECURSIVE`.
    #[serde(default)]
    pub recursive: bool,
}

/// The kind of a join.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum JoinKind {
    Inner,
    Left,
    Full,
}

/// `left JOIN right ON …`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Join {
    /// Left side.
    pub left: FromItem,
    /// Right side.
    pub right: FromItem,
    /// Kind.
    pub kind: JoinKind,
    /// Condition.
    pub on: Expr,
}

/// UNION and its kin.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SetOperation {
    /// `UNION`, `UNION ALL`, `INTERSECT`, `EXCEPT`, …
    pub keyword: String,
    /// The right-hand query.
    pub select: Select,
}

/// `SELECT`.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
#[allow(missing_docs)] // fields are the clauses of the same name
pub struct Select {
    pub ctes: Vec<CteDef>,
    pub distinct: bool,
    pub distinct_on: Vec<Expr>,
    pub columns: Vec<Expr>,
    pub from: Vec<FromItem>,
    pub where_: Vec<Expr>,
    pub group_by: Vec<Expr>,
    pub having: Vec<Expr>,
    pub set_operations: Vec<SetOperation>,
    pub order_by: Vec<Expr>,
    pub limit: Option<Box<Expr>>,
    pub offset: Option<Box<Expr>>,
    /// `FOR UPDATE` and its options, as text.
    pub for_update: Option<String>,
}

/// `column = expression`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Assignment {
    /// The column.
    pub column: Ident,
    /// The value.
    pub value: Expr,
}

/// Where an INSERT takes its rows from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InsertSource {
    /// `VALUES`, one or more rows.
    Rows(Vec<Vec<Expr>>),
    /// `SELECT`.
    Select(Box<Query>),
    /// `DEFAULT VALUES`.
    Defaults,
}

/// What a conflict is decided on.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ConflictTarget {
    /// Index elements.
    pub elements: Vec<Expr>,
    /// Partial index condition.
    pub where_: Option<Box<Expr>>,
    /// `ON CONSTRAINT name`.
    pub constraint: Option<Ident>,
}

/// What a conflict does.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConflictAction {
    /// `DO NOTHING`.
    Nothing,
    /// `DO UPDATE SET … WHERE …`.
    Update {
        set: Vec<Assignment>,
        #[serde(default)]
        where_: Option<Box<Expr>>,
    },
}

/// `ON CONFLICT`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OnConflict {
    /// Target.
    #[serde(default)]
    pub target: Option<ConflictTarget>,
    /// Action.
    pub action: ConflictAction,
}

/// `INSERT`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs)] // fields are the clauses of the same name
pub struct Insert {
    #[serde(default)]
    pub ctes: Vec<CteDef>,
    /// Words between INSERT and INTO (`OR IGNORE`).
    #[serde(default)]
    pub prefixes: Vec<String>,
    pub table: TableName,
    pub columns: Vec<Ident>,
    pub source: InsertSource,
    #[serde(default)]
    pub on_conflict: Option<OnConflict>,
    #[serde(default)]
    pub returning: Vec<Expr>,
}

/// `UPDATE`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct Update {
    #[serde(default)]
    pub ctes: Vec<CteDef>,
    pub table: TableName,
    #[serde(default)]
    pub alias: Option<Ident>,
    pub set: Vec<Assignment>,
    /// Further tables (`UPDATE … FROM`).
    #[serde(default)]
    pub from: Vec<FromItem>,
    #[serde(default)]
    pub where_: Vec<Expr>,
    #[serde(default)]
    pub returning: Vec<Expr>,
}

/// `DELETE`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct Delete {
    #[serde(default)]
    pub ctes: Vec<CteDef>,
    pub table: TableName,
    #[serde(default)]
    pub alias: Option<Ident>,
    /// Further tables (`DELETE … USING`).
    #[serde(default)]
    pub using: Vec<FromItem>,
    #[serde(default)]
    pub where_: Vec<Expr>,
    #[serde(default)]
    pub returning: Vec<Expr>,
}
