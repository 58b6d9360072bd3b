//! Statements that take their time, and who is told of it.

use std::time::{Duration, Instant};

use limbeck_db::{Connection, DatabaseUrl, DbError, Environment, connect};
use limbeck_expr::Literal;
use limbeck_test::Server;

const TICK: Duration = Duration::from_millis(40);

fn open(url: &str) -> Result<Box<dyn Connection>, DbError> {
    let environment = Environment {
        user: Some("postgres".to_owned()),
        ..Environment::default()
    };
    connect(&DatabaseUrl::parse(url).unwrap(), &environment)
}

/// Runs a statement and counts the ticks.
fn ticks(connection: &mut dyn Connection, sql: &str) -> (u32, Result<limbeck_ops::ResultSet, DbError>) {
    let mut count = 0;
    let result = connection.query_watched(sql, &[], TICK, &mut || count += 1);
    (count, result)
}

#[test]
fn a_silent_server_is_watched() {
    let server = match Server::shared() {
        Ok(server) => server,
        Err(reason) => return eprintln!("skipped: {reason}"),
    };
    let database = server.create_database();
    let mut connection = open(&database.url()).unwrap();
    assert_eq!(ticks(connection.as_mut(), "SELECT 1").0, 0);
    let (count, result) = ticks(connection.as_mut(), "SELECT pg_sleep(0.5), 7 AS seven");
    assert!((5..=13).contains(&count), "{count}");
    assert_eq!(result.unwrap().rows[0][1], Literal::Int(7));
    // A server that talks all the time leaves no read to run out.
    let chatty = "DO $$ BEGIN FOR i IN 1..50 LOOP RAISE NOTICE 'x'; PERFORM pg_sleep(0.01); END LOOP; END $$";
    assert!(ticks(connection.as_mut(), chatty).0 >= 5);
    // A long answer in pieces: nothing of a half message is lost.
    let (_, result) = ticks(
        connection.as_mut(),
        "SELECT repeat('x', 3000000), pg_sleep(0.06) UNION ALL SELECT repeat('y', 10), pg_sleep(0.06)",
    );
    let rows = result.unwrap().rows;
    assert!(matches!(&rows[0][0], Literal::Text(text) if text.len() == 3_000_000));
    assert_eq!(rows[1][0], Literal::Text("y".repeat(10)));
    // Others wait as before, though the socket still wakes them.
    assert_eq!(connection.query("SELECT pg_sleep(0.2), 8", &[]).unwrap().rows[0][1], Literal::Int(8));
    let pid = connection.query("SELECT pg_backend_pid()", &[]).unwrap().rows[0][0].clone();
    assert_eq!(connection.process_id().map(|pid| Literal::Int(pid.into())), Some(pid));
}

#[test]
fn a_watched_statement_can_be_cancelled() {
    let server = match Server::shared() {
        Ok(server) => server,
        Err(reason) => return eprintln!("skipped: {reason}"),
    };
    let database = server.create_database();
    for url in [database.url(), "sqlite://".to_owned()] {
        let mut connection = open(&url).unwrap();
        let cancel = connection.cancel_handle();
        let long = if url.starts_with("sqlite") { ENDLESS } else { "SELECT pg_sleep(30)" };
        let began = Instant::now();
        let error = connection.query_watched(long, &[], TICK, &mut || cancel.cancel().unwrap()).unwrap_err();
        assert_eq!(error.code, "E0616", "{url}");
        assert!(began.elapsed() < Duration::from_secs(10));
        assert_eq!(connection.query("SELECT 1", &[]).unwrap().rows.len(), 1);
    }
}

const ENDLESS: &str = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n";

#[test]
fn sqlite_tells_of_long_work_and_of_waiting() {
    let file = limbeck_test::Sqlite::new();
    let mut connection = open(&format!("{}?timeout=0.4", file.url())).unwrap();
    assert_eq!(ticks(connection.as_mut(), "CREATE TABLE t (a)").0, 0);
    let counting = ENDLESS.replace("FROM n)", "FROM n WHERE i < 3000000)");
    let (count, result) = ticks(connection.as_mut(), &counting);
    assert!(count >= 1, "{count}");
    assert_eq!(result.unwrap().rows[0][0], Literal::Int(3_000_000));
    let mut other = open(&file.url()).unwrap();
    other.begin().unwrap();
    let began = Instant::now();
    let (count, result) = ticks(connection.as_mut(), "INSERT INTO t VALUES (1)");
    assert_eq!(result.unwrap_err().code, "E0613");
    assert!((3..=11).contains(&count), "{count}");
    let waited = began.elapsed();
    assert!(waited >= Duration::from_millis(390) && waited < Duration::from_secs(3), "{waited:?}");
    // Unwatched statements wait as long, and get through when the other is done.
    let released = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(100));
        other.rollback()
    });
    connection.execute_batch("INSERT INTO t VALUES (2)").unwrap();
    released.join().unwrap().unwrap();
    // Without patience, nobody waits.
    let mut hasty = open(&format!("{}?timeout=0", file.url())).unwrap();
    connection.begin().unwrap();
    let began = Instant::now();
    assert_eq!(hasty.begin().unwrap_err().code, "E0613");
    assert!(began.elapsed() < Duration::from_millis(300));
}
