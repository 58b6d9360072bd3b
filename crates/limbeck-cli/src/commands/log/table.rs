//! The log as a table.

use crate::progress::{count, leftover, plain, span};
use jiff::tz::TimeZone;
use limbeck_health::{Entry, Outcome, Record};
use std::collections::BTreeSet;
use std::time::Duration;
use unicode_width::UnicodeWidthStr;

/// How wide the command of a run may be.
const COMMAND: usize = 40;
/// A shorter wait for locks is but the question for them.
const WORTH_SAYING_MS: u64 = 250;

/// A line of the table, and what stands below it.
struct Row {
    cells: Vec<String>,
    below: Vec<String>,
}

/// Returns the table, ending in a newline.
pub fn text(entries: &[Entry], zone: &TimeZone) -> String {
    let databases: BTreeSet<_> = entries.iter().filter_map(|entry| entry.record.database.as_deref()).collect();
    let mut rows = vec![Row {
        cells: ["TIME", "WHO", "WHAT", "REVISION", "TOOK", "OUTCOME"].map(str::to_owned).to_vec(),
        below: Vec::new(),
    }];
    let many = databases.len() > 1;
    if many {
        rows[0].cells.push("DATABASE".into());
    }
    let mut before = None;
    for entry in entries {
        rows.push(row(&entry.record, before, zone, many));
        before = Some(&entry.record);
    }
    let name = zone.iana_name().map_or("local time", |name| name.trim_start_matches("Etc/"));
    rows[0].cells[0] = format!("TIME ({name})");
    let mut out = String::new();
    if let (false, Some(database)) = (many, databases.first()) {
        out.push_str(&format!("Database: {database}\n"));
    }
    let columns = rows[0].cells.len();
    let widths: Vec<usize> = (0..columns)
        .map(|column| rows.iter().filter_map(|row| Some(row.cells.get(column)?.width())).max().unwrap_or(0))
        .collect();
    for row in rows {
        let mut line = String::new();
        for (cell, width) in row.cells.iter().zip(&widths) {
            line.push_str(cell);
            line.push_str(&" ".repeat(width - cell.width() + 2));
        }
        out.push_str(line.trim_end());
        out.push('\n');
        for line in row.below {
            out.push_str(&format!("    {line}\n"));
        }
    }
    out
}

fn row(record: &Record, before: Option<&Record>, zone: &TimeZone, with_database: bool) -> Row {
    let who = match (&record.who.user, &record.host) {
        (Some(user), Some(host)) => format!("{user}@{host}"),
        (Some(one), None) | (None, Some(one)) => one.clone(),
        (None, None) => String::new(),
    };
    let direction = record.direction.clone().unwrap_or_else(|| record.event.clone());
    let what = match record.event.as_str() {
        "revision" => direction,
        "run" | "start" => record
            .command
            .as_ref()
            .map_or(direction, |command| format!("run: {}", crate::progress::cut(&plain(command), COMMAND))),
        other => other.to_owned(),
    };
    let mut cells = vec![
        record.at.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M:%S").to_string(),
        who,
        what,
        revision(record),
        record.duration_ms.map(|ms| span(Duration::from_millis(ms))).unwrap_or_default(),
        outcome(record),
    ];
    if with_database {
        cells.push(record.database.clone().unwrap_or_default());
    }
    let mut below = Vec::new();
    // The run fails of the same error as its revision, just above.
    let told = before.is_some_and(|before| before.run == record.run && before.error == record.error);
    if let Some(error) = record.error.as_ref().filter(|_| !told) {
        below.push(format!("{}: {}", error.code, plain(&error.message)));
    }
    below.extend(
        record
            .cleaned
            .iter()
            .filter(|_| record.event == "revision")
            .map(|text| format!("cleaned up: {text}")),
    );
    below.extend(record.leftovers.iter().map(leftover));
    Row { cells, below }
}

fn revision(record: &Record) -> String {
    match (record.event.as_str(), &record.revision, record.steps) {
        (_, Some(id), _) => id.clone(),
        ("revision", None, _) => "base".into(),
        ("start", None, Some(steps)) => format!("{} to do", plural(steps)),
        ("run", None, Some(0)) if record.outcome == Some(Outcome::Ok) => "nothing to do".into(),
        ("run", None, Some(steps)) => plural(steps),
        _ => String::new(),
    }
}

fn plural(steps: u64) -> String {
    count(usize::try_from(steps).unwrap_or(usize::MAX), "revision")
}

fn outcome(record: &Record) -> String {
    let Some(outcome) = &record.outcome else {
        return if record.is_start() {
            "no end: it still runs, or was killed".into()
        } else {
            String::new()
        };
    };
    let mut text = outcome.word().to_owned();
    if record.lock_wait_ms >= WORTH_SAYING_MS {
        text.push_str(&format!(", waited {} for locks", span(Duration::from_millis(record.lock_wait_ms))));
    }
    match record.retries {
        0 => {}
        1 => text.push_str(", 1 retry"),
        times => text.push_str(&format!(", {times} retries")),
    }
    if record.segments > 0 {
        text.push_str(&format!(", {} segments", record.segments));
    }
    if record.resumed_after > 0 {
        text.push_str(", resumed");
    }
    text
}
