//! How things are at one moment.

use super::last_run::{self, LastRun, LogReader};
use crate::commands::gate::{Looked, look};
use crate::context::Context;
use crate::progress::count;
use crate::session;
use crate::workspace::History;
use limbeck::Verdict;
use limbeck_db::{Backend, Connection, Leftover, LockHolder};
use limbeck_run::{HalfDoneRevision, Settings};
use limbeck_source::Diagnostic;
use serde::Serialize;
use std::time::{Duration, Instant};

/// What is looked at. Scripts and env.py are read once.
pub struct Watched {
    pub databases: Vec<Settings>,
    pub history: History,
    /// So many revisions a database may be ahead.
    pub window: usize,
    /// Whether pending revisions keep nobody from starting.
    pub allow_pending: bool,
    pub log: Option<LogReader>,
}

/// In one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    Ok,
    Degraded,
    Unavailable,
}

impl Status {
    pub fn word(self) -> &'static str {
        match self {
            Status::Ok => "ok",
            Status::Degraded => "degraded",
            Status::Unavailable => "unavailable",
        }
    }
}

/// All databases of the project; nearly always one.
#[derive(Debug, Clone, Serialize)]
pub struct Snapshot {
    /// The worst of them.
    pub status: Status,
    /// Whether a program may run on all of them.
    pub ready: bool,
    /// In UTC.
    pub at: String,
    pub databases: Vec<DatabaseHealth>,
    /// When it was taken, and how long that took.
    #[serde(skip)]
    pub taken: Instant,
    #[serde(skip)]
    pub seconds: f64,
    #[serde(skip)]
    pub unix: f64,
}

/// One database.
#[derive(Debug, Clone, Serialize)]
pub struct DatabaseHealth {
    pub database: String,
    pub status: Status,
    pub ready: bool,
    /// Why it is not ok.
    pub reasons: Vec<String>,
    #[serde(flatten)]
    pub verdict: Verdict,
    pub half_done: Vec<HalfDoneRevision>,
    pub leftovers: Vec<Leftover>,
    /// Who holds the migration lock.
    pub lock_holders: Vec<LockHolder>,
    pub last_run: Option<LastRun>,
}

impl Snapshot {
    /// Looks at every database.
    pub fn take(context: &Context, watched: &mut Watched) -> Self {
        let began = Instant::now();
        let mut databases = Vec::new();
        for settings in &watched.databases {
            databases.push(of_one(
                context,
                settings,
                &watched.history,
                watched.window,
                watched.allow_pending,
                watched.log.as_mut(),
            ));
        }
        let now = jiff::Timestamp::now();
        Snapshot {
            status: databases.iter().map(|one| one.status).max().unwrap_or(Status::Ok),
            ready: databases.iter().all(|one| one.ready),
            at: limbeck_health::moment(now),
            databases,
            taken: Instant::now(),
            seconds: began.elapsed().as_secs_f64(),
            unix: now.as_duration().as_secs_f64(),
        }
    }
}

fn of_one(context: &Context, settings: &Settings, history: &History, window: usize, allow_pending: bool, log: Option<&mut LogReader>) -> DatabaseHealth {
    let label = session::label(settings);
    let logged = log.and_then(|log| log.last_run(&label));
    let looked = look(context, &history.graph, settings, window).unwrap_or_else(|failure| unanswered(&failure.diagnostic));
    let Looked {
        verdict,
        half_done,
        connection,
        ..
    } = looked;
    let mut health = DatabaseHealth {
        database: label,
        status: Status::Ok,
        ready: (verdict.passes() && half_done.is_empty()) || (allow_pending && (verdict.passes() || verdict.is_mended_by_an_upgrade())),
        reasons: Vec::new(),
        verdict,
        half_done,
        leftovers: Vec::new(),
        lock_holders: Vec::new(),
        last_run: None,
    };
    let mut kept = None;
    if let Some(mut connection) = connection {
        kept = last_run::kept(connection.as_mut());
        // What cannot be seen is no reason to call anything unwell; the verdict stands.
        health.leftovers = limbeck_db::leftovers(connection.as_mut()).unwrap_or_default();
        health.lock_holders = lock_holders(connection.as_mut(), settings);
    }
    health.last_run = last_run::later(logged, kept);
    judge(&mut health);
    health
}

/// A database that refuses what every program would ask is as good as none.
fn unanswered(found: &Diagnostic) -> Looked {
    let mut reason = found.message.clone();
    for cause in &found.causes {
        reason.push_str(": ");
        reason.push_str(cause);
    }
    Looked {
        verdict: Verdict::Unreachable { reason },
        half_done: Vec::new(),
        refusal: None,
        connection: None,
    }
}

fn lock_holders(connection: &mut dyn Connection, settings: &Settings) -> Vec<LockHolder> {
    if connection.backend() == Backend::Sqlite {
        let holder = settings.url.as_ref().and_then(|url| limbeck_db::file_lock_holder(url).ok().flatten());
        return holder.into_iter().collect();
    }
    limbeck_db::lock_report(connection, Duration::from_secs(60)).unwrap_or_default().holders
}

fn judge(health: &mut DatabaseHealth) {
    let reasons = &mut health.reasons;
    if !health.verdict.passes() {
        reasons.push(health.verdict.to_string());
    }
    for half in &health.half_done {
        reasons.push(format!("the {} of {} is half done", half.direction, half.revision));
    }
    if !health.leftovers.is_empty() {
        reasons.push(format!("{} of a migration that did not end", count(health.leftovers.len(), "leftover")));
    }
    // A run that is on has no end yet.
    let running = !health.lock_holders.is_empty();
    if let Some(run) = health.last_run.as_ref().filter(|run| !(run.is_ok() || running && run.is_unfinished())) {
        reasons.push(format!("the last run ended badly ({})", run.outcome));
    }
    health.status = match &health.verdict {
        Verdict::Unreachable { .. } => Status::Unavailable,
        _ if reasons.is_empty() => Status::Ok,
        _ => Status::Degraded,
    };
}
