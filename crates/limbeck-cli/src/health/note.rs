//! A record that belongs to no run: what was decided or done around the migrations.

use super::{command_line, log_of, prepare_folder};
use crate::context::Context;
use crate::streams;
use limbeck_health::{Outcome, Record, Who, redact};
use limbeck_run::Settings;
use limbeck_script::Project;
use limbeck_source::{Diagnose, Severity};
use serde_json::Value;

/// Writes a record of `event`, with the facts of `more` (an object); `now` are the version rows, where they are known. A log that cannot be written is a warning.
pub fn note(context: &Context, project: &Project, settings: &Settings, event: &str, outcome: Outcome, now: Option<&[String]>, more: &Value) {
    let log = match log_of(context, project) {
        Ok(Some(log)) => log,
        Ok(None) => return,
        Err(failure) => return warn(context, *failure.diagnostic),
    };
    let words = std::env::args_os().skip(1).map(|word| word.to_string_lossy().into_owned());
    let identity = limbeck_db::Identity::of_process(event);
    let record = Record {
        at: jiff::Timestamp::now(),
        event: event.to_owned(),
        run: uuid::Uuid::new_v4().to_string(),
        who: Who {
            user: Some(identity.user),
            role: settings.url.as_ref().and_then(|url| url.username.clone()),
        },
        host: Some(identity.host),
        pid: Some(identity.pid),
        database: Some(crate::session::label(settings)).filter(|label| !label.is_empty()),
        limbeck: env!("CARGO_PKG_VERSION").to_owned(),
        command: Some(redact(&command_line(words), &[])),
        outcome: Some(outcome),
        now: now.map(<[String]>::to_vec),
        more: more.as_object().cloned().unwrap_or_default(),
        ..Record::default()
    };
    prepare_folder(&log.path, &project.root());
    if let Err(error) = log.append(&record).and_then(|_| log.sync()) {
        warn(context, error.diagnose());
    }
}

fn warn(context: &Context, mut found: limbeck_source::Diagnostic) {
    found.severity = Severity::Warning;
    streams::show(&found, context.stderr_style());
}
