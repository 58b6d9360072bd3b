//! PostgreSQL: a blocking client of its own on the simple query protocol.
//!
//! Every statement is one message and its answer, which carries type numbers and text: that is what psycopg2 works with, so values come out
//! the same, and it is one round trip. Errors keep all fields the server sends.

pub(crate) mod activity;
mod companion;
mod connect;
mod decode;
mod fields;
mod inspect;
mod interval;
mod introspect;
pub(crate) mod leftovers;
mod modes;
mod oid;
mod passfile;
mod service;
mod settings;
mod startup;
mod tls;
pub(crate) mod unsound;
mod wire;

use std::io;
use std::sync::Arc;
use std::time::Duration;

use fallible_iterator::FallibleIterator;
use limbeck_expr::Literal;
use limbeck_ops::{DatabaseErrorKind, Inspect, Inspected, ResultColumn, ResultSet};
use limbeck_schema::catalogue::Catalogue;
use limbeck_schema::{Sequence, Table};
use postgres_protocol::message::backend::{DataRowBody, Message, RowDescriptionBody};
use postgres_protocol::message::frontend;

pub(crate) use companion::PostgresCompanion;
pub use settings::{Host, HostSpec, PostgresSettings, SslMode, TargetSession};

use crate::connection::CancelKind;
use crate::error::{CONNECTION_LOST, UNREACHABLE};
use crate::{Backend, CancelHandle, Connection, DbError, Filter, Notice};
use startup::Session;
use wire::{Address, Watch};

/// A connection to a PostgreSQL server.
pub struct Postgres {
    session: Session,
    label: String,
    /// What the server said after its last answer: `I`dle, in a `T`ransaction, in a failed (`E`) one.
    status: u8,
    closed: bool,
    cancel: Arc<CancelTarget>,
}

/// What a server says of a statement.
enum Answer<'a> {
    /// Which columns the rows will have.
    Columns(&'a RowDescriptionBody),
    Row(&'a DataRowBody),
    /// It is done, with this tag (`SELECT 3`).
    Done(&'a str),
}

/// Where and whom to ask to stop a statement.
pub(crate) struct CancelTarget {
    settings: PostgresSettings,
    spec: HostSpec,
    address: Address,
    encrypted: bool,
    process: i32,
    key: i32,
}

impl Postgres {
    /// A setting that the server reported (`server_version`, `TimeZone`).
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.session.parameters.get(name).map(String::as_str)
    }

    /// Whether the connection is encrypted.
    pub fn is_encrypted(&self) -> bool {
        self.session.encrypted
    }

    /// The name of the server that answered.
    pub fn host(&self) -> &str {
        &self.session.host
    }

    fn lost(&mut self, error: &io::Error) -> DbError {
        self.closed = true;
        DbError::operational(CONNECTION_LOST, startup::words(error)).hint("see the server's log; what was not committed is rolled back")
    }

    fn send(&mut self, sql: &str) -> Result<(), DbError> {
        if self.closed {
            return Err(DbError::new(DatabaseErrorKind::InterfaceError, CONNECTION_LOST, "connection already closed"));
        }
        self.session
            .wire
            .write(|buffer| frontend::query(sql, buffer))
            .map_err(|error| match error.kind() {
                // Nothing was sent.
                io::ErrorKind::InvalidInput => DbError::new(
                    DatabaseErrorKind::ValueError,
                    crate::error::STATEMENT_FAILED,
                    "A string literal cannot contain NUL (0x00) characters.",
                ),
                _ => DbError::operational(CONNECTION_LOST, startup::words(&error)),
            })?;
        self.session.wire.flush().map_err(|error| self.lost(&error))
    }

    /// Sends one text and reads all of its answer; the last statement's result counts.
    fn run(&mut self, sql: &str) -> Result<ResultSet, DbError> {
        Ok(self.run_each(sql)?.pop().unwrap_or_else(no_rows))
    }

    /// Sends one text and returns the result of every statement in it.
    fn run_each(&mut self, sql: &str) -> Result<Vec<ResultSet>, DbError> {
        self.run_watched(sql, None)
    }

    fn run_watched(&mut self, sql: &str, watch: Option<Watch<'_>>) -> Result<Vec<ResultSet>, DbError> {
        let mut results = Vec::new();
        let mut result = no_rows();
        let mut oids = Vec::new();
        self.converse(sql, watch, &mut |answer| {
            match answer {
                Answer::Columns(body) => {
                    oids.clear();
                    result.columns = columns(body, &mut oids)?;
                }
                Answer::Row(body) => result.rows.push(row(body, &oids)?),
                Answer::Done(tag) => {
                    result.rowcount = rows_touched(tag);
                    results.push(std::mem::replace(&mut result, no_rows()));
                }
            }
            Ok(())
        })?;
        Ok(results)
    }

    /// Sends one text and hands over every row of its statements as it comes, with the number of the statement: nothing of the answer is kept.
    /// Returns how many statements there were.
    fn run_rows(&mut self, sql: &str, read: &mut dyn FnMut(usize, &DataRowBody) -> io::Result<()>) -> Result<usize, DbError> {
        let mut statement = 0;
        self.converse(sql, None, &mut |answer| {
            match answer {
                Answer::Row(body) => read(statement, body)?,
                Answer::Done(_) => statement += 1,
                Answer::Columns(_) => {}
            }
            Ok(())
        })?;
        Ok(statement)
    }

    /// Sends one text and hands over what the server answers, until it is ready for the next.
    fn converse(&mut self, sql: &str, mut watch: Option<Watch<'_>>, hear: &mut dyn FnMut(Answer<'_>) -> io::Result<()>) -> Result<(), DbError> {
        self.send(sql)?;
        let mut failure: Option<DbError> = None;
        loop {
            let message = match self.session.wire.read_watched(&mut watch) {
                Ok(message) => message,
                // A server that is told to stop says why before it hangs up.
                Err(error) => {
                    let lost = self.lost(&error);
                    return Err(failure.map_or(lost, |mut failure| {
                        failure.code = CONNECTION_LOST;
                        failure
                    }));
                }
            };
            match message {
                Message::RowDescription(body) => hear(Answer::Columns(&body)).map_err(|error| self.lost(&error))?,
                Message::DataRow(body) => hear(Answer::Row(&body)).map_err(|error| self.lost(&error))?,
                Message::CommandComplete(body) => body.tag().and_then(|tag| hear(Answer::Done(tag))).map_err(|error| self.lost(&error))?,
                Message::ErrorResponse(body) => failure = Some(fields::statement_error(body.fields())),
                Message::NoticeResponse(body) => self.session.notices.push(fields::notice(body.fields())),
                Message::ParameterStatus(body) => {
                    if let (Ok(name), Ok(value)) = (body.name(), body.value()) {
                        self.session.parameters.insert(name.to_owned(), value.to_owned());
                    }
                }
                Message::CopyInResponse(_) => {
                    let refusal = |buffer: &mut bytes::BytesMut| frontend::copy_fail("a migration cannot send data with COPY FROM STDIN; use INSERT", buffer);
                    self.session
                        .wire
                        .write(refusal)
                        .and_then(|()| self.session.wire.flush())
                        .map_err(|error| self.lost(&error))?;
                }
                Message::ReadyForQuery(body) => {
                    self.status = body.status();
                    return failure.map_or(Ok(()), Err);
                }
                // COPY TO STDOUT is read and dropped, an empty text has no result, notifications are for others.
                _ => {}
            }
        }
    }
}

impl Connection for Postgres {
    fn backend(&self) -> Backend {
        Backend::Postgresql
    }

    fn label(&self) -> &str {
        &self.label
    }

    fn execute_batch(&mut self, sql: &str) -> Result<i64, DbError> {
        self.run(sql).map(|result| result.rowcount)
    }

    fn query(&mut self, sql: &str, params: &[Literal]) -> Result<ResultSet, DbError> {
        no_params(params)?;
        self.run(sql)
    }

    fn query_watched(&mut self, sql: &str, params: &[Literal], tick: Duration, on_tick: &mut dyn FnMut()) -> Result<ResultSet, DbError> {
        no_params(params)?;
        self.session.wire.be_patient(tick).map_err(|error| self.lost(&error))?;
        let mut results = self.run_watched(sql, Some(Watch::new(tick, on_tick)))?;
        Ok(results.pop().unwrap_or_else(no_rows))
    }

    fn process_id(&self) -> Option<i32> {
        Some(self.session.process)
    }

    fn begin(&mut self) -> Result<(), DbError> {
        self.run("BEGIN").map(drop)
    }

    fn commit(&mut self) -> Result<(), DbError> {
        match self.status {
            b'I' => Ok(()),
            // COMMIT would answer ROLLBACK, without an error.
            b'E' => {
                self.run("ROLLBACK")?;
                Err(DbError::new(
                    DatabaseErrorKind::InternalError,
                    crate::error::STATEMENT_FAILED,
                    "the transaction had failed and was rolled back instead of committed",
                ))
            }
            _ => self.run("COMMIT").map(drop),
        }
    }

    fn rollback(&mut self) -> Result<(), DbError> {
        if self.status == b'I' || self.closed {
            return Ok(());
        }
        self.run("ROLLBACK").map(drop)
    }

    fn in_transaction(&self) -> bool {
        self.status != b'I'
    }

    fn inspect(&mut self, what: &Inspect) -> Result<Inspected, DbError> {
        inspect::answer(self, what)
    }

    fn tables(&mut self, schema: Option<&str>) -> Result<Vec<Table>, DbError> {
        inspect::all_tables(self, schema)
    }

    fn sequences(&mut self, schema: Option<&str>) -> Result<Vec<Sequence>, DbError> {
        inspect::sequences(self, schema)
    }

    fn catalogue(&mut self, filter: &Filter) -> Result<Catalogue, DbError> {
        introspect::catalogue(self, filter)
    }

    fn take_notices(&mut self) -> Vec<Notice> {
        std::mem::take(&mut self.session.notices)
    }

    fn cancel_handle(&self) -> CancelHandle {
        CancelHandle(CancelKind::Postgres(self.cancel.clone()))
    }

    fn server_version(&self) -> Vec<u32> {
        let text = self.parameter("server_version").unwrap_or_default();
        // `18beta1`, `15.18 (Debian 15.18-1)`
        let numbers = text.split(|c: char| !c.is_ascii_digit() && c != '.').next().unwrap_or_default();
        numbers.split('.').filter_map(|number| number.parse().ok()).collect()
    }

    fn is_closed(&self) -> bool {
        self.closed
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        if !self.closed {
            // Politeness: the server logs an unexpected end otherwise.
            let goodbye = self.session.wire.write(|buffer| {
                frontend::terminate(buffer);
                Ok(())
            });
            let _ = goodbye.and_then(|()| self.session.wire.flush());
        }
    }
}

impl CancelTarget {
    pub(crate) fn cancel(&self) -> Result<(), DbError> {
        let mode = if self.encrypted {
            self.settings.sslmode.max(SslMode::Require)
        } else {
            SslMode::Disable
        };
        let (mut wire, _) = startup::open(&self.settings, &self.spec, &self.address, mode)?;
        let request = |buffer: &mut bytes::BytesMut| {
            frontend::cancel_request(self.process, self.key, buffer);
            Ok(())
        };
        wire.write(request)
            .and_then(|()| wire.flush())
            .map_err(|error| DbError::operational(UNREACHABLE, format!("could not ask the server to cancel: {}", startup::words(&error))))?;
        // The server closes the connection when it has passed the request on.
        let _ = wire.read();
        Ok(())
    }
}

fn no_params(params: &[Literal]) -> Result<(), DbError> {
    if params.is_empty() {
        return Ok(());
    }
    Err(DbError::new(
        DatabaseErrorKind::InterfaceError,
        crate::error::STATEMENT_FAILED,
        "values for PostgreSQL must be written into the statement",
    ))
}

fn columns(body: &RowDescriptionBody, oids: &mut Vec<u32>) -> io::Result<Vec<ResultColumn>> {
    body.fields()
        .map(|field| {
            oids.push(field.type_oid());
            Ok(ResultColumn {
                name: field.name().to_owned(),
                type_: oid::column_type(field.type_oid(), field.type_modifier()),
            })
        })
        .collect()
}

fn row(body: &DataRowBody, oids: &[u32]) -> io::Result<Vec<Literal>> {
    let buffer = body.buffer();
    let mut values = Vec::with_capacity(oids.len());
    let mut ranges = body.ranges();
    while let Some(range) = ranges.next()? {
        let oid = oids.get(values.len()).copied().unwrap_or_default();
        values.push(match range {
            Some(range) => decode::literal(oid, &String::from_utf8_lossy(&buffer[range])),
            None => Literal::Null,
        });
    }
    Ok(values)
}

/// The number at the end of `INSERT 0 1`, `SELECT 3`, `UPDATE 2`; others have none.
fn rows_touched(tag: &str) -> i64 {
    tag.rsplit(' ').next().and_then(|number| number.parse().ok()).unwrap_or(-1)
}

fn no_rows() -> ResultSet {
    ResultSet {
        rowcount: -1,
        ..ResultSet::default()
    }
}
