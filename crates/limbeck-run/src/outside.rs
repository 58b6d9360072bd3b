//! Statements that cannot run in a transaction: what to note before one, how to find out after a crash whether it took effect, and how to clean up what a failed
//! one left behind.
//!
//! A failed `CREATE INDEX CONCURRENTLY` or `REINDEX CONCURRENTLY` leaves an INVALID index (PostgreSQL manual, CREATE INDEX, "Building Indexes Concurrently").

use limbeck_db::Connection;
use limbeck_expr::Literal;
use limbeck_ops::{DatabaseErrorKind, HostError};
use limbeck_schema::catalogue::quote_name;
use limbeck_sql::{Name, Outside, Reindex};
use serde::{Deserialize, Serialize};

/// What there was before the statement.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct Before {
    /// Object identifiers of what the statement is about (indexes of the table, INVALID indexes, the database).
    pub objects: Vec<i64>,
}

/// What became of a statement that was begun.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Settled {
    Done,
    /// It had no effect (or what it left is cleaned), or doing it again does no harm.
    NotDone,
    /// Nobody can know.
    Unknown,
}

/// A name as SQL writes it.
fn sql_name(name: &Name) -> String {
    match &name.schema {
        Some(schema) => format!("{}.{}", quote_name(schema), quote_name(&name.name)),
        None => quote_name(&name.name),
    }
}

fn text(value: &str) -> String {
    limbeck_schema::catalogue::literal(value)
}

/// A name as an argument of `to_regclass`.
fn regclass(name: &Name) -> String {
    format!("to_regclass({})", text(&sql_name(name)))
}

fn numbers(connection: &mut dyn Connection, sql: &str) -> Result<Vec<i64>, HostError> {
    let rows = connection.query(sql, &[])?.rows;
    Ok(rows
        .iter()
        .filter_map(|row| match row.first() {
            Some(Literal::Int(number)) => Some(*number),
            _ => None,
        })
        .collect())
}

fn exists(connection: &mut dyn Connection, sql: &str) -> Result<bool, HostError> {
    Ok(!connection.query(sql, &[])?.rows.is_empty())
}

/// Indexes of a table.
fn indexes_of(table: &Name) -> String {
    format!("SELECT indexrelid::bigint FROM pg_catalog.pg_index WHERE indrelid = {}", regclass(table))
}

/// INVALID indexes of the database.
const INVALID: &str = "SELECT indexrelid::bigint FROM pg_catalog.pg_index WHERE NOT indisvalid";

/// Notes what there is before the statement runs.
pub(crate) fn before(connection: &mut dyn Connection, what: &Outside) -> Result<Before, HostError> {
    let objects = match what {
        Outside::CreateIndexConcurrently { table, .. } => numbers(connection, &indexes_of(table))?,
        Outside::DropIndexConcurrently { names, .. } => {
            let mut found = Vec::new();
            for name in names {
                found.extend(numbers(connection, &format!("SELECT {}::oid::bigint", regclass(name)))?);
            }
            found
        }
        Outside::ReindexConcurrently { .. } => numbers(connection, INVALID)?,
        Outside::CreateDatabase { name } | Outside::DropDatabase { name, .. } => numbers(connection, &database(name))?,
        Outside::CreateTablespace { name } | Outside::DropTablespace { name, .. } => numbers(connection, &tablespace(name))?,
        Outside::AddEnumValue { type_, value, .. } => numbers(connection, &enum_value(type_, value))?,
        Outside::DetachConcurrently { parent, partition } => numbers(connection, &partition_of(parent, partition))?,
        Outside::AlterSystem
        | Outside::AlterDatabaseTablespace { .. }
        | Outside::Vacuum
        | Outside::Cluster
        | Outside::SubscriptionWithSlot { .. }
        | Outside::SqliteVacuum
        | Outside::SqliteAttach
        | Outside::SqliteDetach
        | Outside::SqlitePragma { .. }
        | Outside::Other(_) => Vec::new(),
    };
    Ok(Before { objects })
}

fn database(name: &str) -> String {
    format!("SELECT oid::bigint FROM pg_catalog.pg_database WHERE datname = {}", text(name))
}

fn tablespace(name: &str) -> String {
    format!("SELECT oid::bigint FROM pg_catalog.pg_tablespace WHERE spcname = {}", text(name))
}

fn enum_value(type_: &Name, value: &str) -> String {
    format!(
        "SELECT oid::bigint FROM pg_catalog.pg_enum WHERE enumtypid = to_regtype({}) AND enumlabel = {}",
        text(&sql_name(type_)),
        text(value)
    )
}

fn partition_of(parent: &Name, partition: &Name) -> String {
    format!(
        "SELECT inhrelid::bigint FROM pg_catalog.pg_inherits WHERE inhparent = {} AND inhrelid = {}",
        regclass(parent),
        regclass(partition)
    )
}

/// INVALID indexes that came up since `before`, as names for DROP.
fn new_invalid(connection: &mut dyn Connection, of_table: Option<&Name>, before: &Before) -> Result<Vec<String>, HostError> {
    let known: Vec<String> = before.objects.iter().map(ToString::to_string).collect();
    let known = if known.is_empty() { "0".to_owned() } else { known.join(", ") };
    let table = of_table.map(|table| format!(" AND i.indrelid = {}", regclass(table))).unwrap_or_default();
    let sql = format!(
        "SELECT quote_ident(n.nspname) || '.' || quote_ident(c.relname) FROM pg_catalog.pg_index i \
         JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
         WHERE NOT i.indisvalid AND i.indexrelid NOT IN ({known}){table} ORDER BY 1"
    );
    let rows = connection.query(&sql, &[])?.rows;
    Ok(rows
        .into_iter()
        .filter_map(|row| match row.into_iter().next() {
            Some(Literal::Text(name)) => Some(name),
            _ => None,
        })
        .collect())
}

/// Drops INVALID indexes that came up since `before`; returns what was done, in words.
pub(crate) fn clean(connection: &mut dyn Connection, what: &Outside, before: &Before) -> Result<Vec<String>, HostError> {
    let table = match what {
        Outside::CreateIndexConcurrently { table, .. } => Some(table),
        Outside::ReindexConcurrently { what: Reindex::Table, name } => name.as_ref(),
        Outside::ReindexConcurrently { .. } => None,
        _ => return Ok(Vec::new()),
    };
    let mut cleaned = Vec::new();
    for name in new_invalid(connection, table, before)? {
        connection.execute_batch(&format!("DROP INDEX CONCURRENTLY IF EXISTS {name}"))?;
        cleaned.push(format!("dropped the INVALID index {name}, which an unfinished build left behind"));
    }
    Ok(cleaned)
}

/// Drops an INVALID index of the name that the statement is about to build, unless somebody is building it at this moment.
/// With `IF NOT EXISTS` it would be kept, and never used; without, the statement would fail.
pub(crate) fn clear_the_way(connection: &mut dyn Connection, what: &Outside) -> Result<Option<String>, HostError> {
    let Outside::CreateIndexConcurrently { name: Some(name), table, .. } = what else {
        return Ok(None);
    };
    // An index lives in the schema of its table.
    let sql = format!(
        "SELECT quote_ident(n.nspname) || '.' || quote_ident(c.relname) FROM pg_catalog.pg_index i \
         JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
         WHERE NOT i.indisvalid AND i.indrelid = {} AND c.relname = {} AND c.relkind = 'i' \
         AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_locks l WHERE l.relation = i.indrelid AND l.mode = 'ShareUpdateExclusiveLock' AND l.pid <> pg_backend_pid())",
        regclass(table),
        text(&name.name)
    );
    let rows = connection.query(&sql, &[])?.rows;
    let Some(Literal::Text(found)) = rows.into_iter().next().and_then(|row| row.into_iter().next()) else {
        return Ok(None);
    };
    connection.execute_batch(&format!("DROP INDEX CONCURRENTLY IF EXISTS {found}"))?;
    Ok(Some(format!(
        "dropped the INVALID index {found}, which an earlier, unfinished build left behind; it is built again"
    )))
}

/// Finds out what became of a statement that was begun by a run that died. Cleans what is half done.
pub(crate) fn settle(connection: &mut dyn Connection, what: &Outside, before: &Before, cleaned: &mut Vec<String>) -> Result<Settled, HostError> {
    let done = |is: bool| if is { Settled::Done } else { Settled::NotDone };
    Ok(match what {
        Outside::CreateIndexConcurrently { name, table, .. } => {
            cleaned.extend(clean(connection, what, before)?);
            let named = match name {
                Some(name) => format!(
                    " AND indexrelid = (SELECT oid FROM pg_catalog.pg_class WHERE relname = {} AND oid = indexrelid)",
                    text(&name.name)
                ),
                None => String::new(),
            };
            let now = numbers(connection, &format!("{} AND indisvalid{named}", indexes_of(table)))?;
            done(now.iter().any(|index| !before.objects.contains(index)))
        }
        Outside::DropIndexConcurrently { .. } => {
            let ids: Vec<String> = before.objects.iter().map(ToString::to_string).collect();
            if ids.is_empty() {
                return Ok(Settled::NotDone);
            }
            let there = format!("SELECT 1 FROM pg_catalog.pg_class WHERE oid IN ({})", ids.join(", "));
            done(!exists(connection, &there)?)
        }
        Outside::ReindexConcurrently { .. } => {
            cleaned.extend(clean(connection, what, before)?);
            Settled::NotDone
        }
        Outside::DetachConcurrently { parent, partition } => {
            if before.objects.is_empty() {
                return Ok(Settled::NotDone);
            }
            let pending = format!("{} AND inhdetachpending", partition_of(parent, partition));
            if exists(connection, &pending)? {
                connection.execute_batch(&format!("ALTER TABLE {} DETACH PARTITION {} FINALIZE", sql_name(parent), sql_name(partition)))?;
                cleaned.push(format!("finished detaching the partition {}", sql_name(partition)));
                return Ok(Settled::Done);
            }
            done(!exists(connection, &partition_of(parent, partition))?)
        }
        Outside::CreateDatabase { name } => {
            // A creation that was cut short leaves a database nobody can connect to (datconnlimit -2 since PostgreSQL 15.4).
            let broken = format!("{} AND datconnlimit = -2", database(name));
            if before.objects.is_empty() && exists(connection, &broken)? {
                connection.execute_batch(&format!("DROP DATABASE {}", quote_name(name)))?;
                cleaned.push(format!("dropped the half-made database {name}"));
                return Ok(Settled::NotDone);
            }
            done(before.objects.is_empty() && exists(connection, &database(name))?)
        }
        Outside::DropDatabase { name, .. } => done(!before.objects.is_empty() && !exists(connection, &database(name))?),
        Outside::CreateTablespace { name } => done(before.objects.is_empty() && exists(connection, &tablespace(name))?),
        Outside::DropTablespace { name, .. } => done(!before.objects.is_empty() && !exists(connection, &tablespace(name))?),
        Outside::AddEnumValue { type_, value, .. } => done(before.objects.is_empty() && exists(connection, &enum_value(type_, value))?),
        // Again does no harm.
        Outside::AlterSystem
        | Outside::AlterDatabaseTablespace { .. }
        | Outside::Vacuum
        | Outside::Cluster
        | Outside::SqliteVacuum
        | Outside::SqliteAttach
        | Outside::SqliteDetach
        | Outside::SqlitePragma { .. } => Settled::NotDone,
        Outside::Other(words) if words.starts_with("REINDEX") || words.starts_with("DISCARD") => Settled::NotDone,
        Outside::SubscriptionWithSlot { .. } | Outside::Other(_) => Settled::Unknown,
    })
}

/// An error that no script may catch.
pub(crate) fn stop(message: impl Into<String>, hint: impl Into<String>) -> HostError {
    let mut error = HostError::new(DatabaseErrorKind::Abort, message);
    error.hint = Some(hint.into());
    error
}
