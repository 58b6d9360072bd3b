//! Rows of the version table that say the same twice: one is an ancestor of another, or stands there twice.

use std::collections::BTreeSet;

use limbeck_revision::Graph;

use crate::words::count;
use crate::{Answer, Finding, Fix};

const NAME: &str = "ancestor-rows";

/// The rows that another row includes, with that row.
pub fn included(graph: &Graph, rows: &[String]) -> Vec<(String, String)> {
    let distinct: BTreeSet<&String> = rows.iter().collect();
    let mut found = Vec::new();
    for later in &distinct {
        let Some(at) = graph.find(later) else { continue };
        let below: BTreeSet<&str> = graph.ancestors(at).into_iter().map(|below| graph.id(below)).collect();
        for row in &distinct {
            let is_first = !found.iter().any(|(known, _)| known == *row);
            if row != later && below.contains(row.as_str()) && is_first {
                found.push(((*row).clone(), (*later).clone()));
            }
        }
    }
    found
}

/// Looks at the rows; `delete` writes the statement that removes one.
pub fn look(graph: &Graph, rows: &[String], delete: &dyn Fn(&str) -> String, program: &str) -> Answer {
    let mut findings = Vec::new();
    let included = included(graph, rows);
    if !included.is_empty() {
        let statements: Vec<String> = included.iter().map(|(row, _)| delete(row)).collect();
        let gone: BTreeSet<&String> = included.iter().map(|(row, _)| row).collect();
        let stay: Vec<String> = rows.iter().filter(|row| !gone.contains(row)).cloned().collect();
        let mut found = Finding::problem(NAME, format!("the version table holds {} that others include", count(included.len(), "row")))
            .evidence(format!("it holds: {}", rows.join(", ")))
            .evidence_all(included.iter().map(|(row, later)| format!("{later} already includes {row}")))
            .cause("a backup was restored over a newer version table, or rows were put in by hand; upgrades and downgrades stop at it")
            .safe_command(
                format!("{program} doctor --fix --only {NAME}"),
                Fix::Sql {
                    statements: statements.clone(),
                    in_transaction: true,
                },
            );
        found = found.note(format!("that runs {} and leaves {}", statements.join(" "), stay.join(", ")));
        findings.push(found);
    }
    let mut seen = BTreeSet::new();
    let doubled: BTreeSet<&String> = rows.iter().filter(|row| !seen.insert(*row)).collect();
    if !doubled.is_empty() {
        let distinct: Vec<String> = seen.iter().map(|row| (*row).clone()).collect();
        let names: Vec<&str> = doubled.iter().map(|row| row.as_str()).collect();
        findings.push(
            Finding::problem(NAME, format!("the version table holds {} more than once", names.join(", ")))
                .evidence(format!("it holds: {}", rows.join(", ")))
                .cause("it has no primary key, and a restore or two runs at once wrote the row again")
                .command(format!("{program} stamp --purge {}", distinct.join(" "))),
        );
    }
    Answer::of(findings, || match rows.len() {
        0 => "none".into(),
        number => format!("{}, none included in another", count(number, "row")),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use limbeck_revision::RevisionHeader;

    fn graph() -> Graph {
        let header = |id: &str, downs: &[&str], needs: &[&str]| RevisionHeader {
            id: id.into(),
            down_revisions: downs.iter().map(|down| (*down).to_owned()).collect(),
            depends_on: needs.iter().map(|need| (*need).to_owned()).collect(),
            ..RevisionHeader::default()
        };
        let headers = vec![
            header("a", &[], &[]),
            header("b", &["a"], &[]),
            header("c", &["a"], &[]),
            header("x", &[], &["b"]),
        ];
        Graph::build(headers).graph.expect("a graph")
    }

    fn rows(ids: &[&str]) -> Vec<String> {
        ids.iter().map(|id| (*id).to_owned()).collect()
    }

    fn ask(ids: &[&str]) -> Answer {
        look(&graph(), &rows(ids), &|id| format!("DELETE {id};"), "limbeck")
    }

    #[test]
    fn branches_are_fine() {
        assert_eq!(ask(&["b", "c"]), Answer::Fine("2 rows, none included in another".into()));
        assert_eq!(ask(&["unknown", "c"]), Answer::Fine("2 rows, none included in another".into()));
    }

    #[test]
    fn ancestors_go_by_parents_and_dependencies() {
        let answer = ask(&["a", "b", "c"]);
        let [found] = answer.findings() else { panic!("{answer:?}") };
        assert_eq!(
            found.fix,
            Some(Fix::Sql {
                statements: vec!["DELETE a;".into()],
                in_transaction: true
            })
        );
        assert_eq!(found.notes, ["that runs DELETE a; and leaves b, c"]);
        assert_eq!(included(&graph(), &rows(&["x", "b"])), [("b".to_owned(), "x".to_owned())]);
    }

    #[test]
    fn a_row_that_is_there_twice_is_not_deleted_by_itself() {
        let answer = ask(&["b", "b"]);
        let [found] = answer.findings() else { panic!("{answer:?}") };
        assert_eq!(found.fix, None);
        assert_eq!(found.remedy.as_ref().expect("a remedy").command, "limbeck stamp --purge b");
    }
}
