//! `completions`: a script that completes our commands and options in a shell, from the same definitions that read them.

use super::Outcome;
use crate::args::{Cli, CompletionsArgs};
use crate::context::Context;
use clap::CommandFactory;
use std::process::ExitCode;

/// Runs the command.
pub fn run(context: &Context, args: &CompletionsArgs) -> Outcome {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), context.style.program(), &mut script);
    context.print_raw(&String::from_utf8_lossy(&script));
    Ok(ExitCode::SUCCESS)
}
