//! The server is stopped at once and started again while a migration runs.

use crate::project::Project;
use crate::trial::{finish, server};
use limbeck_db::{DatabaseUrl, Environment};
use std::time::{Duration, Instant};

/// A revision with work before and after a statement that waits for a table lock until the server dies.
fn trial(waits: &str, wanted_count: &str) {
    let Some(mut server) = server(&[]) else { return };
    // The database's own handle would borrow the server.
    server.psql("postgres", "CREATE DATABASE app").expect("a database");
    let prepare = "CREATE TABLE t (id int); INSERT INTO t VALUES (1); CREATE TABLE counter (n int); INSERT INTO counter VALUES (0)";
    server.psql("app", prepare).expect("a table");
    let project = Project::sqlite();
    project.revision(
        "aa01",
        None,
        "def upgrade():\n    op.execute('UPDATE counter SET n = n + 1')\n\n\ndef downgrade():\n    pass",
    );
    let body = format!(
        "def upgrade():\n    op.execute('UPDATE counter SET n = n + 10')\n    op.execute('{waits}')\n    op.execute('UPDATE counter SET n = n + 100')\n\n\ndef downgrade():\n    pass"
    );
    project.revision("bb02", Some("aa01"), &body);
    let url = server.url("app");
    let mut blocker = limbeck_db::connect(&DatabaseUrl::parse(&url).expect("a URL"), &Environment::default()).expect("the server takes us");
    blocker.begin().expect("a transaction");
    blocker.query("INSERT INTO t VALUES (2)", &[]).expect("a writer");
    let child = project.start(&["--url", &url, "upgrade", "head"]);
    let began = Instant::now();
    let waiting = format!(
        "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '{}%'",
        &waits[..12]
    );
    while server.psql("app", &waiting).expect("the server answers").trim() != "1" {
        assert!(began.elapsed() < Duration::from_secs(30), "it never waited");
        std::thread::sleep(Duration::from_millis(10));
    }
    server.restart_at_once().expect("the server comes back");
    let ran = finish(child);
    println!("after the restart, ended with {:?}:\n{}", ran.code, ran.stderr);
    assert_eq!(ran.code, Some(2), "{}", ran.stderr);
    // Whether the server is back by the time it is asked where the database is, nobody knows.
    for words in [
        ["bb02"].as_slice(),
        &["terminating", "closed the connection"],
        &["run `upgrade"],
        &["the database is at aa01", "could not be asked"],
    ] {
        assert!(words.iter().any(|word| ran.stderr.contains(word)), "none of {words:?} is in:\n{}", ran.stderr);
    }
    let ran = finish(project.start(&["--url", &url, "upgrade", "head"]));
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let found = server
        .psql(
            "app",
            "SELECT n FROM counter; SELECT version_num FROM alembic_version; SELECT count(*) FROM pg_index WHERE NOT indisvalid",
        )
        .expect("the server answers");
    assert_eq!(found, format!("{wanted_count}\nbb02\n0\n"));
}

#[test]
fn a_restart_in_a_transaction_is_told_and_the_next_run_does_it_all() {
    trial("ALTER TABLE t ADD COLUMN note text", "111");
}

#[test]
fn a_restart_while_an_index_is_built_is_told_and_the_next_run_goes_on() {
    trial("CREATE INDEX CONCURRENTLY ix ON t (id)", "111");
}
