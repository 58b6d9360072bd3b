//! SQLite: whatever a file holds comes back, while others have it open.

use crate::support::{quietly, table};
use limbeck_backup::{BackupError, Compression, SqliteRequest, SqliteRestored, Taken, backup_sqlite, check_file, restore_sqlite};
use limbeck_test::{Sqlite, sqlite_fingerprint};
use std::collections::BTreeMap;
use std::path::Path;

const CONTENT: &str = "PRAGMA user_version = 7; PRAGMA application_id = 42; CREATE TABLE alembic_version (version_num TEXT NOT NULL); INSERT INTO alembic_version VALUES ('ab12'); \
     CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT, a TEXT, b BLOB, c REAL, d AS (length(a)) STORED); INSERT INTO t (a, b, c) VALUES ('x', x'00ff', 1.5), (NULL, NULL, 9e999); \
     CREATE TABLE w (k TEXT PRIMARY KEY, v) WITHOUT ROWID; INSERT INTO w VALUES ('k', 1); CREATE INDEX i ON t (a) WHERE a IS NOT NULL; CREATE VIEW v AS SELECT a FROM t; \
     CREATE TRIGGER g AFTER INSERT ON t BEGIN UPDATE w SET v = v + 1; END; CREATE TABLE \"o\"\"dd\" (\"a b\"); \
     WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000) INSERT INTO \"o\"\"dd\" SELECT hex(zeroblob(20)) || i FROM n;";

pub fn filled() -> Sqlite {
    let database = Sqlite::new();
    database.execute(CONTENT).expect("the content");
    database
}

pub fn take(source: &Path, output: &Path, schema_only: bool) -> Result<Taken, BackupError> {
    let facts = |_: &[String]| (None, BTreeMap::new());
    let request = SqliteRequest {
        output: output.to_owned(),
        compression: Compression::of_name(output),
        schema_only,
        counts: true,
        ignore_space: false,
        overwrite: false,
        version_table: table(),
        facts: &facts,
        before: None,
        label: "sqlite:///test.db".into(),
        limbeck: "test",
    };
    quietly(|watch| backup_sqlite(source, &request, watch))
}

pub fn restore(file: &Path, target: &Path) -> Result<SqliteRestored, BackupError> {
    quietly(|watch| restore_sqlite(&check_file(file, watch)?, target, &table(), watch))
}

#[test]
fn everything_comes_back() {
    for mode in ["DELETE", "WAL"] {
        for name in ["b.db", "b.db.gz", "b.db.zst"] {
            let database = filled();
            database.query(&format!("PRAGMA journal_mode = {mode}")).expect("a mode");
            let before = sqlite_fingerprint(&database).expect("content");
            let file = database.directory().join(name);
            let taken = take(&database.path(), &file, false).expect(name);
            assert_eq!(taken.manifest.rows.as_ref().map(|rows| rows["o\"dd"]), Some(5000));
            assert_eq!(taken.manifest.revisions.as_deref(), Some(&["ab12".to_owned()][..]));
            database
                .execute("DROP TABLE t; UPDATE alembic_version SET version_num = 'cd34'")
                .expect("changes");
            let destroyed = sqlite_fingerprint(&database).expect("content");
            let restored = restore(&file, &database.path()).expect(name);
            assert_eq!(sqlite_fingerprint(&database).expect("content"), before, "{mode} {name}");
            assert_eq!(database.query("PRAGMA journal_mode").expect("a mode").trim().to_uppercase(), mode);
            assert_eq!(database.query("PRAGMA user_version").expect("a number").trim(), "7");
            // The old one is a database too.
            std::fs::copy(restored.kept.expect("the old one is kept"), database.path()).expect("a copy");
            for suffix in ["-wal", "-shm"] {
                let _ = std::fs::remove_file(format!("{}{suffix}", database.path().display()));
            }
            assert_eq!(sqlite_fingerprint(&database).expect("content"), destroyed, "{mode} {name}");
            let names: Vec<String> = std::fs::read_dir(database.directory())
                .expect("a folder")
                .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
                .filter(|name| name.contains(".limbeck") || name.contains(".partial"))
                .collect();
            assert_eq!(names, [""; 0]);
        }
    }
}

#[test]
fn a_program_that_has_the_file_open_sees_the_restored_content() {
    for mode in ["DELETE", "WAL"] {
        let database = filled();
        database.query(&format!("PRAGMA journal_mode = {mode}")).expect("a mode");
        let file = database.directory().join("b.db");
        take(&database.path(), &file, false).expect("a backup");
        let url = limbeck_db::DatabaseUrl::parse(&database.url()).expect("a URL");
        let mut application = limbeck_db::connect(&url, &limbeck_db::Environment::default()).expect("a connection");
        application.execute_batch("DELETE FROM w").expect("a change");
        restore(&file, &database.path()).expect("restored");
        let rows = application.query("SELECT count(*) FROM w", &[]).expect("an answer").rows;
        assert_eq!(format!("{rows:?}"), "[[Int(1)]]", "{mode}");
        application.execute_batch("INSERT INTO w VALUES ('new', 1)").expect("it writes on");
        assert_eq!(database.query("SELECT count(*) FROM w").expect("an answer").trim(), "2");
        // Nobody is overrun.
        application.execute_batch("BEGIN IMMEDIATE; DELETE FROM w").expect("a transaction");
        assert!(matches!(restore(&file, &database.path()), Err(BackupError::Locked { .. })), "{mode}");
        application.execute_batch("ROLLBACK").expect("it ends");
        assert_eq!(database.query("SELECT count(*) FROM w").expect("an answer").trim(), "2");
    }
}

#[test]
fn what_is_no_database_any_more_is_put_aside() {
    let database = filled();
    let before = sqlite_fingerprint(&database).expect("content");
    let file = database.directory().join("b.db");
    take(&database.path(), &file, false).expect("a backup");
    std::fs::write(database.path(), "rubbish").expect("it is broken");
    let restored = restore(&file, &database.path()).expect("restored");
    assert_eq!(sqlite_fingerprint(&database).expect("content"), before);
    assert_eq!(std::fs::read(restored.kept.expect("kept")).expect("the old one"), b"rubbish");
    std::fs::remove_file(database.path()).expect("it is gone");
    assert_eq!(restore(&file, &database.path()).expect("restored").kept, None);
    assert_eq!(sqlite_fingerprint(&database).expect("content"), before);
}

#[test]
fn the_schema_alone_is_text_that_can_be_restored() {
    let database = filled();
    let file = database.directory().join("s.sql");
    let taken = take(&database.path(), &file, true).expect("a backup");
    assert!(taken.manifest.rows.is_none());
    let other = Sqlite::new();
    restore(&file, &other.path()).expect("restored");
    let schema = "select type, name, sql from sqlite_master where name not like 'sqlite_%' order by type, name";
    assert_eq!(other.query(schema), database.query(schema));
    assert_eq!(other.query("select count(*) from t").expect("a number").trim(), "0");
    // As sqlite3's `.dump` writes it, and cut off.
    std::fs::write(
        database.directory().join("d.sql"),
        "BEGIN TRANSACTION;\nCREATE TABLE x (a);\nINSERT INTO x VALUES (1);\nCOMMIT;\n",
    )
    .expect("a file");
    restore(&database.directory().join("d.sql"), &other.path()).expect("restored");
    assert_eq!(other.query("select * from x").expect("a row").trim(), "1");
    std::fs::write(
        database.directory().join("d.sql"),
        "BEGIN TRANSACTION;\nCREATE TABLE x (a);\nINSERT INTO x VALUES (2);\nCOM",
    )
    .expect("a file");
    assert!(matches!(
        restore(&database.directory().join("d.sql"), &other.path()),
        Err(BackupError::Damaged { .. })
    ));
    assert_eq!(other.query("select * from x").expect("a row").trim(), "1");
}
