//! Why a run stopped, and where it left the database.

use crate::advice::advice;
use crate::event::{Direction, StepLabel};
use crate::excerpt::excerpt;
use crate::journal::HalfDoneRevision;
use limbeck_db::Leftover;
use limbeck_ops::HostError;
use limbeck_python::ScriptError;
use limbeck_revision::RowError;
use limbeck_source::{Diagnose, Diagnostic, Location};
use std::path::PathBuf;

/// What went wrong in a step.
#[derive(Debug)]
pub enum StepFault {
    /// The script raised, or the database refused one of its statements.
    Script(Box<ScriptError>),
    /// The database refused a statement of Limbeck's own (version row, BEGIN, COMMIT).
    Database(HostError),
}

/// A step that failed.
#[derive(Debug)]
pub struct StepError {
    pub label: StepLabel,
    pub script: Option<PathBuf>,
    pub fault: StepFault,
    pub left: Left,
}

/// What a failed step left behind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Left {
    /// `--sql`: a text that ends too early; there was no database to change.
    Text,
    Database {
        /// The version rows now, if they could be read.
        rows: Option<Vec<String>>,
        /// Whether everything the step did was undone.
        undone: bool,
        /// Steps of this run that are done and kept.
        done: usize,
        /// Finished segments of the step that the journal knows: the next run goes on after them.
        segments: Option<usize>,
        /// The connection broke, but the step's COMMIT had reached the server.
        committed: bool,
        /// INVALID indexes and constraints that were never validated.
        leftovers: Vec<Leftover>,
    },
}

/// Why a run stopped.
#[derive(Debug)]
pub enum RunError {
    Step(Box<StepError>),
    /// The COMMIT of a run in a single transaction failed; the version rows now, if they could be read.
    Commit {
        error: HostError,
        rows: Option<Vec<String>>,
    },
    /// A revision is half done in the other direction.
    HalfDone(HalfDoneRevision),
    /// The migration lock is no longer ours.
    LockLost {
        /// Steps of this run that are done and kept.
        done: usize,
    },
    /// The version rows do not allow the plan.
    Rows(RowError),
    /// The database refused something outside of a step.
    Database(HostError),
    /// A script of the run cannot be loaded; nothing was changed.
    Preflight(Box<ScriptError>),
    /// The engine could not be started.
    Engine(Box<ScriptError>),
}

impl StepError {
    /// The revision whose step it was.
    pub fn revision(&self) -> &str {
        self.label.revision()
    }
}

impl RunError {
    /// The version rows after the run, where they are known.
    pub fn rows(&self) -> Option<&[String]> {
        match self {
            RunError::Step(error) => match &error.left {
                Left::Database { rows, .. } => rows.as_deref(),
                Left::Text => None,
            },
            RunError::Commit { rows, .. } => rows.as_deref(),
            _ => None,
        }
    }
}

/// Says where a database is.
fn place(rows: Option<&Vec<String>>) -> String {
    match rows {
        None => "the database could not be asked where it is now".into(),
        Some(rows) if rows.is_empty() => "the database is at base".into(),
        Some(rows) => format!("the database is at {}", rows.join(", ")),
    }
}

impl Left {
    /// What the first line of the message says of it.
    fn state(&self) -> String {
        match self {
            Left::Text => "the SQL is incomplete".into(),
            Left::Database { rows, .. } => place(rows.as_ref()),
        }
    }

    fn note(&self, revision: &str) -> String {
        let Left::Database {
            undone,
            done,
            segments,
            committed,
            ..
        } = self
        else {
            return "no database was touched; do not run what was printed".into();
        };
        let kept = match (committed, undone, segments) {
            (true, ..) => format!("the connection broke while {revision} was being committed, but the server has it: {revision} is done and kept"),
            (_, true, _) => format!("nothing of {revision} was kept"),
            (_, _, Some(1)) => format!("the first segment of {revision} was kept and is in the journal; what came after it was undone"),
            (_, _, Some(count)) => format!("the first {count} segments of {revision} were kept and are in the journal; what came after them was undone"),
            (_, _, None) => format!("what {revision} did outside of a transaction, or committed itself, was kept; the rest was undone"),
        };
        match done {
            0 => kept,
            1 => format!("{kept}; the step before it is done and kept"),
            count => format!("{kept}; the {count} steps before it are done and kept"),
        }
    }

    /// Notes on what was found half done in the database.
    fn leftovers(&self) -> Vec<String> {
        let Left::Database { leftovers, .. } = self else {
            return Vec::new();
        };
        leftovers
            .iter()
            .map(|left| match left {
                Leftover::InvalidIndex { index, table } => {
                    format!("the index {index} on {table} is INVALID: queries do not use it (`DROP INDEX CONCURRENTLY {index};`)")
                }
                Leftover::NotValidConstraint { constraint, table } => {
                    format!("the constraint {constraint} on {table} is NOT VALID (`ALTER TABLE {table} VALIDATE CONSTRAINT {constraint};`)")
                }
            })
            .collect()
    }

    /// Why a script may fail that is only printed, where it failed by itself: what it asks a database has no answer there.
    fn asks_nobody(&self, by_itself: bool) -> Option<String> {
        (by_itself && *self == Left::Text).then(|| {
            "`--sql` has no database to ask: where a script needs answers, look at `context.is_offline_mode()` there, or begin after it (`START:END --sql`)"
                .to_owned()
        })
    }

    /// What to type next; `first` is what to do before, where something better than the obvious is known.
    fn next(&self, word: &str, first: Option<&str>) -> String {
        let first = first.map_or_else(|| "mend the cause, ".to_owned(), |first| format!("{first}; "));
        match self {
            Left::Database { committed: true, .. } => format!("run `{word}` again: it goes on with the next revision"),
            Left::Database { segments: Some(_), .. } => format!("{first}then run `{word}` again: it goes on after the last finished segment"),
            Left::Text | Left::Database { undone: true, .. } => format!("{first}then run `{word}` again"),
            Left::Database { .. } => format!("{first}undo by hand what was kept (or let the script skip it), then run `{word}` again"),
        }
    }
}

impl Diagnose for StepError {
    fn diagnose(&self) -> Diagnostic {
        let word = self.label.direction.command();
        let revision = self.revision();
        let mut found = Diagnostic::error("E0412", format!("{word} of {revision} failed; {}", self.left.state()));
        let (host, script) = match &self.fault {
            StepFault::Script(error) => (error.host_error.as_deref(), Some(error)),
            StepFault::Database(error) => (Some(error), None),
        };
        if let Some(error) = script {
            if let Some(place) = &error.place {
                let mut location = Location::new(place.path.display().to_string(), place.line, place.column);
                location.text.clone_from(&error.source);
                found = found.at(location);
            } else if let Some(path) = &self.script {
                found = found.at(Location::file(path.display().to_string()));
            }
        }
        match (host, script) {
            (Some(error), _) => found = with_database_error(found, error),
            (None, Some(error)) => found = found.cause(error.to_string()),
            (None, None) => {}
        }
        if let Some(error) = script
            && error.traceback.len() > 1
        {
            found = found.note(format!("Traceback (most recent call last):\n{}", error.traceback_text().trim_end()));
        }
        found = found.note(self.left.note(revision));
        for left in self.left.leftovers() {
            found = found.note(left);
        }
        let own = host
            .and_then(|error| error.hint.clone())
            .or_else(|| script.and_then(|error| error.diagnose().hint))
            .or_else(|| host.and_then(|error| advice(error, self.label.direction == Direction::Upgrade)))
            .or_else(|| self.left.asks_nobody(script.is_some() && host.is_none()));
        found.hint(self.left.next(word, own.as_deref()))
    }
}

/// Adds what a database said: message, SQLSTATE, details, statement.
pub fn with_database_error(found: Diagnostic, error: &HostError) -> Diagnostic {
    let state = error.sqlstate.as_ref().map(|state| match state.starts_with("SQLITE_") {
        true => format!(" ({state})"),
        false => format!(" (SQLSTATE {state})"),
    });
    let state = state.unwrap_or_default();
    let mut found = found.cause(format!("{}{state}", error.message.trim_end()));
    let place = |detail: &str| detail.strip_prefix("POSITION:").and_then(|at| at.trim().parse().ok());
    let position = error.details.iter().find_map(|detail| place(detail)).filter(|_| error.statement.is_some());
    for detail in error.details.iter().filter(|detail| position.is_none() || place(detail).is_none()) {
        found = found.note(detail.clone());
    }
    if let Some(statement) = &error.statement {
        found = found.note(format!("statement:\n{}", excerpt(statement, position)));
    }
    found
}

impl Diagnose for RunError {
    fn diagnose(&self) -> Diagnostic {
        match self {
            RunError::Step(error) => error.diagnose(),
            RunError::Commit { error, rows } => {
                let message = format!("the run could not be committed; {}", place(rows.as_ref()));
                with_database_error(Diagnostic::error("E0412", message), error)
                    .hint_opt(error.hint.clone())
                    .note("the whole run was one transaction: without its COMMIT nothing of it is kept")
            }
            RunError::HalfDone(half) => half.diagnose(),
            RunError::LockLost { done } => Diagnostic::error("E0432", "the migration lock was lost: the session that held it has ended")
                .note(format!("the run stopped between two revisions; {done} of its steps are done and kept"))
                .hint("see the server's log for why the session ended, then run the command again"),
            RunError::Rows(error) => error.diagnose(),
            RunError::Database(error) => with_database_error(Diagnostic::error("E0401", "the database refused"), error).hint_opt(error.hint.clone()),
            RunError::Preflight(error) => {
                let found = error.diagnose();
                found.note("nothing was changed")
            }
            RunError::Engine(error) => error.diagnose(),
        }
    }
}

impl Diagnose for HalfDoneRevision {
    fn diagnose(&self) -> Diagnostic {
        let (revision, direction) = (&self.revision, &self.direction);
        let mut found = Diagnostic::error(
            "E0430",
            format!("the {direction} of {revision} is half done: {} of its segments are finished", self.finished),
        )
        .note(format!("since {} (UTC); nothing was changed", self.since));
        if let Some(running) = &self.running {
            found = found.note(format!("it stopped at:\n{}", running.trim()));
        }
        found.hint(format!(
            "finish it with `{direction}`; or undo by hand what it did, and forget it with `stamp` on the revision that the schema then has"
        ))
    }
}
