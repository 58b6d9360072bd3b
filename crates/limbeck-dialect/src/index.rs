//! CREATE INDEX and DROP INDEX.

use crate::error::{Result, compile_error};
use crate::render::Render;
use crate::{DialectName, mysql, postgres, sqlite};
use limbeck_expr::{Expr, Ident, TableName};
use limbeck_schema::{ConstraintName, Index, Options};

/// Renders CREATE INDEX.
///
/// # Errors
/// The index has no name, or an expression cannot be rendered.
pub(crate) fn create(render: &Render, index: &Index, if_not_exists: bool) -> Result<String> {
    let name = render
        .quoter
        .constraint(&index.name)?
        .ok_or_else(|| compile_error("CREATE INDEX requires that the index have a name"))?;
    match render.dialect() {
        DialectName::Postgresql => postgres::index::create(render, index, &name, if_not_exists),
        DialectName::Sqlite => sqlite::index::create(render, index, &name, if_not_exists),
        DialectName::Mysql => mysql::index::create(render, index, &name, if_not_exists),
    }
}

/// Renders DROP INDEX.
///
/// # Errors
/// The index has no name.
pub(crate) fn drop(
    render: &Render,
    name: &ConstraintName,
    table: Option<&TableName>,
    schema: Option<&Ident>,
    options: &Options,
    if_exists: bool,
) -> Result<String> {
    let name = render
        .quoter
        .constraint(name)?
        .ok_or_else(|| compile_error("DROP INDEX requires that the index have a name"))?;
    let exists = if if_exists { "IF EXISTS " } else { "" };
    if render.dialect() == DialectName::Mysql {
        let unknown = TableName::in_schema(schema.cloned(), "no_table");
        let table = render.table(table.unwrap_or(&unknown));
        return Ok(format!("DROP INDEX {exists}{name} ON {table}"));
    }
    let concurrently = match render.dialect() {
        DialectName::Postgresql => postgres::index::concurrently(options),
        DialectName::Sqlite | DialectName::Mysql => "",
    };
    let schema = table.and_then(|table| table.schema.as_ref()).or(schema);
    Ok(format!("DROP INDEX {concurrently}{exists}{}", in_schema(render, schema, &name)))
}

/// A rendered name in its schema.
pub(crate) fn in_schema(render: &Render, schema: Option<&Ident>, name: &str) -> String {
    match schema {
        Some(schema) if !schema.text.is_empty() => format!("{}.{name}", render.ident(schema)),
        _ => name.to_string(),
    }
}

/// An element without the label that only names it.
pub(crate) fn element(expr: &Expr) -> &Expr {
    match expr {
        Expr::Label { expr, .. } => expr,
        other => other,
    }
}

/// The name operator classes and lengths are found by: a column's, a label's, or the text of a literal column.
pub(crate) fn key(expr: &Expr) -> Option<&str> {
    match expr {
        Expr::Column { name, .. } | Expr::Label { name, .. } => Some(name.as_str()),
        Expr::LiteralColumn(text) => Some(text),
        _ => None,
    }
}
