//! The project's own commands, run as `cargo xtask COMMAND`.
//!
//! Nothing here is part of Limbeck: it drives the built binary from outside, as a user would.

mod alembic;
mod bench;
mod compare;
mod compat;
mod conformance;
mod demo;
mod faults;
mod histories;
mod measure;
mod report;
mod tests;
mod workspace;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

#[derive(Parser)]
#[command(name = "xtask", about = "Limbeck's project commands")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Builds Limbeck, runs examples/ultra to head on a fresh SQLite file and shows its status
    Demo,
    /// Runs all tests; installs PostgreSQL first where it is missing
    Test(tests::Options),
    /// Downloads the pinned public histories and writes a project around each
    Histories(histories::Options),
    /// Runs the public histories and compares the schema with real Alembic's
    Compat(compat::Options),
    /// Runs the conformance kit of ../shared against the built binary
    Conformance(conformance::Options),
    /// Tries everything that can go wrong around a migration: cut connections, killed runs, many at once, locks, restarts
    Faults(faults::Options),
    /// Times Limbeck against real Alembic on generated histories
    Bench(bench::Options),
    /// Runs one command and writes what it used to a file; used by the others
    #[command(name = "__measure", hide = true)]
    Measure(measure::Inner),
}

fn main() -> ExitCode {
    let result = match Arguments::parse().command {
        Command::Demo => demo::run(),
        Command::Test(options) => tests::run(&options),
        Command::Histories(options) => histories::run(&options),
        Command::Compat(options) => compat::run(&options),
        Command::Conformance(options) => conformance::run(&options),
        Command::Faults(options) => faults::run(&options),
        Command::Bench(options) => bench::run(&options),
        Command::Measure(inner) => return measure::run_inner(&inner),
    };
    match result {
        Ok(code) => code,
        Err(message) => {
            eprintln!("xtask: {message}");
            ExitCode::from(2)
        }
    }
}
