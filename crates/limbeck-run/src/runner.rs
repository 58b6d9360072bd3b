//! Runs a plan: live, each step in a transaction with its row changes, or as `--sql` text.

use crate::error::{Left, RunError, StepError, StepFault};
use crate::event::{Direction, Event, Events};
use crate::live::LiveHost;
use crate::offline::{OfflineHost, bind_casts, bind_mode, statement_text};
use crate::plan::PlannedStep;
use crate::settings::Settings;
use crate::version;
use limbeck_db::Connection;
use limbeck_dialect::{DialectName, Memo};
use limbeck_expr::Literal;
use limbeck_ops::HostError;
use limbeck_python::{Engine, RunContext, ScriptError};
use std::path::Path;
use std::time::Instant;

/// How a run is carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RunOptions {
    /// One transaction for the whole run.
    pub single_transaction: bool,
    /// The first step creates the version table.
    pub create_version_table: bool,
    /// The version rows are deleted first, in the transaction of the whole run (`stamp --purge`).
    pub purge: bool,
}

/// Starts the Python engine when the first script needs it.
pub type EngineStarter<'a> = dyn FnMut() -> Result<Engine, ScriptError> + 'a;

/// What every script of the run sees besides its own revision.
#[derive(Debug, Clone, Default)]
pub struct RunFacts {
    pub revision_argument: Option<String>,
    pub starting_revision: Option<String>,
    pub head_revisions: Vec<String>,
    /// Keyword arguments of `context.run_migrations(**kw)`, handed to `upgrade()`.
    pub arguments: serde_json::Map<String, serde_json::Value>,
}

/// What a finished run did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RunSummary {
    pub steps: usize,
    pub statements: usize,
}

/// Runs a plan on a database.
///
/// # Errors
/// The step that failed, with the state it left.
pub fn run_live(
    connection: &mut dyn Connection,
    settings: &Settings,
    steps: &[PlannedStep],
    options: RunOptions,
    facts: &RunFacts,
    start_engine: &mut EngineStarter<'_>,
    events: &mut dyn Events,
) -> Result<RunSummary, RunError> {
    let mut summary = RunSummary::default();
    let mut engine = prepare(steps, start_engine)?;
    let mut memo = Memo::default();
    // Where only rows change there is no DDL to be left out of a transaction.
    let transactional = settings.options.transactional_ddl != Some(false) || steps.iter().all(|step| step.script.is_none());
    let journal = KeptJournal::keep(connection, settings.dialect, steps.len());
    let result = run_steps(
        connection,
        settings,
        steps,
        options,
        facts,
        engine.as_mut(),
        &mut memo,
        events,
        &mut summary,
        transactional,
    );
    journal.give_up(connection);
    result.map(|()| summary)
}

/// SQLite deletes and creates its rollback journal with every transaction. For a run of many, keeping the file and cutting it to nothing is as safe and spares the
/// file system that work (<https://www.sqlite.org/pragma.html#pragma_journal_mode>).
struct KeptJournal(bool);

impl KeptJournal {
    /// A run of fewer steps is not worth the question.
    const MANY: usize = 4;

    fn keep(connection: &mut dyn Connection, dialect: DialectName, steps: usize) -> Self {
        if dialect != DialectName::Sqlite || steps < Self::MANY {
            return KeptJournal(false);
        }
        let mode = connection
            .query("PRAGMA journal_mode", &[])
            .ok()
            .and_then(|result| result.rows.into_iter().next()?.into_iter().next());
        let deletes = matches!(mode, Some(Literal::Text(mode)) if mode == "delete");
        KeptJournal(deletes && connection.query("PRAGMA journal_mode = truncate", &[]).is_ok())
    }

    /// Goes back to SQLite's default, which removes the file.
    fn give_up(self, connection: &mut dyn Connection) {
        if self.0 {
            let _ = connection.query("PRAGMA journal_mode = delete", &[]);
        }
    }
}

#[allow(clippy::too_many_arguments)] // the parts of a run are borrowed separately
fn run_steps(
    connection: &mut dyn Connection,
    settings: &Settings,
    steps: &[PlannedStep],
    options: RunOptions,
    facts: &RunFacts,
    mut engine: Option<&mut Engine>,
    memo: &mut Memo,
    events: &mut dyn Events,
    summary: &mut RunSummary,
    transactional: bool,
) -> Result<(), RunError> {
    let whole = options.single_transaction && transactional;
    if whole {
        connection.begin().map_err(|error| RunError::Database(error.into()))?;
    }
    if options.purge
        && let Err(error) = connection.execute_batch(&version::purge(&settings.version_table, settings.dialect))
    {
        let _ = connection.rollback();
        return Err(RunError::Database(error.into()));
    }
    // Steps whose work and rows are in the database for good.
    let mut done = 0;
    for (index, step) in steps.iter().enumerate() {
        events.event(Event::StepStarted {
            number: index + 1,
            total: steps.len(),
            label: &step.label,
        });
        let started = Instant::now();
        let opening = Opening {
            // A script may have ended the transaction of the whole run by SQL of its own.
            begin: transactional && !connection.in_transaction(),
            create_version_table: options.create_version_table && index == 0,
            commit: transactional && !options.single_transaction,
        };
        let mut did = Did::default();
        let outcome = run_step(connection, settings, step, opening, facts, engine.as_deref_mut(), memo, events, &mut did);
        summary.statements += did.statements;
        if did.kept {
            done = index;
        }
        if let Err(fault) = outcome {
            let gone = !connection.in_transaction() || connection.rollback().is_ok();
            return Err(RunError::Step(Box::new(StepError {
                label: step.label.clone(),
                script: step.script.clone(),
                fault,
                left: Left::Database {
                    rows: version::read(&settings.version_table, connection).ok().map(Option::unwrap_or_default),
                    undone: transactional && !did.kept && gone,
                    done,
                },
            })));
        }
        if !connection.in_transaction() {
            done = index + 1;
        }
        summary.steps += 1;
        events.event(Event::StepFinished {
            label: &step.label,
            statements: did.statements,
            elapsed: started.elapsed(),
        });
    }
    if whole && let Err(error) = connection.commit() {
        let _ = connection.rollback();
        return Err(RunError::Commit {
            error: error.into(),
            rows: version::read(&settings.version_table, connection).ok().map(Option::unwrap_or_default),
        });
    }
    Ok(())
}

/// Starts the engine if a script will run and looks at every script before anything is changed.
fn prepare(steps: &[PlannedStep], start_engine: &mut EngineStarter<'_>) -> Result<Option<Engine>, RunError> {
    if steps.iter().all(|step| step.script.is_none()) {
        return Ok(None);
    }
    let mut engine = start_engine().map_err(|error| RunError::Engine(Box::new(error)))?;
    for step in steps {
        if let (Some(path), Some(direction)) = (&step.script, engine_direction(step.label.direction)) {
            engine.check_revision(path, direction).map_err(|error| RunError::Preflight(Box::new(error)))?;
        }
    }
    Ok(Some(engine))
}

fn engine_direction(direction: Direction) -> Option<limbeck_python::Direction> {
    match direction {
        Direction::Upgrade => Some(limbeck_python::Direction::Upgrade),
        Direction::Downgrade => Some(limbeck_python::Direction::Downgrade),
        Direction::Stamp => None,
    }
}

/// What a step does before and after its script.
#[derive(Debug, Clone, Copy)]
struct Opening {
    begin: bool,
    create_version_table: bool,
    commit: bool,
}

/// What a step did, also where it failed.
#[derive(Debug, Clone, Copy, Default)]
struct Did {
    statements: usize,
    /// Something was committed before the end of the step, or may have been.
    kept: bool,
}

#[allow(clippy::too_many_arguments)] // the parts of a run are borrowed separately
fn run_step(
    connection: &mut dyn Connection,
    settings: &Settings,
    step: &PlannedStep,
    opening: Opening,
    facts: &RunFacts,
    engine: Option<&mut Engine>,
    memo: &mut Memo,
    events: &mut dyn Events,
    did: &mut Did,
) -> Result<(), StepFault> {
    let refused = |sql: &str, error: limbeck_db::DbError| {
        StepFault::Database(HostError {
            statement: Some(sql.to_owned()),
            ..error.into()
        })
    };
    if opening.begin {
        connection.begin().map_err(|error| refused("BEGIN", error))?;
    }
    if opening.create_version_table {
        let create = version::create(&settings.version_table, settings.dialect, false).map_err(StepFault::Database)?;
        connection.execute_batch(&create).map_err(|error| refused(&create, error))?;
    }
    if let (Some(path), Some(direction), Some(engine)) = (&step.script, engine_direction(step.label.direction), engine) {
        let context = run_context(settings, step, facts, false, connection.server_version());
        let mut host = LiveHost::new(connection, settings.dialect, &settings.naming, memo, events);
        let result = engine.run_revision(Path::new(path), direction, &facts.arguments, &context, &mut host);
        did.statements += host.statements();
        did.kept = host.kept();
        result.map_err(|error| StepFault::Script(Box::new(error)))?;
    }
    for change in &step.changes {
        version::apply(&settings.version_table, connection, settings.dialect, change).map_err(StepFault::Database)?;
        did.statements += 1;
    }
    if opening.commit {
        connection.commit().map_err(|error| {
            // A connection that broke here may have done so after the server's COMMIT.
            did.kept |= connection.is_closed();
            refused("COMMIT", error)
        })?;
    }
    Ok(())
}

fn run_context(settings: &Settings, step: &PlannedStep, facts: &RunFacts, offline: bool, server_version: Vec<u32>) -> RunContext {
    RunContext {
        dialect: Some(settings.dialect.name().to_owned()),
        driver: settings.driver.clone(),
        server_version,
        offline,
        url: settings.url_text.as_ref().map(|url| url.reveal().to_owned()),
        default_schema: settings.default_schema(),
        revision: step.revision.clone(),
        revision_argument: facts.revision_argument.clone(),
        starting_revision_argument: facts.starting_revision.clone(),
        head_revisions: facts.head_revisions.clone(),
        current_heads: step.rows_after.clone(),
        version_table: Some(settings.version_table.name.name.text.clone()),
        version_table_schema: settings.version_table.name.schema.as_ref().map(|schema| schema.text.clone()),
        naming_convention: settings.naming.patterns.iter().map(|(key, pattern)| (key.clone(), pattern.clone())).collect(),
        options: settings.options.raw.clone(),
    }
}

/// Prints a plan as SQL.
///
/// # Errors
/// The step whose script failed; what was printed before stays printed.
pub fn run_offline(
    settings: &Settings,
    starts_at_base: bool,
    steps: &[PlannedStep],
    facts: &RunFacts,
    start_engine: &mut EngineStarter<'_>,
    events: &mut dyn Events,
    out: &mut dyn FnMut(&str),
) -> Result<RunSummary, RunError> {
    let dialect = settings.dialect;
    let transactional = settings.options.transactional_ddl.unwrap_or(dialect.transactional_ddl());
    let per_step = settings.options.transaction_per_migration;
    let mut summary = RunSummary::default();
    let mut engine = prepare(steps, start_engine)?;
    let mut memo = Memo::default();
    let create = version::create(&settings.version_table, dialect, true).map_err(RunError::Database)?;
    let mut at_base = starts_at_base;
    if transactional && !per_step {
        out("BEGIN;\n\n");
    }
    for (index, step) in steps.iter().enumerate() {
        events.event(Event::StepStarted {
            number: index + 1,
            total: steps.len(),
            label: &step.label,
        });
        let started = Instant::now();
        if transactional && per_step {
            out("BEGIN;\n\n");
        }
        if at_base {
            out(&statement_text(&create));
        }
        out(&format!("-- Running {} {}\n\n", step.label.direction.word(), step.label.arrow()));
        let mut statements = 0;
        if let (Some(path), Some(direction), Some(engine)) = (&step.script, engine_direction(step.label.direction), engine.as_mut()) {
            let context = run_context(settings, step, facts, true, Vec::new());
            let mut host = OfflineHost {
                dialect,
                naming: &settings.naming,
                binds: bind_mode(dialect, settings.options.literal_binds, settings.options.paramstyle.as_deref()),
                bind_casts: bind_casts(dialect, settings.options.literal_binds, settings.driver.as_deref()),
                transactional,
                memo: &mut memo,
                events,
                out,
                statements: 0,
            };
            let result = engine.run_revision(Path::new(path), direction, &facts.arguments, &context, &mut host);
            statements = host.statements;
            result.map_err(|error| {
                let fault = StepFault::Script(Box::new(error));
                RunError::Step(Box::new(StepError {
                    label: step.label.clone(),
                    script: step.script.clone(),
                    fault,
                    left: Left::Text,
                }))
            })?;
        }
        for change in &step.changes {
            out(&statement_text(&version::change(&settings.version_table, dialect, change).sql));
        }
        at_base = step.rows_after.is_empty();
        if transactional && per_step {
            out("COMMIT;\n\n");
        }
        summary.steps += 1;
        summary.statements += statements;
        events.event(Event::StepFinished {
            label: &step.label,
            statements,
            elapsed: started.elapsed(),
        });
    }
    if transactional && !per_step {
        out("COMMIT;\n\n");
    }
    Ok(summary)
}

/// Runs statements that env.py gives to the connection before the migrations (`SET search_path …`).
///
/// # Errors
/// What the database answered.
pub fn run_setup(connection: &mut dyn Connection, settings: &Settings) -> Result<(), HostError> {
    for sql in &settings.setup {
        connection.execute_batch(sql).map_err(|error| HostError {
            statement: Some(sql.clone()),
            ..error.into()
        })?;
    }
    Ok(())
}
