//! A column's definition on MySQL: AUTO_INCREMENT, inline comments.

use super::types;
use crate::column;
use crate::error::Result;
use crate::render::Render;
use crate::resolve::ResolvedColumn;
use limbeck_schema::ColumnType;

/// `name type NOT NULL COMMENT … DEFAULT …`.
///
/// # Errors
/// The type has no name, or an expression cannot be rendered.
pub(crate) fn specification(render: &Render, resolved: &ResolvedColumn) -> Result<String> {
    let column = &resolved.column;
    let mut out = format!("{} {}", render.ident(&column.name), types::sql(&column.type_)?);
    if let Some(computed) = &column.computed {
        out += &format!(" {}", column::computed(render, computed)?);
    }
    let timestamp = match &column.type_ {
        ColumnType::SqlTimestamp { .. } => true,
        ColumnType::Mysql(own) => own.name.eq_ignore_ascii_case("TIMESTAMP"),
        _ => false,
    };
    if !resolved.nullable() {
        out += " NOT NULL";
    } else if timestamp {
        out += " NULL";
    }
    if let Some(comment) = &column.comment {
        out += &format!(" COMMENT {}", render.string(comment));
    }
    if resolved.autoincrement && column.server_default.is_none() {
        out += " AUTO_INCREMENT";
    } else if let Some(default) = column::default(render, column.server_default.as_ref())? {
        out += &if function_default(&default) {
            format!(" DEFAULT ({default})")
        } else {
            format!(" DEFAULT {default}")
        };
    }
    Ok(out)
}

/// Whether a default is an expression that MySQL 8.0.13 wants in parentheses.
fn function_default(default: &str) -> bool {
    let lower = default.to_ascii_lowercase();
    let on_update = lower.split_whitespace().collect::<Vec<_>>().windows(2).any(|pair| pair == ["on", "update"]);
    let with_precision = ["now(", "current_timestamp("]
        .iter()
        .any(|start| lower.strip_prefix(start).is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit())));
    column::needs_parentheses(default) && !on_update && !with_precision
}
