//! `locks`: who holds what, as somebody reads it while a migration does not move.

use crate::project::Project;
use limbeck_db::{Connection, DatabaseUrl, Environment, connect};
use serde_json::Value;
use std::time::{Duration, Instant};

fn open(url: &str) -> Box<dyn Connection> {
    connect(&DatabaseUrl::parse(url).expect("a URL"), &Environment::of_process()).expect("the server answers")
}

/// Runs `locks` until its text holds all of `words`.
fn until(project: &Project, arguments: &[&str], words: &[&str]) -> String {
    let began = Instant::now();
    loop {
        let text = project.run(arguments).ok();
        if words.iter().all(|word| text.contains(word)) {
            return text;
        }
        assert!(began.elapsed() < Duration::from_secs(60), "{words:?} never came:\n{text}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn a_blocked_migration_and_its_blocker_are_shown() {
    let server = match limbeck_test::Server::start() {
        Ok(server) => server,
        Err(reason) => {
            println!("skipped: {reason}");
            return;
        }
    };
    let database = server.create_database();
    let url = database.url();
    let project = Project::sqlite();
    let quiet = project.run(&["locks", "--url", &url]).ok();
    assert!(quiet.contains("Migration lock: free\nNo session waits for a lock"), "{quiet}");

    database.psql("create table t (a int)").expect("the server answers");
    project.revision(
        "aa01",
        None,
        "def upgrade():\n    op.add_column('t', sa.Column('b', sa.Integer()))\n\n\ndef downgrade():\n    pass",
    );
    let mut application = open(&format!("{url}&application_name=web"));
    application.execute_batch("BEGIN; SELECT a FROM t").expect("a transaction");
    let blocker = application.process_id().expect("a process");
    let mut migration = project.start(&["--url", &url, "upgrade", "head", "--lock-timeout", "60s"]);
    let text = until(
        &project,
        &["locks", "--url", &url, "--older-than", "0"],
        &["Migration lock: held by upgrade", "1 session waits for a lock"],
    );
    for line in [
        format!("(pid {}, server process ", migration.id()),
        format!("\nProcess {blocker} blocks 1 session\n"),
        "  application  web\n  state        idle in transaction for ".to_owned(),
        "  holds        AccessShareLock on public.t\n  last ran     BEGIN; SELECT a FROM t\n  blocks       ".to_owned(),
        "wants AccessExclusiveLock on public.t: ALTER TABLE t ADD COLUMN b INTEGER\n".to_owned(),
        format!("  to end it    SELECT pg_terminate_backend({blocker});"),
    ] {
        assert!(text.contains(&line), "{line:?} is not in:\n{text}");
    }
    // Another run waits for the lock, and is seen to.
    let mut second = project.start(&["--url", &url, "upgrade", "head"]);
    until(
        &project,
        &["locks", "--url", &url],
        &["waiting or beginning: upgrade", &format!("(pid {}, ", second.id())],
    );
    let report: Value = serde_json::from_str(&project.run(&["locks", "--url", &url, "--json"]).ok()).expect("JSON");
    assert_eq!(report["holders"][0]["pid"], migration.id());
    let sessions = report["sessions"].as_array().expect("a list");
    let waiting = sessions.iter().find(|session| session["pid"] != blocker).expect("the migration's session");
    assert_eq!(waiting["blocked_by"], serde_json::json!([blocker]));
    assert_eq!(waiting["object"], "public.t");

    // The hint is right.
    database.psql(&format!("SELECT pg_terminate_backend({blocker})")).expect("the server answers");
    assert!(migration.wait().expect("it ends").success() && second.wait().expect("it ends").success());
    assert_eq!(project.run(&["locks", "--url", &url, "--older-than", "3600"]).ok().lines().count(), 3);
}

#[test]
fn the_holder_of_a_sqlite_file_is_named() {
    let project = Project::sqlite();
    let free = project.run(&["locks"]).ok();
    assert!(free.contains("app.db\nMigration lock: free\n"), "{free}");
    let code = "def upgrade():\n    while True:\n        pass\n\n\ndef downgrade():\n    pass";
    project.revision("aa01", None, code);
    let mut migration = project.start(&["upgrade", "head"]);
    let text = until(&project, &["locks"], &["Migration lock: held by upgrade"]);
    assert!(text.contains(&format!("(pid {}), for ", migration.id())), "{text}");
    migration.kill().expect("a signal");
    migration.wait().expect("it ends");
    let report: Value = serde_json::from_str(&project.run(&["locks", "--json"]).ok()).expect("JSON");
    assert_eq!(report["holders"], serde_json::json!([]));
}

#[test]
fn a_server_that_is_not_there_is_said() {
    let project = Project::sqlite();
    project.run(&["locks", "--url", "postgresql://nobody@127.0.0.1:1/none"]).fails_with(&["E0604"]);
}
