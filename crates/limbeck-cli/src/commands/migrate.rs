//! `upgrade` and `downgrade`.

use super::Outcome;
use crate::args::MoveArgs;
use crate::context::{Context, Failure};
use crate::guarded::Guarded;
use crate::health::{Recorder, Tee};
use crate::interrupt::Interrupt;
use crate::progress::{Progress, count, seconds};
use crate::session::{self, Need};
use crate::stored;
use crate::streams;
use crate::workspace::{GraphErrors, History, Workspace, graph_failure};
use limbeck_db::Connection;
use limbeck_revision::{Graph, Steps, Target, split_range};
use limbeck_run::{Direction, Event, Events, PlannedStep, RunError, RunFacts, RunOptions, Settings, plan, run_offline, version};
use limbeck_source::{Diagnose, Diagnostic};
use std::collections::HashMap;
use std::process::ExitCode;
use std::time::Instant;

/// Runs `upgrade` or `downgrade`.
pub fn run(context: &Context, direction: Direction, args: &MoveArgs) -> Outcome {
    if args.from_journal && (direction != Direction::Downgrade || args.sql) {
        let found = Diagnostic::error("E0002", "`--from-journal` only goes with `downgrade` on a database").hint("leave it out");
        return Err(Failure::new(found));
    }
    let workspace = Workspace::open(context)?;
    let targets = Targets::parse(direction, args)?;
    let need = Need {
        offline: args.sql,
        revision: Some(targets.end.join(" ")),
        starting_revision: targets.start.clone(),
        tag: args.tag.clone(),
        no_env: false,
    };
    let all = session::settings(context, &workspace, &need)?;
    for settings in &all {
        if all.len() > 1 && !context.is_alembic() {
            context.message(&format!("Database: {}", session::label(settings)));
        }
        if args.sql || settings.options.as_sql {
            offline(context, &workspace, settings, direction, &targets, args)?;
        } else {
            live(context, &workspace, settings, direction, &targets, args)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Upgrades one database to all heads, as `upgrade heads` does.
///
/// # Errors
/// Why it stopped, and where the database is then.
pub fn to_heads(context: &Context, workspace: &Workspace, settings: &Settings, args: &MoveArgs) -> Result<(), Failure> {
    let targets = Targets {
        start: None,
        end: vec!["heads".to_owned()],
    };
    live(context, workspace, settings, Direction::Upgrade, &targets, args)
}

/// What the command line says about where to go.
struct Targets {
    start: Option<String>,
    end: Vec<String>,
}

impl Targets {
    fn parse(direction: Direction, args: &MoveArgs) -> Result<Self, Failure> {
        let mut start = None;
        let mut end = Vec::new();
        for target in &args.revision {
            let (from, to) = split_range(target, args.sql).map_err(|error| {
                let failure = graph_failure(&error);
                if error.alembic_exit() == 1 {
                    failure.uncaught("ValueError", error.alembic_text())
                } else {
                    failure
                }
            })?;
            if direction == Direction::Downgrade && args.sql && from.is_none() {
                let found = Diagnostic::error("E0403", "`downgrade --sql` needs to know where it starts").hint(format!("write `downgrade FROM:{to} --sql`"));
                return Err(Failure::new(found).alembic("downgrade with --sql requires <fromrev>:<torev>"));
            }
            start = from.map(str::to_owned).or(start);
            end.push(to.to_owned());
        }
        Ok(Targets { start, end })
    }

    fn steps(&self, graph: &Graph, direction: Direction, rows: &[String]) -> Result<Steps, Failure> {
        let steps = match (direction, self.end.as_slice()) {
            (Direction::Upgrade, [one]) => graph.upgrade(rows, Target::One(one)),
            (Direction::Upgrade, many) => graph.upgrade(rows, Target::Many(many)),
            (_, [one]) => graph.downgrade(rows, one),
            (_, _) => {
                return Err(Failure::new(
                    Diagnostic::error("E0403", "`downgrade` takes one target").hint("run it once for each target"),
                ));
            }
        };
        steps.map_err(|error| {
            let failure = graph_failure(&error);
            if error.alembic_exit() == 1 {
                failure.uncaught("AssertionError", error.alembic_text())
            } else {
                failure
            }
        })
    }
}

fn make_plan(context: &Context, history: &History, rows: &[String], targets: &Targets, direction: Direction) -> Result<Vec<PlannedStep>, Failure> {
    let steps = targets.steps(&history.graph, direction, rows)?;
    if let Some(warning) = steps.warning {
        Progress::new(context).event(Event::Warning(warning));
    }
    plan(&history.graph, rows, &steps).map_err(|error| Failure::new(error.diagnose()).uncaught("KeyError", error.to_string()))
}

/// Stops before anything runs when a script of the plan has no such function, as Alembic does while it collects the steps.
fn functions_exist(history: &History, steps: &[PlannedStep], direction: Direction) -> Result<(), Failure> {
    let scripts: HashMap<_, _> = history.scripts.iter().map(|script| (script.path.as_path(), script)).collect();
    for step in steps {
        let Some(script) = step.script.as_ref().and_then(|path| scripts.get(path.as_path())) else {
            continue;
        };
        let there = if direction == Direction::Upgrade {
            script.header.has_upgrade
        } else {
            script.header.has_downgrade
        };
        // A star import may bind it; then the run will tell.
        if there || limbeck_script::read_source(&script.path).is_ok_and(|text| text.contains("import *")) {
            continue;
        }
        let name = direction.word();
        let module = script.path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
        let (lacks, hint) = if limbeck_script::sql_file::is_sql(&script.path) {
            (
                "section `-- limbeck:down`".to_owned(),
                "write `-- limbeck:down` into it, with nothing behind if there is nothing to do".to_owned(),
            )
        } else {
            (
                format!("function `{name}`"),
                format!("write `def {name}():` into it, with `pass` if there is nothing to do"),
            )
        };
        let found = Diagnostic::error("E0314", format!("the script of revision {} has no {lacks}", script.header.revision))
            .at(limbeck_source::Location::file(script.path.display().to_string()))
            .note("nothing was changed")
            .hint(hint);
        return Err(Failure::new(found).uncaught("AttributeError", format!("module '{module}_py' has no attribute '{name}'")));
    }
    Ok(())
}

fn facts(history: &History, settings: &Settings, targets: &Targets) -> RunFacts {
    let graph = &history.graph;
    RunFacts {
        revision_argument: Some(targets.end.join(" ")),
        starting_revision: targets.start.clone(),
        head_revisions: graph.heads().iter().map(|at| graph.id(*at).to_owned()).collect(),
        arguments: settings.arguments.clone(),
    }
}

fn live(context: &Context, workspace: &Workspace, settings: &Settings, direction: Direction, targets: &Targets, args: &MoveArgs) -> Result<(), Failure> {
    let mut recorder = Recorder::new(context, &workspace.project, settings, direction);
    let result = recorded(context, workspace, settings, direction, targets, args, &mut recorder);
    recorder.finish(result.as_deref());
    result.map(|_| ())
}

/// Runs the command with its events going into the health log too; returns where the database is now.
fn recorded(
    context: &Context,
    workspace: &Workspace,
    settings: &Settings,
    direction: Direction,
    targets: &Targets,
    args: &MoveArgs,
    recorder: &mut Recorder<'_>,
) -> Result<Vec<String>, Failure> {
    let started = Instant::now();
    let safety = crate::safety::safety(context, workspace.project.config(), &args.safety)?;
    let mut progress = Progress::new(context);
    let mut connection = session::connect(context, settings, &mut progress)?;
    let refused = |error| session::database_failure(context, "the version table cannot be read or created", &error);
    let mut start = version::start(&settings.version_table, connection.as_mut(), settings.dialect).map_err(refused)?;
    // The directory of the remembered texts must outlive the run.
    let (history, texts) = if args.from_journal {
        stored::history(context, workspace, settings, connection.as_mut(), &start.rows)?
    } else {
        (workspace.history(context, GraphErrors::Caught)?, None)
    };
    let mut steps = ready_plan(context, &history, &start.rows, targets, direction)?;
    if direction == Direction::Downgrade && !steps.is_empty() {
        let reverted = steps.iter().flat_map(|step| &step.label.from).map(String::as_str).collect();
        stored::warn_of_edits(context, settings, connection.as_mut(), &history, &reverted);
    }
    if steps.is_empty() {
        finished(settings, direction, 0, 0, started.elapsed(), &start.rows);
        return nothing_to_do(context, settings, connection.as_mut(), start);
    }
    let mut events = Tee::new(&mut progress, recorder);
    let mut guarded = Guarded::new(context, settings, safety, connection.as_mut(), direction.command(), &mut events)?;
    // Whoever held the lock before us may have done the work.
    let now = version::start(&settings.version_table, connection.as_mut(), settings.dialect).map_err(refused)?;
    if now != start {
        start = now;
        steps = ready_plan(context, &history, &start.rows, targets, direction)?;
        if steps.is_empty() {
            finished(settings, direction, 0, 0, started.elapsed(), &start.rows);
            return nothing_to_do(context, settings, connection.as_mut(), start);
        }
    }
    // Under the lock, so that the backup is of what the run begins with.
    crate::commands::backup::before(context, workspace, settings, direction, &steps, args.backup.wanted(), guarded.interrupt.flag())?;
    recorder.plan(&steps, args.single_transaction && settings.options.transactional_ddl != Some(false));
    let flag = guarded.interrupt.flag();
    let mut start_engine = || crate::environment::engine(context, &workspace.project, std::sync::Arc::clone(&flag), args.tag.as_deref());
    let options = RunOptions {
        single_transaction: args.single_transaction,
        create_version_table: start.create,
        ..RunOptions::default()
    };
    let facts = facts(&history, settings, targets);
    let mut events = Tee::new(&mut progress, recorder);
    let result = guarded.run(connection.as_mut(), &steps, options, &facts, &mut start_engine, &mut events);
    drop(progress);
    let now = steps.last().map(|step| step.rows_after.clone()).unwrap_or_default();
    let result = result.map_err(|error| {
        recorder.rows_now(error.rows());
        stopped(run_failure(&error), &guarded.interrupt)
    });
    recorder.finish(result.as_ref().map(|_| now.as_slice()));
    guarded.record(connection.as_mut(), recorder.lines());
    let summary = result.map_err(|failure| stored::keep(failure, texts))?;
    finished(settings, direction, summary.steps, summary.statements, started.elapsed(), &now);
    if !context.is_alembic() {
        let verb = if direction == Direction::Upgrade { "Applied" } else { "Reverted" };
        context.message(&format!(
            "{verb} {} ({}) in {}. The database is at {}.",
            count(summary.steps, "revision"),
            count(summary.statements, "statement"),
            seconds(started.elapsed()),
            at(&now)
        ));
    }
    Ok(now)
}

/// Tells programs what people read in the last line.
fn finished(settings: &Settings, direction: Direction, steps: usize, statements: usize, elapsed: std::time::Duration, now: &[String]) {
    if streams::speaks_json() {
        streams::record(serde_json::json!({
            "event": "finished", "direction": direction.command(), "database": session::label(settings), "steps": steps, "statements": statements,
            "elapsed_ms": u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX), "current": now,
        }));
    }
}

/// A plan whose every step can at least begin.
fn ready_plan(context: &Context, history: &History, rows: &[String], targets: &Targets, direction: Direction) -> Result<Vec<PlannedStep>, Failure> {
    known_rows(context, &history.graph, rows)?;
    let steps = make_plan(context, history, rows, targets, direction)?;
    functions_exist(history, &steps, direction)?;
    Ok(steps)
}

fn nothing_to_do(context: &Context, settings: &Settings, connection: &mut dyn Connection, start: version::Start) -> Result<Vec<String>, Failure> {
    if start.create {
        let refused = |error| session::database_failure(context, "the version table cannot be created", &error);
        version::ensure(&settings.version_table, connection, settings.dialect).map_err(refused)?;
    }
    if !context.is_alembic() {
        context.message(&format!("Nothing to do: the database is at {}.", at(&start.rows)));
    }
    Ok(start.rows)
}

fn offline(context: &Context, workspace: &Workspace, settings: &Settings, direction: Direction, targets: &Targets, args: &MoveArgs) -> Result<(), Failure> {
    let mut progress = Progress::new(context);
    progress.event(Event::Connected {
        impl_name: settings.dialect.impl_name(),
        transactional_ddl: settings.options.transactional_ddl.unwrap_or(settings.dialect.transactional_ddl()),
        offline: true,
    });
    let history = workspace.history(context, GraphErrors::Caught)?;
    let rows = history.graph.offline_rows(targets.start.as_deref()).map_err(|error| graph_failure(&error))?;
    let steps = make_plan(context, &history, &rows, targets, direction)?;
    functions_exist(&history, &steps, direction)?;
    let flag = std::sync::Arc::default();
    let mut start = || crate::environment::engine(context, &workspace.project, std::sync::Arc::clone(&flag), args.tag.as_deref());
    let mut out = |text: &str| context.print_raw(text);
    run_offline(
        settings,
        rows.is_empty(),
        &steps,
        &facts(&history, settings, targets),
        &mut start,
        &mut progress,
        &mut out,
    )
    .map_err(|error| run_failure(&error))?;
    Ok(())
}

/// Stops when the database is at a revision that has no script here.
pub fn known_rows(context: &Context, graph: &Graph, rows: &[String]) -> Result<(), Failure> {
    let Some(row) = rows.iter().find(|row| graph.find(row).is_none()) else {
        return Ok(());
    };
    let found = Diagnostic::error("E0402", format!("the database is at revision `{row}`, whose script is not in this project"))
        .note("nothing was changed")
        .hint(format!("use the code that has `{row}` (another branch, a newer release), go back from it with `{0} downgrade --from-journal REVISION` (if the database remembers it: `{0} status`), or set the row with `{0} stamp --purge REVISION` if you know the schema's revision", context.again()));
    Err(Failure::new(found).alembic(format!("Can't locate revision identified by '{row}'")))
}

/// An interrupted run exits as shells expect.
fn stopped(mut failure: Failure, interrupt: &Interrupt) -> Failure {
    if let Some(exit) = interrupt.exit_code() {
        let found = &mut failure.diagnostic;
        found.message = format!("interrupted: {}", found.message);
        // Nothing is wrong that could be mended.
        found.hint = found.hint.take().map(|hint| hint.replace("mend the cause, then ", ""));
        failure.exit = exit;
    }
    failure
}

/// A failed run as a failure.
pub fn run_failure(error: &RunError) -> Failure {
    use limbeck_ops::DatabaseErrorKind as Kind;
    let failure = Failure::new(error.diagnose());
    let (script, host) = match error {
        RunError::Step(step) => match &step.fault {
            limbeck_run::StepFault::Script(script) => (Some(script.as_ref()), script.host_error.as_deref()),
            limbeck_run::StepFault::Database(host) => (None, Some(host)),
        },
        RunError::Database(host) | RunError::Commit { error: host, .. } => (None, Some(host)),
        RunError::Preflight(script) | RunError::Engine(script) => (Some(script.as_ref()), script.host_error.as_deref()),
        RunError::HalfDone(_) | RunError::LockLost { .. } => return failure,
        RunError::Rows(rows) => return failure.uncaught("KeyError", rows.to_string()),
    };
    match (host, script) {
        (Some(host), _) if host.kind == Kind::CommandError => failure.alembic(host.message.clone()),
        (_, Some(script)) if script.exception.ends_with("CommandError") => failure.alembic(script.message.clone()),
        (_, Some(script)) => failure.uncaught(script.exception.clone(), script.message.clone()),
        (Some(host), None) => failure.uncaught(format!("sqlalchemy.exc.{:?}", host.kind), host.message.clone()),
        (None, None) => failure,
    }
}

/// Where a database is, for people.
pub fn at(rows: &[String]) -> String {
    if rows.is_empty() { "base".into() } else { rows.join(", ") }
}
