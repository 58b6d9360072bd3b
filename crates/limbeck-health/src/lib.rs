//! The health log: what was done to which database, by whom, and how it ended; one JSON object per line.
//!
//! A line carries the hash of the line before it (`prev`) and of itself (`sum`), so that a changed, inserted or missing line is found by [`HealthLog::verify`]. Who can write
//! the file can also write a new chain; the copies in the journal schema are what to compare with then.
//!
//! Absent: databases, printing, the clock. The time of a record is given by who makes it.

#![warn(missing_docs)]

mod append;
mod error;
mod line;
mod log;
mod read;
mod record;
mod redact;
mod verify;

pub use error::HealthError;
pub use log::{DEFAULT_KEEP, DEFAULT_MAX_BYTES, HealthLog};
pub use read::{Entry, Filter, Reading};
pub use record::{ErrorNote, Outcome, Record, Who, moment};
pub use redact::redact;
pub use verify::{Break, Fault, Torn, Verdict};
