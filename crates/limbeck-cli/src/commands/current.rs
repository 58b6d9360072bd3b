//! `current`: the revisions a database is at.

use super::Outcome;
use crate::args::CurrentArgs;
use crate::context::{Context, Failure};
use crate::progress::Progress;
use crate::session::{self, Need};
use crate::workspace::{GraphErrors, Workspace};
use limbeck_db::Connection;
use limbeck_revision::{Graph, Index};
use limbeck_run::Settings;
use limbeck_source::Diagnostic;
use std::collections::BTreeSet;
use std::process::ExitCode;

/// Runs the command.
pub fn run(context: &Context, args: &CurrentArgs) -> Outcome {
    let workspace = Workspace::open(context)?;
    let mut reports = Vec::new();
    for settings in session::settings(context, &workspace, &Need::default())? {
        let mut progress = Progress::new(context);
        let mut connection = session::connect_to_read(context, &settings, &mut progress)?;
        let rows = rows(context, &settings, connection.as_mut())?;
        let history = workspace.history(context, GraphErrors::Caught)?;
        if args.verbose && !args.json.json {
            let url = settings.url.as_ref().map(|url| url.render(true)).unwrap_or_default();
            context.print(&format!("Current revision(s) for {url}:"));
        }
        if args.check_heads {
            let heads: BTreeSet<&str> = history.graph.heads().iter().map(|at| history.graph.id(*at)).collect();
            let have: BTreeSet<&str> = rows.iter().map(String::as_str).collect();
            if heads != have {
                let found = Diagnostic::error("E0404", "the database is not on all head revisions").hint(format!("run `{} upgrade heads`", context.again()));
                return Err(Failure::new(found).alembic("Database is not on all head revisions").answer_is_no());
            }
        }
        super::migrate::known_rows(context, &history.graph, &rows)?;
        let revisions = at_rows(&history.graph, &rows)?;
        for at in &revisions {
            if args.json.json {
                reports.push(crate::entry::json(&history.graph, *at));
            } else if args.verbose {
                context.print(&crate::entry::verbose(&history.graph, *at, None));
            } else {
                context.print(&crate::entry::current_line(&history.graph, *at));
            }
        }
    }
    if args.json.json {
        context.print_json(&reports);
    }
    Ok(ExitCode::SUCCESS)
}

/// The version rows; none when there is no version table.
pub fn rows(context: &Context, settings: &Settings, connection: &mut dyn Connection) -> Result<Vec<String>, Failure> {
    limbeck_run::version::read(&settings.version_table, connection)
        .map(Option::unwrap_or_default)
        .map_err(|error| session::database_failure(context, "the version table cannot be read", &error))
}

/// The revisions of the rows, and those their dependencies imply as heads of their own branches.
pub fn at_rows(graph: &Graph, rows: &[String]) -> Result<Vec<Index>, Failure> {
    graph.current(rows).map_err(|error| crate::workspace::graph_failure(&error))
}
