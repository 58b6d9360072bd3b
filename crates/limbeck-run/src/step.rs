//! One step of a run: the script, then its version rows, with as many attempts as locks make necessary.

use limbeck_dialect::Memo;
use limbeck_ops::HostError;
use limbeck_python::{Engine, RunContext};

use crate::error::StepFault;
use crate::event::Direction;
use crate::journal::{AppliedScript, At};
use crate::live::LiveHost;
use crate::plan::PlannedStep;
use crate::runner::RunFacts;
use crate::scripted;
use crate::segments::{Ground, Segments, Whose};
use crate::session::flavour;
use crate::settings::Settings;
use crate::version;

/// What a step does before and after its script.
#[derive(Debug, Clone, Default)]
pub(crate) struct Opening {
    /// Whether statements run in transactions where they can.
    pub transactional: bool,
    /// Runs first in the step's transaction (the version table).
    pub first: Option<String>,
    /// Whether the step ends with COMMIT.
    pub commit: bool,
    /// Who is noted as having applied the script.
    pub by: Option<String>,
    /// Whether the journal has finished segments of it.
    pub half_done: bool,
}

/// What a step did, also where it failed.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Did {
    pub statements: usize,
    /// Something was committed before the end of the step, or may have been.
    pub kept: bool,
    /// Finished segments that the journal knows.
    pub segments: Option<usize>,
    /// Indexes were built outside of a transaction.
    pub concurrent: bool,
}

/// The direction as the engine calls it; nothing where only rows change.
pub(crate) fn engine_direction(direction: Direction) -> Option<limbeck_python::Direction> {
    match direction {
        Direction::Upgrade => Some(limbeck_python::Direction::Upgrade),
        Direction::Downgrade => Some(limbeck_python::Direction::Downgrade),
        Direction::Stamp => None,
    }
}

/// What a script sees of its run.
pub(crate) fn run_context(settings: &Settings, step: &PlannedStep, facts: &RunFacts, offline: bool, server_version: Vec<u32>) -> RunContext {
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

/// A script's text, for remembering what was applied.
struct Source {
    text: String,
    path: String,
    meaning: String,
}

impl Source {
    fn read(step: &PlannedStep) -> Option<Self> {
        let path = step.script.as_ref()?;
        let text = limbeck_script::read_source(path).ok()?;
        Some(Source {
            meaning: limbeck_script::meaning(&text),
            path: step.shown_path(),
            text,
        })
    }
}

/// A step with everything it needs but the database and the engine.
pub(crate) struct Task<'a> {
    pub settings: &'a Settings,
    pub step: &'a PlannedStep,
    pub facts: &'a RunFacts,
    pub opening: Opening,
}

impl Task<'_> {
    /// Runs the step.
    pub(crate) fn run(&self, ground: &mut Ground<'_>, engine: Option<&mut Engine>, memo: &mut Memo, did: &mut Did) -> Result<(), StepFault> {
        let step = self.step;
        let direction = engine_direction(step.label.direction);
        let source = if ground.journal.is_on() && direction.is_some() {
            Source::read(step)
        } else {
            None
        };
        let whose = Whose {
            revision: step.label.revision().to_owned(),
            direction: step.label.direction.command(),
            meaning: source.as_ref().map(|source| source.meaning.clone()),
        };
        let half = if direction.is_some() && self.opening.half_done {
            let at = At {
                revision: &whose.revision,
                direction: whose.direction,
                meaning: None,
            };
            ground.journal.read(ground.connection, at).map_err(StepFault::Database)?
        } else {
            None
        };
        let prefix = match (step.label.direction, &source) {
            (Direction::Upgrade, Some(source)) => ground.journal.remember(&AppliedScript {
                revision: &whose.revision,
                meaning: &source.meaning,
                source: &source.text,
                path: &source.path,
                by: self.opening.by.as_deref().unwrap_or_default(),
            }),
            (Direction::Downgrade, _) => ground.journal.forget(&whose.revision),
            // Whoever stamps says what state the schema is in.
            (Direction::Stamp, _) => ground.journal.clear(None),
            (Direction::Upgrade, None) => None,
        };
        let mut segments = Segments::new(ground, whose, self.opening.transactional, self.opening.first.clone(), half);
        let result = self.attempts(&mut segments, engine, memo, prefix.as_deref());
        did.statements += segments.statements();
        did.kept = segments.kept();
        did.segments = segments.journalled();
        did.concurrent = segments.concurrent();
        result
    }

    fn attempts(&self, segments: &mut Segments<'_, '_>, mut engine: Option<&mut Engine>, memo: &mut Memo, prefix: Option<&str>) -> Result<(), StepFault> {
        let remembered = memo.clone();
        loop {
            let result = self.attempt(segments, engine.as_deref_mut(), memo, prefix);
            if !segments.wants_restart() {
                return result;
            }
            segments.begin_again().map_err(StepFault::Database)?;
            memo.clone_from(&remembered);
        }
    }

    fn attempt(&self, segments: &mut Segments<'_, '_>, engine: Option<&mut Engine>, memo: &mut Memo, prefix: Option<&str>) -> Result<(), StepFault> {
        let (settings, step) = (self.settings, self.step);
        if let (Some(path), Some(direction)) = (&step.script, engine_direction(step.label.direction)) {
            let context = run_context(settings, step, self.facts, false, segments.connection().server_version());
            let mut host = LiveHost {
                segments,
                dialect: settings.dialect,
                naming: &settings.naming,
                memo,
            };
            let what = (path.as_path(), direction);
            scripted::run(engine, what, &self.facts.arguments, &context, flavour(settings.dialect), &mut host)
                .map_err(|error| StepFault::Script(Box::new(error)))?;
            segments.script_ended().map_err(StepFault::Database)?;
        }
        let mut rows = |connection: &mut dyn limbeck_db::Connection| -> Result<(), HostError> {
            let mut prefix = prefix;
            if step.changes.is_empty()
                && let Some(text) = prefix.take()
            {
                connection.execute_batch(text)?;
            }
            for change in &step.changes {
                version::apply(&settings.version_table, connection, settings.dialect, change, prefix.take())?;
            }
            Ok(())
        };
        segments.close(self.opening.commit, &mut rows).map_err(StepFault::Database)
    }
}
