//! `completions`: completions for shells.

use super::Outcome;
use crate::args::CompletionsArgs;
use crate::context::{Context, Failure};
use limbeck_source::Diagnostic;

/// Runs the command.
pub fn run(_context: &Context, _args: &CompletionsArgs) -> Outcome {
    Err(Failure::new(Diagnostic::error("E0003", "`completions` is not there yet")))
}
