//! What PostgreSQL adds to constraints: EXCLUDE, INCLUDE, NOT VALID, NULLS NOT DISTINCT.

use crate::constraint::{deferrability, preamble};
use crate::error::Result;
use crate::render::Render;
use crate::{index, option};
use limbeck_schema::{ExcludeConstraint, OptionValue, Options};

/// Renders EXCLUDE.
///
/// # Errors
/// An expression cannot be rendered.
pub(crate) fn exclude(render: &Render, exclude: &ExcludeConstraint) -> Result<String> {
    let elements = exclude
        .elements
        .iter()
        .map(|(expr, operator)| {
            let class = index::key(expr).and_then(|key| exclude.ops.get(key));
            let class = class.map(|class| format!(" {class}")).unwrap_or_default();
            Ok(format!("{}{class} WITH {operator}", render.expr(index::element(expr))?))
        })
        .collect::<Result<Vec<_>>>()?;
    let using = option::phrase(exclude.using.as_deref().unwrap_or("gist"))?.to_lowercase();
    let mut out = format!("{}EXCLUDE USING {using} ({})", preamble(render, &exclude.name)?, elements.join(", "));
    if let Some(where_) = &exclude.where_ {
        out += &format!(" WHERE ({})", render.expr(where_)?);
    }
    Ok(out + &deferrability(exclude.deferrable, exclude.initially.as_deref())?)
}

/// ` NOT VALID`.
pub(crate) fn validity(options: &Options) -> &'static str {
    if option::truthy(options, "postgresql_not_valid").is_some() {
        " NOT VALID"
    } else {
        ""
    }
}

/// ` INCLUDE (a, b)`.
pub(crate) fn include(render: &Render, options: &Options) -> String {
    match option::truthy(options, "postgresql_include") {
        Some(value) => format!(" INCLUDE ({})", render.quoter.list(&option::names(value))),
        None => String::new(),
    }
}

/// `NULLS NOT DISTINCT`. PostgreSQL 15 brought the words: an older server, to which nulls always are distinct, would take the default for a mistake.
pub(crate) fn nulls_distinct(render: &Render, options: &Options) -> Option<&'static str> {
    match options.get("postgresql_nulls_not_distinct") {
        Some(OptionValue::Bool(true)) => Some("NULLS NOT DISTINCT"),
        Some(OptionValue::Bool(false)) => render.version.is_none_or(|(major, _)| major >= 15).then_some("NULLS DISTINCT"),
        _ => None,
    }
}
