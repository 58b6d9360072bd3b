//! What a migrating session is set to before it begins: timeouts, the lock, no trust in a pooler.

use std::sync::atomic::AtomicBool;
use std::time::Duration;

use limbeck_db::{Companion, Connection, LockError, LockHolder, LockKey};
use limbeck_dialect::DialectName;
use limbeck_ops::HostError;
use limbeck_source::{Diagnose, Diagnostic};
use limbeck_sql::Flavour;

use crate::event::{Event, Events};
use crate::safety::Safety;
use crate::segments::host_error;
use crate::settings::Settings;

/// Why a run may not begin.
#[derive(Debug)]
pub enum GuardError {
    /// Another run holds the lock.
    Lock(LockError),
    /// Session locks mean nothing behind this pooler.
    Pooler {
        evidence: String,
    },
    Database(HostError),
}

impl Diagnose for GuardError {
    fn diagnose(&self) -> Diagnostic {
        match self {
            GuardError::Lock(error) => error.diagnose(),
            GuardError::Pooler { evidence } => Diagnostic::error(
                "E0431",
                "there is a pooler between us and the server that hands out transactions, not sessions",
            )
            .cause(evidence.clone())
            .note("behind it the migration lock does not hold, and timeouts reach other clients; nothing was changed")
            .hint("give the URL of the server itself (or of a pool in session mode) for migrations, or `--allow-pooler` if only one run can happen at a time"),
            GuardError::Database(error) => {
                crate::error::with_database_error(Diagnostic::error("E0401", "the database refused"), error).hint_opt(error.hint.clone())
            }
        }
    }
}

/// The kind of SQL a dialect speaks.
pub fn flavour(dialect: DialectName) -> Flavour {
    match dialect {
        DialectName::Postgresql => Flavour::Postgresql,
        DialectName::Sqlite => Flavour::Sqlite,
        DialectName::Mysql => Flavour::Mysql,
    }
}

/// Sets the session's timeouts. What the role, the database or env.py set stays, unless another value was asked for.
///
/// # Errors
/// What the database answered.
pub fn set_timeouts(connection: &mut dyn Connection, settings: &Settings, safety: &Safety) -> Result<(), HostError> {
    let sql = match settings.dialect {
        DialectName::Postgresql => {
            let mut parts = Vec::new();
            if let Some(timeout) = safety.lock_timeout {
                let set = format!("set_config('lock_timeout', '{}ms', false)", timeout.as_millis());
                parts.push(if safety.lock_timeout_given {
                    set
                } else {
                    format!("CASE WHEN current_setting('lock_timeout') = '0' THEN {set} END")
                });
            }
            if let Some(timeout) = safety.statement_timeout {
                parts.push(format!("set_config('statement_timeout', '{}ms', false)", timeout.as_millis()));
            }
            if parts.is_empty() {
                return Ok(());
            }
            format!("SELECT {}", parts.join(", "))
        }
        DialectName::Sqlite => match safety.lock_timeout {
            // Otherwise the URL's `timeout`, or Python's five seconds.
            Some(timeout) if safety.lock_timeout_given => format!("PRAGMA busy_timeout = {}", timeout.as_millis()),
            _ => return Ok(()),
        },
        DialectName::Mysql => return Ok(()),
    };
    connection.query(&sql, &[]).map(drop).map_err(|error| host_error(error, &sql))
}

/// Takes the migration lock, after a look at what is between us and the server.
///
/// # Errors
/// Another run holds the lock for too long; a pooler that hands out transactions.
pub fn take_lock(
    connection: &mut dyn Connection,
    companion: &mut dyn Companion,
    settings: &Settings,
    safety: &Safety,
    stop: &AtomicBool,
    events: &mut dyn Events,
) -> Result<(), GuardError> {
    let refused = |error: limbeck_db::DbError| GuardError::Database(error.into());
    if !safety.allow_pooler
        && let Some(evidence) = limbeck_db::transaction_pooler(connection, companion).map_err(refused)?
    {
        return Err(GuardError::Pooler { evidence });
    }
    let key = LockKey::of(connection, &settings.version_table.name).map_err(refused)?;
    let limit = safety.lock_wait;
    let mut on_wait = |holder: Option<&LockHolder>, waited: Duration| events.event(Event::LockWaiting { holder, waited, limit });
    let waited = limbeck_db::acquire(companion, &key, limit, stop, &mut on_wait).map_err(GuardError::Lock)?;
    // A run that was killed may have left a statement running on the server: its session holds this second lock until it ends.
    let orphan = limbeck_db::acquire_work_lock(connection, &key, limit, stop, &mut on_wait).map_err(GuardError::Lock)?;
    events.event(Event::LockAcquired { waited: waited + orphan });
    Ok(())
}
