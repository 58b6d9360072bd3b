//! Errors with the text SQLAlchemy or Alembic would give, so that a script that catches them still works.

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

/// A construct for which a dialect has no words.
pub(crate) fn unsupported_construct(compiler: &str, construct: &str) -> HostError {
    compile_error(format!("Compiler {compiler} can't render element of type {construct}"))
}
