//! `cargo xtask faults`: every trial of the fault harness, in full, with its figures.
//!
//! The trials are tests of limbeck-cli (`tests/faults`). As plain tests they try a sample of the points; here they try all of them, one trial after the other.

use crate::workspace;
use std::process::{Command, ExitCode};

/// What to try.
#[derive(clap::Args)]
pub struct Options {
    /// Only trials with one of these in their names, such as `sqlite` or `together`
    names: Vec<String>,
    /// A sample of the points, as `cargo test` does
    #[arg(long)]
    sample: bool,
    /// Builds and runs the release profile
    #[arg(long)]
    release: bool,
}

/// Runs the trials and shows what they print.
pub fn run(options: &Options) -> Result<ExitCode, String> {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo
        .current_dir(workspace::root())
        .args(["test", "--locked", "-p", "limbeck-cli", "--test", "faults"]);
    if options.release {
        cargo.arg("--release");
    }
    cargo.args(["--", "--nocapture", "--test-threads", "1"]).args(&options.names);
    if !options.sample {
        cargo.env("LIMBECK_FAULTS", "full");
    }
    let status = cargo.status().map_err(|error| format!("cannot run cargo: {error}"))?;
    Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
