//! Why a run stopped, and where it left the database.

use crate::event::{Direction, StepLabel};
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
        let ids = match self.label.direction {
            Direction::Upgrade | Direction::Stamp => &self.label.to,
            Direction::Downgrade => &self.label.from,
        };
        ids.first().map_or("base", String::as_str)
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
        let (undone, done) = match self {
            Left::Text => return "no database was touched; do not run what was printed".into(),
            Left::Database { undone, done, .. } => (*undone, *done),
        };
        let kept = if undone {
            format!("nothing of {revision} was kept")
        } else {
            format!("what {revision} did outside of a transaction, or committed itself, was kept; the rest was undone")
        };
        match done {
            0 => kept,
            1 => format!("{kept}; the step before it is done and kept"),
            count => format!("{kept}; the {count} steps before it are done and kept"),
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
        let own = host
            .and_then(|error| error.hint.clone())
            .or_else(|| script.and_then(|error| error.diagnose().hint));
        let again = if matches!(self.left, Left::Database { undone: false, .. }) {
            format!("mend the cause, undo by hand what was kept (or let the script skip it), then run `{word}` again")
        } else {
            format!("mend the cause, then run `{word}` again")
        };
        found.hint(own.map_or(again.clone(), |hint| format!("{hint}; then run `{word}` again")))
    }
}

/// Adds what a database said: message, SQLSTATE, details, statement.
pub fn with_database_error(found: Diagnostic, error: &HostError) -> Diagnostic {
    let state = error.sqlstate.as_ref().map(|state| format!(" (SQLSTATE {state})")).unwrap_or_default();
    let mut found = found.cause(format!("{}{state}", error.message.trim_end()));
    for detail in &error.details {
        found = found.note(detail.clone());
    }
    if let Some(statement) = &error.statement {
        found = found.note(format!("statement:\n{}", statement.trim()));
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
