//! `branches`: the revisions that several others follow.

use super::Outcome;
use crate::args::BranchesArgs;
use crate::context::Context;
use crate::entry::{self, JsonEntry, Marks};
use crate::workspace::{GraphErrors, Workspace, graph_failure};
use serde::Serialize;
use std::process::ExitCode;

/// A branch point with what follows it.
#[derive(Debug, Serialize)]
struct Branch {
    #[serde(flatten)]
    entry: JsonEntry,
    branches_into: Vec<JsonEntry>,
}

/// Runs the command.
pub fn run(context: &Context, args: &BranchesArgs) -> Outcome {
    let workspace = Workspace::open(context)?;
    let graph = workspace.history(context, GraphErrors::Caught)?.graph;
    let order = graph.history(None, None).map_err(|error| graph_failure(&error))?;
    let points = order.into_iter().filter(|at| graph.is_branch_point(*at));
    if args.json.json {
        let branch = |at| Branch {
            entry: entry::json(&graph, at),
            branches_into: graph.next(at).iter().map(|child| entry::json(&graph, *child)).collect(),
        };
        context.print_json(&points.map(branch).collect::<Vec<_>>());
        return Ok(ExitCode::SUCCESS);
    }
    let marks = Marks {
        labels: true,
        head: true,
        points: true,
        ..Marks::default()
    };
    let with_doc = Marks { doc: args.verbose, ..marks };
    for at in points {
        let mut text = if args.verbose {
            entry::verbose(&graph, at, None)
        } else {
            entry::line(&graph, at, marks, None)
        };
        let indent = " ".repeat(graph.id(at).chars().count());
        for child in graph.next(at) {
            text.push_str(&format!("\n{indent} -> {}", entry::line(&graph, *child, with_doc, None)));
        }
        text.push('\n');
        context.print(&text);
    }
    Ok(ExitCode::SUCCESS)
}
