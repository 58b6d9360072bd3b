//! Collects a run's events and writes its records: one when it begins, one for each revision that ends, one for the run.

use super::{command_line, log_of, prepare_folder};
use crate::context::{Context, Failure};
use crate::streams;
use jiff::Timestamp;
use limbeck_health::{ErrorNote, HealthLog, Outcome, Record, Who, redact};
use limbeck_run::{Direction, Event, Events, PlannedStep, Settings, StepLabel};
use limbeck_script::Project;
use limbeck_source::{Diagnose, Severity};
use std::collections::HashMap;
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// What is counted, of a step and of a run.
#[derive(Debug, Clone, Default)]
struct Counts {
    statements: u64,
    rows: u64,
    /// Rows of segments that are committed; the rest begins again with a retry.
    rows_kept: u64,
    lock_wait: Duration,
    /// How long the present statement has waited so far.
    waiting: Duration,
    retries: u64,
    cuts: u64,
    resumed_after: u64,
    cleaned: Vec<String>,
}

/// The step that runs.
#[derive(Debug)]
struct Running {
    label: StepLabel,
    began: Instant,
    counts: Counts,
}

/// Writes the records of one run.
pub struct Recorder<'a> {
    context: &'a Context,
    log: Option<HealthLog>,
    root: PathBuf,
    /// What all records of the run say.
    base: Record,
    command: String,
    secrets: Vec<String>,
    scripts: HashMap<String, PathBuf>,
    began: Instant,
    running: Option<Running>,
    steps: u64,
    total: Counts,
    leftovers: Vec<limbeck_db::Leftover>,
    /// Records that wait for the COMMIT of the whole run.
    held: Option<Vec<Record>>,
    started: bool,
    finished: bool,
    now: Option<Vec<String>>,
    lines: Vec<String>,
}

impl<'a> Recorder<'a> {
    /// Begins the record of a run; nothing is written yet.
    pub fn new(context: &'a Context, project: &Project, settings: &Settings, direction: Direction) -> Self {
        let log = log_of(context, project).unwrap_or_else(|failure| {
            warn(context, *failure.diagnostic);
            None
        });
        let words = std::env::args_os().skip(1).map(|word| word.to_string_lossy().into_owned());
        let identity = limbeck_db::Identity::of_process(direction.command());
        let base = Record {
            run: uuid::Uuid::new_v4().to_string(),
            who: Who {
                user: Some(identity.user),
                role: settings.url.as_ref().and_then(|url| url.username.clone()),
            },
            host: Some(identity.host),
            pid: Some(identity.pid),
            database: Some(crate::session::label(settings)).filter(|label| !label.is_empty()),
            limbeck: env!("CARGO_PKG_VERSION").to_owned(),
            direction: Some(direction.command().to_owned()),
            ..Record::default()
        };
        let secrets = secrets(context, settings);
        let known: Vec<&str> = secrets.iter().map(String::as_str).collect();
        Recorder {
            context,
            log,
            root: project.root(),
            base,
            command: redact(&command_line(words), &known),
            secrets,
            scripts: HashMap::new(),
            began: Instant::now(),
            running: None,
            steps: 0,
            total: Counts::default(),
            leftovers: Vec::new(),
            held: None,
            started: false,
            finished: false,
            now: None,
            lines: Vec::new(),
        }
    }

    /// Makes the plan known: where the scripts are, so that the records can tell their hashes, and whether all revisions share one transaction, for whose end their records wait.
    pub fn plan(&mut self, steps: &[PlannedStep], one_transaction: bool) {
        for step in steps {
            if let (Some(id), Some(path)) = (&step.revision.revision, &step.script) {
                self.scripts.insert(id.clone(), path.clone());
            }
        }
        self.held = one_transaction.then(Vec::new);
    }

    /// Notes the version rows after a run that failed, where they are known.
    pub fn rows_now(&mut self, rows: Option<&[String]>) {
        self.now = rows.map(<[String]>::to_vec);
    }

    /// Ends the run: with the version rows there are now, or with why it failed. Only the first end counts.
    pub fn finish(&mut self, outcome: Result<&[String], &Failure>) {
        if std::mem::replace(&mut self.finished, true) {
            return;
        }
        let (word, error) = match outcome {
            Ok(_) => (Outcome::Ok, None),
            Err(failure) if failure.exit > 128 => (Outcome::Interrupted, Some(self.note(failure))),
            Err(failure) => (Outcome::Failed, Some(self.note(failure))),
        };
        for mut record in self.held.take().unwrap_or_default() {
            if outcome.is_err() {
                record.outcome = Some(Outcome::Undone);
            }
            self.write(record);
        }
        if let Some(running) = self.running.take() {
            let statements = running.counts.statements;
            let mut record = self.of_step(running, statements);
            record.outcome = Some(word.clone());
            record.error.clone_from(&error);
            self.write(record);
        }
        let mut record = self.base.clone();
        record.at = Timestamp::now();
        record.event = "run".into();
        record.command = Some(self.command.clone());
        record.steps = Some(self.steps);
        record.duration_ms = Some(ms(self.began.elapsed()));
        fill(&mut record, &self.total);
        record.statements = Some(self.total.statements);
        record.outcome = Some(word);
        record.error = error;
        record.leftovers = std::mem::take(&mut self.leftovers);
        record.now = outcome.ok().map(<[String]>::to_vec).or_else(|| self.now.take());
        self.write(record);
        if let Some(Err(error)) = self.log.as_ref().map(HealthLog::sync) {
            warn(self.context, error.diagnose());
        }
    }

    /// The records of this run so far, each a JSON object.
    pub fn lines(&self) -> &[String] {
        &self.lines
    }

    fn note(&self, failure: &Failure) -> ErrorNote {
        let found = &failure.diagnostic;
        let mut message = found.message.clone();
        for cause in &found.causes {
            message.push_str(": ");
            message.push_str(cause);
        }
        let secrets: Vec<&str> = self.secrets.iter().map(String::as_str).collect();
        ErrorNote {
            code: found.code.to_owned(),
            message: redact(&message, &secrets),
        }
    }

    fn begin(&mut self, number: usize, total: usize, label: &StepLabel) {
        if !std::mem::replace(&mut self.started, true) {
            let mut record = self.base.clone();
            record.at = Timestamp::now();
            record.event = "start".into();
            record.command = Some(self.command.clone());
            record.steps = u64::try_from(total + 1 - number).ok();
            record.from = Some(label.from.clone());
            self.write(record);
        }
        self.running = Some(Running {
            label: label.clone(),
            began: Instant::now(),
            counts: Counts::default(),
        });
    }

    fn end(&mut self, statements: usize) {
        let Some(running) = self.running.take() else {
            return;
        };
        self.steps += 1;
        let mut record = self.of_step(running, u64::try_from(statements).unwrap_or(u64::MAX));
        record.outcome = Some(Outcome::Ok);
        match &mut self.held {
            Some(held) => held.push(record),
            None => self.write(record),
        }
    }

    /// The record of a step that ended, without its outcome; what it counted is added to the run's.
    fn of_step(&mut self, running: Running, statements: u64) -> Record {
        let Running { label, began, mut counts } = running;
        counts.settle();
        let revision = match label.direction {
            Direction::Upgrade | Direction::Stamp => label.to.first(),
            Direction::Downgrade => label.from.first(),
        }
        .cloned();
        let mut record = self.base.clone();
        record.at = Timestamp::now();
        record.event = "revision".into();
        record.direction = Some(label.direction.command().to_owned());
        record.script = revision
            .as_ref()
            .and_then(|id| self.scripts.get(id))
            .and_then(|path| limbeck_script::read_source(path).ok())
            .map(|source| limbeck_script::meaning(&source));
        record.revision = revision;
        record.message = Some(label.doc).filter(|doc| !doc.is_empty());
        record.from = Some(label.from);
        record.to = Some(label.to);
        record.duration_ms = Some(ms(began.elapsed()));
        fill(&mut record, &counts);
        record.statements = Some(statements);
        self.total.statements += statements;
        self.total.add(counts);
        record
    }

    fn write(&mut self, record: Record) {
        if let Some(log) = &self.log {
            prepare_folder(&log.path, &self.root);
            match log.append(&record) {
                Ok(line) => return self.lines.push(line),
                Err(error) => {
                    warn(self.context, error.diagnose().note("the migration goes on without it"));
                    self.log = None;
                }
            }
        }
        self.lines.push(serde_json::to_string(&record).expect("a record is plain data"));
    }
}

impl Events for Recorder<'_> {
    fn event(&mut self, event: Event<'_>) {
        match event {
            Event::StepStarted { number, total, label } => return self.begin(number, total, label),
            Event::StepFinished { statements, .. } => return self.end(statements),
            Event::Leftovers(list) => return self.leftovers.extend_from_slice(list),
            // The wait for the migration lock is the run's, whatever runs then.
            Event::LockAcquired { waited } => return self.total.lock_wait += waited,
            Event::LockWaiting { .. }
            | Event::OldTransactions { .. }
            | Event::StatementRunning { .. }
            | Event::Connected { .. }
            | Event::ServerNotice(_)
            | Event::Warning(_) => return,
            _ => {}
        }
        let counts = self.running.as_mut().map_or(&mut self.total, |running| &mut running.counts);
        match event {
            Event::Statement { .. } => {
                counts.settle();
                counts.statements += 1;
            }
            Event::StatementFinished { rows, .. } => {
                counts.settle();
                counts.rows += u64::try_from(rows).unwrap_or(0);
            }
            Event::Blocked { waited, .. } => counts.waiting = counts.waiting.max(waited),
            Event::Retry { .. } => {
                counts.settle();
                counts.retries += 1;
                counts.rows = counts.rows_kept;
            }
            Event::SegmentCut { .. } => {
                counts.cuts += 1;
                counts.rows_kept = counts.rows;
            }
            Event::Resumed { segments, .. } => counts.resumed_after += u64::try_from(segments).unwrap_or(0),
            Event::Cleaned(text) => counts.cleaned.push(text.to_owned()),
            _ => {}
        }
    }
}

impl Counts {
    /// The statement's wait is over.
    fn settle(&mut self) {
        self.lock_wait += std::mem::take(&mut self.waiting);
    }

    fn add(&mut self, mut step: Counts) {
        self.rows += step.rows;
        self.lock_wait += step.lock_wait;
        self.retries += step.retries;
        self.cleaned.append(&mut step.cleaned);
    }
}

fn fill(record: &mut Record, counts: &Counts) {
    record.rows = Some(counts.rows).filter(|rows| *rows > 0);
    record.lock_wait_ms = ms(counts.lock_wait);
    record.retries = counts.retries;
    record.segments = if counts.cuts > 0 { counts.cuts + 1 } else { 0 };
    record.resumed_after = counts.resumed_after;
    record.cleaned.clone_from(&counts.cleaned);
}

/// Passwords that might stand in an error message. One that is also the name of the role, the database or the host hides nothing.
fn secrets(context: &Context, settings: &Settings) -> Vec<String> {
    let url = settings.url.as_ref();
    let open = [
        url.and_then(|url| url.username.as_deref()),
        url.and_then(|url| url.database.as_deref()),
        url.and_then(|url| url.host.as_deref()),
    ];
    let of_url = url.and_then(|url| url.password.as_ref()).map(|password| password.reveal().to_owned());
    let named = context.environment.iter().filter(|(name, _)| name.to_ascii_uppercase().contains("PASSWORD"));
    let all = of_url.into_iter().chain(named.map(|(_, value)| value.clone()));
    all.filter(|secret| !secret.is_empty() && !open.contains(&Some(secret.as_str()))).collect()
}

fn warn(context: &Context, mut found: limbeck_source::Diagnostic) {
    found.severity = Severity::Warning;
    streams::show(&found, context.stderr_style());
}

fn ms(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
