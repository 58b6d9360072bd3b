//! Many runs at once on one database: one works, the others wait and find nothing to do.

use crate::history::{self, POSTGRESQL};
use crate::project::Project;
use crate::trial::{finish, full, major, server};
use limbeck_test::{Sqlite, difference, postgresql_fingerprint};
use std::time::Instant;

/// How many processes start at once.
const PROCESSES: usize = 20;

/// How many rounds: enough to see it work, or all that the requirement asks for.
fn rounds() -> usize {
    if full() { 50 } else { 3 }
}

/// Each revision adds one row to a table without a key.
fn project(outside: &str) -> Project {
    let project = Project::sqlite();
    let create = "op.create_table('log', sa.Column('line', sa.Text()))";
    let mut down: Option<String> = None;
    for number in 1..=8 {
        let id = format!("r{number:02}");
        let create = if number == 1 { create } else { "pass" };
        let outside = if number == 4 { outside } else { "pass" };
        let body = format!("def upgrade():\n    {create}\n    op.execute(\"INSERT INTO log VALUES ('{id}')\")\n    {outside}\n\n\ndef downgrade():\n    pass");
        project.revision(&id, down.as_deref(), &body);
        down = Some(id);
    }
    project
}

const ONCE: &str = "r01,r02,r03,r04,r05,r06,r07,r08";

/// Starts all at once and waits for all; returns what went wrong.
fn round(project: &Project, url: &str) -> Result<(), String> {
    let children: Vec<_> = (0..PROCESSES).map(|_| project.start(&["--url", url, "upgrade", "head"])).collect();
    // All of them are waited for: their pipes are small enough never to fill.
    let wrong: Vec<String> = children
        .into_iter()
        .map(finish)
        .filter(|ran| ran.code != Some(0))
        .map(|ran| format!("ended with {:?}:\n{}", ran.code, ran.stderr))
        .collect();
    if wrong.is_empty() {
        return Ok(());
    }
    Err(format!("{} of {PROCESSES} failed; the first {}", wrong.len(), wrong[0]))
}

/// All of them wrote into one log.
#[track_caller]
fn log_is_whole(project: &Project) {
    let shown = project.run(&["log", "verify"]).ok();
    println!("{}", shown.lines().next().unwrap_or_default());
}

#[test]
fn many_runs_at_once_on_postgresql_apply_every_revision_once() {
    let Some(server) = server(&[]) else { return };
    let project = project("op.execute('CREATE INDEX CONCURRENTLY ix_log ON log (line)')");
    let began = Instant::now();
    let mut wrong = Vec::new();
    for number in 1..=rounds() {
        let database = server.create_database();
        wrong.extend(round(&project, &database.url()).err().map(|why| format!("round {number}: {why}")));
        let found = database
            .psql("SELECT string_agg(line, ',' ORDER BY line) FROM log; SELECT indisvalid FROM pg_index WHERE indexrelid = 'ix_log'::regclass")
            .unwrap_or_else(|why| why);
        if found != format!("{ONCE}\nt\n") {
            wrong.push(format!("round {number}: {found}"));
        }
    }
    println!(
        "PostgreSQL: {} rounds of {PROCESSES} runs at once, {} wrong, in {:.1} s",
        rounds(),
        wrong.len(),
        began.elapsed().as_secs_f64()
    );
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    log_is_whole(&project);
}

#[test]
fn many_runs_at_once_on_one_sqlite_file_apply_every_revision_once() {
    let project = project("op.get_bind().commit()");
    let began = Instant::now();
    let mut wrong = Vec::new();
    for number in 1..=rounds() {
        let database = Sqlite::new();
        wrong.extend(round(&project, &database.url()).err().map(|why| format!("round {number}: {why}")));
        let found = database
            .query("SELECT group_concat(line) FROM (SELECT line FROM log ORDER BY line)")
            .unwrap_or_else(|why| why);
        if found.trim_end() != ONCE {
            wrong.push(format!("round {number}: {found}"));
        }
        let left: Vec<_> = std::fs::read_dir(database.directory())
            .expect("a directory")
            .flatten()
            .map(|entry| entry.file_name().to_string_lossy().into_owned())
            .filter(|name| name != "test.db")
            .collect();
        if !left.is_empty() {
            wrong.push(format!("round {number}: files are left: {left:?}"));
        }
    }
    println!(
        "SQLite: {} rounds of {PROCESSES} runs at once, {} wrong, in {:.1} s",
        rounds(),
        wrong.len(),
        began.elapsed().as_secs_f64()
    );
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    log_is_whole(&project);
}

/// How many of six runs are killed in a round.
const KILLED: usize = 3;

#[test]
fn runs_that_are_killed_hand_over_to_those_that_wait() {
    let Some(server) = server(&[]) else { return };
    let project = Project::sqlite();
    history::write(&project, POSTGRESQL, major(&server));
    let reference = server.create_database();
    let began = Instant::now();
    project.run(&["--url", &reference.url(), "upgrade", "head"]).ok();
    let whole = began.elapsed();
    let wanted = postgresql_fingerprint(&server, reference.name()).expect("a database");
    let rounds = if full() { 60 } else { 4 };
    let (mut wrong, mut holding) = (Vec::new(), 0);
    for number in 1..=rounds {
        let database = server.create_database();
        let url = database.url();
        let mut children: Vec<_> = (0..2 * KILLED).map(|_| project.start(&["--url", &url, "upgrade", "head"])).collect();
        for turn in 0..KILLED {
            // Spread over the time of a run, otherwise in every round.
            let pause = whole * u32::try_from((number * 7 + turn * 5) % 11 + 1).expect("small") / 12;
            std::thread::sleep(pause);
            // The one that holds the lock, if somebody does: the others only wait.
            let holder = server
                .psql(
                    database.name(),
                    "SELECT substring(a.application_name FROM ':([0-9]+)$') FROM pg_stat_activity a JOIN pg_locks l ON l.pid = a.pid \
                     WHERE l.locktype = 'advisory' AND l.granted AND a.application_name LIKE 'limbeck %:%' AND a.datname = current_database() LIMIT 1",
                )
                .unwrap_or_default();
            let victim = children.iter().position(|child| child.id().to_string() == holder.trim());
            holding += usize::from(victim.is_some());
            let victim = victim.unwrap_or(0);
            let mut victim = children.swap_remove(victim);
            let _ = victim.kill();
            let _ = finish(victim);
        }
        for ran in children.into_iter().map(finish).filter(|ran| ran.code != Some(0)) {
            wrong.push(format!("round {number}: ended with {:?}:\n{}", ran.code, ran.stderr));
        }
        let left = postgresql_fingerprint(&server, database.name()).expect("a database");
        if left != wanted {
            wrong.push(format!("round {number}: what is left differs:\n{}", difference(&wanted, &left)));
        }
    }
    println!(
        "PostgreSQL: {rounds} rounds of {} runs at once, {KILLED} of them killed ({holding} in all while they held the lock), {} wrong, in {:.1} s",
        2 * KILLED,
        wrong.len(),
        began.elapsed().as_secs_f64()
    );
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    log_is_whole(&project);
}
