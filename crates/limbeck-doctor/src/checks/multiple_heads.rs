//! Several heads: two people wrote a revision on the same one.

use std::collections::HashSet;
use std::path::Path;

use limbeck_revision::{Graph, Index};

use crate::words::{count, path, revision, some};
use crate::{Answer, Finding, Fix};

const NAME: &str = "multiple-heads";
/// How many heads and revisions are shown.
const SHOWN: usize = 8;

/// Whether the revisions of two branches can run in any order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Meeting {
    /// They touch nothing in common.
    Commute,
    /// What both touch, in words: `both alter users.email`.
    Conflict(Vec<String>),
    /// It could not be found out, and why.
    Unknown(String),
}

/// What is known about the heads beside the graph.
#[derive(Debug, Clone, Default)]
pub struct Known {
    /// Whether the branches touch the same objects; nothing where nobody looked.
    pub meeting: Option<Meeting>,
    /// Revisions known to be applied somewhere: the rows of the databases that were looked at and all that is below them. Nothing where no database was seen.
    pub applied: Option<Vec<String>>,
    /// The program's name in commands.
    pub program: String,
}

/// Looks at the heads.
pub fn look(graph: &Graph, root: &Path, known: &Known) -> Answer {
    let heads = graph.effective_heads();
    let ids: Vec<&str> = heads.iter().map(|at| graph.id(*at)).collect();
    match heads {
        [] => return Answer::Fine("no revisions yet".into()),
        [head] => return Answer::Fine(format!("1 head: {}", graph.id(*head))),
        _ if by_design(graph) => return Answer::Fine(format!("{}, each on a branch of its own: {}", count(heads.len(), "head"), ids.join(", "))),
        _ => {}
    }
    let merge = format!("{} merge -m \"merge heads\" {}", known.program, ids.join(" "));
    let fix = Fix::Merge {
        heads: ids.iter().map(|id| (*id).to_owned()).collect(),
        message: "merge heads".into(),
    };
    let mut found = Finding::problem(NAME, format!("Multiple head revisions: {}", ids.join(", ")))
        .evidence_all(some(heads.iter().map(|at| revision(graph, *at, root)).collect(), SHOWN));
    let since = graph.common_ancestor(heads);
    found = match since {
        Some(at) => found.evidence(format!("apart since {}", revision(graph, at, root))),
        None => found.evidence("they have no revision in common"),
    };
    let branches: Vec<Vec<Index>> = heads.iter().map(|head| own(graph, *head, heads)).collect();
    for (head, branch) in heads.iter().zip(&branches) {
        if branch.len() > 1 {
            let ids: Vec<&str> = branch.iter().map(|at| graph.id(*at)).collect();
            found = found.evidence(format!("only on the branch of {}: {}", graph.id(*head), ids.join(", ")));
        }
    }
    found = found.cause("revisions were written on the same parent at the same time, on different branches of the code");
    let conflict = match &known.meeting {
        Some(Meeting::Commute) => {
            found = found.evidence("the branches commute: they touch nothing in common, so that a merge may run them in any order");
            false
        }
        Some(Meeting::Conflict(lines)) => {
            for line in some(lines.clone(), SHOWN) {
                found = found.evidence(line);
            }
            true
        }
        Some(Meeting::Unknown(why)) => {
            found = found.note(format!("whether the branches touch the same objects is not known: {why}"));
            false
        }
        None => false,
    };
    if conflict {
        found =
            found.note("both branches change the same thing, so that the outcome depends on the order they run in: read both scripts before you merge them");
        found = reparent(graph, heads, &branches, root, known, found, true);
        return found.command(merge).into();
    }
    found = reparent(graph, heads, &branches, root, known, found, false);
    found.safe_command(merge, fix).into()
}

/// Whether the heads are branches that were meant to be: each has a label that no other has.
fn by_design(graph: &Graph) -> bool {
    let heads = graph.effective_heads();
    let labels: Vec<Vec<&str>> = heads.iter().map(|head| graph.labels(*head)).collect();
    (0..heads.len()).all(|at| {
        let others = || labels.iter().enumerate().filter(move |(other, _)| *other != at);
        labels[at].iter().any(|label| others().all(|(_, theirs)| !theirs.contains(label)))
    })
}

/// Revisions that only this head has, oldest first.
fn own(graph: &Graph, head: Index, heads: &[Index]) -> Vec<Index> {
    let others: HashSet<Index> = heads.iter().filter(|other| **other != head).flat_map(|other| graph.ancestors(*other)).collect();
    let mut waiting = vec![(head, false)];
    let mut seen = HashSet::new();
    let mut own = Vec::new();
    while let Some((at, is_done)) = waiting.pop() {
        if is_done {
            own.push(at);
        } else if !others.contains(&at) && seen.insert(at) {
            waiting.push((at, true));
            waiting.extend(graph.downs(at).iter().map(|down| (*down, false)));
        }
    }
    own
}

/// Of two branches, the one that is applied nowhere we know can be put behind the other by editing one line.
fn reparent(graph: &Graph, heads: &[Index], branches: &[Vec<Index>], root: &Path, known: &Known, found: Finding, conflict: bool) -> Finding {
    let ([first, second], [one, two]) = (heads, branches) else { return found };
    let Some(applied) = &known.applied else {
        return found.note("a merge is right wherever either branch may be applied already; no database was seen to tell more");
    };
    let is_applied = |branch: &[Index]| branch.iter().any(|at| applied.iter().any(|id| id == graph.id(*at)));
    // The later file in load order counts as the newer one where neither is applied.
    let (stays, moves) = match (is_applied(one), is_applied(two)) {
        (true, true) => return found.note("both branches are applied in this database: merge them, re-parenting would no longer fit what ran"),
        (false, true) => ((*second, two), (*first, one)),
        (true, false) | (false, false) => ((*first, one), (*second, two)),
    };
    let Some(lowest) = moves.1.first() else { return found };
    let file = path(&graph.header(*lowest).source, root);
    let order = if conflict { " and say in which order they run" } else { "" };
    found.note(format!(
        "or put one behind the other{order}: {} is applied nowhere that was looked at, so `down_revision = \"{}\"` in {file} makes one line of it; do that only if no other database has it",
        graph.id(*lowest),
        graph.id(stays.0),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use limbeck_revision::RevisionHeader;

    fn graph(revisions: &[(&str, &[&str])]) -> Graph {
        let headers = revisions.iter().map(|(id, downs)| RevisionHeader {
            id: (*id).to_owned(),
            down_revisions: downs.iter().map(|down| (*down).to_owned()).collect(),
            doc: format!("make {id}"),
            source: format!("/p/versions/{id}.py"),
            ..RevisionHeader::default()
        });
        Graph::build(headers.collect()).graph.expect("a graph")
    }

    fn known(applied: Option<&[&str]>, meeting: Option<Meeting>) -> Known {
        Known {
            meeting,
            applied: applied.map(|ids| ids.iter().map(|id| (*id).to_owned()).collect()),
            program: "limbeck".into(),
        }
    }

    #[test]
    fn one_head_is_fine() {
        let answer = look(&graph(&[("a", &[]), ("b", &["a"])]), Path::new("/p"), &known(None, None));
        assert_eq!(answer, Answer::Fine("1 head: b".into()));
    }

    #[test]
    fn two_heads_tell_files_ancestor_and_command() {
        let graph = graph(&[("a", &[]), ("b", &["a"]), ("c", &["a"]), ("d", &["c"])]);
        let answer = look(&graph, Path::new("/p"), &known(Some(&["a", "b"]), Some(Meeting::Commute)));
        let [found] = answer.findings() else { panic!("{answer:?}") };
        assert_eq!(found.title, "Multiple head revisions: b, d");
        assert_eq!(
            found.evidence,
            [
                "b  make b  (versions/b.py)",
                "d  make d  (versions/d.py)",
                "apart since a  make a  (versions/a.py)",
                "only on the branch of d: c, d",
                "the branches commute: they touch nothing in common, so that a merge may run them in any order",
            ]
        );
        let remedy = found.remedy.as_ref().expect("a remedy");
        assert_eq!((remedy.command.as_str(), remedy.safe), ("limbeck merge -m \"merge heads\" b d", true));
        assert!(
            found.notes[0].contains("c is applied nowhere that was looked at, so `down_revision = \"b\"` in versions/c.py"),
            "{:?}",
            found.notes
        );
    }

    #[test]
    fn the_branch_that_is_not_applied_moves() {
        let graph = graph(&[("a", &[]), ("b", &["a"]), ("c", &["a"])]);
        let answer = look(&graph, Path::new("/p"), &known(Some(&["a", "c"]), None));
        let note = &answer.findings()[0].notes[0];
        assert!(
            note.contains("b is applied nowhere") && note.contains("`down_revision = \"c\"` in versions/b.py"),
            "{note}"
        );
    }

    #[test]
    fn a_conflict_is_left_to_a_person() {
        let graph = graph(&[("a", &[]), ("b", &["a"]), ("c", &["a"])]);
        let conflict = Meeting::Conflict(vec!["both alter users.email".into()]);
        let answer = look(&graph, Path::new("/p"), &known(None, Some(conflict)));
        let found = &answer.findings()[0];
        assert_eq!(found.fix, None);
        assert!(!found.remedy.as_ref().expect("a remedy").safe);
        assert!(found.evidence.contains(&"both alter users.email".to_owned()));
    }
}
