//! A backup into a SQLite file.
//!
//! The backup is unpacked and looked at in a file of its own. Then SQLite's online backup writes it over the database in one transaction: programs that have the file open see the new
//! content at their next statement, and a process that is killed leaves a journal by which the next one rolls back. Renaming would leave such programs writing to a file without
//! a name. Only where there is no database to write to (none, or one that is no SQLite file any more) the new file is renamed into place.

use super::{content, copy, integrity, open, open_new, text};
use crate::partial::sync_folder_of;
use crate::verdict::{Checked, differences};
use crate::{BackupError, Comparison, Format, Watch, require_space, stream};
use limbeck_expr::TableName;
use std::fs::{self, File};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use tempfile::{NamedTempFile, TempPath};

/// What was restored.
#[derive(Debug, Clone)]
pub struct SqliteRestored {
    /// What it was found to hold.
    pub comparison: Comparison,
    /// Where the old database is now.
    pub kept: Option<PathBuf>,
}

/// Unpacks a backup beside `near`, and looks whether it is whole and what the manifest says; returns the file and what it holds.
///
/// # Errors
/// It is not.
pub fn check_sqlite(checked: &Checked, near: &Path, table: &TableName, watch: &mut Watch<'_>) -> Result<(TempPath, Comparison), BackupError> {
    let path = &checked.path;
    if matches!(checked.kind.format, Format::Custom | Format::Directory) {
        return Err(BackupError::WrongKind {
            path: path.clone(),
            found: "a dump of PostgreSQL".into(),
            wanted: "SQLite",
        });
    }
    let folder = near.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    require_space(near, fs::metadata(path).map(|facts| facts.len()).unwrap_or_default())?;
    let file = NamedTempFile::with_prefix_in(".limbeck-restore-", folder).map_err(|error| BackupError::file("written", folder, error))?;
    let unpacked = if checked.kind.format == Format::Sqlite {
        unpack(path, file, watch)?
    } else {
        run_text(checked, file, watch)?
    };
    watch.phase("looking at every page");
    let broken = |error: rusqlite::Error| BackupError::damaged(path, error.to_string());
    let connection = open(&unpacked, true)?;
    let found = integrity(&connection).map_err(broken)?;
    if !found.is_empty() {
        return Err(BackupError::damaged(path, found.join("; ")));
    }
    watch.check()?;
    let content = content(&connection, table, true).map_err(broken)?;
    if let Some(manifest) = &checked.manifest {
        let rows = (!manifest.schema_only).then_some(&content.rows);
        let found = differences(manifest, rows, content.revisions.as_deref(), None);
        if !found.is_empty() {
            return Err(BackupError::Differs { differences: found });
        }
    }
    // A database in WAL mode has two more files while it is open.
    drop(connection);
    let comparison = Comparison {
        tables: content.rows.len(),
        rows: content.rows.values().sum(),
        revisions: content.revisions,
        compared: checked.manifest.is_some(),
    };
    Ok((unpacked, comparison))
}

/// Restores a backup over `target`; what was there is kept beside it.
///
/// # Errors
/// Why not; the target is as it was.
pub fn restore_sqlite(checked: &Checked, target: &Path, table: &TableName, watch: &mut Watch<'_>) -> Result<SqliteRestored, BackupError> {
    let (unpacked, comparison) = check_sqlite(checked, target, table, watch)?;
    let kept = free_name(target);
    let length = fs::metadata(target).map(|facts| facts.len()).unwrap_or_default();
    if length == 0 || !is_database(target) {
        // Nothing to write to: the file takes the place, and whatever stood there is kept with its journals.
        for suffix in ["", "-wal", "-shm", "-journal"] {
            let from = with_suffix(target, suffix);
            if length > 0 && from.exists() {
                fs::rename(&from, with_suffix(&kept, suffix)).map_err(|error| BackupError::file("moved away", &from, error))?;
            } else if from.exists() {
                let _ = fs::remove_file(&from);
            }
        }
        File::open(&unpacked)
            .and_then(|file| file.sync_all())
            .map_err(|error| BackupError::file("written", &unpacked, error))?;
        unpacked.persist(target).map_err(|error| BackupError::file("written", target, error.error))?;
        sync_folder_of(target);
        return Ok(SqliteRestored {
            comparison,
            kept: (length > 0).then_some(kept),
        });
    }
    let refused = |error: rusqlite::Error| match error.sqlite_error_code() {
        Some(rusqlite::ErrorCode::DatabaseBusy | rusqlite::ErrorCode::DatabaseLocked) => BackupError::Locked { path: target.to_owned() },
        _ => BackupError::sqlite("write the database", &error),
    };
    let mut to = open(target, true)?;
    // Whoever writes at the moment is waited for, and nobody begins between the copy and the restore.
    require_space(&kept, length)?;
    watch.phase("keeping the old database");
    {
        let from = open(target, true)?;
        from.execute_batch("BEGIN IMMEDIATE; ROLLBACK; BEGIN; SELECT count(*) FROM sqlite_master")
            .map_err(refused)?;
        let partial = crate::partial::Partial::file(&kept, false)?;
        let mut old = open_new(partial.path())?;
        copy(&from, &mut old, &kept, watch)?;
        drop(old);
        partial.finish()?;
    }
    watch.phase("restoring");
    // Writable, so that the last one to close a database in WAL mode takes its two other files away.
    let from = open(&unpacked, true)?;
    let result = same_page_size(&from, &to).map_err(refused).and_then(|()| copy(&from, &mut to, target, watch));
    if let Err(error) = result {
        drop(to);
        let _ = fs::remove_file(&kept);
        return Err(match error {
            BackupError::Sqlite { message, .. } if message.contains("locked") || message.contains("busy") => BackupError::Locked { path: target.to_owned() },
            error => error,
        });
    }
    Ok(SqliteRestored { comparison, kept: Some(kept) })
}

/// `app.db.before_20260102030405`, of a moment that no file is named after yet.
fn free_name(target: &Path) -> PathBuf {
    let mut at = jiff::Timestamp::now();
    loop {
        let kept = with_suffix(target, &format!(".before_{}", at.strftime("%Y%m%d%H%M%S")));
        if !kept.exists() {
            return kept;
        }
        at += std::time::Duration::from_secs(1);
    }
}

/// A database in WAL mode cannot change its page size; out of it, it can.
fn same_page_size(from: &rusqlite::Connection, to: &rusqlite::Connection) -> rusqlite::Result<()> {
    let page = |connection: &rusqlite::Connection| connection.query_row("PRAGMA page_size", [], |row| row.get::<_, i64>(0));
    let mode: String = to.query_row("PRAGMA journal_mode", [], |row| row.get(0))?;
    if mode == "wal" && page(from)? != page(to)? {
        to.query_row("PRAGMA journal_mode = DELETE", [], |row| row.get::<_, String>(0))?;
    }
    Ok(())
}

fn unpack(path: &Path, mut file: NamedTempFile, watch: &mut Watch<'_>) -> Result<TempPath, BackupError> {
    let total = fs::metadata(path).ok().map(|facts| facts.len());
    let mut source = stream::open(path)?;
    let mut block = vec![0; 1 << 18];
    let mut done = 0;
    loop {
        let read = source.read(&mut block).map_err(|error| BackupError::damaged(path, error.to_string()))?;
        if read == 0 {
            break;
        }
        file.write_all(&block[..read])
            .map_err(|error| BackupError::file("written", file.path(), error))?;
        done += read as u64;
        watch.bytes(done, total);
        watch.check()?;
    }
    let length_in_header = page_bytes(file.path());
    if length_in_header.is_some_and(|wanted| wanted > done) {
        return Err(BackupError::damaged(path, "it is cut off: its header tells of more pages"));
    }
    Ok(file.into_temp_path())
}

/// The size that a SQLite file's header tells: page size at 16, pages at 28.
fn page_bytes(path: &Path) -> Option<u64> {
    let mut head = [0; 100];
    File::open(path).ok()?.read_exact(&mut head).ok()?;
    let page = match u16::from_be_bytes([head[16], head[17]]) {
        1 => 65_536,
        size => u64::from(size),
    };
    Some(page * u64::from(u32::from_be_bytes([head[28], head[29], head[30], head[31]])))
}

/// Runs SQL text, ours or one of `sqlite3 .dump`, in the empty file.
fn run_text(checked: &Checked, file: NamedTempFile, watch: &mut Watch<'_>) -> Result<TempPath, BackupError> {
    let path = &checked.path;
    let mut sql = String::new();
    stream::open(path)?
        .read_to_string(&mut sql)
        .map_err(|error| BackupError::damaged(path, error.to_string()))?;
    if sql.contains("-- PostgreSQL database dump\n") {
        return Err(BackupError::WrongKind {
            path: path.clone(),
            found: "a dump of PostgreSQL".into(),
            wanted: "SQLite",
        });
    }
    let end = sql.trim_end();
    let whole = if sql.starts_with(text::HEAD) {
        end.ends_with(text::TAIL)
    } else {
        end.ends_with("COMMIT;")
    };
    if !whole {
        return Err(BackupError::damaged(
            path,
            "it is no SQLite database, and as SQL text it does not end with `COMMIT;`, as one of `.dump` does",
        ));
    }
    watch.check()?;
    let temporary = file.into_temp_path();
    let connection = open(&temporary, true)?;
    connection
        .execute_batch(&sql)
        .map_err(|error| BackupError::damaged(path, format!("its SQL does not run: {error}")))?;
    Ok(temporary)
}

fn is_database(path: &Path) -> bool {
    let mut head = [0; 16];
    let begins = File::open(path).and_then(|mut file| file.read_exact(&mut head)).is_ok() && &head == b"SQLite format 3\0";
    begins && open(path, true).is_ok_and(|connection| connection.query_row("SELECT count(*) FROM sqlite_master", [], |_| Ok(())).is_ok())
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(suffix);
    path.with_file_name(name)
}
