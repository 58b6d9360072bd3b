//! What a script asked for and what it was answered, so that finished segments of a revision are told to it again instead of being run again.

use std::collections::VecDeque;

use limbeck_expr::Literal;
use limbeck_ops::{Control, HostError, Inspect, Inspected, ResultSet};
use limbeck_sql::Flavour;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// Answers of one revision that are kept in all, in bytes; a larger one is not.
const LARGEST: usize = 32 * 1024 * 1024;
/// How much of a statement is shown when it has changed.
const WORDS: usize = 120;

/// Something a script asked of the database.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Request {
    Statement { sql: String, params: Vec<Literal> },
    Inspect(Inspect),
    Control(Control),
}

/// What it was answered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Answer {
    /// No rows; the rows touched.
    Done(i64),
    Rows(ResultSet),
    Inspected(Inspected),
    Failed(HostError),
    /// More than is worth keeping.
    TooLarge,
}

/// A request and its answer, as they are kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Kept {
    /// Hash of the request.
    pub key: String,
    /// Hash of the request without its values.
    pub shape: String,
    /// Its first words, for messages.
    pub words: String,
    pub answer: Answer,
}

/// Why a finished request cannot be told again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ReplayError {
    /// The script asks for something else than before.
    Differs { before: String, now: String },
    /// The script ends before it has asked for everything that is done.
    Missing { before: String },
    /// The answer was not kept.
    TooLarge { words: String },
}

fn hash(kind: &str, text: &str) -> String {
    let mut hasher = Sha256::new();
    hasher.update(kind);
    hasher.update([0]);
    hasher.update(text);
    hasher.finalize()[..16].iter().map(|byte| format!("{byte:02x}")).collect()
}

impl Request {
    fn text(&self) -> (&'static str, String) {
        match self {
            Request::Statement { sql, params } if params.is_empty() => ("statement", sql.clone()),
            Request::Statement { sql, params } => ("statement", format!("{sql}\u{0}{params:?}")),
            Request::Inspect(what) => ("inspect", format!("{what:?}")),
            Request::Control(what) => ("control", format!("{what:?}")),
        }
    }

    pub(crate) fn key(&self) -> String {
        let (kind, text) = self.text();
        hash(kind, &text)
    }

    fn shape(&self, flavour: Flavour) -> String {
        match self {
            Request::Statement { sql, .. } => hash("shape", &limbeck_sql::shape(flavour, sql)),
            Request::Inspect(_) | Request::Control(_) => self.key(),
        }
    }

    fn words(&self, flavour: Flavour) -> String {
        match self {
            Request::Statement { sql, .. } => limbeck_sql::headline(flavour, sql, WORDS),
            Request::Inspect(what) => format!("inspection {what:?}").chars().take(WORDS).collect(),
            Request::Control(what) => format!("{what:?}"),
        }
    }

    /// The request with its answer, for keeping.
    pub(crate) fn kept(&self, flavour: Flavour, answer: Answer) -> Kept {
        Kept {
            key: self.key(),
            shape: self.shape(flavour),
            words: self.words(flavour),
            answer,
        }
    }
}

/// An answer as it is kept; `budget` is what may still be kept.
pub(crate) fn answer(result: &Result<ResultSet, HostError>, budget: &mut Budget) -> Answer {
    match result {
        Ok(rows) if rows.columns.is_empty() && rows.rows.is_empty() && rows.lastrowid.is_none() => Answer::Done(rows.rowcount),
        Ok(rows) => {
            let finite = rows
                .rows
                .iter()
                .flatten()
                .all(|value| !matches!(value, Literal::Float(number) if !number.is_finite()));
            if finite && budget.take(size(rows)) {
                Answer::Rows(rows.clone())
            } else {
                Answer::TooLarge
            }
        }
        Err(error) => Answer::Failed(error.clone()),
    }
}

fn size(rows: &ResultSet) -> usize {
    let text = |value: &Literal| match value {
        Literal::Text(text) | Literal::Bytes(text) | Literal::Decimal(text) | Literal::BigInt(text) => text.len() + 32,
        _ => 64,
    };
    rows.rows.iter().map(|row| 24 + row.iter().map(text).sum::<usize>()).sum()
}

/// How many bytes of answers may still be kept.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Budget(usize);

impl Default for Budget {
    fn default() -> Self {
        Budget(LARGEST)
    }
}

impl Budget {
    fn take(&mut self, bytes: usize) -> bool {
        match self.0.checked_sub(bytes) {
            Some(left) => {
                self.0 = left;
                true
            }
            None => false,
        }
    }
}

/// The requests of finished segments, in order.
#[derive(Debug, Clone, Default)]
pub(crate) struct Replay {
    waiting: VecDeque<Kept>,
    /// Whether the script is the same, so that only values may differ (times, random numbers).
    same_script: bool,
}

impl Replay {
    pub(crate) fn new(kept: impl IntoIterator<Item = Kept>, same_script: bool) -> Self {
        Replay {
            waiting: kept.into_iter().collect(),
            same_script,
        }
    }

    pub(crate) fn is_over(&self) -> bool {
        self.waiting.is_empty()
    }

    /// The answer to a request, if it is one of the finished ones.
    pub(crate) fn answer(&mut self, request: &Request, flavour: Flavour) -> Option<Result<Answer, ReplayError>> {
        let kept = self.waiting.pop_front()?;
        let same = kept.key == request.key() || (self.same_script && kept.shape == request.shape(flavour));
        if !same {
            return Some(Err(ReplayError::Differs {
                before: kept.words,
                now: request.words(flavour),
            }));
        }
        Some(match kept.answer {
            Answer::TooLarge => Err(ReplayError::TooLarge { words: kept.words }),
            answer => Ok(answer),
        })
    }

    /// An error when the script has ended too early.
    pub(crate) fn ended(&self) -> Option<ReplayError> {
        self.waiting.front().map(|kept| ReplayError::Missing { before: kept.words.clone() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn statement(sql: &str) -> Request {
        Request::Statement {
            sql: sql.into(),
            params: Vec::new(),
        }
    }

    #[test]
    fn a_finished_request_is_answered_as_before() {
        let request = statement("INSERT INTO t VALUES (1)");
        let kept = request.kept(Flavour::Postgresql, Answer::Done(1));
        let text = serde_json::to_string(&kept).expect("plain data");
        let mut replay = Replay::new([serde_json::from_str(&text).expect("its own text")], false);
        assert_eq!(replay.answer(&request, Flavour::Postgresql), Some(Ok(Answer::Done(1))));
        assert_eq!(replay.answer(&request, Flavour::Postgresql), None);
        assert!(replay.is_over() && replay.ended().is_none());
    }

    #[test]
    fn another_value_passes_only_in_the_same_script() {
        let kept = statement("INSERT INTO t VALUES ('a')").kept(Flavour::Postgresql, Answer::Done(1));
        let now = statement("INSERT INTO t VALUES ('b')");
        assert!(matches!(Replay::new([kept.clone()], true).answer(&now, Flavour::Postgresql), Some(Ok(_))));
        assert!(matches!(
            Replay::new([kept.clone()], false).answer(&now, Flavour::Postgresql),
            Some(Err(ReplayError::Differs { .. }))
        ));
        let other = statement("INSERT INTO u VALUES ('a')");
        assert!(matches!(
            Replay::new([kept.clone()], true).answer(&other, Flavour::Postgresql),
            Some(Err(ReplayError::Differs { .. }))
        ));
        assert!(matches!(Replay::new([kept], true).ended(), Some(ReplayError::Missing { .. })));
    }

    #[test]
    fn what_is_too_large_is_not_kept() {
        let rows = ResultSet {
            rows: vec![vec![Literal::Text("x".repeat(100))]; 3],
            columns: vec![limbeck_ops::ResultColumn { name: "a".into(), type_: None }],
            ..ResultSet::default()
        };
        let mut budget = Budget(500);
        assert!(matches!(answer(&Ok(rows.clone()), &mut budget), Answer::Rows(_)));
        assert_eq!(answer(&Ok(rows), &mut budget), Answer::TooLarge);
        let endless = ResultSet {
            rows: vec![vec![Literal::Float(f64::NAN)]],
            ..ResultSet::default()
        };
        assert_eq!(answer(&Ok(endless), &mut Budget::default()), Answer::TooLarge);
    }
}
