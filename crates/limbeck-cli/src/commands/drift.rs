//! `drift`: what is different in the database from its own history replayed to the same revision.

pub mod against;
pub mod generate;

use super::Outcome;
use super::migrate::{at, known_rows};
use crate::args::{DriftArgs, ScratchArgs};
use crate::context::{Context, Failure};
use crate::rehearsal::{self, Stage, differ, grants, objects};
use crate::session;
use crate::workspace::{GraphErrors, History, Workspace};
use limbeck_db::{Connection, DatabaseUrl};
use limbeck_run::Settings;
use limbeck_schema::catalogue::{Catalogue, Change, Rules, differences};
use limbeck_source::Diagnostic;
use serde::Serialize;
use std::process::ExitCode;

/// What was compared, and what differs.
#[derive(Serialize)]
pub struct Report {
    pub database: String,
    pub revision: Vec<String>,
    /// What was compared with: the history, a file, another database without its password.
    pub against: String,
    pub drift: bool,
    pub changes: Vec<Change>,
    /// Schemas that the history knows nothing of; they were not compared.
    pub other_schemas: Vec<String>,
}

/// Runs the command.
pub fn run(context: &Context, args: &DriftArgs) -> Outcome {
    let workspace = Workspace::open(context)?;
    let history = workspace.history(context, GraphErrors::Caught)?;
    let mut reports = Vec::new();
    let same = rehearsal::each_database(context, &workspace, |settings, connection| {
        let report = compare(context, &workspace, settings, &history, args, connection)?;
        let same = !report.drift;
        if args.json.json {
            reports.push(report);
        } else if same || args.generate.is_none() {
            show(context, &report);
        }
        Ok(same)
    })?;
    if args.json.json {
        context.print_json(&reports);
    }
    // Who asked for a revision or SQL, and got it, is answered.
    let done = same || args.generate.is_some();
    Ok(if done { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

/// Compares a database with its history, or with what the arguments name.
///
/// # Errors
/// One of the two cannot be had.
pub fn compare(
    context: &Context,
    workspace: &Workspace,
    settings: &Settings,
    history: &History,
    args: &DriftArgs,
    connection: &mut dyn Connection,
) -> Result<Report, Failure> {
    let settings = &grants::asked(workspace, settings, args.grants)?;
    let rows = super::current::rows(context, settings, connection)?;
    let stage = Stage::new(context, workspace, settings, history, &args.scratch, connection)?.beginning_with(&args.initial)?;
    let wanted = match &args.against {
        Some(other) if other.contains("://") => against::database(settings, other)?,
        Some(file) => against::file(&stage, file)?,
        None => {
            known_rows(context, &history.graph, &rows)?;
            schema_at(&stage, &rows)?
        }
    };
    let mut have = stage.live.clone();
    let other_schemas = if args.all_schemas {
        Vec::new()
    } else {
        rehearsal::only_known_schemas(&mut have, &wanted)
    };
    let rules = Rules {
        column_order: args.column_order,
        ..Rules::default()
    };
    let changes = differences(&have, &wanted, rules);
    if let Some(what) = args.generate
        && !changes.is_empty()
    {
        generate::run(&stage, what, args, &rows, &wanted, &have)?;
    }
    Ok(Report {
        database: session::label(settings),
        revision: rows,
        against: match &args.against {
            Some(other) => DatabaseUrl::parse(other).map_or_else(|_| other.clone(), |url| url.render(true)),
            None => "history".to_owned(),
        },
        drift: !changes.is_empty(),
        changes,
        other_schemas,
    })
}

/// The schema that the history gives a database at these rows.
///
/// # Errors
/// The history does not run on an empty database.
pub fn schema_at(stage: &Stage<'_>, rows: &[String]) -> Result<Catalogue, Failure> {
    let steps = stage.steps_to(rows)?;
    let replayed = stage.replay(&steps, &|_| false, &mut |_, _| {})?;
    if let Some(error) = &replayed.stopped {
        return Err(stage.cannot_replay(error));
    }
    limbeck_run::schema_of(&replayed.scratch).map_err(|error| session::database_failure(stage.context, "the scratch database cannot be read", &error))
}

/// What is different in the database from its history at these rows, in the schemas that the history makes something in.
///
/// # Errors
/// The history does not run on an empty database; no scratch database.
pub fn changes(
    context: &Context,
    workspace: &Workspace,
    settings: &Settings,
    history: &History,
    scratch: &ScratchArgs,
    connection: &mut dyn Connection,
    rows: &[String],
) -> Result<Vec<Change>, Failure> {
    changed(&Stage::new(context, workspace, settings, history, scratch, connection)?, rows)
}

fn changed(stage: &Stage<'_>, rows: &[String]) -> Result<Vec<Change>, Failure> {
    let wanted = schema_at(stage, rows)?;
    let mut have = stage.live.clone();
    rehearsal::only_known_schemas(&mut have, &wanted);
    Ok(differences(&have, &wanted, Rules::default()))
}

/// Stops unless the database has the schema that the history gives at these rows (`stamp --verify`).
///
/// # Errors
/// It has another one; the differences are shown.
pub fn prove(stage: &Stage<'_>, rows: &[String]) -> Result<(), Failure> {
    let (context, changes) = (stage.context, changed(stage, rows)?);
    if changes.is_empty() {
        context.message(&format!("Verified: the database has the schema of {}.", at(rows)));
        return Ok(());
    }
    for change in &changes {
        context.print_raw(&change.text());
    }
    let found = Diagnostic::error("E0733", format!("the database has not the schema of {}: {}", at(rows), differ(changes.len())))
        .note("`+` is what the database has, `-` what the history gives; nothing was stamped")
        .hint(format!("find the revision that fits with `{} adopt`", context.again()));
    Err(Failure::new(found).answer_is_no())
}

fn show(context: &Context, report: &Report) {
    for change in &report.changes {
        context.print_raw(&change.text());
    }
    if report.against != "history" {
        return show_against(context, report);
    }
    let place = at(&report.revision);
    if !report.other_schemas.is_empty() {
        context.message(&format!(
            "note: not compared, because the history makes nothing in them: {} (compare them too with `--all-schemas`)",
            report.other_schemas.join(", ")
        ));
    }
    if report.drift {
        context.message(&format!(
            "Drift: {} not as the history makes it ({}, at {place}). `+` is what the database has, `-` what the history gives.",
            match report.changes.len() {
                1 => "1 object is".to_owned(),
                count => format!("{} are", objects(count)),
            },
            report.database
        ));
        if report.revision.is_empty() {
            let program = context.again();
            context.message(&format!(
                "note: its version table names no revision: `{program} adopt` finds the one whose schema it has; for a new history, `{program} init --baseline` makes the first"
            ));
        }
    } else {
        context.message(&format!("No drift: {} has the schema of {place}.", report.database));
    }
}

fn show_against(context: &Context, report: &Report) {
    let (database, against) = (&report.database, &report.against);
    if !report.other_schemas.is_empty() {
        let others = report.other_schemas.join(", ");
        context.message(&format!(
            "note: not compared, because {against} has nothing in them: {others} (compare them too with `--all-schemas`)"
        ));
    }
    context.message(&match report.changes.len() {
        0 => format!("No drift: {database} has the schema of {against}."),
        number => format!("Drift: {}. `+` is what {database} has, `-` what {against} has.", differ(number)),
    });
}
