//! Expressions: what SQLAlchemy calls column elements.

use crate::{ColumnType, Ident, Literal, Query, Select, TableName};
use serde::{Deserialize, Serialize};

/// A bound parameter.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BindParam {
    /// The name (`bindparam("x")`, `:x` in text), or a generated one such as `status_1`.
    pub name: String,
    /// The value, or `None` when the parameter is required and was not given.
    #[serde(default)]
    pub value: Option<Literal>,
    /// The type the value is rendered with.
    #[serde(default)]
    pub type_: Option<ColumnType>,
    /// Whether the value is always rendered inline (`op.inline_literal`, `literal_execute`).
    #[serde(default)]
    pub inline: bool,
    /// An `IN` list: the value is an array and each element is rendered.
    #[serde(default)]
    pub expanding: bool,
}

/// An expression.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Expr {
    /// A value that becomes a parameter, or is rendered inline where the dialect is asked to.
    Bind(Box<BindParam>),
    /// `sa.text("... :name ...")`: `\:` escapes a colon; binds by name.
    Text {
        sql: String,
        #[serde(default)]
        binds: Vec<BindParam>,
    },
    /// `sa.literal_column("...")`: rendered as it is.
    LiteralColumn(String),
    /// A column; `table` is rendered only where the statement qualifies names.
    Column {
        #[serde(default)]
        table: Option<FromName>,
        name: Ident,
    },
    /// `*`, optionally of a table.
    Star {
        #[serde(default)]
        table: Option<FromName>,
    },
    /// `NULL`.
    Null,
    /// `true` (1 where the database has no boolean).
    True,
    /// `false`.
    False,
    /// A prefix operator: `NOT x`, `-x`.
    Prefix { op: String, expr: Box<Expr> },
    /// A postfix operator: `x IS NULL` is a `Binary`; `x DESC`, `x NULLS LAST` are postfix.
    Postfix { op: String, expr: Box<Expr> },
    /// An infix operator, written with one space on both sides. Parentheses are explicit `Grouping`s, as SQLAlchemy places them.
    Binary {
        op: String,
        left: Box<Expr>,
        right: Box<Expr>,
        #[serde(default)]
        escape: Option<String>,
    },
    /// `a AND b AND c`, `a OR b`, or a comma list: operands joined with ` op `.
    Joined { op: String, clauses: Vec<Expr> },
    /// `(x)`.
    Grouping(Box<Expr>),
    /// `(a, b, c)`; empty renders as the dialect's empty set.
    Tuple(Vec<Expr>),
    /// A function call: `name(args)`; `now()` and `CURRENT_TIMESTAMP` differ per dialect.
    Func {
        name: String,
        #[serde(default)]
        args: Vec<Expr>,
        #[serde(default)]
        distinct: bool,
        #[serde(default)]
        quote: Option<bool>,
        #[serde(default)]
        order_by: Vec<Expr>,
        #[serde(default)]
        filter: Option<Box<Expr>>,
        #[serde(default)]
        over: Option<Box<WindowFrame>>,
    },
    /// `CAST(x AS type)`.
    Cast { expr: Box<Expr>, type_: ColumnType },
    /// `CASE WHEN … END`.
    Case {
        #[serde(default)]
        value: Option<Box<Expr>>,
        whens: Vec<(Expr, Expr)>,
        #[serde(default)]
        else_: Option<Box<Expr>>,
    },
    /// `EXTRACT(field FROM x)`.
    Extract { field: String, expr: Box<Expr> },
    /// `x COLLATE name`.
    Collate { expr: Box<Expr>, collation: String },
    /// `x AS name` in a column list.
    Label { expr: Box<Expr>, name: Ident },
    /// `EXISTS (SELECT …)`.
    Exists(Box<Query>),
    /// `(SELECT …)` used as a value.
    Scalar(Box<Query>),
    /// PostgreSQL `ARRAY[…]`.
    Array(Vec<Expr>),
    /// `x[i]`.
    Index { expr: Box<Expr>, index: Box<Expr> },
    /// `nextval('seq')`.
    NextValue { sequence: TableName },
}

impl Expr {
    /// The expressions that this one is made of, in the order they are written; those inside subqueries and windows belong to others.
    #[must_use]
    pub fn operands(&self) -> Vec<&Expr> {
        match self {
            Expr::Prefix { expr, .. }
            | Expr::Postfix { expr, .. }
            | Expr::Grouping(expr)
            | Expr::Cast { expr, .. }
            | Expr::Extract { expr, .. }
            | Expr::Collate { expr, .. }
            | Expr::Label { expr, .. } => vec![expr],
            Expr::Binary { left, right, .. } => vec![left, right],
            Expr::Index { expr, index } => vec![expr, index],
            Expr::Joined { clauses: many, .. } | Expr::Tuple(many) | Expr::Array(many) => many.iter().collect(),
            Expr::Func { args, order_by, filter, .. } => args.iter().chain(order_by).chain(filter.as_deref()).collect(),
            Expr::Case { value, whens, else_ } => {
                let whens = whens.iter().flat_map(|(when, then)| [when, then]);
                value.as_deref().into_iter().chain(whens).chain(else_.as_deref()).collect()
            }
            Expr::Bind(_)
            | Expr::Text { .. }
            | Expr::LiteralColumn(_)
            | Expr::Column { .. }
            | Expr::Star { .. }
            | Expr::Null
            | Expr::True
            | Expr::False
            | Expr::Exists(_)
            | Expr::Scalar(_)
            | Expr::NextValue { .. } => Vec::new(),
        }
    }

    /// [`Expr::operands`], to be changed.
    pub fn operands_mut(&mut self) -> Vec<&mut Expr> {
        match self {
            Expr::Prefix { expr, .. }
            | Expr::Postfix { expr, .. }
            | Expr::Grouping(expr)
            | Expr::Cast { expr, .. }
            | Expr::Extract { expr, .. }
            | Expr::Collate { expr, .. }
            | Expr::Label { expr, .. } => vec![expr],
            Expr::Binary { left, right, .. } => vec![left, right],
            Expr::Index { expr, index } => vec![expr, index],
            Expr::Joined { clauses: many, .. } | Expr::Tuple(many) | Expr::Array(many) => many.iter_mut().collect(),
            Expr::Func { args, order_by, filter, .. } => args.iter_mut().chain(order_by).chain(filter.as_deref_mut()).collect(),
            Expr::Case { value, whens, else_ } => {
                let whens = whens.iter_mut().flat_map(|(when, then)| [when, then]);
                value.as_deref_mut().into_iter().chain(whens).chain(else_.as_deref_mut()).collect()
            }
            Expr::Bind(_)
            | Expr::Text { .. }
            | Expr::LiteralColumn(_)
            | Expr::Column { .. }
            | Expr::Star { .. }
            | Expr::Null
            | Expr::True
            | Expr::False
            | Expr::Exists(_)
            | Expr::Scalar(_)
            | Expr::NextValue { .. } => Vec::new(),
        }
    }
}

/// What a column is qualified by.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FromName {
    /// The schema (not rendered for an alias).
    #[serde(default)]
    pub schema: Option<Ident>,
    /// The table or alias.
    pub name: Ident,
}

/// An item of a FROM clause.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FromItem {
    /// A table.
    Table(TableName),
    /// `table AS alias`.
    Alias { item: Box<FromItem>, name: Ident },
    /// `(SELECT …) AS name`.
    Subquery { query: Box<Select>, name: Ident },
    /// A join.
    Join(Box<crate::Join>),
    /// The name of a common table expression.
    Cte(Ident),
    /// Text as it is.
    Text(String),
    /// A table-valued function.
    Func {
        func: Box<Expr>,
        #[serde(default)]
        name: Option<Ident>,
        #[serde(default)]
        columns: Vec<Ident>,
    },
}

/// One element of ORDER BY is an expression with optional postfixes.
pub type OrderBy = Expr;

/// `OVER (PARTITION BY … ORDER BY …)`.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct WindowFrame {
    /// PARTITION BY.
    pub partition_by: Vec<Expr>,
    /// ORDER BY.
    pub order_by: Vec<Expr>,
    /// Frame clause as text (`ROWS BETWEEN …`).
    pub frame: Option<String>,
}
