//! Whether the scripts form a history: every file a revision, every id once, every parent there, no circle.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::path::Path;

use limbeck_revision::{Graph, RevisionHeader};
use limbeck_source::{Diagnose, Diagnostic};

use crate::words::{count, like, path};
use crate::{Answer, Finding, Fix, Severity};

const NAME: &str = "broken-graph";

/// What is known beside the headers.
#[derive(Debug, Clone, Default)]
pub struct Known {
    /// Files that are no revisions.
    pub unreadable: Vec<Diagnostic>,
    /// Revisions that a database remembers: who is missing may be taken from there.
    pub remembered: BTreeMap<String, Remembered>,
}

/// A script as a database remembers it.
#[derive(Debug, Clone, Default)]
pub struct Remembered {
    /// When it ran and who did it.
    pub facts: String,
    /// Where its file would belong.
    pub path: String,
    /// Its text.
    pub text: String,
}

/// Looks at all headers, those of a history that cannot be loaded too.
pub fn look(headers: &[RevisionHeader], root: &Path, known: &Known, program: &str) -> Answer {
    let mut findings: Vec<Finding> = known.unreadable.iter().map(|error| unreadable(error, root)).collect();
    findings.extend(doubled(headers, root));
    findings.extend(doubled_labels(headers, root));
    findings.extend(missing(headers, root, known, program));
    // What is left for the loader to find: circles, and ids that targets cannot hold. Missing parents hide them, since there is no graph then.
    if findings.is_empty()
        && let Err(error) = Graph::build(headers.to_vec()).graph
    {
        findings.push(Finding::of(NAME, Severity::Problem, &shorter(error.diagnose(), root)));
    }
    Answer::of(findings, || match headers.len() {
        0 => "no revisions yet".into(),
        number => format!("{}, each with its parent", count(number, "revision")),
    })
}

fn unreadable(error: &Diagnostic, root: &Path) -> Finding {
    let mut found = Finding::of(NAME, Severity::Problem, &shorter(error.clone(), root));
    let file = error.location.as_ref().map(|place| path(&place.path, root)).unwrap_or_default();
    match error.code {
        "E0301" | "E0302" => {
            let what = if error.code == "E0301" { "revision" } else { "down_revision" };
            found.title = format!("{file} declares no {what} ({})", error.code);
            found.evidence.clear();
            found.cause("a .py file that does not belong into a version folder, or one that lost its header in a merge")
        }
        "E0303" => {
            found.title = format!("{file} is not Python: {} ({})", error.message, error.code);
            found.evidence.extend(error.location.as_ref().and_then(|place| place.text.clone()));
            found.cause("it was damaged, or has conflict markers of a merge")
        }
        _ => found,
    }
}

fn shorter(mut found: Diagnostic, root: &Path) -> Diagnostic {
    let prefix = format!("{}/", root.display());
    let short = |text: &mut String| *text = text.replace(&prefix, "");
    short(&mut found.message);
    found.notes.iter_mut().chain(&mut found.causes).for_each(short);
    if let Some(place) = &mut found.location {
        place.path = path(&place.path, root);
    }
    found
}

fn shown(header: &RevisionHeader, root: &Path) -> String {
    let summary = header.summary().lines().next().unwrap_or_default();
    let words = if summary.is_empty() { String::new() } else { format!("{summary}  ") };
    format!("{words}({})", path(&header.source, root))
}

fn doubled(headers: &[RevisionHeader], root: &Path) -> Vec<Finding> {
    let mut by_id: BTreeMap<&str, Vec<&RevisionHeader>> = BTreeMap::new();
    for header in headers {
        by_id.entry(&header.id).or_default().push(header);
    }
    let several = by_id.into_iter().filter(|(_, files)| files.len() > 1);
    several
        .map(|(id, files)| {
            Finding::problem(NAME, format!("{} hold the same revision id {id}", count(files.len(), "file")))
                .evidence_all(files.iter().map(|header| shown(header, root)))
                .cause("a script was copied to begin a new one, or was renamed and came back with a merge")
                .note("delete the copy, or give the newer one an id of its own (and its `down_revision`)")
        })
        .collect()
}

fn doubled_labels(headers: &[RevisionHeader], root: &Path) -> Vec<Finding> {
    let ids: HashSet<&str> = headers.iter().map(|header| header.id.as_str()).collect();
    let mut by_label: BTreeMap<&str, Vec<&RevisionHeader>> = BTreeMap::new();
    for header in headers {
        for label in header.branch_labels.iter().map(String::as_str).collect::<BTreeSet<_>>() {
            by_label.entry(label).or_default().push(header);
        }
    }
    let mut findings = Vec::new();
    for (label, users) in by_label {
        let shown = users.iter().map(|header| format!("{}  {}", header.id, shown(header, root)));
        if ids.contains(label) {
            findings.push(
                Finding::problem(NAME, format!("branch label `{label}` is also a revision id"))
                    .evidence_all(shown)
                    .note("rename the label"),
            );
        } else if users.len() > 1 {
            findings.push(
                Finding::problem(NAME, format!("branch label `{label}` is declared by {}", count(users.len(), "revision")))
                    .evidence_all(shown)
                    .cause("a label belongs to the first revision of its branch; those after it have it by descent")
                    .note("take it out of `branch_labels` of all but one"),
            );
        }
    }
    findings
}

fn missing(headers: &[RevisionHeader], root: &Path, known: &Known, program: &str) -> Vec<Finding> {
    let ids: HashSet<&str> = headers.iter().map(|header| header.id.as_str()).collect();
    let labels: HashSet<&str> = headers.iter().flat_map(|header| &header.branch_labels).map(String::as_str).collect();
    let mut wanted: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for header in headers {
        let parents = header.down_revisions.iter().filter(|id| !ids.contains(id.as_str()));
        for id in parents {
            let line = format!("`down_revision` of {}  {}", header.id, shown(header, root));
            wanted.entry(id).or_default().push(line);
        }
        let dependencies = header
            .depends_on
            .iter()
            .filter(|id| !ids.contains(id.as_str()) && !labels.contains(id.as_str()));
        for id in dependencies {
            let line = format!("`depends_on` of {}  {}", header.id, shown(header, root));
            wanted.entry(id).or_default().push(line);
        }
    }
    wanted
        .into_iter()
        .map(|(id, named_by)| {
            let mut found = Finding::problem(NAME, format!("revision {id} is named by {}, and is not here", count(named_by.len(), "script")))
                .evidence_all(named_by)
                .cause("the file was deleted, or never came along: not committed, or left on another branch of the code");
            if let Some(facts) = known.remembered.get(id) {
                let fix = Fix::File {
                    path: facts.path.clone(),
                    text: facts.text.clone(),
                };
                return found
                    .evidence(format!("the database remembers it: {}", facts.facts))
                    .safe_command(format!("{program} doctor --fix --only {NAME}"), fix)
                    .note(format!("that writes {} as it ran; version control may have it too", path(&facts.path, root)));
            }
            let near = like(id, ids.iter().copied());
            if let Some(near) = near {
                found = found.evidence(format!("there is {near}, which looks alike: a typing error?"));
            }
            found.note(format!(
                "bring the file of {id} back from version control (`git log --all --oneline -- '*{id}*'` finds where it was), or name the revision that really comes before"
            ))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(id: &str, downs: &[&str], file: &str) -> RevisionHeader {
        RevisionHeader {
            id: id.into(),
            down_revisions: downs.iter().map(|down| (*down).to_owned()).collect(),
            doc: format!("make {id}"),
            source: format!("/p/versions/{file}"),
            ..RevisionHeader::default()
        }
    }

    fn titles(headers: &[RevisionHeader], known: &Known) -> Vec<String> {
        let answer = look(headers, Path::new("/p"), known, "limbeck");
        answer.findings().iter().map(|finding| finding.title.clone()).collect()
    }

    #[test]
    fn a_history_is_fine() {
        let headers = [header("a", &[], "a.py"), header("b", &["a"], "b.py")];
        let answer = look(&headers, Path::new("/p"), &Known::default(), "limbeck");
        assert_eq!(answer, Answer::Fine("2 revisions, each with its parent".into()));
    }

    #[test]
    fn every_fault_is_told_once() {
        let mut labelled = header("d", &["b"], "d.py");
        labelled.branch_labels = vec!["x".into()];
        let mut other = header("e", &["b"], "e.py");
        other.branch_labels = vec!["x".into()];
        other.depends_on = vec!["nowhere".into()];
        let headers = [
            header("a", &["gone12345678"], "a.py"),
            header("b", &["a"], "b.py"),
            header("b", &["a"], "b_copy.py"),
            labelled,
            other,
            header("f", &["gone12345678"], "f.py"),
        ];
        assert_eq!(
            titles(&headers, &Known::default()),
            [
                "2 files hold the same revision id b",
                "branch label `x` is declared by 2 revisions",
                "revision gone12345678 is named by 2 scripts, and is not here",
                "revision nowhere is named by 1 script, and is not here",
            ]
        );
    }

    #[test]
    fn a_circle_is_found_where_nothing_else_is_wrong() {
        let headers = [header("a", &["b"], "a.py"), header("b", &["a"], "b.py")];
        assert_eq!(titles(&headers, &Known::default()), ["the down revisions go round in a circle (E0205)"]);
    }

    #[test]
    fn a_remembered_parent_and_a_typing_error_are_told() {
        let headers = [
            header("aaaa11112222", &["bbbb33334444"], "a.py"),
            header("cccc55556666", &["aaaa11112223"], "c.py"),
        ];
        let known = Known {
            remembered: [(
                "bbbb33334444".to_owned(),
                Remembered {
                    facts: "applied 2026-01-02 by me@host".into(),
                    path: "/p/versions/b.py".into(),
                    text: "x".into(),
                },
            )]
            .into(),
            ..Known::default()
        };
        let answer = look(&headers, Path::new("/p"), &known, "limbeck");
        let [typo, remembered] = answer.findings() else { panic!("{answer:?}") };
        assert!(
            typo.evidence.iter().any(|line| line.contains("there is aaaa11112222, which looks alike")),
            "{typo:?}"
        );
        assert!(
            matches!(&remembered.fix, Some(Fix::File { path, text }) if path == "/p/versions/b.py" && text == "x"),
            "{remembered:?}"
        );
    }
}
