//! Many runs at once on one database: one works, the others wait and find nothing to do.

use crate::project::Project;
use crate::trial::{finish, full, server};
use limbeck_test::Sqlite;
use std::time::Instant;

/// How many processes start at once.
const PROCESSES: usize = 20;

/// How many rounds: enough to see it work, or all that the requirement asks for.
fn rounds() -> usize {
    if full() { 50 } else { 4 }
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
}
