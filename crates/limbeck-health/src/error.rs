//! Why the log could not be written or read.

use limbeck_source::{Diagnose, Diagnostic, Location};
use std::io;
use std::path::PathBuf;
use thiserror::Error;

/// A problem with the log's files.
#[derive(Debug, Error)]
#[allow(missing_docs)] // the messages say it
pub enum HealthError {
    #[error("the health log {path} cannot be opened", path = path.display())]
    Open { path: PathBuf, source: io::Error },
    #[error("the health log {path} cannot be written", path = path.display())]
    Write { path: PathBuf, source: io::Error },
    #[error("the health log {path} cannot be read", path = path.display())]
    Read { path: PathBuf, source: io::Error },
}

impl Diagnose for HealthError {
    fn diagnose(&self) -> Diagnostic {
        let (code, path, source, hint) = match self {
            HealthError::Open { path, source } => ("E0901", path, source, "set `health_log` to a path that can be written, or to `off`"),
            HealthError::Write { path, source } => ("E0902", path, source, "make room for it, or set `health_log` to another path or to `off`"),
            HealthError::Read { path, source } => ("E0903", path, source, "see who may read it with `ls -l`"),
        };
        Diagnostic::error(code, self.to_string())
            .at(Location::file(path.display().to_string()))
            .caused_by(source)
            .hint(hint)
    }
}
