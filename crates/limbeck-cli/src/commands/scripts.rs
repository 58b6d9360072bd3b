//! `scripts`: every revision, whether it runs natively, and if not why and where.

use super::Outcome;
use crate::args::ScriptsArgs;
use crate::context::Context;
use crate::workspace::{GraphErrors, Workspace};
use limbeck_python::Direction;
use serde::Serialize;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

/// What is known of one script.
#[derive(Debug, Serialize)]
struct Entry {
    revision: String,
    message: String,
    path: String,
    native: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    place: Option<String>,
}

/// Runs the command.
pub fn run(context: &Context, args: &ScriptsArgs) -> Outcome {
    let workspace = Workspace::open(context)?;
    let history = workspace.history(context, GraphErrors::Caught)?;
    let mut engine = crate::environment::engine(context, &workspace.project, Arc::default(), None)
        .map_err(|error| crate::context::Failure::new(limbeck_source::Diagnose::diagnose(&error)))?;
    let mut entries = Vec::new();
    let order = history.graph.history(None, None).map_err(|error| crate::workspace::graph_failure(&error))?;
    for at in order {
        let header = history.graph.header(at);
        let path = Path::new(&header.source);
        let mut check = |direction| {
            if limbeck_script::sql_file::is_sql(path) {
                limbeck_run::check_sql(path, direction)
            } else {
                engine.check_revision(path, direction)
            }
        };
        let checked = check(Direction::Upgrade).and_then(|()| check(Direction::Downgrade));
        let error = checked.err();
        entries.push(Entry {
            revision: header.id.clone(),
            message: header.summary().to_owned(),
            path: header.source.clone(),
            native: error.is_none(),
            reason: error.as_ref().map(ToString::to_string),
            place: error
                .as_ref()
                .and_then(|error| error.place.as_ref())
                .map(|place| format!("{}:{}", place.path.display(), place.line)),
        });
    }
    if args.json.json {
        context.print_json(&entries);
        return Ok(ExitCode::SUCCESS);
    }
    for entry in &entries {
        let mark = if entry.native { "native" } else { "stops " };
        context.print(&format!("{mark}  {}  {}", entry.revision, entry.message));
        if let Some(reason) = &entry.reason {
            context.print(&format!(
                "        {reason}{}",
                entry.place.as_ref().map(|place| format!(" ({place})")).unwrap_or_default()
            ));
        }
    }
    let native = entries.iter().filter(|entry| entry.native).count();
    context.print(&format!("{native} of {} run natively.", entries.len()));
    Ok(ExitCode::SUCCESS)
}
