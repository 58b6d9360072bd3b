//! The `limbeck` command: reads arguments, runs one command, turns its result into words and an exit code.
//!
//! stdout carries data, stderr the rest. Called as `alembic` (or a link of that name) it answers in Alembic's words and exit codes.

use std::process::ExitCode;

mod argparse;
mod args;
mod commands;
mod context;
mod diff;
mod entry;
mod environment;
mod guarded;
mod headers;
mod health;
mod interrupt;
mod invocation;
mod progress;
mod rehearsal;
mod required;
mod safety;
mod session;
mod stored;
mod streams;
mod template_engine;
mod workspace;

fn main() -> ExitCode {
    invocation::main(std::env::args_os().collect())
}
