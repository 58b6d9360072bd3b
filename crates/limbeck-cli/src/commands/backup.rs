//! `backup`: backs the database up.

use super::Outcome;
use crate::args::BackupArgs;
use crate::context::{Context, Failure};
use limbeck_source::Diagnostic;

/// Runs the command.
pub fn run(_context: &Context, _args: &BackupArgs) -> Outcome {
    Err(Failure::new(Diagnostic::error("E0003", "`backup` is not there yet")))
}
