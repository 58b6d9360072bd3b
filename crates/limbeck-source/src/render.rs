//! Diagnostics as text (full, concise) and as JSON.

use std::fmt::Write;

use crate::{Diagnostic, Location, Severity};

/// How full text is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Style {
    /// Whether ANSI colours are written; the text is complete without them.
    pub color: bool,
}

const RESET: &str = "\u{1b}[0m";
const BOLD: &str = "\u{1b}[1m";
const BLUE: &str = "\u{1b}[1;34m";

impl Style {
    /// Text without colours.
    pub const PLAIN: Style = Style { color: false };

    fn paint(self, code: &str, text: &str) -> String {
        if self.color { format!("{code}{text}{RESET}") } else { text.to_owned() }
    }
}

/// Returns the full text of a diagnostic, ending in a newline.
///
/// ```text
/// error[E0412]: migration 9c11 failed; the database is at 8ab2
///   --> versions/9c11_x.py:14:5
///    |
/// 14 |     op.execute("...")
///    |     ^
///   Caused by: canceling statement due to lock timeout
/// hint: nothing from 9c11 was kept; run `upgrade head` again
/// ```
pub fn render(diagnostic: &Diagnostic, style: Style) -> String {
    let mut out = String::new();
    let (color, word) = match diagnostic.severity {
        Severity::Error => ("\u{1b}[1;31m", "error"),
        Severity::Warning => ("\u{1b}[1;33m", "warning"),
        Severity::Info => ("\u{1b}[1;36m", "info"),
    };
    let head = style.paint(color, &format!("{word}[{}]", diagnostic.code));
    let message = style.paint(BOLD, &format!(": {}", diagnostic.message));
    let _ = writeln!(out, "{head}{message}");
    if let Some(location) = &diagnostic.location {
        write_location(&mut out, location, style);
    }
    match diagnostic.causes.as_slice() {
        [] => {}
        [cause] => {
            let _ = writeln!(out, "  Caused by: {}", indented(cause, "    "));
        }
        causes => {
            out.push_str("  Caused by:\n");
            for (index, cause) in causes.iter().enumerate() {
                let _ = writeln!(out, "    {index}: {}", indented(cause, "       "));
            }
        }
    }
    for note in &diagnostic.notes {
        let _ = writeln!(out, "  = {}", indented(note, "    "));
    }
    if let Some(hint) = &diagnostic.hint {
        let _ = writeln!(out, "{}: {}", style.paint("\u{1b}[1;36m", "hint"), indented(hint, "      "));
    }
    out
}

/// Returns the full text of several diagnostics, separated by empty lines.
pub fn render_all(diagnostics: &[Diagnostic], style: Style) -> String {
    let texts: Vec<String> = diagnostics.iter().map(|found| render(found, style)).collect();
    texts.join("\n")
}

/// Returns one line: `path:line:column: error[E0412] message`.
pub fn render_concise(diagnostic: &Diagnostic) -> String {
    let Diagnostic {
        code,
        severity,
        message,
        location,
        ..
    } = diagnostic;
    let message = message.replace('\n', " ");
    match location {
        Some(location) => format!("{location}: {severity}[{code}] {message}\n"),
        None => format!("{severity}[{code}] {message}\n"),
    }
}

/// Returns the diagnostic as one JSON object on one line.
pub fn render_json(diagnostic: &Diagnostic) -> String {
    let text = serde_json::to_string(diagnostic).expect("a diagnostic holds only strings and numbers");
    text + "\n"
}

fn write_location(out: &mut String, location: &Location, style: Style) {
    let number = if location.line > 0 { location.line.to_string() } else { String::new() };
    let gutter = number.len().max(1);
    let blank = " ".repeat(gutter);
    let _ = writeln!(out, "{blank}{} {location}", style.paint(BLUE, "-->"));
    let Some(text) = location.text.as_deref().filter(|_| location.line > 0) else {
        return;
    };
    let bar = style.paint(BLUE, "|");
    let _ = writeln!(out, "{blank} {bar}");
    let _ = writeln!(out, "{} {bar} {}", style.paint(BLUE, &number), text.trim_end());
    if location.column > 0 {
        // Tabs are kept, so that the mark stands under its text whatever a tab's width is.
        let before: String = text
            .chars()
            .take(location.column as usize - 1)
            .map(|c| if c == '\t' { '\t' } else { ' ' })
            .collect();
        let width = location.end_column.map_or(1, |end| end.saturating_sub(location.column).max(1));
        let mark = style.paint(BLUE, &"^".repeat(width as usize));
        let _ = writeln!(out, "{blank} {bar} {before}{mark}");
    }
}

fn indented(text: &str, indent: &str) -> String {
    text.trim_end().replace('\n', &format!("\n{indent}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{SourceFile, Span};

    fn sample() -> Diagnostic {
        let text = format!("{}    op.execute(\"DROP TABLE t\")\n", "\n".repeat(13));
        let file = SourceFile::new("versions/9c11_x.py", text);
        Diagnostic::error("E0412", "migration 9c11 failed; the database is at 8ab2")
            .at(file.location(Span::new(17, 27)))
            .cause("canceling statement due to lock timeout")
            .hint("nothing from 9c11 was kept\nrun `upgrade head` again")
    }

    #[test]
    fn full_text_shows_place_cause_and_hint() {
        let expected = r#"
error[E0412]: migration 9c11 failed; the database is at 8ab2
  --> versions/9c11_x.py:14:5
   |
14 |     op.execute("DROP TABLE t")
   |     ^^^^^^^^^^
  Caused by: canceling statement due to lock timeout
hint: nothing from 9c11 was kept
      run `upgrade head` again
"#;
        assert_eq!(render(&sample(), Style::PLAIN), expected.trim_start());
    }

    #[test]
    fn several_causes_are_numbered_and_notes_follow() {
        let found = Diagnostic::warning("E0001", "odd").cause("a").cause("b\nc").note("n\nm");
        let expected = "warning[E0001]: odd\n  Caused by:\n    0: a\n    1: b\n       c\n  = n\n    m\n";
        assert_eq!(render(&found, Style::PLAIN), expected);
    }

    #[test]
    fn color_adds_nothing_but_escapes() {
        let colored = render(&sample(), Style { color: true });
        let mut plain = String::new();
        let mut rest = colored.as_str();
        while let Some(at) = rest.find('\u{1b}') {
            plain.push_str(&rest[..at]);
            rest = &rest[at + rest[at..].find('m').expect("an escape ends in m") + 1..];
        }
        plain.push_str(rest);
        assert_eq!(plain, render(&sample(), Style::PLAIN));
    }

    #[test]
    fn concise_and_json_are_one_line() {
        assert_eq!(
            render_concise(&sample()),
            "versions/9c11_x.py:14:5: error[E0412] migration 9c11 failed; the database is at 8ab2\n"
        );
        let json = render_json(&sample());
        assert_eq!(json.matches('\n').count(), 1);
        let value: serde_json::Value = serde_json::from_str(&json).expect("it is JSON");
        assert_eq!(value["location"]["end_column"], 15);
        assert_eq!(value["severity"], "error");
    }
}
