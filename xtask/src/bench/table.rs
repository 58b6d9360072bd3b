//! The benchmark's figures as a table.

use super::median;
use crate::measure::{Run, Usage};
use std::fmt::Write;

/// The runs of one program.
#[derive(Debug, Default)]
pub struct Side {
    runs: Vec<Run>,
    failure: Option<String>,
}

impl Side {
    /// Adds a run; one that is not counted may still fail the row.
    pub fn add(&mut self, counts: bool, run: Run) {
        if !run.ok() {
            self.failure.get_or_insert_with(|| run.first_error());
        }
        if counts {
            self.runs.push(run);
        }
    }

    fn usage(&self) -> Option<Usage> {
        (self.failure.is_none() && !self.runs.is_empty()).then(|| median(&self.runs))
    }
}

/// One command on one history.
#[derive(Debug)]
pub struct Row {
    /// The history in words.
    pub history: String,
    /// The command in words.
    pub command: String,
    /// Limbeck's runs.
    pub ours: Side,
    /// Real Alembic's runs.
    pub theirs: Side,
    /// The database server's own processor time for one of Limbeck's runs.
    pub server: Option<f64>,
}

impl Row {
    /// Whether every run ended well.
    pub fn good(&self) -> bool {
        self.ours.failure.is_none() && self.theirs.failure.is_none()
    }
}

/// Returns a row for the terminal while the rest still runs.
pub fn line(row: &Row) -> String {
    let [history, command, ours @ ..] = cells(row);
    format!("{history:<24} {command:<34} {}", ours.join("  "))
}

/// Returns the whole table as Markdown.
pub fn render(rows: &[Row], runs: usize) -> String {
    let mut text = format!(
        "Medians of {runs} runs each, in turn. CPU is user and system time in milliseconds, memory in MB.\n\n\
         | history | command | Limbeck CPU | wall | peak | Alembic CPU | wall | peak | CPU ratio | |\n\
         |---|---|---:|---:|---:|---:|---:|---:|---:|---|\n"
    );
    for row in rows {
        let _ = writeln!(text, "| {} |", cells(row).join(" | "));
    }
    text
}

fn cells(row: &Row) -> [String; 10] {
    let (ours, theirs) = (row.ours.usage(), row.theirs.usage());
    let figures = |usage: Option<Usage>| match usage {
        Some(usage) => [milliseconds(usage.cpu), milliseconds(usage.wall), format!("{}", usage.peak_kib / 1024)],
        None => ["–".to_owned(), "–".to_owned(), "–".to_owned()],
    };
    let ratio = match (ours, theirs) {
        (Some(ours), Some(theirs)) if ours.cpu > 0.0 => format!("{:.1}×", theirs.cpu / ours.cpu),
        _ => "–".to_owned(),
    };
    let mut notes = Vec::new();
    if let Some(failure) = &row.ours.failure {
        notes.push(format!("Limbeck failed: {failure}"));
    }
    if let Some(failure) = &row.theirs.failure {
        notes.push(format!("Alembic failed: {failure}"));
    }
    if let (Some(server), Some(ours)) = (row.server, ours) {
        notes.push(format!(
            "server {} ms; client {:.0}% of it, wall {:.1}×",
            milliseconds(server),
            100.0 * ours.cpu / server,
            ours.wall / server
        ));
    }
    let [cpu, wall, peak] = figures(ours);
    let [their_cpu, their_wall, their_peak] = figures(theirs);
    let note = notes.join("; ").replace('|', "\\|");
    [
        row.history.clone(),
        row.command.clone(),
        cpu,
        wall,
        peak,
        their_cpu,
        their_wall,
        their_peak,
        ratio,
        note,
    ]
}

fn milliseconds(seconds: f64) -> String {
    format!("{:.1}", seconds * 1000.0)
}
