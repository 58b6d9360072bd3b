//! What a failed run keeps, and that the message says exactly that.

use crate::project::Project;

const TABLE: &str = "def upgrade():\n    op.create_table('t', sa.Column('id', sa.Integer()))\n\n\ndef downgrade():\n    op.drop_table('t')";

/// A project whose first revision makes a table, and whose second has the given statements in `upgrade()`.
fn second(statements: &[&str]) -> Project {
    let project = Project::sqlite();
    project.revision("aa01", None, TABLE);
    let body: Vec<String> = statements.iter().map(|line| format!("    {line}\n")).collect();
    project.revision(
        "bb02",
        Some("aa01"),
        &format!("def upgrade():\n{}\n\ndef downgrade():\n    pass", body.concat()),
    );
    project
}

/// Changes what env.py passes to `context.configure`.
fn configure(project: &Project, option: &str) {
    let env = std::fs::read_to_string(project.path("migrations/env.py")).expect("env.py");
    project.write(
        "migrations/env.py",
        &env.replace("configure(connection=connection,", &format!("configure(connection=connection, {option},")),
    );
}

#[test]
fn what_a_script_committed_is_said_to_be_kept() {
    for commit in [
        "op.get_bind().commit()",
        "op.execute('COMMIT')",
        "with op.get_context().autocommit_block(): op.execute('CREATE TABLE y (id INTEGER)')",
    ] {
        let project = second(&["op.create_table('x', sa.Column('id', sa.Integer()))", commit, "raise ValueError('no')"]);
        let shown = project.run(&["upgrade", "head"]).fails_with(&[
            "the database is at aa01",
            "in the journal",
            "the step before it is done",
            "goes on after the last finished segment",
        ]);
        assert!(!shown.contains("nothing of bb02"), "{commit}: {shown}");
        assert!(project.tables().contains(&"x".to_owned()), "{commit}");
    }
}

#[test]
fn without_a_journal_what_was_kept_has_to_be_undone_by_hand() {
    let project = second(&[
        "op.create_table('x', sa.Column('id', sa.Integer()))",
        "op.execute('COMMIT')",
        "raise ValueError('no')",
    ]);
    project
        .run(&["upgrade", "head", "--journal", "off"])
        .fails_with(&["the database is at aa01", "committed itself, was kept", "undo by hand"]);
    assert_eq!(project.tables(), ["alembic_version", "t", "x"]);
}

#[test]
fn a_commit_inside_a_single_transaction_keeps_the_steps_before_it() {
    let project = second(&["op.get_bind().commit()", "raise ValueError('no')"]);
    project
        .run(&["upgrade", "head", "--single-transaction"])
        .fails_with(&["the database is at aa01", "the step before it is done and kept"]);
    assert_eq!(project.query("SELECT version_num FROM alembic_version"), ["aa01"]);
}

#[test]
fn steps_after_a_script_s_own_commit_are_in_a_transaction_again() {
    let project = second(&["op.execute('COMMIT')"]);
    project.revision(
        "cc03",
        Some("bb02"),
        "def upgrade():\n    op.create_table('z', sa.Column('id', sa.Integer()))\n    raise ValueError('no')",
    );
    project
        .run(&["upgrade", "head", "--single-transaction"])
        .fails_with(&["the database is at bb02", "nothing of cc03 was kept; the 2 steps before it are done and kept"]);
    assert!(!project.tables().contains(&"z".to_owned()));
}

#[test]
fn without_transactions_every_step_stays_also_after_an_autocommit_block() {
    let project = second(&[
        "with op.get_context().autocommit_block(): op.execute('CREATE TABLE y (id INTEGER)')",
        "op.create_table('x', sa.Column('id', sa.Integer()))",
    ]);
    configure(&project, "transactional_ddl=False");
    project.run(&["upgrade", "head"]).ok();
    assert_eq!(project.tables(), ["alembic_version", "t", "x", "y"]);
    assert_eq!(project.query("SELECT version_num FROM alembic_version"), ["bb02"]);
}

#[test]
fn a_refused_commit_says_where_the_database_is() {
    let deferred = [
        "op.execute('PRAGMA foreign_keys = ON')",
        "op.execute('CREATE TABLE p (id INTEGER PRIMARY KEY)')",
        "op.execute('CREATE TABLE c (p INTEGER REFERENCES p (id) DEFERRABLE INITIALLY DEFERRED)')",
        "op.execute('INSERT INTO c VALUES (5)')",
    ];
    second(&deferred)
        .run(&["upgrade", "head"])
        .fails_with(&["FOREIGN KEY", "COMMIT", "the database is at aa01", "nothing of bb02 was kept"]);
    let project = second(&deferred);
    project
        .run(&["upgrade", "head", "--single-transaction"])
        .fails_with(&["E0412", "FOREIGN KEY", "the database is at base", "nothing of it is kept"]);
    assert_eq!(project.tables(), ["alembic_version"]);
}

#[test]
fn a_busy_database_keeps_nothing() {
    let project = second(&["pass"]);
    project.run(&["upgrade", "aa01"]).ok();
    let url = limbeck_db::DatabaseUrl::parse(&format!("sqlite:///{}", project.path("app.db").display())).expect("a URL");
    let mut other = limbeck_db::connect(&url, &limbeck_db::Environment::default()).expect("the file opens");
    other.begin().expect("the file is free");
    let url = format!("sqlite:///{}?timeout=0.1", project.path("app.db").display());
    project
        .run(&["--url", &url, "upgrade", "head", "--tries", "2"])
        .fails_with(&["attempt 1 of 2 gave up", "locked", "nothing of bb02 was kept"]);
}

#[test]
fn a_purge_and_the_new_rows_come_together() {
    let project = second(&["pass"]);
    project.run(&["upgrade", "head"]).ok();
    project.query("CREATE TRIGGER refuse BEFORE INSERT ON alembic_version BEGIN SELECT RAISE(ABORT, 'not now'); END");
    project.run(&["stamp", "--purge", "aa01"]).fails_with(&[
        "stamp of aa01 failed; the database is at bb02",
        "not now",
        "nothing of aa01 was kept",
        "run `stamp` again",
    ]);
    assert_eq!(project.query("SELECT version_num FROM alembic_version"), ["bb02"]);
}

#[test]
fn a_text_that_ends_too_early_is_said_to_be_one() {
    let project = second(&["raise ValueError('no')"]);
    let ran = project.run(&["--url", "postgresql://nowhere.invalid/db", "upgrade", "head", "--sql"]);
    assert!(ran.stdout.contains("CREATE TABLE t"), "{}", ran.stdout);
    ran.fails_with(&["the SQL is incomplete", "no database was touched", "do not run what was printed"]);
}

#[test]
fn postgresql_keeps_what_ran_outside_of_the_transaction_and_undoes_the_rest() {
    let server = match limbeck_test::Server::start() {
        Ok(server) => server,
        Err(reason) => {
            println!("skipped: {reason}");
            return;
        }
    };
    let database = server.create_database();
    let project = second(&[
        "op.execute('CREATE INDEX CONCURRENTLY one ON t (id)')",
        "op.execute('CREATE INDEX two ON t (id)')",
        "op.execute('SELECT nonsense')",
    ]);
    project.run(&["--url", &database.url(), "upgrade", "head"]).fails_with(&[
        "nonsense",
        "42703",
        "the database is at aa01",
        "the first segment of bb02 was kept and is in the journal",
    ]);
    let indexes = "SELECT string_agg(indexname, ',') FROM pg_indexes WHERE tablename = 't'";
    assert_eq!(database.psql(indexes).expect("the server answers").trim(), "one");
}
