//! `restore`: a backup becomes the database again. On PostgreSQL a new database is filled and swapped in, and the old one kept; `--in-place` works inside the database, in one
//! transaction. On SQLite the old file is kept beside the new one.

mod words;

use super::Outcome;
use super::backup::{Meter, failure, note_failure, options::BackupOptions, sqlite_path};
use crate::args::{RestoreArgs, SafetyArgs};
use crate::context::{Context, Failure};
use crate::health;
use crate::interrupt::Interrupt;
use crate::session::{self, Need};
use crate::workspace::{GraphErrors, Workspace};
use limbeck_backup::{
    BackupError, Checked, Comparison, Event, Fill, Format, InPlace, NewDatabase, Server, Watch, check_file, in_place, inspect, restore_sqlite,
};
use limbeck_db::{Backend, Companion, Connection, DatabaseUrl, Environment, Identity, LockKey};
use limbeck_revision::Target;
use limbeck_run::{Safety, Settings};
use limbeck_source::{Diagnose, Diagnostic};
use serde_json::json;
use std::io::{IsTerminal, Write};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// What a restore did.
pub struct Restored {
    pub database: String,
    pub comparison: Comparison,
    /// What the old database is called now, and how it is removed.
    pub kept: Option<(String, String)>,
    /// What could not be carried over.
    pub refused: Vec<String>,
    pub compared: bool,
}

/// Runs the command.
pub fn run(context: &Context, args: &RestoreArgs) -> Outcome {
    let file = std::path::absolute(&args.file).unwrap_or_else(|_| args.file.clone());
    let workspace = Workspace::open(context)?;
    let options = BackupOptions::read(context, &workspace.project)?;
    let all = session::settings(context, &workspace, &Need::default())?;
    let [settings] = all.as_slice() else {
        let found = Diagnostic::error("E0002", format!("the project has {} databases, and a backup is of one", all.len())).hint("name the one with `--url`");
        return Err(Failure::new(found));
    };
    let restored = match restore(context, &workspace, settings, &options, args, &file) {
        Ok(restored) => restored,
        Err(failure) => {
            note_failure(context, &workspace, settings, "restore", &failure);
            return Err(failure);
        }
    };
    let rows = restored.comparison.revisions.as_deref();
    let facts = json!({"file": file, "kept": restored.kept.as_ref().map(|(name, _)| name), "in_place": args.in_place});
    health::note(context, &workspace.project, settings, "restore", limbeck_health::Outcome::Ok, rows, &facts);
    let pending = pending(context, &workspace, rows);
    if args.json.json {
        context.print_json(&json!({
            "path": file, "database": restored.database, "tables": restored.comparison.tables, "rows": restored.comparison.rows, "revisions": rows,
            "compared": restored.compared, "kept": restored.kept.as_ref().map(|(name, _)| name), "not_carried_over": restored.refused, "pending": pending,
        }));
    }
    context.message(&words::text(&restored, &file, pending.as_deref(), context.again()));
    Ok(ExitCode::SUCCESS)
}

fn restore(
    context: &Context,
    workspace: &Workspace,
    settings: &Settings,
    options: &BackupOptions,
    args: &RestoreArgs,
    file: &std::path::Path,
) -> Result<Restored, Failure> {
    let url = settings.url.as_ref().ok_or_else(|| {
        Failure::new(Diagnostic::error("E0601", "no database URL").hint("give one with `--url`, DATABASE_URL, or `sqlalchemy.url` in the configuration"))
    })?;
    let backend = url.backend().map_err(|error| Failure::new(error.diagnose()))?;
    let safety = crate::safety::safety(context, workspace.project.config(), &SafetyArgs::default())?;
    // Before anything is asked of the database: a damaged backup is known by its file alone.
    let checked = {
        let mut meter = Meter::new(context);
        let mut tell = |event: Event<'_>| meter.event(event);
        check_file(file, &mut Watch::new(Arc::new(AtomicBool::new(false)), &mut tell)).map_err(failure)?
    };
    if checked.manifest.is_none() {
        context.message("note: there is no manifest beside the backup: whether it is what was written could not be checked beforehand");
    }
    if let Some(manifest) = checked.manifest.as_ref().filter(|manifest| manifest.backend != backend.name()) {
        return Err(failure(BackupError::WrongKind {
            path: file.to_owned(),
            found: format!("a backup of {}", manifest.backend),
            wanted: if backend == Backend::Sqlite { "SQLite" } else { "PostgreSQL" },
        }));
    }
    let job = Job {
        context,
        settings,
        options,
        args,
        checked: &checked,
        url,
        safety,
    };
    match backend {
        Backend::Sqlite => job.sqlite(),
        _ if checked.kind.format == Format::Sqlite => Err(failure(BackupError::WrongKind {
            path: file.to_owned(),
            found: "a SQLite database".into(),
            wanted: "PostgreSQL",
        })),
        _ if args.in_place => job.in_place(),
        _ => job.swap(),
    }
}

struct Job<'a> {
    context: &'a Context,
    settings: &'a Settings,
    options: &'a BackupOptions,
    args: &'a RestoreArgs,
    checked: &'a Checked,
    url: &'a DatabaseUrl,
    safety: Safety,
}

impl Job<'_> {
    fn sqlite(&self) -> Result<Restored, Failure> {
        if self.args.in_place || self.args.terminate || self.args.no_roles || self.args.jobs.is_some() {
            let found = Diagnostic::error("E0002", "`--in-place`, `--terminate`, `--no-roles` and `--jobs` are for PostgreSQL").hint("leave them out");
            return Err(Failure::new(found));
        }
        let path = sqlite_path(self.settings)?;
        let memory = limbeck_db::DatabaseUrl::parse("sqlite://").map_err(|error| Failure::new(error.diagnose()))?;
        let idle = limbeck_db::connect(&memory, &Environment::default()).map_err(|error| Failure::new(error.diagnose()))?;
        let interrupt = Interrupt::install(idle.cancel_handle());
        let _lock = self.lock(&LockKey::new(&self.settings.version_table.name), &interrupt)?;
        let table = &self.settings.version_table.name;
        let restored = self.watched(&interrupt, |watch| restore_sqlite(self.checked, &path, table, watch))?;
        Ok(Restored {
            database: session::label(self.settings),
            comparison: restored.comparison,
            kept: restored
                .kept
                .map(|kept| (super::backup::shown(&kept), format!("rm {}", super::backup::shown(&kept)))),
            refused: Vec::new(),
            compared: self.checked.manifest.is_some(),
        })
    }

    fn programs(&self, connection: &dyn limbeck_db::Connection, jobs: Option<u32>) -> Result<Fill, Failure> {
        let found = Fill::find(&self.options.places, connection, self.checked, jobs).map_err(failure)?;
        Ok(Fill {
            no_roles: self.args.no_roles,
            ..found
        })
    }

    fn in_place(&self) -> Result<Restored, Failure> {
        let (mut connection, server) = Server::reach(self.url, &Environment::of_process()).map_err(|error| Failure::new(error.diagnose()))?;
        let programs = self.programs(&connection, None)?;
        let interrupt = Interrupt::install(connection.cancel_handle());
        self.watched(&interrupt, |watch| self.look(&programs, watch))?;
        let key = LockKey::of(&mut connection, &self.settings.version_table.name).map_err(|error| Failure::new(error.diagnose()))?;
        let _lock = self.lock(&key, &interrupt)?;
        drop(connection);
        let mut options = InPlace {
            replace: self.args.yes,
            lock_timeout: self.safety.lock_timeout.unwrap_or(std::time::Duration::from_secs(5)),
            version_table: self.settings.version_table.name.clone(),
        };
        let mut result = self.try_in_place(&interrupt, &server, &programs, &options);
        if let Err(BackupError::NotEmpty { database, tables }) = &result
            && self.ask(&format!("{database} holds {tables} tables, which go when the backup is restored. Go on?"))
        {
            options.replace = true;
            result = self.try_in_place(&interrupt, &server, &programs, &options);
        }
        Ok(Restored {
            database: server.label(),
            comparison: result.map_err(failure)?,
            kept: None,
            refused: Vec::new(),
            compared: self.checked.manifest.is_some(),
        })
    }

    fn try_in_place(&self, interrupt: &Interrupt, server: &Server, programs: &Fill, options: &InPlace) -> Result<Comparison, BackupError> {
        let mut meter = Meter::new(self.context);
        let mut tell = |event: Event<'_>| meter.event(event);
        in_place(server, self.checked, programs, options, &mut Watch::new(interrupt.flag(), &mut tell))
    }

    fn swap(&self) -> Result<Restored, Failure> {
        let place = NewDatabase::look(self.url, &Environment::of_process()).map_err(failure)?;
        let connection = place.connect_beside().map_err(|error| Failure::new(error.diagnose()))?;
        let programs = self.programs(&connection, self.args.jobs)?;
        let interrupt = Interrupt::install(connection.cancel_handle());
        self.watched(&interrupt, |watch| self.look(&programs, watch))?;
        for name in place.left_over().map_err(failure)? {
            let drop = format!("DROP DATABASE \"{}\";", name.replace('"', "\"\""));
            self.context.message(&format!(
                "note: the database {name} is left of an earlier restore that did not end; if it is of no use: {drop}"
            ));
        }
        let others = place.others().map_err(failure)?;
        let database = place.server.database().to_owned();
        let mut terminate = self.args.terminate || self.args.yes;
        if !others.is_empty() && !terminate {
            let sessions: Vec<String> = others.into_iter().map(|session| session.words).collect();
            let question = format!(
                "{} connected to {database}:\n  {}\nEnd what is connected when the restored database takes its place?",
                if sessions.len() == 1 {
                    "1 other session is".to_owned()
                } else {
                    format!("{} other sessions are", sessions.len())
                },
                sessions.join("\n  ")
            );
            if !self.ask(&question) {
                return Err(failure(BackupError::InUse { database, sessions }));
            }
            terminate = true;
        }
        let table = &self.settings.version_table.name;
        let swapped = self.watched(&interrupt, |watch| place.replace(self.checked, &programs, table, terminate, watch))?;
        Ok(Restored {
            database: place.server.label(),
            comparison: swapped.comparison,
            kept: swapped.kept.map(|name| {
                let drop = format!("DROP DATABASE \"{}\";", name.replace('"', "\"\""));
                (name, drop)
            }),
            refused: swapped.refused,
            compared: self.checked.manifest.is_some(),
        })
    }

    /// Looks whether the backup can be restored at all.
    fn look(&self, programs: &Fill, watch: &mut Watch<'_>) -> Result<(), BackupError> {
        if let Some(note) = inspect(self.checked, programs, watch)? {
            watch.tell(Event::Note(&note));
        }
        Ok(())
    }

    fn watched<T>(&self, interrupt: &Interrupt, work: impl FnOnce(&mut Watch<'_>) -> Result<T, BackupError>) -> Result<T, Failure> {
        let mut meter = Meter::new(self.context);
        let mut tell = |event: Event<'_>| meter.event(event);
        work(&mut Watch::new(interrupt.flag(), &mut tell)).map_err(failure)
    }

    /// The migration lock: nobody migrates what is being replaced.
    fn lock(&self, key: &LockKey, interrupt: &Interrupt) -> Result<Box<dyn Companion>, Failure> {
        let identity = Identity::of_process("restore");
        let mut companion = limbeck_db::companion(self.url, &Environment::of_process(), &identity).map_err(|error| Failure::new(error.diagnose()))?;
        let mut told = false;
        let mut on_wait = |_: Option<&limbeck_db::LockHolder>, _| {
            if !std::mem::replace(&mut told, true) {
                self.context.message("waiting for the migration lock: another run is on this database");
            }
        };
        limbeck_db::acquire(companion.as_mut(), key, self.safety.lock_wait, &interrupt.flag(), &mut on_wait).map_err(|error| Failure::new(error.diagnose()))?;
        Ok(companion)
    }

    /// Asks a question where somebody can answer.
    fn ask(&self, question: &str) -> bool {
        if self.args.yes {
            return true;
        }
        if self.context.is_alembic() || self.args.json.json || !std::io::stdin().is_terminal() || !std::io::stderr().is_terminal() {
            return false;
        }
        let _ = write!(std::io::stderr(), "{question} [y/N] ");
        let mut answer = String::new();
        std::io::stdin().read_line(&mut answer).is_ok() && matches!(answer.trim().to_ascii_lowercase().as_str(), "y" | "yes")
    }
}

/// The revisions that `upgrade head` would apply now; nothing where that is not known.
fn pending(context: &Context, workspace: &Workspace, rows: Option<&[String]>) -> Option<Vec<String>> {
    let history = workspace.history(context, GraphErrors::Caught).ok()?;
    let steps = history.graph.upgrade(rows.unwrap_or_default(), Target::One("heads")).ok()?;
    let upgrades = steps.steps.iter().filter_map(|step| match step {
        limbeck_revision::Step::Upgrade(at) => Some(history.graph.id(*at).to_owned()),
        limbeck_revision::Step::Downgrade(_) | limbeck_revision::Step::Stamp(_) => None,
    });
    Some(upgrades.collect())
}
