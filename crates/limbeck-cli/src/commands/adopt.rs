//! `adopt`: finds the revision of the history whose schema a database has.

use super::Outcome;
use crate::args::{AdoptArgs, SafetyArgs, ScratchArgs, StampArgs};
use crate::context::{Context, Failure};
use crate::rehearsal::{self, Stage, objects};
use crate::session;
use crate::workspace::{GraphErrors, History, Workspace};
use limbeck_db::Connection;
use limbeck_run::Settings;
use limbeck_schema::catalogue::{Catalogue, Change, Rules, differences};
use limbeck_source::Diagnostic;
use serde::Serialize;
use std::process::ExitCode;

#[derive(Serialize)]
struct Report {
    database: String,
    /// What the version table says now.
    stamped: Vec<String>,
    /// The revisions whose schema is the database's; each a set of rows of the version table.
    matches: Vec<Vec<String>>,
    /// Without a match: the nearest one.
    nearest: Option<Nearest>,
}

#[derive(Serialize)]
struct Nearest {
    rows: Vec<String>,
    differences: Vec<Change>,
}

/// Runs the command.
pub fn run(context: &Context, args: &AdoptArgs) -> Outcome {
    let workspace = Workspace::open(context)?;
    let history = workspace.history(context, GraphErrors::Caught)?;
    let mut reports = Vec::new();
    let found = rehearsal::each_database(context, &workspace, |settings, connection| {
        let report = search(context, &workspace, settings, &history, &args.scratch, connection)?;
        let found = !report.matches.is_empty();
        if !args.json.json {
            show(context, &history, &report, args.stamp);
        }
        reports.push(report);
        Ok(found)
    })?;
    if args.json.json {
        context.print_json(&reports);
    }
    if args.stamp {
        let [report] = reports.as_slice() else {
            return Err(Failure::new(
                Diagnostic::error("E0403", "`--stamp` works on one database").hint("stamp each with `stamp`"),
            ));
        };
        match report.matches.as_slice() {
            [rows] => return stamp(context, rows, report),
            [] => {}
            many => {
                let choices: Vec<String> = many.iter().map(|rows| rows.join(" ")).collect();
                let found = Diagnostic::error("E0734", format!("{} revisions have this schema: {}", many.len(), choices.join(", ")))
                    .note("those between them change no schema, but may change data; only you know whether they ran")
                    .hint(format!(
                        "choose: `{} stamp {}`",
                        context.style.program(),
                        choices.last().map_or("REVISION", String::as_str)
                    ));
                return Err(Failure::new(found).answer_is_no());
            }
        }
    }
    Ok(if found { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

/// The revisions whose schema the database has, each a set of rows of the version table.
///
/// # Errors
/// No scratch database; a history that does not run at all.
pub fn fitting(
    context: &Context,
    workspace: &Workspace,
    settings: &Settings,
    history: &History,
    scratch: &ScratchArgs,
    connection: &mut dyn Connection,
) -> Result<Vec<Vec<String>>, Failure> {
    search(context, workspace, settings, history, scratch, connection).map(|report| report.matches)
}

fn search(
    context: &Context,
    workspace: &Workspace,
    settings: &Settings,
    history: &History,
    scratch: &ScratchArgs,
    connection: &mut dyn Connection,
) -> Result<Report, Failure> {
    let mut stamped = super::current::rows(context, settings, connection)?;
    stamped.sort();
    let stage = Stage::new(context, workspace, settings, history, scratch, connection)?;
    let steps = stage.steps_to(&["heads".to_owned()])?;
    let mut seen: Vec<(usize, Vec<Change>)> = Vec::new();
    let mut look = |at: usize, wanted: Catalogue| {
        let mut have = stage.live.clone();
        rehearsal::only_known_schemas(&mut have, &wanted);
        let changes = differences(&have, &wanted, Rules::default());
        // A second try begins again.
        seen.retain(|(other, _)| *other != at);
        seen.push((at, changes));
    };
    let replayed = stage.replay(&steps, &|_| true, &mut look)?;
    if let Some(error) = &replayed.stopped {
        if seen.is_empty() {
            return Err(stage.cannot_replay(error));
        }
        let warning = stage.cannot_replay(error).diagnostic;
        let warning = Diagnostic {
            severity: limbeck_source::Severity::Warning,
            ..*warning
        };
        crate::streams::show(&warning.note("revisions from there on were not looked at"), context.stderr_style());
    }
    let rows = |at: usize| steps[at].rows_after.clone();
    let matches = seen
        .iter()
        .filter(|(_, changes)| changes.is_empty())
        .map(|(at, _)| rows(*at))
        .collect::<Vec<_>>();
    let nearest = if matches.is_empty() {
        seen.into_iter()
            .min_by_key(|(_, changes)| changes.len())
            .map(|(at, differences)| Nearest { rows: rows(at), differences })
    } else {
        None
    };
    Ok(Report {
        database: session::label(settings),
        stamped,
        matches,
        nearest,
    })
}

fn show(context: &Context, history: &History, report: &Report, stamping: bool) {
    let doc = |rows: &[String]| {
        let at = rows.first().and_then(|row| history.graph.find(row));
        at.map(|at| format!(", {}", history.graph.header(at).summary())).unwrap_or_default()
    };
    let program = context.style.program();
    for rows in &report.matches {
        context.print(&format!("{}{}", rows.join(" "), if rows.len() == 1 { doc(rows) } else { String::new() }));
    }
    match (report.matches.as_slice(), &report.nearest) {
        ([rows], _) if *rows == report.stamped => {
            context.message(&format!("{} has the schema of this revision, and its version table says so.", report.database))
        }
        ([_], _) if stamping => context.message(&format!("{} has the schema of this revision.", report.database)),
        ([rows], _) => context.message(&format!(
            "{} has the schema of this revision. Next: `{program} stamp {}`, or `{program} adopt --stamp`.",
            report.database,
            rows.join(" ")
        )),
        ([], Some(nearest)) => {
            for change in &nearest.differences {
                context.print_raw(&change.text());
            }
            context.message(&format!(
                "No revision has the schema of {}. The nearest is {}{}: {} differ (above; `+` is what the database has, `-` what the revision gives).",
                report.database,
                nearest.rows.join(" "),
                doc(&nearest.rows),
                objects(nearest.differences.len())
            ));
        }
        ([], None) => context.message("The history has no revisions."),
        (_, _) => context.message(&format!(
            "{} has the schema of each of these revisions: those after the first change no schema. Stamp the last one whose data changes are in the database.",
            report.database
        )),
    }
}

fn stamp(context: &Context, rows: &[String], report: &Report) -> Outcome {
    if rows == report.stamped {
        return Ok(ExitCode::SUCCESS);
    }
    let args = StampArgs {
        revisions: rows.to_vec(),
        sql: false,
        tag: None,
        purge: true,
        verify: false,
        scratch: ScratchArgs::default(),
        safety: SafetyArgs::default(),
    };
    super::stamp::run(context, &args)
}
