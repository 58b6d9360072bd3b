//! What the runner reports while it works. The runner never prints: whoever called it turns events into words, log lines or JSON.

use limbeck_db::{DatabaseSession, IndexProgress, Leftover, LockHolder};
use limbeck_ops::Place;
use std::time::Duration;

/// The direction of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    Upgrade,
    Downgrade,
    /// Only the version rows change.
    Stamp,
}

impl Direction {
    /// The word Alembic's log and `--sql` comments use.
    pub fn word(self) -> &'static str {
        match self {
            Direction::Upgrade => "upgrade",
            Direction::Downgrade => "downgrade",
            Direction::Stamp => "stamp_revision",
        }
    }

    /// The command that takes such a step.
    pub fn command(self) -> &'static str {
        match self {
            Direction::Upgrade => "upgrade",
            Direction::Downgrade => "downgrade",
            Direction::Stamp => "stamp",
        }
    }
}

/// One step's name for people: `a, b -> c`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepLabel {
    pub direction: Direction,
    pub from: Vec<String>,
    pub to: Vec<String>,
    /// The script's message, empty for a stamp.
    pub doc: String,
}

impl StepLabel {
    /// `a -> b`, with nothing for base: the form of Alembic's log and comments.
    pub fn arrow(&self) -> String {
        format!("{} -> {}", self.from.join(", "), self.to.join(", "))
    }

    /// The revision that the step is about.
    pub fn revision(&self) -> &str {
        let ids = match self.direction {
            Direction::Upgrade | Direction::Stamp => &self.to,
            Direction::Downgrade => &self.from,
        };
        ids.first().map_or("base", String::as_str)
    }

    /// The whole log line: `Running upgrade a -> b, message`.
    pub fn log_line(&self) -> String {
        let mut line = format!("Running {} {}", self.direction.word(), self.arrow());
        if !self.doc.is_empty() {
            line.push_str(", ");
            line.push_str(&self.doc);
        }
        line
    }
}

/// Something happened.
#[derive(Debug, Clone, Copy)]
pub enum Event<'a> {
    /// Another run holds the migration lock; sent at every look.
    LockWaiting {
        /// Who holds it, where that could be found out.
        holder: Option<&'a LockHolder>,
        waited: Duration,
        /// How long the run will wait in all.
        limit: Duration,
    },
    /// The migration lock is ours.
    LockAcquired { waited: Duration },
    /// The running statement waits for a lock that these sessions hold; sent about once a second.
    Blocked {
        sql: &'a str,
        waited: Duration,
        blockers: &'a [DatabaseSession],
    },
    /// Before a statement with CONCURRENTLY: transactions it will have to wait for.
    OldTransactions { sql: &'a str, sessions: &'a [DatabaseSession] },
    /// A lock could not be had in time (or a deadlock was broken): what the segment did is undone and it begins again after `pause`.
    Retry {
        error: &'a str,
        /// The attempt that failed, from 1.
        attempt: u32,
        attempts: u32,
        pause: Duration,
    },
    /// The revision is cut into segments here: what came before is committed.
    SegmentCut {
        /// The segment that ended, from 1.
        number: usize,
        /// Why, in words: "CREATE INDEX CONCURRENTLY cannot run inside a transaction".
        reason: &'a str,
        place: Option<&'a Place>,
    },
    /// A half-done revision goes on after its finished segments.
    Resumed { revision: &'a str, segments: usize },
    /// Something a failed run left behind was cleaned: "dropped the INVALID index public.ix_a".
    Cleaned(&'a str),
    /// A statement still runs; about once a second.
    StatementRunning {
        sql: &'a str,
        elapsed: Duration,
        progress: Option<&'a IndexProgress>,
    },
    /// A statement is done; `rows` is -1 where that has no meaning.
    StatementFinished { sql: &'a str, elapsed: Duration, rows: i64 },
    /// What the run found left behind in the database at its end.
    Leftovers(&'a [Leftover]),
    /// A database (or a dialect, for `--sql`) was settled on.
    Connected {
        impl_name: &'a str,
        transactional_ddl: bool,
        offline: bool,
    },
    /// A step begins; `number` counts from 1.
    StepStarted { number: usize, total: usize, label: &'a StepLabel },
    /// A statement is about to run.
    Statement { sql: &'a str, place: Option<&'a Place> },
    /// The server said something (`RAISE NOTICE`, "relation already exists, skipping").
    ServerNotice(&'a str),
    /// Limbeck has something to say that is not an error.
    Warning(&'a str),
    /// A step is done and committed (or will be with the whole, in a single transaction).
    StepFinished {
        label: &'a StepLabel,
        statements: usize,
        elapsed: Duration,
    },
}

/// Receives events.
pub trait Events {
    /// Takes note of `event`.
    fn event(&mut self, event: Event<'_>);
}

/// Ignores every event.
pub struct Silent;

impl Events for Silent {
    fn event(&mut self, _event: Event<'_>) {}
}
