//! Why a backup or a restore did not happen.

use limbeck_db::DbError;
use limbeck_source::words::size;
use limbeck_source::{Diagnose, Diagnostic};
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

/// A backup or restore that failed. Unless the variant says otherwise, nothing was changed.
#[derive(Debug)]
#[allow(missing_docs)] // the fields are what the messages say
pub enum BackupError {
    /// No program of PostgreSQL's fits the server.
    NoTool {
        program: &'static str,
        major: u32,
        looked: Vec<String>,
        configured: bool,
    },
    /// A program of PostgreSQL's failed.
    Tool { program: String, status: String, said: Vec<String> },
    /// A file cannot be read or written.
    File { what: &'static str, path: PathBuf, source: io::Error },
    /// There is a backup of this name.
    Exists { path: PathBuf },
    /// The disk is too full.
    Space { folder: PathBuf, needed: u64, free: u64 },
    /// Another process writes the same file.
    Busy { path: PathBuf },
    /// The manifest cannot be understood.
    Manifest { path: PathBuf, reason: String },
    /// The backup is not what was written.
    Damaged { path: PathBuf, reason: String },
    /// The file is of another kind than the database.
    WrongKind { path: PathBuf, found: String, wanted: &'static str },
    /// A plain dump does more than fill one database.
    Reaches { path: PathBuf, line: u64, text: String },
    /// The role may not make or rename databases.
    NotAllowed { role: String, what: String },
    /// Others use the database.
    InUse { database: String, sessions: Vec<String> },
    /// The database holds something, and nobody said that it may go.
    NotEmpty { database: String, tables: u64 },
    /// The restore failed half-way and was undone.
    Restore { said: Vec<String>, program: String },
    /// What was restored is not what the manifest says.
    Differs { differences: Vec<String> },
    /// The new database is there, but has not taken the old one's name.
    NotSwapped { new: String, reason: String, statements: Vec<String> },
    /// There is nothing to copy.
    NoFile { database: String },
    /// The user stopped it.
    Interrupted,
    /// A SQLite file is used by others.
    Locked { path: PathBuf },
    /// Something in the database cannot be cleared in a transaction.
    Uncleared { what: String },
    /// SQLite refused.
    Sqlite { what: &'static str, message: String },
    /// The server refused.
    Database(DbError),
}

impl BackupError {
    pub(crate) fn file(what: &'static str, path: &Path, source: io::Error) -> Self {
        BackupError::File {
            what,
            path: path.to_owned(),
            source,
        }
    }

    pub(crate) fn damaged(path: &Path, reason: impl Into<String>) -> Self {
        BackupError::Damaged {
            path: path.to_owned(),
            reason: reason.into(),
        }
    }

    pub(crate) fn sqlite(what: &'static str, error: &rusqlite::Error) -> Self {
        BackupError::Sqlite {
            what,
            message: error.to_string(),
        }
    }

    /// Whether this is an answer ("no") rather than a failure.
    pub fn is_answer(&self) -> bool {
        use BackupError::*;
        matches!(
            self,
            Damaged { .. } | Differs { .. } | InUse { .. } | NotEmpty { .. } | Locked { .. } | Exists { .. }
        )
    }
}

impl From<DbError> for BackupError {
    fn from(error: DbError) -> Self {
        BackupError::Database(error)
    }
}

impl fmt::Display for BackupError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.diagnose().message)
    }
}

impl std::error::Error for BackupError {}

const UNTOUCHED: &str = "the database was not touched";

impl Diagnose for BackupError {
    fn diagnose(&self) -> Diagnostic {
        use BackupError::*;
        match self {
            NoTool {
                program,
                major,
                looked,
                configured,
            } => no_tool(program, *major, looked, *configured),
            Tool { program, status, said } => with_lines(Diagnostic::error("E0911", format!("`{program}` failed ({status})")), said).hint_opt(hint_of(said)),
            File { what, path, source } => {
                let found = Diagnostic::error("E0912", format!("`{}` cannot be {what}", path.display())).caused_by(source);
                let absent = source.kind() == std::io::ErrorKind::NotFound;
                match path.parent().filter(|folder| absent && !folder.as_os_str().is_empty() && !folder.is_dir()) {
                    Some(folder) => found.hint(format!("there is no folder `{}`: make it with `mkdir -p`, or give another path", folder.display())),
                    None if absent => found.hint("is the path right? a relative one begins in the current folder; `backup list` shows what there is"),
                    None => found,
                }
            }
            Exists { path } => Diagnostic::error("E0913", format!("`{}` is there already", path.display()))
                .note("nothing was written")
                .hint("give another name, or `--overwrite`"),
            Space { folder, needed, free } => Diagnostic::error(
                "E0914",
                format!("{} are free in `{}`, and the backup may need {}", size(*free), folder.display(), size(*needed)),
            )
            .note("nothing was written")
            .hint("make room, write elsewhere with `-o`, compress (`-o NAME.sql.zst`), or go on regardless with `--ignore-space`"),
            Busy { path } => Diagnostic::error("E0915", format!("another process is writing `{}`", path.display())).hint("wait for it, or give another name"),
            Manifest { path, reason } => Diagnostic::error("E0916", format!("the manifest `{}` cannot be understood", path.display()))
                .cause(reason.clone())
                .note(UNTOUCHED)
                .hint("if the manifest is lost, move it away: the backup can be restored without it, but not checked against it"),
            Damaged { path, reason } => Diagnostic::error("E0917", format!("the backup `{}` is damaged: {reason}", path.display()))
                .note(UNTOUCHED)
                .hint("take another copy of it or an older backup; `backup list` shows them"),
            WrongKind { path, found, wanted } => Diagnostic::error("E0918", format!("`{}` is {found}, not a backup of {wanted}", path.display()))
                .note(UNTOUCHED)
                .hint("name the file that `backup` or pg_dump wrote"),
            Reaches { path, line, text } => Diagnostic::error(
                "E0919",
                format!("line {line} of `{}` is a command for psql that leads out of the database: `{text}`", path.display()),
            )
            .note(UNTOUCHED)
            .hint("a dump of one database without `--create` can be restored; this one has to go through psql by hand"),
            NotAllowed { role, what } => Diagnostic::error("E0920", format!("the role {role} may not {what}"))
                .note(UNTOUCHED)
                .hint(format!(
                    "a superuser grants it with `ALTER ROLE {role} CREATEDB` (the role must own the database too); or restore into the same database with `--in-place`"
                )),
            InUse { database, sessions } => with_lines(
                Diagnostic::error("E0921", format!("{} connected to {database}", others(sessions.len()))),
                sessions,
            )
            .note(UNTOUCHED)
            .hint("stop what uses the database, or end the sessions with `--terminate`"),
            NotEmpty { database, tables } => Diagnostic::error(
                "E0922",
                format!("{database} is not empty ({tables} {}), and `--in-place` would replace what it holds", if *tables == 1 { "table" } else { "tables" }),
            )
            .note(UNTOUCHED)
            .hint("say `--yes`, or leave `--in-place` out: then the old database is kept under another name"),
            Restore { said, program } => with_lines(Diagnostic::error("E0923", format!("the backup could not be restored: `{program}` stopped")), said)
                .note("what was done so far was undone; the database is as it was")
                .hint_opt(hint_of(said)),
            Differs { differences } => with_lines(Diagnostic::error("E0924", "what was restored is not what the manifest says"), differences)
                .note("it was undone; the database is as it was"),
            NotSwapped { new, reason, statements } => with_lines(
                Diagnostic::error("E0925", format!("the backup is restored as database {new}, but it could not take the old one's place: {reason}")),
                statements,
            )
            .note("the old database is as it was")
            .hint(format!("run these statements in another database when nobody is connected, or drop {new}")),
            NoFile { database } => {
                Diagnostic::error("E0926", format!("{database} has no file to copy")).hint("a database in memory is gone with its process; there is nothing to back up")
            }
            Interrupted => Diagnostic::error("E0927", "interrupted").note("what was half written is removed; the database is as it was"),
            Locked { path } => Diagnostic::error("E0928", format!("another process is using `{}`", path.display()))
                .note(UNTOUCHED)
                .hint("stop what writes to it, then run the command again"),
            Uncleared { what } => Diagnostic::error("E0929", format!("{what} cannot be removed inside a transaction"))
                .note(UNTOUCHED)
                .hint("remove it by hand, or leave `--in-place` out"),
            Sqlite { what, message } => Diagnostic::error("E0930", format!("SQLite could not {what}")).cause(message.clone()),
            Database(error) => error.diagnose(),
        }
    }
}

fn no_tool(program: &str, major: u32, looked: &[String], configured: bool) -> Diagnostic {
    let mut found = Diagnostic::error("E0910", format!("there is no {program} here for a PostgreSQL {major} server"));
    for line in looked {
        found = found.note(line.clone());
    }
    let install = format!(
        "install the client programs of PostgreSQL {major} or newer: Debian and Ubuntu `apt-get install postgresql-client-{major}` (or `postgresql-client`), Red Hat `dnf install postgresql{major}`, \
         Alpine `apk add postgresql{major}-client`, macOS `brew install libpq`"
    );
    found.hint(if configured {
        format!("`pg_bin` names the only folder that was looked in: correct it, or {install}")
    } else {
        format!("{install}; where they are in another folder, name it with `pg_bin` in the configuration or LIMBECK_PG_BIN")
    })
}

/// The next step for what a program said, where we know one.
fn hint_of(said: &[String]) -> Option<String> {
    let has = |words: &str| said.iter().any(|line| line.contains(words));
    if let Some(line) = said.iter().find(|line| line.contains("role \"") && line.contains("does not exist")) {
        let role = line.split("role \"").nth(1)?.split('"').next()?;
        return Some(format!(
            "the backup names the role {role}: make it first with `CREATE ROLE \"{role}\"`, or leave owners and grants out with `--no-roles`"
        ));
    }
    if has("out of shared memory") {
        return Some("one transaction held more locks than the server has room for: raise max_locks_per_transaction, or leave `--in-place` out".into());
    }
    if has("extension") && has("is not available") {
        return Some("install the extension's files on the server first".into());
    }
    if has("permission denied") {
        return Some("the role needs the right that is missing; a superuser, or the owner of the database, has it".into());
    }
    if has("lock timeout") {
        return Some("another session uses a table of this database: see it with `locks`, and try again".into());
    }
    None
}

fn with_lines(mut found: Diagnostic, lines: &[String]) -> Diagnostic {
    for line in lines {
        found = found.cause(line.clone());
    }
    found
}

fn others(count: usize) -> String {
    if count == 1 {
        "1 other session is".into()
    } else {
        format!("{count} other sessions are")
    }
}
