//! A statement as a message shows it: with a mark below the place that the server pointed at, and not longer than a screen takes.

/// How many characters of a line are shown.
const WIDTH: usize = 160;
/// How many lines are shown.
const LINES: usize = 24;

/// Returns the statement, its long lines and its many lines cut, with a caret below character `position` (from 1).
///
/// Positions are those of the text as it was sent; one beyond it marks nothing.
pub fn excerpt(statement: &str, position: Option<usize>) -> String {
    let lead = statement.chars().take_while(|c| c.is_whitespace()).count();
    let text = statement.trim();
    let mut left = position.and_then(|at| at.checked_sub(lead + 1)).filter(|at| *at <= text.chars().count());
    let mut lines: Vec<(String, Option<String>)> = Vec::new();
    let mut marked = 0;
    for line in text.split('\n') {
        let length = line.chars().count();
        let column = left.filter(|at| *at <= length);
        if column.is_some() {
            marked = lines.len();
        }
        left = if column.is_some() { None } else { left.map(|at| at - length - 1) };
        lines.push(one(line.trim_end_matches('\r'), column));
    }
    // The lines around the mark, or the first ones.
    let from = if lines.len() <= LINES {
        0
    } else {
        marked.saturating_sub(LINES / 2).min(lines.len() - LINES)
    };
    let to = lines.len().min(from + LINES);
    let mut out = Vec::new();
    if from > 0 {
        out.push(format!("… ({from} lines)"));
    }
    for (line, mark) in &lines[from..to] {
        out.push(line.clone());
        out.extend(mark.clone());
    }
    if to < lines.len() {
        out.push(format!("… ({} lines)", lines.len() - to));
    }
    out.join("\n")
}

/// A line cut to the width, and the line with its mark.
fn one(line: &str, column: Option<usize>) -> (String, Option<String>) {
    let chars: Vec<char> = line.chars().collect();
    let from = match column {
        Some(column) if chars.len() > WIDTH => column.saturating_sub(WIDTH / 2).min(chars.len() - WIDTH),
        _ => 0,
    };
    let to = chars.len().min(from + WIDTH);
    let head = if from > 0 { "… " } else { "" };
    let shown: String = chars[from..to].iter().collect();
    let tail = if to < chars.len() {
        format!(" … ({} characters more)", chars.len() - to)
    } else {
        String::new()
    };
    let mark = column.map(|column| {
        let below = head
            .chars()
            .chain(chars[from..column].iter().copied())
            .map(|c| if c == '\t' { '\t' } else { ' ' });
        below.chain(['^']).collect()
    });
    (format!("{head}{shown}{tail}"), mark)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mark_stands_below_the_place() {
        assert_eq!(excerpt("SELECT foo FROM t", Some(8)), "SELECT foo FROM t\n       ^");
        assert_eq!(
            excerpt("SELECT a\n\tFROM ü, t\nWHERE b", Some(18)),
            "SELECT a\n\tFROM ü, t\n\t       ^\nWHERE b"
        );
        assert_eq!(excerpt("\n  SELECT foo\n", Some(11)), "SELECT foo\n       ^");
        assert_eq!(excerpt("SELECT", Some(7)), "SELECT\n      ^");
    }

    #[test]
    fn a_place_outside_of_the_text_marks_nothing() {
        assert_eq!(excerpt("  SELECT 1", Some(2)), "SELECT 1");
        assert_eq!(excerpt("SELECT 1", Some(80)), "SELECT 1");
        assert_eq!(excerpt("SELECT 1", None), "SELECT 1");
        assert_eq!(excerpt("", Some(0)), "");
    }

    #[test]
    fn long_lines_are_cut_around_the_place() {
        let long = format!("INSERT INTO t VALUES {}", "(1), ".repeat(1000));
        assert_eq!(excerpt(&long, None).chars().count(), WIDTH + " … (4860 characters more)".chars().count());
        let shown = excerpt(&long.replace("(1), (1), ", "(1), (x), "), Some(2038));
        let (line, mark) = shown.split_once('\n').expect("a mark");
        assert!(line.starts_with("… ") && line.ends_with("characters more)"), "{line}");
        assert_eq!(line.chars().nth(mark.chars().count() - 1), Some('x'), "{shown}");
    }

    #[test]
    fn many_lines_are_cut_around_the_place() {
        let text: String = (0..100).map(|at| format!("line {at:02}\n")).collect();
        let shown = excerpt(&text, Some(8 * 50 + 1));
        assert!(
            shown.starts_with("… (38 lines)\nline 38\n") && shown.ends_with("line 61\n… (38 lines)"),
            "{shown}"
        );
        assert!(shown.contains("line 50\n^\n"), "{shown}");
        assert!(excerpt(&text, None).starts_with("line 00\n"));
    }
}
