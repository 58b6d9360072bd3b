//! `adopt`: finds the revision of the history whose schema a database has; where there are branches, the revisions.

mod branches;
mod places;

use super::Outcome;
use crate::args::{AdoptArgs, InitialArgs, SafetyArgs, ScratchArgs, StampArgs};
use crate::context::{Context, Failure};
use crate::rehearsal::{self, Stage, differ};
use crate::session;
use crate::workspace::{GraphErrors, History, Workspace};
use branches::Witness;
use limbeck_db::Connection;
use limbeck_run::Settings;
use limbeck_schema::catalogue::{Catalogue, Change};
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
    /// How many places of the history were looked at.
    looked_at: usize,
    /// Whether these were all places that it has; branches may have more than can be tried.
    looked_at_all: bool,
}

#[derive(Serialize)]
struct Nearest {
    rows: Vec<String>,
    differences: Vec<Change>,
}

/// A place of the history that was looked at.
struct Seen {
    rows: Vec<String>,
    /// What the database differs in.
    changes: Vec<Change>,
}

/// Runs the command.
pub fn run(context: &Context, args: &AdoptArgs) -> Outcome {
    let workspace = Workspace::open(context)?;
    let history = workspace.history(context, GraphErrors::Caught)?;
    let mut reports = Vec::new();
    let found = rehearsal::each_database(context, &workspace, |settings, connection| {
        let stage = Stage::new(context, &workspace, settings, &history, &args.scratch, connection)?.beginning_with(&args.initial)?;
        let report = search(&stage, connection)?;
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
                        context.again(),
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
    let stage = Stage::new(context, workspace, settings, history, scratch, connection)?;
    search(&stage, connection).map(|report| report.matches)
}

fn search(stage: &Stage<'_>, connection: &mut dyn Connection) -> Result<Report, Failure> {
    let mut stamped = super::current::rows(stage.context, stage.settings, connection)?;
    stamped.sort();
    let steps = stage.steps_to(&["heads".to_owned()])?;
    let start = branches::has_branches(stage, &steps).then(|| branches::beginning(stage)).transpose()?;
    let mut witness = Witness::default();
    let mut seen: Vec<Seen> = Vec::new();
    let mut look = |at: usize, wanted: Catalogue| {
        // A second try begins again.
        if at == 0 {
            seen.clear();
            start.iter().for_each(|start| witness.begin(start));
        }
        if start.is_some() {
            witness.saw(&wanted);
        }
        seen.push(branches::compared(stage, &steps[at], &wanted));
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
        crate::streams::show(&warning.note("revisions from there on were not looked at"), stage.context.stderr_style());
    }
    drop(replayed);
    let looked_at_all = match &start {
        Some(start) => branches::look(stage, &steps, start, witness, &mut seen)?,
        None => true,
    };
    let looked_at = seen.len();
    let (fitting, others): (Vec<Seen>, Vec<Seen>) = seen.into_iter().partition(|seen| seen.changes.is_empty());
    let matches: Vec<Vec<String>> = fitting.into_iter().map(|seen| seen.rows).collect();
    let nearest = if matches.is_empty() {
        others.into_iter().min_by_key(|seen| seen.changes.len())
    } else {
        None
    };
    Ok(Report {
        database: session::label(stage.settings),
        stamped,
        matches,
        nearest: nearest.map(|seen| Nearest {
            rows: seen.rows,
            differences: seen.changes,
        }),
        looked_at,
        looked_at_all,
    })
}

fn show(context: &Context, history: &History, report: &Report, stamping: bool) {
    let doc = |rows: &[String]| {
        let at = rows.first().and_then(|row| history.graph.find(row));
        at.map(|at| format!(", {}", history.graph.header(at).summary())).unwrap_or_default()
    };
    let program = context.again();
    for rows in &report.matches {
        context.print(&format!("{}{}", rows.join(" "), if rows.len() == 1 { doc(rows) } else { String::new() }));
    }
    match (report.matches.as_slice(), &report.nearest) {
        ([rows], _) if *rows == report.stamped => context.message(&format!(
            "{} has the schema of {}, and its version table says so.",
            report.database,
            these(rows)
        )),
        ([rows], _) if stamping => context.message(&format!("{} has the schema of {}.", report.database, these(rows))),
        ([rows], _) => context.message(&format!(
            "{} has the schema of {}. Next: `{program} stamp {}`, or `{program} adopt --stamp`.",
            report.database,
            these(rows),
            rows.join(" ")
        )),
        ([], Some(nearest)) => {
            for change in &nearest.differences {
                context.print_raw(&change.text());
            }
            context.message(&format!(
                "No revision has the schema of {}. The nearest is {}{}: {} (above; `+` is what the database has, `-` what the revision gives).",
                report.database,
                nearest.rows.join(" "),
                doc(&nearest.rows),
                differ(nearest.differences.len())
            ));
            if !report.looked_at_all {
                context.message(&format!(
                    "note: the branches of this history can be combined in more ways than can be tried; {} were, those that seemed nearest",
                    report.looked_at
                ));
            }
        }
        ([], None) => context.message("The history has no revisions."),
        (_, _) => context.message(&format!(
            "{} has the schema of each of these {}. Stamp the last one whose data changes are in the database.",
            report.database,
            if report.matches.iter().all(|rows| rows.len() == 1) {
                "revisions: those after the first change no schema"
            } else {
                "(one line each): they differ in revisions that change no schema"
            }
        )),
    }
}

fn these(rows: &[String]) -> &'static str {
    if rows.len() == 1 { "this revision" } else { "these revisions together" }
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
        initial: InitialArgs::default(),
        safety: SafetyArgs::default(),
    };
    super::stamp::run(context, &args)
}
