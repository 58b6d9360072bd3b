//! Finding out whether a pooler stands between us and the server that lends server processes out by the transaction.
//!
//! Through such a pooler (PgBouncer's `pool_mode = transaction`) a session is not a session: an advisory lock is left with a server process that the
//! next client gets, and settings too. A pooler that lends by the session does no harm.

use crate::postgres::activity;
use crate::{Backend, Companion, Connection, DbError};

/// How often two clients are compared; once is enough with PgBouncer's defaults, more where it takes servers in turn or others take them away.
const ROUNDS: usize = 4;

/// Looks for a transaction pooler; returns what gave it away.
///
/// A server tells a client which process serves it. If the one that answers is another, there is a pooler. If then, while the main connection has a
/// transaction open, the companion was served by that very process a moment ago, or is served by two processes in a row, it lends by the transaction.
///
/// # Errors
/// What the database answered.
pub fn transaction_pooler(main: &mut dyn Connection, companion: &mut dyn Companion) -> Result<Option<String>, DbError> {
    if main.backend() != Backend::Postgresql || main.in_transaction() {
        return Ok(None);
    }
    let answers = activity::backend_pid(main)?;
    if main.process_id() == Some(answers) {
        return Ok(None);
    }
    let mut seen = companion.process_id()?;
    for _ in 0..ROUNDS {
        if let Err(error) = main.begin() {
            // Who pools by the statement says so, and hangs up.
            return if error.sqlstate() == Some("08P01") {
                Ok(Some(error.message))
            } else {
                Err(error)
            };
        }
        let busy = match activity::backend_pid(main) {
            Ok(busy) => busy,
            Err(error) => {
                main.rollback()?;
                return Err(error);
            }
        };
        // Before the companion asks again: in a pool of one it would wait for the main connection for ever.
        if seen == Some(busy) {
            main.rollback()?;
            return Ok(Some(format!("two of our connections were served by one server process, {busy}")));
        }
        let now = companion.process_id();
        main.rollback()?;
        let now = now?;
        if seen != now {
            let process = |pid: Option<i32>| pid.map_or_else(|| "none".to_owned(), |pid| pid.to_string());
            let (first, second) = (process(seen), process(now));
            return Ok(Some(format!("one of our connections was served by two server processes, {first} and {second}")));
        }
        seen = now;
    }
    Ok(None)
}

/// The refusal to migrate through a transaction pooler; `evidence` is what `transaction_pooler` found.
pub fn pooler_refused(evidence: &str) -> DbError {
    DbError::operational("E0623", "a transaction pooler stands between us and the server")
        .cause(evidence)
        .cause("through it a lock does not last, and two migrations could run at once")
        .hint("give the address of the server itself, or of a pool with pool_mode=session, for migrations")
}
