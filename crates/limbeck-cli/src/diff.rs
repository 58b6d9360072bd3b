//! What changed between two texts, in the unified form of `diff -u`.

/// Lines of context around a change.
const CONTEXT: usize = 3;
/// Texts that differ in more lines than this, multiplied, are not compared line by line: all of the middle is replaced.
const LARGEST: usize = 4_000_000;

/// A line of both texts, of the first, or of the second.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Line<'a> {
    Both(&'a str),
    Old(&'a str),
    New(&'a str),
}

/// Returns the changes from `old` to `new`, or nothing where the lines are the same.
pub fn unified(old: (&str, &str), new: (&str, &str)) -> String {
    let lines = compare(&old.1.lines().collect::<Vec<_>>(), &new.1.lines().collect::<Vec<_>>());
    let mut out = String::new();
    for (start, end) in hunks(&lines) {
        if out.is_empty() {
            out = format!("--- {}\n+++ {}\n", old.0, new.0);
        }
        let count = |lines: &[Line<'_>]| {
            let old = lines.iter().filter(|line| !matches!(line, Line::New(_))).count();
            (old, lines.len() - old + lines.iter().filter(|line| matches!(line, Line::Both(_))).count())
        };
        let (before, inside) = (count(&lines[..start]), count(&lines[start..end]));
        let range = |before: usize, inside: usize| format!("{},{inside}", if inside == 0 { before } else { before + 1 });
        out.push_str(&format!("@@ -{} +{} @@\n", range(before.0, inside.0), range(before.1, inside.1)));
        for line in &lines[start..end] {
            let (mark, text) = match line {
                Line::Both(text) => (' ', text),
                Line::Old(text) => ('-', text),
                Line::New(text) => ('+', text),
            };
            out.push_str(&format!("{mark}{text}\n"));
        }
    }
    out
}

/// Where the changes are, with their context; overlapping ones are one.
fn hunks(lines: &[Line<'_>]) -> Vec<(usize, usize)> {
    let mut hunks: Vec<(usize, usize)> = Vec::new();
    let changed = lines.iter().enumerate().filter(|(_, line)| !matches!(line, Line::Both(_)));
    for (at, _) in changed {
        let (start, end) = (at.saturating_sub(CONTEXT), (at + CONTEXT + 1).min(lines.len()));
        match hunks.last_mut() {
            Some(last) if start <= last.1 => last.1 = end,
            _ => hunks.push((start, end)),
        }
    }
    hunks
}

fn compare<'a>(old: &[&'a str], new: &[&'a str]) -> Vec<Line<'a>> {
    let head = old.iter().zip(new).take_while(|(old, new)| old == new).count();
    let tail = old[head..]
        .iter()
        .rev()
        .zip(new[head..].iter().rev())
        .take_while(|(old, new)| old == new)
        .count();
    let (middle_old, middle_new) = (&old[head..old.len() - tail], &new[head..new.len() - tail]);
    let mut lines: Vec<Line<'a>> = old[..head].iter().map(|line| Line::Both(line)).collect();
    if middle_old.len().saturating_mul(middle_new.len()) > LARGEST {
        lines.extend(middle_old.iter().map(|line| Line::Old(line)));
        lines.extend(middle_new.iter().map(|line| Line::New(line)));
    } else {
        longest_common(middle_old, middle_new, &mut lines);
    }
    lines.extend(old[old.len() - tail..].iter().map(|line| Line::Both(line)));
    lines
}

/// The textbook's table: `common[i][j]` is how many lines the rests from `i` and `j` share.
fn longest_common<'a>(old: &[&'a str], new: &[&'a str], lines: &mut Vec<Line<'a>>) {
    let width = new.len() + 1;
    let mut common = vec![0_u32; (old.len() + 1) * width];
    for i in (0..old.len()).rev() {
        for j in (0..new.len()).rev() {
            common[i * width + j] = if old[i] == new[j] {
                common[(i + 1) * width + j + 1] + 1
            } else {
                common[(i + 1) * width + j].max(common[i * width + j + 1])
            };
        }
    }
    let (mut i, mut j) = (0, 0);
    while i < old.len() || j < new.len() {
        if i < old.len() && j < new.len() && old[i] == new[j] {
            lines.push(Line::Both(old[i]));
            (i, j) = (i + 1, j + 1);
        } else if j == new.len() || (i < old.len() && common[(i + 1) * width + j] >= common[i * width + j + 1]) {
            lines.push(Line::Old(old[i]));
            i += 1;
        } else {
            lines.push(Line::New(new[j]));
            j += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn diff(old: &str, new: &str) -> String {
        unified(("a", old), ("b", new))
    }

    #[test]
    fn it_reads_as_diff_writes() {
        let old: String = (1..=20).map(|number| format!("line {number}\n")).collect();
        let new = old
            .replace("line 5\n", "line five\n")
            .replace("line 18\n", "")
            .replace("line 20\n", "line 20\nline 21\n");
        // What GNU diff -u prints.
        let expected = "--- a\n+++ b\n@@ -2,7 +2,7 @@\n line 2\n line 3\n line 4\n-line 5\n+line five\n line 6\n line 7\n line 8\n\
             @@ -15,6 +15,6 @@\n line 15\n line 16\n line 17\n-line 18\n line 19\n line 20\n+line 21\n";
        assert_eq!(diff(&old, &new), expected);
    }

    #[test]
    fn the_edges() {
        assert_eq!(diff("a\n", "a\n"), "");
        assert_eq!(diff("", "a\n"), "--- a\n+++ b\n@@ -0,0 +1,1 @@\n+a\n");
        assert_eq!(diff("a\n", ""), "--- a\n+++ b\n@@ -1,1 +0,0 @@\n-a\n");
        assert_eq!(diff("x\na\nb\n", "a\nb\nx\n"), "--- a\n+++ b\n@@ -1,3 +1,3 @@\n-x\n a\n b\n+x\n");
    }

    #[test]
    fn huge_changes_are_not_compared_line_by_line() {
        let old = "a\n".repeat(3_000);
        let new = "b\n".repeat(3_000);
        assert_eq!(diff(&old, &new).lines().count(), 6_003);
    }
}
