//! `gate`: may a program start.

use super::Outcome;
use crate::args::GateArgs;
use crate::context::{Context, Failure};
use limbeck_source::Diagnostic;

/// Runs the command.
pub fn run(_context: &Context, _args: &GateArgs) -> Outcome {
    Err(Failure::new(Diagnostic::error("E0003", "`gate` is not there yet")))
}
