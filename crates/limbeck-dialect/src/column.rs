//! Parts of a column's definition that dialects share.

use crate::error::Result;
use crate::render::Render;
use crate::resolve::{Resolved, ResolvedColumn};
use crate::{DialectName, constraint, mysql, postgres, sqlite};
use limbeck_schema::{Computed, Identity, ServerDefault};

/// `name type DEFAULT … NOT NULL …`, without the column's own constraints.
///
/// # Errors
/// The type has no name, or the default cannot be rendered.
pub(crate) fn specification(render: &Render, table: &Resolved, column: &ResolvedColumn) -> Result<String> {
    match render.dialect() {
        DialectName::Postgresql => postgres::column::specification(render, column),
        DialectName::Sqlite => sqlite::column::specification(render, table, column),
        DialectName::Mysql => mysql::column::specification(render, column),
    }
}

/// The column's own checks, each with a blank before.
///
/// # Errors
/// A condition cannot be rendered.
pub(crate) fn checks(render: &Render, column: &ResolvedColumn) -> Result<String> {
    let mut out = String::new();
    for check in &column.column.checks {
        out += &format!(" {}", constraint::check(render, check)?);
    }
    Ok(out)
}

/// What stands after DEFAULT, or nothing.
///
/// # Errors
/// The expression cannot be rendered.
pub(crate) fn default(render: &Render, default: Option<&ServerDefault>) -> Result<Option<String>> {
    Ok(match default {
        Some(ServerDefault::Text(text)) => Some(render.string(text)),
        Some(ServerDefault::Expr(expr)) => Some(render.expr(expr)?),
        Some(ServerDefault::Reflected(sql)) => Some(render.verbatim(sql)),
        Some(ServerDefault::Fetched | ServerDefault::Identity(_) | ServerDefault::Computed(_)) | None => None,
    })
}

/// `GENERATED ALWAYS AS (…)`.
///
/// # Errors
/// The expression cannot be rendered.
pub(crate) fn computed(render: &Render, computed: &Computed) -> Result<String> {
    let kind = match computed.persisted {
        Some(true) => " STORED",
        Some(false) => " VIRTUAL",
        None => "",
    };
    Ok(format!("GENERATED ALWAYS AS ({}){kind}", render.expr(&computed.expr)?))
}

/// `GENERATED … AS IDENTITY (…)`.
pub(crate) fn identity(identity: &Identity) -> String {
    let kind = if identity.always { "ALWAYS" } else { "BY DEFAULT" };
    let options = sequence_options(identity);
    if options.is_empty() {
        format!("GENERATED {kind} AS IDENTITY")
    } else {
        format!("GENERATED {kind} AS IDENTITY ({options})")
    }
}

/// `INCREMENT BY … START WITH …`, in SQLAlchemy's order.
pub(crate) fn sequence_options(options: &Identity) -> String {
    let mut parts = Vec::new();
    let mut number = |words: &str, value: Option<i64>| {
        if let Some(value) = value {
            parts.push(format!("{words} {value}"));
        }
    };
    number("INCREMENT BY", options.increment);
    number("START WITH", options.start);
    number("MINVALUE", options.minvalue);
    number("MAXVALUE", options.maxvalue);
    if options.nominvalue.is_some() {
        parts.push("NO MINVALUE".to_string());
    }
    if options.nomaxvalue.is_some() {
        parts.push("NO MAXVALUE".to_string());
    }
    if let Some(cache) = options.cache {
        parts.push(format!("CACHE {cache}"));
    }
    if let Some(cycle) = options.cycle {
        parts.push(if cycle { "CYCLE" } else { "NO CYCLE" }.to_string());
    }
    parts.join(" ")
}

/// Whether SQLAlchemy takes a default for an expression that needs parentheses: it begins with neither quote nor parenthesis, and its first line
/// has a character that is not of a word.
pub(crate) fn needs_parentheses(default: &str) -> bool {
    let opened = default.trim_start().starts_with(['\'', '"', '(']);
    let first_line = default.split('\n').next().unwrap_or_default();
    !opened && first_line.chars().any(|c| !(c.is_alphanumeric() || c == '_'))
}
