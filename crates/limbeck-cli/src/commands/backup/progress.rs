//! How far a backup or restore is: a status line for people at a terminal, objects for machines, nothing in a pipe.

use crate::context::{Context, Failure};
use crate::progress::cut;
use crate::streams;
use limbeck_backup::{BackupError, Event};
use limbeck_source::Diagnose;
use limbeck_source::words::size;
use serde_json::json;
use std::io::IsTerminal;
use std::time::{Duration, Instant};

const WIDTH: usize = 78;

/// Shows events as they come.
pub struct Meter {
    shown: bool,
    quiet: bool,
    phase: String,
    began: Instant,
    last: Option<Instant>,
}

impl Meter {
    pub fn new(context: &Context) -> Self {
        let dumb = context.environment.get("TERM").is_some_and(|term| term == "dumb");
        Meter {
            shown: std::io::stderr().is_terminal() && !dumb && !context.global.quiet && !streams::speaks_json(),
            quiet: context.global.quiet,
            phase: String::new(),
            began: Instant::now(),
            last: None,
        }
    }

    /// Takes an event.
    pub fn event(&mut self, event: Event<'_>) {
        if self.quiet {
            return;
        }
        match event {
            Event::Phase(words) => {
                self.phase = words.to_owned();
                self.began = Instant::now();
                self.last = None;
                if streams::speaks_json() {
                    streams::record(json!({"event": "phase", "phase": words}));
                } else if self.shown {
                    streams::status(Some(words));
                }
            }
            Event::Bytes { done, total } => self.bytes(done, total),
            Event::Note(text) => streams::say(&format!("note: {text}")),
        }
    }

    fn bytes(&mut self, done: u64, total: Option<u64>) {
        let pause = if streams::speaks_json() {
            Duration::from_secs(1)
        } else {
            Duration::from_millis(100)
        };
        if !self.shown && !streams::speaks_json() || self.last.is_some_and(|last| last.elapsed() < pause) {
            return;
        }
        self.last = Some(Instant::now());
        let elapsed = self.began.elapsed();
        if streams::speaks_json() {
            let ms = u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX);
            streams::record(json!({"event": "progress", "phase": self.phase, "bytes": done, "total": total, "elapsed_ms": ms}));
        } else {
            streams::status(Some(&cut(&line(&self.phase, done, total, elapsed), WIDTH)));
        }
    }
}

impl Drop for Meter {
    fn drop(&mut self) {
        if self.shown {
            streams::status(None);
        }
    }
}

/// `dumping: 312.4 MB of 1.02 GB (30 %), 98.1 MB/s`
fn line(phase: &str, done: u64, total: Option<u64>, elapsed: Duration) -> String {
    let mut text = format!("{phase}: {}", size(done));
    if let Some(total) = total.filter(|total| *total > 0) {
        text.push_str(&format!(" of {} ({} %)", size(total), done.saturating_mul(100) / total));
    }
    let seconds = elapsed.as_secs_f64();
    if seconds > 0.5 {
        #[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss)] // a rate for people
        let rate = (done as f64 / seconds) as u64;
        text.push_str(&format!(", {}/s", size(rate)));
    }
    text
}

/// A failure of a backup or restore.
#[allow(clippy::needless_pass_by_value)] // a function for `map_err`
pub fn failure(error: BackupError) -> Failure {
    let mut failure = Failure::new(error.diagnose());
    if error.is_answer() {
        failure = failure.answer_is_no();
    }
    if matches!(error, BackupError::Interrupted) {
        failure.exit = 130;
    }
    failure
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_tell_size_share_and_rate() {
        assert_eq!(line("dumping", 500, None, Duration::ZERO), "dumping: 500 bytes");
        assert_eq!(
            line("dumping", 250_000_000, Some(1_000_000_000), Duration::from_secs(2)),
            "dumping: 250.0 MB of 1.00 GB (25 %), 125.0 MB/s"
        );
    }
}
