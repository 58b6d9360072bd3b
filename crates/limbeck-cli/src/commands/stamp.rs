//! `stamp`: sets the version rows without running a script.

use super::Outcome;
use crate::args::StampArgs;
use crate::context::{Context, Failure};
use crate::progress::Progress;
use crate::session::{self, Need};
use crate::workspace::{GraphErrors, Workspace, graph_failure};
use limbeck_revision::Graph;
use limbeck_run::{Event, Events, RunFacts, RunOptions, Settings, plan, run_live, run_offline, version};
use limbeck_source::{Diagnose, Diagnostic};
use std::process::ExitCode;

/// Runs the command.
pub fn run(context: &Context, args: &StampArgs) -> Outcome {
    let workspace = Workspace::open(context)?;
    let (start, targets) = if args.sql {
        Graph::split_stamp_ranges(&args.revisions).map_err(|error| graph_failure(&error))?
    } else {
        (None, args.revisions.clone())
    };
    let need = Need {
        offline: args.sql,
        revision: Some(targets.join(" ")),
        starting_revision: start.clone(),
        tag: args.tag.clone(),
    };
    for settings in session::settings(context, &workspace, &need)? {
        if args.sql {
            if args.purge {
                return Err(
                    Failure::new(Diagnostic::error("E0403", "`--purge` looks at the database, which `--sql` does not have"))
                        .alembic("Can't use --purge with --sql mode"),
                );
            }
            offline(context, &workspace, &settings, start.as_deref(), &targets)?;
        } else {
            live(context, &workspace, &settings, &targets, args.purge)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn live(context: &Context, workspace: &Workspace, settings: &Settings, targets: &[String], purge: bool) -> Result<(), Failure> {
    let mut progress = Progress::new(context);
    let mut connection = session::connect(context, settings, &mut progress)?;
    let refused = |error| session::database_failure(context, "the version table cannot be read or changed", &error);
    let mut rows = version::ensure(&settings.version_table, connection.as_mut(), settings.dialect).map_err(refused)?;
    let history = workspace.history(context, GraphErrors::Caught)?;
    let before = std::mem::take(&mut rows);
    if !purge {
        rows.clone_from(&before);
    }
    let steps = history.graph.stamp(&rows, targets).map_err(|error| graph_failure(&error))?;
    let steps = plan(&history.graph, &rows, &steps).map_err(|error| Failure::new(error.diagnose()).uncaught("KeyError", error.to_string()))?;
    let database = |error: limbeck_db::DbError| refused(error.into());
    connection.begin().map_err(database)?;
    if purge {
        connection
            .execute_batch(&version::purge(&settings.version_table, settings.dialect))
            .map_err(database)?;
    }
    connection_run(connection.as_mut(), settings, &steps, &mut progress)?;
    connection.commit().map_err(database)?;
    if !context.is_alembic() {
        let now = steps.last().map_or(rows, |step| step.rows_after.clone());
        let name = |rows: &[String]| if rows.is_empty() { "base".to_string() } else { rows.join(", ") };
        context.message(&format!(
            "Stamped: the version table said {}, now {}. No script was run.",
            name(&before),
            name(&now)
        ));
    }
    Ok(())
}

/// Changes the rows inside the transaction that is open.
fn connection_run(
    connection: &mut dyn limbeck_db::Connection,
    settings: &Settings,
    steps: &[limbeck_run::PlannedStep],
    events: &mut dyn Events,
) -> Result<(), Failure> {
    let mut own = settings.clone();
    // The caller's transaction holds the purge and the new rows together.
    own.options.transactional_ddl = Some(false);
    let mut no_engine = || unreachable!("a stamp runs no script");
    run_live(connection, &own, steps, RunOptions::default(), &RunFacts::default(), &mut no_engine, events).map_err(|error| Failure::new(error.diagnose()))?;
    Ok(())
}

fn offline(context: &Context, workspace: &Workspace, settings: &Settings, start: Option<&str>, targets: &[String]) -> Result<(), Failure> {
    let mut progress = Progress::new(context);
    let transactional = settings.options.transactional_ddl.unwrap_or(settings.dialect.transactional_ddl());
    progress.event(Event::Connected {
        impl_name: settings.dialect.impl_name(),
        transactional_ddl: transactional,
        offline: true,
    });
    let history = workspace.history(context, GraphErrors::Caught)?;
    let rows = history.graph.offline_rows(start).map_err(|error| graph_failure(&error))?;
    let steps = history.graph.stamp(&rows, targets).map_err(|error| graph_failure(&error))?;
    let steps = plan(&history.graph, &rows, &steps).map_err(|error| Failure::new(error.diagnose()).uncaught("KeyError", error.to_string()))?;
    let mut no_engine = || unreachable!("a stamp runs no script");
    let mut out = |text: &str| context.print_raw(text);
    run_offline(settings, rows.is_empty(), &steps, &RunFacts::default(), &mut no_engine, &mut progress, &mut out)
        .map_err(|error| Failure::new(error.diagnose()))?;
    Ok(())
}
