//! Where things are: the workspace, the shared files beside it, the built binary.

use std::path::{Path, PathBuf};
use std::process::Command;

/// Returns the root of the workspace, known since the build.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask lies in the workspace").to_owned()
}

/// Returns the folder of golden schemas and of the conformance kit: `$LIMBECK_SHARED`, else `../shared`.
pub fn shared() -> Result<PathBuf, String> {
    let path = std::env::var_os("LIMBECK_SHARED").map_or_else(|| root().join("../shared"), PathBuf::from);
    if path.is_dir() {
        return Ok(path);
    }
    Err(format!(
        "{} does not exist; set LIMBECK_SHARED to the folder with histories/golden",
        path.display()
    ))
}

/// Returns the folder for what cargo builds.
pub fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), |path| root().join(path))
}

/// Which limbeck binary to run.
#[derive(clap::Args, Clone, Debug)]
pub struct Binary {
    /// The limbeck binary to run; built from this workspace when not given
    #[arg(long, env = "LIMBECK", value_name = "PATH")]
    limbeck: Option<PathBuf>,
}

impl Binary {
    /// Returns the binary, built first unless one was named.
    pub fn find(&self, release: bool) -> Result<PathBuf, String> {
        match &self.limbeck {
            Some(path) => path.canonicalize().map_err(|error| format!("{}: {error}", path.display())),
            None => build(release),
        }
    }
}

/// Builds Limbeck and returns the path of the binary.
pub fn build(release: bool) -> Result<PathBuf, String> {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(root()).args(["build", "--locked", "--package", "limbeck-cli"]);
    if release {
        cargo.arg("--release");
    }
    run(&mut cargo)?;
    Ok(target().join(if release { "release" } else { "debug" }).join("limbeck"))
}

/// Runs a command that speaks for itself; its failure is ours.
pub fn run(command: &mut Command) -> Result<(), String> {
    let status = command.status().map_err(|error| format!("cannot run {command:?}: {error}"))?;
    if status.success() {
        Ok(())
    } else {
        Err(format!("{command:?} failed: {status}"))
    }
}

/// Runs a command quietly and returns what it wrote to stdout; its stderr is the error.
pub fn output(command: &mut Command) -> Result<String, String> {
    let output = command.output().map_err(|error| format!("cannot run {command:?}: {error}"))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    Err(format!("{command:?}: {}", String::from_utf8_lossy(&output.stderr).trim_end()))
}

/// Reads a file as text.
pub fn read(path: &Path) -> Result<String, String> {
    std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))
}

/// Writes a file and the folders above it.
pub fn write(path: &Path, text: &str) -> Result<(), String> {
    let done = path.parent().map_or(Ok(()), std::fs::create_dir_all).and_then(|()| std::fs::write(path, text));
    done.map_err(|error| format!("{}: {error}", path.display()))
}

/// Returns the text of an xz file.
pub fn read_xz(path: &Path) -> Result<String, String> {
    output(Command::new("xz").arg("--decompress").arg("--stdout").arg(path))
}
