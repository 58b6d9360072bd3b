//! What the page says, as plain data. Whoever gathers it has taken out every password.

use serde::Serialize;

/// Everything on the page but the graph itself.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Facts {
    /// The project's folder.
    pub project: String,
    /// When the page was made, for people.
    pub made_at: String,
    /// The program and its version.
    pub made_by: String,
    /// The name to call the program by.
    pub program: String,
    /// The databases of the project.
    pub databases: Vec<Database>,
    /// What ran.
    pub log: Log,
}

/// One database.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Database {
    /// Its name, without a password.
    pub label: String,
    /// The server and its version, where it could be asked.
    pub server: Option<String>,
    /// Where it is.
    pub position: Position,
    /// What is wrong.
    pub problems: Vec<Problem>,
    /// Whether its schema is what the history makes.
    pub drift: Drift,
    /// What an upgrade would run.
    pub sql: PendingSql,
    /// How its last run ended, for people.
    pub last_run: Option<String>,
}

/// Where a database is in the history.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Position {
    /// It was asked.
    Known {
        /// The rows of the version table.
        current: Vec<String>,
        /// Of these, those without a script in the project.
        unknown: Vec<String>,
        /// How many revisions are applied.
        applied: usize,
        /// What an upgrade would run, in that order; not known behind an unknown revision.
        pending: Option<Vec<String>>,
        /// Whether there is a version table.
        versioned: bool,
    },
    /// It could not be asked.
    Unknown {
        /// Why.
        why: String,
    },
}

impl Position {
    /// How many revisions are pending, as far as that is known.
    pub fn pending(&self) -> usize {
        match self {
            Position::Known { pending: Some(pending), .. } => pending.len(),
            Position::Known { .. } | Position::Unknown { .. } => 0,
        }
    }
}

impl Default for Position {
    fn default() -> Self {
        Position::Unknown { why: String::new() }
    }
}

/// Something that is wrong, and what to do about it.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Problem {
    /// The name of the check that found it.
    pub check: String,
    /// Whether it is no more than worth knowing.
    pub warning: bool,
    /// What, in one line.
    pub title: String,
    /// What was seen.
    pub evidence: Vec<String>,
    /// Why it is so.
    pub cause: String,
    /// A difference to look at.
    pub difference: Option<String>,
    /// What mends it, or tells more.
    pub command: Option<String>,
    /// What to know before.
    pub notes: Vec<String>,
}

/// What is known about drift.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Drift {
    /// Nobody looked.
    #[default]
    NotLooked,
    /// The schema is what the history makes.
    None,
    /// It is not.
    Found {
        /// The objects that differ.
        objects: usize,
        /// How, with `+` for what the database has.
        text: String,
    },
    /// It could not be compared.
    Failed {
        /// Why.
        why: String,
    },
}

/// The SQL of the pending revisions.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct PendingSql {
    /// Whose SQL it is: `postgresql`, `sqlite`, `mysql`.
    pub dialect: String,
    /// One step for each revision.
    pub steps: Vec<Step>,
    /// Why there is none.
    pub problem: Option<String>,
}

/// The SQL of one revision.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Step {
    /// Which.
    pub revision: String,
    /// As `upgrade --sql` prints it, as far as it got.
    pub sql: String,
    /// Why it got no further.
    pub problem: Option<String>,
    /// Where the script looks at the database: that these are the statements it would run on it as it is now, and what may be different then.
    pub recorded: Option<String>,
}

/// The health log.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Log {
    /// Where it is; nothing where it is switched off.
    pub path: Option<String>,
    /// Runs, oldest first.
    pub runs: Vec<Run>,
    /// How many older ones are left out.
    pub older: usize,
    /// Why it could not be read.
    pub problem: Option<String>,
}

/// One run.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Run {
    /// When it ended, for people.
    pub at: String,
    /// Who ran it, where.
    pub who: String,
    /// On which database.
    pub database: String,
    /// The command line.
    pub command: String,
    /// What it did to which revisions, and how long each took.
    pub revisions: Vec<RunRevision>,
    /// How long it took.
    pub duration_ms: Option<u64>,
    /// The same, for people.
    pub took: String,
    /// How it ended: `ok`, `failed`, `interrupted`, `undone`; nothing where no end is recorded.
    pub outcome: Option<String>,
    /// Why it failed.
    pub error: Option<String>,
}

/// A revision in a run.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct RunRevision {
    /// Which; base where it is none.
    pub revision: String,
    /// How long it took, for people.
    pub took: String,
    /// Whether it did not end well.
    pub bad: bool,
}
