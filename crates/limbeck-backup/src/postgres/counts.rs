//! How many rows each table has, and whether that is what a manifest says.

use super::child::Cancelling;
use super::{Server, first_text};
use crate::{BackupError, Comparison, Manifest, Watch, verdict};
use limbeck_db::{Connection, DbError};
use limbeck_expr::{Literal, TableName};
use limbeck_schema::catalogue::literal;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// How often a count looks whether it is still wanted.
const TICK: Duration = Duration::from_millis(100);

/// The tables whose rows a dump holds: not an extension's own, nor what lives elsewhere. The first column is the name, the second the query.
pub(super) const COUNTED: &str = "SELECT format('%I.%I', n.nspname, c.relname), format('SELECT count(*) FROM ONLY %I.%I', n.nspname, c.relname) \
     FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
     WHERE c.relkind = 'r' AND c.relpersistence <> 't' AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_' \
     AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e') ORDER BY 1";

/// Counts every table; `stop` ends it between two.
pub(super) fn count(connection: &mut dyn Connection, stop: &AtomicBool) -> Result<BTreeMap<String, u64>, DbError> {
    let mut counts = BTreeMap::new();
    for row in connection.query(COUNTED, &[])?.rows {
        let [Literal::Text(name), Literal::Text(query)] = row.as_slice() else {
            continue;
        };
        if stop.load(Ordering::Relaxed) {
            break;
        }
        counts.insert(name.clone(), number_unless(connection, query, stop)?);
    }
    Ok(counts)
}

/// One number that may take long; `stop` cancels the question.
fn number_unless(connection: &mut dyn Connection, sql: &str, stop: &AtomicBool) -> Result<u64, DbError> {
    let cancel = connection.cancel_handle();
    let mut on_tick = || {
        if stop.load(Ordering::Relaxed) {
            let _ = cancel.cancel();
        }
    };
    Ok(first_number(connection.query_watched(sql, &[], TICK, &mut on_tick)?.rows))
}

/// Counts the large objects.
pub(super) fn large_objects(connection: &mut dyn Connection) -> Result<u64, DbError> {
    number(connection, "SELECT count(*) FROM pg_catalog.pg_largeobject_metadata")
}

/// One number.
pub(super) fn number(connection: &mut dyn Connection, sql: &str) -> Result<u64, DbError> {
    Ok(first_number(connection.query(sql, &[])?.rows))
}

fn first_number(rows: Vec<Vec<Literal>>) -> u64 {
    match rows.first().and_then(|row| row.first()) {
        Some(Literal::Int(number)) => u64::try_from(*number).unwrap_or_default(),
        Some(Literal::Decimal(text) | Literal::Text(text) | Literal::BigInt(text)) => text.parse().unwrap_or_default(),
        _ => 0,
    }
}

/// The version rows, sorted, and the table they are in. A table without a schema is looked for where the search path leads, and else where it is alone of its name: a session
/// on another database does not know the search path of the first one.
pub(super) fn revisions(connection: &mut dyn Connection, table: &TableName) -> Result<Option<(String, Vec<String>)>, DbError> {
    let name = table.name.as_str();
    let schema = match &table.schema {
        Some(schema) => format!("n.nspname = {}", literal(schema.as_str())),
        None => "n.nspname !~ '^pg_'".to_owned(),
    };
    let sql = format!(
        "SELECT format('%I.%I', n.nspname, c.relname) FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
         WHERE c.relname = {} AND c.relkind IN ('r', 'p') AND {schema} ORDER BY pg_catalog.pg_table_is_visible(c.oid) DESC, n.nspname = 'public' DESC, 1 LIMIT 1",
        literal(name)
    );
    let Some(found) = first_text(connection, &sql)? else { return Ok(None) };
    let rows = connection.query(&format!("SELECT version_num::text FROM {found} ORDER BY 1"), &[])?.rows;
    let mut rows: Vec<String> = rows
        .into_iter()
        .filter_map(|row| match row.into_iter().next() {
            Some(Literal::Text(text)) => Some(text),
            _ => None,
        })
        .collect();
    rows.sort();
    Ok(Some((found, rows)))
}

/// Counts what a database holds and compares it with the manifest.
///
/// # Errors
/// It differs, or cannot be read.
pub fn compare(server: &Server, manifest: Option<&Manifest>, table: &TableName, watch: &mut Watch<'_>) -> Result<Comparison, BackupError> {
    watch.phase("counting what was restored");
    let mut connection = server.connect()?;
    let stop = watch.stop();
    let _cancelling = Cancelling::start(connection.cancel_handle(), watch.stop());
    let with_rows = manifest.is_none_or(|manifest| manifest.rows.is_some());
    let rows = if with_rows { Some(count(&mut connection, &stop)) } else { None };
    watch.check()?;
    let rows = rows.transpose()?;
    let objects = match manifest {
        Some(Manifest { large_objects: Some(_), .. }) => Some(large_objects(&mut connection)?),
        _ => None,
    };
    let revisions = revisions(&mut connection, table)?.map(|(_, rows)| rows);
    if let Some(manifest) = manifest {
        let found = verdict::differences(manifest, rows.as_ref(), revisions.as_deref(), objects);
        if !found.is_empty() {
            return Err(BackupError::Differs { differences: found });
        }
    }
    let rows = rows.unwrap_or_default();
    Ok(Comparison {
        tables: rows.len(),
        rows: rows.values().sum(),
        revisions,
        compared: manifest.is_some(),
    })
}
