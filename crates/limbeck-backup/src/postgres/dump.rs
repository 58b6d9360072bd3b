//! Taking a backup: `pg_dump` in one snapshot with the counts that go into its manifest.

use super::child::{Cancelling, Running};
use super::{Program, Server, counts, first_text, properties};
use crate::manifest::MANIFEST_VERSION;
use crate::partial::Partial;
use crate::stream::Packer;
use crate::{BackupError, Compression, Format, Manifest, Properties, Taken, Watch, hash, require_space, space};
use limbeck_db::{Connection, DbError};
use limbeck_expr::TableName;
use limbeck_source::words::size;
use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

const BLOCK: usize = 1 << 18;

/// What a history says of the revisions a database is at: the hash of the graph, and of each applied script.
pub type Facts<'a> = &'a dyn Fn(&[String]) -> (Option<String>, BTreeMap<String, String>);

/// What is wanted.
pub struct DumpRequest<'a> {
    /// The file or folder.
    pub output: PathBuf,
    /// How to write it.
    pub format: Format,
    /// How to compress it (plain only).
    pub compression: Compression,
    /// No data.
    pub schema_only: bool,
    /// Processes that write (directory only).
    pub jobs: Option<u32>,
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
    /// Limbeck's version.
    pub limbeck: &'static str,
}

/// What is read in the snapshot.
struct Snapshot {
    id: Option<String>,
    revisions: Option<(String, Vec<String>)>,
    properties: Properties,
    server_version: String,
    /// Bytes of the tables and large objects, without indexes.
    data: u64,
}

/// Backs a database up. `connection` is to the same server and database, in no transaction.
///
/// # Errors
/// Why there is no backup; nothing is left of it then.
pub fn dump(
    connection: &mut dyn Connection,
    server: &Server,
    program: &Program,
    request: &DumpRequest<'_>,
    watch: &mut Watch<'_>,
) -> Result<Taken, BackupError> {
    let cancelling = Cancelling::start(connection.cancel_handle(), watch.stop());
    let result = taken(connection, server, program, request, watch);
    drop(cancelling);
    // What was cancelled failed for that reason, whatever it says.
    watch.check()?;
    result
}

fn taken(connection: &mut dyn Connection, server: &Server, program: &Program, request: &DumpRequest<'_>, watch: &mut Watch<'_>) -> Result<Taken, BackupError> {
    let (began, taken_at) = (Instant::now(), now());
    let partial = match request.format {
        Format::Directory => Partial::folder(&request.output, request.overwrite)?,
        _ => Partial::file(&request.output, request.overwrite)?,
    };
    if partial.stale {
        watch.note("a half-written backup of this name, left by a run that was killed, was removed");
    }
    let snapshot = begin(connection, request)?;
    look_at_space(&snapshot, request, watch)?;
    if snapshot.id.is_none() && request.counts {
        watch.note("the server exports no snapshot here: rows are not counted, and the backup is compared by its revisions alone");
    }
    let mut command = server.command(&program.path);
    command.arg("--no-password").arg(format!("--format={}", request.format.word()));
    if let Some(id) = &snapshot.id {
        command.arg(format!("--snapshot={id}"));
    }
    if request.schema_only {
        command.arg("--schema-only");
    }
    if let (Format::Directory, Some(jobs)) = (request.format, request.jobs) {
        command.arg(format!("--jobs={jobs}"));
    }
    let whole = request.format != Format::Plain;
    if whole {
        command.arg("--file").arg(partial.path());
        command.stdout(Stdio::null());
    } else {
        command.stdout(Stdio::piped());
    }
    // The program shares our lock on the file for as long as it lives.
    command.stdin(Stdio::from(partial.handle()?));
    watch.check()?;
    watch.phase("dumping");
    let mut running = Running::start(command, watch.stop())?;
    let counted = snapshot.id.is_some() && request.counts && !request.schema_only;
    let abandoned = Arc::new(AtomicBool::new(false));
    let (written, counts) = std::thread::scope(|scope| {
        let given_up = Arc::clone(&abandoned);
        let counter = counted.then(|| scope.spawn(move || count(connection, &given_up)));
        let written = if whole {
            wait(&mut running, &partial, watch)
        } else {
            pump(&mut running, &partial, request.compression, &snapshot, watch)
        };
        let written = written.and_then(|written| running.finish().map(|()| written));
        if written.is_err() {
            abandoned.store(true, Ordering::Relaxed);
        }
        while counter.as_ref().is_some_and(|thread| !thread.is_finished()) {
            if watch.check().is_err() {
                abandoned.store(true, Ordering::Relaxed);
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        let counts = counter.map(|thread| thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        (written, counts.transpose())
    });
    let written = written?;
    watch.check()?;
    let counts = counts?;
    let (bytes, sha256) = match written {
        Some(known) => known,
        None => hash::of_path(partial.path(), watch)?,
    };
    let revisions = snapshot.revisions;
    let (graph, scripts) = (request.facts)(revisions.as_ref().map(|(_, rows)| rows.as_slice()).unwrap_or_default());
    let manifest = Manifest {
        manifest: MANIFEST_VERSION,
        limbeck: request.limbeck.to_owned(),
        taken_at,
        seconds: (began.elapsed().as_secs_f64() * 1000.0).round() / 1000.0,
        before: request.before.clone(),
        backend: "postgresql".to_owned(),
        database: server.database().to_owned(),
        label: server.label(),
        server_version: snapshot.server_version,
        tool: format!("pg_dump {}", program.version),
        format: request.format,
        compression: request.compression,
        schema_only: request.schema_only,
        size: bytes,
        sha256,
        version_table: revisions.as_ref().map(|(table, _)| table.clone()),
        revisions: revisions.map(|(_, rows)| rows),
        graph,
        scripts,
        large_objects: counts.as_ref().map(|(_, objects)| *objects),
        rows: counts.map(|(rows, _)| rows),
        properties: Some(snapshot.properties),
        verified_at: None,
    };
    finish(partial, &manifest)?;
    Ok(Taken {
        path: request.output.clone(),
        manifest,
    })
}

/// Gives the backup and then its manifest their names. Between the two the manifest waits as `.partial`, where it is found.
pub(crate) fn finish(partial: Partial, manifest: &Manifest) -> Result<(), BackupError> {
    let prepared = manifest.prepare(partial.target())?;
    partial.finish()?;
    prepared.finish()
}

/// Begins the transaction whose snapshot everything is of.
fn open_snapshot(connection: &mut dyn Connection) -> Result<(), BackupError> {
    connection.execute_batch("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")?;
    // The transaction lasts as long as the dump, mostly idle; and what row security hides is not counted but refused, as pg_dump does.
    connection.execute_batch("SET LOCAL idle_in_transaction_session_timeout = 0; SET LOCAL statement_timeout = 0; SET LOCAL row_security = off")?;
    Ok(())
}

fn begin(connection: &mut dyn Connection, request: &DumpRequest<'_>) -> Result<Snapshot, BackupError> {
    open_snapshot(connection)?;
    let id = match first_text(connection, "SELECT pg_catalog.pg_export_snapshot()") {
        Ok(id) => id,
        Err(error) if error.is_connection_lost() => return Err(error.into()),
        Err(_) => {
            connection.rollback()?;
            open_snapshot(connection)?;
            None
        }
    };
    let revisions = counts::revisions(connection, &request.version_table)?;
    let properties = properties::read(connection)?;
    // `15.18 (Debian 15.18-0+deb12u1)`
    let version = first_text(connection, "SHOW server_version")?.unwrap_or_default();
    // Without a lock on any table, which others may hold; indexes and the catalogue are in no dump.
    let data = "SELECT greatest(0, pg_catalog.pg_database_size(current_database()) - 8000000 - (SELECT coalesce(sum(relpages), 0) FROM pg_catalog.pg_class WHERE relkind = 'i')::bigint * 8192)";
    Ok(Snapshot {
        id,
        revisions,
        properties,
        server_version: version.split(' ').next().unwrap_or_default().to_owned(),
        data: counts::number(connection, data)?,
    })
}

/// Text takes about as much room as the tables it is of; compressed, a fraction of that.
fn look_at_space(snapshot: &Snapshot, request: &DumpRequest<'_>, watch: &mut Watch<'_>) -> Result<(), BackupError> {
    if request.schema_only || request.ignore_space {
        return Ok(());
    }
    let packed = request.format != Format::Plain || request.compression != Compression::None;
    let needed = if packed { snapshot.data / 4 } else { snapshot.data };
    require_space(&request.output, needed)?;
    if let Some(free) = space::free_space(&request.output)
        && free < needed + needed / 2
    {
        watch.note(&format!("the backup may need {} of the {} that are free", size(needed), size(free)));
    }
    Ok(())
}

fn count(connection: &mut dyn Connection, stop: &AtomicBool) -> Result<(BTreeMap<String, u64>, u64), DbError> {
    let rows = counts::count(connection, stop)?;
    let objects = if stop.load(Ordering::Relaxed) {
        0
    } else {
        counts::large_objects(connection)?
    };
    Ok((rows, objects))
}

/// From the program's output into the file, hashed on the way; a plain dump has to end as one.
fn pump(
    running: &mut Running,
    partial: &Partial,
    compression: Compression,
    snapshot: &Snapshot,
    watch: &mut Watch<'_>,
) -> Result<Option<(u64, String)>, BackupError> {
    let unwritable = |error| BackupError::file("written", partial.path(), error);
    let mut packer = Packer::new(partial.handle()?, compression).map_err(unwritable)?;
    let mut source = running.child.stdout.take().expect("its output is a pipe");
    let mut block = vec![0; BLOCK];
    let mut text = 0;
    let mut tail = Vec::new();
    loop {
        match source.read(&mut block) {
            Ok(0) => break,
            Ok(read) => {
                packer.write_all(&block[..read]).map_err(unwritable)?;
                text += read as u64;
                remember(&mut tail, &block[..read]);
                watch.bytes(packer.written(), (compression == Compression::None).then_some(snapshot.data.max(text)));
                watch.check()?;
            }
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(unwritable(error)),
        }
    }
    let known = packer.finish().map_err(unwritable)?;
    let status = running.child.wait();
    if status.is_ok_and(|status| status.success()) && !String::from_utf8_lossy(&tail).contains("PostgreSQL database dump complete") {
        return Err(BackupError::damaged(partial.path(), "pg_dump ended without its last words"));
    }
    Ok(Some(known))
}

fn remember(tail: &mut Vec<u8>, block: &[u8]) {
    const TAIL: usize = 512;
    tail.extend_from_slice(&block[block.len().saturating_sub(TAIL)..]);
    let excess = tail.len().saturating_sub(TAIL);
    tail.drain(..excess);
}

/// Waits for a program that writes by itself.
fn wait(running: &mut Running, partial: &Partial, watch: &mut Watch<'_>) -> Result<Option<(u64, String)>, BackupError> {
    let failed = |error| BackupError::file("written", partial.path(), error);
    while running.child.try_wait().map_err(failed)?.is_none() {
        watch.bytes(written(partial), None);
        watch.check()?;
        std::thread::sleep(Duration::from_millis(20));
    }
    Ok(None)
}

fn written(partial: &Partial) -> u64 {
    let path = partial.path();
    match std::fs::read_dir(path) {
        Ok(entries) => entries.flatten().filter_map(|entry| entry.metadata().ok()).map(|facts| facts.len()).sum(),
        Err(_) => std::fs::metadata(path).map(|facts| facts.len()).unwrap_or_default(),
    }
}

/// The moment, as manifests write it.
pub fn now() -> String {
    jiff::Timestamp::now()
        .round(jiff::Unit::Second)
        .unwrap_or_else(|_| jiff::Timestamp::now())
        .to_string()
}
