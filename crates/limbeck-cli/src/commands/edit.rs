//! `edit`: opens revision files in the user's editor.

use super::{Outcome, at_database};
use crate::args::EditArgs;
use crate::context::{Context, Failure};
use crate::workspace::{GraphErrors, Workspace, graph_failure, script_failure};
use limbeck_revision::{Index, Target};
use limbeck_script::editor::open_in_editor;
use limbeck_source::Diagnostic;
use std::path::Path;
use std::process::ExitCode;

/// Runs the command.
pub fn run(context: &Context, args: &EditArgs) -> Outcome {
    let workspace = Workspace::open(context)?;
    if args.rev == "current" {
        return at_database::each(context, &workspace, |rows| {
            if rows.is_empty() {
                let found = Diagnostic::error("E0201", "the database is at no revision");
                return Err(Failure::new(found).alembic("No current revisions"));
            }
            open(context, &workspace, Target::Many(rows)).map(|_| ())
        });
    }
    if open(context, &workspace, Target::One(&args.rev))? == 0 {
        let found = Diagnostic::error("E0201", format!("`{}` stands for no revision file", args.rev));
        return Err(Failure::new(found).alembic(format!("No revision files indicated by symbol '{}'", args.rev)));
    }
    Ok(ExitCode::SUCCESS)
}

/// Opens the files a target stands for; returns how many.
fn open(context: &Context, workspace: &Workspace, target: Target<'_>) -> Result<usize, Failure> {
    let history = workspace.history(context, GraphErrors::Caught)?;
    let revisions: Vec<Index> = history.graph.revisions(target).map_err(|error| graph_failure(&error))?;
    for at in &revisions {
        let path = Path::new(&history.graph.header(*at).source);
        open_in_editor(path, |name| context.environment.get(name).cloned()).map_err(script_failure)?;
    }
    Ok(revisions.len())
}
