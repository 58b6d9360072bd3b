//! Whether backups could be taken: the folder they go to, its room, and the program that takes them.

use limbeck_source::Diagnostic;

use crate::words::size;
use crate::{Answer, Finding};

const NAME: &str = "backup-folder";

/// What is known of the folder.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    /// Its path, for people.
    pub path: String,
    /// Whether it is there.
    pub exists: bool,
    /// Why it cannot be written, or could not be made.
    pub unwritable: Option<String>,
    /// Free bytes there.
    pub free: Option<u64>,
    /// The size of the database.
    pub database: Option<u64>,
    /// The program that takes them, with its version, where one is needed.
    pub tool: Option<String>,
    /// Why no backup can be taken whatever the folder: no pg_dump that fits the server, a setting that means nothing.
    pub error: Option<Diagnostic>,
    /// Whether migrations take a backup first by themselves.
    pub wanted: bool,
}

/// Looks at it.
pub fn look(facts: &Facts, program: &str) -> Answer {
    let path = &facts.path;
    let new = |title: String| {
        // Who has every run backed up is stopped by it.
        if facts.wanted {
            Finding::problem(NAME, title)
        } else {
            Finding::warning(NAME, title)
        }
    };
    let mut findings = Vec::new();
    if let Some(why) = &facts.unwritable {
        findings.push(
            new(format!("backups cannot be written to {path}"))
                .evidence(why.clone())
                .cause("`backup` and `upgrade --backup` would fail")
                .note("give the user the right to write there, or name another folder: `backup_dir` in limbeck.toml, or `-o`"),
        );
    }
    if let (Some(free), Some(database)) = (facts.free, facts.database)
        && free < database
        && facts.unwritable.is_none()
    {
        findings.push(
            new(format!("{path} has {} free, and the database has {}", size(free), size(database)))
                .cause("a plain backup may not fit; a compressed one often does")
                .command(format!("{program} backup -o /another/place/backup.sql.zst")),
        );
    }
    if let Some(error) = &facts.error {
        let severity = new(String::new()).severity;
        findings.push(Finding::of(NAME, severity, error).cause("`backup` and `upgrade --backup` would fail"));
    }
    Answer::of(findings, || {
        let free = facts.free.map(|free| format!(", {} free", size(free))).unwrap_or_default();
        let there = if facts.exists { "can be written" } else { "can be made" };
        let tool = facts.tool.as_ref().map(|tool| format!(", {tool}")).unwrap_or_default();
        format!("{path} {there}{free}{tool}")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Severity;

    #[test]
    fn a_folder_that_every_run_needs_is_a_problem() {
        let facts = Facts {
            path: "backups".into(),
            free: Some(10 << 20),
            database: Some(1 << 20),
            ..Facts::default()
        };
        assert_eq!(look(&facts, "limbeck"), Answer::Fine("backups can be made, 10.5 MB free".into()));
        let full = Facts {
            database: Some(1 << 30),
            wanted: true,
            ..facts.clone()
        };
        assert_eq!(look(&full, "limbeck").findings()[0].severity, Severity::Problem);
        let without = Facts {
            error: Some(Diagnostic::error("E0912", "there is no `pg_dump` for PostgreSQL 18").hint("install it")),
            ..facts.clone()
        };
        assert_eq!(look(&without, "limbeck").findings()[0].notes, ["install it"]);
        let closed = Facts {
            unwritable: Some("Permission denied".into()),
            ..facts
        };
        assert_eq!(look(&closed, "limbeck").findings()[0].severity, Severity::Warning);
    }
}
