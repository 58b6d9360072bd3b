//! `cargo xtask demo`: builds Limbeck and takes examples/ultra to head on a fresh SQLite file.

use crate::workspace;
use std::process::{Command, ExitCode};

/// Runs the example and leaves nothing behind.
pub fn run() -> Result<ExitCode, String> {
    let limbeck = workspace::build(false)?;
    let place = tempfile::tempdir().map_err(|error| error.to_string())?;
    let url = format!("sqlite:///{}", place.path().join("ultra.db").display());
    for arguments in [["upgrade", "head"].as_slice(), &["status"], &["current", "--verbose"]] {
        println!("$ limbeck {}", arguments.join(" "));
        let mut command = Command::new(&limbeck);
        command
            .current_dir(workspace::root().join("examples/ultra"))
            .env("DATABASE_URL", &url)
            .args(arguments);
        workspace::run(&mut command)?;
        println!();
    }
    Ok(ExitCode::SUCCESS)
}
