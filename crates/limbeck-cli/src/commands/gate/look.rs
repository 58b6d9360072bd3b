//! One look at one database: connected or not, at which revisions, with something half done.

use crate::context::{Context, Failure};
use crate::session;
use limbeck::Verdict;
use limbeck_db::{Connection, Environment};
use limbeck_revision::Graph;
use limbeck_run::{HalfDoneRevision, Journal, Settings};
use limbeck_source::{Diagnose, Diagnostic};

/// What was seen.
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
/// What the database answered to a question, once it was connected; no URL.
pub fn look(context: &Context, graph: &Graph, settings: &Settings, window: usize) -> Result<Looked, Failure> {
    let url = settings.url.as_ref().ok_or_else(session::no_url)?;
    let none = |verdict, refusal| Looked {
        verdict,
        half_done: Vec::new(),
        refusal,
        connection: None,
    };
    if limbeck_db::sqlite_file(url).is_some_and(|file| !file.exists()) {
        return Ok(none(limbeck::judge(graph, None, &[], window), None));
    }
    let mut connection = match limbeck_db::connect(url, &Environment::of_process()) {
        Ok(connection) => connection,
        Err(error) => return Ok(none(limbeck::unreachable(&error), Some(Box::new(error.diagnose())))),
    };
    limbeck_run::run_setup(connection.as_mut(), settings)
        .map_err(|error| session::database_failure(context, "what env.py runs on the connection failed", &error))?;
    let verdict = match limbeck::look(connection.as_mut(), &settings.version_table.name, graph, window) {
        Ok(verdict) => verdict,
        Err(error) if error.is_connection_lost() => return Ok(none(limbeck::unreachable(&error), Some(Box::new(error.diagnose())))),
        Err(error) => return Err(session::database_failure(context, "the version table cannot be read", &error.into())),
    };
    let unreadable = |error| session::database_failure(context, "the journal cannot be read", &error);
    let journal = Journal::look(connection.as_mut(), settings.dialect, &settings.version_table.name).map_err(unreadable)?;
    Ok(Looked {
        verdict,
        half_done: journal.half_done(connection.as_mut()).map_err(unreadable)?,
        refusal: None,
        connection: Some(connection),
    })
}
