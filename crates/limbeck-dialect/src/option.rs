//! Reading dialect keyword arguments, and the phrases among them that are written unquoted.

use crate::error::{Result, compile_error};
use crate::render::Render;
use limbeck_schema::{OptionValue, Options};

/// An option that is there and not `None`.
pub(crate) fn get<'o>(options: &'o Options, name: &str) -> Option<&'o OptionValue> {
    options.get(name).filter(|value| **value != OptionValue::Null)
}

/// An option that Python takes for true.
pub(crate) fn truthy<'o>(options: &'o Options, name: &str) -> Option<&'o OptionValue> {
    options.get(name).filter(|value| value.is_truthy())
}

/// A non-empty string option.
pub(crate) fn text<'o>(options: &'o Options, name: &str) -> Option<&'o str> {
    truthy(options, name).and_then(OptionValue::as_str)
}

/// The names in a list option; a column stands for its name.
pub(crate) fn names(value: &OptionValue) -> Vec<limbeck_expr::Ident> {
    match value {
        OptionValue::List(items) => items.iter().flat_map(names).collect(),
        OptionValue::Text(name) => vec![name.as_str().into()],
        OptionValue::Expr(limbeck_expr::Expr::Column { name, .. }) => vec![name.clone()],
        _ => Vec::new(),
    }
}

/// An option that is an expression, or SQL text.
///
/// # Errors
/// The expression cannot be rendered.
pub(crate) fn expression(render: &Render, value: &OptionValue) -> Result<String> {
    match value {
        OptionValue::Expr(expr) => render.expr(expr),
        other => Ok(render.verbatim(&plain(other))),
    }
}

/// A scalar as Python's `str()`.
pub(crate) fn plain(value: &OptionValue) -> String {
    match value {
        OptionValue::Null => "None".to_string(),
        OptionValue::Bool(true) => "True".to_string(),
        OptionValue::Bool(false) => "False".to_string(),
        OptionValue::Int(n) => n.to_string(),
        OptionValue::Float(n) => crate::literal::float(*n),
        OptionValue::Text(text) => text.clone(),
        OptionValue::List(items) => items.iter().map(plain).collect::<Vec<_>>().join(", "),
        OptionValue::Map(map) => map.iter().map(|(key, value)| format!("{key}={}", plain(value))).collect::<Vec<_>>().join(", "),
        OptionValue::Expr(limbeck_expr::Expr::Text { sql, .. } | limbeck_expr::Expr::LiteralColumn(sql)) => sql.clone(),
        OptionValue::Expr(_) => String::new(),
    }
}

/// A sequence of keywords such as `SET NULL`: nothing else may be written unquoted.
///
/// # Errors
/// There are other characters in it.
pub(crate) fn phrase(text: &str) -> Result<&str> {
    let ok = !text.is_empty()
        && text.chars().all(|c| c.is_alphanumeric() || c == '_' || c.is_whitespace())
        && !text.starts_with(char::is_whitespace)
        && !text.ends_with(|c: char| c.is_whitespace() && c != '\n');
    if ok {
        return Ok(text);
    }
    Err(compile_error(format!(
        "Unexpected SQL phrase: '{text}' (matching against '^\\\\w+(?:\\\\s+\\\\w+)*$')"
    )))
}

/// As [`phrase`], optionally followed by a list of columns: `SET NULL (a, b)`.
///
/// # Errors
/// As [`phrase`].
pub(crate) fn phrase_with_columns(text: &str) -> Result<&str> {
    match text.split_once('(') {
        Some((words, columns)) if columns.trim_end().ends_with(')') => {
            phrase(words.trim_end())?;
            let inner = columns.trim_end().trim_end_matches(')');
            let ok = inner.split(',').map(str::trim).all(|name| {
                let bare = !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '$');
                bare || (name.len() > 2 && name.starts_with('"') && name.ends_with('"') && name[1..name.len() - 1].replace("\"\"", "").find('"').is_none())
            });
            if ok {
                Ok(text)
            } else {
                Err(compile_error(format!("Unexpected SQL phrase: '{text}'")))
            }
        }
        _ => phrase(text),
    }
}
