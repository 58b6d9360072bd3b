//! What MySQL writes after the closing parenthesis of CREATE TABLE.

use crate::option;
use crate::render::Render;
use limbeck_schema::Options;

/// `ENGINE=InnoDB COMMENT='…' PARTITION BY …`.
pub(crate) fn tail(render: &Render, options: &Options, comment: Option<&str>) -> String {
    const PARTITION: [&str; 4] = ["PARTITION_BY", "PARTITIONS", "SUBPARTITION_BY", "SUBPARTITIONS"];
    let mut plain: Vec<(String, String)> = options
        .iter()
        .filter_map(|(name, value)| Some((name.strip_prefix("mysql_")?.to_uppercase(), option::plain(value))))
        .collect();
    if let Some(comment) = comment {
        plain.push(("COMMENT".to_string(), comment.to_string()));
    }
    let mut partition: Vec<(String, String)> = Vec::new();
    for wanted in PARTITION {
        if let Some(at) = plain.iter().position(|(name, _)| name == wanted) {
            partition.push(plain.remove(at));
        }
    }
    // A collation goes behind its character set: SQLAlchemy's sort puts it last of all.
    let is_charset = |name: &str| matches!(name, "DEFAULT_CHARSET" | "DEFAULT_CHARACTER_SET" | "CHARSET" | "CHARACTER_SET");
    if plain.iter().any(|(name, _)| is_charset(name))
        && let Some(collate) = plain.iter().position(|(name, _)| name == "COLLATE")
    {
        let collate = plain.remove(collate);
        plain.push(collate);
    }
    let mut parts: Vec<String> = plain
        .into_iter()
        .map(|(name, value)| {
            let value = if is_string(&name) { render.string(&value) } else { value };
            let shown = match name.as_str() {
                "DATA_DIRECTORY" | "INDEX_DIRECTORY" | "DEFAULT_CHARACTER_SET" | "CHARACTER_SET" | "DEFAULT_CHARSET" | "DEFAULT_COLLATE" => {
                    name.replace('_', " ")
                }
                _ => name,
            };
            let joiner = match shown.as_str() {
                "TABLESPACE" | "DEFAULT CHARACTER SET" | "CHARACTER SET" | "COLLATE" => " ",
                _ => "=",
            };
            format!("{shown}{joiner}{value}")
        })
        .collect();
    parts.extend(partition.into_iter().map(|(name, value)| format!("{} {value}", name.replace('_', " "))));
    parts.join(" ")
}

fn is_string(name: &str) -> bool {
    matches!(name, "COMMENT" | "DATA_DIRECTORY" | "INDEX_DIRECTORY" | "PASSWORD" | "CONNECTION")
}
