//! Whether the health log can be written, and whether its chain is whole.

use crate::{Answer, Finding};

const NAME: &str = "health-log";

/// What is known of the log.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    /// Its path, for people; nothing where it is switched off.
    pub path: Option<String>,
    /// Why it cannot be written.
    pub unwritable: Option<String>,
    /// Why it cannot be read.
    pub unreadable: Option<String>,
    /// Lines in it.
    pub lines: u64,
    /// Where the chain breaks, and why.
    pub broken: Option<String>,
    /// Lines that a killed process left half written.
    pub torn: usize,
}

/// Looks at it.
pub fn look(facts: &Facts, program: &str) -> Answer {
    let Some(path) = &facts.path else {
        return Answer::Skipped("the health log is switched off".into());
    };
    let mut findings = Vec::new();
    if let Some(why) = &facts.unwritable {
        findings.push(
            Finding::warning(NAME, format!("{path} cannot be written"))
                .evidence(why.clone())
                .cause("migrations run without it, but nobody will know afterwards what they did")
                .note("give the user of migrations the right to write there, or name another place: `health_log` in limbeck.toml, LIMBECK_HEALTH_LOG"),
        );
    }
    if let Some(why) = &facts.unreadable {
        findings.push(Finding::warning(NAME, format!("{path} cannot be read")).evidence(why.clone()));
    }
    if let Some(place) = &facts.broken {
        findings.push(
            Finding::problem(NAME, "the chain of the health log is broken")
                .evidence(place.clone())
                .cause(
                    "each line carries the hash of the line before it: lines were changed, removed or inserted after they were written, or the disk lost some",
                )
                .command(format!("{program} log verify"))
                .note("the database keeps copies of the records (PostgreSQL, limbeck.log): compare with them; move the file away to begin a new chain"),
        );
    }
    Answer::of(findings, || {
        let torn = if facts.torn > 0 {
            format!(", {} left by killed runs", facts.torn)
        } else {
            String::new()
        };
        match facts.lines {
            0 => format!("{path}: no records yet"),
            number => format!("{path}: {number} lines, chain whole{torn}"),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_are_told_apart() {
        let facts = Facts {
            path: Some("logs/x.log".into()),
            ..Facts::default()
        };
        assert_eq!(look(&facts, "limbeck"), Answer::Fine("logs/x.log: no records yet".into()));
        let broken = Facts {
            broken: Some("logs/x.log:3: it was changed".into()),
            unwritable: Some("Permission denied".into()),
            ..facts
        };
        assert_eq!(look(&broken, "limbeck").findings().len(), 2);
        assert!(matches!(look(&Facts::default(), "limbeck"), Answer::Skipped(_)));
    }
}
