//! All answers, for people and for programs.

use serde::Serialize;
use serde::ser::{SerializeStruct, Serializer};

use crate::{Answer, Check, Finding, Fix, Severity};

/// The answer of one check, about one database or about the project.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// Which check.
    pub check: &'static Check,
    /// The database it is about, without a password; none where it is about the project.
    pub database: Option<String>,
    /// What it answered.
    pub answer: Answer,
}

/// All answers, in the order of the checks.
#[derive(Debug, Clone, Default)]
pub struct Report {
    /// The answers.
    pub checks: Vec<Outcome>,
}

impl Report {
    /// All findings.
    pub fn findings(&self) -> impl Iterator<Item = &Finding> {
        self.checks.iter().flat_map(|outcome| outcome.answer.findings())
    }

    /// What `--fix` would do, with the finding it is for and the database it is to be done in.
    pub fn fixes(&self) -> Vec<(&Finding, &Fix, Option<&str>)> {
        self.checks
            .iter()
            .flat_map(|outcome| outcome.answer.findings().iter().map(move |finding| (finding, outcome.database.as_deref())))
            .filter_map(|(finding, database)| finding.fix.as_ref().map(|fix| (finding, fix, database)))
            .collect()
    }

    /// How many findings are that bad.
    pub fn count(&self, severity: Severity) -> usize {
        self.findings().filter(|finding| finding.severity == severity).count()
    }

    /// How many checks could not look.
    pub fn unknown(&self) -> usize {
        self.checks.iter().filter(|outcome| matches!(outcome.answer, Answer::Unknown(_))).count()
    }

    /// 0 where nothing was found, 1 where something was, 2 where a check could not look.
    pub fn exit_code(&self) -> u8 {
        if self.unknown() > 0 { 2 } else { u8::from(self.findings().next().is_some()) }
    }
}

impl Serialize for Outcome {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (status, detail) = match &self.answer {
            Answer::Fine(line) => ("fine", Some(line)),
            Answer::Findings(_) => ("findings", None),
            Answer::Unknown(why) => ("unknown", Some(why)),
            Answer::Skipped(why) => ("skipped", Some(why)),
        };
        let mut object = serializer.serialize_struct("Outcome", 6)?;
        object.serialize_field("check", self.check.name)?;
        object.serialize_field("title", self.check.title)?;
        object.serialize_field("database", &self.database)?;
        object.serialize_field("status", status)?;
        object.serialize_field("detail", &detail)?;
        object.serialize_field("findings", self.answer.findings())?;
        object.end()
    }
}

impl Serialize for Report {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_struct("Report", 4)?;
        object.serialize_field("problems", &self.count(Severity::Problem))?;
        object.serialize_field("warnings", &self.count(Severity::Warning))?;
        object.serialize_field("unknown", &self.unknown())?;
        object.serialize_field("checks", &self.checks)?;
        object.end()
    }
}
