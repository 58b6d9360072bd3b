//! The main job: a history up and down on SQLite and PostgreSQL, and what the reading commands say of it.

use crate::project::Project;
use std::path::PathBuf;

fn ultra() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../examples/ultra")
}

/// Runs the example to head, down one, to base and up again at `url`.
fn up_and_down(url: &str) {
    let runner = Project::sqlite();
    let run = |arguments: &[&str]| runner.run_in(&ultra(), arguments, &[("DATABASE_URL", url)]);
    run(&["upgrade", "head"]).ok();
    let status = run(&["status"]).ok();
    assert!(status.contains("Current:  30c9fa58d71b  Count the posts of each user"), "{status}");
    assert!(status.contains("Applied:  10\nPending:  0\n"), "{status}");
    run(&["downgrade", "-1"]).ok();
    assert_eq!(run(&["current"]).ok(), "e7162db9c40a (mergepoint)\n");
    run(&["downgrade", "base"]).ok();
    assert_eq!(run(&["current"]).ok(), "");
    let pending = run(&["status", "--json"]).ok();
    assert!(pending.contains("\"applied\": 0"), "{pending}");
    run(&["upgrade", "head"]).ok();
    assert_eq!(run(&["current"]).ok(), "30c9fa58d71b (head)\n");
}

#[test]
fn the_example_goes_up_and_down_on_sqlite() {
    let place = tempfile::tempdir().expect("a temporary directory");
    up_and_down(&format!("sqlite:///{}", place.path().join("ultra.db").display()));
}

#[test]
fn the_example_goes_up_and_down_on_postgresql() {
    match limbeck_test::Server::start() {
        Ok(server) => up_and_down(&server.create_database().url()),
        Err(reason) => println!("skipped: {reason}"),
    }
}

#[test]
fn status_hides_the_password() {
    let options = limbeck_test::Options {
        tcp_password: Some("s3cret-word".into()),
        ..limbeck_test::Options::default()
    };
    match limbeck_test::Server::start_with(&options) {
        Ok(server) => {
            let runner = Project::sqlite();
            let url = server.tcp_url("postgres", "s3cret-word");
            let status = runner.run_in(&ultra(), &["status"], &[("DATABASE_URL", &url)]).ok();
            assert!(status.contains("Pending:  10") && !status.contains("s3cret-word"), "{status}");
        }
        Err(reason) => println!("skipped: {reason}"),
    }
}

#[test]
fn a_new_project_works_from_any_directory_below_it() {
    let project = Project::sqlite();
    project.run(&["generate", "first things", "--rev-id", "aa01"]).ok();
    project.run_in(&project.path("migrations/versions"), &["upgrade", "head"], &[]).ok();
    assert_eq!(project.run_in(&project.path("migrations"), &["current"], &[]).ok(), "aa01 (head)\n");
    assert_eq!(project.run(&["heads"]).ok(), "aa01 (head)\n");
}

#[test]
fn sql_is_printed_and_nothing_is_touched() {
    let project = Project::sqlite();
    project.revision(
        "aa01",
        None,
        "def upgrade():\n    op.create_table('t', sa.Column('id', sa.Integer(), primary_key=True))\n\n\ndef downgrade():\n    op.drop_table('t')",
    );
    let sql = project.run(&["--url", "postgresql://nowhere.invalid/db", "upgrade", "head", "--sql"]).ok();
    let wanted = "BEGIN;\n\nCREATE TABLE alembic_version (\n    version_num VARCHAR(32) NOT NULL, \n    CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)\n);\n\n\
        -- Running upgrade  -> aa01\n\nCREATE TABLE t (\n    id SERIAL NOT NULL, \n    PRIMARY KEY (id)\n);\n\n\
        INSERT INTO alembic_version (version_num) VALUES ('aa01') RETURNING alembic_version.version_num;\n\nCOMMIT;\n\n";
    assert_eq!(sql, wanted);
    assert!(!project.path("app.db").exists());
}

#[test]
fn a_single_transaction_keeps_all_or_nothing() {
    let project = Project::sqlite();
    project.revision(
        "aa01",
        None,
        "def upgrade():\n    op.create_table('t', sa.Column('id', sa.Integer()))\n\n\ndef downgrade():\n    pass",
    );
    project.revision(
        "bb02",
        Some("aa01"),
        "def upgrade():\n    raise RuntimeError('stop')\n\n\ndef downgrade():\n    pass",
    );
    project
        .run(&["upgrade", "head", "--single-transaction"])
        .fails_with(&["the database is at base"]);
    assert_eq!(project.tables(), ["alembic_version"]);
}

#[test]
fn merge_and_stamp_do_what_they_say() {
    let project = Project::sqlite();
    let pass = "def upgrade():\n    pass\n\n\ndef downgrade():\n    pass";
    project.revision("aa01", None, pass);
    project.revision("bb02", Some("aa01"), pass);
    project.revision("cc03", Some("aa01"), pass);
    project.run(&["merge", "-m", "join", "--rev-id", "mm04", "bb02", "cc03"]).ok();
    project.run(&["stamp", "bb02", "cc03"]).ok();
    project.run(&["upgrade", "head"]).ok();
    assert_eq!(project.run(&["current"]).ok(), "mm04 (head) (mergepoint)\n");
    project.run(&["stamp", "--purge", "aa01"]).ok();
    assert_eq!(project.run(&["current"]).ok(), "aa01 (branchpoint)\n");
}

#[test]
fn several_databases_are_each_named_and_none_is_replaced_by_an_option() {
    let project = Project::sqlite();
    let root = project.path("many");
    std::fs::create_dir(&root).expect("a folder");
    project.run_in(&root, &["init", "-t", "multidb", "db"], &[]).ok();
    let ini = std::fs::read_to_string(root.join("alembic.ini")).expect("the project's configuration");
    let ini = ini
        .replace("driver://user:pass@localhost/dbname2", "sqlite:///two.db")
        .replace("driver://user:pass@localhost/dbname", "sqlite:///one.db");
    std::fs::write(root.join("alembic.ini"), ini).expect("the project's configuration");
    project.run_in(&root, &["generate", "nothing", "--rev-id", "aa01"], &[]).ok();
    let ran = project.run_in(&root, &["--url", "sqlite:///other.db", "upgrade", "head"], &[]);
    assert!(ran.stderr.contains("`--url` names one database and is not used"), "{}", ran.stderr);
    for name in ["one.db", "two.db"] {
        assert!(ran.stderr.contains(&format!("Database: sqlite:///{name}")), "{}", ran.stderr);
        assert!(root.join(name).exists());
    }
    assert!(!root.join("other.db").exists());
    ran.ok();
}
