//! SIGKILL in the middle of a migration of a SQLite file: at the n-th line of the run, while its journal grows, at any time. A second run ends as an undisturbed one.

use crate::history::{self, SQLITE};
use crate::project::{Project, Ran};
use crate::trial::{Tally, again, finish, sample, side_by_side};
use limbeck_test::{Sqlite, difference, sqlite_fingerprint};
use std::io::{BufRead, BufReader, Read};
use std::process::Child;
use std::time::{Duration, Instant};

/// How the file keeps what a transaction changes until it is committed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Journal {
    Rollback,
    WriteAhead,
}

/// When the process is killed.
#[derive(Debug, Clone, Copy)]
enum When {
    /// A while after its n-th line: each script prints one before each thing it does.
    Line(usize, Duration),
    /// A while after its journal file grew or shrank for the n-th time.
    Journal(usize, Duration),
    /// After this part of an undisturbed run's time, in thousandths.
    Part(u32),
}

impl Journal {
    fn fresh(self) -> Sqlite {
        let database = Sqlite::new();
        if self == Journal::WriteAhead {
            database.query("PRAGMA journal_mode = wal").expect("a new file takes it");
        }
        database
    }

    /// The size of the file that a transaction fills; `None` when there is none.
    fn size(self, database: &Sqlite) -> Option<u64> {
        let suffix = if self == Journal::WriteAhead { "wal" } else { "journal" };
        let path = format!("{}-{suffix}", database.path().display());
        std::fs::metadata(path).ok().map(|file| file.len())
    }
}

fn start(project: &Project, database: &Sqlite) -> Child {
    project.start(&["--url", &database.url(), "upgrade", "head"])
}

/// Runs until the point, kills, and returns what was seen.
fn run_until(project: &Project, database: &Sqlite, journal: Journal, when: When, whole: Duration) -> Ran {
    let began = Instant::now();
    let mut child = start(project, database);
    match when {
        When::Part(part) => std::thread::sleep((whole * part / 1000).saturating_sub(began.elapsed())),
        When::Journal(number, pause) => {
            let mut seen = 0;
            let mut size = journal.size(database);
            while seen < number && child.try_wait().expect("a child").is_none() {
                let now = journal.size(database);
                seen += usize::from(now != size);
                size = now;
            }
            std::thread::sleep(pause);
        }
        When::Line(number, pause) => {
            let mut lines = BufReader::new(child.stderr.take().expect("a pipe"));
            let mut seen = String::new();
            for _ in 0..number {
                lines.read_line(&mut seen).expect("text");
            }
            std::thread::sleep(pause);
            let _ = child.kill();
            let _ = lines.read_to_string(&mut seen);
            let mut ran = finish(child);
            ran.stderr = seen;
            return ran;
        }
    }
    let _ = child.kill();
    finish(child)
}

fn try_kill(project: &Project, journal: Journal, when: When, whole: Duration, wanted: &str) -> Result<usize, String> {
    let database = journal.fresh();
    let killed = run_until(project, &database, journal, when, whole);
    let story = |more: &str| format!("killed run ended with {:?}:\n{}\n{more}", killed.code, killed.stderr);
    if !matches!(killed.code, None | Some(0)) {
        return Err(story("that is no way to end"));
    }
    let runs = again(project, &["--url", &database.url(), "upgrade", "head"]).map_err(|said| story(&said))?;
    let left = sqlite_fingerprint(&database)?;
    if left == wanted {
        return Ok(runs);
    }
    Err(story(&format!("what is left differs:\n{}", difference(wanted, &left))))
}

/// How many lines an undisturbed run shows, how often its journal changes at least, how long it takes, what it leaves.
fn undisturbed(journal: Journal) -> (usize, Duration, String) {
    let project = project();
    // The first run also learns what env.py decides.
    assert_eq!(finish(start(&project, &journal.fresh())).code, Some(0));
    let database = journal.fresh();
    let began = Instant::now();
    let ran = finish(start(&project, &database));
    let whole = began.elapsed();
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let left = sqlite_fingerprint(&database).expect("a database");
    assert!(left.contains("integrity|ok"), "{left}");
    (ran.stderr.lines().count(), whole, left)
}

fn project() -> Project {
    let project = Project::sqlite();
    history::write(&project, SQLITE, 0);
    project
}

fn trial(journal: Journal) {
    let (lines, whole, wanted) = undisturbed(journal);
    let mut points = Vec::new();
    for number in 1..=lines {
        points.extend([0, 150, 600, 2000].map(|pause| When::Line(number, Duration::from_micros(pause))));
    }
    for number in 1..=40 {
        points.extend([0, 300].map(|pause| When::Journal(number, Duration::from_micros(pause))));
    }
    points.extend((1..100).map(|part| When::Part(part * 10)));
    let points = sample(points, 40);
    let tally = Tally::new(&format!("SQLite, {journal:?} journal, SIGKILL"));
    side_by_side(&points, project, |project, when| {
        tally.note(&format!("{when:?}"), try_kill(project, journal, *when, whole, &wanted));
    });
    tally.close();
}

#[test]
fn a_killed_run_on_a_file_with_a_rollback_journal_is_finished_by_the_next() {
    trial(Journal::Rollback);
}

#[test]
fn a_killed_run_on_a_file_with_a_write_ahead_log_is_finished_by_the_next() {
    trial(Journal::WriteAhead);
}
