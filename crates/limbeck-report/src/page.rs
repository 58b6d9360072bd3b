//! The report as one HTML page. It needs nothing else: no network, no fonts, no script; its own policy forbids them.
//!
//! What others wrote (messages, paths, SQL, errors) goes through maud, which escapes it.

mod graph;
mod runs;
mod sql;
mod verdict;

use crate::facts::{Database, Drift, Facts, Problem};
use crate::graph::Layout;
use limbeck_revision::Graph;
use maud::{DOCTYPE, Markup, PreEscaped, html};

const STYLE: &str = include_str!("page/style.css");
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/// Returns the page; `layout` is that of the whole graph.
pub fn page(facts: &Facts, graph: &Graph, layout: &Layout) -> String {
    let name = facts.project.rsplit(['/', '\\']).find(|part| !part.is_empty()).unwrap_or("project");
    let many = facts.databases.len() > 1;
    let markup = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta http-equiv="Content-Security-Policy" content=(POLICY);
                meta name="color-scheme" content="light dark";
                meta name="generator" content=(facts.made_by);
                title { "Migrations of " (name) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                header {
                    div {
                        p.eyebrow { "Migration report" }
                        h1 { (name) }
                    }
                    p.made { (facts.project) br; "Made " time { (facts.made_at) } " by " (facts.made_by) }
                }
                main {
                    @for (number, database) in facts.databases.iter().enumerate() {
                        (one_database(facts, database, graph, layout, &format!("d{number}"), many))
                    }
                    (runs::section(&facts.log, many))
                }
                footer { p { "This page is a picture of one moment. It loads nothing and can be kept, sent and printed." } }
            }
        }
    };
    markup.into_string()
}

fn one_database(facts: &Facts, database: &Database, graph: &Graph, layout: &Layout, prefix: &str, many: bool) -> Markup {
    let marks = verdict::Marks::new(database);
    html! {
        article.database aria-labelledby=(format!("{prefix}-verdict")) {
            (verdict::section(database, graph, prefix))
            nav aria-label="On this page" {
                @if !database.problems.is_empty() { a href=(format!("#{prefix}-problems")) { "Findings" } }
                a href=(format!("#{prefix}-graph")) { "Revisions" }
                a href=(format!("#{prefix}-sql")) { "Pending SQL" }
                a href=(format!("#{prefix}-drift")) { "Drift" }
                a href="#runs" { "Runs" }
            }
            @if !database.problems.is_empty() {
                section class=(if database.problems.iter().all(|problem| problem.warning) { "panel problems mild" } else { "panel problems" }) id=(format!("{prefix}-problems")) {
                    h2 { "Findings" }
                    ul { @for problem in &database.problems { (one_problem(problem, &facts.program)) } }
                }
            }
            section.panel id=(format!("{prefix}-graph")) {
                (graph::section(graph, layout, &marks, prefix, &facts.project))
            }
            section.panel id=(format!("{prefix}-sql")) {
                (sql::section(&database.sql, graph, &facts.program, marks.knows_pending()))
            }
            section.panel id=(format!("{prefix}-drift")) {
                (drift(&database.drift, &facts.program))
            }
        }
        @if many { hr; }
    }
}

fn one_problem(problem: &Problem, program: &str) -> Markup {
    html! {
        li {
            h3 {
                span class=(if problem.warning { "tag waits" } else { "tag wrong" }) { (if problem.warning { "warning" } else { "problem" }) }
                " " (first_capital(&problem.title))
            }
            @if !problem.evidence.is_empty() { div.evidence { @for line in &problem.evidence { p { (line) } } } }
            @if !problem.cause.is_empty() { p { (prose(&first_capital(&problem.cause))) "." } }
            @if let Some(command) = &problem.command { p.command { code { (command) } } }
            @for note in &problem.notes { p.soft { (prose(&first_capital(note))) } }
            @if let Some(text) = &problem.difference {
                details { summary { "Show the difference" } (difference(text, false)) }
            }
            @if !problem.check.is_empty() { p.soft { code { (program) " explain " (problem.check) } " tells more." } }
        }
    }
}

fn first_capital(text: &str) -> String {
    let mut characters = text.chars();
    characters
        .next()
        .map_or_else(String::new, |first| first.to_uppercase().chain(characters).collect())
}

fn drift(drift: &Drift, program: &str) -> Markup {
    html! {
        h2 { "Drift" }
        @match drift {
            Drift::NotLooked => p.soft {
                "Nobody looked. " code { (program) " report --drift" } " compares the database with its own history, replayed on a scratch database."
            },
            Drift::None => p.fine { "None: the database has the schema that its history makes." },
            Drift::Found { objects, text } => {
                p.bad {
                    (objects) @if *objects == 1 { " object is" } @else { " objects are" }
                    " not as the history makes it. " span.soft { "+ is what the database has, − what the history gives." }
                }
                (difference(text, true))
            },
            Drift::Failed { why } => p.bad { "It could not be compared: " (why) },
        }
    }
}

/// A text of lines that begin with `+` or `-` where something differs, or, with `indented`, have blanks before that.
fn difference(text: &str, indented: bool) -> Markup {
    html! {
        pre.diff tabindex="0" {
            @for line in text.lines() {
                @let mark = if indented { line.trim_start() } else { line };
                @if mark.starts_with('+') { ins { (line) } } @else if mark.starts_with('-') { del { (line) } } @else { (line) }
                "\n"
            }
        }
    }
}

/// A sentence with code between backticks.
fn prose(text: &str) -> Markup {
    let mut parts = text.split('`').peekable();
    let mut out = Vec::new();
    let mut inside = false;
    while let Some(part) = parts.next() {
        // A backtick without its fellow is none of ours.
        let closed = parts.peek().is_some();
        out.push(match (inside, closed) {
            (true, true) => html! { code { (part) } },
            (true, false) => html! { "`" (part) },
            (false, _) => html! { (part) },
        });
        inside = !inside;
    }
    html! { @for part in out { (part) } }
}
