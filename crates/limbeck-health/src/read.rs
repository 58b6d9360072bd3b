//! Reading the log over all its files.

use crate::{HealthError, HealthLog, Outcome, Record, line};
use jiff::Timestamp;
use std::collections::VecDeque;
use std::io::{BufRead, BufReader};

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

impl Filter {
    fn takes(&self, record: &Record) -> bool {
        let bad = !matches!(record.outcome, None | Some(Outcome::Ok));
        self.since.is_none_or(|since| record.at >= since) && (bad || !self.failed)
    }
}

impl HealthLog {
    /// Reads the records that `filter` takes; lines that are none are counted and left out.
    ///
    /// # Errors
    /// A file that cannot be read.
    pub fn read(&self, filter: &Filter) -> Result<Reading, HealthError> {
        let files = self.open_all()?;
        let mut reading = Reading {
            exists: !files.is_empty(),
            ..Reading::default()
        };
        let mut entries = VecDeque::new();
        for (path, file) in files {
            for bytes in BufReader::new(file).split(b'\n') {
                let bytes = bytes.map_err(|source| HealthError::Read { path: path.clone(), source })?;
                let (Some(line), Ok(text)) = (line::parse(&bytes), String::from_utf8(bytes)) else {
                    reading.unreadable += 1;
                    continue;
                };
                if !filter.takes(&line.record) {
                    continue;
                }
                entries.push_back(Entry {
                    seq: line.seq,
                    record: line.record,
                    line: text,
                });
                if filter.last.is_some_and(|last| entries.len() > last) {
                    entries.pop_front();
                }
            }
        }
        reading.entries = entries.into();
        Ok(reading)
    }
}
