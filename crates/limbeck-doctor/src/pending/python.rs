//! Lines to paste into a script.

use limbeck_expr::Ident;

/// A name as SQL that people read has it: quoted only where it must be.
pub(super) fn name(name: &str) -> String {
    limbeck_dialect::quote_ident(limbeck_dialect::DialectName::Postgresql, &Ident::new(name))
}

/// A table's name for people.
pub(super) fn table(table: &limbeck_sql::Name) -> String {
    match &table.schema {
        Some(schema) => format!("{}.{}", name(schema), name(&table.name)),
        None => name(&table.name),
    }
}

/// `op.execute(…)` of a statement.
pub(super) fn execute(sql: &str) -> String {
    if !sql.contains(['"', '\n', '\\']) {
        return format!("op.execute(\"{sql}\")");
    }
    let escaped = sql.replace('\\', "\\\\").replace("\"\"\"", "\\\"\\\"\\\"");
    let end = if escaped.ends_with('"') { " " } else { "" };
    format!("op.execute(\"\"\"{escaped}{end}\"\"\")")
}

/// A Python string.
pub(super) fn string(text: &str) -> String {
    format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'"))
}

/// A list of Python strings.
pub(super) fn list(texts: &[String]) -> String {
    let quoted: Vec<String> = texts.iter().map(|text| string(text)).collect();
    format!("[{}]", quoted.join(", "))
}
