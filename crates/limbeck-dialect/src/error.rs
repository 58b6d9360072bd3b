//! Errors with the text SQLAlchemy or Alembic would give, so that a script that catches them still works.

use crate::DialectName;
use limbeck_ops::{DatabaseErrorKind, HostError};

/// What every renderer returns.
pub type Result<T, E = HostError> = std::result::Result<T, E>;

pub(crate) fn compile_error(message: impl Into<String>) -> HostError {
    HostError::new(DatabaseErrorKind::CompileError, message)
}

pub(crate) fn argument_error(message: impl Into<String>) -> HostError {
    HostError::new(DatabaseErrorKind::ArgumentError, message)
}

pub(crate) fn invalid_request(message: impl Into<String>) -> HostError {
    HostError::new(DatabaseErrorKind::InvalidRequestError, message)
}

pub(crate) fn command_error(message: impl Into<String>) -> HostError {
    HostError::new(DatabaseErrorKind::CommandError, message)
}

pub(crate) fn not_implemented(message: impl Into<String>) -> HostError {
    HostError::new(DatabaseErrorKind::NotImplementedError, message)
}

/// Alembic's refusal of constraint changes outside of a batch block.
pub(crate) fn sqlite_constraint_change() -> HostError {
    not_implemented(
        "No support for ALTER of constraints in SQLite dialect. Please refer to the batch mode feature which allows for SQLite migrations using a copy-and-move strategy.",
    )
}

/// What SQLAlchemy adds to an error whose page in its manual explains it.
const BACKGROUND: &str = " (Background on this error at: https://sqlalche.me/e/21/l7de)";

/// A type for which a dialect has no words.
pub(crate) fn unsupported_type(dialect: DialectName, name: &str) -> HostError {
    let mut error = compile_error(format!("{} can't render element of type {name}{BACKGROUND}", compiler(dialect, "TypeCompiler")));
    error.hint = Some(format!("{} has no type {name}; choose another there, e.g. with `with_variant`", dialect.name()));
    error
}

/// A statement for which a dialect has no words.
pub(crate) fn unsupported_construct(dialect: DialectName, class: &str) -> HostError {
    compile_error(format!("{} can't render element of type {class}{BACKGROUND}", compiler(dialect, "DDLCompiler")))
}

/// The same for a statement of Alembic's own, which says it in more words.
pub(crate) fn unsupported_extension(dialect: DialectName, class: &str) -> HostError {
    compile_error(format!(
        "{} can't render element of type {class}: {class} construct has no default compilation handler.{BACKGROUND}",
        compiler(dialect, "DDLCompiler")
    ))
}

/// A message as it reads inside another.
pub(crate) fn without_background(message: &str) -> &str {
    message.strip_suffix(BACKGROUND).unwrap_or(message)
}

/// Python prints the object; ours has no address.
fn compiler(dialect: DialectName, suffix: &str) -> String {
    let prefix = match dialect {
        DialectName::Postgresql => "PG",
        DialectName::Sqlite => "SQLite",
        DialectName::Mysql => "MySQL",
    };
    format!("Compiler <sqlalchemy.dialects.{}.base.{prefix}{suffix} object at 0x0>", dialect.name())
}
