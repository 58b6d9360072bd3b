//! The classification against a server: what it calls outside must fail in a transaction with 25001, and nothing else may.

use limbeck_sql::{Flavour, Kind, TransactionControl, classify, split};
use limbeck_test::{Binaries, Database, Server};

/// Statements with the major version that first knows them. `{d}` is the current database.
const EXAMPLES: &[(u32, &str)] = &[
    (10, "create index concurrently on t (a)"),
    (
        10,
        "create unique index concurrently if not exists \"I x\" on public.t using btree (a) where a > 1",
    ),
    (10, "/* a /* b */ */ create -- c\n index concurrently \"concurrently\" on t (a)"),
    (11, "create index concurrently i on only t (a)"),
    (10, "drop index concurrently ix"),
    (10, "drop index concurrently if exists ix"),
    (12, "reindex index concurrently ix"),
    (12, "reindex table concurrently t"),
    (12, "reindex (verbose) table concurrently t"),
    (14, "reindex (concurrently) table t"),
    (14, "reindex (verbose, concurrently true) index ix"),
    (12, "reindex schema concurrently public"),
    (12, "reindex database concurrently {d}"),
    (16, "reindex database concurrently"),
    (10, "reindex schema public"),
    (10, "reindex database {d}"),
    (10, "reindex system {d}"),
    (16, "reindex database"),
    (14, "alter table p detach partition c concurrently"),
    (14, "alter table if exists public.p detach partition public.c /* x */ concurrently"),
    (10, "create database other template template0"),
    (10, "drop database other"),
    (10, "drop database if exists other"),
    (10, "create tablespace other location '/nowhere'"),
    (10, "drop tablespace if exists other"),
    (10, "alter system set work_mem = '1MB'"),
    (10, "alter system reset all"),
    (10, "alter database {d} set tablespace pg_default"),
    (10, "vacuum"),
    (10, "vacuum t"),
    (10, "vacuum full verbose analyze t"),
    (10, "vacuum (freeze, analyze) t (a)"),
    (10, "cluster"),
    (10, "cluster verbose"),
    (10, "discard all"),
    (10, "create subscription other connection 'dbname=nowhere' publication q, r"),
    (10, "create subscription other connection 'dbname=nowhere' publication q with (enabled = false)"),
    (10, "drop subscription sub"),
    (10, "alter subscription sub refresh publication"),
    (10, "alter subscription sub set publication q"),
    (14, "alter subscription sub add publication r with (copy_data = false)"),
    (14, "alter subscription sub drop publication q"),
    (17, "alter subscription idle set (failover = true)"),
    (17, "alter subscription idle set (failover = off, synchronous_commit = off)"),
    (18, "alter subscription idle set (two_phase = false)"),
    (10, "alter type e add value 'x'"),
    (10, "alter type public.e add value if not exists 'y' before 'a'"),
    (10, "commit prepared 'x'"),
    (10, "rollback prepared 'x'"),
    // Ordinary ones, some of which look otherwise.
    (10, "create table concurrently_t (concurrently_a int)"),
    (10, "create index \"concurrently\" on t (a)"),
    (10, "create index ix3 on t (a) where b = 'create index concurrently ix on t'"),
    (10, "drop index ix"),
    (10, "drop index if exists \"concurrently\""),
    (10, "reindex table t"),
    (10, "reindex index ix"),
    (14, "reindex (concurrently false) table t"),
    (14, "reindex (concurrently off, verbose) index ix"),
    (10, "alter table p detach partition c"),
    (14, "alter table p detach partition c finalize"),
    (14, "alter table p detach partition c finalize /* not concurrently */"),
    (10, "alter table p detach partition c -- concurrently"),
    (10, "alter table t add column \"concurrently\" int"),
    (10, "alter table t alter b set default 'detach partition c concurrently'"),
    (10, "comment on table t is 'alter table p detach partition c concurrently'"),
    (10, "alter database {d} set work_mem = '1MB'"),
    (10, "alter database {d} owner to current_user"),
    (10, "alter tablespace pg_default owner to current_user"),
    (10, "alter subscription sub disable"),
    (10, "alter subscription sub connection 'dbname=elsewhere'"),
    (10, "alter subscription sub set publication q with (refresh = false)"),
    (10, "create subscription other connection 'dbname=nowhere' publication q with (connect = false)"),
    (
        10,
        "create subscription other connection 'dbname=nowhere' publication q with (connect = 'off', slot_name = none)",
    ),
    (10, "alter subscription idle set (synchronous_commit = off)"),
    (10, "alter subscription idle set (slot_name = none)"),
    (18, "alter subscription idle set (two_phase = true)"),
    (10, "create publication q2 for table t"),
    (10, "create function f() returns void language plpgsql as $$ begin vacuum; commit; end $$"),
    (14, "create procedure pr() begin atomic insert into t values (1); end"),
    (10, "do $$ begin perform 1; end $$"),
    (11, "do 'begin commit; end'"),
    (10, "cluster t using ix"),
    (10, "cluster ix on t"),
    (10, "analyze"),
    (10, "analyze t"),
    (10, "checkpoint"),
    (10, "discard temp"),
    (10, "discard plans"),
    (10, "alter type e add attribute x int"),
    (10, "alter type e rename value 'a' to 'c'"),
    (10, "prepare q as select 1"),
    (10, "refresh materialized view concurrently v"),
    (10, "refresh materialized view v"),
    (10, "select a into u from t"),
    (10, "with x as (delete from t returning *) select * from x"),
    (10, "explain analyze delete from t"),
    (10, "set transaction isolation level serializable"),
    (10, "lock table t"),
    (10, "truncate t"),
    (10, "grant select on t to public"),
    (10, "create extension if not exists plpgsql"),
    (10, "alter table t set tablespace pg_default"),
    (10, "create schema s create table x (a int) create index on x (a)"),
    (10, "create statistics st on a, b from t"),
    (10, "notify x"),
    (10, "savepoint a"),
];

const SETUP: &str = "
create table t (a int, b text);
create index ix on t (a);
create table p (a int) partition by list (a);
create table c partition of p for values in (1);
create type e as enum ('a', 'b');
create materialized view v as select 1 as a;
create unique index on v (a);
create subscription sub connection 'dbname=nowhere' publication q, q0 with (connect = false, slot_name = 'x');
create subscription idle connection 'dbname=nowhere' publication q with (connect = false, slot_name = 'y');
alter subscription sub enable;
";

const CLEAN: &str = "
alter subscription sub disable;
alter subscription sub set (slot_name = none);
alter subscription idle set (slot_name = none);
drop subscription sub;
drop subscription idle;
";

#[test]
fn what_is_outside_fails_in_a_transaction_and_nothing_else_does() {
    let server = match Server::shared() {
        Ok(server) => server,
        Err(reason) => {
            println!("not tried: {reason}");
            return;
        }
    };
    let database = server.create_database();
    let version: u32 = database.psql("show server_version_num").expect("version").trim().parse().expect("a number");
    let major = version / 10_000;
    database.psql(SETUP).expect("setup");

    let examples: Vec<String> = EXAMPLES
        .iter()
        .filter(|(since, _)| *since <= major)
        .map(|(_, sql)| sql.replace("{d}", &format!("\"{}\"", database.name())))
        .collect();
    let mut script = "\\set ON_ERROR_STOP 0\n\\set VERBOSITY sqlstate\n".to_owned();
    for sql in &examples {
        script += &format!("begin;\n{sql}\n;\n\\echo state :SQLSTATE\nrollback;\n");
    }
    let output = database.psql(&script);
    database.psql(CLEAN).expect("clean");
    let output = output.expect("psql");
    let states: Vec<&str> = output.lines().filter_map(|line| line.strip_prefix("state ")).collect();
    assert_eq!(states.len(), examples.len(), "{output}");

    let mut wrong = Vec::new();
    let mut outside = 0;
    for (sql, state) in examples.iter().zip(states) {
        let kind = classify(Flavour::Postgresql, Some(major), sql);
        let told = matches!(kind, Kind::Outside(_) | Kind::Control(TransactionControl::Other));
        outside += usize::from(told);
        // A server that does not understand the example proves nothing.
        if told != (state == "25001") || state == "42601" {
            wrong.push(format!("{state} {kind:?}: {sql}"));
        }
    }
    assert!(wrong.is_empty(), "PostgreSQL {major}:\n{}", wrong.join("\n"));
    println!("PostgreSQL {major}: {outside} of {} examples fail in a transaction, as told", examples.len());
}

/// Runs a text as the runner does: as one message, which the server splits. Returns how many rows came, one for each SELECT here.
fn rows(database: &Database<'_>, text: &str) -> Result<usize, String> {
    let server = database.server();
    let output = std::process::Command::new(Binaries::find()?.program("psql"))
        .args(["-X", "-U", "postgres", "-d", database.name(), "-h"])
        .arg(server.socket_directory())
        .args(["-p", &server.port().to_string(), "-c", text])
        .output()
        .map_err(|error| error.to_string())?;
    match output.status.success() {
        true => Ok(String::from_utf8_lossy(&output.stdout).matches("(1 row)").count()),
        false => Err(String::from_utf8_lossy(&output.stderr).into_owned()),
    }
}

#[test]
fn the_server_splits_a_text_at_the_same_places() {
    let Ok(server) = Server::shared() else { return };
    let database = server.create_database();
    let major: u32 = database
        .psql("show server_version_num")
        .expect("version")
        .trim()
        .parse::<u32>()
        .expect("a number")
        / 10_000;
    database.psql("create table t (a int)").expect("setup");
    let texts = [
        (
            10,
            "select ';'; select E'\\';'; select $a$;$a$; select U&';'; select \";\" from (select 1 as \";\") x",
        ),
        (10, "select E'a'\n'\\';'; select 1"),
        (10, "select E'a' -- x\n -- y\n '\\';'; select 1"),
        (10, "select E'a'\n\n'\\''\r'\\';'; select 1"),
        (10, "select 'a'\n'\\'; select 1"),
        (10, "/* ; /* ; */ ; */ select 1; -- ;\n select 2 /* ; */;;"),
        (10, "select 1 as a$b$; select 2 as a$b$"),
        (10, "select $a1$;$a1$; select $ä$;$ä$; select $$;$a$;$$"),
        (10, "select 1 -- a\r; select 2"),
        (10, "select 1 as \"a\"\";\"; select B'1', X'1f', N';'"),
        (
            10,
            "create or replace rule r as on insert to t do also (select 1; select 2); select 1; drop rule r on t; select 2",
        ),
        (
            14,
            "create or replace function f() returns int begin atomic select 1 as end; select t.case from (select 2 as case) t; end; select f()",
        ),
        (
            14,
            "create or replace function f() returns int begin atomic select case when true then 1 end; select 2; end; select f()",
        ),
    ];
    for (since, text) in texts {
        if since > major {
            continue;
        }
        let whole = rows(&database, text).unwrap_or_else(|error| panic!("{text}: {error}"));
        let alone: Vec<usize> = split(Flavour::Postgresql, text)
            .into_iter()
            .map(|range| rows(&database, &text[range]).unwrap_or_else(|error| panic!("{text}: {error}")))
            .collect();
        // psql before 15 shows only the last result of a message.
        assert!(major < 15 || alone.iter().sum::<usize>() == whole, "{text}: {alone:?}, {whole}");
        assert!(alone.iter().all(|rows| *rows <= 1), "{text}: {alone:?}");
    }
}
