//! Indexes on PostgreSQL.

use super::constraint::{include, nulls_distinct};
use super::table::with_options;
use crate::error::Result;
use crate::index::{element, key};
use crate::option;
use crate::render::Render;
use limbeck_expr::Expr;
use limbeck_schema::{Index, OptionValue, Options};

/// Renders CREATE INDEX.
///
/// # Errors
/// An expression cannot be rendered.
pub(crate) fn create(render: &Render, index: &Index, name: &str, if_not_exists: bool) -> Result<String> {
    let options = &index.options;
    let mut out = format!(
        "CREATE {}INDEX {}{}{name} ON {} ",
        if index.unique { "UNIQUE " } else { "" },
        concurrently(options),
        if if_not_exists { "IF NOT EXISTS " } else { "" },
        render.table(&index.table)
    );
    if let Some(using) = option::text(options, "postgresql_using") {
        out += &format!("USING {} ", option::phrase(using)?.to_lowercase());
    }
    let elements = index.elements.iter().map(|expr| indexed(render, expr, options)).collect::<Result<Vec<_>>>()?;
    out += &format!("({})", elements.join(", "));
    out += &include(render, options);
    if let Some(words) = nulls_distinct(render, options) {
        out += &format!(" {words}");
    }
    if let Some(with) = option::truthy(options, "postgresql_with") {
        out += &format!(" WITH ({})", with_options(with));
    }
    if let Some(tablespace) = option::text(options, "postgresql_tablespace") {
        out += &format!(" TABLESPACE {}", render.quoter.name(tablespace));
    }
    if let Some(where_) = option::get(options, "postgresql_where") {
        out += &format!(" WHERE {}", option::expression(render, where_)?);
    }
    Ok(out)
}

/// `CONCURRENTLY `.
pub(crate) fn concurrently(options: &Options) -> &'static str {
    if option::truthy(options, "postgresql_concurrently").is_some() {
        "CONCURRENTLY "
    } else {
        ""
    }
}

/// An element: operations stand in parentheses, then the operator class.
fn indexed(render: &Render, expr: &Expr, options: &Options) -> Result<String> {
    let inner = element(expr);
    let mut out = render.grouped(inner)?;
    if let (Some(key), Some(OptionValue::Map(classes))) = (key(expr), options.get("postgresql_ops"))
        && let Some(class) = classes.get(key)
    {
        out += &format!(" {}", option::plain(class));
    }
    Ok(out)
}
