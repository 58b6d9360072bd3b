//! What a check answers.

use crate::Finding;

/// The answer of one check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// Nothing is wrong; the line says what was found instead.
    Fine(String),
    /// Something is wrong; never empty.
    Findings(Vec<Finding>),
    /// It could not look, and why.
    Unknown(String),
    /// It did not look, and why; nobody has to worry.
    Skipped(String),
}

impl Answer {
    /// The findings, or that all is fine where there are none.
    pub fn of(findings: Vec<Finding>, fine: impl FnOnce() -> String) -> Self {
        if findings.is_empty() {
            Answer::Fine(fine())
        } else {
            Answer::Findings(findings)
        }
    }

    /// The findings; none where there are none.
    pub fn findings(&self) -> &[Finding] {
        match self {
            Answer::Findings(findings) => findings,
            Answer::Fine(_) | Answer::Unknown(_) | Answer::Skipped(_) => &[],
        }
    }
}

impl From<Finding> for Answer {
    fn from(finding: Finding) -> Self {
        Answer::Findings(vec![finding])
    }
}
