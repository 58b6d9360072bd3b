//! What the engine is told: where the project is, what scripts may read, and what they see in `context`.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

/// Text and log lines that scripts produce; the engine itself prints nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Output {
    /// `print(...)`, `sys.stdout`, `sys.stderr`.
    Text(String),
    /// A log record at or above its logger's level.
    Log {
        /// Python's numeric level: 10 debug, 20 info, 30 warning, 40 error, 50 critical.
        level: u32,
        /// The logger's name.
        logger: String,
        /// The formatted message.
        message: String,
    },
}

/// Where [`Output`] goes; called on the engine's thread.
pub type OutputSink = Box<dyn FnMut(Output) + Send>;

/// The configuration file as scripts see it through `context.config`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ConfigData {
    /// The path of alembic.ini, if there is one.
    pub config_file_name: Option<String>,
    /// The main section's name.
    pub config_ini_section: String,
    /// The path of pyproject.toml, if that holds the settings.
    pub toml_file_name: Option<String>,
    /// The directory of the configuration file (`%(here)s`).
    pub here: Option<String>,
    /// Every section with its raw values (before `%` interpolation).
    pub sections: BTreeMap<String, BTreeMap<String, String>>,
    /// Command line options that env.py may look at through `config.cmd_opts`.
    pub cmd_opts: BTreeMap<String, String>,
}

/// How an engine is started.
pub struct EngineConfig {
    /// The directory the user works in; `os.getcwd()` of scripts.
    pub project_root: PathBuf,
    /// Where project modules are found (`prepend_sys_path` and the like), before anything else.
    pub sys_path: Vec<PathBuf>,
    /// Directories that scripts may read files from, next to `project_root`.
    pub readable: Vec<PathBuf>,
    /// The environment that scripts see.
    pub environment: BTreeMap<String, String>,
    /// The configuration file.
    pub config: ConfigData,
    /// `-x` arguments as given.
    pub x_args: Vec<String>,
    /// `--tag`.
    pub tag: Option<String>,
    /// How long one request may run, not counting the time its host takes.
    pub deadline: Option<Duration>,
    /// How deep Python calls may nest.
    pub recursion_limit: usize,
    /// Set from outside (Ctrl-C) to stop the running script.
    pub interrupt: Arc<AtomicBool>,
    /// Where text and log lines go.
    pub output: OutputSink,
    /// Loads the vocabulary from this directory instead of the built-in one (for work on it).
    pub vocabulary_directory: Option<PathBuf>,
    /// Whether classes of models that are written like others may be left out where only their tables are wanted.
    pub leave_out_alike: bool,
}

impl EngineConfig {
    /// Makes a configuration with nothing but a root: no environment, no arguments, a limit of 1,000 nested calls, output to standard error.
    pub fn new(project_root: impl Into<PathBuf>) -> Self {
        EngineConfig {
            project_root: project_root.into(),
            sys_path: Vec::new(),
            readable: Vec::new(),
            environment: BTreeMap::new(),
            config: ConfigData {
                config_ini_section: "alembic".to_owned(),
                ..ConfigData::default()
            },
            x_args: Vec::new(),
            tag: None,
            deadline: None,
            recursion_limit: 1000,
            interrupt: Arc::new(AtomicBool::new(false)),
            output: Box::new(|output| match output {
                Output::Text(text) => eprint!("{text}"),
                Output::Log { logger, message, .. } => eprintln!("[{logger}] {message}"),
            }),
            vocabulary_directory: None,
            leave_out_alike: true,
        }
    }

    /// A configuration for another engine like this one, whose output goes to `output`.
    pub(crate) fn twin(&self, output: OutputSink) -> EngineConfig {
        EngineConfig {
            project_root: self.project_root.clone(),
            sys_path: self.sys_path.clone(),
            readable: self.readable.clone(),
            environment: self.environment.clone(),
            config: self.config.clone(),
            x_args: self.x_args.clone(),
            tag: self.tag.clone(),
            deadline: self.deadline,
            recursion_limit: self.recursion_limit,
            interrupt: Arc::clone(&self.interrupt),
            output,
            vocabulary_directory: self.vocabulary_directory.clone(),
            leave_out_alike: self.leave_out_alike,
        }
    }
}

/// The revision a script belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
#[allow(missing_docs)] // Alembic's names
pub struct RevisionInfo {
    pub revision: Option<String>,
    pub down_revision: Vec<String>,
    pub branch_labels: Vec<String>,
    pub depends_on: Vec<String>,
    pub doc: Option<String>,
}

/// What a script sees in its context while it runs. Everything has a default: an empty context is an online run on nothing.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct RunContext {
    /// `postgresql`, `sqlite`, `mysql`.
    pub dialect: Option<String>,
    /// The driver part of the URL.
    pub driver: Option<String>,
    /// The server's version numbers.
    pub server_version: Vec<u32>,
    /// Whether statements are printed instead of run.
    pub offline: bool,
    /// The URL in use, with its password.
    pub url: Option<String>,
    /// The connection's default schema.
    pub default_schema: Option<String>,
    /// The revision whose script runs.
    pub revision: RevisionInfo,
    /// What the user asked for.
    pub revision_argument: Option<String>,
    /// Where an offline run starts.
    pub starting_revision_argument: Option<String>,
    /// The heads of the graph.
    pub head_revisions: Vec<String>,
    /// The revisions the database is at.
    pub current_heads: Vec<String>,
    /// The version table.
    pub version_table: Option<String>,
    /// Its schema.
    pub version_table_schema: Option<String>,
    /// `target_metadata.naming_convention`, as learned from env.py.
    pub naming_convention: BTreeMap<String, String>,
    /// Options given to `context.configure(...)`, as learned from env.py.
    pub options: serde_json::Map<String, serde_json::Value>,
}

/// Which function of a revision script runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// `upgrade()`.
    Upgrade,
    /// `downgrade()`.
    Downgrade,
}

impl Direction {
    /// The function's name.
    pub fn function(self) -> &'static str {
        match self {
            Direction::Upgrade => "upgrade",
            Direction::Downgrade => "downgrade",
        }
    }
}
