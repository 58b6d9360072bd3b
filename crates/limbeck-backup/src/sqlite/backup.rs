//! A SQLite file into a backup.

use super::{content, copy, number, open, open_new, text};
use crate::manifest::MANIFEST_VERSION;
use crate::partial::Partial;
use crate::postgres::{Facts, finish, now};
use crate::stream::Packer;
use crate::{BackupError, Compression, Format, Manifest, Taken, Watch, hash, require_space};
use limbeck_expr::TableName;
use std::fs::File;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::time::Instant;

/// What is wanted.
pub struct SqliteRequest<'a> {
    /// The file.
    pub output: PathBuf,
    /// How to compress it.
    pub compression: Compression,
    /// The schema as SQL text instead of the file.
    pub schema_only: bool,
    /// Whether to count rows.
    pub counts: bool,
    /// Go on where the disk looks too small.
    pub ignore_space: bool,
    /// Replace a backup of this name.
    pub overwrite: bool,
    /// The version table.
    pub version_table: TableName,
    /// What the manifest says of the history.
    pub facts: Facts<'a>,
    /// The run it is taken before.
    pub before: Option<String>,
    /// For people, without password.
    pub label: String,
    /// Limbeck's version.
    pub limbeck: &'static str,
}

/// Backs a file up; others may go on using it.
///
/// # Errors
/// Why there is no backup; nothing is left of it then.
pub fn backup_sqlite(source: &Path, request: &SqliteRequest<'_>, watch: &mut Watch<'_>) -> Result<Taken, BackupError> {
    let (began, taken_at) = (Instant::now(), now());
    let partial = Partial::file(&request.output, request.overwrite)?;
    if partial.stale {
        watch.note("a half-written backup of this name, left by a run that was killed, was removed");
    }
    let failed = |error: rusqlite::Error| BackupError::sqlite("read the database", &error);
    // Writable: a database in WAL mode needs its index file even to be read.
    let connection = open(source, true)?;
    // One snapshot for the copy, the counts and the revisions. A writer waits for its end unless the database is in WAL mode.
    connection.execute_batch("BEGIN; SELECT count(*) FROM sqlite_master").map_err(failed)?;
    let bytes = number(&connection, "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size").map_err(failed)?;
    if !request.ignore_space && !request.schema_only {
        require_space(
            &request.output,
            if request.compression == Compression::None { bytes } else { bytes + bytes / 4 },
        )?;
    }
    watch.phase("copying");
    let (size, sha256) = if request.schema_only {
        let text = text::schema(&connection).map_err(failed)?;
        pack(&mut text.as_bytes(), &partial, request.compression, None, watch)?
    } else if request.compression == Compression::None {
        copy_to(&connection, partial.path(), watch)?;
        hash::of_path(partial.path(), watch)?
    } else {
        let folder = request
            .output
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty())
            .unwrap_or(Path::new("."));
        let raw = tempfile::NamedTempFile::with_prefix_in(".limbeck-", folder).map_err(|error| BackupError::file("written", folder, error))?;
        copy_to(&connection, raw.path(), watch)?;
        let mut file = File::open(raw.path()).map_err(|error| BackupError::file("read", raw.path(), error))?;
        watch.phase("compressing");
        pack(&mut file, &partial, request.compression, Some(bytes), watch)?
    };
    let content = content(&connection, &request.version_table, request.counts && !request.schema_only).map_err(failed)?;
    let _ = connection.execute_batch("ROLLBACK");
    let (graph, scripts) = (request.facts)(content.revisions.as_deref().unwrap_or_default());
    let manifest = Manifest {
        manifest: MANIFEST_VERSION,
        limbeck: request.limbeck.to_owned(),
        taken_at,
        seconds: (began.elapsed().as_secs_f64() * 1000.0).round() / 1000.0,
        before: request.before.clone(),
        backend: "sqlite".to_owned(),
        database: source.file_name().unwrap_or_default().to_string_lossy().into_owned(),
        label: request.label.clone(),
        server_version: rusqlite::version().to_owned(),
        tool: format!("sqlite {}", rusqlite::version()),
        format: if request.schema_only { Format::Plain } else { Format::Sqlite },
        compression: request.compression,
        schema_only: request.schema_only,
        size,
        sha256,
        version_table: content.revisions.is_some().then(|| request.version_table.name.as_str().to_owned()),
        revisions: content.revisions,
        graph,
        scripts,
        rows: (request.counts && !request.schema_only).then_some(content.rows),
        large_objects: None,
        properties: None,
        verified_at: None,
    };
    finish(partial, &manifest)?;
    Ok(Taken {
        path: request.output.clone(),
        manifest,
    })
}

fn copy_to(from: &rusqlite::Connection, path: &Path, watch: &mut Watch<'_>) -> Result<(), BackupError> {
    let mut to = open_new(path)?;
    copy(from, &mut to, path, watch)
}

fn pack(source: &mut dyn Read, partial: &Partial, compression: Compression, total: Option<u64>, watch: &mut Watch<'_>) -> Result<(u64, String), BackupError> {
    let failed = |error| BackupError::file("written", partial.path(), error);
    let mut packer = Packer::new(partial.handle()?, compression).map_err(failed)?;
    let mut block = vec![0; 1 << 18];
    let mut done = 0;
    loop {
        let read = source.read(&mut block).map_err(failed)?;
        if read == 0 {
            return packer.finish().map_err(failed);
        }
        packer.write_all(&block[..read]).map_err(failed)?;
        done += read as u64;
        watch.bytes(done, total);
        watch.check()?;
    }
}
