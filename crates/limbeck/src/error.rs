//! Why there is no verdict at all.

use limbeck_db::{DbError, UrlError};
use limbeck_revision::GraphError;
use limbeck_script::ScriptError;
use limbeck_source::{Diagnose, Diagnostic};
use std::error::Error;
use std::fmt;

/// The question could not be asked: the project or the URL is wrong, or the database answered and refused. A database that does not answer is a
/// [verdict](crate::Verdict::Unreachable), not an error.
#[derive(Debug)]
pub enum GateError {
    /// The project cannot be found or read; a header that only running its script would tell is refused too (the command `gate` runs it).
    Project(Box<ScriptError>),
    /// The scripts form no graph.
    Graph(Box<GraphError>),
    /// The URL cannot be used.
    Url(UrlError),
    /// The version table cannot be read.
    Database(Box<DbError>),
}

impl fmt::Display for GateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            GateError::Project(error) => error.fmt(f),
            GateError::Graph(error) => error.fmt(f),
            GateError::Url(error) => write!(f, "the database URL cannot be used: {error}"),
            GateError::Database(error) => write!(f, "the version table cannot be read: {error}"),
        }
    }
}

impl Error for GateError {}

impl Diagnose for GateError {
    fn diagnose(&self) -> Diagnostic {
        match self {
            GateError::Project(error) => error.diagnose(),
            GateError::Graph(error) => error.diagnose(),
            GateError::Url(error) => Diagnostic::error(error.code(), self.to_string()).hint(error.hint()),
            GateError::Database(error) => error.diagnose(),
        }
    }
}

impl From<ScriptError> for GateError {
    fn from(error: ScriptError) -> Self {
        GateError::Project(Box::new(error))
    }
}

impl From<DbError> for GateError {
    fn from(error: DbError) -> Self {
        GateError::Database(Box::new(error))
    }
}
