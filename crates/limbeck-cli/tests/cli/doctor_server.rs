//! `doctor` on PostgreSQL databases that are really broken.

use crate::doctor::{command, one, report, status, titles};
use crate::project::{Project, Ran};
use limbeck_test::{Database, Server};
use std::fs;
use std::time::Duration;

const CREATE: &str = "def upgrade():\n    op.create_table('users', sa.Column('id', sa.Integer(), primary_key=True), sa.Column('email', sa.String(50)))\n\n\ndef downgrade():\n    op.drop_table('users')";
const NOTHING: &str = "def upgrade():\n    op.execute('SELECT 1')\n\n\ndef downgrade():\n    pass";

fn server() -> Option<Server> {
    Server::start().map_err(|reason| println!("skipped: {reason}")).ok()
}

/// Two revisions, applied to a database of their own.
fn applied(server: &Server) -> (Project, Database<'_>) {
    let project = Project::sqlite();
    project.revision("aaaa11112222", None, CREATE);
    project.revision("bbbb33334444", Some("aaaa11112222"), NOTHING);
    let database = server.create_database();
    project.run(&["--url", &database.url(), "upgrade", "head"]).ok();
    (project, database)
}

fn doctor(project: &Project, url: &str, arguments: &[&str]) -> Ran {
    project.run(&[&["--url", url, "doctor", "--json"], arguments].concat())
}

#[test]
fn a_healthy_server() {
    let Some(server) = server() else { return };
    let (project, database) = applied(&server);
    let found = report(doctor(&project, &database.url(), &["--deep"]), 0);
    for name in [
        "unreachable-database",
        "transaction-pooler",
        "invalid-index",
        "lock-trouble",
        "missing-permission",
        "edited-script",
        "schema-drift",
    ] {
        assert_eq!(status(&found, name), "fine", "{name}");
    }
    // A missing server leaves the project's own checks.
    let found = report(doctor(&project, "postgresql:///x?host=/nowhere", &[]), 2);
    assert_eq!(
        (status(&found, "unreachable-database"), status(&found, "lock-trouble")),
        ("findings", "unknown")
    );
    assert_eq!(status(&found, "multiple-heads"), "fine");
}

#[test]
fn invalid_indexes_are_rebuilt_or_dropped() {
    let Some(server) = server() else { return };
    let (project, database) = applied(&server);
    let url = database.url();
    database
        .psql("INSERT INTO users VALUES (1, 'a'), (2, 'a'); CREATE INDEX ix ON users (email)")
        .expect("rows");
    database
        .psql("CREATE UNIQUE INDEX CONCURRENTLY ux ON users (email)")
        .expect_err("the key is there twice");
    database.psql("REINDEX INDEX CONCURRENTLY ux").expect_err("the key is still there twice");
    database
        .psql("UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'ix'::regclass")
        .expect("an invalid index");
    let found = report(doctor(&project, &url, &[]), 1);
    assert_eq!(
        titles(&found, "invalid-index"),
        [
            "index public.ix on public.users is INVALID",
            "index public.ux on public.users is INVALID",
            "index public.ux_ccnew on public.users is INVALID",
        ]
    );
    let ran = doctor(&project, &url, &["--fix", "--yes"]);
    assert!(ran.stderr.contains("REINDEX INDEX CONCURRENTLY public.ix;"), "{}", ran.stderr);
    assert!(ran.stderr.contains("DROP INDEX CONCURRENTLY public.ux_ccnew;"), "{}", ran.stderr);
    // The unique one needs a person: its rows have to be mended first.
    let found = report(ran, 1);
    assert_eq!(titles(&found, "invalid-index"), ["index public.ux on public.users is INVALID"]);
    let mend = command(&found, "invalid-index");
    assert!(
        mend.starts_with("psql 'postgresql://") && mend.ends_with("-c 'REINDEX INDEX CONCURRENTLY public.ux'"),
        "{mend}"
    );
}

#[test]
fn constraints_and_triggers_that_do_nothing() {
    let Some(server) = server() else { return };
    let (project, database) = applied(&server);
    database
        .psql(
            "CREATE TABLE posts (id int, user_id int CONSTRAINT fk REFERENCES users (id)); \
             ALTER TABLE users ADD CONSTRAINT ck CHECK (id > 5) NOT VALID; \
             ALTER TABLE posts DISABLE TRIGGER ALL",
        )
        .expect("a table");
    let found = report(doctor(&project, &database.url(), &[]), 1);
    assert_eq!(titles(&found, "not-valid-constraint"), ["constraint ck on public.users is NOT VALID"]);
    assert_eq!(titles(&found, "disabled-trigger"), ["foreign keys of public.posts are not enforced"]);
    assert_eq!(one(&found, "not-valid-constraint")["findings"][0]["severity"], "warning");
    assert_eq!(one(&found, "disabled-trigger")["findings"][0]["severity"], "problem");
    // Both are left to a person.
    let ran = doctor(&project, &database.url(), &["--fix", "--yes"]);
    assert!(ran.stderr.contains("nothing that can be mended without a decision"), "{}", ran.stderr);
    report(ran, 1);
}

#[test]
fn who_blocks_whom() {
    let Some(server) = server() else { return };
    let (project, database) = applied(&server);
    std::thread::scope(|scope| {
        scope.spawn(|| database.psql("BEGIN; LOCK TABLE users; SELECT pg_sleep(4)"));
        std::thread::sleep(Duration::from_millis(700));
        scope.spawn(|| database.psql("SELECT count(*) FROM users"));
        std::thread::sleep(Duration::from_millis(700));
        let found = report(doctor(&project, &database.url(), &["--only", "lock-trouble"]), 1);
        assert_eq!(titles(&found, "lock-trouble"), ["1 session waits for a lock"]);
        let evidence = one(&found, "lock-trouble")["findings"][0]["evidence"].to_string();
        assert!(
            evidence.contains("SELECT pg_sleep(4)") && evidence.contains("SELECT count(*) FROM users"),
            "{evidence}"
        );
    });
}

#[test]
fn a_role_without_rights() {
    let Some(server) = server() else { return };
    let (project, database) = applied(&server);
    database
        .psql("CREATE ROLE reader LOGIN; REVOKE CREATE ON SCHEMA public FROM PUBLIC")
        .expect("a role");
    let url = database.url();
    let after = url.split_once("://").map_or("", |(_, rest)| rest);
    let after = after.split_once('@').map_or(after, |(_, rest)| rest);
    let found = report(doctor(&project, &format!("postgresql://reader@{after}"), &[]), 2);
    let titles_found = titles(&found, "missing-permission");
    assert_eq!(titles_found[0], "role reader may not make tables in schema public");
    assert_eq!(titles_found[1], "role reader may not SELECT, INSERT, UPDATE, DELETE alembic_version");
    assert!(titles_found[2].starts_with("1 table belongs to other roles"), "{titles_found:?}");
    assert_eq!(command(&found, "missing-permission"), "GRANT CREATE ON SCHEMA public TO reader;");
    assert_eq!(status(&found, "unversioned-database"), "unknown");
    // What the findings say mends it.
    let findings = one(&found, "missing-permission")["findings"].as_array().expect("findings").clone();
    for finding in &findings {
        database.psql(finding["remedy"]["command"].as_str().expect("a command")).expect("it runs");
    }
    let found = report(doctor(&project, &format!("postgresql://reader@{after}"), &["--only", "missing-permission"]), 0);
    assert_eq!(status(&found, "missing-permission"), "fine");
    database.psql("ALTER ROLE reader SET default_transaction_read_only = on").expect("a setting");
    let found = report(doctor(&project, &format!("postgresql://reader@{after}"), &["--only", "missing-permission"]), 1);
    assert_eq!(
        titles(&found, "missing-permission"),
        ["nothing can be written: transactions of reader are read-only here"]
    );
}

#[test]
fn what_the_database_remembers_helps() {
    let Some(server) = server() else { return };
    let (project, database) = applied(&server);
    let url = database.url();
    let first = project.path("migrations/versions/aaaa11112222.py");
    let text = fs::read_to_string(&first).expect("a script");
    // An edit of an applied script.
    project.write("migrations/versions/aaaa11112222.py", &text.replace("sa.String(50)", "sa.String(90)"));
    let found = report(doctor(&project, &url, &[]), 1);
    assert_eq!(titles(&found, "edited-script"), ["the script of aaaa11112222 was edited after it was applied"]);
    // A script that is gone comes back with the text that ran.
    fs::remove_file(&first).expect("a script");
    let found = report(doctor(&project, &url, &[]), 1);
    assert_eq!(titles(&found, "broken-graph"), ["revision aaaa11112222 is named by 1 script, and is not here"]);
    report(doctor(&project, &url, &["--fix", "--yes"]), 0);
    assert_eq!(fs::read_to_string(&first).expect("a script"), text);
    // A database that is ahead of the code.
    fs::remove_file(project.path("migrations/versions/bbbb33334444.py")).expect("a script");
    let found = report(doctor(&project, &url, &[]), 1);
    // The command is about the database that was looked at.
    let next = command(&found, "unknown-revision");
    assert!(
        next.starts_with("limbeck --url ") && next.ends_with(" downgrade --from-journal aaaa11112222"),
        "{next}"
    );
    project.run(&["--url", &url, "downgrade", "--from-journal", "aaaa11112222"]).ok();
    report(doctor(&project, &url, &[]), 0);
    // A version table that is gone: without a log the memory tells.
    fs::remove_dir_all(project.path("logs")).expect("the log");
    database.psql("DROP TABLE alembic_version").expect("it goes");
    let found = report(doctor(&project, &url, &[]), 1);
    let next = command(&found, "unversioned-database");
    assert!(
        next.starts_with("limbeck --url ") && next.ends_with(" stamp --purge --verify aaaa11112222"),
        "{next}"
    );
}

#[test]
fn another_version_table_is_named() {
    let Some(server) = server() else { return };
    let (project, database) = applied(&server);
    database
        .psql("CREATE SCHEMA other; ALTER TABLE alembic_version SET SCHEMA other")
        .expect("it moves");
    let found = report(doctor(&project, &database.url(), &[]), 1);
    let evidence = one(&found, "unversioned-database")["findings"][0]["evidence"].to_string();
    assert!(
        evidence.contains("there is another version table: other.alembic_version (bbbb33334444)"),
        "{evidence}"
    );
}

#[test]
fn rows_of_a_bad_restore() {
    let Some(server) = server() else { return };
    let (project, database) = applied(&server);
    database.psql("INSERT INTO alembic_version VALUES ('aaaa11112222')").expect("a row");
    let found = report(doctor(&project, &database.url(), &["--fix", "--yes"]), 0);
    assert_eq!(status(&found, "ancestor-rows"), "fine");
    assert_eq!(database.psql("SELECT version_num FROM alembic_version").expect("rows").trim(), "bbbb33334444");
    // The record is in the database too.
    assert!(database.psql("SELECT record ->> 'event' FROM limbeck.log").expect("records").contains("doctor"));
}
