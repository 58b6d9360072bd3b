//! One file per command. A command reads its arguments and the project, calls the crates below, and prints.

use crate::args::Command;
use crate::context::{Context, Failure};
use std::process::ExitCode;

/// What a command ends with.
pub type Outcome = Result<ExitCode, Failure>;

/// Runs a command.
pub fn run(_context: &Context, command: Command) -> Outcome {
    match command {
        _ => todo!(),
    }
}
