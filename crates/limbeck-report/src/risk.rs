//! Which statements deserve a look before they run on a database with rows and users in it: what takes data away, and what blocks others for as long as a table is large.
//!
//! The rules read a statement's head as words. They know nothing of the database; a table that an earlier statement of the same text made is exempt, since nobody uses it yet.
//! The facts about locks were measured on PostgreSQL 11 to 18.

mod rules;
mod tokens;

use limbeck_sql::Flavour;
use std::collections::HashSet;
use std::ops::Range;
use tokens::{Token, tokens};

/// One reason to look twice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Risk {
    /// The rule, in words with hyphens.
    pub rule: &'static str,
    /// What happens, in one line.
    pub reason: String,
}

/// A statement of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// Where it stands in the text, without comments before it.
    pub range: Range<usize>,
    /// Why it deserves a look.
    pub risks: Vec<Risk>,
}

/// Looks at texts that run one after the other.
#[derive(Debug, Clone)]
pub struct Risks {
    flavour: Flavour,
    /// Tables that these texts made.
    fresh: HashSet<String>,
}

impl Risks {
    /// Begins before the first text.
    pub fn new(flavour: Flavour) -> Self {
        Risks {
            flavour,
            fresh: HashSet::new(),
        }
    }

    /// Looks at the statements of the next text.
    pub fn look(&mut self, sql: &str) -> Vec<Statement> {
        let ranges = limbeck_sql::split(self.flavour, sql);
        let statement = |range: Range<usize>| {
            let shape = limbeck_sql::shape(self.flavour, &sql[range.clone()]);
            Statement {
                range: begin(sql, range.start)..range.end,
                risks: rules::find(self.flavour, &tokens(&shape), &mut self.fresh),
            }
        };
        ranges.into_iter().map(statement).collect()
    }
}

/// Where a statement begins behind the comments that belong to it.
fn begin(sql: &str, mut at: usize) -> usize {
    loop {
        let rest = &sql[at..];
        let text = rest.trim_start();
        at += rest.len() - text.len();
        let end = match (text.starts_with("--"), text.starts_with("/*")) {
            (true, _) => text.find('\n'),
            (_, true) => text.find("*/").map(|end| end + 2),
            _ => return at,
        };
        at += end.unwrap_or(text.len());
    }
}
