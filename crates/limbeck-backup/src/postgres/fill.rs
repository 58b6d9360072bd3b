//! Filling an empty database from a backup, and looking beforehand whether the backup can do that.

use super::child::Running;
use super::scan::{Line, Lines};
use super::{Places, Program, Server, find_tool};
use crate::stream::{self, decoder};
use crate::verdict::Checked;
use crate::{BackupError, Compression, Format, Manifest, Watch};
use limbeck_db::Connection;
use std::fs::File;
use std::io::{self, Read, Seek, Write};
use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

const BLOCK: usize = 1 << 18;
/// How often one looks how far psql is.
const TICK: Duration = Duration::from_millis(20);

/// The programs a restore needs.
#[derive(Debug, Clone)]
pub struct Fill {
    /// For plain dumps, and for all of them in place.
    pub psql: Program,
    /// For the other formats.
    pub pg_restore: Option<Program>,
    /// The server's major version.
    pub server_major: u32,
    /// Processes that restore (custom and directory).
    pub jobs: Option<u32>,
    /// Leave out whose things are and who may use them: the roles need not be there.
    pub no_roles: bool,
}

impl Fill {
    /// Finds them for a server and a backup.
    ///
    /// # Errors
    /// One is not there.
    pub fn find(places: &Places, connection: &dyn Connection, checked: &Checked, jobs: Option<u32>) -> Result<Self, BackupError> {
        let server_major = connection.server_version().first().copied().unwrap_or_default();
        // An archive is read by the version that wrote it and newer ones; of the server's own version a program can write to it directly.
        let pg_restore = match checked.kind.format {
            Format::Custom | Format::Directory => {
                let needed = archive_major(checked);
                Some(find_tool(places, "pg_restore", needed.max(server_major)).or_else(|_| find_tool(places, "pg_restore", needed))?)
            }
            _ => None,
        };
        Ok(Fill {
            psql: find_tool(places, "psql", server_major)?,
            pg_restore,
            server_major,
            jobs,
            no_roles: false,
        })
    }
}

/// The oldest PostgreSQL whose pg_restore reads an archive, by the version in its head (pg_backup_archiver.h).
fn archive_major(checked: &Checked) -> u32 {
    let head = match checked.kind.format {
        Format::Directory => checked.path.join("toc.dat"),
        _ => checked.path.clone(),
    };
    let mut bytes = [0; 7];
    let read = File::open(head).and_then(|mut file| file.read_exact(&mut bytes));
    match (read, bytes[5], bytes[6]) {
        (Ok(()), 1, 16..) => 17,
        (Ok(()), 1, 15) => 16,
        (Ok(()), 1, 14) => 12,
        _ => 10,
    }
}

/// Reads a backup that has no manifest from its beginning to its end; what is cut off or leads elsewhere is found. Returns what should be known about it.
///
/// # Errors
/// It is damaged, or does more than fill one database.
pub fn inspect(checked: &Checked, fill: &Fill, watch: &mut Watch<'_>) -> Result<Option<String>, BackupError> {
    let path = &checked.path;
    match checked.kind.format {
        Format::Sqlite => Err(BackupError::WrongKind {
            path: path.clone(),
            found: "a SQLite database".into(),
            wanted: "PostgreSQL",
        }),
        Format::Plain => inspect_plain(checked, watch),
        Format::Custom | Format::Directory => {
            if checked.manifest.is_none() {
                read_archive(path, fill, watch)?;
            }
            Ok(None)
        }
    }
}

fn inspect_plain(checked: &Checked, watch: &mut Watch<'_>) -> Result<Option<String>, BackupError> {
    // What our own manifest vouches for was looked at when it was written.
    if checked.manifest.is_some() {
        return Ok(None);
    }
    let path = &checked.path;
    let mut lines = Lines::new(stream::open(path)?);
    let mut before = 0_u64;
    loop {
        let next = lines.next().map_err(|error| BackupError::damaged(path, error.to_string()))?;
        let Some((kind, text)) = next else { break };
        if kind == Line::Meta {
            let text = String::from_utf8_lossy(text).trim().to_owned();
            return Err(BackupError::Reaches {
                path: path.clone(),
                line: lines.number(),
                text,
            });
        }
        before += 1;
        if before.is_multiple_of(4096) {
            watch.check()?;
        }
    }
    if lines.by_pg_dump() && !lines.complete() {
        return Err(BackupError::damaged(path, "it is cut off: pg_dump's last words are not at its end"));
    }
    if lines.cut_short() {
        return Err(BackupError::damaged(path, "it ends inside a statement"));
    }
    if lines.statements() == 0 {
        return Err(BackupError::damaged(path, "there is no SQL in it"));
    }
    Ok((!lines.by_pg_dump()).then(|| "it was not written by pg_dump: whether it is complete cannot be told".to_owned()))
}

fn read_archive(path: &Path, fill: &Fill, watch: &mut Watch<'_>) -> Result<(), BackupError> {
    let Some(program) = &fill.pg_restore else { return Ok(()) };
    let mut command = std::process::Command::new(&program.path);
    command.arg("--file=/dev/null").arg(path).stdin(Stdio::null()).stdout(Stdio::null());
    match Running::start(command, watch.stop())?.finish() {
        Err(BackupError::Tool { said, .. }) => Err(BackupError::damaged(path, format!("pg_restore cannot read it: {}", said.join("; ")))),
        other => other,
    }
}

/// Fills an empty database.
///
/// # Errors
/// The dump stopped; the database is half full then.
pub fn fill(server: &Server, checked: &Checked, fill: &Fill, watch: &mut Watch<'_>) -> Result<(), BackupError> {
    watch.phase("restoring");
    let direct = match (&fill.pg_restore, checked.kind.format) {
        // Of another version it would send settings that the server does not know.
        (Some(program), Format::Custom | Format::Directory) if program.major() == fill.server_major => Some(program),
        _ => None,
    };
    let result = match direct {
        Some(program) => {
            let mut command = server.command(&program.path);
            command
                .args(["--no-password", "--exit-on-error"])
                .arg(format!("--dbname={}", conninfo(server.database())))
                .args(without_roles(fill));
            if let Some(jobs) = fill.jobs {
                command.arg(format!("--jobs={jobs}"));
            }
            command.arg(&checked.path).stdin(Stdio::null()).stdout(Stdio::null());
            Running::start(command, watch.stop())?.finish()
        }
        None if is_plain_text_of_ours(checked, fill) => straight(server, checked, fill, watch),
        None => through_psql(server, checked, fill, watch),
    };
    result.map_err(restore_failed)
}

/// Whether psql may read the file itself: our manifest vouches for it, and nothing in it is unknown to psql or the server.
fn is_plain_text_of_ours(checked: &Checked, fill: &Fill) -> bool {
    let plain = checked.kind.format == Format::Plain && checked.kind.compression == Compression::None;
    let by_this_version = checked.manifest.as_ref().and_then(|manifest| major_of(&manifest.tool)) == Some(fill.server_major);
    plain && by_this_version && fill.psql.knows_restrict() && !fill.no_roles
}

/// What says it to pg_restore.
fn without_roles(fill: &Fill) -> &'static [&'static str] {
    if fill.no_roles { &["--no-owner", "--no-acl"] } else { &[] }
}

/// `pg_dump 15.18` → 15
fn major_of(tool: &str) -> Option<u32> {
    tool.split(' ').nth(1)?.split('.').next()?.parse().ok()
}

/// Lets psql read the file; how far it is, the place in the file tells, which our handle shares with it.
fn straight(server: &Server, checked: &Checked, fill: &Fill, watch: &mut Watch<'_>) -> Result<(), BackupError> {
    let unreadable = |error| BackupError::file("read", &checked.path, error);
    let mut file = File::open(&checked.path).map_err(unreadable)?;
    let total = file.metadata().ok().map(|facts| facts.len());
    let mut command = psql(server, fill);
    command.stdin(Stdio::from(file.try_clone().map_err(unreadable)?));
    let mut running = Running::start(command, watch.stop())?;
    while running.child.try_wait().map_err(unreadable)?.is_none() {
        watch.bytes(file.stream_position().unwrap_or_default(), total);
        watch.check()?;
        std::thread::sleep(TICK);
    }
    running.finish()
}

fn through_psql(server: &Server, checked: &Checked, fill: &Fill, watch: &mut Watch<'_>) -> Result<(), BackupError> {
    let mut psql = Running::start(psql(server, fill), watch.stop())?;
    let mut to = psql.child.stdin.take().expect("its input is a pipe");
    let mut script = Script::open(checked, fill, watch)?;
    let sent = script.send(&mut to, fill, None, watch);
    drop(to);
    // A program that hung up has said why.
    match (sent, psql.finish()) {
        (Err(error), Ok(())) if !matches!(error, BackupError::File { .. }) => Err(error),
        (_, Err(error)) => Err(error),
        (sent, Ok(())) => {
            sent?;
            script.finish()
        }
    }
}

/// The `psql` that runs a script from its input.
pub(super) fn psql(server: &Server, fill: &Fill) -> std::process::Command {
    let mut command = server.command(&fill.psql.path);
    command.args(["-X", "-q", "-A", "-t", "--no-password", "-v", "ON_ERROR_STOP=1", "-v", "VERBOSITY=default"]);
    command.stdin(Stdio::piped()).stdout(Stdio::null());
    command
}

/// A backup as SQL text, wherever it comes from.
pub(super) struct Script {
    source: Box<dyn Read + Send>,
    /// Bytes of the file that were read.
    read: Arc<AtomicU64>,
    total: Option<u64>,
    /// pg_restore, where it writes the text.
    writer: Option<Running>,
    ours: bool,
    /// The pg_dump that wrote it, where our manifest tells and it is read as it is.
    by: Option<u32>,
    path: std::path::PathBuf,
}

impl Script {
    pub(super) fn open(checked: &Checked, fill: &Fill, watch: &Watch<'_>) -> Result<Self, BackupError> {
        let path = checked.path.clone();
        let read = Arc::new(AtomicU64::new(0));
        if let (Some(program), Format::Custom | Format::Directory) = (&fill.pg_restore, checked.kind.format) {
            let mut command = std::process::Command::new(&program.path);
            if program.major() >= 12 {
                command.arg("--file=-");
            }
            command.args(without_roles(fill)).arg(&path).stdin(Stdio::null()).stdout(Stdio::piped());
            let mut writer = Running::start(command, watch.stop())?;
            let source = writer.child.stdout.take().expect("its output is a pipe");
            return Ok(Script {
                source: Box::new(source),
                read,
                total: None,
                writer: Some(writer),
                ours: true,
                by: None,
                path,
            });
        }
        let file = File::open(&path).map_err(|error| BackupError::file("read", &path, error))?;
        let total = file.metadata().ok().map(|facts| facts.len());
        let counted = Counted {
            inner: file,
            read: Arc::clone(&read),
        };
        Ok(Script {
            source: decoder(counted, &path)?,
            read,
            total,
            writer: None,
            ours: checked.manifest.is_some(),
            by: checked.manifest.as_ref().and_then(|manifest| major_of(&manifest.tool)),
            path,
        })
    }

    /// Sends the text. With `alone` it is a part of one transaction: what would end that is left out or refused.
    pub(super) fn send(&mut self, to: &mut dyn Write, fill: &Fill, alone: Option<OneTransaction>, watch: &mut Watch<'_>) -> Result<(), BackupError> {
        let raw = alone.is_none() && !fill.no_roles && self.by == Some(fill.server_major) && fill.psql.knows_restrict();
        if raw {
            return self.copy(to, watch);
        }
        let mut to = io::BufWriter::with_capacity(BLOCK, to);
        let source = std::mem::replace(&mut self.source, Box::new(io::empty()));
        let mut lines = Lines::new(source);
        let mut passed = 0_u64;
        loop {
            let next = lines.next().map_err(|error| BackupError::damaged(&self.path, error.to_string()))?;
            let Some((kind, text)) = next else { break };
            let keep = match kind {
                Line::Data => true,
                Line::Sql => !unknown_setting(text, fill.server_major),
                Line::Roles => !fill.no_roles,
                // Our reading of the text is at least as strict as what `\restrict` asks of psql.
                Line::Restrict => fill.psql.knows_restrict() && alone.is_none(),
                Line::Begin | Line::Commit => alone.is_none(),
                Line::Control if alone.is_none() => true,
                Line::Control | Line::Meta => {
                    let text = String::from_utf8_lossy(text).trim().chars().take(80).collect();
                    return Err(BackupError::Reaches {
                        path: self.path.clone(),
                        line: lines.number(),
                        text,
                    });
                }
            };
            if keep {
                passed += text.len() as u64;
                to.write_all(text).map_err(pipe)?;
            }
            if lines.number().is_multiple_of(512) {
                let done = if self.total.is_some() { self.read.load(Ordering::Relaxed) } else { passed };
                watch.bytes(done, self.total);
                watch.check()?;
            }
        }
        if (self.ours || lines.by_pg_dump()) && !lines.complete() {
            return Err(BackupError::damaged(&self.path, "it ended before pg_dump's last words"));
        }
        to.flush().map_err(pipe)
    }

    fn copy(&mut self, to: &mut dyn Write, watch: &mut Watch<'_>) -> Result<(), BackupError> {
        let mut block = vec![0; BLOCK];
        loop {
            let read = match self.source.read(&mut block) {
                Ok(0) => return Ok(()),
                Ok(read) => read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(BackupError::damaged(&self.path, error.to_string())),
            };
            to.write_all(&block[..read]).map_err(pipe)?;
            watch.bytes(self.read.load(Ordering::Relaxed), self.total);
            watch.check()?;
        }
    }

    /// Whether whoever wrote the text came to its end.
    pub(super) fn finish(&mut self) -> Result<(), BackupError> {
        match self.writer.take() {
            Some(writer) => writer.finish(),
            None => Ok(()),
        }
    }
}

/// The script is a part of a transaction that is not its own.
#[derive(Debug, Clone, Copy)]
pub(super) struct OneTransaction;

struct Counted {
    inner: File,
    read: Arc<AtomicU64>,
}

impl Read for Counted {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.read.fetch_add(read as u64, Ordering::Relaxed);
        Ok(read)
    }
}

/// Settings that a newer pg_dump begins its text with, and since which server they are known.
const SETTINGS: [(&[u8], u32); 3] = [
    (b"SET transaction_timeout = 0;", 17),
    (b"SET default_table_access_method = ", 12),
    (b"SET default_toast_compression = ", 14),
];

fn unknown_setting(line: &[u8], server: u32) -> bool {
    SETTINGS.iter().any(|(start, since)| server < *since && line.starts_with(start))
}

/// psql hung up; why, it says itself.
fn pipe(error: io::Error) -> BackupError {
    BackupError::file("sent to psql", Path::new("the backup"), error)
}

pub(super) fn restore_failed(error: BackupError) -> BackupError {
    match error {
        BackupError::Tool { program, said, .. } => BackupError::Restore { said, program },
        other => other,
    }
}

/// A database's name where a connection string may stand.
fn conninfo(database: &str) -> String {
    format!("dbname='{}'", database.replace('\\', "\\\\").replace('\'', "\\'"))
}

/// How long one waits for a moment.
pub(super) const MOMENT: Duration = Duration::from_millis(50);

/// Whether a manifest's dump has more than the schema.
pub(super) fn has_data(manifest: Option<&Manifest>) -> bool {
    manifest.is_none_or(|manifest| !manifest.schema_only)
}
