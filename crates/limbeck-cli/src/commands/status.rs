//! `status`: which database, where it is, what is applied and what is pending.

use super::Outcome;
use super::current;
use crate::args::StatusArgs;
use crate::context::Context;
use crate::progress::Progress;
use crate::session::{self, Need};
use crate::workspace::{GraphErrors, Workspace, graph_failure};
use limbeck_revision::{Graph, Target};
use serde::Serialize;
use std::collections::HashSet;
use std::process::ExitCode;

/// A revision with its message.
#[derive(Debug, Serialize)]
struct Named {
    revision: String,
    message: String,
}

/// What is known of one database.
#[derive(Debug, Serialize)]
struct Report {
    database: String,
    current: Vec<Named>,
    /// Rows of the version table that have no script here.
    unknown: Vec<String>,
    applied: usize,
    pending: Vec<Named>,
    heads: Vec<Named>,
    versioned: bool,
}

/// Runs the command.
pub fn run(context: &Context, args: &StatusArgs) -> Outcome {
    let workspace = Workspace::open(context)?;
    let mut reports = Vec::new();
    for settings in session::settings(context, &workspace, &Need::default())? {
        let mut progress = Progress::new(context);
        let mut connection = session::connect(context, &settings, &mut progress)?;
        let rows = limbeck_run::version::read(&settings.version_table, connection.as_mut())
            .map_err(|error| session::database_failure(context, "the version table cannot be read", &error))?;
        let history = workspace.history(context, GraphErrors::Caught)?;
        reports.push(report(&history.graph, session::label(&settings), rows)?);
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
            context.print(&text(report, context.style.program()));
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn named(graph: &Graph, at: limbeck_revision::Index) -> Named {
    Named {
        revision: graph.id(at).to_owned(),
        message: graph.header(at).summary().to_owned(),
    }
}

fn report(graph: &Graph, database: String, rows: Option<Vec<String>>) -> Result<Report, crate::context::Failure> {
    let versioned = rows.is_some();
    let (known, unknown): (Vec<String>, Vec<String>) = rows.unwrap_or_default().into_iter().partition(|row| graph.find(row).is_some());
    let mut applied = HashSet::new();
    for row in &known {
        if let Some(at) = graph.find(row) {
            applied.insert(at);
            applied.extend(graph.ancestors(at));
        }
    }
    let pending = if unknown.is_empty() {
        graph.upgrade(&known, Target::One("heads")).map_err(|error| graph_failure(&error))?.steps
    } else {
        Vec::new()
    };
    let pending = pending
        .iter()
        .filter_map(|step| match step {
            limbeck_revision::Step::Upgrade(at) => Some(named(graph, *at)),
            limbeck_revision::Step::Downgrade(_) | limbeck_revision::Step::Stamp(_) => None,
        })
        .collect();
    Ok(Report {
        database,
        current: current::at_rows(graph, &known)?.into_iter().map(|at| named(graph, at)).collect(),
        unknown,
        applied: applied.len(),
        pending,
        heads: graph.heads().iter().map(|at| named(graph, *at)).collect(),
        versioned,
    })
}

fn text(report: &Report, program: &str) -> String {
    let mut lines = vec![format!("Database: {}", report.database)];
    let list = |items: &[Named]| items.iter().map(one).collect::<Vec<_>>();
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
    lines.push(format!("Pending:  {}", report.pending.len()));
    for entry in list(&report.pending) {
        lines.push(format!("          {entry}"));
    }
    for (index, entry) in list(&report.heads).iter().enumerate() {
        lines.push(format!(
            "{:<9} {entry}",
            if index > 0 {
                ""
            } else if report.heads.len() > 1 {
                "Heads:"
            } else {
                "Head:"
            }
        ));
    }
    if report.heads.len() > 1 {
        let ids: Vec<&str> = report.heads.iter().map(|head| head.revision.as_str()).collect();
        lines.push(format!(
            "\nMultiple head revisions: {}. Merge them with `{program} merge -m \"merge heads\" {}`.",
            ids.join(", "),
            ids.join(" ")
        ));
    }
    lines.join("\n")
}

fn one(item: &Named) -> String {
    if item.message.is_empty() {
        item.revision.clone()
    } else {
        format!("{}  {}", item.revision, item.message)
    }
}
