//! The runs of the health log, as the page shows them.

use crate::context::Context;
use crate::health;
use crate::progress::{plain, span};
use jiff::tz::TimeZone;
use limbeck_health::{Filter, Record};
use limbeck_report::{Log, Run, RunRevision};
use limbeck_script::Project;
use std::collections::HashMap;
use std::time::Duration;

/// So many of the last runs are shown.
const SHOWN: usize = 100;

/// Reads the log; what cannot be read is said on the page.
pub fn read(context: &Context, project: &Project, zone: &TimeZone) -> Log {
    let log = match health::log_of(context, project) {
        Ok(Some(log)) => log,
        Ok(None) => return Log::default(),
        Err(failure) => return trouble(&failure.diagnostic.message),
    };
    let path = Some(health::shown(&log.path, project).display().to_string());
    let reading = match log.read(&Filter::default()) {
        Ok(reading) => reading,
        Err(error) => {
            return Log {
                path,
                ..trouble(&error.to_string())
            };
        }
    };
    let mut runs = Vec::new();
    let mut revisions: HashMap<String, Vec<RunRevision>> = HashMap::new();
    for entry in &reading.entries {
        let record = &entry.record;
        if record.event == "revision" {
            revisions.entry(record.run.clone()).or_default().push(revision(record));
        } else if record.outcome.is_some() || record.is_start() {
            let done = revisions.remove(&record.run).unwrap_or_default();
            runs.push(run(record, done, zone));
        }
    }
    let older = runs.len().saturating_sub(SHOWN);
    runs.drain(..older);
    Log {
        path,
        runs,
        older,
        problem: (reading.unreadable > 0).then(|| {
            format!(
                "Lines that are no records: {}. `{} log verify` says where.",
                reading.unreadable,
                context.style.program()
            )
        }),
    }
}

fn trouble(problem: &str) -> Log {
    Log {
        problem: Some(plain(problem)),
        ..Log::default()
    }
}

fn run(record: &Record, revisions: Vec<RunRevision>, zone: &TimeZone) -> Run {
    let who = match (&record.who.user, &record.host) {
        (Some(user), Some(host)) => format!("{user}@{host}"),
        (Some(one), None) | (None, Some(one)) => one.clone(),
        (None, None) => String::new(),
    };
    Run {
        at: record.at.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M:%S").to_string(),
        who,
        database: record.database.clone().unwrap_or_default(),
        command: plain(record.command.as_deref().or(record.direction.as_deref()).unwrap_or(&record.event)),
        revisions,
        duration_ms: record.duration_ms,
        took: took(record),
        outcome: record.outcome.as_ref().map(|outcome| outcome.word().to_owned()),
        error: record.error.as_ref().map(|error| format!("{}: {}", error.code, plain(&error.message))),
    }
}

fn revision(record: &Record) -> RunRevision {
    RunRevision {
        revision: record.revision.clone().unwrap_or_else(|| "base".to_owned()),
        took: took(record),
        bad: record.is_bad(),
    }
}

fn took(record: &Record) -> String {
    record.duration_ms.map(|ms| span(Duration::from_millis(ms))).unwrap_or_default()
}
