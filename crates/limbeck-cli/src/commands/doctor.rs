//! `doctor`: everything that can be wrong.

use super::Outcome;
use crate::args::DoctorArgs;
use crate::context::{Context, Failure};
use limbeck_source::Diagnostic;

/// Runs the command.
pub fn run(_context: &Context, _args: &DoctorArgs) -> Outcome {
    Err(Failure::new(Diagnostic::error("E0003", "`doctor` is not there yet")))
}
