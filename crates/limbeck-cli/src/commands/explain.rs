//! `explain`: the long text of a code.

use super::Outcome;
use crate::args::ExplainArgs;
use crate::context::{Context, Failure};
use limbeck_source::Diagnostic;

/// Runs the command.
pub fn run(_context: &Context, _args: &ExplainArgs) -> Outcome {
    Err(Failure::new(Diagnostic::error("E0003", "`explain` is not there yet")))
}
