//! What an upgrade would run, with the statements that deserve a look.

use crate::facts::{PendingSql, Step};
use crate::risk::{Risks, Statement};
use limbeck_revision::Graph;
use limbeck_sql::Flavour;
use maud::{Markup, html};

/// So many revisions are open; more would be a wall.
const OPEN: usize = 6;
/// A longer statement is cut: it is data.
const LONG: usize = 6_000;

/// The heading and a block for each revision.
pub fn section(pending: &PendingSql, graph: &Graph, program: &str, known: bool) -> Markup {
    let flavour = match pending.dialect.as_str() {
        "sqlite" => Flavour::Sqlite,
        "mysql" => Flavour::Mysql,
        _ => Flavour::Postgresql,
    };
    let mut risks = Risks::new(flavour);
    let steps: Vec<(&Step, Vec<Statement>)> = pending.steps.iter().map(|step| (step, risks.look(&step.sql))).collect();
    let risky: usize = steps.iter().map(|(_, statements)| count(statements)).sum();
    html! {
        h2 { "Pending SQL" }
        @if let Some(problem) = &pending.problem { p.note { (super::prose(problem)) } }
        @if steps.is_empty() {
            @if pending.problem.is_none() {
                p.soft { @if known { "Nothing is pending." } @else { "Nobody knows what is pending." } }
            }
        } @else {
            p {
                "As " code { (program) " upgrade heads --sql" } " prints it. "
                @match risky {
                    0 => span.soft { "No statement matches a rule for risky ones." },
                    1 => strong.bad { "1 statement deserves a look first." },
                    many => strong.bad { (many) " statements deserve a look first." },
                }
            }
            @for (number, (step, statements)) in steps.iter().enumerate() { (block(step, statements, graph, number < OPEN)) }
        }
    }
}

fn count(statements: &[Statement]) -> usize {
    statements.iter().filter(|statement| !statement.risks.is_empty()).count()
}

fn block(step: &Step, statements: &[Statement], graph: &Graph, open: bool) -> Markup {
    let summary = graph.find(&step.revision).map(|at| graph.header(at).summary()).unwrap_or_default();
    let risky = count(statements);
    html! {
        details.step open[open || risky > 0] {
            summary {
                code { (step.revision) }
                span.what { (summary) }
                @if risky > 0 { span.tag.wrong { (risky) " to look at" } }
                @if step.problem.is_some() { span.tag.waits { "goes on with what it finds" } }
                @if step.recorded.is_some() { span.tag { "looks at the database" } }
            }
            @if !step.sql.trim().is_empty() { pre.sql tabindex="0" { (text(&step.sql, statements)) } }
            @if let Some(problem) = &step.problem { p.note { "What it does from here on is not known: " (super::prose(problem)) } }
            @if let Some(recorded) = &step.recorded { p.note { (super::prose(recorded)) } }
        }
    }
}

/// The text as it is, with a note behind each statement that deserves one.
fn text(sql: &str, statements: &[Statement]) -> Markup {
    let mut at = sql.len() - sql.trim_start().len();
    let mut pieces = Vec::new();
    for statement in statements {
        let text = with_end(sql, statement);
        let before = sql.get(at..statement.range.start).unwrap_or_default();
        at = statement.range.start + text.len();
        pieces.push((before, text, &statement.risks));
    }
    html! {
        @for (before, text, risks) in pieces {
            (before)
            @if risks.is_empty() {
                (cut(text))
            } @else {
                mark { (cut(text)) }
                @for risk in risks { span.why { b { (risk.rule) } " " (risk.reason) } }
            }
        }
        (sql.get(at..sql.trim_end().len()).unwrap_or_default())
    }
}

/// A statement with the semicolon behind it.
fn with_end<'sql>(sql: &'sql str, statement: &Statement) -> &'sql str {
    let rest = &sql[statement.range.end..];
    let end = statement.range.end + rest.len() - rest.strip_prefix(';').unwrap_or(rest).len();
    &sql[statement.range.start..end]
}

fn cut(text: &str) -> Markup {
    let end = text.char_indices().nth(LONG).map_or(text.len(), |(at, _)| at);
    html! {
        (text[..end])
        @if end < text.len() { span.soft { " … " (text.len() - end) " more bytes" } }
    }
}
