//! `generate` (Alembic's `revision`): writes a new revision file.

use super::Outcome;
use super::new_file::{self, NewFile};
use crate::args::RevisionArgs;
use crate::context::{Context, Failure};
use crate::progress::Progress;
use crate::session::{self, Need};
use crate::workspace::{GraphErrors, Workspace, graph_failure, script_failure};
use limbeck_revision::{Graph, Target};
use limbeck_source::Diagnostic;
use std::path::Path;
use std::process::ExitCode;

/// Runs the command.
pub fn run(context: &Context, args: &RevisionArgs) -> Outcome {
    let workspace = Workspace::open(context)?;
    run_environment(context, &workspace, args)?;
    let history = workspace.history(context, GraphErrors::Caught)?;
    let id = new_file::revision_id(args.rev_id.as_deref())?;
    let head = args.head.as_deref().unwrap_or("head");
    let downs = history.graph.new_downs(Target::One(head)).map_err(|error| graph_failure(&error))?;
    let parents: Vec<_> = downs.iter().map(|at| history.graph.header(*at).source.clone().into()).collect();
    let asked = args.version_path.as_deref().map(Path::new);
    let folder = limbeck_script::generate::version_folder(&workspace.project, asked, &parents).map_err(script_failure)?;
    if !args.splice {
        history.graph.check_new_downs(&downs).map_err(|error| graph_failure(&error))?;
    }
    let depends_on = history.graph.new_dependencies(&args.depends_on).map_err(|error| graph_failure(&error))?;
    let file = NewFile {
        id,
        message: args.message.clone().or_else(|| args.words.clone()),
        down_revisions: ids(&history.graph, &downs),
        depends_on,
        branch_labels: args.branch_label.iter().cloned().collect(),
        folder,
    };
    new_file::write(context, &workspace, &history, file)?;
    Ok(ExitCode::SUCCESS)
}

/// Runs env.py where Alembic would: for autogenerate, and when the configuration asks for it.
fn run_environment(context: &Context, workspace: &Workspace, args: &RevisionArgs) -> Result<(), Failure> {
    let usage = |text: &str| Err(Failure::new(Diagnostic::error("E0002", text)));
    if args.autogenerate {
        if args.sql {
            return usage("Using --sql with --autogenerate does not make any sense");
        }
        match super::autogenerate::refuse(context, workspace, "`--autogenerate`")? {}
    }
    if !workspace.project.revision_environment().map_err(script_failure)? {
        if args.sql {
            return usage("Using --sql with the revision command when revision_environment is not configured does not make any sense");
        }
        return Ok(());
    }
    let need = Need {
        offline: args.sql,
        ..Need::default()
    };
    for settings in session::settings(context, workspace, &need)? {
        if !args.sql {
            session::connect(context, &settings, &mut Progress::new(context))?;
        }
    }
    Ok(())
}

fn ids(graph: &Graph, revisions: &[limbeck_revision::Index]) -> Vec<String> {
    revisions.iter().map(|at| graph.id(*at).to_owned()).collect()
}
