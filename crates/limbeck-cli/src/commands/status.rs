//! `status`: which database, where it is, what is applied and what is pending; applied scripts that were edited since or are not here; revisions half done.

use super::Outcome;
use super::current;
use crate::args::StatusArgs;
use crate::context::{Context, Failure};
use crate::progress::{Progress, count};
use crate::session::{self, Need};
use crate::stored::{self, Stored};
use crate::workspace::{GraphErrors, History, Workspace, graph_failure};
use limbeck_db::Connection;
use limbeck_revision::{Graph, Target};
use limbeck_run::{HalfDoneRevision, Journal, Remembered, Settings};
use serde::Serialize;
use std::collections::HashSet;
use std::path::Path;
use std::process::ExitCode;

/// A revision with its message.
#[derive(Debug, Serialize)]
pub struct Named {
    pub revision: String,
    pub message: String,
}

/// An applied script whose text is not the one that ran.
#[derive(Debug, Serialize)]
pub struct Edited {
    pub revision: String,
    pub message: String,
    pub path: String,
    pub applied_at: String,
    pub applied_by: Option<String>,
    /// From what ran to what the file holds now.
    pub diff: String,
}

/// An applied revision that has no script here.
#[derive(Debug, Serialize)]
pub struct Missing {
    pub revision: String,
    pub message: String,
    /// Where its file was.
    pub path: Option<String>,
    pub applied_at: String,
    pub applied_by: Option<String>,
    #[serde(skip)]
    pub facts: String,
}

/// What is known of one database.
#[derive(Debug, Serialize)]
pub struct Report {
    pub database: String,
    pub current: Vec<Named>,
    /// Rows of the version table that have no script here.
    pub unknown: Vec<String>,
    pub applied: usize,
    /// Nothing where the history that leads on from an unknown row is not known.
    pub pending: Option<Vec<Named>>,
    pub heads: Vec<Named>,
    pub versioned: bool,
    pub edited: Vec<Edited>,
    /// Of the applied revisions without a script, those that the database remembers; the newest first.
    pub missing: Vec<Missing>,
    /// Revisions that these follow and that nobody knows.
    pub lost: Vec<String>,
    pub half_done: Vec<HalfDoneRevision>,
    /// The rows of the version table.
    #[serde(skip)]
    pub rows: Vec<String>,
    /// Where the missing ones begin: the revision to go back to.
    #[serde(skip)]
    pub before_missing: Option<String>,
}

/// Runs the command.
pub fn run(context: &Context, args: &StatusArgs) -> Outcome {
    let workspace = Workspace::open(context)?;
    let mut reports = Vec::new();
    for settings in session::settings(context, &workspace, &Need::default())? {
        let mut progress = Progress::new(context);
        let mut connection = session::connect_to_read(context, &settings, &mut progress)?;
        let history = workspace.history(context, GraphErrors::Caught)?;
        let report = of(context, &settings, connection.as_mut(), &history)?;
        reports.push(report);
    }
    let many = reports.len() > 1;
    if args.json.json {
        if many {
            context.print_json(&reports);
        } else if let Some(report) = reports.first() {
            context.print_json(report);
        }
    } else {
        for report in &reports {
            context.print(&text(report, context.again(), args.verbose));
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Asks a database.
///
/// # Errors
/// What it answered; a graph that does not fit together.
pub fn of(context: &Context, settings: &Settings, connection: &mut dyn Connection, history: &History) -> Result<Report, Failure> {
    let rows = limbeck_run::version::read(&settings.version_table, connection)
        .map_err(|error| session::database_failure(context, "the version table cannot be read", &error))?;
    let unreadable = |error| session::database_failure(context, "the journal cannot be read", &error);
    let journal = Journal::look(connection, settings.dialect, &settings.version_table.name).map_err(unreadable)?;
    let stored = stored::of_journal(context, &journal, connection)?;
    let half_done = journal.half_done(connection).map_err(unreadable)?;
    let mut report = report(history, session::label(settings), rows, &stored)?;
    report.half_done = half_done;
    Ok(report)
}

fn named(graph: &Graph, at: limbeck_revision::Index) -> Named {
    Named {
        revision: graph.id(at).to_owned(),
        message: graph.header(at).summary().to_owned(),
    }
}

fn report(history: &History, database: String, rows: Option<Vec<String>>, stored: &Stored) -> Result<Report, Failure> {
    let graph = &history.graph;
    let versioned = rows.is_some();
    let rows = rows.unwrap_or_default();
    let all_rows = rows.clone();
    let stored::Missing { scripts: missing, lost } = stored::missing(|id| graph.find(id).is_some(), &rows, stored);
    let (known, unknown): (Vec<String>, Vec<String>) = rows.into_iter().partition(|row| graph.find(row).is_some());
    // Below a missing revision the history may be known again.
    let below: Vec<String> = missing
        .iter()
        .filter_map(|script| stored::header_of(script))
        .flat_map(|header| header.down_revisions)
        .filter(|id| graph.find(id).is_some())
        .collect();
    let mut applied = HashSet::new();
    for at in known.iter().chain(&below).filter_map(|row| graph.find(row)) {
        applied.insert(at);
        applied.extend(graph.ancestors(at));
    }
    let pending = if unknown.is_empty() {
        let steps = graph.upgrade(&known, Target::One("heads")).map_err(|error| graph_failure(&error))?.steps;
        let upgrades = steps.iter().filter_map(|step| match step {
            limbeck_revision::Step::Upgrade(at) => Some(named(graph, *at)),
            limbeck_revision::Step::Downgrade(_) | limbeck_revision::Step::Stamp(_) => None,
        });
        Some(upgrades.collect())
    } else {
        None
    };
    let ids: HashSet<&str> = applied.iter().map(|at| graph.id(*at)).collect();
    let edited = stored::edited(history, &ids, stored)?;
    Ok(Report {
        database,
        current: current::at_rows(graph, &known)?.into_iter().map(|at| named(graph, at)).collect(),
        unknown,
        applied: applied.len() + missing.len(),
        pending,
        heads: graph.heads().iter().map(|at| named(graph, *at)).collect(),
        versioned,
        edited: edited
            .into_iter()
            .map(|(script, remembered, source)| edit(&script.path, script.header.message(), remembered, &source))
            .collect(),
        missing: missing.into_iter().map(missing_one).collect(),
        lost,
        half_done: Vec::new(),
        rows: all_rows,
        before_missing: below.into_iter().next(),
    })
}

fn edit(path: &Path, message: &str, remembered: &Remembered, source: &str) -> Edited {
    let cwd = std::env::current_dir().unwrap_or_default();
    let path = path.strip_prefix(&cwd).unwrap_or(path).display().to_string();
    let applied = format!("{path}\t{}", stored::when_and_who(remembered));
    Edited {
        revision: remembered.revision.clone(),
        message: message.to_owned(),
        diff: crate::diff::unified((&applied, &remembered.source), (&format!("{path}\tnow"), source)),
        path,
        applied_at: remembered.applied_at.clone(),
        applied_by: remembered.applied_by.clone(),
    }
}

fn missing_one(script: &Remembered) -> Missing {
    Missing {
        revision: script.revision.clone(),
        message: stored::header_of(script).map(|header| header.message().to_owned()).unwrap_or_default(),
        path: script.path.clone(),
        applied_at: script.applied_at.clone(),
        applied_by: script.applied_by.clone(),
        facts: stored::when_and_who(script),
    }
}

fn text(report: &Report, program: &str, verbose: bool) -> String {
    let mut lines = vec![format!("Database: {}", report.database)];
    let list = |items: &[Named]| items.iter().map(|item| one(&item.revision, &item.message)).collect::<Vec<_>>();
    match (report.current.as_slice(), report.unknown.as_slice()) {
        ([], []) if report.versioned => lines.push("Current:  base (the version table is empty)".into()),
        ([], []) => lines.push("Current:  base (there is no version table yet)".into()),
        (current, unknown) => {
            let mut entries = list(current);
            entries.extend(unknown.iter().map(|row| format!("{row}  (no script with this id is in the project)")));
            for (index, entry) in entries.iter().enumerate() {
                lines.push(format!("{:<9} {entry}", if index == 0 { "Current:" } else { "" }));
            }
        }
    }
    lines.push(format!("Applied:  {}", report.applied));
    match &report.pending {
        Some(pending) => {
            lines.push(format!("Pending:  {}", pending.len()));
            lines.extend(list(pending).into_iter().map(|entry| format!("          {entry}")));
        }
        None => lines.push("Pending:  not known, as the project does not know where the database is".into()),
    }
    for (index, entry) in list(&report.heads).iter().enumerate() {
        let word = match index {
            0 if report.heads.len() > 1 => "Heads:",
            0 => "Head:",
            _ => "",
        };
        lines.push(format!("{word:<9} {entry}"));
    }
    half_done(report, program, &mut lines);
    missing(report, program, &mut lines);
    edited(report, program, verbose, &mut lines);
    let mut ids: Vec<&str> = report.heads.iter().map(|head| head.revision.as_str()).collect();
    // Two files with one id were told of already; a merge is no way out.
    ids.dedup();
    if ids.len() > 1 {
        lines.push(format!(
            "\nMultiple head revisions: {}. Merge them with `{program} merge -m \"merge heads\" {}`.",
            ids.join(", "),
            ids.join(" ")
        ));
    }
    lines.join("\n")
}

fn half_done(report: &Report, program: &str, lines: &mut Vec<String>) {
    for half in &report.half_done {
        let running = half.running.as_ref().map(|words| format!(", was running {words}")).unwrap_or_default();
        lines.push(format!(
            "\nHalf done: {} of {} since {}: {} finished{running}. `{program} {}` goes on from there.",
            half.direction,
            half.revision,
            half.since,
            count(half.finished, "segment"),
            half.direction
        ));
    }
}

fn missing(report: &Report, program: &str, lines: &mut Vec<String>) {
    if report.unknown.is_empty() && report.missing.is_empty() {
        return;
    }
    lines.push(String::new());
    if report.missing.is_empty() {
        lines.push("The database does not remember these scripts either: use the code that has them (another branch, a newer release).".into());
        return;
    }
    lines.push("Not in this project, but remembered by the database:".into());
    for script in &report.missing {
        let path = script.path.as_ref().map(|path| format!(", from {path}")).unwrap_or_default();
        lines.push(format!("          {}", one(&script.revision, &script.message)));
        lines.push(format!("            {}{path}", script.facts));
    }
    if let Some(lost) = report.lost.first() {
        lines.push(format!(
            "What comes before, `{lost}`, is neither here nor remembered: use the code that has these revisions (another branch, a newer release)."
        ));
        return;
    }
    let target = report.before_missing.as_deref().unwrap_or("base");
    lines.push(format!(
        "Go back with `{program} downgrade --from-journal {target}`, or use the code that has them."
    ));
}

fn edited(report: &Report, program: &str, verbose: bool, lines: &mut Vec<String>) {
    if report.edited.is_empty() {
        return;
    }
    lines.push(String::new());
    lines.push("Edited after they were applied (the database has what they did then):".into());
    for script in &report.edited {
        let by = script.applied_by.as_ref().map(|by| format!(" by {by}")).unwrap_or_default();
        lines.push(format!("          {}", one(&script.revision, &script.message)));
        lines.push(format!("            {}, applied {} UTC{by}", script.path, script.applied_at));
        if verbose {
            lines.push(script.diff.trim_end().to_owned());
        }
    }
    let see = if verbose {
        String::new()
    } else {
        format!(" `{program} status -v` shows what was changed.")
    };
    lines.push(format!("Put the texts back and write a new revision for the change.{see}"));
}

fn one(revision: &str, message: &str) -> String {
    if message.is_empty() {
        revision.to_owned()
    } else {
        format!("{revision}  {message}")
    }
}
