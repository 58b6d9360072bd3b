//! How careful a run is: how long it waits for locks, how often it tries again, whether it keeps a journal.

use std::time::Duration;

/// Whether records are kept in the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum JournalMode {
    /// Kept, and created where it is missing.
    #[default]
    On,
    /// Only while a revision is cut into segments; taken away again at its end, unless it was there before.
    Transient,
    /// Never written.
    Off,
}

/// The limits of a run. The defaults are meant for a production database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Safety {
    /// How long one statement may wait for a lock; `None` leaves the session's own setting.
    pub lock_timeout: Option<Duration>,
    /// Whether `lock_timeout` was asked for: it then wins over what the role, the database or env.py set.
    pub lock_timeout_given: bool,
    /// The same for statements with CONCURRENTLY, which wait for old transactions without being in anybody's way.
    pub concurrent_timeout: Duration,
    /// How long one statement may run; `None` leaves the session's own setting.
    pub statement_timeout: Option<Duration>,
    /// How often a segment is tried when a lock cannot be had in time, the first time included.
    pub attempts: u32,
    /// How long to wait for another run to end.
    pub lock_wait: Duration,
    /// Whether session locks are trusted behind a pooler that hands out transactions.
    pub allow_pooler: bool,
    pub journal: JournalMode,
}

/// How often a waiting statement is looked at.
const TICK: Duration = Duration::from_secs(1);
/// Nothing is looked at more often.
const SHORTEST_TICK: Duration = Duration::from_millis(100);

impl Safety {
    /// How often a waiting statement is looked at: at least once before it gives up.
    pub fn tick(&self) -> Duration {
        self.lock_timeout.map_or(TICK, |timeout| (timeout / 2).clamp(SHORTEST_TICK, TICK))
    }
}

impl Default for Safety {
    fn default() -> Self {
        Safety {
            lock_timeout: Some(Duration::from_secs(5)),
            lock_timeout_given: false,
            concurrent_timeout: Duration::from_secs(15 * 60),
            statement_timeout: None,
            attempts: 10,
            lock_wait: Duration::from_secs(60),
            allow_pooler: false,
            journal: JournalMode::On,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_statement_is_looked_at_before_it_gives_up() {
        let with = |milliseconds| Safety {
            lock_timeout: Some(Duration::from_millis(milliseconds)),
            ..Safety::default()
        };
        assert_eq!(with(500).tick(), Duration::from_millis(250));
        assert_eq!(with(60_000).tick(), TICK);
        assert_eq!(with(1).tick(), SHORTEST_TICK);
    }
}
