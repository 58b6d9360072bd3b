//! Waiting for the migration lock: by asking again and again, never inside the database.

use std::collections::hash_map::RandomState;
use std::error::Error;
use std::fmt;
use std::hash::BuildHasher;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use limbeck_source::{Diagnose, Diagnostic};

use crate::postgres::activity;
use crate::{Backend, Companion, Connection, DbError, LockHolder, LockKey};

const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);
/// How soon a stop is noticed.
const SLICE: Duration = Duration::from_millis(20);

/// Why the migration lock is not ours.
#[derive(Debug, Clone, PartialEq)]
pub enum LockError {
    /// Another run held it all the time.
    TimedOut {
        /// Who holds it, where that could be found out.
        holder: Option<LockHolder>,
        /// How long we waited.
        waited: Duration,
    },
    /// The user stopped the wait.
    Stopped,
    /// The database, or the lock file, cannot be asked.
    Database(DbError),
}

/// Asks for the lock until it is ours or `wait` is over; returns how long that took. `on_wait` hears of every look that found it taken.
///
/// A connection that is lost while waiting (the server restarts) is made again.
///
/// # Errors
/// The time is up, `stop` was set, or the database cannot be asked.
pub fn acquire(
    companion: &mut dyn Companion,
    key: &LockKey,
    wait: Duration,
    stop: &AtomicBool,
    on_wait: &mut dyn FnMut(Option<&LockHolder>, Duration),
) -> Result<Duration, LockError> {
    let (began, mut answered) = (Instant::now(), false);
    poll(began, wait, stop, on_wait, &mut || match companion.try_lock(key) {
        Ok(true) if stop.load(Ordering::Relaxed) => {
            companion.unlock();
            Err(LockError::Stopped)
        }
        Ok(true) => Ok(Look::Ours),
        Ok(false) => {
            answered = true;
            Ok(Look::Taken(companion.holder(key).ok().flatten()))
        }
        // A server that answered before may do so again.
        Err(error) if answered && passes(&error) && began.elapsed() < wait => Ok(Look::Taken(None)),
        Err(error) => Err(LockError::Database(error)),
    })
}

/// Asks for the lock that the migrating connection itself has while it works, until it is ours or `wait` is over.
///
/// The server goes on with the statement of a run that was killed (`CREATE INDEX CONCURRENTLY`, a `COMMIT` on its way) after the companion's lock has come
/// free: this one stays with that server process until it is done. Call it when the companion has its lock. Databases without server processes have no
/// such lock, and the answer is at once.
///
/// # Errors
/// As `acquire`.
pub fn acquire_work_lock(
    connection: &mut dyn Connection,
    key: &LockKey,
    wait: Duration,
    stop: &AtomicBool,
    on_wait: &mut dyn FnMut(Option<&LockHolder>, Duration),
) -> Result<Duration, LockError> {
    if connection.backend() != Backend::Postgresql {
        return Ok(Duration::ZERO);
    }
    poll(Instant::now(), wait, stop, on_wait, &mut || {
        let ours = activity::try_work_lock(connection, key).map_err(LockError::Database)?;
        if ours {
            return Ok(Look::Ours);
        }
        Ok(Look::Taken(activity::work_lock_holder(connection, key).ok().flatten()))
    })
}

/// What one look at a lock found.
enum Look {
    Ours,
    Taken(Option<LockHolder>),
}

fn poll(
    began: Instant,
    wait: Duration,
    stop: &AtomicBool,
    on_wait: &mut dyn FnMut(Option<&LockHolder>, Duration),
    look: &mut dyn FnMut() -> Result<Look, LockError>,
) -> Result<Duration, LockError> {
    let mut pause = FIRST_PAUSE;
    loop {
        if stop.load(Ordering::Relaxed) {
            return Err(LockError::Stopped);
        }
        let found = look()?;
        let waited = began.elapsed();
        match found {
            Look::Ours => return Ok(waited),
            Look::Taken(holder) if waited >= wait => return Err(LockError::TimedOut { holder, waited }),
            Look::Taken(holder) => on_wait(holder.as_ref(), waited),
        }
        // The last look is at the very end of the time.
        sleep(jittered(pause).min(wait.saturating_sub(waited)), stop);
        pause = (pause * 3 / 2).min(LONGEST_PAUSE);
    }
}

/// Whether an error may be gone in a moment: the server restarts or has no connection left.
fn passes(error: &DbError) -> bool {
    error.is_connection_lost() || error.code == crate::error::UNREACHABLE || matches!(error.sqlstate(), Some("57P03" | "53300"))
}

/// A pause between three quarters and five quarters of `pause`, so that many waiters do not come at once.
fn jittered(pause: Duration) -> Duration {
    // The standard library's only source of chance.
    let chance = RandomState::new().hash_one(0u8) % 512;
    pause * (768 + u32::try_from(chance).unwrap_or_default()) / 1024
}

fn sleep(pause: Duration, stop: &AtomicBool) {
    let until = Instant::now() + pause;
    while !stop.load(Ordering::Relaxed) {
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return;
        }
        std::thread::sleep(left.min(SLICE));
    }
}

impl fmt::Display for LockError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            LockError::TimedOut { waited, .. } => write!(f, "another run holds the migration lock; gave up after {}", seconds(*waited)),
            LockError::Stopped => f.write_str("stopped while waiting for the migration lock"),
            LockError::Database(error) => write!(f, "the migration lock cannot be taken: {error}"),
        }
    }
}

impl Error for LockError {}

impl Diagnose for LockError {
    fn diagnose(&self) -> Diagnostic {
        match self {
            LockError::TimedOut { holder, .. } => {
                let mut diagnostic = Diagnostic::error("E0620", self.to_string());
                if let Some(holder) = holder {
                    diagnostic = diagnostic.note(format!("held by {holder}"));
                }
                let diagnostic = diagnostic.note("nothing was changed");
                diagnostic.hint(match holder.as_ref().and_then(|holder| holder.server_pid) {
                    Some(pid) => format!(
                        "wait until it is done, or longer with `--lock-wait`; `limbeck locks` shows what it does; if it hangs, end it with \
                         `SELECT pg_terminate_backend({pid});`"
                    ),
                    None => "wait until it is done, or longer with `--lock-wait`; `limbeck locks` shows who it is".to_owned(),
                })
            }
            LockError::Stopped => Diagnostic::error("E0621", self.to_string()).note("nothing was changed"),
            LockError::Database(error) => error.diagnose(),
        }
    }
}

/// For people: `upgrade 1a2b3c by alice on build7 (pid 4711, server process 12), connected for 12 s`.
impl fmt::Display for LockHolder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.doing.as_deref().unwrap_or("a run that does not say what it does"))?;
        if let Some(user) = &self.user {
            write!(f, " by {user}")?;
        }
        if let Some(host) = &self.host {
            write!(f, " on {host}")?;
        }
        let processes: Vec<String> = [
            self.pid.map(|pid| format!("pid {pid}")),
            self.server_pid.map(|pid| format!("server process {pid}")),
        ]
        .into_iter()
        .flatten()
        .collect();
        if !processes.is_empty() {
            write!(f, " ({})", processes.join(", "))?;
        }
        match self.since {
            Some(since) => write!(f, ", for {}", seconds(since)),
            None => Ok(()),
        }
    }
}

/// `0.4 s`, `12 s`, `3 min 20 s`, `5 h 2 min`.
fn seconds(duration: Duration) -> String {
    let whole = duration.as_secs();
    match whole {
        0..10 => format!("{:.1} s", duration.as_secs_f64()),
        10..60 => format!("{whole} s"),
        60..3600 => format!("{} min {} s", whole / 60, whole % 60),
        _ => format!("{} h {} min", whole / 3600, whole % 3600 / 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_holder_is_said_in_one_line() {
        let holder = LockHolder {
            host: Some("build7".into()),
            pid: Some(4711),
            server_pid: Some(12),
            user: Some("alice".into()),
            since: Some(Duration::from_secs(200)),
            doing: Some("upgrade 1a2b3c".into()),
        };
        assert_eq!(
            holder.to_string(),
            "upgrade 1a2b3c by alice on build7 (pid 4711, server process 12), for 3 min 20 s"
        );
        let error = LockError::TimedOut {
            holder: Some(holder),
            waited: Duration::from_secs(60),
        };
        assert_eq!(error.to_string(), "another run holds the migration lock; gave up after 1 min 0 s");
        let diagnostic = error.diagnose();
        assert!(diagnostic.hint.unwrap().contains("pg_terminate_backend(12)"));
        assert_eq!(LockHolder::default().to_string(), "a run that does not say what it does");
    }

    #[test]
    fn pauses_differ_and_stay_near() {
        let pauses: Vec<Duration> = (0..64).map(|_| jittered(FIRST_PAUSE)).collect();
        assert!(pauses.iter().all(|pause| *pause >= FIRST_PAUSE * 3 / 4 && *pause <= FIRST_PAUSE * 5 / 4));
        assert!(pauses.windows(2).any(|pair| pair[0] != pair[1]));
    }
}
