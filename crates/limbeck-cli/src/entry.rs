//! A revision as `history`, `heads`, `current` and `show` print it: Alembic's log entry, and the JSON form.

use limbeck_revision::{Graph, Index};
use serde::Serialize;
use std::collections::BTreeSet;

/// The marks behind an id.
#[derive(Debug, Clone, Copy, Default)]
pub struct Marks {
    pub labels: bool,
    pub head: bool,
    /// ` (current)` where the revision is one of the database's rows.
    pub points: bool,
    pub doc: bool,
    pub parents: bool,
}

/// The revision as JSON.
#[derive(Debug, Serialize)]
pub struct JsonEntry {
    pub revision: String,
    pub down_revisions: Vec<String>,
    pub depends_on: Vec<String>,
    pub branch_labels: Vec<String>,
    pub message: String,
    pub head: bool,
    pub effective_head: bool,
    pub branch_point: bool,
    pub merge_point: bool,
    pub path: String,
}

/// Returns the JSON form.
pub fn json(graph: &Graph, at: Index) -> JsonEntry {
    let header = graph.header(at);
    JsonEntry {
        revision: header.id.clone(),
        down_revisions: header.down_revisions.clone(),
        depends_on: header.depends_on.clone(),
        branch_labels: graph.labels(at).into_iter().map(str::to_owned).collect(),
        message: header.summary().to_owned(),
        head: graph.is_head(at),
        effective_head: graph.is_effective_head(at),
        branch_point: graph.is_branch_point(at),
        merge_point: graph.is_merge_point(at),
        path: header.source.clone(),
    }
}

/// ` (head)`, ` (effective head)` or nothing: a head that another revision depends on is not one for `upgrade head`.
fn head_mark(graph: &Graph, at: Index) -> &'static str {
    match (graph.is_head(at), graph.is_effective_head(at)) {
        (true, true) => " (head)",
        (true, false) => " (effective head)",
        (false, _) => "",
    }
}

/// Returns one line with the marks asked for; `current` holds the database's rows where they are known.
pub fn line(graph: &Graph, at: Index, marks: Marks, current: Option<&BTreeSet<String>>) -> String {
    let header = graph.header(at);
    let mut text = String::new();
    if marks.parents {
        text.push_str(&header.down_text());
        if !header.depends_on.is_empty() {
            text.push_str(&format!(" ({})", header.depends_on.join(", ")));
        }
        text.push_str(" -> ");
    }
    text.push_str(&header.id);
    if marks.labels {
        let labels = graph.labels(at);
        if !labels.is_empty() {
            text.push_str(&format!(" ({})", labels.join(", ")));
        }
    }
    if marks.head {
        text.push_str(head_mark(graph, at));
    }
    if current.is_some_and(|rows| rows.contains(&header.id)) {
        text.push_str(" (current)");
    }
    if marks.points {
        text.push_str(if graph.is_branch_point(at) { " (branchpoint)" } else { "" });
        text.push_str(if graph.is_merge_point(at) { " (mergepoint)" } else { "" });
    }
    if marks.doc {
        text.push_str(&format!(", {}", header.summary()));
    }
    text
}

/// A line of `current`.
pub fn current_line(graph: &Graph, at: Index) -> String {
    line(
        graph,
        at,
        Marks {
            head: true,
            points: true,
            ..Marks::default()
        },
        None,
    )
}

/// The entry of `-v` and `show`, without a final line end.
pub fn verbose(graph: &Graph, at: Index, current: Option<&BTreeSet<String>>) -> String {
    let header = graph.header(at);
    // Unlike the one-line form, this one does not tell an effective head from a head.
    let mut text = format!("Rev: {}{}", header.id, if graph.is_head(at) { " (head)" } else { "" });
    text.push_str(if graph.is_branch_point(at) { " (branchpoint)" } else { "" });
    text.push_str(if graph.is_merge_point(at) { " (mergepoint)" } else { "" });
    text.push_str(if current.is_some_and(|rows| rows.contains(&header.id)) {
        " (current)"
    } else {
        ""
    });
    text.push('\n');
    let parents = header.down_text();
    text.push_str(&if graph.is_merge_point(at) {
        format!("Merges: {parents}\n")
    } else {
        format!("Parent: {parents}\n")
    });
    if !header.depends_on.is_empty() {
        text.push_str(&format!("Also depends on: {}\n", header.depends_on.join(", ")));
    }
    if graph.is_branch_point(at) {
        let children: Vec<&str> = graph.next(at).iter().map(|child| graph.id(*child)).collect();
        text.push_str(&format!("Branches into: {}\n", children.join(", ")));
    }
    let labels = graph.labels(at);
    if !labels.is_empty() {
        text.push_str(&format!("Branch names: {}\n", labels.join(", ")));
    }
    text.push_str(&format!("Path: {}\n\n", header.source));
    let doc: Vec<String> = header.doc.lines().map(|line| format!("    {line}")).collect();
    text.push_str(&doc.join("\n"));
    text.push('\n');
    text
}
