//! The migration lock and the eyes beside a migrating connection, on a real server.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use limbeck_db::{
    Companion, Connection, DatabaseUrl, Environment, Identity, Leftover, LockError, LockKey, acquire, acquire_work_lock, companion, connect, leftovers,
    lock_report, sessions, transaction_pooler,
};
use limbeck_expr::{Literal, TableName};
use limbeck_test::{Options, Server};

fn server() -> Option<&'static Server> {
    Server::shared().inspect_err(|reason| eprintln!("skipped: {reason}")).ok()
}

fn environment() -> Environment {
    Environment {
        user: Some("postgres".to_owned()),
        ..Environment::default()
    }
}

fn open(url: &str) -> Box<dyn Connection> {
    connect(&DatabaseUrl::parse(url).unwrap(), &environment()).unwrap()
}

fn beside(url: &str, command: &str) -> Box<dyn Companion> {
    let identity = Identity {
        host: "build7".to_owned(),
        pid: 4711,
        user: "alice".to_owned(),
        command: command.to_owned(),
    };
    companion(&DatabaseUrl::parse(url).unwrap(), &environment(), &identity).unwrap()
}

fn key() -> LockKey {
    LockKey::new(&TableName::new("alembic_version"))
}

/// Runs `sql` on a connection of its own; dropping what is returned ends the wait for it.
fn in_background(url: &str, sql: &'static str) -> (i32, std::thread::JoinHandle<Result<(), limbeck_db::DbError>>) {
    let mut connection = open(url);
    let pid = connection.process_id().unwrap();
    (pid, std::thread::spawn(move || connection.execute_batch(sql).map(drop)))
}

fn until<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let began = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(began.elapsed() < Duration::from_secs(20), "{what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn one_of_two_has_the_lock() {
    let Some(server) = server() else { return };
    let database = server.create_database();
    let (mut one, mut two) = (beside(&database.url(), "upgrade"), beside(&database.url(), "upgrade"));
    assert!(one.try_lock(&key()).unwrap());
    assert!(one.try_lock(&key()).unwrap(), "ours stays ours");
    assert!(!two.try_lock(&key()).unwrap());
    assert!(one.still_held() && !two.still_held());
    one.announce("upgrade 1a2b3c").unwrap();
    let holder = two.holder(&key()).unwrap().unwrap();
    assert_eq!(
        (holder.host.as_deref(), holder.pid, holder.user.as_deref()),
        (Some("build7"), Some(4711), Some("postgres"))
    );
    assert_eq!(
        (holder.doing.as_deref(), holder.server_pid),
        (Some("upgrade 1a2b3c"), one.process_id().unwrap())
    );
    assert!(holder.since.is_some_and(|since| since < Duration::from_secs(60)));
    // Another version table, and another database, have locks of their own.
    assert!(two.try_lock(&LockKey::new(&TableName::new("other_version"))).unwrap());
    let elsewhere = server.create_database();
    assert!(beside(&elsewhere.url(), "upgrade").try_lock(&key()).unwrap());
    // Given back once, although it was asked for twice.
    one.unlock();
    assert!(!one.still_held());
    two.unlock();
    assert!(two.try_lock(&key()).unwrap());
    drop(two);
    assert!(one.try_lock(&key()).unwrap());
}

#[test]
fn the_lock_ends_with_its_session() {
    let Some(server) = server() else { return };
    let database = server.create_database();
    let (mut one, mut two) = (beside(&database.url(), "upgrade"), beside(&database.url(), "upgrade"));
    assert!(one.try_lock(&key()).unwrap());
    let pid = one.process_id().unwrap().unwrap();
    database.psql(&format!("select pg_terminate_backend({pid})")).unwrap();
    until("the lock of an ended session comes free", || two.try_lock(&key()).unwrap().then_some(()));
    assert!(!one.still_held());
    // The other comes back on a new connection, and has to wait like everybody.
    assert!(!one.try_lock(&key()).unwrap());
    drop(two);
    until("free again", || one.try_lock(&key()).unwrap().then_some(()));
}

#[test]
fn the_key_is_of_the_table_wherever_its_name_leads() {
    let Some(server) = server() else { return };
    let database = server.create_database();
    database.psql("create schema tenant").unwrap();
    let mut connection = open(&database.url());
    let plain = TableName::new("alembic_version");
    let public = LockKey::of(connection.as_mut(), &plain).unwrap();
    assert_eq!(
        public,
        LockKey::of(connection.as_mut(), &TableName::in_schema(Some("public"), "alembic_version")).unwrap()
    );
    connection.execute_batch("SET search_path = tenant").unwrap();
    assert_ne!(public, LockKey::of(connection.as_mut(), &plain).unwrap());
}

#[test]
fn waiting_ends_with_the_lock_the_time_or_a_stop() {
    let Some(server) = server() else { return };
    let database = server.create_database();
    let (mut one, mut two) = (beside(&database.url(), "downgrade"), beside(&database.url(), "upgrade"));
    let (key, never) = (key(), AtomicBool::new(false));
    assert!(one.try_lock(&key).unwrap());
    let mut looks = Vec::new();
    let error = acquire(two.as_mut(), &key, Duration::from_millis(400), &never, &mut |holder, waited| {
        looks.push((holder.and_then(|holder| holder.doing.clone()), waited));
    })
    .unwrap_err();
    let LockError::TimedOut { holder: Some(holder), waited } = error else {
        panic!("{error}")
    };
    assert_eq!(holder.doing.as_deref(), Some("downgrade"));
    assert!(waited >= Duration::from_millis(400) && waited < Duration::from_secs(5), "{waited:?}");
    assert!(
        looks.len() >= 2 && looks[0].0.as_deref() == Some("downgrade") && looks[0].1 < looks[1].1,
        "{looks:?}"
    );
    // A stop ends it at the next blink.
    let stop = AtomicBool::new(false);
    let began = Instant::now();
    let error = acquire(two.as_mut(), &key, Duration::from_secs(60), &stop, &mut |_, _| {
        stop.store(true, Ordering::Relaxed)
    })
    .unwrap_err();
    assert_eq!(error, LockError::Stopped);
    assert!(began.elapsed() < Duration::from_secs(5));
    // The lock comes free.
    let mut first = Some(one);
    let waited = acquire(two.as_mut(), &key, Duration::from_secs(60), &never, &mut |_, _| drop(first.take())).unwrap();
    assert!(waited < Duration::from_secs(10) && two.still_held());
}

/// A session that waits in `pg_advisory_lock` holds a snapshot, `CREATE INDEX CONCURRENTLY` waits for it, and it for the builder's lock: a deadlock, which leaves
/// an INVALID index. Waiters that ask hold none.
#[test]
fn an_index_is_built_while_others_wait_for_the_lock() {
    let Some(server) = server() else { return };
    let database = server.create_database();
    database.psql("create table t (a int); insert into t select generate_series(1, 20000)").unwrap();
    let mut holder = beside(&database.url(), "upgrade");
    assert!(holder.try_lock(&key()).unwrap());
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                let mut waiter = beside(&database.url(), "upgrade");
                let outcome = acquire(waiter.as_mut(), &key(), Duration::from_secs(60), &stop, &mut |_, _| {});
                assert_eq!(outcome, Err(LockError::Stopped));
            });
        }
        let mut main = open(&database.url());
        until("both wait", || {
            (lock_report(main.as_mut(), Duration::ZERO).unwrap().waiting.len() == 2).then_some(())
        });
        for round in 0..10 {
            main.execute_batch(&format!("CREATE INDEX CONCURRENTLY ix_{round} ON t (a)")).unwrap();
        }
        stop.store(true, Ordering::Relaxed);
        assert_eq!(leftovers(main.as_mut()).unwrap(), []);
    });
}

#[test]
fn the_blockers_of_a_waiting_statement_are_named() {
    let Some(server) = server() else { return };
    let database = server.create_database();
    database.psql("create schema \"My\"; create table \"My\".t (a int)").unwrap();
    let mut application = connect(
        &DatabaseUrl::parse(&format!("{}&application_name=web", database.url())).unwrap(),
        &environment(),
    )
    .unwrap();
    application.begin().unwrap();
    application.execute_batch("SELECT * FROM \"My\".t").unwrap();
    let (waiting, alter) = in_background(&database.url(), "ALTER TABLE \"My\".t ADD COLUMN b int");
    let mut eyes = beside(&database.url(), "upgrade");
    let blockers = until("the statement waits", || {
        Some(eyes.blockers(waiting).unwrap()).filter(|found| !found.is_empty())
    });
    let [blocker] = blockers.as_slice() else { panic!("{blockers:?}") };
    assert_eq!(Some(blocker.pid), application.process_id());
    assert_eq!((blocker.user.as_deref(), blocker.application.as_deref()), (Some("postgres"), Some("web")));
    assert_eq!(blocker.state.as_deref(), Some("idle in transaction"));
    assert_eq!(
        (blocker.mode.as_deref(), blocker.object.as_deref()),
        (Some("AccessShareLock"), Some("\"My\".t"))
    );
    assert_eq!(blocker.query.as_deref(), Some("SELECT * FROM \"My\".t"));
    assert!(!blocker.queued && blocker.blocked_by.is_empty());
    assert!(blocker.transaction_seconds.is_some_and(|age| age < 60.0) && blocker.state_seconds.is_some());
    // A reader that came later queues behind the statement that waits.
    let (reader, select) = in_background(&database.url(), "SELECT count(*) FROM \"My\".t");
    let behind = until("the reader waits", || Some(eyes.blockers(reader).unwrap()).filter(|found| !found.is_empty()));
    assert_eq!(behind.iter().map(|session| session.pid).collect::<Vec<_>>(), [waiting]);
    assert!(behind[0].queued && behind[0].mode.as_deref() == Some("AccessExclusiveLock"));
    assert_eq!(behind[0].blocked_by, [blocker.pid]);
    let mut main = open(&database.url());
    let all = sessions(main.as_mut()).unwrap();
    let chain: Vec<(i32, Vec<i32>)> = all.iter().map(|session| (session.pid, session.blocked_by.clone())).collect();
    assert_eq!(chain.len(), 3, "{all:?}");
    for expected in [(blocker.pid, vec![]), (waiting, vec![blocker.pid]), (reader, vec![waiting])] {
        assert!(chain.contains(&expected), "{chain:?}");
    }
    let last = all.iter().find(|session| session.pid == reader).unwrap();
    assert_eq!((last.mode.as_deref(), last.queued), (Some("AccessShareLock"), true));
    application.rollback().unwrap();
    alter.join().unwrap().unwrap();
    select.join().unwrap().unwrap();
    assert_eq!(eyes.blockers(waiting).unwrap(), []);
}

#[test]
fn a_row_and_a_snapshot_block_too() {
    let Some(server) = server() else { return };
    let database = server.create_database();
    database.psql("create table t (a int primary key); insert into t values (1)").unwrap();
    let mut application = open(&database.url());
    application.begin().unwrap();
    application.execute_batch("UPDATE t SET a = 2").unwrap();
    let mut eyes = beside(&database.url(), "upgrade");
    let (updating, update) = in_background(&database.url(), "UPDATE t SET a = 3");
    let found = until("the row is waited for", || {
        Some(eyes.blockers(updating).unwrap()).filter(|found| !found.is_empty())
    });
    assert_eq!(Some(found[0].pid), application.process_id());
    assert!(found[0].object.as_deref().is_some_and(|object| object.starts_with("transaction ")), "{found:?}");
    application.commit().unwrap();
    update.join().unwrap().unwrap();
    // An old snapshot holds up CREATE INDEX CONCURRENTLY.
    application.execute_batch("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1").unwrap();
    let (building, build) = in_background(&database.url(), "CREATE INDEX CONCURRENTLY ix ON t (a)");
    let found = until("the snapshot is waited for", || {
        Some(eyes.blockers(building).unwrap()).filter(|found| !found.is_empty())
    });
    assert_eq!(Some(found[0].pid), application.process_id());
    assert!(
        found[0].object.as_deref().is_some_and(|object| object.starts_with("virtual transaction ")),
        "{found:?}"
    );
    let mut main = open(&database.url());
    if main.server_version()[0] >= 12 {
        let progress = eyes.index_progress(building).unwrap().unwrap();
        assert!(progress.phase.starts_with("waiting for"), "{progress:?}");
        assert!(progress.waits_for.is_some() && progress.percent.is_some(), "{progress:?}");
        let report = lock_report(main.as_mut(), Duration::ZERO).unwrap();
        assert_eq!(
            (report.index_builds[0].pid, report.index_builds[0].index.as_deref()),
            (building, Some("public.ix"))
        );
        assert_eq!(eyes.index_progress(1).unwrap(), None);
    }
    // Still being built, so not left behind.
    assert_eq!(leftovers(main.as_mut()).unwrap(), []);
    application.rollback().unwrap();
    build.join().unwrap().unwrap();
    assert_eq!(leftovers(main.as_mut()).unwrap(), []);
}

#[test]
fn what_was_left_behind_is_found() {
    let Some(server) = server() else { return };
    let database = server.create_database();
    database
        .psql(
            "create table t (a int, \"B\" int); insert into t values (1, 1), (1, 1); \
             alter table t add constraint positive check (a > 5) not valid; alter table t add constraint fine check (a > 0); \
             create domain small as int; alter domain small add constraint below check (value < 9) not valid",
        )
        .unwrap();
    let mut main = open(&database.url());
    let error = main.execute_batch("CREATE UNIQUE INDEX CONCURRENTLY \"Ix\" ON t (a)").unwrap_err();
    assert_eq!(error.sqlstate(), Some("23505"));
    let not_valid = |constraint: &str, table: &str| Leftover::NotValidConstraint {
        constraint: constraint.to_owned(),
        table: table.to_owned(),
    };
    let expected = [
        Leftover::InvalidIndex {
            index: "public.\"Ix\"".to_owned(),
            table: "public.t".to_owned(),
        },
        not_valid("below", "public.small"),
        not_valid("positive", "public.t"),
    ];
    assert_eq!(leftovers(main.as_mut()).unwrap(), expected);
}

#[test]
fn old_transactions_are_listed() {
    let options = Options {
        settings: vec!["max_prepared_transactions = 5".to_owned()],
        ..Options::default()
    };
    let server = match Server::start_with(&options) {
        Ok(server) => server,
        Err(reason) => return eprintln!("skipped: {reason}"),
    };
    let database = server.create_database();
    database.psql("create table t (a int)").unwrap();
    let mut application = open(&database.url());
    application.begin().unwrap();
    application.execute_batch("SELECT 1").unwrap();
    let mut ours = open(&database.url());
    ours.begin().unwrap();
    database.psql("begin; insert into t values (1); prepare transaction 'left''over'").unwrap();
    std::thread::sleep(Duration::from_millis(300));
    let mut eyes = beside(&database.url(), "upgrade");
    let except = [ours.process_id().unwrap()];
    let found = eyes.old_transactions(Duration::from_millis(200), &except).unwrap();
    assert_eq!(found.len(), 2, "{found:?}");
    assert_eq!((Some(found[0].pid), found[0].query.as_deref()), (application.process_id(), Some("SELECT 1")));
    assert_eq!((found[1].pid, found[1].query.as_deref()), (0, Some("PREPARE TRANSACTION 'left''over'")));
    assert_eq!(eyes.old_transactions(Duration::from_secs(60), &[]).unwrap(), []);
    // A prepared transaction blocks although it has no process.
    let (waiting, alter) = in_background(&database.url(), "ALTER TABLE t ADD COLUMN b int");
    let blockers = until("the statement waits", || {
        Some(eyes.blockers(waiting).unwrap()).filter(|found| !found.is_empty())
    });
    assert_eq!(
        (blockers.len(), blockers[0].pid, blockers[0].state.as_deref()),
        (1, 0, Some("prepared transaction"))
    );
    assert_eq!(
        (blockers[0].mode.as_deref(), blockers[0].object.as_deref()),
        (Some("RowExclusiveLock"), Some("public.t"))
    );
    database.psql("rollback prepared 'left''over'").unwrap();
    alter.join().unwrap().unwrap();
}

#[test]
fn a_role_without_rights_sees_who_holds_the_lock() {
    let Some(server) = server() else { return };
    let database = server.create_database();
    let role = format!("{}_app", database.name());
    database.psql(&format!("create role {role} login")).unwrap();
    let mut one = beside(&database.url(), "upgrade");
    assert!(one.try_lock(&key()).unwrap());
    let mut two = beside(&database.url().replace("postgres@", &format!("{role}@")), "upgrade");
    assert!(!two.try_lock(&key()).unwrap());
    let holder = two.holder(&key()).unwrap().unwrap();
    assert_eq!((holder.host.as_deref(), holder.pid, holder.since), (Some("build7"), Some(4711), None));
    assert_eq!(two.old_transactions(Duration::ZERO, &[]).unwrap(), []);
    drop(two);
    database.psql(&format!("drop role {role}")).unwrap();
}

#[test]
fn a_server_itself_is_no_pooler() {
    let Some(server) = server() else { return };
    let database = server.create_database();
    let mut main = open(&database.url());
    let mut eyes = beside(&database.url(), "upgrade");
    assert_eq!(transaction_pooler(main.as_mut(), eyes.as_mut()).unwrap(), None);
    assert_eq!(main.query("SELECT 1", &[]).unwrap().rows[0][0], Literal::Int(1));
}

#[test]
fn a_server_process_that_works_on_keeps_the_next_run_waiting() {
    let Some(server) = server() else { return };
    let database = server.create_database();
    let (key, never) = (key(), AtomicBool::new(false));
    let mut gone = open(&database.url());
    assert!(acquire_work_lock(gone.as_mut(), &key, Duration::ZERO, &never, &mut |_, _| panic!("it is free")).is_ok());
    let pid = gone.process_id().unwrap();
    let statement = std::thread::spawn(move || gone.execute_batch("SELECT /* long\n work */ pg_sleep(1)").map(drop));
    let mut next = open(&database.url());
    let error = acquire_work_lock(next.as_mut(), &key, Duration::from_millis(100), &never, &mut |_, _| {}).unwrap_err();
    let LockError::TimedOut { holder: Some(holder), .. } = &error else {
        panic!("{error}")
    };
    assert_eq!(holder.server_pid, Some(pid));
    let doing = holder.doing.as_deref().unwrap();
    assert_eq!(
        doing,
        "the server still runs a statement of a run that is gone: SELECT /* long work */ pg_sleep(1)"
    );
    assert!(!next.in_transaction());
    // It comes free with the session, and is not the companion's lock.
    assert!(beside(&database.url(), "upgrade").try_lock(&key).unwrap());
    let waited = acquire_work_lock(next.as_mut(), &key, Duration::from_secs(20), &never, &mut |_, _| {}).unwrap();
    assert!(waited > Duration::from_millis(100), "{waited:?}");
    statement.join().unwrap().unwrap();
}

/// Plays the process that is killed in the next test; does nothing otherwise.
#[test]
fn play_a_holder() {
    let Ok(url) = std::env::var("LIMBECK_COMPANION_TEST") else { return };
    let mut ours = beside(&url, "upgrade");
    assert!(ours.try_lock(&key()).unwrap());
    println!("held");
    std::thread::sleep(Duration::from_secs(60));
}

#[test]
fn the_lock_of_a_killed_process_comes_free() {
    use std::io::{BufRead, BufReader};
    let Some(server) = server() else { return };
    let database = server.create_database();
    let mut holder = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "play_a_holder", "--nocapture"])
        .env("LIMBECK_COMPANION_TEST", database.url())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(holder.stdout.take().unwrap()).lines();
    assert!(lines.any(|line| line.unwrap().contains("held")));
    let mut next = beside(&database.url(), "upgrade");
    assert!(!next.try_lock(&key()).unwrap());
    // SIGKILL: nothing is tidied up.
    holder.kill().unwrap();
    holder.wait().unwrap();
    let waited = acquire(next.as_mut(), &key(), Duration::from_secs(20), &AtomicBool::new(false), &mut |_, _| {}).unwrap();
    assert!(waited < Duration::from_secs(10), "{waited:?}");
}
