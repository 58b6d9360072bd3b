//! `cargo xtask test`: runs all tests, with PostgreSQL there.
//!
//! One server serves all test processes: each test has a database of its own on it.

use crate::workspace;
use limbeck_test::{Binaries, SERVER_VARIABLE, Server};
use std::process::{Command, ExitCode};

/// How to run the tests.
#[derive(clap::Args)]
pub struct Options {
    /// Arguments for cargo nextest (or cargo test), such as `-p limbeck-db`
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<String>,
}

/// Installs PostgreSQL where it is missing, builds the binary that some tests drive, and runs the tests.
pub fn run(options: &Options) -> Result<ExitCode, String> {
    if Binaries::find().is_err()
        && let Err(reason) = install_postgresql()
    {
        eprintln!("note: PostgreSQL cannot be installed here: {reason}");
    }
    let server = match Binaries::find().and_then(|_| Server::start()) {
        Ok(server) => Some(server),
        Err(reason) => {
            eprintln!("note: tests that need PostgreSQL will say why they cannot run: {reason}");
            None
        }
    };
    let has_nextest = Command::new("cargo")
        .args(["nextest", "--version"])
        .output()
        .is_ok_and(|out| out.status.success());
    let mut cargo = Command::new("cargo");
    cargo.current_dir(workspace::root());
    if has_nextest {
        cargo.args(["nextest", "run", "--locked", "--no-fail-fast"]);
    } else {
        cargo.args(["test", "--locked", "--no-fail-fast"]);
    }
    if !options.arguments.iter().any(|argument| argument == "-p" || argument == "--package") {
        cargo.arg("--workspace");
    }
    cargo.args(&options.arguments);
    if let Some(server) = &server {
        cargo.env(SERVER_VARIABLE, server.address());
    }
    let status = cargo.status().map_err(|error| format!("cannot run cargo: {error}"))?;
    Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Installs Debian's package, as root or through sudo.
fn install_postgresql() -> Result<(), String> {
    eprintln!("PostgreSQL is missing: installing Debian's package `postgresql`");
    let me = rustix::process::geteuid();
    let apt = |arguments: &[&str]| {
        let mut command = if me.is_root() { Command::new("apt-get") } else { Command::new("sudo") };
        if !me.is_root() {
            command.args(["-n", "apt-get"]);
        }
        command.env("DEBIAN_FRONTEND", "noninteractive").args(arguments);
        workspace::run(&mut command)
    };
    // The lists may be old or absent; an install that works without them is fine.
    if apt(&["install", "-y", "-q", "postgresql"]).is_err() {
        apt(&["update", "-q"])?;
        apt(&["install", "-y", "-q", "postgresql"])?;
    }
    Ok(())
}
