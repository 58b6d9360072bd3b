//! Where the database is, in one sentence and a few numbers.

use crate::facts::{Database, Position};
use limbeck_revision::Graph;
use maud::{Markup, html};
use std::collections::HashSet;

/// How a revision stands to the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// Nobody knows.
    Unknown,
    Applied,
    Current,
    Pending,
}

/// How each revision stands to a database.
pub struct Marks<'a> {
    current: HashSet<&'a str>,
    pending: Option<HashSet<&'a str>>,
}

impl<'a> Marks<'a> {
    /// Reads a database's position.
    pub fn new(database: &'a Database) -> Self {
        let (current, pending) = match &database.position {
            Position::Known { current, pending, .. } => (current.as_slice(), pending.as_deref()),
            Position::Unknown { .. } => (&[][..], None),
        };
        Marks {
            current: current.iter().map(String::as_str).collect(),
            pending: pending.map(|pending| pending.iter().map(String::as_str).collect()),
        }
    }

    /// Whether anybody knows what is pending.
    pub fn knows_pending(&self) -> bool {
        self.pending.is_some()
    }

    /// The mark of one revision.
    pub fn of(&self, id: &str) -> Mark {
        if self.current.contains(id) {
            return Mark::Current;
        }
        match &self.pending {
            Some(pending) if pending.contains(id) => Mark::Pending,
            Some(_) => Mark::Applied,
            None => Mark::Unknown,
        }
    }
}

/// The sentence and the numbers.
pub fn section(database: &Database, graph: &Graph, prefix: &str) -> Markup {
    let (class, sign, title) = sentence(database);
    let heads = graph.heads().len();
    html! {
        section class=(format!("verdict {class}")) {
            span.sign aria-hidden="true" { (sign) }
            div {
                h2 id=(format!("{prefix}-verdict")) { (title) }
                p { strong { (database.label) } @if let Some(server) = &database.server { span.soft { " · " (server) } } }
                p { (place(&database.position, graph)) }
            }
        }
        dl.numbers {
            @match &database.position {
                Position::Known { applied, pending, .. } => {
                    div { dt { "Applied" } dd { (applied) } }
                    div class=(if pending.as_ref().is_some_and(|pending| !pending.is_empty()) { "waits" } else { "" }) {
                        dt { "Pending" } dd { @match pending { Some(pending) => (pending.len()), None => "not known" } }
                    }
                },
                Position::Unknown { .. } => div { dt { "Revisions" } dd { (graph.len()) } },
            }
            div class=(if database.problems.iter().any(|problem| problem.check == "multiple-heads") { "wrong" } else { "" }) { dt { "Heads" } dd { (heads) } }
            div class=(if database.problems.iter().any(|problem| !problem.warning) { "wrong" } else if database.problems.is_empty() { "" } else { "waits" }) { dt { "Findings" } dd { (database.problems.len()) } }
            @if let Some(last) = &database.last_run { div class=(if last.starts_with("ok") { "wide" } else { "wide wrong" }) { dt { "Last run" } dd { (last) } } }
        }
    }
}

fn sentence(database: &Database) -> (&'static str, &'static str, String) {
    let wrong = database.problems.iter().filter(|problem| !problem.warning).count();
    let counts = [(wrong, "problem"), (database.problems.len() - wrong, "warning")];
    let problems: String = counts
        .iter()
        .filter(|(number, _)| *number > 0)
        .map(|(number, word)| format!(", {number} {word}{}", if *number == 1 { "" } else { "s" }))
        .collect();
    let bad = wrong > 0;
    let warned = !database.problems.is_empty();
    match &database.position {
        Position::Unknown { .. } => ("unknown", "?", "The database could not be asked".to_owned()),
        Position::Known { unknown, .. } if !unknown.is_empty() => ("bad", "!", format!("The database is at a revision this project does not have{problems}")),
        Position::Known { pending: Some(pending), .. } if !pending.is_empty() => {
            let revisions = if pending.len() == 1 { "revision is" } else { "revisions are" };
            let (class, sign) = if bad { ("bad", "!") } else { ("behind", "↑") };
            (class, sign, format!("{} {revisions} pending{problems}", pending.len()))
        }
        Position::Known { .. } if bad => ("bad", "!", format!("Up to date{problems}")),
        Position::Known { .. } if warned => ("behind", "✓", format!("Up to date{problems}")),
        Position::Known { .. } => ("ok", "✓", "Up to date".to_owned()),
    }
}

fn place(position: &Position, graph: &Graph) -> Markup {
    match position {
        Position::Unknown { why } => html! { (why) },
        Position::Known { current, versioned, .. } if current.is_empty() => {
            html! { "At base: " (if *versioned { "the version table is empty." } else { "there is no version table yet." }) }
        }
        Position::Known { current, .. } => html! {
            "At "
            @for (number, id) in current.iter().enumerate() {
                @if number > 0 { ", " }
                code { (id) }
                @if let Some(at) = graph.find(id) { " " (graph.header(at).summary()) } @else { " (no script in this project)" }
            }
        },
    }
}
