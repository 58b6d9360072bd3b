//! `restore`: a backup becomes a database again.

use super::Outcome;
use crate::args::RestoreArgs;
use crate::context::{Context, Failure};
use limbeck_source::Diagnostic;

/// Runs the command.
pub fn run(_context: &Context, _args: &RestoreArgs) -> Outcome {
    Err(Failure::new(Diagnostic::error("E0003", "`restore` is not there yet")))
}
