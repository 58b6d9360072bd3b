//! `health`: ok, degraded, unavailable.

use super::Outcome;
use crate::args::HealthArgs;
use crate::context::{Context, Failure};
use limbeck_source::Diagnostic;

/// Runs the command.
pub fn run(_context: &Context, _args: &HealthArgs) -> Outcome {
    Err(Failure::new(Diagnostic::error("E0003", "`health` is not there yet")))
}
