//! env.py and the models read by the project's own Python, where they need packages that Limbeck does not have. env.py's functions are asked there too, for
//! as long as the interpreter is kept.

mod conversation;

use conversation::{Conversation, SCRIPT, failed};
use limbeck_python::{Directives, EnvOutcome, EnvTarget, HookAnswer, HookCall, ScriptError, WantedMetadata, hash_of_path};
use limbeck_schema::Table;
use limbeck_script::Project;
use serde::Deserialize;
use serde_json::json;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

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
    limbeck_script::digest(SCRIPT)
}

/// `python` in `[limbeck]`.
///
/// # Errors
/// The configuration cannot be read.
pub(crate) fn setting(project: &Project) -> Result<OwnPython, ScriptError> {
    let setting = project.config().own_option("python").map_err(|error| failed(error.to_string()))?;
    Ok(OwnPython::parse(setting.as_deref(), project))
}

/// `python_timeout` in `[limbeck]`, in seconds (`90`, `90s`).
///
/// # Errors
/// It is no such number.
pub(crate) fn time_limit(project: &Project) -> Result<Duration, ScriptError> {
    let setting = project.config().own_option("python_timeout").map_err(|error| failed(error.to_string()))?;
    let Some(text) = setting.filter(|text| !text.trim().is_empty()) else {
        return Ok(TIME_LIMIT);
    };
    let seconds = text.trim().trim_end_matches('s').trim_end().parse().ok().filter(|seconds| *seconds > 0.0);
    seconds
        .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
        .ok_or_else(|| failed(format!("`python_timeout` is `{text}`, which is no number of seconds")))
}

/// What the project's Python is asked for.
#[derive(Debug, Clone, Copy)]
pub struct Ask<'a> {
    /// The process's environment.
    pub environment: &'a BTreeMap<String, String>,
    /// The database, where it is not env.py's to say.
    pub url: Option<&'a str>,
    /// `-x`.
    pub x_args: &'a [String],
    /// Whether `context.is_offline_mode()` holds.
    pub offline: bool,
    /// Whether a revision is to be written: `config.cmd_opts.autogenerate`.
    pub autogenerate: bool,
}

/// What the answer depends on, as the script saw it.
#[derive(Deserialize)]
struct Seen {
    files: Vec<PathBuf>,
    environment: Vec<String>,
}

impl Seen {
    fn into_outcome(self, environment: &BTreeMap<String, String>) -> EnvOutcome {
        let hashed = |path: PathBuf| hash_of_path(&path).map(|hash| (path, hash));
        let value = |name: String| {
            let value = environment.get(&name).cloned();
            (name, value)
        };
        EnvOutcome {
            files: self.files.into_iter().filter_map(hashed).collect(),
            environment: self.environment.into_iter().map(value).collect(),
            used_x_args: true,
            ..EnvOutcome::default()
        }
    }
}

#[derive(Deserialize)]
struct Targets<T> {
    targets: Vec<T>,
    /// What env.py gave to `fileConfig`.
    #[serde(default)]
    log_config: Option<String>,
}

/// env.py's functions, in the process that evaluated it.
#[derive(Debug)]
pub struct OwnFunctions(Conversation);

impl OwnFunctions {
    /// As [`limbeck_python::Engine::reflected`].
    ///
    /// # Errors
    /// A table that cannot be made an object, or what keeps the process from answering.
    pub fn reflected(&mut self, target: usize, tables: &[Table]) -> Result<(), ScriptError> {
        self.0.ask(&json!({"reflected": [target, tables]}), "take the database's tables over")
    }

    /// As [`limbeck_python::Engine::call_hooks`].
    ///
    /// # Errors
    /// What a function raised, or what keeps the process from answering.
    pub fn call_hooks(&mut self, target: usize, calls: &[HookCall]) -> Result<Vec<HookAnswer>, ScriptError> {
        let answers: Vec<HookAnswer> = self.0.ask(&json!({"ask": [target, calls]}), "answer for a function of env.py")?;
        if answers.len() == calls.len() {
            return Ok(answers);
        }
        Err(failed(format!(
            "{} answers to {} questions about env.py's functions",
            answers.len(),
            calls.len()
        )))
    }

    /// As [`limbeck_python::Engine::process_directives`].
    ///
    /// # Errors
    /// What the function raised, or what keeps the process from answering.
    pub fn process_directives(&mut self, target: usize, directives: &Directives, heads: &[String]) -> Result<Vec<Directives>, ScriptError> {
        self.0.ask(&json!({"process": [target, directives, heads]}), "run process_revision_directives")
    }
}

/// Lets `python` read the models of a project; the process is kept where env.py has functions to be asked.
///
/// # Errors
/// What env.py or the models raised there, with the place; or what kept Python from running.
pub fn read(python: &Path, project: &Project, ask: Ask<'_>, limit: Duration) -> Result<(WantedMetadata, Option<OwnFunctions>), ScriptError> {
    let mut conversation = start(python, project, ask, limit)?;
    let (answer, seen): (Targets<_>, Seen) = conversation.ask(&request(project, ask, "models"), "read the models")?;
    let wanted = WantedMetadata {
        targets: answer.targets,
        env: seen.into_outcome(ask.environment),
        passed: Vec::new(),
        reader: Some(reader()),
    };
    let has_functions = wanted.targets.iter().any(|target| target.options.has_hooks());
    Ok((wanted, has_functions.then_some(OwnFunctions(conversation))))
}

/// Lets `python` evaluate env.py for what it decides besides the models.
///
/// # Errors
/// What env.py raised there, with the place; or what kept Python from running.
pub fn learn(python: &Path, project: &Project, ask: Ask<'_>, limit: Duration) -> Result<EnvOutcome, ScriptError> {
    let mut conversation = start(python, project, ask, limit)?;
    let (answer, seen): (Targets<EnvTarget>, Seen) = conversation.ask(&request(project, ask, "environment"), "evaluate env.py")?;
    Ok(EnvOutcome {
        targets: answer.targets,
        log_config: answer.log_config,
        ..seen.into_outcome(ask.environment)
    })
}

fn start(python: &Path, project: &Project, ask: Ask<'_>, limit: Duration) -> Result<Conversation, ScriptError> {
    let arguments: &[&str] = if ask.autogenerate { &["revision", "--autogenerate"] } else { &["check"] };
    Conversation::start(python, arguments, &folder(project), ask.environment, limit)
}

/// Where commands of the project are run: the folder of its configuration, or the one above where that lies among the scripts, as Flask-Migrate has it.
fn folder(project: &Project) -> PathBuf {
    let root = project.root();
    match root.parent() {
        Some(above) if root == project.script_folder() => above.to_owned(),
        _ => root,
    }
}

fn request(project: &Project, ask: Ask<'_>, need: &str) -> serde_json::Value {
    let config = project.config();
    let text = |path: &Path| path.display().to_string();
    json!({
        "need": need,
        "config_file": config.ini_path().map(text),
        "toml_file": config.toml_path().map(text),
        "section": config.section_name(),
        "script_location": text(project.script_folder()),
        "url": ask.url,
        "x_args": ask.x_args,
        "offline": ask.offline,
        "autogenerate": ask.autogenerate,
        "sys_path": project.prepend_sys_path().iter().map(|path| text(path)).collect::<Vec<_>>(),
        "folder": text(&folder(project)),
    })
}
