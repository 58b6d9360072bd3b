//! Each kind of bad input gives one clear error that says where, what state the database is in and what to do next; nothing is changed.

use crate::project::Project;

const PASS: &str = "def upgrade():\n    pass\n\n\ndef downgrade():\n    pass";

/// A project whose second revision has the given body; the first makes a table.
fn second(code: &str) -> Project {
    let project = Project::sqlite();
    project.revision(
        "aa01",
        None,
        "def upgrade():\n    op.create_table('t', sa.Column('id', sa.Integer()))\n\n\ndef downgrade():\n    op.drop_table('t')",
    );
    project.revision("bb02", Some("aa01"), code);
    project
}

#[test]
fn a_syntax_error_is_shown_with_its_line_before_anything_runs() {
    let project = second("def upgrade():\n    op.create_table('x', sa.Column('id', sa.Integer())\n");
    project
        .run(&["upgrade", "head"])
        .fails_with(&["SyntaxError", "bb02.py:10", "op.create_table('x'", "^", "nothing was changed"]);
    assert_eq!(project.tables(), ["alembic_version"]);
}

#[test]
fn a_script_that_raises_leaves_the_database_at_the_revision_before() {
    let project =
        second("def upgrade():\n    op.create_table('x', sa.Column('id', sa.Integer()))\n    raise ValueError('no good')\n\n\ndef downgrade():\n    pass");
    project.run(&["upgrade", "head"]).fails_with(&[
        "bb02 failed; the database is at aa01",
        "ValueError: no good",
        "bb02.py:11",
        "nothing of bb02 was kept",
        "hint:",
    ]);
    assert_eq!(project.tables(), ["alembic_version", "t"]);
    assert_eq!(project.query("SELECT version_num FROM alembic_version"), ["aa01"]);
}

#[test]
fn a_refused_statement_is_shown_with_the_server_s_words() {
    let project = second(
        "def upgrade():\n    op.create_table('x', sa.Column('id', sa.Integer()))\n    op.execute('INSERT INTO nowhere VALUES (1)')\n\n\ndef downgrade():\n    pass",
    );
    project
        .run(&["upgrade", "head"])
        .fails_with(&["no such table: nowhere", "INSERT INTO nowhere", "bb02.py:11", "the database is at aa01"]);
    assert_eq!(project.tables(), ["alembic_version", "t"]);
}

#[test]
fn an_unknown_directive_is_found_before_anything_runs() {
    let project = second("def upgrade():\n    op.create_tabel('x')\n\n\ndef downgrade():\n    pass");
    project
        .run(&["upgrade", "head"])
        .fails_with(&["create_tabel", "bb02.py:10", "nothing was changed"]);
    assert_eq!(project.tables(), ["alembic_version"]);
}

#[test]
fn a_missing_package_is_named_with_the_import() {
    let project = second("import nosuchpackage\n\n\ndef upgrade():\n    nosuchpackage.go()\n\n\ndef downgrade():\n    pass");
    project.run(&["upgrade", "head"]).fails_with(&["nosuchpackage", "bb02.py:9"]);
    assert!(!project.tables().contains(&"x".to_owned()));
}

#[test]
fn a_file_without_a_revision_is_named() {
    let project = second(PASS);
    project.write("migrations/versions/zz_notes.py", "x = 1\n");
    project
        .run(&["heads"])
        .fails_with(&["Could not determine revision id from filename zz_notes.py"]);
}

#[test]
fn duplicate_ids_are_reported_with_both_files() {
    let project = second(PASS);
    project.write("migrations/versions/copy.py", "revision = 'bb02'\ndown_revision = 'aa01'\n");
    let ran = project.run(&["heads"]);
    assert!(
        ran.stderr.contains("E0207") && ran.stderr.contains("bb02.py") && ran.stderr.contains("copy.py"),
        "{}",
        ran.stderr
    );
}

#[test]
fn a_missing_parent_and_a_circle_are_typed_errors() {
    let project = Project::sqlite();
    project.revision("bb02", Some("zz99"), PASS);
    project.run(&["heads"]).fails_with(&["E0206", "zz99", "bb02.py"]);
    project.revision("zz99", Some("bb02"), PASS);
    project.run(&["upgrade", "head"]).fails_with(&["E0205"]);
}

#[test]
fn two_heads_say_how_to_merge_them() {
    let project = second(PASS);
    project.revision("cc03", Some("aa01"), PASS);
    project
        .run(&["upgrade", "head"])
        .fails_with(&["Multiple head revisions: bb02, cc03", "aa01", "merge -m \"merge heads\" bb02 cc03"]);
}

#[test]
fn an_unknown_row_says_that_the_script_is_missing_here() {
    let project = second(PASS);
    project.run(&["upgrade", "head"]).ok();
    project.query("UPDATE alembic_version SET version_num = 'gone99' RETURNING version_num");
    for command in [&["upgrade", "head"][..], &["downgrade", "-1"], &["current"]] {
        project.run(command).fails_with(&["gone99", "whose script is not in this project"]);
    }
    assert!(project.run(&["status"]).ok().contains("gone99  (no script with this id is in the project)"));
}

#[test]
fn an_unknown_target_says_where_to_look() {
    let project = second(PASS);
    project.run(&["upgrade", "nope"]).fails_with(&["nope", "history"]);
    project.run(&["downgrade", "-1"]).fails_with(&["no steps that way are left", "status"]);
    project.run(&["upgrade", "+3"]).fails_with(&["fewer than 3 steps that way are left"]);
}

#[test]
fn a_read_only_file_is_said_to_be_one() {
    let project = second(PASS);
    project.run(&["upgrade", "aa01"]).ok();
    let url = format!("sqlite:///file:{}?mode=ro&uri=true", project.path("app.db").display());
    project.run(&["--url", &url, "upgrade", "head"]).fails_with(&["read"]);
    assert_eq!(project.query("SELECT version_num FROM alembic_version"), ["aa01"]);
}

#[test]
fn a_directory_without_a_project_says_what_would_make_one() {
    let empty = tempfile::tempdir().expect("a temporary directory");
    Project::sqlite().run_in(empty.path(), &["status"], &[]).fails_with(&["E0101", "init"]);
}

#[test]
fn unsupported_and_malformed_urls_are_refused() {
    let project = second(PASS);
    project
        .run(&["--url", "oracle://u:secret@h/db", "upgrade", "head"])
        .fails_with(&["oracle", "supported"]);
    let shown = project
        .run(&["--url", "postgresql://u:secret@h:notaport/db", "upgrade", "head"])
        .fails_with(&["port"]);
    assert!(!shown.contains("secret"), "{shown}");
}

#[test]
fn an_unreachable_server_says_what_was_tried_and_hides_the_password() {
    let project = second(PASS);
    let shown = project
        .run(&["--url", "postgresql://u:secret@127.0.0.1:1/db", "upgrade", "head"])
        .fails_with(&["127.0.0.1", "1", "E0604"]);
    assert!(!shown.contains("secret"), "{shown}");
}

#[test]
fn a_wrong_password_and_a_missing_database_are_told_apart() {
    let options = limbeck_test::Options {
        tcp_password: Some("right".into()),
        ..limbeck_test::Options::default()
    };
    let server = match limbeck_test::Server::start_with(&options) {
        Ok(server) => server,
        Err(reason) => {
            println!("skipped: {reason}");
            return;
        }
    };
    let project = second(PASS);
    let shown = project
        .run(&["--url", &server.tcp_url("postgres", "wrongpass"), "upgrade", "head"])
        .fails_with(&["password"]);
    assert!(!shown.contains("wrongpass"), "{shown}");
    project
        .run(&["--url", &server.tcp_url("nosuchdb", "right"), "upgrade", "head"])
        .fails_with(&["nosuchdb", "does not exist"]);
}
