//! What scripts asked, written down instead of done.

use crate::{Control, Operation, Place};
use limbeck_expr::Query;
use std::path::PathBuf;

/// A revision whose script was run for what it asks; nothing of it was done.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct RecordedRevision {
    /// The revision's id.
    pub revision: String,
    /// The first line of its message.
    pub message: String,
    /// Its script.
    pub script: Option<PathBuf>,
    /// What it asked, in order.
    pub items: Vec<Recorded>,
    /// Why it is known only up to there.
    pub stopped: Option<Stopped>,
    /// What it was told that may be different when it really runs.
    pub assumed: Vec<String>,
}

/// One request of a script.
#[derive(Debug, Clone, PartialEq)]
pub struct Recorded {
    /// Where in the script.
    pub place: Place,
    /// What it asked.
    pub what: Asked,
    /// The statements it comes to, with their values where the database's driver can write them into the text.
    pub statements: Vec<String>,
}

/// What a script asked.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub enum Asked {
    Operation(Box<Operation>),
    Query(Box<Query>),
    Control(Control),
}

/// Why a script did not come to its end.
#[derive(Debug, Clone, PartialEq)]
pub struct Stopped {
    /// Where it stopped, if that is known.
    pub place: Option<Place>,
    /// Why.
    pub why: String,
    /// Whether it would stop there in a real run too. Otherwise it wanted to know something that an earlier step would have made true.
    pub really: bool,
}
