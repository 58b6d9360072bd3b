//! Finding a server that will do, and saying what was tried if none does.

use std::sync::Arc;

use limbeck_expr::Literal;

use super::settings::{Host, HostSpec, PostgresSettings, SslMode, TargetSession};
use super::startup::{self, Session};
use super::wire::Address;
use super::{CancelTarget, Postgres};
use crate::error::UNREACHABLE;
use crate::{Connection, DbError, Notice, ServerFields};

impl Postgres {
    /// Connects to the first server that will do.
    ///
    /// # Errors
    /// What every server that was tried answered; the class is that of the last one that answered at all.
    pub fn connect(settings: &PostgresSettings) -> Result<Self, DbError> {
        // `prefer-standby` takes what it gets in a second round.
        let rounds: &[TargetSession] = match settings.target_session {
            TargetSession::PreferStandby => &[TargetSession::Standby, TargetSession::Any],
            _ => std::slice::from_ref(&settings.target_session),
        };
        let mut failures: Vec<(String, DbError)> = Vec::new();
        for wanted in rounds {
            failures.clear();
            for spec in &settings.hosts {
                let addresses = match Address::resolve(spec) {
                    Ok(addresses) => addresses,
                    Err(error) => {
                        let error = DbError::operational(UNREACHABLE, format!("could not translate host name to address: {}", startup::words(&error)));
                        failures.push((place(spec, None), error));
                        continue;
                    }
                };
                for address in addresses {
                    match Postgres::connect_to(settings, spec, &address, *wanted) {
                        Ok(connection) => return Ok(connection),
                        Err(error) => {
                            // A server that answered will not answer differently at the next address of the same name.
                            let answered = error.code != UNREACHABLE;
                            failures.push((place(spec, Some(&address)), error));
                            if answered {
                                break;
                            }
                        }
                    }
                }
            }
        }
        Err(summary(settings, failures))
    }

    fn connect_to(settings: &PostgresSettings, spec: &HostSpec, address: &Address, wanted: TargetSession) -> Result<Self, DbError> {
        let attempt = |mode: SslMode| {
            let (wire, encrypted) = startup::open(settings, spec, address, mode)?;
            startup::begin(settings, spec, address, wire, encrypted)
        };
        let session = match settings.sslmode {
            // First without encryption, and with it only if the server insists.
            SslMode::Allow => attempt(SslMode::Disable).or_else(|first| retry(first, || attempt(SslMode::Require))),
            // First with encryption; without it if that is what the server minds.
            SslMode::Prefer => attempt(SslMode::Prefer).or_else(|first| retry(first, || attempt(SslMode::Disable))),
            mode => attempt(mode),
        }?;
        let mut connection = Postgres::over(settings, spec, session);
        if connection.parameter("DateStyle").is_some_and(|style| !style.starts_with("ISO")) {
            connection.execute_batch("SET datestyle TO 'ISO'")?;
        }
        connection.check_target(wanted)?;
        Ok(connection)
    }

    fn over(settings: &PostgresSettings, spec: &HostSpec, mut session: Session) -> Self {
        let cancel = Arc::new(CancelTarget {
            settings: settings.clone(),
            spec: spec.clone(),
            address: session.address.clone(),
            encrypted: session.encrypted,
            process: session.process,
            key: session.key,
        });
        // The label names the server that answered, not the first of several.
        let answered = PostgresSettings {
            hosts: vec![spec.clone()],
            ..settings.clone()
        };
        session.notices.extend(settings.warnings.iter().map(|warning| Notice {
            message: warning.clone(),
            fields: Box::new(ServerFields {
                severity: "WARNING".to_owned(),
                ..ServerFields::default()
            }),
        }));
        Postgres {
            label: answered.label(),
            session,
            status: b'I',
            closed: false,
            cancel,
        }
    }

    fn check_target(&mut self, wanted: TargetSession) -> Result<(), DbError> {
        let (question, parameter, yes) = match wanted {
            TargetSession::Any | TargetSession::PreferStandby => return Ok(()),
            TargetSession::ReadWrite | TargetSession::ReadOnly => ("SHOW transaction_read_only", "default_transaction_read_only", TargetSession::ReadOnly),
            TargetSession::Primary | TargetSession::Standby => ("SELECT pg_catalog.pg_is_in_recovery()", "in_hot_standby", TargetSession::Standby),
        };
        // PostgreSQL 14 and later report the answer at the start; a primary is writable unless its default says otherwise.
        let reported = self.parameter(parameter).map(|value| value == "on");
        let standby = self.parameter("in_hot_standby").map(|value| value == "on");
        let answer = match reported {
            Some(answer) if yes == TargetSession::ReadOnly => answer || standby.unwrap_or(false),
            Some(answer) => answer,
            None => {
                let result = self.query(question, &[])?;
                matches!(result.rows.first().and_then(|row| row.first()), Some(Literal::Bool(true)))
                    || matches!(result.rows.first().and_then(|row| row.first()), Some(Literal::Text(text)) if text == "on")
            }
        };
        if answer == (wanted == yes) {
            return Ok(());
        }
        let words = match wanted {
            TargetSession::ReadWrite => "session is read-only",
            TargetSession::ReadOnly => "session is not read-only",
            TargetSession::Primary => "server is in hot standby mode",
            _ => "server is not in hot standby mode",
        };
        Err(DbError::operational("E0609", words).hint("target_session_attrs asks for another kind of server"))
    }
}

/// Tries the other way if the server minded the way, not the user.
fn retry(first: DbError, second: impl FnOnce() -> Result<Session, DbError>) -> Result<Session, DbError> {
    let worth_it = matches!(first.code, "E0608" | "E0609") || first.sqlstate() == Some("28000");
    if worth_it { second().map_err(|_| first) } else { Err(first) }
}

/// A server as psql names it in errors.
fn place(spec: &HostSpec, address: Option<&Address>) -> String {
    match (&spec.host, address) {
        (Host::Unix(directory), _) => format!("socket \"{}/.s.PGSQL.{}\"", directory.display(), spec.port),
        (Host::Tcp(name), Some(Address::Tcp(address))) if *name != address.ip().to_string() => {
            format!("server at \"{name}\" ({}), port {}", address.ip(), spec.port)
        }
        (Host::Tcp(name), _) => format!("server at \"{name}\", port {}", spec.port),
    }
}

/// One error for all that was tried.
fn summary(settings: &PostgresSettings, mut failures: Vec<(String, DbError)>) -> DbError {
    // An answer says more than silence.
    if let Some(at) = failures.iter().rposition(|(_, error)| error.code != UNREACHABLE) {
        let alone = failures.len() == 1;
        let (place, mut error) = failures.swap_remove(at);
        error.message = format!("connection to {place} failed: {}", error.message);
        if !alone {
            error
                .causes
                .extend(failures.into_iter().map(|(place, error)| format!("{place}: {}", error.message)));
        }
        return error;
    }
    let mut error = DbError::operational(UNREACHABLE, format!("no server could be reached for {}", settings.label()))
        .hint("is the server running there, and does it accept connections from here? check the host and the port in the URL");
    for (place, failure) in failures {
        error = error.cause(format!("{place}: {}", failure.message));
    }
    error
}
