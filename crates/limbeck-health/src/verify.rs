//! Checking the chain: every line is what was written, and follows the one it was written after.

use crate::line::{self, FIRST, Line};
use crate::{HealthError, HealthLog};
use std::fmt;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;

/// What a check found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Verdict {
    /// Files looked at.
    pub files: usize,
    /// Lines looked at, up to the broken one.
    pub lines: u64,
    /// The number of the first line there is; more than 1 when older files have been rotated away.
    pub first: Option<u64>,
    /// The number and the hash of the last line: to be noted elsewhere, it tells later whether lines were taken from the end.
    pub last: Option<(u64, String)>,
    /// Lines whose writer was killed while it wrote.
    pub torn: Vec<Torn>,
    /// Where the chain breaks.
    pub broken: Option<Break>,
}

/// A line whose writer was killed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Torn {
    /// The file.
    pub path: PathBuf,
    /// The line in it, from 1.
    pub line: u64,
}

/// The first line that is not as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Break {
    /// The file.
    pub path: PathBuf,
    /// The line in it, from 1.
    pub line: u64,
    /// What is wrong with it.
    pub fault: Fault,
}

/// What is wrong with a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// It is no record.
    Unreadable,
    /// Its own hash does not fit: it was changed.
    Changed,
    /// It follows another line than the one it was written after: lines were changed, taken out or put in before it.
    Unlinked,
    /// Its number does not follow.
    Number {
        /// The number it has.
        found: u64,
        /// The number it should have.
        expected: u64,
    },
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fault::Unreadable => f.write_str("it is no record"),
            Fault::Changed => f.write_str("it was changed after it was written (its own hash does not fit)"),
            Fault::Unlinked => f.write_str("it was not written after the line before it: something there was changed, removed or inserted"),
            Fault::Number { found, expected } => write!(f, "it has the number {found} where {expected} should be"),
        }
    }
}

/// The walk along the chain.
#[derive(Default)]
struct Chain {
    seq: u64,
    /// The hash of the line before; absent before the first.
    hash: Option<String>,
    /// Torn lines that the next record has to own up to.
    torn: Vec<Torn>,
    /// Whether the last line had a line end.
    ended: bool,
    verdict: Verdict,
}

impl HealthLog {
    /// Checks all files; stops at the first broken line.
    ///
    /// # Errors
    /// A file that cannot be read.
    pub fn verify(&self) -> Result<Verdict, HealthError> {
        let files = self.open_all()?;
        let mut chain = Chain::default();
        chain.verdict.files = files.len();
        for (path, file) in files {
            let mut reader = BufReader::new(file);
            for number in 1.. {
                let mut bytes = Vec::new();
                let read = reader
                    .read_until(b'\n', &mut bytes)
                    .map_err(|source| HealthError::Read { path: path.clone(), source })?;
                if read == 0 {
                    break;
                }
                let ended = bytes.pop_if(|byte| *byte == b'\n').is_some();
                let place = Torn {
                    path: path.clone(),
                    line: number,
                };
                if let Err(broken) = chain.take(&bytes, place) {
                    chain.verdict.broken = Some(broken);
                    return Ok(chain.verdict);
                }
                chain.ended = ended;
            }
        }
        match chain.torn.pop() {
            // A torn line at the end has no line end, since whoever adds one adds a record too.
            Some(place) if chain.ended => chain.verdict.broken = Some(broken(place, Fault::Unreadable)),
            last => chain.verdict.torn.extend(chain.torn.drain(..).chain(last)),
        }
        chain.verdict.last = chain.hash.map(|hash| (chain.seq, hash));
        Ok(chain.verdict)
    }
}

impl Chain {
    fn take(&mut self, bytes: &[u8], place: Torn) -> Result<(), Break> {
        self.verdict.lines += 1;
        let Some(line) = line::parse(bytes) else {
            if !line::is_torn(bytes) {
                return Err(broken(place, Fault::Unreadable));
            }
            self.hash = Some(line::hash(bytes));
            self.torn.push(place);
            return Ok(());
        };
        // Only the next writer's word makes a torn line one: any other unreadable line was damaged.
        if !line.after_torn && !self.torn.is_empty() {
            return Err(broken(self.torn.remove(0), Fault::Unreadable));
        }
        self.verdict.torn.append(&mut self.torn);
        self.check(bytes, &line).map_err(|fault| broken(place, fault))?;
        self.seq = line.seq;
        self.hash = Some(line::hash(bytes));
        self.verdict.first.get_or_insert(line.seq);
        Ok(())
    }

    fn check(&self, bytes: &[u8], line: &Line) -> Result<(), Fault> {
        if !line::is_whole(bytes, line) {
            return Err(Fault::Changed);
        }
        match &self.hash {
            Some(hash) if *hash != line.prev => return Err(Fault::Unlinked),
            // The first line there is: the very first has nothing before it, one of a later file follows what was rotated away.
            None if (line.seq == 1) != (line.prev == FIRST) => return Err(Fault::Unlinked),
            _ => {}
        }
        let expected = self.seq + 1;
        if self.verdict.first.is_some() && line.seq != expected {
            return Err(Fault::Number { found: line.seq, expected });
        }
        Ok(())
    }
}

fn broken(place: Torn, fault: Fault) -> Break {
    Break {
        path: place.path,
        line: place.line,
        fault,
    }
}
