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

/// `8.0 KiB`, `1.2 GiB`.
pub(crate) fn size(bytes: i64) -> String {
    #[allow(clippy::cast_precision_loss)] // for people
    let mut number = bytes as f64;
    let mut unit = "bytes";
    for next in ["KiB", "MiB", "GiB", "TiB"] {
        if number < 1024.0 {
            break;
        }
        number /= 1024.0;
        unit = next;
    }
    if unit == "bytes" {
        format!("{bytes} bytes")
    } else {
        format!("{number:.1} {unit}")
    }
}

/// `1,234,567`.
pub(crate) fn number(number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    if number < 0 { format!("-{out}") } else { out }
}

/// `45 s`, `1 min`, `12 min 34 s`, `3 h 5 min`.
pub(crate) fn span(span: std::time::Duration) -> String {
    let seconds = span.as_secs();
    let (hours, minutes, rest) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    match (hours, minutes, rest) {
        (0, 0, rest) => format!("{rest} s"),
        (0, minutes, 0) => format!("{minutes} min"),
        (0, minutes, rest) => format!("{minutes} min {rest} s"),
        (hours, 0, _) => format!("{hours} h"),
        (hours, minutes, _) => format!("{hours} h {minutes} min"),
    }
}

/// The name that is nearest to one that is not there, where one differs by at most two letters.
pub(crate) fn like<'a>(name: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    names
        .filter(|other| other.len().abs_diff(name.len()) <= 2 && name.len() > 4)
        .map(|other| (distance(name, other), other))
        .filter(|(distance, _)| *distance <= 2)
        .min()
        .map(|(_, other)| other)
}

/// How many letters have to be changed, added or taken away.
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (line, letter) in one.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = line + 1;
        for (column, theirs) in other.iter().enumerate() {
            let changed = diagonal + usize::from(letter != *theirs);
            diagonal = row[column + 1];
            row[column + 1] = changed.min(row[column] + 1).min(diagonal + 1);
        }
    }
    row[other.len()]
}

#[cfg(test)]
mod tests {
    use super::{distance, like};

    #[test]
    fn distances() {
        for (one, other, expected) in [
            ("abc", "abc", 0),
            ("abc", "abd", 1),
            ("abc", "ab", 1),
            ("abc", "xabc", 1),
            ("", "abc", 3),
            ("abcd", "badc", 3),
        ] {
            assert_eq!(distance(one, other), expected, "{one} {other}");
        }
        assert_eq!(like("9c11aa22bb33", ["9c11aa22bb34", "0000aa22bb33"].into_iter()), Some("9c11aa22bb34"));
        assert_eq!(like("ab", ["ac"].into_iter()), None);
    }
}
