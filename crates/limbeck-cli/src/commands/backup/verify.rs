//! `backup verify`: restores a backup into a scratch database, which is gone afterwards, and compares what it holds with the manifest.

use super::options::BackupOptions;
use super::{Meter, at, failure, number_of, shown};
use crate::args::BackupVerifyArgs;
use crate::commands::Outcome;
use crate::context::{Context, Failure};
use crate::interrupt::Interrupt;
use crate::progress::count;
use crate::rehearsal::scratch_server;
use crate::session::{self, Need};
use crate::workspace::Workspace;
use limbeck_backup::{BackupError, Comparison, Event, Fill, Format, Server, Watch, check_file, check_sqlite, compare, fill, inspect};
use limbeck_db::{Backend, Environment};
use limbeck_run::{Scratch, ScratchOptions, Settings};
use limbeck_source::{Diagnose, Diagnostic};
use serde_json::json;
use std::process::ExitCode;

/// Runs the command.
pub fn run(context: &Context, args: &BackupVerifyArgs) -> Outcome {
    let file = std::path::absolute(&args.file).unwrap_or_else(|_| args.file.clone());
    let workspace = Workspace::open(context)?;
    let options = BackupOptions::read(context, &workspace.project)?;
    let settings = session::settings(context, &workspace, &Need::default())?;
    let Some(settings) = settings.first() else {
        return Err(Failure::new(Diagnostic::error("E0601", "no database URL")));
    };
    let environment = Environment::of_process();
    let scratch = ScratchOptions {
        server: scratch_server(context, &args.scratch)?,
        ..ScratchOptions::default()
    };
    let scratch = Scratch::new(settings, &environment, &scratch).map_err(|error| Failure::new(error.diagnose()))?;
    if let Some(note) = scratch.note() {
        context.message(&format!("note: {note}"));
    }
    let connection = scratch.connect().map_err(|error| Failure::new(error.diagnose()))?;
    let interrupt = Interrupt::install(connection.cancel_handle());
    let mut meter = Meter::new(context);
    let mut tell = |event: Event<'_>| meter.event(event);
    let mut watch = Watch::new(interrupt.flag(), &mut tell);
    let mut checked = check_file(&file, &mut watch).map_err(failure)?;
    let comparison = match connection.backend() {
        Backend::Sqlite => {
            let near = super::take::sqlite_path(scratch.settings())?;
            let (_, comparison) = check_sqlite(&checked, &near, &settings.version_table.name, &mut watch).map_err(|error| unrestored(error, &file))?;
            comparison
        }
        _ => on_postgres(&options, &checked, scratch.settings(), connection, &mut watch).map_err(|error| unrestored(error, &file))?,
    };
    drop(watch);
    drop(meter);
    if let Some(manifest) = &mut checked.manifest {
        manifest.verified_at = Some(limbeck_backup::now());
        manifest.rewrite(&file).map_err(failure)?;
    }
    if args.json.json {
        context.print_json(&json!({
            "path": file, "verified": checked.manifest.is_some(), "tables": comparison.tables, "rows": comparison.rows, "revisions": comparison.revisions,
        }));
    }
    let compared = if checked.manifest.is_some() {
        "as its manifest says"
    } else {
        "it has no manifest to compare with"
    };
    context.message(&format!(
        "{} restores into a scratch database: {}, {}, {}; {compared}.",
        shown(&file),
        count(comparison.tables, "table"),
        number_of(comparison.rows, "row"),
        at(comparison.revisions.as_deref())
    ));
    Ok(ExitCode::SUCCESS)
}

fn on_postgres(
    options: &BackupOptions,
    checked: &limbeck_backup::Checked,
    settings: &Settings,
    connection: Box<dyn limbeck_db::Connection>,
    watch: &mut Watch<'_>,
) -> Result<Comparison, BackupError> {
    if checked.kind.format == Format::Sqlite {
        return Err(BackupError::WrongKind {
            path: checked.path.clone(),
            found: "a SQLite database".into(),
            wanted: "PostgreSQL",
        });
    }
    let programs = Fill::find(&options.places, connection.as_ref(), checked, None)?;
    drop(connection);
    if let Some(note) = inspect(checked, &programs, watch)? {
        watch.tell(Event::Note(&note));
    }
    let url = settings.url.as_ref().expect("a scratch database has a URL");
    let (reached, server) = Server::reach(url, &Environment::of_process())?;
    drop(reached);
    fill(&server, checked, &programs, watch)?;
    compare(&server, checked.manifest.as_ref(), &settings.version_table.name, watch)
}

/// Nothing was at stake here: what failed is an answer about the backup.
fn unrestored(error: BackupError, file: &std::path::Path) -> Failure {
    let answer = matches!(error, BackupError::Restore { .. } | BackupError::Differs { .. });
    let mut failed = failure(error);
    if answer {
        let found = &mut failed.diagnostic;
        found.notes.clear();
        found.notes.push(format!(
            "{} was restored into a scratch database, which is gone; the real one was only read",
            shown(file)
        ));
        failed = failed.answer_is_no();
    }
    failed
}
