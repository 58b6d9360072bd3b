//! What people read of a run: lasting lines, and on a terminal the status line below them. Pure: an event goes in, text comes out.

use super::sessions::{block, cut, holder, leftover, plain, short};
use super::{count, seconds, span};
use limbeck_db::DatabaseSession;
use limbeck_run::{Direction, Event, StepLabel};
use limbeck_sql::Flavour;
use std::time::Duration;
use unicode_width::UnicodeWidthStr;

/// A wait shorter than this is not worth a word.
const WORTH_SAYING: Duration = Duration::from_millis(250);
/// How often a wait that goes on is told again in a pipe.
const AGAIN: Duration = Duration::from_secs(10);
/// How much of a statement is shown.
const HEADLINE: usize = 70;

/// What an event has to say.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Told {
    /// Lines that stay.
    pub lasting: Vec<String>,
    /// The status line from now on; `None` leaves it as it is, an empty one takes it away.
    pub status: Option<Status>,
}

/// A status line: what runs, and how far it is. Where the terminal is narrow the first part gives way.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Status {
    pub what: String,
    pub how: String,
}

impl Status {
    fn new(what: impl Into<String>, how: impl Into<String>) -> Self {
        Status {
            what: what.into(),
            how: how.into(),
        }
    }

    /// Whether there is nothing to show.
    pub fn is_empty(&self) -> bool {
        self.what.is_empty() && self.how.is_empty()
    }

    /// The line, cut so that it stays on one line of a terminal of that width.
    pub fn fit(&self, width: usize) -> String {
        // The last column is left free: some terminals go to the next line when it is written.
        let width = width.saturating_sub(1);
        if self.how.is_empty() {
            return cut(&self.what, width);
        }
        let left = width.saturating_sub(self.how.width() + 2);
        if left < 8 {
            return cut(&self.how, width);
        }
        format!("{}  {}", cut(&self.what, left), self.how)
    }
}

/// The words of one run.
#[derive(Debug)]
pub struct Words {
    /// Whether there is a status line.
    live: bool,
    /// The name we are called by, for hints.
    program: String,
    flavour: Flavour,
    /// The running step: `[2/3] upgrade aa01 -> bb02  message`.
    step: Option<String>,
    /// The same in short: `[2/3] bb02`.
    step_short: String,
    /// When the wait for the migration lock was last told.
    lock_told: Option<Duration>,
    /// The sessions that were told to block, and how long the statement had waited then.
    block_told: Option<(Vec<i32>, Duration)>,
}

impl Words {
    pub fn new(live: bool, program: &str) -> Self {
        Words {
            live,
            program: program.to_owned(),
            flavour: Flavour::Postgresql,
            step: None,
            step_short: String::new(),
            lock_told: None,
            block_told: None,
        }
    }

    /// Turns an event into words.
    pub fn tell(&mut self, event: &Event<'_>) -> Told {
        let mut told = Told::default();
        match event {
            Event::Connected { impl_name, .. } => self.flavour = flavour(impl_name),
            Event::StepStarted { number, total, label } => {
                let line = step_line(*number, *total, label);
                if self.live {
                    told.status = Some(Status::new(line.clone(), ""));
                } else {
                    told.lasting.push(line.clone());
                }
                self.step_short = format!("{} {}", position(*number, *total), label.revision());
                self.step = Some(line);
                self.block_told = None;
            }
            Event::StepFinished { statements, elapsed, .. } => {
                if let Some(step) = self.step.take().filter(|_| self.live) {
                    told.lasting
                        .push(format!("{step}  ({}, {})", count(*statements, "statement"), seconds(*elapsed)));
                    told.status = Some(Status::default());
                }
            }
            Event::StatementRunning { sql, elapsed, progress } if self.live => {
                let mut how = span(*elapsed);
                if let Some(progress) = progress {
                    how.push_str(&format!("  {}", plain(&progress.phase)));
                    if let Some(percent) = progress.percent {
                        how.push_str(&format!(" {percent:.0} %"));
                    }
                    if let Some(sessions) = progress.waits_for.filter(|sessions| *sessions > 0) {
                        how.push_str(&format!(", waits for {}", count(usize::try_from(sessions).unwrap_or(0), "session")));
                    }
                }
                told.status = Some(Status::new(self.below_step(&self.headline(sql)), how));
            }
            // The statement's own line goes; the step's comes back.
            Event::StatementFinished { elapsed, .. } if *elapsed >= Duration::from_secs(1) => told.status = self.step_status(),
            Event::LockWaiting { .. } | Event::LockAcquired { .. } => self.migration_lock(event, &mut told),
            Event::Blocked { sql, waited, blockers } => self.blocked(sql, *waited, blockers, &mut told),
            Event::OldTransactions { sql, sessions } => {
                let them = if sessions.len() == 1 {
                    "transaction that is"
                } else {
                    "transactions that are"
                };
                told.lasting
                    .push(format!("`{}` has to wait for {} {them} already open:", self.headline(sql), sessions.len()));
                told.lasting.extend(sessions.iter().flat_map(block));
                told.lasting.extend(ending(sessions));
            }
            Event::Retry {
                error,
                attempt,
                attempts,
                pause,
            } => {
                self.block_told = None;
                told.lasting.push(format!(
                    "attempt {attempt} of {attempts} gave up: {}; what it did is undone, the next one begins in {}",
                    plain(error),
                    span(*pause)
                ));
                told.status = self.step_status();
            }
            Event::SegmentCut { number, reason, place } => {
                let file = place.and_then(|place| Some(format!(" ({}:{})", place.path.file_name()?.display(), place.line)));
                told.lasting.push(format!(
                    "  segment {number} ends here and is committed: {}{}",
                    plain(reason),
                    file.unwrap_or_default()
                ));
            }
            Event::Resumed { revision, segments } => told.lasting.push(match segments {
                0 => format!("  {revision} was begun by an earlier run, which did not finish its first segment"),
                1 => format!("  {revision} was begun by an earlier run: its first segment is done and kept, going on after that"),
                count => format!("  {revision} was begun by an earlier run: its first {count} segments are done and kept, going on after that"),
            }),
            Event::Cleaned(text) => told.lasting.push(format!("  cleaned up: {}", plain(text))),
            // After a step that failed the error tells them.
            Event::Leftovers(list) if list.is_empty() || self.step.is_some() => {}
            Event::Leftovers(list) => {
                told.lasting.push(format!("{} half done in the database:", count(list.len(), "thing")));
                told.lasting.extend(list.iter().map(|left| format!("  {}", leftover(left))));
            }
            Event::ServerNotice(text) => told.lasting.push(format!("  server: {}", text.trim_end())),
            Event::Warning(text) => told.lasting.push(format!("warning: {text}")),
            Event::Statement { .. } | Event::StatementRunning { .. } | Event::StatementFinished { .. } => {}
        }
        if !self.live {
            told.status = None;
        }
        told
    }

    /// The line of a step that did not finish, where only the status line showed it.
    pub fn unfinished(&mut self) -> Option<String> {
        self.step.take().filter(|_| self.live)
    }

    fn migration_lock(&mut self, event: &Event<'_>, told: &mut Told) {
        match event {
            Event::LockWaiting { holder: by, waited, limit } if *waited >= WORTH_SAYING => {
                let by = by.map_or_else(|| "held by another run".to_owned(), holder);
                let left = span(limit.saturating_sub(*waited));
                if self.live {
                    told.status = Some(Status::new(
                        format!("waiting for the migration lock, {by}"),
                        format!("{}, giving up in {left}", span(*waited)),
                    ));
                } else if self.lock_told.is_none() {
                    told.lasting.push(format!(
                        "waiting for the migration lock, {by}; giving up in {left} (`{} locks` shows more)",
                        self.program
                    ));
                } else if self.lock_told.is_some_and(|before| *waited >= before + AGAIN) {
                    told.lasting.push(format!(
                        "still waiting for the migration lock after {}, {by}; giving up in {left}",
                        span(*waited)
                    ));
                } else {
                    return;
                }
                self.lock_told = Some(*waited);
            }
            Event::LockAcquired { waited } if self.lock_told.take().is_some() => {
                told.lasting.push(format!("got the migration lock after {}", span(*waited)));
                told.status = Some(Status::default());
            }
            _ => {}
        }
    }

    fn blocked(&mut self, sql: &str, waited: Duration, blockers: &[DatabaseSession], told: &mut Told) {
        if self.live {
            let first = blockers.first().map(short).unwrap_or_default();
            let more = if blockers.len() > 1 {
                format!(" and {} more", blockers.len() - 1)
            } else {
                String::new()
            };
            let how = format!("blocked for {} by {first}{more}", span(waited));
            told.status = Some(Status::new(self.below_step(&self.headline(sql)), how));
        }
        let mut pids: Vec<i32> = blockers.iter().map(|session| session.pid).collect();
        pids.sort_unstable();
        let known = self
            .block_told
            .as_ref()
            .is_some_and(|(before, then)| *before == pids && (self.live || waited < *then + AGAIN));
        if known {
            return;
        }
        told.lasting.push(format!(
            "blocked for {} by {}: {}",
            span(waited),
            count(blockers.len(), "session"),
            self.headline(sql)
        ));
        told.lasting.extend(blockers.iter().flat_map(block));
        told.lasting.extend(ending(blockers));
        self.block_told = Some((pids, waited));
    }

    fn headline(&self, sql: &str) -> String {
        plain(&limbeck_sql::headline(self.flavour, sql, HEADLINE))
    }

    /// The step's own line, as a status.
    fn step_status(&self) -> Option<Status> {
        self.step.as_ref().map(|step| Status::new(step.clone(), ""))
    }

    /// A status line for a statement: the step's number, then the statement.
    fn below_step(&self, line: &str) -> String {
        match &self.step {
            Some(_) => format!("{}  {line}", self.step_short),
            None => line.to_owned(),
        }
    }
}

/// How to end the sessions that are in the way.
fn ending(sessions: &[DatabaseSession]) -> Option<String> {
    let calls: Vec<String> = sessions
        .iter()
        .filter(|session| session.pid > 0 && !session.queued)
        .map(|session| format!("SELECT pg_terminate_backend({});", session.pid))
        .collect();
    (!calls.is_empty()).then(|| format!("  it goes on when they finish; to end them now: {}", calls.join(" ")))
}

/// Whose SQL an implementation speaks.
pub fn flavour(impl_name: &str) -> Flavour {
    match impl_name {
        "SQLiteImpl" => Flavour::Sqlite,
        "MySQLImpl" => Flavour::Mysql,
        _ => Flavour::Postgresql,
    }
}

fn step_line(number: usize, total: usize, label: &StepLabel) -> String {
    let command = label.direction.command();
    let doc = if label.doc.is_empty() {
        String::new()
    } else {
        format!("  {}", plain(&label.doc))
    };
    let ids = match label.direction {
        Direction::Downgrade => format!("{} -> {}", label.from.join(", "), or_base(&label.to)),
        Direction::Upgrade | Direction::Stamp => format!("{} -> {}", or_base(&label.from), or_base(&label.to)),
    };
    format!("{} {command} {ids}{doc}", position(number, total))
}

/// `[ 2/10]`.
fn position(number: usize, total: usize) -> String {
    let width = total.to_string().len();
    format!("[{number:>width$}/{total}]")
}

fn or_base(ids: &[String]) -> String {
    if ids.is_empty() { "base".into() } else { ids.join(", ") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use limbeck_db::{IndexProgress, Leftover, LockHolder};
    use limbeck_ops::Place;

    const SQL: &str = "ALTER TABLE users ADD COLUMN secret text DEFAULT 'hunter2'";

    fn s(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    fn label() -> StepLabel {
        StepLabel {
            direction: Direction::Upgrade,
            from: vec!["aa01".into()],
            to: vec!["bb02".into()],
            doc: "add a column".into(),
        }
    }

    fn blocker(pid: i32) -> DatabaseSession {
        DatabaseSession {
            pid,
            user: Some("app".into()),
            application: Some("psql".into()),
            client: Some("10.0.0.7".into()),
            state: Some("idle in transaction".into()),
            transaction_seconds: Some(303.4),
            state_seconds: Some(12.2),
            query: Some("SELECT *\nFROM users".into()),
            mode: Some("AccessShareLock".into()),
            object: Some("public.users".into()),
            ..DatabaseSession::default()
        }
    }

    fn started(words: &mut Words) -> Told {
        words.tell(&Event::StepStarted {
            number: 2,
            total: 10,
            label: &label(),
        })
    }

    fn blocked(words: &mut Words, waited: u64, pids: &[i32]) -> Told {
        let blockers: Vec<_> = pids.iter().map(|pid| blocker(*pid)).collect();
        words.tell(&Event::Blocked {
            sql: SQL,
            waited: s(waited),
            blockers: &blockers,
        })
    }

    fn shown(told: &Told) -> String {
        told.status.as_ref().expect("a status line").fit(200)
    }

    fn waiting(words: &mut Words, waited: Duration) -> Told {
        let holder = LockHolder {
            host: Some("db1".into()),
            pid: Some(4711),
            user: Some("alice".into()),
            since: Some(s(75)),
            doing: Some("upgrade 1a2b3c".into()),
            ..LockHolder::default()
        };
        words.tell(&Event::LockWaiting {
            holder: Some(&holder),
            waited,
            limit: s(60),
        })
    }

    #[test]
    fn a_step_is_one_line_in_a_pipe_and_a_status_line_on_a_terminal() {
        let end = |words: &mut Words| {
            words.tell(&Event::StepFinished {
                label: &label(),
                statements: 3,
                elapsed: Duration::from_millis(124),
            })
        };
        let mut pipe = Words::new(false, "limbeck");
        assert_eq!(started(&mut pipe).lasting, ["[ 2/10] upgrade aa01 -> bb02  add a column"]);
        assert_eq!(end(&mut pipe), Told::default());
        let mut live = Words::new(true, "limbeck");
        assert_eq!(shown(&started(&mut live)), "[ 2/10] upgrade aa01 -> bb02  add a column");
        let told = end(&mut live);
        assert_eq!(told.lasting, ["[ 2/10] upgrade aa01 -> bb02  add a column  (3 statements, 0.12 s)"]);
        assert_eq!(shown(&told), "");
        assert_eq!(live.unfinished(), None);
    }

    #[test]
    fn a_running_statement_shows_on_a_terminal_only_and_without_values() {
        let progress = IndexProgress {
            phase: "building index: scanning table".into(),
            percent: Some(42.6),
            waits_for: Some(0),
        };
        let running = |words: &mut Words, sql: &str, progress: Option<&IndexProgress>| words.tell(&Event::StatementRunning { sql, elapsed: s(12), progress });
        let mut pipe = Words::new(false, "limbeck");
        started(&mut pipe);
        assert_eq!(running(&mut pipe, SQL, None), Told::default());
        let mut live = Words::new(true, "limbeck");
        started(&mut live);
        let told = running(&mut live, "CREATE INDEX CONCURRENTLY ix ON t (c)", Some(&progress));
        let status = shown(&told);
        assert!(status.starts_with("[ 2/10] bb02  CREATE INDEX CONCURRENTLY ix"), "{status}");
        assert!(status.ends_with("12 s  building index: scanning table 43 %"), "{status}");
        // How far it is stays on a narrow terminal; the statement gives way.
        let narrow = |width| told.status.as_ref().expect("a status line").fit(width);
        assert_eq!(narrow(70), "[ 2/10] bb02  CREATE INDE…  12 s  building index: scanning table 43 %");
        assert_eq!(narrow(30), "12 s  building index: scanni…");
        assert_eq!(narrow(0), "");
        let status = shown(&running(&mut live, SQL, None));
        assert!(status.contains("ALTER TABLE users") && !status.contains("hunter2"), "{status}");
    }

    #[test]
    fn a_wait_for_the_migration_lock_is_told_once_and_every_ten_seconds() {
        let mut words = Words::new(false, "limbeck");
        assert_eq!(waiting(&mut words, Duration::from_millis(100)), Told::default());
        assert_eq!(
            waiting(&mut words, s(1)).lasting,
            ["waiting for the migration lock, held by alice@db1 (pid 4711): upgrade 1a2b3c, for 1 min 15 s; giving up in 59 s (`limbeck locks` shows more)"]
        );
        let told: usize = (2..=30).map(|second| waiting(&mut words, s(second)).lasting.len()).sum();
        assert_eq!(told, 2);
        let told = words.tell(&Event::LockAcquired { waited: s(31) });
        assert_eq!(told.lasting, ["got the migration lock after 31 s"]);
        // A wait that nobody was told of needs no end.
        assert_eq!(words.tell(&Event::LockAcquired { waited: s(0) }), Told::default());
    }

    #[test]
    fn blockers_are_told_when_they_change_and_every_ten_seconds_in_a_pipe() {
        let mut words = Words::new(false, "limbeck");
        started(&mut words);
        let told = blocked(&mut words, 1, &[4242]);
        assert!(told.lasting[0].starts_with("blocked for 1.0 s by 1 session: ALTER TABLE users"), "{told:?}");
        assert_eq!(
            told.lasting[1..],
            [
                "  pid 4242, user app, application psql, from 10.0.0.7, idle in transaction for 12 s, transaction open for 5 min 3 s",
                "    holds AccessShareLock on public.users",
                "    last ran: SELECT * FROM users",
                "  it goes on when they finish; to end them now: SELECT pg_terminate_backend(4242);"
            ]
        );
        assert_eq!(blocked(&mut words, 2, &[4242]), Told::default());
        assert!(!blocked(&mut words, 3, &[4242, 7]).lasting.is_empty());
        assert_eq!(blocked(&mut words, 12, &[7, 4242]), Told::default());
        assert!(!blocked(&mut words, 13, &[7, 4242]).lasting.is_empty());
    }

    #[test]
    fn a_retry_says_what_gave_up_and_when_it_goes_on() {
        let mut words = Words::new(false, "limbeck");
        blocked(&mut words, 5, &[1]);
        let told = words.tell(&Event::Retry {
            error: "canceling statement due to lock timeout\n",
            attempt: 1,
            attempts: 10,
            pause: Duration::from_millis(840),
        });
        assert_eq!(told.status, None, "there is no status line in a pipe");
        assert_eq!(
            told.lasting,
            ["attempt 1 of 10 gave up: canceling statement due to lock timeout; what it did is undone, the next one begins in 840 ms"]
        );
        // The next attempt says anew who is in its way.
        assert!(!blocked(&mut words, 1, &[1]).lasting.is_empty());
    }

    #[test]
    fn segments_resumption_cleaning_and_leftovers_are_lasting_lines() {
        let place = Place {
            path: "/srv/app/versions/bb02.py".into(),
            line: 14,
            column: 5,
        };
        let index = Leftover::InvalidIndex {
            index: "public.ix".into(),
            table: "public.t".into(),
        };
        let events = [
            Event::SegmentCut {
                number: 1,
                reason: "VACUUM cannot run inside a transaction",
                place: Some(&place),
            },
            Event::Resumed { revision: "bb02", segments: 2 },
            Event::Cleaned("dropped the INVALID index public.ix"),
            Event::Leftovers(&[]),
            Event::Leftovers(std::slice::from_ref(&index)),
        ];
        let mut words = Words::new(true, "limbeck");
        let lines: Vec<String> = events.iter().flat_map(|event| words.tell(event).lasting).collect();
        assert_eq!(
            lines,
            [
                "  segment 1 ends here and is committed: VACUUM cannot run inside a transaction (bb02.py:14)",
                "  bb02 was begun by an earlier run: its first 2 segments are done and kept, going on after that",
                "  cleaned up: dropped the INVALID index public.ix",
                "1 thing half done in the database:",
                "  index public.ix on public.t is INVALID: no query uses it and every write pays for it; drop it (`DROP INDEX CONCURRENTLY public.ix`) and build it again"
            ]
        );
    }
}
