//! The `limbeck` command: reads arguments, runs one command, turns its result into words and an exit code.
//!
//! stdout carries data, stderr the rest. Called as `alembic` (or a link of that name) it answers in Alembic's words and exit codes.

use std::process::ExitCode;

mod args;
mod argparse;
mod entry;
mod environment;
mod headers;
mod interrupt;
mod progress;
mod session;
mod template_engine;
mod workspace;
mod commands;
mod context;
mod invocation;

fn main() -> ExitCode {
    invocation::main(std::env::args_os().collect())
}
