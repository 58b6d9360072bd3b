//! Small helpers for sentences.

use limbeck_revision::{Graph, Index};
pub(crate) use limbeck_source::words::{count, number, size, span};

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

/// The name that is nearest to one that is not there, where one differs by at most two letters.
pub(crate) fn like<'a>(name: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    names
        .filter(|other| other.len().abs_diff(name.len()) <= 2 && name.len() > 4)
        .map(|other| (strsim::levenshtein(name, other), other))
        .filter(|(distance, _)| *distance <= 2)
        .min()
        .map(|(_, other)| other)
}

#[cfg(test)]
mod tests {
    use super::like;

    #[test]
    fn names_that_differ_by_a_letter_or_two_are_alike() {
        assert_eq!(like("9c11aa22bb33", ["9c11aa22bb34", "0000aa22bb33"].into_iter()), Some("9c11aa22bb34"));
        assert_eq!(like("9c11aa22bb33", ["9c11aa22bbc"].into_iter()), Some("9c11aa22bbc"));
        assert_eq!(like("9c11aa22bb33", ["9c11aa22b000"].into_iter()), None);
        assert_eq!(like("ab", ["ac"].into_iter()), None);
    }
}
