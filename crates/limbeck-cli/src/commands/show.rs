//! `show`: everything about the revisions that a name stands for.

use super::{Outcome, at_database};
use crate::args::ShowArgs;
use crate::context::{Context, Failure};
use crate::entry;
use crate::workspace::{GraphErrors, Workspace, graph_failure};
use limbeck_revision::Target;
use std::process::ExitCode;

/// Runs the command.
pub fn run(context: &Context, args: &ShowArgs) -> Outcome {
    let workspace = Workspace::open(context)?;
    if args.rev == "current" {
        return at_database::each(context, &workspace, |rows| show(context, &workspace, args, Target::Many(rows)));
    }
    show(context, &workspace, args, Target::One(&args.rev))?;
    Ok(ExitCode::SUCCESS)
}

fn show(context: &Context, workspace: &Workspace, args: &ShowArgs, target: Target<'_>) -> Result<(), Failure> {
    let graph = workspace.history(context, GraphErrors::Caught)?.graph;
    let found = graph.revisions(target).map_err(|error| graph_failure(&error))?;
    if args.json.json {
        let entries: Vec<_> = found.iter().map(|at| entry::json(&graph, *at)).collect();
        context.print_json(&entries);
        return Ok(());
    }
    for at in found {
        context.print(&entry::verbose(&graph, at, None));
    }
    Ok(())
}
