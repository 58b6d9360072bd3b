//! `health`: how the databases and their migrations are, once as text or JSON, or by HTTP for as long as the process lives.
//!
//! `ok`: at head, nothing left behind. `degraded`: it answers, but something wants a hand. `unavailable`: it does not answer. Whether a program may run (`ready`) is
//! another question, the gate's.

mod last_run;
mod server;
mod snapshot;
mod words;

use super::Outcome;
use super::gate::{ahead_window, flag};
use crate::args::HealthArgs;
use crate::context::Context;
use crate::session::{self, Need};
use crate::workspace::{GraphErrors, Workspace};
use snapshot::{Snapshot, Status, Watched};
use std::process::ExitCode;

/// Runs the command.
pub fn run(context: &Context, args: &HealthArgs) -> Outcome {
    let address = args.serve.as_deref().map(|text| server::address(text, args.allow_remote)).transpose()?;
    let workspace = Workspace::open(context)?;
    let config = workspace.project.config();
    let mut watched = Watched {
        window: ahead_window(context, config, args.ahead.as_ref())?,
        allow_pending: flag(context, args.allow_pending, "ALLOW_PENDING_MIGRATIONS")?,
        databases: session::settings(context, &workspace, &Need::default())?,
        history: workspace.history(context, GraphErrors::Caught)?,
        log: crate::health::log_of(context, &workspace.project)?.map(last_run::LogReader::new),
    };
    if let Some(address) = address {
        return server::serve(context, &mut watched, address);
    }
    let snapshot = Snapshot::take(context, &mut watched);
    if args.json.json {
        context.print_json(&snapshot);
    } else {
        context.print(&words::text(&snapshot));
    }
    Ok(ExitCode::from(match snapshot.status {
        Status::Ok => 0,
        Status::Degraded => 1,
        Status::Unavailable => 2,
    }))
}
