//! Indexes on SQLite: the schema stands before the index, not the table.

use crate::error::Result;
use crate::index::{element, in_schema};
use crate::option;
use crate::render::Render;
use limbeck_schema::Index;

/// Renders CREATE INDEX.
///
/// # Errors
/// An expression cannot be rendered.
pub(crate) fn create(render: &Render, index: &Index, name: &str, if_not_exists: bool) -> Result<String> {
    let elements = index.elements.iter().map(|expr| render.expr(element(expr))).collect::<Result<Vec<_>>>()?;
    let mut out = format!(
        "CREATE {}INDEX {}{} ON {} ({})",
        if index.unique { "UNIQUE " } else { "" },
        if if_not_exists { "IF NOT EXISTS " } else { "" },
        in_schema(render, index.table.schema.as_ref(), name),
        render.ident(&index.table.name),
        elements.join(", ")
    );
    if let Some(where_) = option::get(&index.options, "sqlite_where") {
        out += &format!(" WHERE {}", option::expression(render, where_)?);
    }
    Ok(out)
}
