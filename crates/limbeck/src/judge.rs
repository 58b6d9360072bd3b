//! From the scripts of this code and the version rows of a database to a verdict. No file, no connection.

use crate::verdict::count;
use crate::{Pending, Verdict};
use limbeck_revision::{Graph, GraphError, Index, RevisionHeader, Step, Target};
use std::collections::{HashMap, HashSet, VecDeque};

/// The rows that are no revisions of this code.
pub fn unknown(graph: &Graph, rows: &[String]) -> Vec<String> {
    rows.iter().filter(|row| graph.find(row).is_none()).cloned().collect()
}

/// What an upgrade to all heads would run from these rows, in its order.
///
/// # Errors
/// Rows that are not known, or of which one is an ancestor of another.
pub fn pending(graph: &Graph, rows: &[String]) -> Result<Vec<Pending>, GraphError> {
    let steps = graph.upgrade(rows, Target::One("heads"))?.steps;
    let upgrades = steps.into_iter().filter_map(|step| match step {
        Step::Upgrade(at) => Some(named(graph, at)),
        Step::Downgrade(_) | Step::Stamp(_) => None,
    });
    Ok(upgrades.collect())
}

/// Judges version rows; `None` means that there is no version table.
///
/// `remembered` are headers of applied scripts that this code may lack, as the database remembers them (the table `limbeck.script` on PostgreSQL): by them alone it
/// can be proved that unknown rows lead on from this code's heads. Only those that stand between the unknown rows and this code's history are needed; without unknown rows
/// none. `window` is how many revisions a database may be ahead.
pub fn judge(graph: &Graph, rows: Option<&[String]>, remembered: &[RevisionHeader], window: usize) -> Verdict {
    let Some(rows) = rows else {
        return match pending(graph, &[]) {
            Ok(pending) if pending.is_empty() => Verdict::AtHead { current: Vec::new() },
            Ok(pending) => Verdict::Unversioned { pending },
            Err(error) => diverged(&[], Vec::new(), Vec::new(), error.to_string()),
        };
    };
    let unknown = unknown(graph, rows);
    if unknown.is_empty() {
        return match pending(graph, rows) {
            Ok(pending) if pending.is_empty() => Verdict::AtHead { current: rows.to_vec() },
            Ok(pending) => Verdict::Behind {
                current: rows.to_vec(),
                pending,
            },
            Err(error) => diverged(rows, Vec::new(), Vec::new(), error.to_string()),
        };
    }
    let beyond = Beyond::follow(graph, &unknown, remembered);
    if let Some(lost) = beyond.lost.first() {
        let why = if unknown.contains(lost) {
            format!("revision `{lost}` is neither in this code nor remembered by the database")
        } else {
            format!("revision `{lost}`, which the newer ones follow, is neither in this code nor remembered by the database")
        };
        return diverged(rows, unknown, Vec::new(), why);
    }
    let mut applied = HashSet::new();
    for at in rows.iter().filter_map(|row| graph.find(row)).chain(beyond.reached.iter().copied()) {
        applied.extend(graph.ancestors(at));
    }
    let left: Vec<Pending> = match pending(graph, &[]) {
        Ok(all) => all
            .into_iter()
            .filter(|one| graph.find(&one.revision).is_some_and(|at| !applied.contains(&at)))
            .collect(),
        Err(error) => return diverged(rows, unknown, Vec::new(), error.to_string()),
    };
    if left.is_empty() {
        return Verdict::Ahead {
            current: rows.to_vec(),
            revisions: beyond.revisions,
            window,
        };
    }
    let why = format!(
        "it has {} that this code lacks, and lacks {} that this code has",
        count(beyond.revisions.len()),
        count(left.len())
    );
    diverged(rows, unknown, left, why)
}

fn diverged(rows: &[String], unknown: Vec<String>, pending: Vec<Pending>, why: String) -> Verdict {
    Verdict::Diverged {
        current: rows.to_vec(),
        unknown,
        pending,
        why,
    }
}

fn named(graph: &Graph, at: Index) -> Pending {
    Pending {
        revision: graph.id(at).to_owned(),
        message: graph.header(at).summary().to_owned(),
    }
}

/// What lies above this code's history.
struct Beyond {
    /// The remembered revisions, the oldest first.
    revisions: Vec<Pending>,
    /// This code's revisions that they follow.
    reached: Vec<Index>,
    /// Revisions that nobody knows.
    lost: Vec<String>,
}

impl Beyond {
    /// Follows what is remembered from the unknown rows down to what the graph has.
    fn follow(graph: &Graph, unknown: &[String], remembered: &[RevisionHeader]) -> Self {
        let labels = remembered
            .iter()
            .flat_map(|header| header.branch_labels.iter().map(move |label| (label.as_str(), header)));
        let mut by_name: HashMap<&str, &RevisionHeader> = labels.collect();
        by_name.extend(remembered.iter().map(|header| (header.id.as_str(), header)));
        let mut found = Beyond {
            revisions: Vec::new(),
            reached: Vec::new(),
            lost: Vec::new(),
        };
        let mut seen = HashSet::new();
        let mut waiting: VecDeque<&str> = unknown.iter().map(String::as_str).collect();
        while let Some(id) = waiting.pop_front() {
            if !seen.insert(id) {
                continue;
            }
            if let Some(at) = place(graph, id) {
                found.reached.push(at);
            } else if let Some(header) = by_name.get(id) {
                found.revisions.push(Pending {
                    revision: header.id.clone(),
                    message: header.summary().to_owned(),
                });
                waiting.extend(header.down_revisions.iter().chain(&header.depends_on).map(String::as_str));
            } else {
                found.lost.push(id.to_owned());
            }
        }
        found.revisions.reverse();
        let mut named = HashSet::new();
        found.revisions.retain(|one| named.insert(one.revision.clone()));
        found
    }
}

/// A revision by its id, or by its label as `depends_on` may name it; never by a part of its id, which proves nothing.
fn place(graph: &Graph, name: &str) -> Option<Index> {
    graph.find(name).or_else(|| {
        let at = graph.revision(name).ok().flatten()?;
        graph.header(at).branch_labels.iter().any(|label| label == name).then_some(at)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `id<down+down @dependency :label`.
    fn header(text: &str) -> RevisionHeader {
        let (id, rest) = text.split_once('<').unwrap_or((text, ""));
        let mut header = RevisionHeader {
            id: id.to_owned(),
            doc: format!("step {id}"),
            ..RevisionHeader::default()
        };
        for word in rest.split(' ').filter(|word| !word.is_empty()) {
            match word.split_at(1) {
                ("@", name) => header.depends_on.push(name.to_owned()),
                (":", name) => header.branch_labels.push(name.to_owned()),
                _ => header.down_revisions.extend(word.split('+').map(str::to_owned)),
            }
        }
        header
    }

    fn verdict(code: &[&str], rows: Option<&[&str]>, remembered: &[&str]) -> Verdict {
        let graph = Graph::build(code.iter().map(|text| header(text)).collect()).graph.expect("a graph");
        let rows: Option<Vec<String>> = rows.map(|rows| rows.iter().map(|row| (*row).to_owned()).collect());
        let remembered: Vec<RevisionHeader> = remembered.iter().map(|text| header(text)).collect();
        judge(&graph, rows.as_deref(), &remembered, 0)
    }

    fn ids(list: &[Pending]) -> String {
        list.iter().map(|one| one.revision.as_str()).collect::<Vec<_>>().join(" ")
    }

    const LINE: &[&str] = &["a", "b<a", "c<b"];
    const FORK: &[&str] = &["a", "b<a", "c<a"];

    #[test]
    fn at_head_and_behind() {
        assert_eq!(verdict(LINE, Some(&["c"]), &[]).word(), "at_head");
        let behind = verdict(LINE, Some(&["a"]), &[]);
        assert_eq!((behind.word(), ids(behind.pending())), ("behind", "b c".into()));
        assert_eq!(behind.pending()[0].message, "step b");
        let empty = verdict(LINE, Some(&[]), &[]);
        assert_eq!((empty.word(), ids(empty.pending())), ("behind", "a b c".into()));
        let bare = verdict(LINE, None, &[]);
        assert_eq!((bare.word(), ids(bare.pending())), ("unversioned", "a b c".into()));
    }

    #[test]
    fn a_code_without_revisions_is_at_head_of_an_empty_database() {
        assert_eq!(verdict(&[], None, &[]).word(), "at_head");
        assert_eq!(verdict(&[], Some(&[]), &[]).word(), "at_head");
        assert_eq!(verdict(&[], Some(&["x"]), &[]).word(), "diverged");
        assert_eq!(verdict(&[], Some(&["x"]), &["x"]).word(), "ahead");
    }

    #[test]
    fn several_heads_must_all_be_there() {
        assert_eq!(verdict(FORK, Some(&["b", "c"]), &[]).word(), "at_head");
        assert_eq!(ids(verdict(FORK, Some(&["b"]), &[]).pending()), "c");
    }

    #[test]
    fn rows_of_one_line_are_not_a_place() {
        let twice = verdict(LINE, Some(&["a", "c"]), &[]);
        assert_eq!(twice.word(), "diverged");
        let Verdict::Diverged { why, unknown, .. } = twice else { unreachable!() };
        assert!(why.contains('a') && unknown.is_empty(), "{why}");
    }

    #[test]
    fn newer_revisions_are_ahead_only_where_memory_proves_it() {
        let ahead = verdict(LINE, Some(&["e"]), &["e<d", "d<c"]);
        let Verdict::Ahead { revisions, .. } = &ahead else { panic!("{ahead:?}") };
        assert_eq!(ids(revisions), "d e");
        // Not remembered at all, or with a hole.
        for remembered in [&[][..], &["e<d"], &["d<c"]] {
            let Verdict::Diverged { why, pending, .. } = verdict(LINE, Some(&["e"]), remembered) else {
                panic!("{remembered:?}")
            };
            assert!(why.contains("neither in this code nor remembered") && pending.is_empty(), "{why}");
        }
        // A part of an id is no proof.
        assert_eq!(verdict(&["abc"], Some(&["e"]), &["e<ab"]).word(), "diverged");
    }

    #[test]
    fn two_lines_of_history_are_diverged() {
        let verdict = verdict(LINE, Some(&["x"]), &["x<b"]);
        let Verdict::Diverged { why, pending, unknown, .. } = &verdict else {
            panic!("{verdict:?}")
        };
        assert_eq!((ids(pending).as_str(), unknown.as_slice()), ("c", ["x".to_owned()].as_slice()));
        assert_eq!(why, "it has 1 revision that this code lacks, and lacks 1 revision that this code has");
    }

    #[test]
    fn merges_and_dependencies_lead_down_too() {
        // A newer merge of both heads.
        let merged = verdict(FORK, Some(&["m"]), &["m<b+c"]);
        assert_eq!(merged.word(), "ahead");
        // One head is a row, the other lies below an unknown one.
        assert_eq!(verdict(FORK, Some(&["b", "d"]), &["d<c"]).word(), "ahead");
        assert_eq!(verdict(FORK, Some(&["d"]), &["d<c"]).word(), "diverged");
        // By a dependency, by id and by label.
        assert_eq!(verdict(&["a", "s< :side"], Some(&["d"]), &["d<a @s"]).word(), "ahead");
        assert_eq!(verdict(&["a", "s< :side"], Some(&["d"]), &["d<a @side"]).word(), "ahead");
        // A diamond above is counted once.
        let Verdict::Ahead { revisions, .. } = verdict(&["a"], Some(&["z"]), &["z<x+y", "x<w", "y<w", "w<a"]) else {
            panic!()
        };
        assert_eq!(
            (revisions.len(), ids(&revisions).starts_with("w "), ids(&revisions).ends_with(" z")),
            (4, true, true)
        );
    }

    #[test]
    fn a_thousand_revisions_ahead_are_followed() {
        let texts: Vec<String> = (1..1000).map(|n| format!("r{n}<r{}", n - 1)).collect();
        let remembered: Vec<&str> = texts.iter().map(String::as_str).collect();
        let Verdict::Ahead { revisions, .. } = verdict(&["r0"], Some(&["r999"]), &remembered) else {
            panic!()
        };
        assert_eq!((revisions.len(), revisions[0].revision.as_str()), (999, "r1"));
    }
}
