//! What the database remembers of applied scripts, next to what the project has: scripts that were edited since, and scripts that are gone.

use crate::context::{Context, Failure};
use crate::session;
use crate::streams;
use crate::workspace::{GraphErrors, History, Workspace};
use limbeck_db::Connection;
use limbeck_run::{Journal, Remembered, Settings};
use limbeck_script::header::{self, Outcome};
use limbeck_script::{Header, ScriptFile};
use limbeck_source::{Diagnostic, Location};
use std::collections::{BTreeMap, HashSet, VecDeque};
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// The remembered scripts of one database, by revision.
pub type Stored = BTreeMap<String, Remembered>;

/// Reads what is remembered; nothing where no journal is kept.
///
/// # Errors
/// The journal cannot be read.
pub fn read(context: &Context, settings: &Settings, connection: &mut dyn Connection) -> Result<Stored, Failure> {
    let journal = Journal::look(connection, settings.dialect, &settings.version_table.name)
        .map_err(|error| session::database_failure(context, "the journal cannot be read", &error))?;
    of_journal(context, &journal, connection)
}

/// As [`read`], of a journal that was found already.
///
/// # Errors
/// The journal cannot be read.
pub fn of_journal(context: &Context, journal: &Journal, connection: &mut dyn Connection) -> Result<Stored, Failure> {
    let scripts = journal
        .scripts(connection)
        .map_err(|error| session::database_failure(context, "the journal of applied scripts cannot be read", &error))?;
    Ok(scripts.into_iter().map(|script| (script.revision.clone(), script)).collect())
}

/// The header of a remembered script, as far as its text alone tells.
pub fn header_of(script: &Remembered) -> Option<Header> {
    match header::read(&shown_path(script), &script.source) {
        Ok(Outcome::Static(header)) => Some(header),
        Ok(Outcome::Computed(_)) | Err(_) => None,
    }
}

fn shown_path(script: &Remembered) -> PathBuf {
    script.path.as_ref().map_or_else(
        || {
            let extension = if limbeck_script::sql_file::is_revision(&script.source) { "sql" } else { "py" };
            PathBuf::from(format!("{}.{extension}", script.revision))
        },
        PathBuf::from,
    )
}

/// `applied 2026-01-31 08:00:00 UTC by me@host`.
pub fn when_and_who(script: &Remembered) -> String {
    let by = script.applied_by.as_ref().map(|by| format!(" by {by}")).unwrap_or_default();
    format!("applied {} UTC{by}", script.applied_at)
}

/// The scripts that were changed after they were applied, each with its text of today; in order of the history.
///
/// # Errors
/// A script cannot be read.
pub fn edited<'a>(history: &'a History, applied: &HashSet<&str>, stored: &'a Stored) -> Result<Vec<(&'a ScriptFile, &'a Remembered, String)>, Failure> {
    let mut found = Vec::new();
    for script in &history.scripts {
        let Some(remembered) = stored
            .get(&script.header.revision)
            .filter(|_| applied.contains(script.header.revision.as_str()))
        else {
            continue;
        };
        let source = limbeck_script::read_source(&script.path).map_err(crate::workspace::script_failure)?;
        if remembered.was_edited(&source) {
            found.push((script, remembered, source));
        }
    }
    Ok(found)
}

/// Warns of scripts that are about to be reverted and were changed after they were applied: their `downgrade()` may not fit what was done. A warning is not
/// worth a failure, so that what cannot be read is passed over.
pub fn warn_of_edits(context: &Context, settings: &Settings, connection: &mut dyn Connection, history: &History, reverted: &HashSet<&str>) {
    if context.is_alembic() || context.global.quiet {
        return;
    }
    let Ok(stored) = read(context, settings, connection) else { return };
    for (script, remembered, _) in edited(history, reverted, &stored).unwrap_or_default() {
        let found = Diagnostic::warning("E0420", format!("the script of `{}` was edited after it was applied", remembered.revision))
            .at(Location::file(script.path.display().to_string()))
            .note(when_and_who(remembered))
            .hint(format!("`{} status -v` shows what was changed", context.again()));
        streams::show(&found, context.stderr_style());
    }
}

/// The applied revisions that have no script here.
#[derive(Debug, Default)]
pub struct Missing<'a> {
    /// Those that are remembered, the newest first: from the version rows down to what the project has.
    pub scripts: Vec<&'a Remembered>,
    /// Revisions that these follow and that nobody knows.
    pub lost: Vec<String>,
}

/// Follows the history from `rows` down through what is remembered to what is `known`.
pub fn missing<'a>(known: impl Fn(&str) -> bool, rows: &[String], stored: &'a Stored) -> Missing<'a> {
    let mut found = Missing::default();
    let mut seen = HashSet::new();
    let mut waiting: VecDeque<(String, bool)> = rows.iter().map(|row| (row.clone(), false)).collect();
    while let Some((id, is_parent)) = waiting.pop_front() {
        if known(&id) || !seen.insert(id.clone()) {
            continue;
        }
        let Some(script) = stored.get(&id) else {
            found.lost.extend(is_parent.then_some(id));
            continue;
        };
        found.scripts.push(script);
        if let Some(header) = header_of(script) {
            waiting.extend(header.down_revisions.into_iter().map(|id| (id, true)));
            // May be a label of a revision that is known.
            waiting.extend(header.depends_on.into_iter().map(|id| (id, false)));
        }
    }
    found
}

/// The project's history with the scripts that are missing in it, taken from what the database remembers. The directory holds their texts: it must live as
/// long as they are run.
///
/// # Errors
/// A revision of the database is neither here nor remembered; a remembered text is no such script.
pub fn history(
    context: &Context,
    workspace: &Workspace,
    settings: &Settings,
    connection: &mut dyn Connection,
    rows: &[String],
) -> Result<(History, Option<TempDir>), Failure> {
    let stored = read(context, settings, connection)?;
    let mut place = None;
    let history = workspace.history_with(context, GraphErrors::Caught, |scripts| {
        let ids: HashSet<String> = scripts.iter().map(|script| script.header.revision.clone()).collect();
        // A script in the middle of the history may be gone too: its children name it.
        let mut wanted = rows.to_vec();
        for script in &*scripts {
            wanted.extend(script.header.down_revisions.iter().cloned());
        }
        let Missing { scripts: missing, lost } = missing(|id| ids.contains(id), &wanted, &stored);
        if let Some(id) = lost.first() {
            return Err(unknown(id));
        }
        if missing.is_empty() {
            return Ok(());
        }
        let directory = private_directory()?;
        for (number, script) in missing.iter().enumerate() {
            scripts.push(write(context, workspace, directory.path(), number, script)?);
        }
        for script in &missing {
            let file = script.path.as_ref().map(|path| format!(" from {path}")).unwrap_or_default();
            context.message(&format!("Taken from the database: {}{file}, {}.", script.revision, when_and_who(script)));
        }
        place = Some(directory);
        Ok(())
    })?;
    match rows.iter().find(|row| history.graph.find(row).is_none()) {
        Some(row) => Err(unknown(row)),
        None => Ok((history, place)),
    }
}

/// A revision that is neither in the project nor remembered.
fn unknown(id: &str) -> Failure {
    let found = Diagnostic::error(
        "E0421",
        format!("the script of revision `{id}` is neither in this project nor remembered by the database"),
    )
    .note("nothing was changed")
    .note("only PostgreSQL databases remember scripts, and only those that Limbeck applied while the journal was on")
    .hint(format!("use the code that has `{id}` (another branch, a newer release)"));
    Failure::new(found).alembic(format!("Can't locate revision identified by '{id}'"))
}

/// After a run that failed: leaves the texts where they are, for whoever mends them.
pub fn keep(mut failure: Failure, texts: Option<TempDir>) -> Failure {
    if let Some(texts) = texts {
        let path = texts.keep();
        failure.diagnostic.notes.push(format!(
            "the scripts that the database remembers are kept in {}: copy them into the project to mend them",
            path.display()
        ));
    }
    failure
}

fn private_directory() -> Result<TempDir, Failure> {
    // Readable by nobody else: scripts may hold what only the database's owner should see.
    tempfile::Builder::new()
        .prefix("limbeck-journal-")
        .tempdir()
        .map_err(|error| Failure::new(Diagnostic::error("E0808", "no private directory for the remembered scripts can be made").caused_by(&error)))
}

/// Writes a remembered script as a file of its own folder, under the name it had.
fn write(context: &Context, workspace: &Workspace, directory: &Path, number: usize, script: &Remembered) -> Result<ScriptFile, Failure> {
    let unwritten = |error: std::io::Error| Failure::new(Diagnostic::error("E0808", "a remembered script cannot be written").caused_by(&error));
    let folder = directory.join(number.to_string());
    fs::create_dir(&folder).map_err(unwritten)?;
    let path = folder.join(file_name(script));
    let mut file = fs::File::create_new(&path).map_err(unwritten)?;
    file.write_all(script.source.as_bytes()).map_err(unwritten)?;
    let header = match header::read(&path, &script.source).map_err(crate::workspace::script_failure)? {
        Outcome::Static(header) => header,
        Outcome::Computed(computed) => {
            crate::headers::by_running(context, &workspace.project, *computed, &script.source).map_err(crate::workspace::script_failure)?
        }
    };
    if header.revision != script.revision {
        let found = Diagnostic::error(
            "E0422",
            format!(
                "the text that the database remembers for revision `{}` says that it is `{}`",
                script.revision, header.revision
            ),
        )
        .note("nothing was changed")
        .hint("somebody changed the table limbeck.script: use the code that has the revision");
        return Err(Failure::new(found));
    }
    Ok(ScriptFile { path, header })
}

/// The name the file had, where it is a harmless one.
fn file_name(script: &Remembered) -> String {
    let name = shown_path(script).file_name().and_then(|name| name.to_str()).unwrap_or_default().to_owned();
    let is_sql = limbeck_script::sql_file::is_revision(&script.source);
    let harmless = name.len() > 3
        && name.len() < 200
        && name.ends_with(if is_sql { ".sql" } else { ".py" })
        && !name.starts_with('.')
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.'));
    if harmless {
        name
    } else if is_sql {
        "remembered.sql".to_owned()
    } else {
        "remembered.py".to_owned()
    }
}
