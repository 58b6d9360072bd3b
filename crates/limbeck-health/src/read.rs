//! Reading the log over all its files.

use crate::line::{self, Line};
use crate::{HealthError, HealthLog, Outcome, Record};
use jiff::Timestamp;
use std::collections::{HashMap, HashSet};
use std::io::{BufRead, BufReader};

/// The event of a record that a run began.
const START: &str = "start";
/// The event of a record that a run ended.
const RUN: &str = "run";

/// Which records are wanted.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Filter {
    /// Only those from that moment on.
    pub since: Option<Timestamp>,
    /// Only those that did not end well.
    pub failed: bool,
    /// Only the last so many of what is left.
    pub last: Option<usize>,
}

/// A record with its line.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// Its number in the chain.
    pub seq: u64,
    /// The record.
    pub record: Record,
    /// The line as it stands in the file.
    pub line: String,
}

/// What was read.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Reading {
    /// The records, oldest first.
    pub entries: Vec<Entry>,
    /// Lines that are no records.
    pub unreadable: usize,
    /// Whether there is a log at all.
    pub exists: bool,
}

impl Record {
    /// Whether it says that something did not end well.
    pub fn is_bad(&self) -> bool {
        !matches!(self.outcome, None | Some(Outcome::Ok))
    }

    /// Whether a run failed before it began, because the command line or the history named something that is not there: it says nothing about the database.
    pub fn never_began(&self) -> bool {
        let of_the_graph = |error: &crate::ErrorNote| error.code.starts_with("E02");
        self.event == RUN && self.is_bad() && self.steps.unwrap_or_default() == 0 && self.error.as_ref().is_some_and(of_the_graph)
    }

    /// Whether it only says that a run began.
    pub fn is_start(&self) -> bool {
        self.event == START
    }
}

impl HealthLog {
    /// Reads the records that `filter` takes; lines that are none are counted and left out. A start is left out too, unless the end of its run is missing: then the run still
    /// goes on, or was killed; its start stands where its end would be, and counts as failed.
    ///
    /// # Errors
    /// A file that cannot be read.
    pub fn read(&self, filter: &Filter) -> Result<Reading, HealthError> {
        let files = self.open_all()?;
        let mut reading = Reading {
            exists: !files.is_empty(),
            ..Reading::default()
        };
        let mut ended = HashSet::new();
        for (path, file) in files {
            for bytes in BufReader::new(file).split(b'\n') {
                let bytes = bytes.map_err(|source| HealthError::Read { path: path.clone(), source })?;
                let (Some(Line { seq, record, .. }), Ok(line)) = (line::parse(&bytes), String::from_utf8(bytes)) else {
                    reading.unreadable += 1;
                    continue;
                };
                if filter.since.is_some_and(|since| record.at < since) {
                    continue;
                }
                if record.event == RUN {
                    ended.insert(record.run.clone());
                }
                if !filter.failed || record.is_bad() || record.is_start() {
                    reading.entries.push(Entry { seq, record, line });
                }
            }
        }
        reading.entries.retain(|entry| !entry.record.is_start() || !ended.contains(&entry.record.run));
        reading.entries = starts_last(reading.entries);
        if let Some(last) = filter.last {
            let first = reading.entries.len().saturating_sub(last);
            reading.entries.drain(..first);
        }
        Ok(reading)
    }
}

/// Moves each start behind the last record of its run.
fn starts_last(entries: Vec<Entry>) -> Vec<Entry> {
    let last: HashMap<String, u64> = entries.iter().map(|entry| (entry.record.run.clone(), entry.seq)).collect();
    let mut starts = HashMap::new();
    let mut ordered = Vec::with_capacity(entries.len());
    for entry in entries {
        let (run, seq) = (entry.record.run.clone(), entry.seq);
        let ends_here = last.get(&run) == Some(&seq);
        if entry.record.is_start() && !ends_here {
            starts.insert(run, entry);
            continue;
        }
        ordered.push(entry);
        if ends_here {
            ordered.extend(starts.remove(&run));
        }
    }
    ordered
}
