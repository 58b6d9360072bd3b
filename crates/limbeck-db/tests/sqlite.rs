//! SQLite files as a migration meets them.

use std::os::unix::fs::PermissionsExt;

use limbeck_db::{Connection, DatabaseUrl, DbError, Environment, connect, read_versions};
use limbeck_expr::{ColumnType, Literal};
use limbeck_ops::DatabaseErrorKind;

fn open(url: &str) -> Result<Box<dyn Connection>, DbError> {
    connect(&DatabaseUrl::parse(url).unwrap(), &Environment::default())
}

#[test]
fn values_go_in_and_come_out() {
    let mut connection = open("sqlite://").unwrap();
    connection
        .execute_batch("CREATE TABLE t (id INTEGER, at DATETIME, ok BOOLEAN); -- two\nCREATE TABLE u (x)")
        .unwrap();
    let params = [Literal::Int(1), Literal::DateTime("2020-01-02 03:04:05".into()), Literal::Bool(true)];
    let inserted = connection.query("INSERT INTO t VALUES (?, ?, ?)", &params).unwrap();
    assert_eq!((inserted.rowcount, inserted.lastrowid), (1, Some(1)));
    let result = connection.query("SELECT id, at, ok, 1.5, x'00ff', NULL FROM t", &[]).unwrap();
    assert_eq!(
        result.rows[0],
        [
            Literal::Int(1),
            Literal::Text("2020-01-02 03:04:05.000000".into()),
            Literal::Int(1),
            Literal::Float(1.5),
            Literal::Bytes("00ff".into()),
            Literal::Null
        ]
    );
    assert_eq!(result.columns[1].type_, Some(ColumnType::SqlDatetime { timezone: false }));
    assert_eq!((result.columns[3].type_.clone(), result.rowcount), (None, -1));
    assert_eq!(connection.query("/* x */ UPDATE t SET id = 2", &[]).unwrap().rowcount, 1);
    let error = connection.query("SELECT ?", &[]).unwrap_err();
    assert_eq!(error.kind, DatabaseErrorKind::ProgrammingError);
    assert_eq!(connection.query("SELECT 'abc' REGEXP '^a.c$'", &[]).unwrap().rows[0][0], Literal::Int(1));
}

#[test]
fn texts_without_a_statement_do_nothing() {
    let mut connection = open("sqlite://").unwrap();
    for sql in [
        "",
        "  ",
        "-- only a comment",
        ";",
        "CREATE TABLE t (a); -- the end",
        "INSERT INTO t VALUES (1); /* x */ ;",
    ] {
        connection.execute_batch(sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
    }
    let last = connection.query("INSERT INTO t VALUES (2); -- the end", &[]).unwrap();
    assert_eq!((last.rowcount, last.lastrowid), (1, Some(2)));
}

#[test]
fn schema_changes_roll_back() {
    let mut connection = open("sqlite://").unwrap();
    connection.begin().unwrap();
    connection.execute_batch("CREATE TABLE gone (id INTEGER)").unwrap();
    connection.savepoint("s").unwrap();
    connection.execute_batch("INSERT INTO gone VALUES (1)").unwrap();
    connection.rollback_to_savepoint("s").unwrap();
    connection.rollback().unwrap();
    assert!(!connection.in_transaction());
    assert!(connection.query("SELECT * FROM gone", &[]).unwrap_err().message.starts_with("no such table"));
}

#[test]
fn foreign_keys_are_off_until_asked_for() {
    let mut connection = open("sqlite://").unwrap();
    let state = |connection: &mut Box<dyn Connection>| connection.query("PRAGMA foreign_keys", &[]).unwrap().rows[0][0].clone();
    assert_eq!(state(&mut connection), Literal::Int(0));
    connection.begin().unwrap();
    connection.execute_batch("PRAGMA foreign_keys=ON").unwrap();
    assert_eq!(state(&mut connection), Literal::Int(1));
    connection.commit().unwrap();
}

#[test]
fn errors_have_pythons_classes() {
    let mut connection = open("sqlite://").unwrap();
    connection
        .execute_batch("CREATE TABLE t (id INTEGER UNIQUE); INSERT INTO t VALUES (1)")
        .unwrap();
    let error = connection.execute_batch("INSERT INTO t VALUES (1)").unwrap_err();
    assert_eq!(
        (error.kind, error.message.as_str()),
        (DatabaseErrorKind::IntegrityError, "UNIQUE constraint failed: t.id")
    );
    assert_eq!(error.sqlstate(), Some("SQLITE_CONSTRAINT_UNIQUE"));
    let error = connection.execute_batch("SELEKT 1").unwrap_err();
    assert_eq!(
        (error.kind, error.message.as_str()),
        (DatabaseErrorKind::OperationalError, "near \"SELEKT\": syntax error")
    );
}

#[test]
fn files_that_cannot_be_used_say_why() {
    let directory = tempfile::tempdir().unwrap();
    let path = |name: &str| directory.path().join(name).display().to_string();
    let error = open(&format!("sqlite:///{}", path("missing/x.db"))).err().unwrap();
    assert_eq!(error.code, "E0610");
    assert!(error.causes[0].contains("missing` does not exist"), "{error:?}");
    let error = open(&format!("sqlite:///{}", directory.path().display())).err().unwrap();
    assert_eq!((error.code, error.causes[0].as_str()), ("E0610", "it is a directory"));

    std::fs::write(path("text"), "this is certainly not a database, and long enough to have a header").unwrap();
    let mut connection = open(&format!("sqlite:///{}", path("text"))).unwrap();
    let error = connection.query("SELECT * FROM x", &[]).unwrap_err();
    assert_eq!((error.code, error.kind), ("E0611", DatabaseErrorKind::DatabaseError));

    let mut writer = open(&format!("sqlite:///{}", path("db"))).unwrap();
    writer.execute_batch("CREATE TABLE t (id INTEGER)").unwrap();
    writer.begin().unwrap();
    let mut second = open(&format!("sqlite:///{}?timeout=0", path("db"))).unwrap();
    assert_eq!(second.begin().unwrap_err().code, "E0613");
    writer.commit().unwrap();

    let mut reader = open(&format!("sqlite:///file:{}?mode=ro&uri=true", path("db"))).unwrap();
    assert_eq!(reader.begin().unwrap_err().code, "E0612");
    assert_eq!(reader.query("SELECT count(*) FROM t", &[]).unwrap().rows.len(), 1);

    // Root may write to anything; then the permission says nothing.
    std::fs::set_permissions(path("db"), std::fs::Permissions::from_mode(0o444)).unwrap();
    if std::fs::OpenOptions::new().write(true).open(path("db")).is_err() {
        let mut connection = open(&format!("sqlite:///{}", path("db"))).unwrap();
        assert_eq!(connection.begin().unwrap_err().code, "E0612");
    }
}

#[test]
fn version_rows_are_read() {
    let mut connection = open("sqlite://").unwrap();
    let table = limbeck_expr::TableName::new("alembic_version");
    assert_eq!(read_versions(connection.as_mut(), &table).unwrap(), None);
    connection
        .execute_batch("CREATE TABLE alembic_version (version_num VARCHAR(32)); INSERT INTO alembic_version VALUES ('b'), ('a')")
        .unwrap();
    assert_eq!(read_versions(connection.as_mut(), &table).unwrap(), Some(vec!["b".to_owned(), "a".to_owned()]));
}

#[test]
fn another_thread_can_interrupt() {
    let mut connection = open("sqlite://").unwrap();
    let handle = connection.cancel_handle();
    let canceller = std::thread::spawn(move || {
        std::thread::sleep(std::time::Duration::from_millis(100));
        handle.cancel()
    });
    let endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n";
    assert_eq!(connection.query(endless, &[]).unwrap_err().code, "E0616");
    canceller.join().unwrap().unwrap();
}
