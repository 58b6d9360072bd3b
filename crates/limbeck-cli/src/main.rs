//! The `limbeck` command: reads arguments, runs one command, turns its result into words and an exit code.
//!
//! stdout carries data, stderr the rest. Called as `alembic` (or a link of that name) it answers in Alembic's words and exit codes.

use std::process::ExitCode;

mod argparse;
mod args;
mod commands;
mod context;
mod entry;
mod environment;
mod headers;
mod interrupt;
mod invocation;
mod progress;
mod session;
mod streams;
mod template_engine;
mod workspace;

fn main() -> ExitCode {
    invocation::main(std::env::args_os().collect())
}
