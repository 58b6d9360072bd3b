//! What PostgreSQL writes after the closing parenthesis of CREATE TABLE.

use crate::option;
use crate::render::Render;
use limbeck_schema::{OptionValue, Options};

/// `INHERITS`, `PARTITION BY`, `USING`, `WITH`, `ON COMMIT`, `TABLESPACE`.
pub(crate) fn tail(render: &Render, options: &Options) -> String {
    let mut out = String::new();
    if let Some(parents) = option::get(options, "postgresql_inherits") {
        out += &format!("\n INHERITS ({})", render.quoter.list(&option::names(parents)));
    }
    if let Some(partition_by) = option::text(options, "postgresql_partition_by") {
        out += &format!("\n PARTITION BY {partition_by}");
    }
    if let Some(using) = option::text(options, "postgresql_using") {
        out += &format!("\n USING {using}");
    }
    if let Some(with) = option::truthy(options, "postgresql_with") {
        out += &format!("\n WITH ({})", with_options(with));
    }
    match options.get("postgresql_with_oids") {
        Some(OptionValue::Bool(true)) => out += "\n WITH OIDS",
        Some(OptionValue::Bool(false)) => out += "\n WITHOUT OIDS",
        _ => {}
    }
    if let Some(on_commit) = option::text(options, "postgresql_on_commit") {
        out += &format!("\n ON COMMIT {}", on_commit.replace('_', " ").to_uppercase());
    }
    if let Some(tablespace) = option::text(options, "postgresql_tablespace") {
        out += &format!("\n TABLESPACE {}", render.quoter.name(tablespace));
    }
    out
}

/// `a = 1, b = true, c`.
pub(crate) fn with_options(value: &OptionValue) -> String {
    let OptionValue::Map(map) = value else { return option::plain(value) };
    map.iter()
        .map(|(name, value)| match value {
            OptionValue::Null => name.clone(),
            OptionValue::Bool(value) => format!("{name} = {value}"),
            other => format!("{name} = {}", option::plain(other)),
        })
        .collect::<Vec<_>>()
        .join(", ")
}
