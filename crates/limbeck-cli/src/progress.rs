//! Turns the runner's events into words on stderr: Alembic's log lines under its name, our own progress otherwise.

use crate::context::Context;
use crate::streams;
use limbeck_run::{Direction, Event, Events};
use std::io::IsTerminal;
use std::time::Duration;

const MIGRATION: &str = "alembic.runtime.migration";
const INFO: u32 = 20;

/// Shows events as they come.
pub struct Progress<'a> {
    context: &'a Context,
    /// Whether the line of the running step still lacks its end (terminals only).
    open_line: bool,
    live: bool,
}

impl<'a> Progress<'a> {
    pub fn new(context: &'a Context) -> Self {
        Progress {
            context,
            open_line: false,
            live: std::io::stderr().is_terminal(),
        }
    }

    fn break_line(&mut self) {
        if std::mem::take(&mut self.open_line) {
            streams::say("");
        }
    }
}

impl Events for Progress<'_> {
    fn event(&mut self, event: Event<'_>) {
        if self.context.is_alembic() {
            match event {
                Event::Connected {
                    impl_name,
                    transactional_ddl,
                    offline,
                } => {
                    self.context.log(INFO, MIGRATION, &format!("Context impl {impl_name}."));
                    if offline {
                        self.context.log(INFO, MIGRATION, "Generating static SQL");
                    }
                    let word = if transactional_ddl { "transactional" } else { "non-transactional" };
                    self.context.log(INFO, MIGRATION, &format!("Will assume {word} DDL."));
                }
                Event::StepStarted { label, .. } => self.context.log(INFO, MIGRATION, &label.log_line()),
                Event::Warning(text) => streams::say(&format!("alembic: UserWarning: {text}")),
                Event::Statement { .. }
                | Event::ServerNotice(_)
                | Event::StepFinished { .. }
                | Event::LockWaiting { .. }
                | Event::LockAcquired { .. }
                | Event::Blocked { .. }
                | Event::OldTransactions { .. }
                | Event::Retry { .. }
                | Event::SegmentCut { .. }
                | Event::Resumed { .. }
                | Event::Cleaned(_)
                | Event::StatementRunning { .. }
                | Event::StatementFinished { .. }
                | Event::Leftovers(_) => {}
            }
            return;
        }
        if self.context.global.quiet {
            return;
        }
        match event {
            Event::Connected { .. }
            | Event::Statement { .. }
            | Event::LockWaiting { .. }
            | Event::LockAcquired { .. }
            | Event::Blocked { .. }
            | Event::OldTransactions { .. }
            | Event::Retry { .. }
            | Event::SegmentCut { .. }
            | Event::Resumed { .. }
            | Event::Cleaned(_)
            | Event::StatementRunning { .. }
            | Event::StatementFinished { .. }
            | Event::Leftovers(_) => {}
            Event::StepStarted { number, total, label } => {
                let command = label.direction.command();
                let doc = if label.doc.is_empty() { String::new() } else { format!("  {}", label.doc) };
                let ids = match label.direction {
                    Direction::Downgrade => format!("{} -> {}", label.from.join(", "), or_base(&label.to)),
                    Direction::Upgrade | Direction::Stamp => format!("{} -> {}", or_base(&label.from), or_base(&label.to)),
                };
                let width = total.to_string().len();
                let line = format!("[{number:>width$}/{total}] {command} {ids}{doc}");
                if self.live {
                    streams::say_raw(&line);
                    self.open_line = true;
                } else {
                    streams::say(&line);
                }
            }
            Event::StepFinished { statements, elapsed, .. } => {
                if self.open_line {
                    streams::say(&format!("  ({}, {})", count(statements, "statement"), seconds(elapsed)));
                    self.open_line = false;
                }
            }
            Event::ServerNotice(text) => {
                self.break_line();
                streams::say(&format!("  server: {}", text.trim_end()));
            }
            Event::Warning(text) => {
                self.break_line();
                streams::say(&format!("warning: {text}"));
            }
        }
    }
}

impl Drop for Progress<'_> {
    fn drop(&mut self) {
        self.break_line();
    }
}

fn or_base(ids: &[String]) -> String {
    if ids.is_empty() { "base".into() } else { ids.join(", ") }
}

/// `1 statement`, `3 statements`.
pub fn count(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

/// `0.12 s`.
pub fn seconds(elapsed: Duration) -> String {
    format!("{:.2} s", elapsed.as_secs_f64())
}
