//! Columns that become NOT NULL, and NOT NULL columns without a default on tables with rows.

use limbeck_sql::Name;
use limbeck_sql::changes::NewColumn;

use super::ask::{NotTold, quoted};
use super::{Ahead, NOT_NULL, Site, python};
use crate::Finding;

/// `SET NOT NULL`, or a primary key's columns.
pub(super) fn set(ahead: &mut Ahead<'_>, site: &Site<'_>, table: &Name, column: &str) -> Result<(), NotTold> {
    let Some(found) = ahead.future.table(&mut ahead.ask, table)? else {
        return Ok(());
    };
    let Some(known) = found.column(column) else { return Ok(()) };
    if known.not_null {
        return Ok(());
    }
    if !known.known {
        ahead.looked(NOT_NULL);
        ahead.unknown(NOT_NULL, format!("{}: what will be in {table}.{column} is not known before", site.at()));
        return Ok(());
    }
    let shown = ahead.shown(table, &[])?;
    let query = format!(
        "SELECT (count(*) OVER ())::text, {shown} FROM {} WHERE {}.{} IS NULL LIMIT 3",
        ahead.future.source(table),
        quoted(&table.name),
        quoted(column)
    );
    let Some(violations) = ahead.violations(NOT_NULL, site, &[table], &query) else {
        return Ok(());
    };
    let finding = Finding::problem(
        NOT_NULL,
        format!(
            "{} of {table} have no {column}: making it NOT NULL in {} fails",
            violations.rows(),
            site.revision
        ),
    )
    .evidence(site.statement())
    .evidence_all(violations.shown.iter().filter(|row| !row.is_empty()).map(|row| format!("{table}: {row}")))
    .note(format!(
        "write before it what belongs there: {}",
        python::execute(&format!("UPDATE {0} SET {1} = … WHERE {1} IS NULL", python::table(table), python::name(column)))
    ));
    ahead.found(site, finding);
    Ok(())
}

/// `ADD COLUMN … NOT NULL`.
pub(super) fn added(ahead: &mut Ahead<'_>, site: &Site<'_>, table: &Name, column: &NewColumn) -> Result<(), NotTold> {
    if !column.not_null || column.filled || ahead.future.table(&mut ahead.ask, table)?.is_none() {
        return Ok(());
    }
    // How many is of no importance, and counting a large table takes long.
    let query = format!(
        "SELECT CASE WHEN count(*) > 1000 THEN 'more than 1000' ELSE count(*)::text END, NULL::text \
         FROM (SELECT 1 FROM {} LIMIT 1001) AS limbeck_rows HAVING count(*) > 0",
        ahead.future.source(table)
    );
    let Some(violations) = ahead.violations(NOT_NULL, site, &[table], &query) else {
        return Ok(());
    };
    let (name, table_name) = (&column.name, python::string(&table.name));
    let finding = Finding::problem(
        NOT_NULL,
        format!(
            "{table} has {}, which would have no {name}: adding it as NOT NULL without a default in {} fails",
            violations.rows(),
            site.revision
        ),
    )
    .evidence(site.statement())
    .cause("a new column is NULL in the rows that are there, unless it has a server_default")
    .note("either give the column a server_default=…")
    .note(format!(
        "or add it with nullable=True, fill it with {}, and then: op.alter_column({table_name}, {}, nullable=False)",
        python::execute(&format!("UPDATE {} SET {} = …", python::table(table), python::name(name))),
        python::string(name)
    ));
    ahead.found(site, finding);
    Ok(())
}
