//! SQLite's errors as Python's sqlite3 raises them.

use limbeck_ops::DatabaseErrorKind;
use rusqlite::ffi;

use crate::error::STATEMENT_FAILED;
use crate::{DbError, ServerFields};

/// Turns an error of the library into ours.
pub(super) fn from_rusqlite(error: rusqlite::Error) -> DbError {
    let (code, message, position) = match error {
        rusqlite::Error::SqliteFailure(failure, message) => (failure.extended_code, message, None),
        rusqlite::Error::SqlInputError { error, msg, sql, offset, .. } => {
            let position = usize::try_from(offset)
                .ok()
                .and_then(|offset| sql.get(..offset))
                .map(|before| before.chars().count() as u32 + 1);
            (error.extended_code, Some(msg), position)
        }
        other => return DbError::new(DatabaseErrorKind::InterfaceError, STATEMENT_FAILED, other.to_string()),
    };
    let message = message.unwrap_or_else(|| ffi::code_to_str(code).to_owned());
    let (ours, hint) = advice(code & 0xff);
    let mut result = DbError::new(kind(code & 0xff), ours, message);
    result.hint = hint.map(str::to_owned);
    result.server = Some(Box::new(ServerFields {
        sqlstate: name(code),
        position,
        ..ServerFields::default()
    }));
    result
}

/// The error of every change to a file that takes none.
pub(super) fn read_only() -> DbError {
    let message = "attempt to write a readonly database".to_owned();
    from_rusqlite(rusqlite::Error::SqliteFailure(ffi::Error::new(ffi::SQLITE_READONLY), Some(message)))
}

/// The exception class, as CPython's `_pysqlite_seterror` chooses it.
fn kind(primary: i32) -> DatabaseErrorKind {
    match primary {
        ffi::SQLITE_INTERNAL | ffi::SQLITE_NOTFOUND => DatabaseErrorKind::InternalError,
        ffi::SQLITE_ERROR
        | ffi::SQLITE_PERM
        | ffi::SQLITE_ABORT
        | ffi::SQLITE_BUSY
        | ffi::SQLITE_LOCKED
        | ffi::SQLITE_READONLY
        | ffi::SQLITE_INTERRUPT
        | ffi::SQLITE_IOERR
        | ffi::SQLITE_FULL
        | ffi::SQLITE_CANTOPEN
        | ffi::SQLITE_PROTOCOL
        | ffi::SQLITE_EMPTY
        | ffi::SQLITE_SCHEMA => DatabaseErrorKind::OperationalError,
        ffi::SQLITE_TOOBIG => DatabaseErrorKind::DataError,
        ffi::SQLITE_CONSTRAINT | ffi::SQLITE_MISMATCH => DatabaseErrorKind::IntegrityError,
        ffi::SQLITE_MISUSE | ffi::SQLITE_RANGE => DatabaseErrorKind::InterfaceError,
        _ => DatabaseErrorKind::DatabaseError,
    }
}

fn advice(primary: i32) -> (&'static str, Option<&'static str>) {
    match primary {
        ffi::SQLITE_BUSY | ffi::SQLITE_LOCKED => ("E0613", Some("another program is writing to the file; try again when it is done")),
        ffi::SQLITE_READONLY => (
            "E0612",
            Some("check the permissions of the file and of its directory, and `mode=ro` in the URL"),
        ),
        ffi::SQLITE_CANTOPEN => ("E0610", Some("check the path and the permissions of the file and of its directory")),
        ffi::SQLITE_NOTADB | ffi::SQLITE_CORRUPT => ("E0611", Some("the file is damaged, encrypted, or something else than a SQLite database")),
        ffi::SQLITE_INTERRUPT => ("E0616", None),
        _ => (STATEMENT_FAILED, None),
    }
}

/// The name of a result code, as Python's `sqlite_errorname` has it.
fn name(code: i32) -> String {
    const EXTENDED: &[(i32, &str)] = &[
        (ffi::SQLITE_CONSTRAINT_CHECK, "SQLITE_CONSTRAINT_CHECK"),
        (ffi::SQLITE_CONSTRAINT_FOREIGNKEY, "SQLITE_CONSTRAINT_FOREIGNKEY"),
        (ffi::SQLITE_CONSTRAINT_NOTNULL, "SQLITE_CONSTRAINT_NOTNULL"),
        (ffi::SQLITE_CONSTRAINT_PRIMARYKEY, "SQLITE_CONSTRAINT_PRIMARYKEY"),
        (ffi::SQLITE_CONSTRAINT_TRIGGER, "SQLITE_CONSTRAINT_TRIGGER"),
        (ffi::SQLITE_CONSTRAINT_UNIQUE, "SQLITE_CONSTRAINT_UNIQUE"),
        (ffi::SQLITE_CONSTRAINT_ROWID, "SQLITE_CONSTRAINT_ROWID"),
        (ffi::SQLITE_CONSTRAINT_DATATYPE, "SQLITE_CONSTRAINT_DATATYPE"),
        (ffi::SQLITE_READONLY_DIRECTORY, "SQLITE_READONLY_DIRECTORY"),
        (ffi::SQLITE_READONLY_DBMOVED, "SQLITE_READONLY_DBMOVED"),
        (ffi::SQLITE_BUSY_SNAPSHOT, "SQLITE_BUSY_SNAPSHOT"),
    ];
    const PRIMARY: &[&str] = &[
        "OK",
        "ERROR",
        "INTERNAL",
        "PERM",
        "ABORT",
        "BUSY",
        "LOCKED",
        "NOMEM",
        "READONLY",
        "INTERRUPT",
        "IOERR",
        "CORRUPT",
        "NOTFOUND",
        "FULL",
        "CANTOPEN",
        "PROTOCOL",
        "EMPTY",
        "SCHEMA",
        "TOOBIG",
        "CONSTRAINT",
        "MISMATCH",
        "MISUSE",
        "NOLFS",
        "AUTH",
        "FORMAT",
        "RANGE",
        "NOTADB",
    ];
    let extended = EXTENDED.iter().find(|(known, _)| *known == code).map(|(_, name)| (*name).to_owned());
    let primary = || {
        usize::try_from(code & 0xff)
            .ok()
            .and_then(|index| PRIMARY.get(index))
            .map(|name| format!("SQLITE_{name}"))
    };
    extended.or_else(primary).unwrap_or_else(|| format!("SQLITE_{code}"))
}
