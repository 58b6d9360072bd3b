//! The last run on a database, and how it ended: from the health log of this machine, and from its copy that PostgreSQL keeps of runs from everywhere.

use jiff::Timestamp;
use limbeck_db::{Backend, Connection};
use limbeck_expr::Literal;
use limbeck_health::{Filter, HealthLog, Outcome, Record};
use serde::Serialize;
use std::time::SystemTime;

/// A run began and its end is not in the log.
const UNFINISHED: &str = "unfinished";
/// The newest record of a run, where the journal is kept and may be read.
const MAY_READ: &str = "SELECT EXISTS (SELECT 1 FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
     WHERE n.nspname = 'limbeck' AND c.relname = 'log' AND pg_catalog.has_schema_privilege(n.oid, 'USAGE') AND pg_catalog.has_table_privilege(c.oid, 'SELECT'))";
const NEWEST: &str = "SELECT record::text FROM limbeck.log WHERE record ->> 'event' = 'run' ORDER BY id DESC LIMIT 1";

/// A run in short.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LastRun {
    /// When it ended, in UTC.
    pub at: String,
    /// `ok`, `failed`, `interrupted`, `unfinished`.
    pub outcome: String,
    pub command: Option<String>,
    /// `alice@build7`.
    pub by: Option<String>,
    pub duration_ms: Option<u64>,
    pub error: Option<String>,
    #[serde(skip)]
    pub moment: Timestamp,
}

impl LastRun {
    pub fn is_ok(&self) -> bool {
        self.outcome == Outcome::Ok.word()
    }

    /// Whether it still goes on, or was killed.
    pub fn is_unfinished(&self) -> bool {
        self.outcome == UNFINISHED
    }
}

fn of(record: Record) -> LastRun {
    let by = match (&record.who.user, &record.host) {
        (Some(user), Some(host)) => Some(format!("{user}@{host}")),
        (Some(one), None) | (None, Some(one)) => Some(one.clone()),
        (None, None) => None,
    };
    LastRun {
        at: limbeck_health::moment(record.at),
        outcome: record.outcome.as_ref().map_or(UNFINISHED, Outcome::word).to_owned(),
        by,
        duration_ms: record.duration_ms,
        error: record.error.map(|error| format!("{} {}", error.code, error.message)),
        command: record.command,
        moment: record.at,
    }
}

/// Reads the log again only when its file has changed.
pub struct LogReader {
    log: HealthLog,
    seen: Option<(u64, SystemTime)>,
    runs: Vec<Record>,
}

impl LogReader {
    pub fn new(log: HealthLog) -> Self {
        LogReader {
            log,
            seen: None,
            runs: Vec::new(),
        }
    }

    /// The last run on the database of that name. A log that cannot be read tells nothing; `log` says why.
    pub fn last_run(&mut self, database: &str) -> Option<LastRun> {
        let facts = std::fs::metadata(&self.log.path).ok()?;
        let now = (facts.len(), facts.modified().ok()?);
        if self.seen != Some(now) {
            let entries = self.log.read(&Filter::default()).ok()?.entries;
            self.runs = entries
                .into_iter()
                .map(|entry| entry.record)
                .filter(|record| (record.event == "run" && !record.never_began()) || record.is_start())
                .collect();
            self.seen = Some(now);
        }
        let mine = self.runs.iter().rev().find(|record| record.database.as_deref() == Some(database))?;
        Some(of(mine.clone()))
    }
}

/// The last run that the database itself remembers; none where it keeps no journal.
pub fn kept(connection: &mut dyn Connection) -> Option<LastRun> {
    if connection.backend() != Backend::Postgresql {
        return None;
    }
    let may = connection.query(MAY_READ, &[]).ok()?.rows;
    if !matches!(may.first().and_then(|row| row.first()), Some(Literal::Bool(true))) {
        return None;
    }
    let rows = connection.query(NEWEST, &[]).ok()?.rows;
    match rows.first().and_then(|row| row.first()) {
        Some(Literal::Text(text)) => serde_json::from_str(text).ok().map(of),
        _ => None,
    }
}

/// The later one; of the same run, either.
pub fn later(one: Option<LastRun>, other: Option<LastRun>) -> Option<LastRun> {
    match (one, other) {
        (Some(one), Some(other)) => Some(if other.moment > one.moment { other } else { one }),
        (one, other) => one.or(other),
    }
}
