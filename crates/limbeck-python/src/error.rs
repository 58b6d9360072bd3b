//! What can go wrong in a script, with everything a reader needs: the exception, its traceback, the place, the database's own answer.

use limbeck_ops::{HostError, Place};
use limbeck_source::{Diagnose, Diagnostic, Location};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::path::PathBuf;

/// One line of a Python traceback.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Frame {
    /// The file.
    pub path: PathBuf,
    /// 1-based line.
    pub line: u32,
    /// The function, or `<module>`.
    pub function: String,
    /// The text of the line, without indentation.
    pub source: Option<String>,
}

/// An import that could not be satisfied.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MissingImport {
    /// The module as it was asked for.
    pub module: String,
    /// The file with the import.
    pub file: PathBuf,
    /// 1-based line of the import.
    pub line: u32,
}

/// What kind of failure it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ScriptErrorKind {
    /// The file could not be read.
    Unreadable,
    /// The file is not Python.
    Syntax,
    /// The script raised an exception.
    Raised,
    /// The script used a package that is not there.
    MissingPackage,
    /// The database refused, and the script let it pass.
    Database,
    /// The script has no such function.
    NoFunction,
    /// The script uses something that Limbeck does not have yet.
    Unsupported,
    /// The script ran longer than it may.
    Deadline,
    /// The user stopped it.
    Interrupted,
    /// A part of the models could not be loaded.
    Incomplete,
    /// The project's own Python could not be asked.
    OwnPython,
    /// A function of env.py got no answer out of the project's own Python.
    Functions,
    /// The project's own Python can read no models: too old, or without SQLAlchemy or Alembic.
    UnfitPython,
    /// The engine itself failed.
    Internal,
}

/// Why a script did not finish.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ScriptError {
    /// What kind of failure it was.
    pub kind: ScriptErrorKind,
    /// The exception's class, e.g. `ValueError` or `sqlalchemy.exc.IntegrityError`.
    pub exception: String,
    /// The exception's text.
    pub message: String,
    /// Outermost call first; frames of the built-in vocabulary are left out.
    pub traceback: Vec<Frame>,
    /// The innermost place in the user's own files.
    pub place: Option<Place>,
    /// The text of that line (with its indentation for syntax errors, so that the column fits).
    pub source: Option<String>,
    /// The host's error, when that is what the script passed on.
    pub host_error: Option<Box<HostError>>,
    /// The package that is missing, when that is the reason.
    pub missing: Option<MissingImport>,
}

impl ScriptError {
    pub(crate) fn new(kind: ScriptErrorKind, exception: impl Into<String>, message: impl Into<String>) -> Self {
        ScriptError {
            kind,
            exception: exception.into(),
            message: message.into(),
            traceback: Vec::new(),
            place: None,
            source: None,
            host_error: None,
            missing: None,
        }
    }

    /// An error of a caller that stands in for the engine.
    pub fn internal_like(kind: ScriptErrorKind, message: impl Into<String>) -> Self {
        Self::new(kind, "Error", message)
    }

    pub(crate) fn internal(message: impl Into<String>) -> Self {
        Self::new(ScriptErrorKind::Internal, "InternalError", message)
    }

    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self.kind {
            ScriptErrorKind::Unreadable => "E0310",
            ScriptErrorKind::Syntax => "E0311",
            ScriptErrorKind::Raised | ScriptErrorKind::Database => "E0312",
            ScriptErrorKind::MissingPackage => "E0313",
            ScriptErrorKind::NoFunction => "E0314",
            ScriptErrorKind::Deadline => "E0315",
            ScriptErrorKind::Unsupported => "E0317",
            ScriptErrorKind::Interrupted => "E0316",
            ScriptErrorKind::Incomplete => "E0330",
            ScriptErrorKind::OwnPython => "E0331",
            ScriptErrorKind::Functions => "E0332",
            ScriptErrorKind::UnfitPython => "E0333",
            ScriptErrorKind::Internal => "E0001",
        }
    }

    fn hint(&self) -> Option<&'static str> {
        match self.kind {
            ScriptErrorKind::MissingPackage => Some("the package is not part of Limbeck; import it where it is used (`explain E0313` names other ways)"),
            ScriptErrorKind::Incomplete => {
                Some("activate the project's virtual environment, or name its Python: `python = \"/path/to/python\"` in [limbeck]; it then reads the models")
            }
            ScriptErrorKind::UnfitPython => {
                Some("name the Python that the project runs under: `python = \"/path/to/venv/bin/python\"` in [limbeck], or activate its virtual environment")
            }
            ScriptErrorKind::Deadline => Some("raise the deadline if the script is only slow"),
            ScriptErrorKind::NoFunction => Some("a revision script has `def upgrade():` and `def downgrade():`"),
            _ => None,
        }
    }

    /// The traceback as Python prints it, without the exception itself; empty when there is none.
    pub fn traceback_text(&self) -> String {
        let mut text = String::new();
        for frame in &self.traceback {
            text.push_str(&format!("  File \"{}\", line {}, in {}\n", frame.path.display(), frame.line, frame.function));
            if let Some(source) = &frame.source {
                text.push_str(&format!("    {source}\n"));
            }
        }
        text
    }
}

impl fmt::Display for ScriptError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.message.is_empty() {
            f.write_str(&self.exception)
        } else if matches!(self.kind, ScriptErrorKind::Raised | ScriptErrorKind::Database | ScriptErrorKind::Syntax) {
            write!(f, "{}: {}", self.exception, self.message)
        } else {
            f.write_str(&self.message)
        }
    }
}

impl std::error::Error for ScriptError {}

impl Diagnose for ScriptError {
    fn diagnose(&self) -> Diagnostic {
        let mut diagnostic = Diagnostic::error(self.code(), self.to_string());
        if let Some(place) = &self.place {
            let mut location = Location::new(place.path.display().to_string(), place.line, place.column);
            location.text.clone_from(&self.source);
            diagnostic = diagnostic.at(location);
        }
        if !self.traceback.is_empty() {
            diagnostic = diagnostic.note(format!("Traceback (most recent call last):\n{}", self.traceback_text().trim_end()));
        }
        diagnostic.hint_opt(self.hint())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_traceback_reads_as_python_prints_it() {
        let mut error = ScriptError::new(ScriptErrorKind::Raised, "ValueError", "no");
        error.traceback.push(Frame {
            path: "a.py".into(),
            line: 3,
            function: "upgrade".into(),
            source: Some("raise ValueError('no')".into()),
        });
        assert_eq!(error.traceback_text(), "  File \"a.py\", line 3, in upgrade\n    raise ValueError('no')\n");
        assert_eq!(error.to_string(), "ValueError: no");
        assert_eq!(error.diagnose().code, "E0312");
    }
}
