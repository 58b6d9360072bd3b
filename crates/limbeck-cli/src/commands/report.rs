//! `report`: one HTML page about the history, the databases, what is pending and what ran. Writes nothing but that page.

mod database;
mod pending;
mod runs;

use super::Outcome;
use crate::args::ReportArgs;
use crate::context::{Context, Failure};
use crate::progress::count;
use crate::workspace::{GraphErrors, Workspace, graph_failure};
use jiff::Zoned;
use limbeck_report::{Facts, Position, graph, page};
use limbeck_source::words::size;
use limbeck_source::{Diagnostic, Location};
use std::io;
use std::path::Path;
use std::process::ExitCode;

/// Runs the command.
pub fn run(context: &Context, args: &ReportArgs) -> Outcome {
    let to_stdout = args.output == Path::new("-");
    // The project may be found further up, and the working directory with it: the file belongs where the user is.
    let output = std::path::absolute(&args.output).unwrap_or_else(|_| args.output.clone());
    let workspace = Workspace::open(context)?;
    let history = workspace.history(context, GraphErrors::Caught)?;
    let present = Zoned::now();
    let log = runs::read(context, &workspace.project, present.time_zone());
    let databases = database::all(context, &workspace, &history, args, &log)?;
    let facts = Facts {
        project: workspace.project.root().display().to_string(),
        made_at: present.strftime("%Y-%m-%d %H:%M:%S %Z").to_string(),
        made_by: format!("limbeck {}", env!("CARGO_PKG_VERSION")),
        program: context.style.program().to_owned(),
        databases,
        log,
    };
    let graph = &history.graph;
    let order = graph.history(None, None).map_err(|error| graph_failure(&error))?;
    let text = page(&facts, graph, &graph::layout(graph, &order));
    if to_stdout {
        context.print_raw(&text);
        return Ok(ExitCode::SUCCESS);
    }
    limbeck_script::write::over(&output, text.as_bytes()).map_err(|error| unwritten(&args.output, &error))?;
    context.message(&format!(
        "Wrote {} ({}). {}",
        args.output.display(),
        size(text.len() as u64),
        summary(&facts, graph.len())
    ));
    Ok(ExitCode::SUCCESS)
}

/// What the page says first.
fn summary(facts: &Facts, revisions: usize) -> String {
    let databases = facts.databases.iter().map(|database| {
        let state = match &database.position {
            Position::Unknown { .. } => "could not be asked".to_owned(),
            Position::Known { unknown, .. } if !unknown.is_empty() => "is at a revision this project does not have".to_owned(),
            Position::Known { pending, .. } => match pending.as_ref().map_or(0, Vec::len) {
                0 => "is up to date".to_owned(),
                number => format!("has {} pending", count(number, "revision")),
            },
        };
        let problems = match database.problems.len() {
            0 => String::new(),
            number => format!(", {}", count(number, "finding")),
        };
        let label = if database.label.is_empty() { "The database" } else { &database.label };
        format!("{label} {state}{problems}.")
    });
    let mut sentences = vec![format!("{} in the history.", count(revisions, "revision"))];
    sentences.extend(databases);
    sentences.join(" ")
}

fn unwritten(path: &Path, error: &io::Error) -> Failure {
    let found = Diagnostic::error("E0996", "the report cannot be written")
        .at(Location::file(path.display().to_string()))
        .caused_by(error)
        .hint("name another file with `-o PATH`, in a folder that is there");
    Failure::new(found)
}
