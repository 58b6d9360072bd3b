//! The fields of a server's errors and notices.

use fallible_iterator::FallibleIterator;
use limbeck_ops::DatabaseErrorKind;
use postgres_protocol::message::backend::ErrorFields;

use crate::error::{CONNECTION_LOST, STATEMENT_FAILED, kind_of_sqlstate};
use crate::{DbError, Notice, ServerFields};

/// Reads the message and everything else.
fn parse(mut fields: ErrorFields<'_>) -> (String, Box<ServerFields>) {
    let mut message = String::new();
    let mut parsed = ServerFields::default();
    while let Ok(Some(field)) = fields.next() {
        // A server may answer in its own encoding before the session has ours.
        let text = String::from_utf8_lossy(field.value_bytes()).into_owned();
        match field.type_() {
            b'S' if parsed.severity.is_empty() => parsed.severity = text,
            // The severity that is never translated.
            b'V' => parsed.severity = text,
            b'C' => parsed.sqlstate = text,
            b'M' => message = text,
            b'D' => parsed.detail = Some(text),
            b'H' => parsed.hint = Some(text),
            b'P' => parsed.position = text.parse().ok(),
            b'p' => parsed.internal_position = text.parse().ok(),
            b'q' => parsed.internal_query = Some(text),
            b'W' => parsed.context = Some(text),
            b's' => parsed.schema = Some(text),
            b't' => parsed.table = Some(text),
            b'c' => parsed.column = Some(text),
            b'd' => parsed.datatype = Some(text),
            b'n' => parsed.constraint = Some(text),
            _ => {}
        }
    }
    (message, Box::new(parsed))
}

pub(super) fn notice(fields: ErrorFields<'_>) -> Notice {
    let (message, fields) = parse(fields);
    Notice { message, fields }
}

/// The error of a statement.
pub(super) fn statement_error(fields: ErrorFields<'_>) -> DbError {
    let (message, fields) = parse(fields);
    let code = match fields.sqlstate.as_str() {
        "57014" => "E0616",
        // Shut down, crashed, terminated by an administrator: the server closes the connection next.
        "57P01" | "57P02" | "57P03" | "57P05" | "08006" | "25P03" => CONNECTION_LOST,
        "25006" => "E0612",
        _ => STATEMENT_FAILED,
    };
    let mut error = DbError::new(kind_of_sqlstate(&fields.sqlstate), code, message);
    error.server = Some(fields);
    error
}

/// The error that ended an attempt to connect.
pub(super) fn connect_error(fields: ErrorFields<'_>) -> DbError {
    let (message, fields) = parse(fields);
    let (code, hint) = match fields.sqlstate.as_str() {
        "28P01" => ("E0605", Some("check the user and the password in the URL, in PGPASSWORD or in ~/.pgpass")),
        "3D000" => ("E0606", Some("create it with `createdb`, or correct the name at the end of the URL")),
        // pg_hba.conf has no line for us, `peer` failed, or the role is not there: the server tells them apart only in words.
        "28000" if message.contains("does not exist") && message.starts_with("role") => {
            ("E0607", Some("create it with `createuser`, or correct the user in the URL"))
        }
        "28000" if message.contains("no encryption") => ("E0608", Some("the server wants encryption: use sslmode=require")),
        "28000" => ("E0609", Some("the server's pg_hba.conf does not let this user in from here")),
        "53300" => (
            "E0609",
            Some("the server has no connection left, or none for this role; close some, or raise max_connections or the limit of the role"),
        ),
        "57P03" => ("E0609", Some("the server is starting or stopping; try again in a moment")),
        _ => ("E0609", None),
    };
    let mut error = DbError::new(DatabaseErrorKind::OperationalError, code, message);
    error.hint = hint.map(str::to_owned);
    error.server = Some(fields);
    error
}
