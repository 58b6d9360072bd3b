//! What a connection or a statement that failed has to say.

use std::error::Error;
use std::fmt;

use limbeck_ops::{DatabaseErrorKind, HostError};
use limbeck_source::{Diagnose, Diagnostic};

/// A failure, with the class a script sees and the fields a server gave.
#[derive(Debug, Clone, PartialEq)]
pub struct DbError {
    /// The exception class of Python's database interface.
    pub kind: DatabaseErrorKind,
    /// The stable code.
    pub code: &'static str,
    /// The fact.
    pub message: String,
    /// What led to it, for instance each server that was tried.
    pub causes: Vec<String>,
    /// What to do next, where we know.
    pub hint: Option<String>,
    /// What the server said beside the message.
    pub server: Option<Box<ServerFields>>,
}

/// The fields of a server's error or notice.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[allow(missing_docs)] // the names of the protocol's fields
pub struct ServerFields {
    pub severity: String,
    pub sqlstate: String,
    pub detail: Option<String>,
    pub hint: Option<String>,
    /// Where in the statement: characters, from 1.
    pub position: Option<u32>,
    pub internal_position: Option<u32>,
    pub internal_query: Option<String>,
    pub context: Option<String>,
    pub schema: Option<String>,
    pub table: Option<String>,
    pub column: Option<String>,
    pub datatype: Option<String>,
    pub constraint: Option<String>,
}

impl DbError {
    /// Makes an error with only a message.
    pub fn new(kind: DatabaseErrorKind, code: &'static str, message: impl Into<String>) -> Self {
        DbError {
            kind,
            code,
            message: message.into(),
            causes: Vec::new(),
            hint: None,
            server: None,
        }
    }

    /// Makes an `OperationalError`, the class of everything that has to do with reaching a database.
    pub(crate) fn operational(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(DatabaseErrorKind::OperationalError, code, message)
    }

    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    pub(crate) fn cause(mut self, cause: impl Into<String>) -> Self {
        self.causes.push(cause.into());
        self
    }

    /// SQLSTATE, or the name of SQLite's extended result code.
    pub fn sqlstate(&self) -> Option<&str> {
        self.server.as_ref().map(|fields| fields.sqlstate.as_str()).filter(|state| !state.is_empty())
    }

    /// Whether the connection is gone: nothing more can be asked of it.
    pub fn is_connection_lost(&self) -> bool {
        self.code == CONNECTION_LOST
    }

    /// DETAIL, HINT, CONTEXT and the like, one per line, as psql words them.
    pub fn details(&self) -> Vec<String> {
        let Some(fields) = &self.server else {
            return Vec::new();
        };
        let mut lines = Vec::new();
        let mut add = |word: &str, text: &Option<String>| {
            if let Some(text) = text {
                lines.push(format!("{word}:  {text}"));
            }
        };
        add("DETAIL", &fields.detail);
        add("HINT", &fields.hint);
        add("QUERY", &fields.internal_query);
        add("CONTEXT", &fields.context);
        add("POSITION", &fields.position.map(|at| at.to_string()));
        lines
    }
}

/// Nothing answered, or no longer.
pub(crate) const UNREACHABLE: &str = "E0604";
/// The server closed the connection, or the network did.
pub(crate) const CONNECTION_LOST: &str = "E0615";
/// A statement failed.
pub(crate) const STATEMENT_FAILED: &str = "E0614";

impl fmt::Display for DbError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl Error for DbError {}

impl Diagnose for DbError {
    fn diagnose(&self) -> Diagnostic {
        let mut diagnostic = Diagnostic::error(self.code, &self.message);
        for cause in &self.causes {
            diagnostic = diagnostic.cause(cause);
        }
        if let Some(state) = self.sqlstate() {
            let of_sqlite = state.starts_with("SQLITE_");
            diagnostic = diagnostic.note(if of_sqlite { state.to_owned() } else { format!("SQLSTATE {state}") });
        }
        for line in self.details() {
            diagnostic = diagnostic.note(line);
        }
        let standby = "this server takes no writes (a standby, or a read-only role or session): give the address of the primary; for scratch databases `--scratch-url` names another";
        diagnostic.hint_opt(self.hint.as_deref().or((self.sqlstate() == Some("25006")).then_some(standby)))
    }
}

impl From<DbError> for HostError {
    fn from(error: DbError) -> Self {
        let mut details = error.causes.clone();
        details.extend(error.details());
        HostError {
            // A script cannot go on without its connection, whatever it catches.
            kind: if error.is_connection_lost() { DatabaseErrorKind::Abort } else { error.kind },
            sqlstate: error.sqlstate().map(str::to_owned),
            statement: None,
            details,
            hint: error.hint,
            message: error.message,
        }
    }
}

/// The exception class for a SQLSTATE, as psycopg2 chooses it.
pub(crate) fn kind_of_sqlstate(state: &str) -> DatabaseErrorKind {
    use DatabaseErrorKind::*;
    match state.get(..2).unwrap_or_default() {
        "0A" => NotSupportedError,
        "20" | "21" | "3D" | "3F" | "42" | "44" => ProgrammingError,
        "22" => DataError,
        "23" => IntegrityError,
        "08" | "26" | "27" | "28" | "34" | "40" | "53" | "54" | "55" | "57" | "58" | "HV" => OperationalError,
        "24" | "25" | "2B" | "2D" | "2F" | "38" | "39" | "3B" | "F0" | "P0" | "XX" => InternalError,
        _ => DatabaseError,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_are_psycopg2s() {
        for (state, kind) in [
            ("42P01", DatabaseErrorKind::ProgrammingError),
            ("23505", DatabaseErrorKind::IntegrityError),
            ("22P02", DatabaseErrorKind::DataError),
            ("55P03", DatabaseErrorKind::OperationalError),
            ("25P02", DatabaseErrorKind::InternalError),
            ("0A000", DatabaseErrorKind::NotSupportedError),
            ("P0001", DatabaseErrorKind::InternalError),
            ("01000", DatabaseErrorKind::DatabaseError),
            ("", DatabaseErrorKind::DatabaseError),
        ] {
            assert_eq!(kind_of_sqlstate(state), kind, "{state}");
        }
    }

    #[test]
    fn a_lost_connection_aborts_the_script() {
        let lost = DbError::operational(CONNECTION_LOST, "server closed the connection");
        assert_eq!(HostError::from(lost).kind, DatabaseErrorKind::Abort);
    }
}
