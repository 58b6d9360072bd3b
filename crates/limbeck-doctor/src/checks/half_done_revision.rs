//! A revision that is half done in the database, or a last run that failed.

use crate::words::count;
use crate::{Answer, Finding};

const NAME: &str = "half-done-revision";

/// A revision that was cut into segments and did not reach its end.
#[derive(Debug, Clone, Default)]
pub struct HalfDone {
    /// The revision.
    pub revision: String,
    /// `upgrade` or `downgrade`.
    pub direction: String,
    /// Segments that are finished and kept.
    pub finished: usize,
    /// The statement outside of a transaction that was running.
    pub running: Option<String>,
    /// Since when.
    pub since: String,
    /// The revision's file, where it is here.
    pub path: Option<String>,
}

/// The last run on this database, where it did not end well.
#[derive(Debug, Clone, Default)]
pub struct Failed {
    /// When.
    pub at: String,
    /// The command line.
    pub command: String,
    /// `upgrade` or `downgrade`.
    pub direction: String,
    /// The revision it failed at.
    pub revision: Option<String>,
    /// `failed`, `interrupted`; nothing where its end was never written.
    pub outcome: Option<String>,
    /// Why, with its code.
    pub error: Option<String>,
    /// The rows the database was left at.
    pub now: Option<Vec<String>>,
    /// Whether the revision it failed at is applied meanwhile.
    pub is_over: bool,
}

/// Looks at both. `rows` is where the database is.
pub fn look(half_done: &[HalfDone], failed: Option<&Failed>, rows: &[String], program: &str) -> Answer {
    let mut findings: Vec<Finding> = half_done.iter().map(|half| half_way(half, failed, program)).collect();
    // A half-done revision is the failed run's own.
    if let Some(failed) = failed.filter(|failed| half_done.is_empty() && !failed.is_over) {
        findings.push(last_run(failed, rows, program));
    }
    Answer::of(findings, || "none; the last run ended well, or none is known".into())
}

fn half_way(half: &HalfDone, failed: Option<&Failed>, program: &str) -> Finding {
    let mut found = Finding::problem(NAME, format!("the {} of {} is half done since {}", half.direction, half.revision, half.since))
        .evidence(format!("{} finished and kept", count(half.finished, "segment")));
    if let Some(running) = &half.running {
        found = found.evidence(format!("was running: {running}"));
    }
    if let Some(error) = failed.and_then(|failed| failed.error.as_ref()) {
        found = found.evidence(format!("it stopped with: {error}"));
    }
    if let Some(path) = &half.path {
        found = found.evidence(format!("its script: {path}"));
    }
    let target = if half.direction == "downgrade" {
        "downgrade -1".to_owned()
    } else {
        format!("upgrade {}", half.revision)
    };
    found
        .cause("its script commits on its own, or has statements that cannot run in a transaction; the run failed or was killed between them")
        .command(format!("{program} {target}"))
        .note("that goes on after what is finished, once the cause is mended; do not edit the part of the script that has run")
}

fn last_run(failed: &Failed, rows: &[String], program: &str) -> Finding {
    let what = match &failed.revision {
        Some(revision) => format!("{} of {revision}", failed.direction),
        None => failed.direction.clone(),
    };
    let title = match failed.outcome.as_deref() {
        Some(outcome) => format!("the last run {outcome}: {what}, at {}", failed.at),
        None => format!("the last run has no end: {what}, at {}", failed.at),
    };
    let place = if rows.is_empty() { "base".to_owned() } else { rows.join(", ") };
    let mut found = Finding::warning(NAME, title);
    found = found.evidence(format!("command: {}", failed.command));
    if let Some(error) = &failed.error {
        found = found.evidence(error.clone());
    }
    found = found.evidence(format!("the database is at {place}; nothing of that revision was kept"));
    let cause = match failed.outcome.as_deref() {
        Some("interrupted") => "somebody stopped it",
        Some(_) => "see the error; the health log has the rest",
        None => "it still goes on, or its process was killed: `locks` tells whether somebody holds the migration lock",
    };
    let target = match (failed.direction.as_str(), &failed.revision) {
        ("downgrade", _) => failed.command.split_whitespace().skip(1).collect::<Vec<_>>().join(" "),
        (_, Some(revision)) => format!("upgrade {revision}"),
        (direction, None) => format!("{direction} head"),
    };
    let target = if target.is_empty() { "upgrade head".to_owned() } else { target };
    found
        .cause(cause)
        .command(format!("{program} {target}"))
        .note(format!("mend the cause first; `{program} log --failed` has the whole story"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failed() -> Failed {
        Failed {
            at: "2026-01-02 03:04:05 UTC".into(),
            command: "limbeck upgrade head".into(),
            direction: "upgrade".into(),
            revision: Some("ab".into()),
            outcome: Some("failed".into()),
            error: Some("E0412: no such table".into()),
            ..Failed::default()
        }
    }

    #[test]
    fn a_half_done_revision_speaks_for_its_run() {
        let half = HalfDone {
            revision: "ab".into(),
            direction: "upgrade".into(),
            finished: 2,
            ..HalfDone::default()
        };
        let answer = look(&[half], Some(&failed()), &[], "limbeck");
        let [found] = answer.findings() else { panic!("{answer:?}") };
        assert_eq!(found.remedy.as_ref().expect("a remedy").command, "limbeck upgrade ab");
        assert_eq!(found.evidence, ["2 segments finished and kept", "it stopped with: E0412: no such table"]);
    }

    #[test]
    fn a_failed_run_is_told_until_it_is_over() {
        let answer = look(&[], Some(&failed()), &["aa".into()], "limbeck");
        assert_eq!(answer.findings()[0].title, "the last run failed: upgrade of ab, at 2026-01-02 03:04:05 UTC");
        let over = Failed { is_over: true, ..failed() };
        assert!(matches!(look(&[], Some(&over), &[], "limbeck"), Answer::Fine(_)));
    }
}
