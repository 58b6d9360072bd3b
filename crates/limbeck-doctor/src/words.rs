//! Small helpers for sentences.

use limbeck_revision::{Graph, Index};

/// `1 head`, `2 heads`.
pub(crate) fn count(number: usize, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}

/// `1a2b  add users  (versions/1a2b_add_users.py)`; paths below `root` are shown from there.
pub(crate) fn revision(graph: &Graph, at: Index, root: &std::path::Path) -> String {
    let header = graph.header(at);
    let summary = header.summary().lines().next().unwrap_or_default();
    let mut line = header.id.clone();
    if !summary.is_empty() {
        line.push_str(&format!("  {summary}"));
    }
    if !header.source.is_empty() {
        line.push_str(&format!("  ({})", path(&header.source, root)));
    }
    line
}

/// A path for people: from `root` where it is below it.
pub(crate) fn path(path: &str, root: &std::path::Path) -> String {
    let path = std::path::Path::new(path);
    path.strip_prefix(root).unwrap_or(path).display().to_string()
}

/// The first `limit` lines, and how many more there are.
pub(crate) fn some(mut lines: Vec<String>, limit: usize) -> Vec<String> {
    let more = lines.len().saturating_sub(limit);
    if more > 0 {
        lines.truncate(limit);
        lines.push(format!("… and {more} more"));
    }
    lines
}
