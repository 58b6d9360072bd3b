//! `heads`: the revisions that nothing follows.

use super::Outcome;
use crate::args::HeadsArgs;
use crate::context::Context;
use crate::entry::{self, Marks};
use crate::workspace::{GraphErrors, Workspace};
use std::process::ExitCode;

/// Runs the command.
pub fn run(context: &Context, args: &HeadsArgs) -> Outcome {
    let workspace = Workspace::open(context)?;
    let errors = if args.resolve_dependencies {
        GraphErrors::Caught
    } else {
        GraphErrors::Uncaught
    };
    let graph = workspace.history(context, errors)?.graph;
    let heads = if args.resolve_dependencies { graph.effective_heads() } else { graph.heads() };
    if args.json.json {
        let entries: Vec<_> = heads.iter().map(|at| entry::json(&graph, *at)).collect();
        context.print_json(&entries);
        return Ok(ExitCode::SUCCESS);
    }
    let marks = Marks {
        labels: true,
        head: true,
        ..Marks::default()
    };
    for at in heads {
        let text = if args.verbose {
            entry::verbose(&graph, *at, None)
        } else {
            entry::line(&graph, *at, marks, None)
        };
        context.print(&text);
    }
    Ok(ExitCode::SUCCESS)
}
