//! Every kind of statement, with what is read of it; and texts that only look alike.

use super::*;
use crate::{Name, Outside, Reindex, TransactionControl};

fn postgresql(sql: &str) -> Kind {
    classify(Flavour::Postgresql, Some(15), sql)
}

fn name(text: &str) -> Name {
    let (schema, name) = text.split_once('.').map_or((None, text), |(schema, name)| (Some(schema.to_owned()), name));
    Name { schema, name: name.to_owned() }
}

fn index(index: Option<&str>, table: &str) -> Outside {
    Outside::CreateIndexConcurrently {
        name: index.map(name),
        table: name(table),
        if_not_exists: false,
        unique: false,
    }
}

#[test]
fn an_index_built_concurrently_is_found_with_its_names() {
    let cases = [
        ("create index concurrently ix on t (a)", index(Some("ix"), "t")),
        ("CREATE INDEX CONCURRENTLY ON T (a)", index(None, "t")),
        ("create index concurrently ix on only s.t (a)", index(Some("s.ix"), "s.t")),
        ("create index concurrently \"Ix a\" on \"S\".\"T.x\" (a);", {
            let mut wanted = index(None, "t");
            if let Outside::CreateIndexConcurrently { name, table, .. } = &mut wanted {
                let schema = Some("S".to_owned());
                *name = Some(Name {
                    schema: schema.clone(),
                    name: "Ix a".to_owned(),
                });
                *table = Name {
                    schema,
                    name: "T.x".to_owned(),
                };
            }
            wanted
        }),
        (
            "-- why\n/* a /* nested */ b */ create /* c */ index -- d\n concurrently ix /**/ on t (a)",
            index(Some("ix"), "t"),
        ),
        ("create index concurrently u&\"\\0069x\" on t (a)", index(Some("ix"), "t")),
        (
            "create index concurrently event on comment using gin (a) where b is null",
            index(Some("event"), "comment"),
        ),
        ("; create index concurrently ix on t (a)", index(Some("ix"), "t")),
    ];
    for (sql, wanted) in cases {
        assert_eq!(postgresql(sql), Kind::Outside(wanted), "{sql}");
        assert!(needs_a_look(Flavour::Postgresql, sql), "{sql}");
    }
    assert_eq!(
        postgresql("create unique index concurrently if not exists ix on t (a)"),
        Kind::Outside(Outside::CreateIndexConcurrently {
            name: Some(name("ix")),
            table: name("t"),
            if_not_exists: true,
            unique: true,
        })
    );
    let long = "x".repeat(70);
    assert_eq!(
        postgresql(&format!("create index concurrently {long} on t (a)")),
        Kind::Outside(index(Some(&"x".repeat(63)), "t"))
    );
}

#[test]
fn other_statements_outside_of_transactions_are_found() {
    let reindex = |what, of: Option<&str>| Outside::ReindexConcurrently { what, name: of.map(name) };
    let other = |text: &str| Outside::Other(text.to_owned());
    let slot = |name: &str| Outside::SubscriptionWithSlot { name: name.to_owned() };
    let cases = [
        (
            "drop index concurrently a, s.b cascade",
            Outside::DropIndexConcurrently {
                names: vec![name("a"), name("s.b")],
                if_exists: false,
            },
        ),
        (
            "drop index concurrently if exists a",
            Outside::DropIndexConcurrently {
                names: vec![name("a")],
                if_exists: true,
            },
        ),
        ("reindex index concurrently s.a", reindex(Reindex::Index, Some("s.a"))),
        ("reindex (verbose) table concurrently t", reindex(Reindex::Table, Some("t"))),
        ("REINDEX (CONCURRENTLY) TABLE t", reindex(Reindex::Table, Some("t"))),
        ("reindex (concurrently on, verbose) index t", reindex(Reindex::Index, Some("t"))),
        ("reindex schema concurrently s", reindex(Reindex::Schema, Some("s"))),
        ("reindex database concurrently d", reindex(Reindex::Database, Some("d"))),
        ("reindex database concurrently", reindex(Reindex::Database, None)),
        ("reindex schema s", other("REINDEX SCHEMA")),
        ("reindex database d", other("REINDEX DATABASE")),
        ("reindex database", other("REINDEX DATABASE")),
        ("reindex system d", other("REINDEX SYSTEM")),
        (
            "alter table s.p detach partition s.c concurrently",
            Outside::DetachConcurrently {
                parent: name("s.p"),
                partition: name("s.c"),
            },
        ),
        (
            "alter table if exists only p detach partition c /* */ concurrently;",
            Outside::DetachConcurrently {
                parent: name("p"),
                partition: name("c"),
            },
        ),
        ("create database \"D 1\" template template0", Outside::CreateDatabase { name: "D 1".to_owned() }),
        (
            "drop database if exists D with (force)",
            Outside::DropDatabase {
                name: "d".to_owned(),
                if_exists: true,
            },
        ),
        (
            "create tablespace ts owner o location '/x'",
            Outside::CreateTablespace { name: "ts".to_owned() },
        ),
        (
            "drop tablespace ts",
            Outside::DropTablespace {
                name: "ts".to_owned(),
                if_exists: false,
            },
        ),
        ("alter system set work_mem = '1MB'", Outside::AlterSystem),
        ("alter system reset all", Outside::AlterSystem),
        ("alter database d set tablespace ts", Outside::AlterDatabaseTablespace { name: "d".to_owned() }),
        ("vacuum", Outside::Vacuum),
        ("vacuum (analyze, verbose) t (a, b)", Outside::Vacuum),
        ("vacuum full freeze t", Outside::Vacuum),
        ("cluster", Outside::Cluster),
        ("cluster verbose", Outside::Cluster),
        ("cluster (verbose)", Outside::Cluster),
        ("discard all", other("DISCARD ALL")),
        ("repack (concurrently) t", other("REPACK")),
        ("repack", other("REPACK")),
        ("create subscription s connection 'host=x' publication p, q", slot("s")),
        (
            "create subscription s connection 'host=x' publication p with (create_slot, enabled = false)",
            slot("s"),
        ),
        ("drop subscription if exists s", slot("s")),
        ("alter subscription s refresh publication", slot("s")),
        ("alter subscription s set publication p with (copy_data = false)", slot("s")),
        ("alter subscription s add publication p", slot("s")),
    ];
    for (sql, wanted) in cases {
        assert_eq!(postgresql(sql), Kind::Outside(wanted), "{sql}");
        assert!(needs_a_look(Flavour::Postgresql, sql), "{sql}");
    }
}

#[test]
fn ordinary_statements_stay_ordinary() {
    let cases = [
        "create table concurrently_t (a int)",
        "create index \"concurrently\" on t (a)",
        "create index ix on t (a) where b = 'create index concurrently'",
        "create unique index ix on concurrently (a)",
        "drop index ix",
        "drop index \"concurrently\"",
        "reindex table t",
        "reindex (concurrently false) table t",
        "reindex (concurrently off, verbose) index t",
        "alter table p detach partition c",
        "alter table p detach partition c finalize",
        "alter table p detach partition c finalize /* not concurrently */",
        "alter table p detach partition c -- concurrently",
        "alter table p detach partition \"concurrently\"",
        "alter table t add column concurrently int",
        "comment on table t is 'alter table p detach partition c concurrently'",
        "alter database d set work_mem = '1MB'",
        "alter database d rename to e",
        "alter subscription s disable",
        "alter subscription s set publication p with (refresh = false)",
        "create subscription s connection '' publication p with (create_slot = false)",
        "create subscription s connection '' publication p with (connect = 'off')",
        "create function f() returns void language plpgsql as $$ begin commit; vacuum; end $$",
        "create procedure p() begin atomic insert into t values (1); end",
        "cluster t using ix",
        "cluster ix on t",
        "analyze t",
        "discard temp",
        "alter type e add value 'x'",
        "alter type e rename to f",
        "prepare q as select 1",
        "refresh materialized view concurrently v",
        "select a into b from c",
        "select * from t for update",
        "select * from t for no key update",
        "select * from t for key share",
        "with x as (delete from t returning *) select * from x",
        "explain analyze select 1",
        "explain (analyze) insert into t values (1)",
        "set transaction isolation level serializable",
        "lock table t",
        "",
        "-- nothing",
    ];
    for sql in cases {
        assert_eq!(postgresql(sql), Kind::Normal, "{sql}");
    }
}

#[test]
fn enum_values_need_to_be_alone_before_postgresql_12() {
    let sql = "alter type s.\"E\" add value if not exists E'it\\'s' before 'x'";
    let wanted = Outside::AddEnumValue {
        type_: Name {
            schema: Some("s".to_owned()),
            name: "E".to_owned(),
        },
        value: "it's".to_owned(),
        if_not_exists: true,
    };
    assert_eq!(classify(Flavour::Postgresql, Some(11), sql), Kind::Outside(wanted));
    assert_eq!(classify(Flavour::Postgresql, Some(12), sql), Kind::Normal);
    assert_eq!(classify(Flavour::Postgresql, None, sql), Kind::Normal);
    let value = |sql: &str| crate::added_enum_value(sql);
    assert_eq!(
        value(sql),
        Some((
            Name {
                schema: Some("s".to_owned()),
                name: "E".to_owned()
            },
            "it's".to_owned()
        ))
    );
    assert_eq!(value("/* x */ ALTER TYPE e ADD VALUE 'a''b'"), Some((name("e"), "a'b".to_owned())));
    assert_eq!(value("alter type e rename value 'a' to 'b'"), None);
    assert_eq!(value("alter type e add attribute value int"), None);
    assert_eq!(value("select 'alter type e add value ''x'''"), None);
}

#[test]
fn transaction_statements_are_found_in_every_flavour() {
    use Flavour::{Mysql, Postgresql, Sqlite};
    use TransactionControl::{Begin, Commit, Other, Release, Rollback, RollbackTo, Savepoint};
    let cases: &[(&str, TransactionControl, &[Flavour])] = &[
        ("begin", Begin, &[Postgresql, Sqlite, Mysql]),
        ("begin isolation level serializable, read only", Begin, &[Postgresql]),
        ("begin immediate transaction", Begin, &[Sqlite]),
        ("start transaction", Begin, &[Postgresql, Mysql]),
        ("COMMIT;", Commit, &[Postgresql, Sqlite, Mysql]),
        ("commit work", Commit, &[Postgresql, Mysql]),
        ("commit and chain", Commit, &[Postgresql]),
        ("end transaction", Commit, &[Postgresql, Sqlite]),
        ("-- x\nrollback", Rollback, &[Postgresql, Sqlite, Mysql]),
        ("abort", Rollback, &[Postgresql]),
        ("savepoint a", Savepoint, &[Postgresql, Sqlite, Mysql]),
        ("release savepoint a", Release, &[Postgresql, Sqlite, Mysql]),
        ("release a", Release, &[Postgresql, Sqlite]),
        ("rollback to a", RollbackTo, &[Postgresql, Sqlite, Mysql]),
        ("rollback to savepoint a", RollbackTo, &[Postgresql, Sqlite, Mysql]),
        ("rollback transaction to savepoint a", RollbackTo, &[Postgresql, Sqlite]),
        ("rollback work to a", RollbackTo, &[Postgresql, Mysql]),
        ("prepare transaction 'x'", Other, &[Postgresql]),
        ("commit prepared 'x'", Other, &[Postgresql]),
        ("rollback prepared 'x'", Other, &[Postgresql]),
        ("xa start 'x'", Other, &[Mysql]),
        ("set autocommit = 0", Other, &[Mysql]),
    ];
    for (sql, wanted, flavours) in cases {
        for flavour in *flavours {
            assert_eq!(classify(*flavour, None, sql), Kind::Control(*wanted), "{flavour:?} {sql}");
            assert!(needs_a_look(*flavour, sql), "{sql}");
        }
    }
}

#[test]
fn questions_are_told_from_what_changes_something() {
    for sql in [
        "select 1",
        "(select a from t) union (select b from u)",
        "/* x */ with a as (select 1) select * from a",
        "values (1)",
        "table t",
        "show work_mem",
        "explain insert into t values (1)",
        "select 'for update', \"into\" from t -- delete",
        "select replace(a, 'b', 'c') from t",
    ] {
        assert_eq!(postgresql(sql), Kind::Query, "{sql}");
        assert!(!needs_a_look(Flavour::Postgresql, sql), "{sql}");
    }
    for sql in ["call p()", "do $$ begin commit; end $$", "DO LANGUAGE plpgsql 'begin end'"] {
        assert_eq!(postgresql(sql), Kind::MayCommit, "{sql}");
        assert!(needs_a_look(Flavour::Postgresql, sql), "{sql}");
    }
    let sqlite = |sql: &str| classify(Flavour::Sqlite, None, sql);
    for sql in [
        "select 1",
        "pragma foreign_keys",
        "PRAGMA main.table_info('t')",
        "pragma journal_mode;",
        "explain query plan delete from t",
    ] {
        assert_eq!(sqlite(sql), Kind::Query, "{sql}");
    }
    for sql in [
        "pragma foreign_keys=on",
        "pragma optimize",
        "with a as (select 1) delete from t",
        "create table vacuum_ (a)",
    ] {
        assert_eq!(sqlite(sql), Kind::Normal, "{sql}");
    }
    for (sql, wanted) in [
        ("vacuum into 'x'", Outside::SqliteVacuum),
        ("attach 'x' as y", Outside::SqliteAttach),
        ("detach database y", Outside::SqliteDetach),
        (
            "pragma Journal_Mode = wal",
            Outside::SqlitePragma {
                name: "journal_mode".to_owned(),
            },
        ),
        (
            "pragma main.synchronous(off)",
            Outside::SqlitePragma {
                name: "synchronous".to_owned(),
            },
        ),
        (
            "pragma wal_checkpoint",
            Outside::SqlitePragma {
                name: "wal_checkpoint".to_owned(),
            },
        ),
    ] {
        assert_eq!(sqlite(sql), Kind::Outside(wanted), "{sql}");
    }
    let mysql = |sql: &str| classify(Flavour::Mysql, None, sql);
    assert_eq!(mysql("# x\nshow tables"), Kind::Query);
    assert_eq!(mysql("select 1 for share"), Kind::Normal);
    assert_eq!(mysql("call p()"), Kind::MayCommit);
    assert_eq!(mysql("set names utf8"), Kind::Normal);
}

#[test]
fn only_a_semicolon_or_the_first_words_ask_for_a_look() {
    let look = |sql: &str| needs_a_look(Flavour::Postgresql, sql);
    assert!(!look("create table t (a int);\n ;"));
    assert!(look("create table t (a int); select 1"));
    assert!(look("insert into t values (';')"));
    assert!(!look("create index ix on t (a)"));
    assert!(!look("alter table t add column a int"));
    assert!(!look("create or replace view v as select 1"));
}

#[test]
fn what_stands_behind_the_head_changes_nothing() {
    let deep = format!("{}a{}", "(".repeat(5000), ")".repeat(5000));
    let wide = vec!["a + 1"; 5000].join(", ");
    for rest in [deep.as_str(), &format!("({wide})"), &format!("(a) where b in ({wide})")] {
        let sql = format!("create index concurrently ix on t {rest}");
        assert_eq!(postgresql(&sql), Kind::Outside(index(Some("ix"), "t")));
    }
    let publications = vec!["p"; 300].join(", ");
    let sql = format!("create subscription s connection 'x' publication {publications} with (connect = false)");
    assert_eq!(postgresql(&sql), Kind::Normal);
    let comment = "/* create database d */ -- vacuum\n".repeat(500);
    assert_eq!(postgresql(&format!("{comment}\nalter {comment}\n table t add a int")), Kind::Normal);
    assert_eq!(
        postgresql(&format!("{comment}\nalter {comment}\n system reset all")),
        Kind::Outside(Outside::AlterSystem)
    );
}
