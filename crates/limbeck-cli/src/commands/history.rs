//! `history`: the revisions of a range, newest first.

mod graph;

pub use graph::{impatient, no_file_yet, why};

use super::{Outcome, at_database};
use crate::args::HistoryArgs;
use crate::context::{Context, Failure};
use crate::entry::{self, JsonEntry, Marks};
use crate::workspace::{GraphErrors, Workspace, graph_failure, script_failure};
use limbeck_revision::{Target, split_history_range};
use serde::Serialize;
use std::collections::BTreeSet;
use std::process::ExitCode;

/// A revision of the history, and whether the database is at it where that was asked.
#[derive(Debug, Serialize)]
struct Entry {
    #[serde(flatten)]
    entry: JsonEntry,
    #[serde(skip_serializing_if = "Option::is_none")]
    current: Option<bool>,
}

/// Runs the command.
pub fn run(context: &Context, args: &HistoryArgs) -> Outcome {
    let workspace = Workspace::open(context)?;
    let range = args.rev_range.as_deref().map_or(Ok((None, None)), split_history_range);
    let (start, end) = range.map_err(|error| graph_failure(&error))?;
    if let Some(style) = args.graph {
        return graph::run(context, &workspace, args, (start, end), style);
    }
    let needs_rows = args.indicate_current || start == Some("current") || end == Some("current");
    // Alembic also runs env.py when it is told to do so for new revisions; only its log lines show it.
    let runs_env = context.is_alembic() && workspace.project.revision_environment().map_err(script_failure)?;
    if !needs_rows && !runs_env {
        show(context, &workspace, args, (start, end), None)?;
        return Ok(ExitCode::SUCCESS);
    }
    at_database::each(context, &workspace, |rows| show(context, &workspace, args, (start, end), Some(rows)))
}

fn show(
    context: &Context,
    workspace: &Workspace,
    args: &HistoryArgs,
    (start, end): (Option<&str>, Option<&str>),
    rows: Option<&[String]>,
) -> Result<(), Failure> {
    let graph = workspace.history(context, GraphErrors::Caught)?.graph;
    // `current` at both ends is taken at the end only, as in Alembic.
    let (start, end) = match (start, end, rows) {
        (start, Some("current"), Some(rows)) => (start.map(Target::One), Some(Target::Many(rows))),
        (Some("current"), end, Some(rows)) => (Some(Target::Many(rows)), end.map(Target::One)),
        (start, end, _) => (start.map(Target::One), end.map(Target::One)),
    };
    let order = graph.history(start, end).map_err(|error| graph_failure(&error))?;
    let current: Option<BTreeSet<String>> = rows.filter(|_| args.indicate_current).map(|rows| rows.iter().cloned().collect());
    if args.json.json {
        let entry = |at| Entry {
            entry: entry::json(&graph, at),
            current: current.as_ref().map(|rows| rows.contains(graph.id(at))),
        };
        context.print_json(&order.into_iter().map(entry).collect::<Vec<_>>());
        return Ok(());
    }
    let marks = Marks {
        labels: true,
        head: true,
        points: true,
        doc: true,
        parents: true,
    };
    let text = |at| {
        if args.verbose {
            entry::verbose(&graph, at, current.as_ref())
        } else {
            entry::line(&graph, at, marks, current.as_ref())
        }
    };
    // One write: a history may have ten thousand lines.
    let lines: Vec<String> = order.into_iter().map(text).collect();
    if !lines.is_empty() {
        context.print(&lines.join("\n"));
    }
    Ok(())
}
