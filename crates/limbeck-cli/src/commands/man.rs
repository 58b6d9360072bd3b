//! `man`: manual pages.

use super::Outcome;
use crate::args::ManArgs;
use crate::context::{Context, Failure};
use limbeck_source::Diagnostic;

/// Runs the command.
pub fn run(_context: &Context, _args: &ManArgs) -> Outcome {
    Err(Failure::new(Diagnostic::error("E0003", "`man` is not there yet")))
}
