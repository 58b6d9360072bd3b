//! One thing that is wrong: what was seen, why it is so, what mends it.

use limbeck_source::Diagnostic;
use serde::Serialize;

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Worth knowing; the next migration will probably run.
    Warning,
    /// The next migration fails, or has already done harm.
    Problem,
}

/// What mends it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Remedy {
    /// The command to type, whole.
    pub command: String,
    /// Whether it can lose nothing and may run without thought: `doctor --fix` does these.
    pub safe: bool,
}

/// What `doctor --fix` does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Fix {
    /// Writes a revision that follows these heads.
    Merge { heads: Vec<String>, message: String },
    /// Runs these statements in the database: in one transaction, or each by itself.
    Sql { statements: Vec<String>, in_transaction: bool },
    /// Writes a file that is not there.
    File {
        path: String,
        #[serde(skip)]
        text: String,
    },
}

/// A finding of a check.
///
/// ```
/// use limbeck_doctor::Finding;
/// let found = Finding::problem("multiple-heads", "2 heads: 1a2b, 3c4d")
///     .evidence("1a2b  add users  versions/1a2b_add_users.py")
///     .cause("two people wrote a revision on the same one")
///     .command("limbeck merge -m \"merge heads\" 1a2b 3c4d");
/// assert_eq!(found.remedy.unwrap().safe, false);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The check's name, of [`CHECKS`](crate::CHECKS).
    pub check: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// The fact, in one line.
    pub title: String,
    /// What was seen, a line each.
    pub evidence: Vec<String>,
    /// How it comes to be so; empty where the title says it.
    pub cause: String,
    /// What mends it.
    pub remedy: Option<Remedy>,
    /// What else could be done, or has to be known before.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// What `--fix` does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fix: Option<Fix>,
}

impl Finding {
    /// Makes a problem.
    pub fn problem(check: &'static str, title: impl Into<String>) -> Self {
        Self::new(check, Severity::Problem, title)
    }

    /// Makes a warning.
    pub fn warning(check: &'static str, title: impl Into<String>) -> Self {
        Self::new(check, Severity::Warning, title)
    }

    /// Makes a finding.
    pub fn new(check: &'static str, severity: Severity, title: impl Into<String>) -> Self {
        Finding {
            check,
            severity,
            title: title.into(),
            evidence: Vec::new(),
            cause: String::new(),
            remedy: None,
            notes: Vec::new(),
            fix: None,
        }
    }

    /// Says what a diagnostic says: its place, causes and notes as evidence, its hint as a note.
    pub fn of(check: &'static str, severity: Severity, found: &Diagnostic) -> Self {
        let place = found.location.iter().map(|place| match place.line {
            0 => place.path.clone(),
            line => format!("{}:{line}", place.path),
        });
        let lines = found.notes.iter().flat_map(|note| note.lines()).map(str::to_owned);
        let mut finding = Self::new(check, severity, format!("{} ({})", found.message, found.code))
            .evidence_all(place)
            .evidence_all(found.causes.iter().cloned())
            .evidence_all(lines);
        finding.notes.extend(found.hint.clone());
        finding
    }

    /// Adds a line of what was seen.
    pub fn evidence(mut self, line: impl Into<String>) -> Self {
        self.evidence.push(line.into());
        self
    }

    /// Adds lines of what was seen.
    pub fn evidence_all(mut self, lines: impl IntoIterator<Item = String>) -> Self {
        self.evidence.extend(lines);
        self
    }

    /// Says how it comes to be so.
    pub fn cause(mut self, cause: impl Into<String>) -> Self {
        self.cause = cause.into();
        self
    }

    /// Says which command mends it; a person has to decide.
    pub fn command(mut self, command: impl Into<String>) -> Self {
        self.remedy = Some(Remedy {
            command: command.into(),
            safe: false,
        });
        self
    }

    /// Says which command mends it, and that `--fix` does it.
    pub fn safe_command(mut self, command: impl Into<String>, fix: Fix) -> Self {
        self.remedy = Some(Remedy {
            command: command.into(),
            safe: true,
        });
        self.fix = Some(fix);
        self
    }

    /// Adds what else could be done, or has to be known before.
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }
}
