//! What can go wrong between a directory and the scripts in it.
//!
//! Where Alembic has a text for the same fault, that text is the message, so that the command can show it under either
//! name; [`ScriptError::kind`] says how Alembic itself would end.

use std::io;
use std::path::PathBuf;

use limbeck_source::{Diagnose, Diagnostic, Location, python::repr};
use thiserror::Error;

use crate::ini::IniError;

/// How Alembic ends on the same fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AlembicKind {
    /// `FAILED: <text>`, exit code 255.
    CommandError,
    /// A traceback that ends in `<name>: <text>`, exit code 1.
    Exception(&'static str),
}

/// Why a project, its configuration, its scripts or a new file is refused.
#[derive(Debug, Error)]
#[allow(missing_docs)]
pub enum ScriptError {
    #[error("no migration project in {from} or above it")]
    NoProject { from: PathBuf },
    #[error("No 'script_location' key found in configuration.")]
    NoScriptLocation {
        config: Option<PathBuf>,
        /// The section that was asked for and is not there, and those of projects that are.
        absent: Option<(String, Vec<String>)>,
    },
    #[error(
        "Path doesn't exist: {path}.  Please use the 'init' command to create a new scripts folder.",
        path = path.display()
    )]
    ScriptLocationMissing { path: PathBuf },
    #[error("{path} cannot be read as a configuration file: {source}", path = path.display())]
    Ini { path: PathBuf, source: IniError },
    #[error("{path} cannot be read as a configuration file: {message}", path = path.display())]
    Toml { path: PathBuf, message: String, line: Option<u32> },
    #[error("{message}")]
    BadOption {
        path: Option<PathBuf>,
        line: Option<u32>,
        exception: Option<&'static str>,
        message: String,
    },
    #[error(
        "No config file {config} found, or file has no '[{section}]' section",
        config = config.as_ref().map_or("None".to_owned(), |path| repr(&path.display().to_string()))
    )]
    NoSection { config: Option<PathBuf>, section: String },
    #[error("{0}")]
    ConfigGivenTwice(&'static str),
    #[error("cannot read {path}: {}", plain(source), path = path.display())]
    Read { path: PathBuf, source: io::Error },
    #[error("No module named '{package}' (needed by '{location}')")]
    UnknownPackage { package: String, location: String },

    #[error(
        "Could not determine revision id from filename {name}. Be sure the 'revision' variable is declared inside the script (please see 'Upgrading from Alembic 0.1 to 0.2' in the documentation).",
        name = file_name(path)
    )]
    NoRevision { path: PathBuf },
    #[error("module '{}' has no attribute 'down_revision'", module_name(path))]
    NoDownRevision { path: PathBuf },
    #[error("{path}:{line}:{column}: {message}", path = path.display())]
    Syntax {
        path: PathBuf,
        message: String,
        line: u32,
        column: u32,
        text: Option<String>,
    },
    #[error("{path} is not UTF-8 and names no encoding that is understood", path = path.display())]
    Encoding { path: PathBuf },
    #[error("{path}: `{name}` is computed; its value is only known by running the script", path = path.display())]
    ComputedHeader { path: PathBuf, name: &'static str, line: u32 },
    #[error("{path}: `{name}` must be {expected}, found {found}", path = path.display())]
    BadHeader {
        path: PathBuf,
        name: &'static str,
        expected: &'static str,
        found: String,
    },
    #[error("{path}:{line}: {message}", path = path.display())]
    SqlFile { path: PathBuf, line: u32, message: String },
    #[error("compiled scripts without source are not supported ({path})", path = path.display())]
    Sourceless { path: PathBuf },

    #[error("Can't locate timezone: {name}")]
    UnknownTimezone { name: String },
    #[error("template rendering failed: {path}:{line}: {message}", path = path.display())]
    Template { path: PathBuf, line: u32, message: String },
    #[error("{path} is already there", path = path.display())]
    FileExists { path: PathBuf },
    #[error("{message}")]
    VersionPath { message: String },
    #[error("{message}")]
    Hook { message: String },
    #[error("Directory {path} already exists and is not empty", path = path.display())]
    DirectoryNotEmpty { path: PathBuf },
    #[error("No such template {name}")]
    NoSuchTemplate { name: String },
    #[error("cannot write {path}: {}", plain(source), path = path.display())]
    Write { path: PathBuf, source: io::Error },
    #[error("file_template cannot be filled in: {message}")]
    FileTemplate { message: String },
    #[error(
        "Version {revision} specified branch_labels {labels}, however the migration file {path} does not have them; have you upgraded your script.py.mako to include the 'branch_labels' section?",
        path = path.display()
    )]
    LabelsLost { revision: String, labels: String, path: PathBuf },
    #[error("Error executing editor ({message})")]
    Editor { message: String },
}

/// An error of the system without its number.
fn plain(error: &io::Error) -> String {
    let text = error.to_string();
    text.split(" (os error").next().unwrap_or_default().to_owned()
}

impl ScriptError {
    /// Returns how Alembic ends on this fault.
    pub fn kind(&self) -> AlembicKind {
        match self {
            ScriptError::Ini { .. } => AlembicKind::Exception("configparser.Error"),
            ScriptError::Toml { .. } => AlembicKind::Exception("tomllib.TOMLDecodeError"),
            ScriptError::BadOption { exception: Some(name), .. } => AlembicKind::Exception(name),
            ScriptError::NoDownRevision { .. } => AlembicKind::Exception("AttributeError"),
            ScriptError::Syntax { .. } | ScriptError::Encoding { .. } => AlembicKind::Exception("SyntaxError"),
            ScriptError::UnknownPackage { .. } => AlembicKind::Exception("ModuleNotFoundError"),
            ScriptError::Read { .. } | ScriptError::Write { .. } => AlembicKind::Exception("OSError"),
            _ => AlembicKind::CommandError,
        }
    }

    /// Returns the stable code.
    pub fn code(&self) -> &'static str {
        match self {
            ScriptError::NoProject { .. } => "E0101",
            ScriptError::NoScriptLocation { .. } => "E0102",
            ScriptError::ScriptLocationMissing { .. } => "E0103",
            ScriptError::Ini { .. } | ScriptError::Toml { .. } => "E0104",
            ScriptError::BadOption { .. } => "E0105",
            ScriptError::NoSection { .. } => "E0106",
            ScriptError::ConfigGivenTwice(_) => "E0107",
            ScriptError::Read { .. } => "E0108",
            ScriptError::UnknownPackage { .. } => "E0109",
            ScriptError::NoRevision { .. } => "E0301",
            ScriptError::NoDownRevision { .. } => "E0302",
            ScriptError::Syntax { .. } => "E0303",
            ScriptError::Encoding { .. } => "E0304",
            ScriptError::ComputedHeader { .. } => "E0305",
            ScriptError::BadHeader { .. } => "E0306",
            ScriptError::Sourceless { .. } => "E0307",
            ScriptError::SqlFile { .. } => "E0340",
            ScriptError::UnknownTimezone { .. } => "E0801",
            ScriptError::Template { .. } => "E0802",
            ScriptError::FileExists { .. } => "E0803",
            ScriptError::VersionPath { .. } => "E0804",
            ScriptError::Hook { .. } => "E0805",
            ScriptError::DirectoryNotEmpty { .. } => "E0806",
            ScriptError::NoSuchTemplate { .. } => "E0807",
            ScriptError::Write { .. } => "E0808",
            ScriptError::FileTemplate { .. } => "E0809",
            ScriptError::LabelsLost { .. } => "E0810",
            ScriptError::Editor { .. } => "E0811",
        }
    }

    /// Returns the next thing to do, when we know one.
    pub fn hint(&self) -> Option<String> {
        let hint = match self {
            ScriptError::NoProject { .. } => {
                "run it in a directory with alembic.ini, limbeck.toml or pyproject.toml with [tool.alembic], name one with `-c FILE`, or make one with `init migrations`"
            }
            ScriptError::NoScriptLocation {
                config,
                absent: Some((section, others)),
            } => {
                let file = config.as_ref().map(|path| path.display().to_string()).unwrap_or_default();
                let others: Vec<String> = others.iter().map(|name| format!("[{name}]")).collect();
                return Some(match others.as_slice() {
                    [] => format!("{file} has no section [{section}], and none with `script_location`"),
                    _ => format!(
                        "{file} has no section [{section}]; sections with `script_location` are {}: name one with `-n`, or leave `-n` out for [alembic]",
                        others.join(", ")
                    ),
                });
            }
            ScriptError::NoScriptLocation { config, .. } => {
                return Some(match config {
                    Some(path) => format!(
                        "add `script_location = %(here)s/<folder>` to {}, or name another section with `-n NAME`",
                        path.display()
                    ),
                    None => "name the configuration file with `-c FILE`".to_owned(),
                });
            }
            ScriptError::Read { source, .. } => match source.kind() {
                io::ErrorKind::NotFound => "is the path right? a relative one begins in the current folder",
                io::ErrorKind::IsADirectory => "name the file, such as alembic.ini, and not its folder",
                io::ErrorKind::PermissionDenied => "let the user that runs this read it",
                _ => return None,
            },
            ScriptError::VersionPath { .. } => "it has to be one of `version_locations` in the configuration",
            ScriptError::UnknownPackage { .. } => {
                "`package:folder` is looked for below prepend_sys_path, the project and PYTHONPATH; write the folder as a path instead"
            }
            ScriptError::Syntax { text: Some(text), .. } if ["<<<<<<<", "=======", ">>>>>>>"].iter().any(|mark| text.starts_with(mark)) => {
                "these are the conflict markers of a merge: keep what is right of the two sides, and take them out"
            }
            ScriptError::NoRevision { .. } => "every .py file in a version folder is a revision; move other files elsewhere",
            ScriptError::NoDownRevision { .. } => "write `down_revision = None` for a first revision",
            ScriptError::Encoding { .. } => "save the file as UTF-8",
            ScriptError::SqlFile { .. } => {
                "a SQL revision has `-- revision:`, `-- down_revision:`, then `-- limbeck:up` and `-- limbeck:down` (`generate --format sql` writes one)"
            }
            ScriptError::Sourceless { .. } => "bring the .py file back beside it",
            ScriptError::UnknownTimezone { .. } => "name a zone such as `Europe/Berlin` or `UTC`",
            ScriptError::FileExists { .. } => "give another message or `--rev-id`, or move the file away",
            ScriptError::NoSuchTemplate { .. } => "see `list_templates`",
            _ => return None,
        };
        Some(hint.to_owned())
    }

    /// Returns the file, and the line where one is known.
    fn place(&self) -> Option<(&PathBuf, Option<u32>)> {
        match self {
            ScriptError::Ini { path, source } => Some((path, source.line())),
            ScriptError::Toml { path, line, .. } => Some((path, *line)),
            ScriptError::BadOption { path, line, .. } => path.as_ref().map(|path| (path, *line)),
            ScriptError::ComputedHeader { path, line, .. } | ScriptError::Template { path, line, .. } | ScriptError::SqlFile { path, line, .. } => {
                Some((path, Some(*line)))
            }
            ScriptError::NoRevision { path } | ScriptError::NoDownRevision { path } => Some((path, None)),
            _ => None,
        }
    }
}

impl Diagnose for ScriptError {
    fn diagnose(&self) -> Diagnostic {
        let message = match self {
            ScriptError::Syntax { message, .. } => message.clone(),
            ScriptError::SqlFile { message, .. } => format!("this revision cannot be read: {message}"),
            other => other.to_string(),
        };
        let found = Diagnostic::error(self.code(), message).hint_opt(self.hint());
        if let ScriptError::Syntax { path, line, column, text, .. } = self {
            let mut location = Location::new(path.display().to_string(), *line, *column);
            location.text = text.clone();
            return found.at(location);
        }
        match self.place() {
            Some((path, line)) => {
                let path = path.display().to_string();
                found.at(Location::new(path, line.unwrap_or(0), 0))
            }
            None => found,
        }
    }
}

fn file_name(path: &std::path::Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

/// The name under which Alembic imports a script.
fn module_name(path: &std::path::Path) -> String {
    file_name(path).chars().map(|c| if c.is_alphanumeric() || c == '_' { c } else { '_' }).collect()
}
