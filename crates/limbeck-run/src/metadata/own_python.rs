//! The models read by the project's own Python, where they need packages that Limbeck does not have.

use limbeck_python::{ScriptError, ScriptErrorKind, WantedMetadata, hash_of_path};
use limbeck_script::Project;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

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

/// How long it may take, unless `python_timeout` says otherwise.
const TIME_LIMIT: Duration = Duration::from_secs(60);

/// The hash of the script: what another version read is not taken for what this one would.
pub(super) fn reader() -> String {
    limbeck_script::digest(DUMP)
}

/// `python_timeout` in `[limbeck]`, in seconds (`90`, `90s`).
///
/// # Errors
/// It is no such number.
pub(super) fn time_limit(project: &Project) -> Result<Duration, ScriptError> {
    let failed = |text: String| ScriptError::internal_like(ScriptErrorKind::OwnPython, text);
    let setting = project.config().own_option("python_timeout").map_err(|error| failed(error.to_string()))?;
    let Some(text) = setting.filter(|text| !text.trim().is_empty()) else {
        return Ok(TIME_LIMIT);
    };
    let seconds = text.trim().trim_end_matches('s').trim_end().parse().ok().filter(|seconds| *seconds > 0.0);
    seconds
        .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
        .ok_or_else(|| failed(format!("`python_timeout` is `{text}`, which is no number of seconds")))
}

/// What the models depend on, as the script saw it.
#[derive(Deserialize)]
struct Seen {
    files: Vec<PathBuf>,
    environment: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Answer {
    Ok(Box<WantedMetadata>, Seen),
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
    (url, x_args): (Option<&str>, &[String]),
    limit: Duration,
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
    let (stdout, stderr) = (drain(child.stdout.take()), drain(child.stderr.take()));
    if !ended(&mut child, limit).map_err(|error| failed(format!("{}: {error}", python.display())))? {
        let _ = child.kill();
        let _ = child.wait();
        let last = last_line(&stderr.recv_timeout(Duration::from_secs(1)).unwrap_or_default());
        let said = if last.is_empty() { String::new() } else { format!("; it said: {last}") };
        return Err(failed(format!(
            "{} did not read the models within {} s (`python_timeout` in [limbeck]){said}",
            python.display(),
            limit.as_secs_f64()
        )));
    }
    let (stdout, stderr) = (stdout.recv().unwrap_or_default(), stderr.recv().unwrap_or_default());
    let answer: Answer = serde_json::from_slice(&stdout).map_err(|error| {
        let last = last_line(&stderr);
        failed(format!("{} gave no answer that can be read ({error}): {last}", python.display()))
    })?;
    match answer {
        Answer::Ok(mut wanted, seen) => {
            wanted.reader = Some(reader());
            wanted.env.files = seen
                .files
                .into_iter()
                .filter_map(|path| {
                    let hash = hash_of_path(&path)?;
                    Some((path, hash))
                })
                .collect();
            wanted.env.environment = seen
                .environment
                .into_iter()
                .map(|name| {
                    let value = environment.get(&name).cloned();
                    (name, value)
                })
                .collect();
            wanted.env.used_x_args = true;
            Ok(*wanted)
        }
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

/// Reads a pipe to its end on a thread of its own, so that a full one stops nobody.
fn drain(pipe: Option<impl Read + Send + 'static>) -> Receiver<Vec<u8>> {
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(mut pipe) = pipe {
            let _ = pipe.read_to_end(&mut bytes);
        }
        let _ = sender.send(bytes);
    });
    receiver
}

/// Waits for a child; false if it is not done by then.
fn ended(child: &mut Child, limit: Duration) -> std::io::Result<bool> {
    let until = Instant::now() + limit;
    let mut pause = Duration::from_millis(1);
    while child.try_wait()?.is_none() {
        if Instant::now() > until {
            return Ok(false);
        }
        std::thread::sleep(pause);
        pause = (pause * 2).min(Duration::from_millis(50));
    }
    Ok(true)
}

fn last_line(said: &[u8]) -> String {
    let said = String::from_utf8_lossy(said);
    said.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or_default().to_owned()
}
