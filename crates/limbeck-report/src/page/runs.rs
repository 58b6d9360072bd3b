//! What ran: a bar for each run, and a table of the same.

use crate::facts::{Log, Run};
use maud::{Markup, PreEscaped, html};
use std::fmt::Write;

/// So many bars fit beside each other.
const BARS: usize = 80;
const SLOT: usize = 16;
const HEIGHT: usize = 110;
const LEFT: usize = 52;
/// Marks of the axis, in milliseconds.
const TICKS: [(u64, &str); 7] = [
    (10, "10 ms"),
    (100, "100 ms"),
    (1_000, "1 s"),
    (10_000, "10 s"),
    (60_000, "1 min"),
    (600_000, "10 min"),
    (3_600_000, "1 h"),
];

/// The heading, the bars and the table.
pub fn section(log: &Log, many: bool) -> Markup {
    html! {
        section.panel #runs {
            h2 { "Runs" @if let Some(path) = &log.path { " " span.soft { "from " (path) } } }
            @if let Some(problem) = &log.problem { p.bad { (problem) } }
            @if log.runs.is_empty() {
                p.soft {
                    @match (&log.path, &log.problem) {
                        (None, None) => "The health log is switched off.",
                        (_, None) => "Nothing is recorded yet: the first upgrade begins the log.",
                        (_, Some(_)) => "",
                    }
                }
            } @else {
                (bars(&log.runs))
                (table(log, many))
            }
        }
    }
}

/// What a run is to the eye.
fn kind(run: &Run) -> (&'static str, &'static str) {
    match run.outcome.as_deref() {
        Some("ok") => ("ok", "ok"),
        Some("failed") => ("failed", "failed"),
        Some("interrupted") => ("failed", "interrupted"),
        Some(_) => ("failed", "undone"),
        None => ("open", "no end recorded"),
    }
}

fn bars(runs: &[Run]) -> Markup {
    let shown = &runs[runs.len().saturating_sub(BARS)..];
    let longest = shown.iter().filter_map(|run| run.duration_ms).max().unwrap_or(0).max(100);
    let top = TICKS.iter().map(|(ms, _)| *ms).find(|ms| *ms >= longest).unwrap_or(longest);
    let width = LEFT + shown.len().max(20) * SLOT + 8;
    let foot = HEIGHT - 8;
    let mut out = String::new();
    for (ms, label) in TICKS.iter().filter(|(ms, _)| *ms <= top) {
        let y = foot - height(*ms, top);
        let _ = write!(
            out,
            "<path class=\"tick\" d=\"M{LEFT} {y}H{width}\"/><text x=\"{}\" y=\"{}\" text-anchor=\"end\">{label}</text>",
            LEFT - 6,
            y + 4
        );
    }
    for (number, run) in shown.iter().enumerate() {
        let (class, word) = kind(run);
        let tall = height(run.duration_ms.unwrap_or(0), top).max(3);
        let (x, y) = (LEFT + number * SLOT + 3, foot - tall);
        let title = html! { (run.at) ": " (run.command) ", " (word) " " (run.took) }.into_string();
        let _ = write!(
            out,
            "<g><title>{title}</title><rect class=\"{class}\" x=\"{x}\" y=\"{y}\" width=\"10\" height=\"{tall}\" rx=\"2\"/>"
        );
        if class == "failed" {
            let (from, to, above) = (x + 2, x + 8, y.saturating_sub(9));
            let _ = write!(
                out,
                "<path class=\"cross\" d=\"M{from} {above}L{to} {}M{to} {above}L{from} {}\"/>",
                above + 6,
                above + 6
            );
        }
        out.push_str("</g>");
    }
    let bad = shown.iter().filter(|run| kind(run).0 == "failed").count();
    let label = format!(
        "How long the last {} took, on a scale of powers of ten; {bad} did not end well. The table below has the same.",
        plural(shown.len(), "run")
    );
    html! {
        div.bars tabindex="0" {
            svg role="img" aria-label=(label) width=(width) height=(HEIGHT) viewBox=(format!("0 0 {width} {HEIGHT}")) { (PreEscaped(out)) }
        }
    }
}

/// A bar's height: each power of ten is as tall as any other.
#[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss)] // of a drawing
fn height(ms: u64, top: u64) -> usize {
    let room = (HEIGHT - 26) as f64;
    let part = (ms.max(1) as f64 / 3.0).max(1.0).ln() / (top as f64 / 3.0).ln();
    (part.clamp(0.0, 1.0) * room) as usize
}

fn plural(number: usize, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}

fn table(log: &Log, many: bool) -> Markup {
    html! {
        div.scroll tabindex="0" {
            table {
                caption { "Runs, newest first" @if log.older > 0 { "; " (log.older) " older ones are left out" } }
                thead { tr {
                    th scope="col" { "Ended" }
                    th scope="col" { "Who" }
                    @if many { th scope="col" { "Database" } }
                    th scope="col" { "Command" }
                    th scope="col" { "Revisions" }
                    th scope="col" .number { "Took" }
                    th scope="col" { "Outcome" }
                } }
                tbody { @for run in log.runs.iter().rev() { (one(run, many)) } }
            }
        }
    }
}

fn one(run: &Run, many: bool) -> Markup {
    let (class, word) = kind(run);
    let revisions = run.revisions.len();
    html! {
        tr {
            td { time { (run.at) } }
            td { (run.who) }
            @if many { td { (run.database) } }
            td { code { (run.command) } }
            td {
                @if revisions == 0 { span.soft { "none" } }
                @else if revisions == 1 { (name(run, 0)) }
                @else {
                    details {
                        summary { (revisions) " revisions" }
                        ul { @for at in 0..revisions { li { (name(run, at)) } } }
                    }
                }
            }
            td.number { (run.took) }
            td {
                span class=(format!("outcome {class}")) { (word) }
                @if let Some(error) = &run.error { p.note { (error) } }
            }
        }
    }
}

fn name(run: &Run, at: usize) -> Markup {
    let revision = &run.revisions[at];
    html! {
        code { (revision.revision) }
        @if run.revisions.len() > 1 { " " span.soft { (revision.took) } }
        @if revision.bad { " " span.bad { "failed" } }
    }
}
