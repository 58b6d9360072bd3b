//! Rows and values that will be gone after a pending revision.

use limbeck_sql::Name;
use limbeck_sql::changes::{Change, Plain, RowChange};

use super::ask::{NotTold, quoted};
use super::{Ahead, LOSSES, Site};
use crate::Finding;

/// How far rows are counted.
const MANY: u32 = 100_000;

/// Looks at one change.
pub(super) fn look(ahead: &mut Ahead<'_>, site: &Site<'_>, change: &Change) -> Result<(), NotTold> {
    match change {
        Change::DropTable { table, .. } => lost(ahead, site, table, "true", |count| {
            format!("dropping {table} in {} loses {count}", site.revision)
        }),
        Change::DropColumn { table, column, .. } => {
            let Some(found) = ahead.future.table(&mut ahead.ask, table)? else {
                return Ok(());
            };
            if found.column(column).is_none_or(|column| !column.known || column.number.is_none()) {
                return Ok(());
            }
            let condition = format!("{}.{} IS NOT NULL", quoted(&table.name), quoted(column));
            lost(ahead, site, table, &condition, |count| {
                format!("dropping {table}.{column} in {} loses its values in {count}", site.revision)
            })
        }
        Change::Rows {
            table,
            how: RowChange::Truncate,
            ..
        } => lost(ahead, site, table, "true", |count| {
            format!("{} empties {table}: it loses {count}", site.revision)
        }),
        Change::Rows {
            table,
            how: RowChange::Delete,
            plain: Some(plain),
            ..
        } => {
            let Plain { where_: None, alias: None, .. } = &**plain else {
                return Ok(());
            };
            lost(ahead, site, table, "true", |count| {
                format!("{} deletes all of {table}: it loses {count}", site.revision)
            })
        }
        _ => Ok(()),
    }
}

fn lost(ahead: &mut Ahead<'_>, site: &Site<'_>, table: &Name, condition: &str, title: impl Fn(&str) -> String) -> Result<(), NotTold> {
    // What pending revisions made themselves is nobody's loss.
    if ahead.future.table(&mut ahead.ask, table)?.is_none_or(|table| table.live.is_none()) {
        return Ok(());
    }
    if ahead.future.blurred(&[table]).is_some() {
        return Ok(());
    }
    let limit = MANY + 1;
    let query = format!(
        "SELECT CASE WHEN count(*) > {MANY} THEN 'more than {MANY}' ELSE count(*)::text END, NULL::text \
         FROM (SELECT 1 FROM {} WHERE {condition} LIMIT {limit}) AS limbeck_rows HAVING count(*) > 0",
        ahead.future.source(table)
    );
    let Some(violations) = ahead.violations(LOSSES, site, &[table], &query) else {
        return Ok(());
    };
    let finding = Finding::warning(LOSSES, title(&violations.rows()))
        .evidence(site.statement())
        .note("if they are wanted later, take a backup first: `backup`");
    ahead.found(site, finding);
    Ok(())
}
