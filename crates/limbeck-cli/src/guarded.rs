//! What surrounds every run that changes a database: signals, the migration lock, timeouts, the journal.

use crate::context::{Context, Failure};
use crate::interrupt::Interrupt;
use limbeck_db::{Companion, Connection, DatabaseUrl, DbError, Environment, Identity, LockError};
use limbeck_run::{Event, Events, GuardError, Journal, Run, RunError, RunFacts, RunOptions, RunSummary, Safety, Settings};
use limbeck_source::Diagnose;

/// A database that nobody else migrates at the moment.
pub struct Guarded<'a> {
    settings: &'a Settings,
    safety: Safety,
    companion: Box<dyn Companion>,
    journal: Journal,
    identity: Identity,
    pub interrupt: Interrupt,
}

impl<'a> Guarded<'a> {
    /// Waits for the migration lock and prepares the session.
    ///
    /// # Errors
    /// Another run holds the lock for too long, a pooler is in between, the database refuses; or the user stopped the wait.
    pub fn new(
        context: &Context,
        settings: &'a Settings,
        safety: Safety,
        connection: &mut dyn Connection,
        command: &str,
        events: &mut dyn Events,
    ) -> Result<Self, Failure> {
        let interrupt = Interrupt::install(connection.cancel_handle());
        let identity = Identity::of_process(command);
        let url = settings.url.as_ref().ok_or_else(crate::session::no_url)?;
        let mut companion = limbeck_db::companion(url, &Environment::of_process(), &identity).map_err(|error| Failure::new(error.diagnose()))?;
        let flag = interrupt.flag();
        limbeck_run::take_lock(connection, companion.as_mut(), settings, &safety, &flag, events).map_err(|error| refused(&error, &interrupt))?;
        let database = |error| crate::session::database_failure(context, "the session cannot be prepared", &error);
        limbeck_run::set_timeouts(connection, settings, &safety).map_err(database)?;
        let (journal, warning) = Journal::open(connection, settings.dialect, &settings.version_table.name, safety.journal).map_err(database)?;
        if let Some(warning) = warning {
            events.event(Event::Warning(&warning));
        }
        Ok(Guarded {
            settings,
            safety,
            companion,
            journal,
            identity,
            interrupt,
        })
    }

    /// Runs a plan.
    ///
    /// # Errors
    /// Why the run stopped.
    pub fn run(
        &mut self,
        connection: &mut dyn Connection,
        steps: &[limbeck_run::PlannedStep],
        options: RunOptions,
        facts: &RunFacts,
        start_engine: &mut limbeck_run::EngineStarter<'_>,
        events: &mut dyn Events,
    ) -> Result<RunSummary, RunError> {
        let settings = self.settings;
        let mut reconnect = || reconnect(settings.url.as_ref());
        let flag = self.interrupt.flag();
        Run {
            connection,
            companion: Some(self.companion.as_mut()),
            journal: &mut self.journal,
            settings,
            options: RunOptions {
                by: Some(format!("{}@{}", self.identity.user, self.identity.host)),
                ..options
            },
            safety: &self.safety,
            facts,
            start_engine,
            reconnect: &mut reconnect,
            events,
            stop: &flag,
        }
        .steps(steps)
    }

    /// The half-done revisions of the database.
    ///
    /// # Errors
    /// What the database answered.
    pub fn half_done(&self, connection: &mut dyn Connection) -> Result<Vec<limbeck_run::HalfDoneRevision>, limbeck_ops::HostError> {
        self.journal.half_done(connection)
    }

    /// Forgets them.
    ///
    /// # Errors
    /// What the database answered.
    pub fn forget_half_done(&mut self, connection: &mut dyn Connection) -> Result<(), limbeck_ops::HostError> {
        self.journal.forget_half_done(connection)
    }

    /// Copies records of the health log into the database; what stands in the way is no reason to fail.
    pub fn record(&self, connection: &mut dyn Connection, lines: &[String]) {
        if let Some(text) = self.journal.log(lines)
            && !connection.is_closed()
            && !connection.in_transaction()
        {
            let _ = connection.execute_batch(&text);
        }
    }
}

fn reconnect(url: Option<&DatabaseUrl>) -> Result<Box<dyn Connection>, DbError> {
    match url {
        Some(url) => limbeck_db::connect(url, &Environment::of_process()),
        None => Err(limbeck_db::UrlError::Form.into()),
    }
}

fn refused(error: &GuardError, interrupt: &Interrupt) -> Failure {
    let mut failure = Failure::new(error.diagnose());
    if let GuardError::Lock(LockError::Stopped) = error
        && let Some(exit) = interrupt.exit_code()
    {
        failure.exit = exit;
    }
    failure
}
