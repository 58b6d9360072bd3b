//! What the migration could do without is missing: room for its log, a schema for its journal, room for locks. It works all the same, and says so.

use crate::project::{Project, Ran};
use crate::trial::{finish, full, server};
use std::fmt::Write;
use std::os::unix::fs::symlink;

/// One plain revision and one that has to be cut.
fn project() -> Project {
    let project = Project::sqlite();
    project.revision(
        "aa01",
        None,
        "def upgrade():\n    op.create_table('t', sa.Column('id', sa.Integer()))\n\n\ndef downgrade():\n    op.drop_table('t')",
    );
    project.revision(
        "bb02",
        Some("aa01"),
        "def upgrade():\n    op.execute('INSERT INTO t VALUES (1)')\n    op.execute('CREATE INDEX CONCURRENTLY ix ON t (id)')\n    op.execute('INSERT INTO t VALUES (2)')\n\n\ndef downgrade():\n    pass",
    );
    project
}

fn upgrade(project: &Project, url: &str) -> Ran {
    finish(project.start(&["--url", url, "upgrade", "head"]))
}

#[track_caller]
fn works_with_a_warning(ran: &Ran, words: &[&str]) {
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    for word in words.iter().chain(&["warning"]) {
        assert!(ran.stderr.contains(word), "{word:?} is not in:\n{}", ran.stderr);
    }
    println!("{}", ran.stderr);
}

const DONE: &str = "SELECT string_agg(id::text, ',' ORDER BY id) FROM t; SELECT version_num FROM alembic_version; SELECT indisvalid FROM pg_index WHERE indexrelid = 'ix'::regclass";

#[test]
fn a_full_disk_under_the_log_is_a_warning() {
    let Some(server) = server(&[]) else { return };
    let database = server.create_database();
    let project = project();
    std::fs::create_dir(project.path("logs")).expect("a folder");
    symlink("/dev/full", project.path("logs/migration_health.log")).expect("a link");
    works_with_a_warning(&upgrade(&project, &database.url()), &["migration_health.log", "No space left on device"]);
    assert_eq!(database.psql(DONE).expect("the server answers"), "1,2\nbb02\nt\n");
}

#[test]
fn a_log_directory_that_cannot_be_written_is_a_warning() {
    let Some(server) = server(&[]) else { return };
    let database = server.create_database();
    let project = project();
    // Not even root can write here.
    symlink("/proc/self", project.path("logs")).expect("a link");
    works_with_a_warning(&upgrade(&project, &database.url()), &["migration_health.log"]);
    assert_eq!(database.psql(DONE).expect("the server answers"), "1,2\nbb02\nt\n");
    let database = server.create_database();
    std::fs::remove_file(project.path("logs")).expect("the link");
    std::fs::write(project.path("logs"), "a file").expect("a file where the folder should be");
    works_with_a_warning(&upgrade(&project, &database.url()), &["logs"]);
    assert_eq!(database.psql(DONE).expect("the server answers"), "1,2\nbb02\nt\n");
}

#[test]
fn a_role_that_may_not_create_schemas_migrates_with_a_warning() {
    let Some(server) = server(&[]) else { return };
    let database = server.create_database();
    let sql = format!(
        "CREATE ROLE app LOGIN; REVOKE CREATE ON DATABASE {0} FROM PUBLIC; GRANT ALL ON SCHEMA public TO app",
        database.name()
    );
    database.psql(&sql).expect("a role");
    let url = database.url().replacen("postgres@", "app@", 1);
    works_with_a_warning(&upgrade(&project(), &url), &["limbeck"]);
    assert_eq!(database.psql(DONE).expect("the server answers"), "1,2\nbb02\nt\n");
    let ran = finish(project().start(&["--url", &url, "downgrade", "aa01"]));
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    database.psql("DROP OWNED BY app CASCADE").expect("the role owns what it made");
    drop(database);
    server.psql("postgres", "DROP ROLE app").expect("nothing is left of it");
}

#[test]
fn a_long_walk_takes_no_more_locks_than_one_revision() {
    let Some(server) = server(&[
        "max_locks_per_transaction=10",
        "max_connections=10",
        "max_wal_senders=0",
        "max_worker_processes=0",
    ]) else {
        return;
    };
    let count = if full() { 2000 } else { 600 };
    let project = Project::sqlite();
    let mut down: Option<String> = None;
    for number in 1..=count {
        let id = format!("r{number:04}");
        let mut body = "def upgrade():\n".to_owned();
        writeln!(
            body,
            "    op.create_table('t{number}', sa.Column('id', sa.Integer(), primary_key=True), sa.Column('a', sa.Text(), index=True))"
        )
        .expect("a text");
        write!(body, "\n\ndef downgrade():\n    op.drop_table('t{number}')").expect("a text");
        project.revision(&id, down.as_deref(), &body);
        down = Some(id);
    }
    let database = server.create_database();
    let ran = finish(project.start(&["--url", &database.url(), "upgrade", "head", "--single-transaction"]));
    assert_eq!(ran.code, Some(2), "{}", ran.stderr);
    for word in [
        "out of shared memory",
        "max_locks_per_transaction",
        "the database is at base",
        "--single-transaction",
    ] {
        let shown: Vec<&str> = ran.stderr.lines().filter(|line| !line.starts_with('[')).collect();
        assert!(ran.stderr.contains(word), "{word:?} is not in:\n{}", shown.join("\n"));
    }
    let ran = upgrade(&project, &database.url());
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let tables = database
        .psql("SELECT count(*) FROM pg_class WHERE relname ~ '^t[0-9]+$'")
        .expect("the server answers");
    assert_eq!(tables.trim(), count.to_string());
    let ran = finish(project.start(&["--url", &database.url(), "downgrade", "base"]));
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    println!("{count} revisions up and down with 10 locks per transaction and 10 connections");
}
