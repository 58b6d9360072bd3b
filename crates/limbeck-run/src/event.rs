//! What the runner reports while it works. The runner never prints: whoever called it turns events into words, log lines or JSON.

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
#[derive(Debug)]
pub enum Event<'a> {
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
