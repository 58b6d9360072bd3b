//! One look at one database: connected or not, at which revisions, with something half done.
//!
//! To [`see`] takes the settings alone, so that a server can answer on a thread of its own while the scripts are read; to [`judge`] takes their graph.

use crate::context::{Context, Failure};
use crate::session;
use limbeck::Verdict;
use limbeck_db::{Connection, DbError, Environment};
use limbeck_ops::HostError;
use limbeck_revision::Graph;
use limbeck_run::{HalfDoneRevision, Journal, Settings};
use limbeck_source::{Diagnose, Diagnostic};

/// What a database has, before anybody compares it with scripts.
pub struct Sight {
    rows: Option<Vec<String>>,
    half_done: Vec<HalfDoneRevision>,
    /// None where a SQLite file is not there.
    connection: Option<Box<dyn Connection>>,
}

/// Why there is nothing to see.
pub enum Blind {
    /// The database does not answer, or not to us.
    Refused(DbError),
    /// It answered, and refused this.
    Failed(&'static str, HostError),
    /// No source names a database.
    NoUrl,
}

/// What was seen, and how it stands to the scripts.
pub struct Looked {
    pub verdict: Verdict,
    /// Revisions that were cut into segments and did not reach their end.
    pub half_done: Vec<HalfDoneRevision>,
    /// Why there is no connection.
    pub refusal: Option<Box<Diagnostic>>,
    /// The connection, for whoever wants to see more.
    pub connection: Option<Box<dyn Connection>>,
}

/// Looks. Writes nothing, and makes no SQLite file.
///
/// # Errors
/// The database does not answer, or refuses.
pub fn see(settings: &Settings) -> Result<Sight, Blind> {
    let url = settings.url.as_ref().ok_or(Blind::NoUrl)?;
    if limbeck_db::sqlite_file(url).is_some_and(|file| !file.exists()) {
        return Ok(Sight {
            rows: None,
            half_done: Vec::new(),
            connection: None,
        });
    }
    let mut connection = limbeck_db::connect(url, &Environment::of_process()).map_err(Blind::Refused)?;
    limbeck_run::run_setup(connection.as_mut(), settings).map_err(|error| Blind::Failed("what env.py runs on the connection failed", error))?;
    let rows = limbeck_db::read_versions(connection.as_mut(), &settings.version_table.name).map_err(|error| {
        if limbeck::is_worth_waiting(error.code) {
            Blind::Refused(error)
        } else {
            Blind::Failed("the version table cannot be read", error.into())
        }
    })?;
    let unreadable = |error| Blind::Failed("the journal cannot be read", error);
    let journal = Journal::look(connection.as_mut(), settings.dialect, &settings.version_table.name).map_err(unreadable)?;
    Ok(Sight {
        rows,
        half_done: journal.half_done(connection.as_mut()).map_err(unreadable)?,
        connection: Some(connection),
    })
}

/// Judges what was seen; a database that does not answer is a verdict too.
///
/// # Errors
/// What the database answered to a question, once it was connected; no URL.
pub fn judge(context: &Context, graph: &Graph, settings: &Settings, seen: Result<Sight, Blind>, window: usize) -> Result<Looked, Failure> {
    let mut sight = match seen {
        Ok(sight) => sight,
        Err(Blind::NoUrl) => return Err(session::no_url()),
        Err(Blind::Failed(what, error)) => return Err(session::database_failure(context, what, &error)),
        Err(Blind::Refused(error)) => {
            return Ok(Looked {
                verdict: limbeck::unreachable(&error),
                half_done: Vec::new(),
                refusal: Some(Box::new(error.diagnose())),
                connection: None,
            });
        }
    };
    let unknown = limbeck::unknown(graph, sight.rows.as_deref().unwrap_or_default());
    let remembered = match &mut sight.connection {
        Some(connection) if !unknown.is_empty() => limbeck::remembered(connection.as_mut(), &settings.version_table.name, graph, &unknown)
            .map_err(|error| session::database_failure(context, "the journal of applied scripts cannot be read", &error.into()))?,
        _ => Vec::new(),
    };
    Ok(Looked {
        verdict: limbeck::judge(graph, sight.rows.as_deref(), &remembered, window),
        half_done: sight.half_done,
        refusal: None,
        connection: sight.connection,
    })
}

/// Looks and judges.
///
/// # Errors
/// As [`judge`].
pub fn look(context: &Context, graph: &Graph, settings: &Settings, window: usize) -> Result<Looked, Failure> {
    judge(context, graph, settings, see(settings), window)
}
