//! What the gate answers.

use serde::{Deserialize, Serialize};
use std::fmt;

/// A revision with the first line of its message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pending {
    /// The revision's id.
    pub revision: String,
    /// Its message; empty where the script has none.
    pub message: String,
}

/// How a database stands to the scripts of this code.
///
/// In JSON the variant stands in `verdict`: `{"verdict": "behind", "current": [...], "pending": [...]}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "verdict", rename_all = "snake_case")]
pub enum Verdict {
    /// Everything that this code has is applied, and nothing else.
    AtHead {
        /// The version rows.
        current: Vec<String>,
    },
    /// Revisions of this code are not applied.
    Behind {
        /// The version rows.
        current: Vec<String>,
        /// What an upgrade would run, in its order.
        pending: Vec<Pending>,
    },
    /// Everything that this code has is applied, and newer revisions that it does not have: it is older than the database.
    Ahead {
        /// The version rows.
        current: Vec<String>,
        /// The revisions that this code does not have, as the database remembers them; the oldest first.
        revisions: Vec<Pending>,
        /// So many of them are allowed.
        window: usize,
    },
    /// The database is somewhere that this code's history does not lead to, or not provably.
    Diverged {
        /// The version rows.
        current: Vec<String>,
        /// Those of them that this code does not have.
        unknown: Vec<String>,
        /// Revisions of this code that are not applied, where that can be told.
        pending: Vec<Pending>,
        /// Why it is not merely ahead or behind.
        why: String,
    },
    /// There is no version table.
    Unversioned {
        /// What an upgrade would run, in its order: everything.
        pending: Vec<Pending>,
    },
    /// The database does not answer, or not to us.
    Unreachable {
        /// What it or the network said, without a password.
        reason: String,
    },
}

impl Verdict {
    /// Whether a program may start: at head, or ahead within the window.
    pub fn passes(&self) -> bool {
        match self {
            Verdict::AtHead { .. } => true,
            Verdict::Ahead { revisions, window, .. } => revisions.len() <= *window,
            Verdict::Behind { .. } | Verdict::Diverged { .. } | Verdict::Unversioned { .. } | Verdict::Unreachable { .. } => false,
        }
    }

    /// Whether an upgrade would make it pass, as far as can be told without running it.
    pub fn is_mended_by_an_upgrade(&self) -> bool {
        matches!(self, Verdict::Behind { .. } | Verdict::Unversioned { .. })
    }

    /// The word that stands in JSON.
    pub fn word(&self) -> &'static str {
        match self {
            Verdict::AtHead { .. } => "at_head",
            Verdict::Behind { .. } => "behind",
            Verdict::Ahead { .. } => "ahead",
            Verdict::Diverged { .. } => "diverged",
            Verdict::Unversioned { .. } => "unversioned",
            Verdict::Unreachable { .. } => "unreachable",
        }
    }

    /// The version rows, where they are known.
    pub fn current(&self) -> Option<&[String]> {
        match self {
            Verdict::AtHead { current } | Verdict::Behind { current, .. } | Verdict::Ahead { current, .. } | Verdict::Diverged { current, .. } => Some(current),
            Verdict::Unversioned { .. } | Verdict::Unreachable { .. } => None,
        }
    }

    /// Revisions of this code that are not applied, as far as they are known.
    pub fn pending(&self) -> &[Pending] {
        match self {
            Verdict::Behind { pending, .. } | Verdict::Diverged { pending, .. } | Verdict::Unversioned { pending } => pending,
            Verdict::AtHead { .. } | Verdict::Ahead { .. } | Verdict::Unreachable { .. } => &[],
        }
    }
}

/// One sentence without its final stop; the lists are left to the caller.
impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Verdict::AtHead { current } => write!(f, "the database is at head ({})", at(current)),
            Verdict::Behind { current, pending } => {
                write!(f, "the database is at {}, {} behind this code", at(current), count(pending.len()))
            }
            Verdict::Ahead { current, revisions, window } => {
                write!(f, "the database is at {}, {} ahead of this code", at(current), count(revisions.len()))?;
                match window {
                    0 => Ok(()),
                    window => write!(f, " ({window} allowed)"),
                }
            }
            Verdict::Diverged { current, why, .. } => write!(f, "the database is at {}, which does not fit this code: {why}", at(current)),
            Verdict::Unversioned { pending } => write!(f, "the database has no version table; this code has {}", count(pending.len())),
            Verdict::Unreachable { reason } => write!(f, "the database does not answer: {reason}"),
        }
    }
}

fn at(rows: &[String]) -> String {
    if rows.is_empty() { "base".to_owned() } else { rows.join(", ") }
}

pub(crate) fn count(number: usize) -> String {
    format!("{number} revision{}", if number == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(ids: &[&str]) -> Vec<Pending> {
        let one = |id: &&str| Pending {
            revision: (*id).to_owned(),
            message: String::new(),
        };
        ids.iter().map(one).collect()
    }

    #[test]
    fn only_head_and_the_window_pass() {
        let ahead = |window| Verdict::Ahead {
            current: vec!["c".into()],
            revisions: named(&["b", "c"]),
            window,
        };
        assert!(Verdict::AtHead { current: Vec::new() }.passes());
        assert!(ahead(2).passes() && ahead(3).passes());
        assert!(!ahead(1).passes() && !ahead(0).passes());
        assert!(!Verdict::Unversioned { pending: Vec::new() }.passes());
        assert_eq!(ahead(0).to_string(), "the database is at c, 2 revisions ahead of this code");
        assert_eq!(ahead(1).to_string(), "the database is at c, 2 revisions ahead of this code (1 allowed)");
    }

    #[test]
    fn json_names_the_verdict_first() {
        let behind = Verdict::Behind {
            current: Vec::new(),
            pending: named(&["a"]),
        };
        let text = serde_json::to_string(&behind).unwrap();
        assert_eq!(text, r#"{"verdict":"behind","current":[],"pending":[{"revision":"a","message":""}]}"#);
        assert_eq!(serde_json::from_str::<Verdict>(&text).unwrap(), behind);
        assert_eq!(behind.to_string(), "the database is at base, 1 revision behind this code");
    }
}
