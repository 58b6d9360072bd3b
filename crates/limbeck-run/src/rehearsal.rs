//! Running steps on a scratch database: no lock, no journal, nobody waits; the schema can be looked at after every step.

use std::sync::atomic::AtomicBool;

use limbeck_db::{Connection, DbError, Filter};
use limbeck_ops::HostError;
use limbeck_schema::catalogue::{Catalogue, Name};

use crate::error::RunError;
use crate::event::{Event, Events};
use crate::journal::Journal;
use crate::plan::PlannedStep;
use crate::runner::{EngineStarter, Run, RunFacts, RunOptions};
use crate::safety::{JournalMode, Safety};
use crate::scratch::Scratch;
use crate::settings::Settings;
use crate::version;

/// What is called after a step: its number from 0, and the schema it left.
pub type Look<'a> = dyn FnMut(usize, Catalogue) + 'a;

/// A run on a scratch database.
pub struct Rehearsal<'a, 'l> {
    /// Where.
    pub scratch: &'a Scratch,
    /// What every script sees.
    pub facts: &'a RunFacts,
    /// Starts the engine.
    pub start_engine: &'a mut EngineStarter<'a>,
    /// Hears what happens.
    pub events: &'a mut dyn Events,
    /// Set when the user wants to stop.
    pub stop: &'a AtomicBool,
    /// Whether the schema after a step is looked at; asked once after each finished step.
    pub wanted: &'a dyn Fn(usize) -> bool,
    /// Sees the schema.
    pub look: &'a mut Look<'l>,
}

impl Rehearsal<'_, '_> {
    /// Runs steps, each in its own transaction.
    ///
    /// # Errors
    /// The step that failed. What it left is in the scratch database.
    pub fn run(self, steps: &[PlannedStep]) -> Result<(), RunError> {
        let settings = self.scratch.settings();
        let mut connection = self.scratch.connect_for_run().map_err(RunError::Database)?;
        let refused = |error: DbError| RunError::Database(error.into());
        let eyes = self.scratch.connect().map_err(refused)?;
        let start = version::start(&settings.version_table, connection.as_mut(), settings.dialect).map_err(RunError::Database)?;
        let safety = Safety {
            journal: JournalMode::Off,
            lock_timeout: None,
            ..Safety::default()
        };
        let (mut journal, _) =
            Journal::open(connection.as_mut(), settings.dialect, &settings.version_table.name, JournalMode::Off).map_err(RunError::Database)?;
        let scratch = self.scratch;
        let mut reconnect = || scratch.connect();
        let mut watch = Watch {
            events: self.events,
            eyes,
            filter: own_filter(settings),
            wanted: self.wanted,
            look: self.look,
            at: 0,
            failed: None,
        };
        Run {
            connection: connection.as_mut(),
            companion: None,
            journal: &mut journal,
            settings,
            options: RunOptions {
                create_version_table: start.create,
                ..RunOptions::default()
            },
            safety: &safety,
            facts: self.facts,
            start_engine: self.start_engine,
            reconnect: &mut reconnect,
            events: &mut watch,
            stop: self.stop,
        }
        .steps(steps)?;
        watch.failed.map_or(Ok(()), |error| Err(refused(error)))
    }
}

/// What is never part of a project's schema: the version table.
pub fn own_filter(settings: &Settings) -> Filter {
    let name = &settings.version_table.name;
    let mut filter = Filter::default().without(Name {
        schema: name.schema.as_ref().map(|schema| schema.text.clone()),
        name: name.name.text.clone(),
    });
    filter.grants = settings.grants;
    filter
}

/// Reads the schema of a scratch database.
///
/// # Errors
/// What the database answered.
pub fn schema_of(scratch: &Scratch) -> Result<Catalogue, HostError> {
    let mut connection = scratch.connect()?;
    Ok(limbeck_db::introspect(connection.as_mut(), &own_filter(scratch.settings()))?)
}

/// Looks at the schema after each step, over a connection of its own.
struct Watch<'a, 'l> {
    events: &'a mut dyn Events,
    eyes: Box<dyn Connection>,
    filter: Filter,
    wanted: &'a dyn Fn(usize) -> bool,
    look: &'a mut Look<'l>,
    at: usize,
    failed: Option<DbError>,
}

impl Events for Watch<'_, '_> {
    fn event(&mut self, event: Event<'_>) {
        self.events.event(event);
        if let Event::StepFinished { .. } = event {
            let at = self.at;
            self.at += 1;
            if !(self.wanted)(at) || self.failed.is_some() {
                return;
            }
            match limbeck_db::introspect(self.eyes.as_mut(), &self.filter) {
                Ok(catalogue) => (self.look)(at, catalogue),
                Err(error) => self.failed = Some(error),
            }
        }
    }
}
