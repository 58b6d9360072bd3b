//! `report`: one HTML page.

use super::Outcome;
use crate::args::ReportArgs;
use crate::context::{Context, Failure};
use limbeck_source::Diagnostic;

/// Runs the command.
pub fn run(_context: &Context, _args: &ReportArgs) -> Outcome {
    Err(Failure::new(Diagnostic::error("E0003", "`report` is not there yet")))
}
