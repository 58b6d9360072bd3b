//! `cargo xtask conformance`: the kit of shared/conformance against the built binary, under the name `alembic`.
//!
//! The kit's own runners compare and print; this only gives them a server and the binary.

use crate::workspace;
use limbeck_test::{Options as ServerOptions, Server};
use std::process::{Command, ExitCode};

/// Which parts to run.
#[derive(clap::Args)]
pub struct Options {
    /// Only the graph and command line cases
    #[arg(long, conflicts_with = "operations")]
    graph: bool,
    /// Only the operation cases
    #[arg(long)]
    operations: bool,
    /// Modes of the operation cases
    #[arg(long, default_value = "up_postgresql,down_postgresql,up_sqlite,down_sqlite,online_postgresql,online_sqlite")]
    modes: String,
    /// Only cases whose name this expression finds
    #[arg(long)]
    filter: Option<String>,
    /// Runs and builds the release profile
    #[arg(long)]
    release: bool,
    #[command(flatten)]
    binary: workspace::Binary,
    /// Further arguments for the runner, such as -v
    #[arg(last = true)]
    rest: Vec<String>,
}

/// Runs the chosen parts; the exit code is the runners'.
pub fn run(options: &Options) -> Result<ExitCode, String> {
    let kit = workspace::shared()?.join("conformance");
    let limbeck = options.binary.find(options.release)?;
    let place = tempfile::tempdir().map_err(|error| error.to_string())?;
    let alembic = place.path().join("alembic");
    std::os::unix::fs::symlink(&limbeck, &alembic).map_err(|error| format!("{}: {error}", alembic.display()))?;
    let server = Server::start_with(&ServerOptions::default())?;
    let mut good = true;
    let mut runner = |script: &[&str], more: &[&str]| {
        let mut python = Command::new("python3");
        python.current_dir(&kit).args(script).arg("--tool").arg(&alembic).args(["-j", "2"]).args(more);
        if let Some(filter) = &options.filter {
            python.args(["--filter", filter]);
        }
        python.args(&options.rest);
        python.env("KIT_HOME", place.path()).env("KIT_TMP", place.path());
        python.env("KIT_PGHOST", server.socket_directory()).env("KIT_PGPORT", server.port().to_string());
        python.env("PYTHONDONTWRITEBYTECODE", "1");
        let status = python.status().map_err(|error| format!("cannot run python3: {error}"))?;
        good &= status.success();
        Ok::<(), String>(())
    };
    if !options.operations {
        runner(&["graph.py", "run"], &[])?;
    }
    if !options.graph {
        runner(&["run_kit.py"], &["--modes", &options.modes])?;
    }
    Ok(if good { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
