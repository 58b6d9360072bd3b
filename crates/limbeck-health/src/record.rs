//! One record of the log, as data.

use jiff::Timestamp;
use jiff::fmt::temporal::DateTimePrinter;
use limbeck_db::Leftover;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};

/// What is remembered of a run, a revision or another event. Absent facts are left out of the line; unknown ones are kept in `more`, so that an older Limbeck reads a newer
/// one's log.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Record {
    /// When it ended, in UTC.
    #[serde(serialize_with = "to_the_millisecond")]
    pub at: Timestamp,
    /// What happened: `start`, `revision`, `run`; the set is open.
    pub event: String,
    /// Groups the records of one run.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub run: String,
    /// Who did it.
    #[serde(default, skip_serializing_if = "Who::is_empty")]
    pub who: Who,
    /// The machine Limbeck ran on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
    /// Limbeck's process there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pid: Option<u32>,
    /// The database, without password.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub database: Option<String>,
    /// Limbeck's version.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub limbeck: String,
    /// The command line, without secrets.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub command: Option<String>,
    /// `upgrade`, `downgrade` or `stamp`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub direction: Option<String>,
    /// The revision whose script ran.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revision: Option<String>,
    /// The script's message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// Where the step began; empty for base.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Vec<String>>,
    /// Where the step was to end; empty for base.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<Vec<String>>,
    /// The script's hash by meaning.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub script: Option<String>,
    /// Revisions done (a run), or to be done (a start).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub steps: Option<u64>,
    /// Statements run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub statements: Option<u64>,
    /// Rows the statements changed or gave, where the server counts them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rows: Option<u64>,
    /// How long it took.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration_ms: Option<u64>,
    /// How long it waited for locks of others, the migration lock included.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub lock_wait_ms: u64,
    /// How often it began again because a lock could not be had.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub retries: u64,
    /// Segments it was cut into, where it was cut.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub segments: u64,
    /// Finished segments of an earlier run that it went on after.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub resumed_after: u64,
    /// What it cleaned that an earlier run had left.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cleaned: Vec<String>,
    /// How it ended; absent for what has no end, such as a start.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<Outcome>,
    /// Why it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<ErrorNote>,
    /// What is half done in the database now.
    #[serde(default, skip_serializing_if = "Vec::is_empty", deserialize_with = "known_leftovers")]
    pub leftovers: Vec<Leftover>,
    /// The version rows now, where they are known; empty for base.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub now: Option<Vec<String>>,
    /// Facts of other kinds of events.
    #[serde(flatten)]
    pub more: Map<String, Value>,
}

/// Who did it: to the operating system, and to the database.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Who {
    /// The user of the operating system.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// The database role.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
}

impl Who {
    fn is_empty(&self) -> bool {
        self.user.is_none() && self.role.is_none()
    }
}

/// How something ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Done and kept.
    Ok,
    /// Stopped by an error.
    Failed,
    /// Stopped by a signal.
    Interrupted,
    /// Done, but undone with the transaction of the whole run, which failed later.
    Undone,
    /// A word of a newer Limbeck.
    #[serde(untagged)]
    Other(String),
}

impl Outcome {
    /// The word in the log.
    pub fn word(&self) -> &str {
        match self {
            Outcome::Ok => "ok",
            Outcome::Failed => "failed",
            Outcome::Interrupted => "interrupted",
            Outcome::Undone => "undone",
            Outcome::Other(word) => word,
        }
    }
}

/// An error in short.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorNote {
    /// The stable code.
    pub code: String,
    /// The fact, with its causes.
    pub message: String,
}

/// Returns a moment in RFC 3339, in UTC and always with three digits of a second, so that texts sort as moments do.
pub fn moment(at: Timestamp) -> String {
    DateTimePrinter::new().precision(Some(3)).timestamp_to_string(&at)
}

#[allow(clippy::trivially_copy_pass_by_ref)] // serde hands out references
fn to_the_millisecond<S: Serializer>(at: &Timestamp, out: S) -> Result<S::Ok, S::Error> {
    out.serialize_str(&moment(*at))
}

#[allow(clippy::trivially_copy_pass_by_ref)] // serde hands out references
fn is_zero(number: &u64) -> bool {
    *number == 0
}

/// Leaves out leftovers of kinds that this Limbeck does not know.
fn known_leftovers<'de, D: Deserializer<'de>>(source: D) -> Result<Vec<Leftover>, D::Error> {
    let values = Vec::<Value>::deserialize(source)?;
    Ok(values.into_iter().filter_map(|value| serde_json::from_value(value).ok()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn absent_facts_are_left_out_and_unknown_ones_kept() {
        let text = r#"{"at":"2026-01-02T03:04:05Z","event":"gate","outcome":"waived","leftovers":[{"kind":"black_hole"},{"kind":"invalid_index","index":"i","table":"t"}],"rule":"L07"}"#;
        let record: Record = serde_json::from_str(text).expect("a record");
        assert_eq!(record.outcome, Some(Outcome::Other("waived".into())));
        assert_eq!(record.leftovers.len(), 1);
        assert_eq!(record.more["rule"], "L07");
        let back = serde_json::to_string(&record).expect("plain data");
        assert_eq!(
            back,
            r#"{"at":"2026-01-02T03:04:05.000Z","event":"gate","outcome":"waived","leftovers":[{"kind":"invalid_index","index":"i","table":"t"}],"rule":"L07"}"#
        );
    }
}
