//! The classification against SQLite: what it calls outside fails in a transaction, and nothing else does.

use limbeck_sql::{Flavour, Kind, Outside, classify, split};
use limbeck_test::Sqlite;

/// Statements, each behind what a script may have done in its transaction before.
const EXAMPLES: &[(&str, &str)] = &[
    ("", "vacuum"),
    ("", "/* x */ VACUUM main"),
    ("", "vacuum into 'copy.db'"),
    ("", "pragma journal_mode = wal"),
    ("", "PRAGMA main.journal_mode('wal')"),
    ("", "pragma synchronous = off"),
    ("", "pragma \"main\" . synchronous (0);"),
    ("insert into t values (1)", "pragma wal_checkpoint"),
    ("insert into t values (1)", "pragma wal_checkpoint(truncate)"),
    ("insert into o.t values (1)", "detach o"),
    ("insert into o.t values (1)", "detach database o"),
    // Ordinary ones, some of which look otherwise.
    ("insert into t values (1)", "pragma journal_mode"),
    ("insert into t values (1)", "pragma synchronous"),
    ("insert into t values (1)", "pragma temp_store = memory"),
    ("insert into t values (1)", "pragma foreign_keys = on"),
    ("insert into t values (1)", "pragma defer_foreign_keys = on"),
    ("insert into t values (1)", "pragma user_version = 3"),
    ("insert into t values (1)", "pragma incremental_vacuum"),
    ("insert into t values (1)", "pragma optimize"),
    ("insert into t values (1)", "pragma integrity_check"),
    ("insert into t values (1)", "pragma table_info(t)"),
    ("insert into t values (1)", "create table vacuum_ (\"vacuum\" text default 'vacuum; detach o')"),
    ("insert into t values (1)", "create index concurrently on t (a)"),
    (
        "insert into t values (1)",
        "create trigger x after insert on t begin select 1; delete from t; end",
    ),
    ("insert into t values (1)", "reindex"),
    ("insert into t values (1)", "analyze"),
    ("insert into t values (1)", "explain vacuum"),
    ("insert into t values (1)", "savepoint a"),
];

#[test]
fn what_is_outside_fails_in_a_transaction_and_nothing_else_does() {
    for (before, sql) in EXAMPLES {
        let file = Sqlite::new();
        let result = file.execute(&format!(
            "create table t (a); attach ':memory:' as o; create table o.t (a); begin; {before}; {sql};"
        ));
        let kind = classify(Flavour::Sqlite, None, sql);
        assert_eq!(matches!(kind, Kind::Outside(_)), result.is_err(), "{sql}: {kind:?}, {result:?}");
    }
}

/// ATTACH is outside because of what it is, not because it would fail: it outlives a rollback, so it is no part of a transaction.
#[test]
fn attach_outlives_a_rollback() {
    let sql = "attach ':memory:' as other";
    let file = Sqlite::new();
    file.execute(&format!("begin; {sql}; rollback; create table other.t (a);"))
        .expect("still attached");
    assert_eq!(classify(Flavour::Sqlite, None, sql), Kind::Outside(Outside::SqliteAttach));
}

/// Each statement alone must be one SQLite takes, when it takes the text as a whole.
#[test]
fn the_library_splits_a_text_at_the_same_places() {
    let texts = [
        "insert into t values (';'); insert into t values (\";\")",
        "create table [;] (`;` int, \";;\" int); drop table [;]",
        "create trigger x after insert on t begin select case when 1 then 2 end; delete from t; end; drop trigger x",
        "create temp trigger if not exists x delete on t begin delete from t; /* ; */ end -- ;\n; select 1",
        "/* ; /* */ select 1; -- ;\n;; select 'it''s;'",
        "select x'3b'; select 1.5e+3, .5, 0x1f, @a, :b, ?1",
    ];
    for text in texts {
        let file = Sqlite::new();
        file.execute("create table t (a)").expect("setup");
        let ranges = split(Flavour::Sqlite, text);
        for range in &ranges {
            // Two statements in one would fail: `explain` runs none of what follows, but must parse it.
            let one = &text[range.clone()];
            let script = format!("{};{one}", text[..range.start].trim_end_matches(';'));
            file.execute(&format!("begin; {script}; rollback"))
                .unwrap_or_else(|error| panic!("{one}: {error}"));
        }
        assert!(ranges.len() >= 2, "{text}");
    }
}
