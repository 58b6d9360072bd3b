//! CREATE TABLE.

use crate::error::{Result, compile_error, without_background};
use crate::render::Render;
use crate::resolve::{Resolved, ResolvedColumn};
use crate::{DialectName, column, constraint, mysql, postgres, sqlite};
use limbeck_ops::DatabaseErrorKind;
use limbeck_schema::Constraint;

/// Renders CREATE TABLE.
///
/// # Errors
/// A type has no name, or an expression cannot be rendered.
pub(crate) fn create(render: &Render, table: &Resolved, if_not_exists: bool) -> Result<String> {
    let mut out = "CREATE ".to_string();
    for prefix in &table.prefixes {
        out += &format!("{prefix} ");
    }
    out += "TABLE ";
    if if_not_exists {
        out += "IF NOT EXISTS ";
    }
    out += &format!("{} (", render.table(&table.name));
    let mut lines = Vec::new();
    for item in table.columns.iter().filter(|column| !column.column.system) {
        lines.push(line(render, table, item).map_err(|error| in_column(error, table, item))?);
    }
    lines.extend(constraints(render, table)?);
    let body = lines.join(", \n\t");
    if !body.is_empty() {
        out += &format!("\n\t{body}");
    }
    let tail = match render.dialect() {
        DialectName::Postgresql => postgres::table::tail(render, &table.options),
        DialectName::Sqlite => sqlite::table::tail(&table.options),
        DialectName::Mysql => mysql::table::tail(render, &table.options, table.comment.as_deref()),
    };
    Ok(out + "\n)" + &tail)
}

fn line(render: &Render, table: &Resolved, item: &ResolvedColumn) -> Result<String> {
    Ok(column::specification(render, table, item)? + &column::checks(render, item)?)
}

fn constraints(render: &Render, table: &Resolved) -> Result<Vec<String>> {
    let mut out = Vec::new();
    let schema = table.name.schema.as_ref();
    let inline_key = render.dialect() == DialectName::Sqlite && table.columns.iter().any(|column| sqlite::column::is_rowid_alias(table, column));
    if let Some(key) = &table.primary_key
        && !inline_key
    {
        let mut sql = constraint::sql(render, schema, &Constraint::PrimaryKey(key.clone()))?;
        add_conflict(render, table, &key.columns, "sqlite_on_conflict_primary_key", &mut sql, key);
        out.extend(sql);
    }
    for item in &table.constraints {
        match item.written()? {
            // Made afterwards by ALTER TABLE, where the database can.
            Constraint::ForeignKey(key) if key.use_alter && render.dialect() != DialectName::Sqlite => {}
            Constraint::Unique(key) => {
                let mut sql = constraint::sql(render, schema, &item.constraint)?;
                add_conflict(render, table, &key.columns, "sqlite_on_conflict_unique", &mut sql, key);
                out.extend(sql);
            }
            other => out.extend(constraint::sql(render, schema, other)?),
        }
    }
    Ok(out)
}

/// On SQLite a key of one column takes ON CONFLICT from it when it has none of its own.
fn add_conflict(
    render: &Render,
    table: &Resolved,
    columns: &[limbeck_expr::Ident],
    option: &str,
    sql: &mut Option<String>,
    key: &limbeck_schema::KeyConstraint,
) {
    let (DialectName::Sqlite, [name], Some(sql)) = (render.dialect(), columns, sql) else {
        return;
    };
    if crate::option::text(&key.options, "sqlite_on_conflict").is_some() {
        return;
    }
    if let Some(column) = table.columns.iter().find(|column| column.column.name.text == name.text) {
        sql.push_str(&sqlite::constraint::clause(&column.column.options, option));
    }
}

fn in_column(error: limbeck_ops::HostError, table: &Resolved, item: &ResolvedColumn) -> limbeck_ops::HostError {
    if error.kind != DatabaseErrorKind::CompileError {
        return error;
    }
    compile_error(format!(
        "(in table '{}', column '{}'): {}",
        table.name.name,
        item.column.name,
        without_background(&error.message)
    ))
}
