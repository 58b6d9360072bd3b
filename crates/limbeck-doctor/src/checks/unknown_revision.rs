//! Whether every row of the version table is a revision that is here.

use limbeck_revision::Graph;

use crate::words::like;
use crate::{Answer, Finding};

const NAME: &str = "unknown-revision";

/// What is known of rows that no script here has.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    /// The rows that are not here.
    pub unknown: Vec<String>,
    /// Of the applied revisions that are not here, those that the database remembers, newest first: id, message, and when it ran by whom.
    pub remembered: Vec<(String, String, String)>,
    /// A revision before them that nobody knows.
    pub lost: Option<String>,
    /// The revision here that they go back to; `base` where there is none.
    pub before: Option<String>,
    /// The version table, for people.
    pub table: String,
}

/// Looks at the rows.
pub fn look(graph: &Graph, rows: &[String], facts: &Facts, program: &str) -> Answer {
    if facts.unknown.is_empty() {
        return Answer::Fine(match rows {
            [] => "the database is at base".into(),
            [row] => format!("the database is at {row}, which is here"),
            many => format!("the database is at {}, which are here", many.join(", ")),
        });
    }
    let findings = facts.unknown.iter().map(|row| one(graph, rows, row, facts, program)).collect();
    Answer::Findings(findings)
}

fn one(graph: &Graph, rows: &[String], row: &str, facts: &Facts, program: &str) -> Finding {
    let mut found = Finding::problem(NAME, format!("the database is at revision {row}, and no script here has that id")).evidence(format!(
        "{} holds: {}",
        facts.table,
        rows.join(", ")
    ));
    let ids: Vec<&str> = graph.indices().map(|at| graph.id(at)).collect();
    if facts.remembered.is_empty() {
        found = found.cause("the database was migrated by other code (a newer release, another branch), its script was deleted, or the row was edited by hand");
        if let Some(near) = like(row, ids.iter().copied()) {
            return found
                .evidence(format!("there is {near}, which looks alike"))
                .note("if the row was edited by hand, set it right; the command stops unless the schema fits")
                .command(format!("{program} stamp --purge --verify {near}"));
        }
        return found
            .note(format!(
                "use the code that has {row}: `git log --all --oneline -- '*{row}*'` finds where its file is or was"
            ))
            .note(format!(
                "only if that code is lost: `{program} adopt` finds the revision whose schema the database has"
            ))
            .command(format!("{program} adopt"));
    }
    found = found.cause("the database was migrated by other code: a newer release, or another branch");
    for (id, message, when) in &facts.remembered {
        let words = if message.is_empty() { String::new() } else { format!("  {message}") };
        found = found.evidence(format!("the database remembers {id}{words}, {when}"));
    }
    found = found.note(format!("use the code that has {row} where you can: it is newer than this"));
    match &facts.lost {
        Some(lost) => found.note(format!(
            "to go back here is not possible: {lost}, which comes before, is neither here nor remembered"
        )),
        None => {
            let target = facts.before.as_deref().unwrap_or("base");
            found
                .note("or take the database back to where this code is, by the scripts that it remembers; that runs their downgrade() and may drop data")
                .command(format!("{program} downgrade --from-journal {target}"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use limbeck_revision::RevisionHeader;

    fn graph() -> Graph {
        let header = |id: &str, downs: &[&str]| RevisionHeader {
            id: id.into(),
            down_revisions: downs.iter().map(|down| (*down).to_owned()).collect(),
            ..RevisionHeader::default()
        };
        Graph::build(vec![header("aaaa1111", &[]), header("bbbb2222", &["aaaa1111"])])
            .graph
            .expect("a graph")
    }

    #[test]
    fn known_rows_are_fine() {
        let answer = look(&graph(), &["bbbb2222".into()], &Facts::default(), "limbeck");
        assert_eq!(answer, Answer::Fine("the database is at bbbb2222, which is here".into()));
    }

    #[test]
    fn a_typing_error_a_stranger_and_a_remembered_one() {
        let command = |row: &str, facts: Facts| {
            let facts = Facts {
                unknown: vec![row.into()],
                table: "alembic_version".into(),
                ..facts
            };
            let answer = look(&graph(), &[row.into()], &facts, "limbeck");
            answer.findings()[0].remedy.as_ref().expect("a remedy").command.clone()
        };
        assert_eq!(command("bbbb2223", Facts::default()), "limbeck stamp --purge --verify bbbb2222");
        assert_eq!(command("ffff9999", Facts::default()), "limbeck adopt");
        let remembered = Facts {
            remembered: vec![("ffff9999".into(), "add x".into(), "applied today".into())],
            before: Some("bbbb2222".into()),
            ..Facts::default()
        };
        assert_eq!(command("ffff9999", remembered), "limbeck downgrade --from-journal bbbb2222");
    }
}
