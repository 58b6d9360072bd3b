//! Indexes on MySQL.

use crate::error::Result;
use crate::index::element;
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
    let elements = index.elements.iter().map(|expr| indexed(render, expr, options)).collect::<Result<Vec<_>>>()?;
    let prefix = option::text(options, "mysql_prefix").map(|prefix| format!("{prefix} ")).unwrap_or_default();
    let mut out = format!(
        "CREATE {}{prefix}INDEX {}{name} ON {} ({})",
        if index.unique { "UNIQUE " } else { "" },
        if if_not_exists { "IF NOT EXISTS " } else { "" },
        render.table(&index.table),
        elements.join(", ")
    );
    if let Some(parser) = option::get(options, "mysql_with_parser") {
        out += &format!(" WITH PARSER {}", option::plain(parser));
    }
    if let Some(using) = option::text(options, "mysql_using") {
        out += &format!(" USING {}", render.quoter.name(using));
    }
    Ok(out)
}

fn indexed(render: &Render, expr: &Expr, options: &Options) -> Result<String> {
    let inner = element(expr);
    let mut out = render.expr(inner)?;
    let grouped = match expr {
        Expr::Binary { .. } | Expr::Func { .. } => true,
        Expr::Postfix { op, .. } => !matches!(op.as_str(), "DESC" | "ASC"),
        _ => false,
    };
    if grouped {
        out = format!("({out})");
    }
    let length = match option::get(options, "mysql_length") {
        Some(OptionValue::Int(length)) => Some(*length),
        Some(OptionValue::Map(lengths)) => {
            let by_name = crate::index::key(expr).and_then(|key| lengths.get(key));
            match by_name.or_else(|| lengths.get(&out)) {
                Some(OptionValue::Int(length)) => Some(*length),
                _ => None,
            }
        }
        _ => None,
    };
    if let Some(length) = length {
        out += &format!("({length})");
    }
    Ok(out)
}
