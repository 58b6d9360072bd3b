//! Runs a plan on a database: each step in transactions of its own, with its version rows, under the migration lock.

use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use limbeck_db::{Companion, Connection, DbError, Leftover};
use limbeck_dialect::{DialectName, Memo};
use limbeck_expr::Literal;
use limbeck_ops::HostError;
use limbeck_python::{Engine, ScriptError};

use crate::error::{Left, RunError, StepError, StepFault};
use crate::event::{Direction, Event, Events};
use crate::journal::Journal;
use crate::plan::PlannedStep;
use crate::retry;
use crate::safety::Safety;
use crate::scripted;
use crate::segments::Ground;
use crate::session::flavour;
use crate::settings::Settings;
use crate::step::{Did, Opening, Task, engine_direction};
use crate::version;

/// How a run is carried out.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RunOptions {
    /// One transaction for the whole run.
    pub single_transaction: bool,
    /// The first step creates the version table.
    pub create_version_table: bool,
    /// The version rows are deleted first, in the transaction of the whole run (`stamp --purge`).
    pub purge: bool,
    /// Who is noted as having applied the scripts.
    pub by: Option<String>,
}

/// Starts the Python engine when the first script needs it.
pub type EngineStarter<'a> = dyn FnMut() -> Result<Engine, ScriptError> + 'a;

/// Connects again after the connection broke.
pub type Reconnect<'a> = dyn FnMut() -> Result<Box<dyn Connection>, DbError> + 'a;

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

/// Everything a run works with.
pub struct Run<'a> {
    pub connection: &'a mut dyn Connection,
    /// Holds the migration lock and looks after waiting statements.
    pub companion: Option<&'a mut (dyn Companion + 'static)>,
    pub journal: &'a mut Journal,
    pub settings: &'a Settings,
    pub options: RunOptions,
    pub safety: &'a Safety,
    pub facts: &'a RunFacts,
    pub start_engine: &'a mut EngineStarter<'a>,
    pub reconnect: &'a mut Reconnect<'a>,
    pub events: &'a mut dyn Events,
    /// Set when the user wants to stop.
    pub stop: &'a AtomicBool,
}

/// How long a lost server is waited for, to ask it where the database is.
const COMES_BACK: Duration = Duration::from_secs(15);
/// How often the lock is looked at and the present revision told.
const HEARTBEAT: Duration = Duration::from_secs(1);

impl Run<'_> {
    /// Runs the steps of a plan in order.
    ///
    /// # Errors
    /// The step that failed, with the state it left.
    pub fn steps(self, steps: &[PlannedStep]) -> Result<RunSummary, RunError> {
        let mut engine = prepare(steps, self.start_engine)?;
        // Where only rows change there is no DDL to be left out of a transaction.
        let transactional = self.settings.options.transactional_ddl != Some(false) || steps.iter().all(|step| step.script.is_none());
        let sqlite_journal = KeptJournal::keep(self.connection, self.settings.dialect, steps.len());
        let dialect = self.settings.dialect;
        let mut walk = Walk {
            ground: Ground {
                connection: self.connection,
                companion: self.companion,
                events: self.events,
                journal: self.journal,
                safety: self.safety,
                stop: self.stop,
                flavour: flavour(dialect),
            },
            settings: self.settings,
            options: self.options,
            facts: self.facts,
            transactional,
            memo: Memo::default(),
            summary: RunSummary::default(),
            heard: Instant::now(),
            concurrent: false,
            done: 0,
            half_done: Vec::new(),
        };
        let result = walk.go(steps, engine.as_mut(), self.reconnect);
        sqlite_journal.give_up(walk.ground.connection);
        result.map(|()| walk.summary)
    }
}

/// A run on its way.
struct Walk<'a> {
    ground: Ground<'a>,
    settings: &'a Settings,
    options: RunOptions,
    facts: &'a RunFacts,
    transactional: bool,
    memo: Memo,
    summary: RunSummary,
    /// When the lock was last looked at.
    heard: Instant,
    /// Indexes were built outside of transactions.
    concurrent: bool,
    /// Steps whose work and rows are in the database for good.
    done: usize,
    /// Revisions that an earlier run began.
    half_done: Vec<String>,
}

impl Walk<'_> {
    fn go(&mut self, steps: &[PlannedStep], mut engine: Option<&mut Engine>, reconnect: &mut Reconnect<'_>) -> Result<(), RunError> {
        self.refuse_half_done(steps)?;
        let whole = self.options.single_transaction && self.transactional;
        if whole {
            self.ground.connection.begin().map_err(|error| RunError::Database(error.into()))?;
        }
        if self.options.purge
            && let Err(error) = self
                .ground
                .connection
                .execute_batch(&version::purge(&self.settings.version_table, self.settings.dialect))
        {
            let _ = self.ground.connection.rollback();
            return Err(RunError::Database(error.into()));
        }
        for (index, step) in steps.iter().enumerate() {
            self.heartbeat(step, index == 0)?;
            self.step(index, steps.len(), step, engine.as_deref_mut(), reconnect)?;
        }
        if whole && let Err(error) = self.ground.connection.commit() {
            let _ = self.ground.connection.rollback();
            let rows = self.rows(reconnect);
            return Err(RunError::Commit { error: error.into(), rows });
        }
        if self.concurrent {
            self.leftovers();
        }
        Ok(())
    }

    fn step(&mut self, index: usize, total: usize, step: &PlannedStep, engine: Option<&mut Engine>, reconnect: &mut Reconnect<'_>) -> Result<(), RunError> {
        self.ground.events.event(Event::StepStarted {
            number: index + 1,
            total,
            label: &step.label,
        });
        let started = Instant::now();
        let create = self.options.create_version_table && index == 0;
        let create = create.then(|| version::create(&self.settings.version_table, self.settings.dialect, false));
        let opening = Opening {
            transactional: self.transactional,
            first: create.transpose().map_err(RunError::Database)?,
            commit: !(self.options.single_transaction && self.transactional),
            by: self.options.by.clone(),
            half_done: self.half_done.iter().any(|revision| revision == step.label.revision()),
        };
        let mut did = Did::default();
        let task = Task {
            settings: self.settings,
            step,
            facts: self.facts,
            opening,
        };
        let outcome = task.run(&mut self.ground, engine, &mut self.memo, &mut did);
        self.summary.statements += did.statements;
        self.concurrent |= did.concurrent;
        if did.kept {
            self.done = index;
        }
        if let Err(fault) = outcome {
            return Err(self.failed(step, fault, did, reconnect));
        }
        if !self.ground.connection.in_transaction() {
            self.done = index + 1;
        }
        self.summary.steps += 1;
        self.ground.events.event(Event::StepFinished {
            label: &step.label,
            statements: did.statements,
            elapsed: started.elapsed(),
        });
        Ok(())
    }

    fn failed(&mut self, step: &PlannedStep, mut fault: StepFault, did: Did, reconnect: &mut Reconnect<'_>) -> RunError {
        if self.options.single_transaction {
            too_many_locks(&mut fault);
        }
        let connection = &mut *self.ground.connection;
        let gone = !connection.in_transaction() || connection.rollback().is_ok() || connection.is_closed();
        let lost = self.ground.connection.is_closed();
        let rows = self.rows(reconnect);
        // The server may have committed before the connection broke: the rows tell.
        let mut after = step.rows_after.clone();
        after.sort();
        let committed = lost && rows.as_ref().is_some_and(|rows| sorted(rows) == after && !step.changes.is_empty());
        let leftovers = if lost { Vec::new() } else { self.leftovers() };
        RunError::Step(Box::new(StepError {
            label: step.label.clone(),
            script: step.script.clone(),
            fault,
            left: Left::Database {
                rows,
                undone: self.transactional && !did.kept && gone && !committed,
                done: self.done,
                segments: did.segments.filter(|count| *count > 0),
                committed,
                leftovers,
            },
        }))
    }

    /// The version rows, over a new connection if the old one is gone.
    fn rows(&mut self, reconnect: &mut Reconnect<'_>) -> Option<Vec<String>> {
        let table = &self.settings.version_table;
        if !self.ground.connection.is_closed() {
            return version::read(table, self.ground.connection).ok().map(Option::unwrap_or_default);
        }
        let until = Instant::now() + COMES_BACK;
        for attempt in 1.. {
            if let Ok(mut fresh) = reconnect()
                && let Ok(rows) = version::read(table, fresh.as_mut())
            {
                return Some(rows.unwrap_or_default());
            }
            if Instant::now() > until || retry::sleep(retry::pause(attempt).min(Duration::from_secs(1)), self.ground.stop) {
                return None;
            }
        }
        None
    }

    fn leftovers(&mut self) -> Vec<Leftover> {
        if self.settings.dialect != DialectName::Postgresql {
            return Vec::new();
        }
        let found = limbeck_db::leftovers(self.ground.connection).unwrap_or_default();
        if !found.is_empty() {
            self.ground.events.event(Event::Leftovers(&found));
        }
        found
    }

    /// Tells who asks what we work on, and makes sure that the lock is still ours.
    fn heartbeat(&mut self, step: &PlannedStep, first: bool) -> Result<(), RunError> {
        if !first && self.heard.elapsed() < HEARTBEAT {
            return Ok(());
        }
        self.heard = Instant::now();
        let Some(companion) = self.ground.companion.as_deref_mut() else {
            return Ok(());
        };
        let doing = format!("{} {}", step.label.direction.command(), step.label.revision());
        // What others are told is not worth failing for; a lost lock is.
        let _ = companion.announce(&doing);
        if !first && !companion.still_held() {
            if self.ground.connection.in_transaction() {
                let _ = self.ground.connection.rollback();
            }
            return Err(RunError::LockLost { done: self.done });
        }
        Ok(())
    }

    /// Looks for half-done revisions. One that is half done in one direction cannot be passed in the other.
    fn refuse_half_done(&mut self, steps: &[PlannedStep]) -> Result<(), RunError> {
        let direction = steps.first().map_or(Direction::Stamp, |step| step.label.direction);
        if direction == Direction::Stamp {
            return Ok(());
        }
        for half in self.ground.journal.half_done(self.ground.connection).map_err(RunError::Database)? {
            if half.direction != direction.command() {
                return Err(RunError::HalfDone(half));
            }
            self.half_done.push(half.revision);
        }
        Ok(())
    }
}

/// One transaction for many revisions holds the locks of all of them, and the server has room for so many only (53200, "out of shared memory").
fn too_many_locks(fault: &mut StepFault) {
    let error = match fault {
        StepFault::Script(error) => error.host_error.as_deref_mut(),
        StepFault::Database(error) => Some(error),
    };
    if let Some(error) = error.filter(|error| error.sqlstate.as_deref() == Some("53200")) {
        error.hint = Some("leave out `--single-transaction`: one transaction for each revision holds the locks of one only".into());
    }
}

fn sorted(rows: &[String]) -> Vec<String> {
    let mut rows = rows.to_vec();
    rows.sort();
    rows
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

/// Starts the engine if a script will run and looks at every script before anything is changed.
pub(crate) fn prepare(steps: &[PlannedStep], start_engine: &mut EngineStarter<'_>) -> Result<Option<Engine>, RunError> {
    if steps.iter().all(|step| step.script.is_none()) {
        return Ok(None);
    }
    let python = steps.iter().filter_map(|step| step.script.as_deref()).any(scripted::needs_engine);
    let mut engine = python.then(start_engine).transpose().map_err(|error| RunError::Engine(Box::new(error)))?;
    for step in steps {
        if let (Some(path), Some(direction)) = (&step.script, engine_direction(step.label.direction)) {
            scripted::check(engine.as_mut(), path, direction).map_err(|error| RunError::Preflight(Box::new(error)))?;
        }
    }
    Ok(engine)
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
