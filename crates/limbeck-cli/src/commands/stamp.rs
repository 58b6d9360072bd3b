//! `stamp`: sets the version rows without running a script.

use super::Outcome;
use super::migrate::{at, run_failure};
use crate::args::StampArgs;
use crate::context::{Context, Failure};
use crate::guarded::Guarded;
use crate::health::{Recorder, Tee};
use crate::progress::Progress;
use crate::rehearsal::Stage;
use crate::session::{self, Need};
use crate::workspace::{GraphErrors, Workspace, graph_failure};
use limbeck_python::{Engine, ScriptError};
use limbeck_revision::Graph;
use limbeck_run::{Direction, Event, Events, RunFacts, RunOptions, Settings, plan, run_offline, version};
use limbeck_source::{Diagnose, Diagnostic};
use std::process::ExitCode;

/// Runs the command.
pub fn run(context: &Context, args: &StampArgs) -> Outcome {
    if args.initial.initial.is_some() && !args.verify {
        let found = Diagnostic::error(
            "E0403",
            "`--initial` says where the replay begins that `--verify` compares with, and there is no `--verify`",
        );
        return Err(Failure::new(found.note("nothing was stamped").hint("add `--verify`, or leave `--initial` out")));
    }
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
        no_env: false,
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
            live(context, &workspace, &settings, &targets, args)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn live(context: &Context, workspace: &Workspace, settings: &Settings, targets: &[String], args: &StampArgs) -> Result<(), Failure> {
    let mut recorder = Recorder::new(context, &workspace.project, settings, Direction::Stamp);
    let result = recorded(context, workspace, settings, targets, args, &mut recorder);
    recorder.finish(result.as_deref());
    result.map(|_| ())
}

/// Stamps with the events going into the health log too; returns where the database is now.
fn recorded(
    context: &Context,
    workspace: &Workspace,
    settings: &Settings,
    targets: &[String],
    args: &StampArgs,
    recorder: &mut Recorder<'_>,
) -> Result<Vec<String>, Failure> {
    let purge = args.purge;
    let safety = crate::safety::safety(context, workspace.project.config(), &args.safety)?;
    let mut progress = Progress::new(context);
    let mut connection = session::connect(context, settings, &mut progress)?;
    let refused = |error| session::database_failure(context, "the version table cannot be read or changed", &error);
    let history = workspace.history(context, GraphErrors::Caught)?;
    if args.verify {
        let rows = super::current::rows(context, settings, connection.as_mut())?;
        let rows = if purge { Vec::new() } else { rows };
        let steps = history.graph.stamp(&rows, targets).map_err(|error| graph_failure(&error))?;
        let steps = crate::rehearsal::planned(&history.graph, &rows, &steps)?;
        let wanted = steps.last().map_or(rows, |step| step.rows_after.clone());
        let stage = Stage::new(context, workspace, settings, &history, &args.scratch, connection.as_mut())?.beginning_with(&args.initial)?;
        super::drift::prove(&stage, &wanted)?;
    }
    let mut events = Tee::new(&mut progress, recorder);
    let mut guarded = Guarded::new(context, settings, safety, connection.as_mut(), "stamp", &mut events)?;
    let mut rows = version::ensure(&settings.version_table, connection.as_mut(), settings.dialect).map_err(refused)?;
    let before = std::mem::take(&mut rows);
    if !purge {
        rows.clone_from(&before);
    }
    let steps = history.graph.stamp(&rows, targets).map_err(|error| graph_failure(&error))?;
    let steps = plan(&history.graph, &rows, &steps).map_err(|error| Failure::new(error.diagnose()).uncaught("KeyError", error.to_string()))?;
    let options = RunOptions {
        single_transaction: true,
        purge,
        ..RunOptions::default()
    };
    let half_done = guarded.half_done(connection.as_mut()).map_err(refused)?;
    recorder.plan(&steps, true);
    let mut events = Tee::new(&mut progress, recorder);
    let result = guarded.run(connection.as_mut(), &steps, options, &RunFacts::default(), &mut no_engine, &mut events);
    let now = steps.last().map_or(rows, |step| step.rows_after.clone());
    let result = result.map_err(|error| {
        recorder.rows_now(error.rows());
        run_failure(&error)
    });
    recorder.finish(result.as_ref().map(|_| now.as_slice()));
    guarded.record(connection.as_mut(), recorder.lines());
    result?;
    if !half_done.is_empty() && steps.is_empty() {
        guarded.forget_half_done(connection.as_mut()).map_err(refused)?;
    }
    if !context.is_alembic() {
        for half in &half_done {
            context.message(&format!("Forgot the half-done {} of {}.", half.direction, half.revision));
        }
        context.message(&format!(
            "Stamped: the version table said {}, now {}. No script was run.",
            at(&before),
            at(&now)
        ));
    }
    Ok(now)
}

/// A plan that changes rows only never asks for the engine.
fn no_engine() -> Result<Engine, ScriptError> {
    unreachable!("a stamp runs no script")
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
    let mut out = |text: &str| context.print_raw(text);
    run_offline(settings, rows.is_empty(), &steps, &RunFacts::default(), &mut no_engine, &mut progress, &mut out).map_err(|error| run_failure(&error))?;
    Ok(())
}
