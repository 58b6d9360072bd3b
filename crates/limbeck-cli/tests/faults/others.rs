//! Other sessions of the database while a migration runs: they hold locks, wait for ours, or are what a killed run left working.

use crate::project::{Project, Ran};
use crate::trial::{finish, server};
use limbeck_db::{Connection, DatabaseUrl, Environment};
use limbeck_test::Database;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// A session of an application.
fn session(database: &Database<'_>, name: &str) -> Box<dyn Connection> {
    let url = format!("{}&application_name={name}", database.url());
    let url = DatabaseUrl::parse(&url).expect("a URL");
    limbeck_db::connect(&url, &Environment::default()).expect("the server takes us")
}

fn run(session: &mut dyn Connection, sql: &str) {
    session.query(sql, &[]).unwrap_or_else(|error| panic!("{sql}: {error}"));
}

/// Waits until a query gives `t`.
fn wait_for(database: &Database<'_>, sql: &str) {
    let began = Instant::now();
    while database.psql(sql).expect("the server answers").trim() != "t" {
        assert!(began.elapsed() < Duration::from_secs(30), "never came true: {sql}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

const BUILDING: &str =
    "SELECT count(*) > 0 FROM pg_stat_activity WHERE state = 'active' AND query LIKE 'CREATE INDEX CONCURRENTLY%' AND pid <> pg_backend_pid()";

/// Starts the binary with a short lock timeout.
fn start(project: &Project, database: &Database<'_>, lock_timeout: Duration) -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_limbeck"));
    command
        .current_dir(project.path(""))
        .args(["--url", &database.url(), "upgrade", "head"])
        .env_remove("DATABASE_URL")
        .env("XDG_CACHE_HOME", project.path(".cache"))
        .env("PGLOCK_TIMEOUT", lock_timeout.as_millis().to_string());
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the binary starts")
}

fn with_table(database: &Database<'_>, rows: usize) {
    let sql = format!("CREATE TABLE t (id int); INSERT INTO t SELECT generate_series(1, {rows}); CREATE TABLE counter (n int); INSERT INTO counter VALUES (0)");
    database.psql(&sql).expect("a table");
}

fn one_revision(lines: &[&str]) -> Project {
    let project = Project::sqlite();
    let body: String = lines.iter().map(|line| format!("    {line}\n")).collect();
    project.revision("aa01", None, &format!("def upgrade():\n{body}\n\ndef downgrade():\n    pass"));
    project
}

fn succeeded(ran: &Ran) {
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
}

const MIXED: [&str; 3] = [
    "op.execute('UPDATE counter SET n = n + 1')",
    "op.execute('CREATE INDEX CONCURRENTLY ix ON t (id)')",
    "op.execute('UPDATE counter SET n = n + 10')",
];

/// The index is whole and both halves of the revision were done once.
fn done_once(database: &Database<'_>) {
    let found = database
        .psql("SELECT indisvalid AND indisready FROM pg_index WHERE indexrelid = 'ix'::regclass; SELECT n FROM counter; SELECT version_num FROM alembic_version; SELECT count(*) FROM pg_index WHERE NOT indisvalid")
        .expect("the server answers");
    assert_eq!(found, "t\n11\naa01\n0\n");
}

#[test]
fn a_blocker_is_named_and_the_application_is_never_queued_for_long() {
    let Some(server) = server(&[]) else { return };
    let database = server.create_database();
    with_table(&database, 1000);
    let project = one_revision(&["op.add_column('t', sa.Column('note', sa.Text()))"]);
    let lock_timeout = Duration::from_millis(500);
    let mut blocker = session(&database, "nightly-report");
    blocker.begin().expect("a transaction");
    run(blocker.as_mut(), "SELECT count(*) FROM t");
    let over = AtomicBool::new(false);
    let (ran, longest, probes) = std::thread::scope(|scope| {
        let probing = scope.spawn(|| {
            let mut probe = session(&database, "web");
            let (mut longest, mut probes) = (Duration::ZERO, 0);
            while !over.load(Ordering::Relaxed) {
                let began = Instant::now();
                run(probe.as_mut(), "SELECT id FROM t LIMIT 1");
                longest = longest.max(began.elapsed());
                probes += 1;
                std::thread::sleep(Duration::from_millis(3));
            }
            (longest, probes)
        });
        let child = start(&project, &database, lock_timeout);
        std::thread::sleep(Duration::from_secs(4));
        blocker.rollback().expect("the transaction ends");
        let ran = finish(child);
        over.store(true, Ordering::Relaxed);
        let (longest, probes) = probing.join().expect("the probe ran");
        (ran, longest, probes)
    });
    println!(
        "a blocker for 4 s, lock_timeout {} ms: the longest of {probes} queries of the application took {} ms",
        lock_timeout.as_millis(),
        longest.as_millis()
    );
    succeeded(&ran);
    let pid = blocker.process_id().expect("a server process").to_string();
    assert!(ran.stderr.contains("nightly-report") && ran.stderr.contains(&pid), "pid {pid}:\n{}", ran.stderr);
    assert!(longest < lock_timeout + Duration::from_millis(400), "the application waited {longest:?}");
    assert!(
        longest > lock_timeout / 2,
        "the migration never stood in the way; the measure says nothing: {longest:?}"
    );
}

#[test]
fn an_index_built_concurrently_does_not_deadlock_with_runs_that_wait() {
    let Some(server) = server(&[]) else { return };
    let database = server.create_database();
    with_table(&database, 10_000);
    let project = one_revision(&MIXED);
    // An old writer makes the build wait, so that the other runs surely wait meanwhile.
    let mut writer = session(&database, "writer");
    writer.begin().expect("a transaction");
    run(writer.as_mut(), "INSERT INTO t VALUES (0)");
    // The build waits for the writer for longer than a lock timeout: that is meant for other statements.
    let children: Vec<Child> = (0..5).map(|_| start(&project, &database, Duration::from_millis(300))).collect();
    wait_for(&database, BUILDING);
    std::thread::sleep(Duration::from_secs(2));
    writer.commit().expect("the writer ends");
    for child in children {
        succeeded(&finish(child));
    }
    assert!(!server.log().contains("deadlock detected"), "{}", server.log());
    done_once(&database);
}

#[test]
fn what_a_killed_run_left_working_on_the_server_is_waited_for() {
    let Some(server) = server(&[]) else { return };
    let database = server.create_database();
    with_table(&database, 10_000);
    let project = one_revision(&MIXED);
    let mut writer = session(&database, "writer");
    writer.begin().expect("a transaction");
    run(writer.as_mut(), "INSERT INTO t VALUES (0)");
    let mut child = start(&project, &database, Duration::from_secs(5));
    wait_for(&database, BUILDING);
    child.kill().expect("a child");
    child.wait().expect("a child");
    // The server still builds the index for nobody.
    let child = start(&project, &database, Duration::from_secs(5));
    std::thread::sleep(Duration::from_secs(2));
    writer.commit().expect("the writer ends");
    let ran = finish(child);
    succeeded(&ran);
    wait_for(
        &database,
        "SELECT count(*) = 0 FROM pg_stat_activity WHERE query LIKE 'CREATE INDEX CONCURRENTLY%' AND pid <> pg_backend_pid()",
    );
    done_once(&database);
    println!("{}", ran.stderr);
}

#[test]
fn a_build_stopped_by_a_signal_is_finished_by_the_next_run() {
    let Some(server) = server(&[]) else { return };
    for (signal, code) in [(rustix::process::Signal::INT, 130), (rustix::process::Signal::TERM, 143)] {
        let database = server.create_database();
        with_table(&database, 10_000);
        let project = one_revision(&MIXED);
        let mut writer = session(&database, "writer");
        writer.begin().expect("a transaction");
        run(writer.as_mut(), "INSERT INTO t VALUES (0)");
        let child = start(&project, &database, Duration::from_secs(5));
        wait_for(&database, BUILDING);
        let began = Instant::now();
        let process = rustix::process::Pid::from_raw(child.id().cast_signed()).expect("a process");
        rustix::process::kill_process(process, signal).expect("it runs");
        let ran = finish(child);
        println!("{}", ran.stderr);
        assert_eq!(ran.code, Some(code), "{}", ran.stderr);
        assert!(ran.stderr.contains("interrupted"), "{}", ran.stderr);
        assert!(began.elapsed() < Duration::from_secs(10), "it took {:?} to stop", began.elapsed());
        writer.commit().expect("the writer ends");
        let ran = finish(start(&project, &database, Duration::from_secs(5)));
        succeeded(&ran);
        done_once(&database);
    }
}

#[test]
fn a_revision_that_loses_a_deadlock_is_tried_again() {
    let Some(server) = server(&["deadlock_timeout=300ms"]) else { return };
    let database = server.create_database();
    with_table(&database, 10);
    database.psql("CREATE TABLE u (id int)").expect("a table");
    let project = one_revision(&[
        "op.execute('UPDATE counter SET n = n + 11')",
        "op.execute('ALTER TABLE t ADD COLUMN note text')",
        "op.execute('ALTER TABLE u ADD COLUMN note text')",
    ]);
    let mut application = session(&database, "application");
    application.begin().expect("a transaction");
    run(application.as_mut(), "INSERT INTO u VALUES (1)");
    let child = start(&project, &database, Duration::from_secs(5));
    wait_for(
        &database,
        "SELECT count(*) > 0 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE 'ALTER TABLE u%'",
    );
    // Each waits for the other now; the server breaks it, and the migration is the one that may lose.
    let application_lost = application.query("INSERT INTO t VALUES (1)", &[]).is_err();
    if application_lost {
        application.rollback().expect("it goes on");
    } else {
        application.commit().expect("it goes on");
    }
    let ran = finish(child);
    println!("the application lost: {application_lost}\n{}", ran.stderr);
    succeeded(&ran);
    let found = database
        .psql("SELECT n FROM counter; SELECT note FROM u UNION SELECT note FROM t WHERE id = 3")
        .expect("the server answers");
    assert_eq!(found.lines().next(), Some("11"), "{found}");
}
