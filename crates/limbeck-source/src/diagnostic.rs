//! What went wrong, where, why, and what to do next.

use std::error::Error;
use std::fmt;

use serde::Serialize;

use crate::Location;

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// Worth looking at; the command goes on.
    Warning,
    /// The command stops.
    Error,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Severity::Info => "info",
            Severity::Warning => "warning",
            Severity::Error => "error",
        })
    }
}

/// One finding for the user: a fact with its code, place, causes and next step.
///
/// ```
/// use limbeck_source::{Diagnostic, Location};
/// let found = Diagnostic::error("E0202", "can't locate revision `9c11`")
///     .at(Location::file("alembic.ini"))
///     .hint("list what is there with `history`");
/// assert_eq!(found.code, "E0202");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Diagnostic {
    /// The stable code, one of [`codes::CODES`](crate::codes::CODES).
    pub code: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// The fact, in lower case, without a final stop.
    pub message: String,
    /// The place it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location: Option<Location>,
    /// What led to it, outermost first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub causes: Vec<String>,
    /// Further facts; a note may have several lines.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// What to do next.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
}

impl Diagnostic {
    /// Makes an error.
    pub fn error(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(code, Severity::Error, message)
    }

    /// Makes a warning.
    pub fn warning(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(code, Severity::Warning, message)
    }

    /// Makes a diagnostic of a given severity.
    pub fn new(code: &'static str, severity: Severity, message: impl Into<String>) -> Self {
        Self {
            code,
            severity,
            message: message.into(),
            location: None,
            causes: Vec::new(),
            notes: Vec::new(),
            hint: None,
        }
    }

    /// Says where.
    pub fn at(mut self, location: Location) -> Self {
        self.location = Some(location);
        self
    }

    /// Says where, when it is known.
    pub fn at_opt(mut self, location: Option<Location>) -> Self {
        self.location = location.or(self.location);
        self
    }

    /// Adds a cause; call it once per link, outermost first.
    pub fn cause(mut self, cause: impl Into<String>) -> Self {
        self.causes.push(cause.into());
        self
    }

    /// Adds `error` and everything it was caused by.
    pub fn caused_by(mut self, error: &dyn Error) -> Self {
        let mut link = Some(error);
        while let Some(error) = link {
            let text = error.to_string();
            // Errors that print their source inside their own text would say it twice.
            if self.causes.last().is_none_or(|last| !last.ends_with(&text)) {
                self.causes.push(text);
            }
            link = error.source();
        }
        self
    }

    /// Adds a fact.
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }

    /// Says what to do next.
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Says what to do next, when it is known.
    pub fn hint_opt(mut self, hint: Option<impl Into<String>>) -> Self {
        self.hint = hint.map(Into::into).or(self.hint);
        self
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}[{}]: {}", self.severity, self.code, self.message)
    }
}

impl Error for Diagnostic {}

/// An error that knows how to show itself to the user.
pub trait Diagnose {
    /// Returns the diagnostic of this error.
    fn diagnose(&self) -> Diagnostic;
}

impl Diagnose for Diagnostic {
    fn diagnose(&self) -> Diagnostic {
        self.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn causes_follow_the_chain_and_are_not_repeated() {
        #[derive(Debug)]
        struct Outer(std::fmt::Error);
        impl fmt::Display for Outer {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "outer: {}", self.0)
            }
        }
        impl Error for Outer {
            fn source(&self) -> Option<&(dyn Error + 'static)> {
                Some(&self.0)
            }
        }
        let found = Diagnostic::error("E0001", "x").caused_by(&Outer(std::fmt::Error));
        assert_eq!(found.causes.len(), 1, "{:?}", found.causes);
    }
}
