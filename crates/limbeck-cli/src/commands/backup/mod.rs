//! `backup`: backs the database up; `backup list` and `backup verify` look at backups; [`before`] is the backup that a run begins with.

mod destructive;
mod list;
pub mod options;
mod progress;
mod take;
mod verify;

pub use progress::{Meter, failure};
pub use take::sqlite_path;

use super::Outcome;
use crate::args::{BackupAction, BackupArgs, BackupFormat};
use crate::context::{Context, Failure};
use crate::health;
use crate::interrupt::Interrupt;
use crate::progress::{count, span};
use crate::session::{self, Need};
use crate::workspace::Workspace;
use limbeck_backup::{Compression, Format, Taken};
use limbeck_run::{Direction, PlannedStep, Settings, Silent};
use limbeck_source::Diagnostic;
use limbeck_source::words::size;
use options::{BackupOptions, When};
use serde_json::{Value, json};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;
use take::Order;

/// Runs the command.
pub fn run(context: &Context, args: &BackupArgs) -> Outcome {
    match &args.action {
        Some(BackupAction::List(args)) => return list::run(context, args),
        Some(BackupAction::Verify(args)) => return verify::run(context, args),
        None => {}
    }
    // The project is looked for further up; the name that was given is one from here.
    let output = args.output.as_deref().map(|path| std::path::absolute(path).unwrap_or_else(|_| path.to_owned()));
    let workspace = Workspace::open(context)?;
    let options = BackupOptions::read(context, &workspace.project)?;
    let format = format(args)?;
    let all = session::settings(context, &workspace, &Need::default())?;
    if output.is_some() && all.len() > 1 {
        let found = Diagnostic::error("E0002", format!("the project has {} databases, and `--output` names one file", all.len()))
            .hint("leave it out: then each backup gets a name of its own in the folder `backup_dir`");
        return Err(Failure::new(found));
    }
    let mut reports = Vec::new();
    for settings in &all {
        take::has_file(settings)?;
        let connection = session::connect(context, settings, &mut Silent)?;
        let interrupt = Interrupt::install(connection.cancel_handle());
        drop(connection);
        let order = Order {
            output: output.clone(),
            format,
            schema_only: args.schema_only,
            jobs: args.jobs,
            counts: !args.no_counts,
            ignore_space: args.ignore_space,
            overwrite: args.overwrite,
            before: None,
        };
        let taken = recorded(context, &workspace, settings, &options, &order, interrupt.flag())?;
        context.message(&words(&taken));
        let keep = args.keep.or(if args.output.is_none() { options.keep } else { None });
        let gone = prune(context, &taken, keep)?;
        reports.push(json!({"path": taken.path, "manifest": taken.manifest, "removed": gone}));
    }
    if args.json.json {
        context.print_json(&if reports.len() == 1 { reports.remove(0) } else { Value::Array(reports) });
    }
    Ok(ExitCode::SUCCESS)
}

/// The backup that a run begins with, where one is wanted: because `wanted` says so, or the configuration's `backup_before`. Returns where it is.
///
/// # Errors
/// It could not be taken; then the run must not begin.
pub fn before(
    context: &Context,
    workspace: &Workspace,
    settings: &Settings,
    direction: Direction,
    steps: &[PlannedStep],
    wanted: Option<bool>,
    stop: Arc<AtomicBool>,
) -> Result<Option<PathBuf>, Failure> {
    let options = BackupOptions::read(context, &workspace.project)?;
    let take = match (wanted, options.before) {
        _ if steps.is_empty() => false,
        (Some(wanted), _) => wanted,
        (None, When::Never) => false,
        (None, When::Always) => true,
        (None, When::Destructive) => destructive::any(direction, steps),
    };
    if !take {
        return Ok(None);
    }
    let order = Order {
        output: None,
        format: None,
        schema_only: false,
        jobs: None,
        counts: true,
        ignore_space: false,
        overwrite: false,
        before: Some(direction.command().to_owned()),
    };
    let taken = recorded(context, workspace, settings, &options, &order, stop).map_err(|mut failure| {
        failure
            .diagnostic
            .notes
            .push(format!("{} was not begun: it was to be backed up first", direction.command()));
        failure
    })?;
    if !context.is_alembic() {
        context.message(&words(&taken));
    }
    prune(context, &taken, options.keep)?;
    Ok(Some(taken.path))
}

/// Takes a backup, with a record of it in the health log.
fn recorded(
    context: &Context,
    workspace: &Workspace,
    settings: &Settings,
    options: &BackupOptions,
    order: &Order,
    stop: Arc<AtomicBool>,
) -> Result<Taken, Failure> {
    let result = take::take(context, workspace, settings, options, order, stop);
    match &result {
        Ok(taken) => {
            let facts = json!({"file": taken.path, "bytes": taken.manifest.size, "sha256": taken.manifest.sha256, "duration_ms": ms(taken.manifest.seconds), "before": order.before});
            let outcome = limbeck_health::Outcome::Ok;
            health::note(
                context,
                &workspace.project,
                settings,
                "backup",
                outcome,
                taken.manifest.revisions.as_deref(),
                &facts,
            );
        }
        Err(failure) => note_failure(context, workspace, settings, "backup", failure),
    }
    result
}

/// Writes into the health log that a backup or restore failed.
pub fn note_failure(context: &Context, workspace: &Workspace, settings: &Settings, event: &str, failure: &Failure) {
    let outcome = if failure.exit > 128 {
        limbeck_health::Outcome::Interrupted
    } else {
        limbeck_health::Outcome::Failed
    };
    let found = &failure.diagnostic;
    let facts = json!({"error": {"code": found.code, "message": found.message}});
    health::note(context, &workspace.project, settings, event, outcome, None, &facts);
}

fn prune(context: &Context, taken: &Taken, keep: Option<u32>) -> Result<Vec<PathBuf>, Failure> {
    let (Some(keep), Some(folder)) = (keep, taken.path.parent()) else {
        return Ok(Vec::new());
    };
    let gone = limbeck_backup::prune(folder, &taken.manifest, keep as usize).map_err(failure)?;
    if !gone.is_empty() {
        context.message(&format!("Removed {} ({keep} are kept).", count(gone.len(), "older backup")));
    }
    Ok(gone)
}

/// `Backed up postgresql://… at ab12 as before.sql: 3.4 MB in 1.2 s; 14 tables with 1,234 rows.`
fn words(taken: &Taken) -> String {
    let manifest = &taken.manifest;
    let at = at(manifest.revisions.as_deref());
    let what = if manifest.schema_only { "Backed up the schema of" } else { "Backed up" };
    // Whatever its name ends with.
    let kind = if manifest.format == Format::Sqlite && manifest.compression == Compression::None {
        ", a SQLite file"
    } else {
        ""
    };
    let mut text = format!(
        "{what} {} ({at}) as {}{kind}: {} in {}",
        manifest.label,
        shown(&taken.path),
        size(manifest.size),
        span(Duration::try_from_secs_f64(manifest.seconds).unwrap_or_default())
    );
    if let Some(rows) = &manifest.rows {
        text.push_str(&format!("; {}, {}", count(rows.len(), "table"), number_of(rows.values().sum(), "row")));
    }
    text.push('.');
    text
}

/// `at ab12`, `at base`, `no version table`.
pub fn at(revisions: Option<&[String]>) -> String {
    match revisions {
        None => "without a version table".to_owned(),
        Some([]) => "at base".to_owned(),
        Some(rows) => format!("at {}", rows.join(", ")),
    }
}

/// `12,345 rows`.
pub fn number_of(number: u64, noun: &str) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    format!("{text} {noun}{}", if number == 1 { "" } else { "s" })
}

/// A path as short as it can be from here.
pub fn shown(path: &std::path::Path) -> String {
    let cwd = std::env::current_dir().unwrap_or_default();
    let path = path.strip_prefix(&cwd).unwrap_or(path);
    path.strip_prefix(".").unwrap_or(path).display().to_string()
}

fn format(args: &BackupArgs) -> Result<Option<Format>, Failure> {
    let Some(format) = args.format else { return Ok(None) };
    let format = match format {
        BackupFormat::Plain => Format::Plain,
        BackupFormat::Custom => Format::Custom,
        BackupFormat::Directory => Format::Directory,
    };
    let packed = args.output.as_deref().is_some_and(|path| Compression::of_name(path) != Compression::None);
    let found = match format {
        Format::Custom | Format::Directory if packed => "a backup of this format is compressed by itself; give a name without .gz or .zst",
        _ if args.jobs.is_some() && format != Format::Directory => "`--jobs` only goes with `--format directory`",
        _ => return Ok(Some(format)),
    };
    Err(Failure::new(Diagnostic::error("E0002", found)))
}

fn ms(seconds: f64) -> u64 {
    u64::try_from(Duration::try_from_secs_f64(seconds).unwrap_or_default().as_millis()).unwrap_or(u64::MAX)
}
