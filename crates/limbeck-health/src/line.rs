//! A line of the log: a record between its number and its hashes.
//!
//! `{"seq":7,"at":…,"event":…, … ,"prev":"<SHA-256 of line 6>","sum":"<SHA-256 of all bytes of this line before ,"sum">"}`

use crate::Record;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// What the first line has for the hash of the line before.
pub(crate) const FIRST: &str = "0000000000000000000000000000000000000000000000000000000000000000";

const SUM: &str = ",\"sum\":\"";
const END: &str = "\"}";

#[derive(Serialize)]
struct Outgoing<'a> {
    seq: u64,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    after_torn: bool,
    #[serde(flatten)]
    record: &'a Record,
    prev: &'a str,
}

/// A line that was read.
#[derive(Debug, Deserialize)]
pub(crate) struct Line {
    pub(crate) seq: u64,
    /// The line before this one was torn by the end of the process that wrote it.
    #[serde(default)]
    pub(crate) after_torn: bool,
    pub(crate) prev: String,
    pub(crate) sum: String,
    #[serde(flatten)]
    pub(crate) record: Record,
}

/// What a new line follows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Tail {
    /// The number of the last readable line, 0 before the first.
    pub(crate) seq: u64,
    /// The hash of the last line.
    pub(crate) hash: String,
    /// Whether that line was torn.
    pub(crate) torn: bool,
}

impl Default for Tail {
    fn default() -> Self {
        Tail {
            seq: 0,
            hash: FIRST.to_owned(),
            torn: false,
        }
    }
}

/// Returns the line for `record`, without its line end.
pub(crate) fn write(record: &Record, tail: &Tail) -> String {
    let outgoing = Outgoing {
        seq: tail.seq + 1,
        after_torn: tail.torn,
        record,
        prev: &tail.hash,
    };
    let mut text = serde_json::to_string(&outgoing).expect("a record is plain data");
    text.pop();
    let sum = hash(text.as_bytes());
    text.push_str(SUM);
    text.push_str(&sum);
    text.push_str(END);
    text
}

/// Reads a line without its line end; `None` where it is none.
pub(crate) fn parse(bytes: &[u8]) -> Option<Line> {
    serde_json::from_slice(bytes).ok()
}

/// Whether the line is what was written: its own hash fits.
pub(crate) fn is_whole(bytes: &[u8], line: &Line) -> bool {
    let end = SUM.len() + line.sum.len() + END.len();
    let Some(at) = bytes.len().checked_sub(end) else {
        return false;
    };
    let (head, tail) = bytes.split_at(at);
    tail == format!("{SUM}{}{END}", line.sum).as_bytes() && hash(head) == line.sum
}

/// Whether the bytes are the beginning of a line whose writer was stopped: nothing in them is wrong but that they end (or that the file system filled up the rest with zeros).
pub(crate) fn is_torn(bytes: &[u8]) -> bool {
    let text = bytes.iter().rposition(|byte| *byte != 0).map_or(&[][..], |last| &bytes[..=last]);
    text.is_empty() || serde_json::from_slice::<serde::de::IgnoredAny>(text).is_err_and(|error| error.is_eof())
}

/// Returns the SHA-256 in hexadecimal.
pub(crate) fn hash(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}
