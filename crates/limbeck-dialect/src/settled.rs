//! What comparing schemas asks of a dialect: a table with every flag and name settled, and the text of single expressions.

use crate::error::Result;
use crate::render::Render;
use crate::{Context, DialectName, Memo, ident, resolve, types};
use limbeck_expr::{ColumnType, Expr, Ident};
use limbeck_schema::{CheckConstraint, Constraint, NamingConvention, Table};

/// A table whose flags have become constraints and indexes, as SQLAlchemy's `Table` holds them.
#[derive(Debug, Clone, PartialEq)]
pub struct Settled {
    /// `nullable` and `primary_key` of columns are settled; foreign keys and `unique=True` stand among the constraints, the primary key last,
    /// `index=True` among the indexes. Checks that come with a type are not in it.
    pub table: Table,
    /// The checks that Boolean and Enum bring where the database lacks the type.
    pub type_bound: Vec<CheckConstraint>,
    /// The column that counts up by itself.
    pub counting: Option<String>,
}

/// Settles a table.
///
/// # Errors
/// A column is there twice, a constraint names a column that is not there, or a naming convention cannot be followed.
pub fn settle(table: &Table, naming: &NamingConvention, dialect: DialectName) -> Result<Settled> {
    let resolved = resolve::resolve(table, naming, dialect)?;
    let mut out = Table {
        name: resolved.name,
        columns: Vec::with_capacity(resolved.columns.len()),
        constraints: Vec::new(),
        indexes: resolved.indexes,
        comment: resolved.comment,
        prefixes: resolved.prefixes,
        options: resolved.options,
        info: table.info.clone(),
    };
    let mut counting = None;
    for column in resolved.columns {
        if column.autoincrement {
            counting = Some(column.column.name.text.clone());
        }
        let mut column = column.column;
        column.unique = false;
        column.index = false;
        column.foreign_keys.clear();
        out.columns.push(column);
    }
    let mut type_bound = Vec::new();
    for constraint in resolved.constraints {
        match constraint {
            item if item.type_bound => {
                if let Constraint::Check(check) = item.constraint {
                    type_bound.push(check);
                }
            }
            item => out.constraints.push(item.constraint),
        }
    }
    out.constraints.extend(resolved.primary_key.map(Constraint::PrimaryKey));
    Ok(Settled {
        table: out,
        type_bound,
        counting,
    })
}

/// The text of an expression with its values written out and its columns unqualified.
///
/// # Errors
/// A value cannot be written, or the dialect has no words for the expression.
pub fn expression_sql(dialect: DialectName, expr: &Expr) -> Result<String> {
    in_ddl(dialect, |render| render.expr(crate::index::element(expr)))
}

/// As `expression_sql`, for an element of an index: an operation stands in parentheses.
///
/// # Errors
/// As `expression_sql`.
pub fn grouped_expression_sql(dialect: DialectName, expr: &Expr) -> Result<String> {
    in_ddl(dialect, |render| render.grouped(crate::index::element(expr)))
}

fn in_ddl<T>(dialect: DialectName, work: impl FnOnce(&Render) -> Result<T>) -> Result<T> {
    let naming = NamingConvention::default();
    let mut memo = Memo::default();
    let ctx = Context::offline(&naming, &mut memo);
    work(&Render::ddl(dialect, &ctx))
}

/// The columns that an expression mentions, each once.
pub fn mentioned_columns(expr: &Expr) -> Vec<Ident> {
    resolve::expression_columns(expr)
}

/// A generated name as the database gets it: cut to what it takes.
pub fn fitting_name(dialect: DialectName, name: &str) -> String {
    ident::shortened(name, dialect.max_constraint_name_length())
}

/// Whether two types are of one affinity in SQLAlchemy's sense.
pub fn same_affinity(one: &ColumnType, other: &ColumnType) -> bool {
    types::same_affinity(one, other)
}
