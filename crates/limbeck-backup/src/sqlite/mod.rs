//! SQLite: copies by its online backup, which reads a database that others are using, and writes one inside a transaction of SQLite's own.

mod backup;
mod restore;
mod text;

pub use backup::{SqliteRequest, backup_sqlite};
pub use restore::{SqliteRestored, check_sqlite, restore_sqlite};

use crate::{BackupError, Watch};
use limbeck_expr::TableName;
use rusqlite::backup::{Backup, StepResult};
use rusqlite::{Connection, OpenFlags};
use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

/// Pages of one step: a few megabytes, so that a stop is noticed soon.
const STEP: std::ffi::c_int = 1024;
/// How long to wait for a writer of another process.
const PATIENCE: Duration = Duration::from_secs(5);

/// Opens a file for reading, as a database that nobody changes where it is a backup of ours.
fn open(path: &Path, writable: bool) -> Result<Connection, BackupError> {
    let flags = if writable {
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE
    } else {
        OpenFlags::SQLITE_OPEN_READ_ONLY
    };
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let opened = Connection::open_with_flags(absolute, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX);
    let connection = opened.map_err(|error| BackupError::sqlite("open the file", &error))?;
    connection
        .busy_timeout(PATIENCE)
        .map_err(|error| BackupError::sqlite("open the file", &error))?;
    Ok(connection)
}

/// Opens a new file to copy into. It is thrown away if the copy fails, so it needs no journal; and whoever makes it brings it to the disk.
fn open_new(path: &Path) -> Result<Connection, BackupError> {
    let connection = open(path, true)?;
    let prepared = connection
        .query_row("PRAGMA journal_mode = OFF", [], |_| Ok(()))
        .and_then(|()| connection.execute_batch("PRAGMA synchronous = OFF"));
    prepared.map_err(|error| BackupError::sqlite("open the file", &error))?;
    Ok(connection)
}

/// Copies all pages from one database into another.
fn copy(from: &Connection, to: &mut Connection, to_path: &Path, watch: &mut Watch<'_>) -> Result<(), BackupError> {
    let failed = |error: rusqlite::Error| BackupError::sqlite("copy the database", &error);
    let page = number(from, "PRAGMA page_size").map_err(failed)?;
    let backup = Backup::new(from, to).map_err(failed)?;
    let began = Instant::now();
    loop {
        watch.check()?;
        match backup.step(STEP).map_err(failed)? {
            StepResult::Done => return Ok(()),
            StepResult::More => {
                let progress = backup.progress();
                let pages = |count: std::ffi::c_int| u64::try_from(count).unwrap_or_default() * page;
                watch.bytes(pages(progress.pagecount - progress.remaining), Some(pages(progress.pagecount)));
            }
            _ if began.elapsed() > PATIENCE => return Err(BackupError::Locked { path: to_path.to_owned() }),
            _ => std::thread::sleep(Duration::from_millis(20)),
        }
    }
}

/// Rows of every table, and of the version table.
struct Content {
    rows: BTreeMap<String, u64>,
    revisions: Option<Vec<String>>,
}

fn content(connection: &Connection, table: &TableName, with_rows: bool) -> rusqlite::Result<Content> {
    let mut names = connection.prepare(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND sql NOT LIKE 'CREATE VIRTUAL%' ORDER BY name",
    )?;
    let names: Vec<String> = names.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
    let mut rows = BTreeMap::new();
    let version = table.name.as_str();
    let mut revisions = None;
    for name in names {
        if name.eq_ignore_ascii_case(version) {
            let mut query = connection.prepare(&format!("SELECT CAST(version_num AS TEXT) FROM {} WHERE version_num IS NOT NULL", ident(&name)))?;
            let mut found: Vec<String> = query.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
            found.sort();
            revisions = Some(found);
        }
        if with_rows {
            let count = number(connection, &format!("SELECT count(*) FROM {}", ident(&name)))?;
            rows.insert(name, count);
        }
    }
    Ok(Content { rows, revisions })
}

/// SQLite's own look at every page; what it finds.
fn integrity(connection: &Connection) -> rusqlite::Result<Vec<String>> {
    let mut query = connection.prepare("PRAGMA integrity_check(10)")?;
    let lines: Vec<String> = query.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
    Ok(lines.into_iter().filter(|line| line != "ok").collect())
}

fn number(connection: &Connection, sql: &str) -> rusqlite::Result<u64> {
    let number: i64 = connection.query_row(sql, [], |row| row.get(0))?;
    Ok(u64::try_from(number).unwrap_or_default())
}

fn ident(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
