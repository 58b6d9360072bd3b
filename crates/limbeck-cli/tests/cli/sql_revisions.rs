//! Revisions written in SQL, among Python ones: run, resumed, printed, verified, generated.

use crate::project::{Project, server};

fn mixed() -> Project {
    let project = Project::sqlite();
    project.revision(
        "a1",
        None,
        "def upgrade():\n    op.create_table('t', sa.Column('id', sa.Integer, primary_key=True))\n\ndef downgrade():\n    op.drop_table('t')",
    );
    project.write(
        "migrations/versions/b2_names.sql",
        "-- names: for people\n-- revision: b2\n-- down_revision: a1\n-- branch_labels: main\n\n-- limbeck:up\nALTER TABLE t ADD COLUMN name varchar(20);\n\
         -- it's commented; and more\nINSERT INTO t (id, name) VALUES (1, 'a;b :x %s');\n\n-- limbeck:down\nDELETE FROM t;\nALTER TABLE t DROP COLUMN name;\n",
    );
    project
}

#[test]
fn sql_and_python_are_one_history() {
    let project = mixed();
    assert!(project.run(&["history"]).ok().contains("a1 -> b2 (main) (head), names: for people"));
    let said = project.run(&["upgrade", "head"]);
    assert!(said.stderr.contains("Applied 2 revisions"), "{}", said.stderr);
    assert_eq!(project.query("SELECT name FROM t"), ["a;b :x %s"]);
    assert!(project.run(&["scripts"]).ok().contains("2 of 2 run natively"));
    project.run(&["verify"]).ok();
    project.run(&["downgrade", "main@a1"]).ok();
    assert_eq!(project.query("SELECT count(*) FROM t"), ["0"]);
    let printed = project.run(&["upgrade", "a1:head", "--sql"]).ok();
    assert!(printed.contains("INSERT INTO t (id, name) VALUES (1, 'a;b :x %s');"), "{printed}");
}

#[test]
fn a_statement_that_fails_is_shown_with_its_line_and_nothing_of_it_stays() {
    let project = mixed();
    project.write(
        "migrations/versions/c3.sql",
        "-- revision: c3\n-- down_revision: b2\n-- limbeck:up\nCREATE TABLE u (a int);\n\n-- then\nINSERT INTO nowhere VALUES (1);\n",
    );
    project.run(&["upgrade", "head"]).fails_with(&["c3.sql:7", "nowhere", "the database is at b2"]);
    assert!(!project.tables().contains(&"u".to_owned()));
    project.write(
        "migrations/versions/c3.sql",
        "-- revision: c3\n-- down_revision: b2\n-- limbeck:up\nCREATE TABLE u (a int);\n",
    );
    project.run(&["upgrade", "head"]).ok();
    project.run(&["downgrade", "-1"]).fails_with(&["E0314", "limbeck:down"]);
    project.write("migrations/versions/d4.sql", "-- revision: d4\n-- down_revision: c3\nSELECT 1;\n");
    project.run(&["heads"]).fails_with(&["E0340", "d4.sql:3"]);
}

#[test]
fn alembic_passes_sql_files_over() {
    let project = mixed();
    let link = project.path("alembic");
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_limbeck"), &link).expect("a link");
    let output = std::process::Command::new(&link)
        .arg("heads")
        .current_dir(project.path(""))
        .output()
        .expect("it runs");
    assert_eq!(String::from_utf8_lossy(&output.stdout), "a1 (head)\n");
}

#[test]
fn what_cannot_run_in_a_transaction_cuts_a_sql_revision_too() {
    let Some(server) = server() else { return };
    let database = server.create_database();
    let url = database.url();
    let project = Project::sqlite();
    project.write(
        "migrations/versions/a1.sql",
        "-- index\n-- revision: a1\n-- down_revision: none\n-- limbeck:up\nCREATE TABLE t (a int);\nCREATE INDEX CONCURRENTLY ix ON t (a);\n\
         CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $$ SELECT 1; SELECT 2; $$;\n-- limbeck:down\nDROP FUNCTION f();\nDROP TABLE t;\n",
    );
    let on = |arguments: &[&str]| {
        let mut all = vec!["--url", url.as_str()];
        all.extend(arguments);
        project.run(&all)
    };
    let said = on(&["upgrade", "head"]);
    assert!(said.stderr.contains("a1.sql:6"), "{}", said.stderr);
    said.ok();
    on(&["status"]).ok();
    let text = std::fs::read_to_string(project.path("migrations/versions/a1.sql")).expect("the file");
    project.write("migrations/versions/a1.sql", &text.replace("-- index", "-- an index"));
    assert!(!on(&["status"]).stdout.contains("Edited after"), "a message is no edit");
    project.write("migrations/versions/a1.sql", &text.replace("SELECT 2", "SELECT 3"));
    let changed = on(&["status"]);
    assert!(changed.stdout.contains("Edited after"), "{}", changed.stdout);
    std::fs::remove_file(project.path("migrations/versions/a1.sql")).expect("it is there");
    on(&["downgrade", "base", "--from-journal"]).ok();
    assert_eq!(
        database.psql("SELECT count(*) FROM pg_class WHERE relname = 't'").expect("an answer").trim(),
        "0"
    );
}

#[test]
fn sql_revisions_are_generated() {
    let project = Project::sqlite();
    let path = project.run(&["generate", "add users", "--format", "sql", "--rev-id", "a1"]).ok();
    assert!(path.trim().ends_with("a1_add_users.sql"), "{path}");
    let text = std::fs::read_to_string(path.trim()).expect("the file");
    project.write(
        "migrations/versions/a1_add_users.sql",
        &text
            .replace("-- limbeck:up\n", "-- limbeck:up\nCREATE TABLE users (id integer PRIMARY KEY, name text);\n")
            .replace("-- limbeck:down\n", "-- limbeck:down\nDROP TABLE users;\n"),
    );
    project.run(&["upgrade", "head"]).ok();
    project.write(
        "schema.sql",
        "CREATE TABLE users (id integer PRIMARY KEY, mail varchar(50)); CREATE VIEW v AS SELECT mail FROM users;",
    );
    let path = project
        .run(&[
            "generate",
            "mail",
            "--autogenerate",
            "--from",
            "schema.sql",
            "--format",
            "sql",
            "--rev-id",
            "b2",
        ])
        .ok();
    assert!(path.trim().ends_with("b2_mail.sql"), "{path}");
    project.run(&["upgrade", "head"]).ok();
    project.run(&["check", "--from", "schema.sql"]).ok();
    project.run(&["verify"]).ok();

    let Some(server) = server() else { return };
    let database = server.create_database();
    let url = database.url();
    project.write(
        "schema.sql",
        "CREATE TYPE mood AS ENUM ('a', 'b'); CREATE TABLE users (id integer PRIMARY KEY, name text, mood mood DEFAULT 'a', CHECK (name <> ':x')); CREATE VIEW v AS SELECT name FROM users;",
    );
    std::fs::remove_file(path.trim()).expect("it is there");
    project.run(&["--url", &url, "upgrade", "head"]).ok();
    project
        .run(&["--url", &url, "generate", "mood", "--autogenerate", "--from", "schema.sql", "--format", "sql"])
        .ok();
    project.run(&["--url", &url, "upgrade", "head"]).ok();
    project.run(&["--url", &url, "check", "--from", "schema.sql"]).ok();
}
