//! `merge`: writes a revision file that follows several.

use super::Outcome;
use super::new_file::{self, NewFile};
use crate::args::MergeArgs;
use crate::context::Context;
use crate::workspace::{GraphErrors, Workspace, graph_failure, script_failure};
use limbeck_revision::Target;
use std::process::ExitCode;

/// Runs the command.
pub fn run(context: &Context, args: &MergeArgs) -> Outcome {
    let workspace = Workspace::open(context)?;
    let history = workspace.history(context, GraphErrors::Caught)?;
    let graph = &history.graph;
    let id = new_file::revision_id(args.rev_id.as_deref())?;
    let downs = graph.new_downs(Target::Many(&args.revisions)).map_err(|error| graph_failure(&error))?;
    // Alembic writes an empty revision then.
    if let [only] = downs.as_slice()
        && !context.is_alembic()
        && !args.splice
        && graph.heads() == [*only]
    {
        context.message(&format!(
            "Nothing to merge: the history has one head, {}. No file was written.",
            graph.id(*only)
        ));
        return Ok(ExitCode::SUCCESS);
    }
    let parents: Vec<_> = downs.iter().map(|at| graph.header(*at).source.clone().into()).collect();
    let folder = limbeck_script::generate::version_folder(&workspace.project, None, &parents).map_err(script_failure)?;
    if !args.splice {
        graph.check_new_downs(&downs).map_err(|error| graph_failure(&error))?;
    }
    let file = NewFile {
        id,
        message: args.message.clone(),
        down_revisions: downs.iter().map(|at| graph.id(*at).to_owned()).collect(),
        depends_on: Vec::new(),
        branch_labels: args.branch_label.iter().cloned().collect(),
        folder,
        variables: Default::default(),
        sql: None,
    };
    new_file::write(context, &workspace, &history, file)?;
    Ok(ExitCode::SUCCESS)
}
