//! The report for people: a line for what is fine, a block for what is not.

use crate::args::DoctorArgs;
use crate::context::Context;
use crate::progress::{count, seconds};
use limbeck_doctor::{Answer, Finding, Outcome, Report, Severity};
use std::io::IsTerminal;
use std::time::Duration;

/// Where the words of a check begin.
const COLUMN: usize = 28;
/// Where the words of a block begin.
const INDENT: usize = 14;
/// Lines are not made narrower than this.
const NARROWEST: usize = 60;

/// So many checks in a row that say the same are told in one line.
const ALIKE: usize = 3;
/// More checks than that are counted where they could not look for one reason.
const MANY: usize = 15;

const GREEN: &str = "32";
const YELLOW: &str = "33";
const RED: &str = "31";
const FAINT: &str = "2";
const BOLD: &str = "1";

/// How to write.
struct Pen {
    color: bool,
    /// Where lines are folded, on a terminal.
    width: Option<usize>,
}

impl Pen {
    fn new(context: &Context) -> Self {
        let terminal = std::io::stdout().is_terminal();
        let refused =
            context.environment.get("NO_COLOR").is_some_and(|value| !value.is_empty()) || context.environment.get("TERM").is_some_and(|term| term == "dumb");
        let width = terminal_size::terminal_size_of(std::io::stdout()).map(|(width, _)| usize::from(width.0).max(NARROWEST));
        Pen {
            color: terminal && !refused,
            width: width.filter(|_| terminal),
        }
    }

    fn paint(&self, color: &str, text: &str) -> String {
        if self.color {
            format!("\u{1b}[{color}m{text}\u{1b}[0m")
        } else {
            text.to_owned()
        }
    }

    /// Folds a text at spaces; lines after the first begin at `indent`.
    fn fold(&self, text: &str, indent: usize) -> String {
        let Some(width) = self.width else { return text.to_owned() };
        let room = width.saturating_sub(indent + 1).max(20);
        let mut lines: Vec<String> = Vec::new();
        for word in text.split(' ') {
            match lines.last_mut() {
                Some(line) if line.chars().count() + 1 + word.chars().count() <= room => {
                    line.push(' ');
                    line.push_str(word);
                }
                _ => lines.push(word.to_owned()),
            }
        }
        lines.join(&format!("\n{:indent$}", ""))
    }
}

/// The report as text.
pub fn of(context: &Context, report: &Report) -> String {
    let pen = Pen::new(context);
    let mut out = String::new();
    let mut unseen: Vec<(&str, &str, Vec<&str>)> = Vec::new();
    let databases = databases(report);
    let mut shown: Option<&str> = None;
    let mut passed = 0;
    for (at, outcome) in report.checks.iter().enumerate() {
        if at < passed {
            continue;
        }
        if databases > 1 && outcome.database.as_deref() != shown {
            close(&pen, &mut out, &mut unseen);
            shown = outcome.database.as_deref();
            if let Some(label) = shown {
                out.push_str(&format!("\n{}\n", pen.paint(BOLD, label)));
            }
        }
        match &outcome.answer {
            Answer::Fine(line) => {
                let same = alike(&report.checks[at..]);
                let title = if same < ALIKE {
                    outcome.check.title.to_owned()
                } else {
                    together(&report.checks[at..at + same])
                };
                passed = if same < ALIKE { at + 1 } else { at + same };
                out.push_str(&line_of(&pen, &pen.paint(GREEN, "ok"), &title, line));
            }
            Answer::Findings(findings) => {
                for finding in findings {
                    out.push_str(&block(&pen, outcome, finding, context.style.program()));
                }
            }
            Answer::Unknown(why) => unseen_add(&mut unseen, "??", why, outcome.check.title),
            Answer::Skipped(why) => unseen_add(&mut unseen, "--", why, outcome.check.title),
        }
    }
    close(&pen, &mut out, &mut unseen);
    out
}

/// How many checks of one kind in a row say the same of the same database.
fn alike(checks: &[Outcome]) -> usize {
    let first = &checks[0];
    checks
        .iter()
        .take_while(|other| other.answer == first.answer && other.database == first.database && kind(other) == kind(first))
        .count()
}

/// `pending (10 checks)`.
fn together(checks: &[Outcome]) -> String {
    format!("{} ({})", kind(&checks[0]), count(checks.len(), "check"))
}

/// The first word of a check's title: `pending` of `pending drops`.
fn kind(outcome: &Outcome) -> &str {
    outcome.check.title.split(' ').next().unwrap_or_default()
}

fn databases(report: &Report) -> usize {
    let mut labels: Vec<&str> = report.checks.iter().filter_map(|outcome| outcome.database.as_deref()).collect();
    labels.sort_unstable();
    labels.dedup();
    labels.len()
}

fn unseen_add<'r>(unseen: &mut Vec<(&'static str, &'r str, Vec<&'r str>)>, mark: &'static str, why: &'r str, title: &'r str) {
    match unseen.iter_mut().find(|(known, reason, _)| *known == mark && *reason == why) {
        Some((_, _, titles)) => titles.push(title),
        None => unseen.push((mark, why, vec![title])),
    }
}

/// What was not looked at, together for each reason.
fn close(pen: &Pen, out: &mut String, unseen: &mut Vec<(&str, &str, Vec<&str>)>) {
    unseen.sort_by_key(|(mark, _, _)| *mark != "??");
    for (mark, why, titles) in unseen.drain(..) {
        let color = if mark == "??" { YELLOW } else { FAINT };
        let names = if titles.len() > MANY {
            format!("{} others", titles.len())
        } else {
            titles.join(", ")
        };
        let text = pen.fold(&format!("{names}: {why}"), 4);
        out.push_str(&format!(
            "{}  {}\n",
            pen.paint(color, mark),
            if mark == "--" { pen.paint(FAINT, &text) } else { text }
        ));
    }
}

fn line_of(pen: &Pen, mark: &str, title: &str, line: &str) -> String {
    let width = COLUMN - 4;
    format!("{mark}  {title:<width$}{}\n", pen.fold(line, COLUMN))
}

fn block(pen: &Pen, outcome: &Outcome, finding: &Finding, program: &str) -> String {
    let (mark, color) = match finding.severity {
        Severity::Problem => ("!!", RED),
        Severity::Warning => ("! ", YELLOW),
    };
    let title = pen.fold(&finding.title, COLUMN);
    let width = COLUMN - 4;
    let mut out = format!("{}  {:<width$}{}\n", pen.paint(color, mark), outcome.check.title, pen.paint(BOLD, &title));
    for line in &finding.evidence {
        out.push_str(&format!("{:6}{}\n", "", pen.fold(line, 8)));
    }
    let mut fact = |word: &str, text: &str| {
        let word = format!("{word:<8}");
        out.push_str(&format!("{:6}{}{}\n", "", pen.paint(FAINT, &word), pen.fold(text, INDENT)));
    };
    if !finding.cause.is_empty() {
        fact("cause", &finding.cause);
    }
    if let Some(remedy) = &finding.remedy {
        let safe = if remedy.safe && !remedy.command.contains("--fix") {
            "   (`--fix` does it)"
        } else {
            ""
        };
        fact("mend", &format!("{}{safe}", remedy.command));
    }
    for (number, note) in finding.notes.iter().enumerate() {
        fact(if number == 0 { "note" } else { "" }, note);
    }
    fact("more", &format!("{program} explain {}", finding.check));
    out
}

/// The last line: what it comes to.
pub fn closing(report: &Report, elapsed: Duration, args: &DoctorArgs, program: &str) -> String {
    let problems = report.count(Severity::Problem);
    let warnings = report.count(Severity::Warning);
    let looked = report
        .checks
        .iter()
        .filter(|outcome| matches!(outcome.answer, Answer::Fine(_) | Answer::Findings(_)))
        .count();
    let mut text = match (problems, warnings) {
        (0, 0) => format!("Nothing wrong: {} in {}.", count(looked, "check"), seconds(elapsed)),
        (0, warnings) => format!(
            "{}, no problem; {} in {}.",
            count(warnings, "warning"),
            count(looked, "check"),
            seconds(elapsed)
        ),
        (problems, 0) => format!("{}; {} in {}.", count(problems, "problem"), count(looked, "check"), seconds(elapsed)),
        (problems, warnings) => format!(
            "{}, {}; {} in {}.",
            count(problems, "problem"),
            count(warnings, "warning"),
            count(looked, "check"),
            seconds(elapsed)
        ),
    };
    if report.unknown() > 0 {
        text.push_str(&format!(" {} could not look.", count(report.unknown(), "check")));
    }
    let safe = report.fixes().len();
    if safe > 0 && !args.fix {
        text.push_str(&format!(" `{program} doctor --fix` mends {safe} of them, after showing how."));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_fold_at_spaces() {
        let pen = Pen { color: false, width: Some(60) };
        let folded = pen.fold("one two three four five six seven eight nine ten eleven", 28);
        assert_eq!(folded, "one two three four five six\n                            seven eight nine ten eleven");
    }
}
