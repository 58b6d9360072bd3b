//! The models read by the project's own Python, where they need packages that Limbeck does not have.

use limbeck_python::{ScriptError, ScriptErrorKind, WantedMetadata};
use limbeck_script::Project;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The script that the project's Python runs; it needs nothing but the project's SQLAlchemy and Alembic.
const DUMP: &str = include_str!("dump.py");

/// Which Python may read the models: `python` in `[limbeck]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OwnPython {
    /// None.
    Off,
    /// The active virtual environment, or `.venv` or `venv` of the project, where Limbeck cannot read the models itself.
    Auto,
    /// This one, always.
    Path(PathBuf),
}

impl OwnPython {
    /// Reads the setting's text; a relative path starts at the project.
    pub fn parse(text: Option<&str>, project: &Project) -> OwnPython {
        match text.map(str::trim) {
            None | Some("" | "auto") => OwnPython::Auto,
            Some("off" | "false" | "none") => OwnPython::Off,
            Some(path) => OwnPython::Path(project.root().join(path)),
        }
    }

    /// The interpreter to fall back to.
    pub fn interpreter(&self, project: &Project, environment: &BTreeMap<String, String>) -> Option<PathBuf> {
        match self {
            OwnPython::Off => None,
            OwnPython::Path(path) => Some(path.clone()),
            OwnPython::Auto => environment
                .get("VIRTUAL_ENV")
                .filter(|path| !path.is_empty())
                .map(PathBuf::from)
                .into_iter()
                .chain([project.root().join(".venv"), project.root().join("venv")])
                .map(|folder| folder.join(if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" }))
                .find(|python| python.is_file()),
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Answer {
    Ok(Box<WantedMetadata>),
    Error {
        exception: String,
        message: String,
        file: Option<PathBuf>,
        line: Option<u32>,
        source: Option<String>,
    },
}

/// Lets `python` read the models of a project.
///
/// # Errors
/// What env.py or the models raised there, with the place; or what kept Python from running.
pub fn read(
    python: &Path,
    project: &Project,
    environment: &BTreeMap<String, String>,
    url: Option<&str>,
    x_args: &[String],
) -> Result<WantedMetadata, ScriptError> {
    let config = project.config();
    let mut sys_path: Vec<String> = project.prepend_sys_path().iter().map(|path| path.display().to_string()).collect();
    sys_path.push(project.root().display().to_string());
    let request = serde_json::json!({
        "config_file": config.ini_path().map(|path| path.display().to_string()),
        "section": config.section_name(),
        "script_location": project.script_folder().display().to_string(),
        "url": url,
        "x_args": x_args,
        "sys_path": sys_path,
    });
    let failed = |what: String| {
        let mut error = ScriptError::internal_like(ScriptErrorKind::OwnPython, what);
        error.exception = "OSError".to_owned();
        error
    };
    let mut child = Command::new(python)
        .args(["-c", DUMP])
        .current_dir(project.root())
        .env_clear()
        .envs(environment)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| failed(format!("{}: {error}", python.display())))?;
    if let Some(mut stdin) = child.stdin.take() {
        // A child that ended early is told apart below.
        let _ = stdin.write_all(request.to_string().as_bytes());
    }
    let output = child.wait_with_output().map_err(|error| failed(format!("{}: {error}", python.display())))?;
    let answer: Answer = serde_json::from_slice(&output.stdout).map_err(|error| {
        let said = String::from_utf8_lossy(&output.stderr);
        let last = said.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or_default();
        failed(format!("{} gave no answer that can be read ({error}): {last}", python.display()))
    })?;
    match answer {
        Answer::Ok(wanted) => Ok(*wanted),
        Answer::Error {
            exception,
            message,
            file,
            line,
            source,
        } => {
            let mut error = ScriptError::internal_like(ScriptErrorKind::Raised, message);
            error.exception = exception;
            error.source = source;
            error.place = file.map(|path| limbeck_ops::Place {
                path,
                line: line.unwrap_or(1),
                column: 0,
            });
            Err(error)
        }
    }
}
