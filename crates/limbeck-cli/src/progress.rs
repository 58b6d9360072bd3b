//! Shows a run's events on stderr: in words, in Alembic's log lines under its name, or as JSON lines.

mod json;
mod sessions;
mod words;

use crate::context::Context;
use crate::streams;
use limbeck_run::{Event, Events};
use limbeck_sql::Flavour;
use std::io::IsTerminal;
use std::time::Duration;
use words::{Told, Words};

pub use limbeck_source::words::{count, span};
pub use sessions::{cut, leftover, plain};

const MIGRATION: &str = "alembic.runtime.migration";
const INFO: u32 = 20;
/// The width of a terminal that does not tell.
const WIDTH: usize = 80;

/// Shows events as they come.
pub struct Progress<'a> {
    context: &'a Context,
    words: Words,
    flavour: Flavour,
}

impl<'a> Progress<'a> {
    pub fn new(context: &'a Context) -> Self {
        // A status line needs a terminal that can wipe one.
        let dumb = context.environment.get("TERM").is_some_and(|term| term == "dumb");
        let live = std::io::stderr().is_terminal() && !dumb && !context.is_alembic();
        Progress {
            context,
            words: Words::new(live, context.again()),
            flavour: Flavour::Postgresql,
        }
    }

    /// Alembic's own lines, and of ours those that a waiting person has to know.
    fn as_alembic(&mut self, event: &Event<'_>) {
        match event {
            Event::Connected {
                impl_name,
                transactional_ddl,
                offline,
            } => {
                self.context.log(INFO, MIGRATION, &format!("Context impl {impl_name}."));
                if *offline {
                    self.context.log(INFO, MIGRATION, "Generating static SQL");
                }
                let word = if *transactional_ddl { "transactional" } else { "non-transactional" };
                self.context.log(INFO, MIGRATION, &format!("Will assume {word} DDL."));
                self.words.tell(event);
            }
            Event::StepStarted { label, .. } => self.context.log(INFO, MIGRATION, &label.log_line()),
            Event::Warning(text) => streams::say(&format!("alembic: UserWarning: {text}")),
            Event::LockWaiting { .. } | Event::LockAcquired { .. } | Event::Blocked { .. } | Event::OldTransactions { .. } | Event::Retry { .. }
                if !self.context.global.quiet =>
            {
                draw(&self.words.tell(event));
            }
            _ => {}
        }
    }
}

impl Events for Progress<'_> {
    fn event(&mut self, event: Event<'_>) {
        if streams::speaks_json() {
            if let Event::Connected { impl_name, .. } = &event {
                self.flavour = words::flavour(impl_name);
            }
            if !self.context.global.quiet {
                streams::record(json::object(self.flavour, &event));
            }
        } else if self.context.is_alembic() {
            self.as_alembic(&event);
        } else if !self.context.global.quiet {
            draw(&self.words.tell(&event));
        }
    }
}

impl Drop for Progress<'_> {
    fn drop(&mut self) {
        // A step that failed keeps its line, above the error.
        if let Some(line) = self.words.unfinished() {
            streams::say(&line);
        }
        streams::status(None);
    }
}

fn draw(told: &Told) {
    for line in &told.lasting {
        streams::say(line);
    }
    match &told.status {
        None => {}
        Some(status) if status.is_empty() => streams::status(None),
        Some(status) => {
            let width = terminal_size::terminal_size_of(std::io::stderr()).map_or(WIDTH, |(width, _)| usize::from(width.0));
            streams::status(Some(&status.fit(width)));
        }
    }
}

/// `0.12 s`.
pub fn seconds(elapsed: Duration) -> String {
    format!("{:.2} s", elapsed.as_secs_f64())
}
