//! When a failed segment is worth another try, and after which pause.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use limbeck_ops::HostError;

/// The first pause.
const FIRST: Duration = Duration::from_millis(500);
/// No pause is longer.
const LONGEST: Duration = Duration::from_secs(30);
/// How often a pause looks whether the user wants to stop.
const SLICE: Duration = Duration::from_millis(50);

/// Whether an error means that somebody else was in the way and may soon be gone: a lock that was not to be had in time, a broken deadlock, a conflict of
/// serialisable transactions (PostgreSQL manual, appendix A), SQLite's busy.
pub(crate) fn is_transient(error: &HostError) -> bool {
    matches!(
        error.sqlstate.as_deref(),
        Some("55P03" | "40P01" | "40001" | "SQLITE_BUSY" | "SQLITE_BUSY_SNAPSHOT" | "SQLITE_BUSY_TIMEOUT")
    )
}

/// An enum value is used in the transaction that added it.
pub(crate) fn is_unsafe_enum_use(error: &HostError) -> bool {
    error.sqlstate.as_deref() == Some("55P04")
}

/// The statement cannot run inside a transaction.
pub(crate) fn needs_no_transaction(error: &HostError) -> bool {
    error.sqlstate.as_deref() == Some("25001")
}

/// The pause after the `attempt`th failure (from 1): doubled each time, then anything from half to one and a half of it, so that waiting runs do not march in step.
pub(crate) fn pause(attempt: u32) -> Duration {
    let doubled = FIRST
        .saturating_mul(1u32.checked_shl(attempt.saturating_sub(1).min(16)).unwrap_or(u32::MAX))
        .min(LONGEST);
    let random = RandomState::new().build_hasher().finish();
    let per_mille = u32::try_from(500 + random % 1000).unwrap_or(1000);
    doubled * per_mille / 1000
}

/// Sleeps, but no longer than until `stop` is set; returns whether it was.
pub(crate) fn sleep(time: Duration, stop: &AtomicBool) -> bool {
    let until = Instant::now() + time;
    loop {
        if stop.load(Ordering::Relaxed) {
            return true;
        }
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return false;
        }
        std::thread::sleep(left.min(SLICE));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use limbeck_ops::DatabaseErrorKind;

    #[test]
    fn pauses_grow_and_have_a_limit() {
        for attempt in 1..40 {
            let doubled = Duration::from_millis(500) * 2u32.pow(attempt.min(10) - 1);
            let middle = doubled.min(LONGEST);
            let pause = pause(attempt);
            assert!(pause >= middle / 2 && pause <= middle * 3 / 2, "{attempt}: {pause:?}");
        }
    }

    #[test]
    fn only_what_may_pass_is_tried_again() {
        let with = |state: &str| HostError {
            sqlstate: Some(state.into()),
            ..HostError::new(DatabaseErrorKind::OperationalError, "x")
        };
        assert!(is_transient(&with("55P03")) && is_transient(&with("40P01")));
        assert!(!is_transient(&with("42P01")) && !is_transient(&with("57014")));
        assert!(!is_transient(&HostError::new(DatabaseErrorKind::OperationalError, "x")));
    }

    #[test]
    fn a_pause_ends_when_the_user_wants_to_stop() {
        let started = Instant::now();
        assert!(sleep(Duration::from_secs(60), &AtomicBool::new(true)));
        assert!(started.elapsed() < Duration::from_secs(5));
    }
}
