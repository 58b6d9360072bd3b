//! Replaying the project's history on a scratch database, for the commands that compare schemas.

pub mod grants;
mod sql_file;

pub use sql_file::SqlFile;

use crate::args::{InitialArgs, ScratchArgs};
use crate::context::{Context, Failure};
use crate::interrupt::Interrupt;
use crate::progress::cut;
use crate::session;
use crate::streams;
use crate::workspace::{History, Workspace, graph_failure, script_failure};
use limbeck_db::{Connection, DatabaseUrl, Environment};
use limbeck_revision::{Graph, Steps, Target};
use limbeck_run::{Event, Events, PlannedStep, Rehearsal, RunError, RunFacts, Scratch, ScratchOptions, Settings, plan};
use limbeck_schema::catalogue::Catalogue;
use limbeck_source::{Diagnose, Diagnostic};
use std::collections::BTreeSet;
use std::io::IsTerminal;

/// SQLSTATEs of a history that counts on what it did not make: a schema, a function or type of an extension.
const MISSING: [&str; 4] = ["3F000", "42883", "42704", "42P01"];

/// One database of the project with its history, ready to be rehearsed.
pub struct Stage<'a> {
    pub context: &'a Context,
    pub workspace: &'a Workspace,
    pub settings: &'a Settings,
    pub history: &'a History,
    pub args: &'a ScratchArgs,
    /// What the real database has.
    pub live: Catalogue,
    /// What is run in a scratch database before the first revision.
    initial: Option<SqlFile>,
    interrupt: Interrupt,
}

/// A history that was replayed.
pub struct Replayed {
    pub scratch: Scratch,
    /// Why it stopped before the end; what it did up to there stands.
    pub stopped: Option<RunError>,
}

impl<'a> Stage<'a> {
    /// Reads the real database's schema; Ctrl-C is watched for from now on.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn new(
        context: &'a Context,
        workspace: &'a Workspace,
        settings: &'a Settings,
        history: &'a History,
        args: &'a ScratchArgs,
        connection: &mut dyn Connection,
    ) -> Result<Self, Failure> {
        let live = limbeck_db::introspect(connection, &limbeck_run::own_filter(settings)).map_err(|error| Failure::new(error.diagnose()))?;
        let configured = workspace.project.config().own_option("initial").map_err(script_failure)?;
        let initial = configured.filter(|path| !path.trim().is_empty()).map(|path| {
            let path = workspace.project.root().join(path).display().to_string();
            SqlFile::read(
                &path,
                "`initial` in the configuration names what is there before the first revision: a file of SQL",
            )
        });
        Ok(Stage {
            context,
            workspace,
            settings,
            history,
            args,
            live,
            initial: initial.transpose()?,
            interrupt: Interrupt::install(connection.cancel_handle()),
        })
    }

    /// The stage with what `--initial` names in place of what the configuration does.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn beginning_with(mut self, args: &InitialArgs) -> Result<Self, Failure> {
        if let Some(path) = &args.initial {
            let hint = "give the SQL of what was there before the first revision, such as the output of `pg_dump --schema-only` from then";
            self.initial = Some(SqlFile::read(path, hint)?);
        }
        Ok(self)
    }

    /// A scratch database as it is before the first revision.
    ///
    /// # Errors
    /// It may not be made; a statement of the initial file fails.
    pub fn beginning(&self, prepared: bool) -> Result<Scratch, Failure> {
        let scratch = self.scratch(prepared)?;
        let Some(initial) = &self.initial else { return Ok(scratch) };
        let mut connection = scratch.connect().map_err(|error| Failure::new(error.diagnose()))?;
        let result = initial.run(self.settings, connection.as_mut(), prepared);
        drop(connection);
        match result {
            Ok(()) => Ok(scratch),
            Err(refused) if refused.lacks && !prepared && self.has_more_than_usual() => {
                drop(scratch);
                self.beginning(true)
            }
            Err(refused) => Err(refused.failure),
        }
    }

    /// An empty scratch database. With `prepared` it has the schemas and extensions of the real one.
    ///
    /// # Errors
    /// It may not be made.
    pub fn scratch(&self, prepared: bool) -> Result<Scratch, Failure> {
        let mut options = ScratchOptions {
            server: scratch_server(self.context, self.args)?,
            ..ScratchOptions::default()
        };
        if prepared {
            options.schemas = self
                .live
                .schemas
                .iter()
                .map(|schema| schema.name.clone())
                .filter(|name| name != "public")
                .collect();
            options.extensions = self
                .live
                .extensions
                .iter()
                .map(|extension| (extension.name.clone(), extension.schema.clone()))
                .collect();
        }
        let scratch = Scratch::new(self.settings, &Environment::of_process(), &options).map_err(|error| Failure::new(error.diagnose()))?;
        if let Some(note) = scratch.note() {
            self.context.message(&format!("note: {note}"));
        }
        Ok(scratch)
    }

    /// Replays steps from the beginning on; a history that needs what is there already gets it at the second try.
    ///
    /// # Errors
    /// No scratch database; the user stopped it.
    pub fn replay(&self, steps: &[PlannedStep], wanted: &dyn Fn(usize) -> bool, look: &mut dyn FnMut(usize, Catalogue)) -> Result<Replayed, Failure> {
        let scratch = self.beginning(false)?;
        let stopped = self.run_on(&scratch, steps, wanted, look).err();
        self.check_interrupt()?;
        if !stopped.as_ref().is_some_and(|error| self.needs_preparation(error)) {
            return Ok(Replayed { scratch, stopped });
        }
        drop(scratch);
        let scratch = self.beginning(true)?;
        let stopped = self.run_on(&scratch, steps, wanted, look).err();
        self.check_interrupt()?;
        Ok(Replayed { scratch, stopped })
    }

    /// Runs steps on a scratch database.
    ///
    /// # Errors
    /// The step that failed.
    pub fn run_on(
        &self,
        scratch: &Scratch,
        steps: &[PlannedStep],
        wanted: &dyn Fn(usize) -> bool,
        look: &mut dyn FnMut(usize, Catalogue),
    ) -> Result<(), RunError> {
        if steps.is_empty() {
            return Ok(());
        }
        let flag = self.interrupt.flag();
        let mut start_engine = || crate::environment::engine(self.context, &self.workspace.project, std::sync::Arc::clone(&flag), None);
        let graph = &self.history.graph;
        let facts = RunFacts {
            revision_argument: Some("heads".to_owned()),
            head_revisions: graph.heads().iter().map(|at| graph.id(*at).to_owned()).collect(),
            arguments: self.settings.arguments.clone(),
            ..RunFacts::default()
        };
        let mut events = Replaying {
            shown: std::io::stderr().is_terminal() && !self.context.global.quiet && !streams::speaks_json(),
        };
        let result = Rehearsal {
            scratch,
            facts: &facts,
            start_engine: &mut start_engine,
            events: &mut events,
            stop: &flag,
            wanted,
            look,
        }
        .run(steps);
        streams::status(None);
        result
    }

    /// The steps from an empty database to revisions.
    ///
    /// # Errors
    /// The graph has no such way.
    pub fn steps_to(&self, targets: &[String]) -> Result<Vec<PlannedStep>, Failure> {
        let graph = &self.history.graph;
        let named: Vec<String> = targets.iter().filter(|target| *target != "base").cloned().collect();
        if named.is_empty() {
            return Ok(Vec::new());
        }
        let steps = graph.upgrade(&[], Target::Many(&named)).map_err(|error| graph_failure(&error))?;
        planned(graph, &[], &steps)
    }

    /// The failure of a history that does not run on an empty database.
    pub fn cannot_replay(&self, error: &RunError) -> Failure {
        let inner = error.diagnose();
        // A script that cannot run at all has its own words and hint.
        if matches!(error, RunError::Preflight(_) | RunError::Engine(_)) {
            return Failure::new(inner);
        }
        let mut found = Diagnostic::error("E0732", "the history cannot be replayed on an empty scratch database").at_opt(inner.location);
        let headline = inner.message.split(';').next().unwrap_or_default().to_owned();
        found.causes.push(headline);
        found.causes.extend(inner.causes);
        found.notes.extend(inner.notes.into_iter().filter(|note| !note.starts_with("nothing of ")));
        let lacks = sqlstate(error).is_some_and(|state| MISSING.contains(&state.as_str())) || found.causes.iter().any(|cause| cause.contains("no such table"));
        // Class 53: out of connections, memory, disk.
        let exhausted = found.causes.iter().any(|cause| cause.contains("(SQLSTATE 53"));
        let hint = if exhausted {
            "the server has run out of something, the history is not at fault: try again when it has more, or use `--scratch-url` with another server"
        } else if lacks && self.initial.is_none() {
            "a history that counts on tables it did not make needs them told: `--initial FILE.sql`, what was there before the first revision"
        } else if lacks {
            "what was there before the first revision is not all in the initial file: add it there"
        } else {
            "`upgrade head` would fail so in every new database: mend the script, or what it needs from outside"
        };
        Failure::new(found.note("the real database was only read").hint(hint))
    }

    /// Whether a history may have failed because the real database has schemas or extensions that it does not make itself.
    pub fn needs_preparation(&self, error: &RunError) -> bool {
        let lacks = sqlstate(error).is_some_and(|state| MISSING.contains(&state.as_str()));
        lacks && self.has_more_than_usual()
    }

    /// Whether the real database has extensions or schemas that a new one has not.
    fn has_more_than_usual(&self) -> bool {
        !self.live.extensions.is_empty() || self.live.schemas.len() > 1
    }

    /// Ends the command when the user stopped it.
    ///
    /// # Errors
    /// The user did.
    pub fn check_interrupt(&self) -> Result<(), Failure> {
        match self.interrupt.exit_code() {
            None => Ok(()),
            Some(exit) => {
                let mut failure = Failure::new(Diagnostic::error("E0316", "interrupted").note("the scratch database is gone; the real one was only read"));
                failure.exit = exit;
                Err(failure)
            }
        }
    }
}

/// Plans steps.
///
/// # Errors
/// A step that the rows do not allow.
pub fn planned(graph: &Graph, rows: &[String], steps: &Steps) -> Result<Vec<PlannedStep>, Failure> {
    plan(graph, rows, steps).map_err(|error| Failure::new(error.diagnose()))
}

/// The server for scratch databases, where another one was named.
///
/// # Errors
/// Its URL means nothing.
pub fn scratch_server(context: &Context, args: &ScratchArgs) -> Result<Option<DatabaseUrl>, Failure> {
    let named = args
        .scratch_url
        .as_ref()
        .or_else(|| context.environment.get("LIMBECK_SCRATCH_URL"))
        .filter(|url| !url.is_empty());
    named
        .map(|url| DatabaseUrl::parse(url).map_err(|error| Failure::new(error.diagnose())))
        .transpose()
}

/// The SQLSTATE a run failed with.
fn sqlstate(error: &RunError) -> Option<String> {
    let host = match error {
        RunError::Step(step) => match &step.fault {
            limbeck_run::StepFault::Script(script) => script.host_error.as_deref(),
            limbeck_run::StepFault::Database(host) => Some(host),
        },
        RunError::Database(host) | RunError::Commit { error: host, .. } => Some(host),
        _ => None,
    }?;
    host.sqlstate.clone()
}

/// Leaves out of what there is the schemas that the wanted side knows nothing of; returns their names.
pub fn only_known_schemas(have: &mut Catalogue, wanted: &Catalogue) -> Vec<String> {
    let mut known: BTreeSet<String> = wanted.used_schemas();
    known.extend(have.default_schema.clone());
    known.extend(wanted.default_schema.clone());
    known.insert("public".to_owned());
    known.extend(wanted.schemas.iter().map(|schema| schema.name.clone()));
    let others: Vec<String> = have
        .schemas
        .iter()
        .map(|schema| schema.name.clone())
        .filter(|name| !known.contains(name))
        .collect();
    have.retain_schemas(&|name| known.contains(name));
    others
}

/// Shows how far a replay is, where somebody is looking.
struct Replaying {
    shown: bool,
}

impl Events for Replaying {
    fn event(&mut self, event: Event<'_>) {
        if let Event::StepStarted { number, total, label } = event
            && self.shown
        {
            let text = format!(
                "replaying on a scratch database: {number} of {total}, {} {}",
                label.direction.command(),
                label.revision()
            );
            streams::status(Some(&cut(&text, 78)));
        }
    }
}

/// The differences in numbers, for the last line.
pub fn objects(count: usize) -> String {
    if count == 1 { "1 object".to_owned() } else { format!("{count} objects") }
}

/// The same as a sentence's end.
pub fn differ(count: usize) -> String {
    format!("{} {}", objects(count), if count == 1 { "differs" } else { "differ" })
}

/// Opens the databases of the project one after the other and calls `work` with each; returns whether all answered yes.
///
/// # Errors
/// What the first failure says.
pub fn each_database(
    context: &Context,
    workspace: &Workspace,
    mut work: impl FnMut(&Settings, &mut dyn Connection) -> Result<bool, Failure>,
) -> Result<bool, Failure> {
    let mut all = true;
    for settings in session::settings(context, workspace, &session::Need::default())? {
        let mut connection = session::connect(context, &settings, &mut limbeck_run::Silent)?;
        all &= work(&settings, connection.as_mut())?;
    }
    Ok(all)
}
