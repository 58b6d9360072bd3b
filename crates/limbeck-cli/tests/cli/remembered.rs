//! Applied scripts are remembered on PostgreSQL: edits are found, missing scripts are described and reverted.

use crate::project::Project;
use limbeck_test::{Database, Server};

/// A project of three tables, applied to a database of its own.
fn applied(server: &Server) -> (Project, Database<'_>) {
    let project = Project::sqlite();
    for (id, down) in [("aa01", None), ("bb02", Some("aa01")), ("cc03", Some("bb02"))] {
        let code = format!("def upgrade():\n    op.create_table('t_{id}', sa.Column('id', sa.Integer()))\n\n\ndef downgrade():\n    op.drop_table('t_{id}')");
        project.revision(id, down, &code);
    }
    let database = server.create_database();
    project.run(&["--url", &database.url(), "upgrade", "head"]).ok();
    (project, database)
}

fn server() -> Option<Server> {
    Server::start().map_err(|reason| println!("skipped: {reason}")).ok()
}

fn script(project: &Project, id: &str) -> (String, String) {
    let name = format!("migrations/versions/{id}.py");
    let text = std::fs::read_to_string(project.path(&name)).expect("a script");
    (name, text)
}

fn tables(database: &Database<'_>) -> String {
    let sql = "SELECT string_agg(tablename, ' ' ORDER BY tablename) FROM pg_tables WHERE schemaname = 'public'";
    database.psql(sql).expect("the server answers").trim().to_owned()
}

#[test]
fn an_edit_is_shown_and_a_formatter_s_work_is_not() {
    let Some(server) = server() else { return };
    let (project, database) = applied(&server);
    let url = database.url();
    let (name, text) = script(&project, "aa01");
    project.write(&name, &text.replace("'", "\"").replace('\n', "\r\n").replace("step aa01", "the first step"));
    let shown = project.run(&["--url", &url, "status"]).ok();
    assert!(!shown.contains("Edited"), "{shown}");

    let (name, text) = script(&project, "bb02");
    project.write(&name, &text.replace("sa.Integer()", "sa.BigInteger()"));
    let shown = project.run(&["--url", &url, "status"]).ok();
    assert!(shown.contains("Edited after they were applied") && shown.contains("bb02  step bb02"), "{shown}");
    assert!(
        shown.contains("migrations/versions/bb02.py, applied 20") && !shown.contains("BigInteger") && !shown.contains("aa01"),
        "{shown}"
    );
    let shown = project.run(&["--url", &url, "status", "-v"]).ok();
    assert!(
        shown.contains("\n-    op.create_table('t_bb02', sa.Column('id', sa.Integer()))\n+    op.create_table('t_bb02', sa.Column('id', sa.BigInteger()))\n"),
        "{shown}"
    );
    let json: serde_json::Value = serde_json::from_str(&project.run(&["--url", &url, "status", "--json"]).ok()).expect("JSON");
    assert_eq!(json["edited"][0]["revision"], "bb02");
    assert_eq!(json["edited"].as_array().map(Vec::len), Some(1));
    assert_eq!(json["missing"].as_array().map(Vec::len), Some(0));

    // Reverting it says so; applied again, it is the script of now that is remembered.
    let ran = project.run(&["--url", &url, "downgrade", "aa01"]);
    assert!(ran.stderr.contains("warning[E0420]") && ran.stderr.contains("bb02.py"), "{}", ran.stderr);
    ran.ok();
    project.run(&["--url", &url, "upgrade", "head"]).ok();
    let shown = project.run(&["--url", &url, "status"]).ok();
    assert!(!shown.contains("Edited"), "{shown}");
}

#[test]
fn a_hash_of_another_version_is_no_edit() {
    let Some(server) = server() else { return };
    let (project, database) = applied(&server);
    database.psql("UPDATE limbeck.script SET meaning = 'of another version'").expect("an update");
    let (name, text) = script(&project, "aa01");
    project.write(&name, &format!("{text}\n# a comment\n"));
    let shown = project.run(&["--url", &database.url(), "status"]).ok();
    assert!(!shown.contains("Edited"), "{shown}");
}

#[test]
fn missing_scripts_are_described_and_reverted_from_the_database() {
    let Some(server) = server() else { return };
    let (project, database) = applied(&server);
    let url = database.url();
    for id in ["bb02", "cc03"] {
        std::fs::remove_file(project.path(&format!("migrations/versions/{id}.py"))).expect("a script");
    }
    let shown = project.run(&["--url", &url, "status"]).ok();
    for words in [
        "Current:  cc03  (no script with this id is in the project)",
        "Applied:  3",
        "Pending:  not known",
        "cc03  step cc03\n            applied 20",
        "bb02  step bb02\n            applied 20",
        "from migrations/versions/bb02.py",
        "downgrade --from-journal aa01",
    ] {
        assert!(shown.contains(words), "{words:?} is not in:\n{shown}");
    }
    project.run(&["--url", &url, "downgrade", "-1"]).fails_with(&["E0402", "--from-journal"]);
    let ran = project.run(&["--url", &url, "downgrade", "--from-journal", "-1"]);
    assert!(
        ran.stderr
            .contains("Taken from the database: cc03 from migrations/versions/cc03.py, applied 20"),
        "{}",
        ran.stderr
    );
    assert!(ran.stderr.contains("[1/1] downgrade cc03 -> bb02  step cc03"), "{}", ran.stderr);
    ran.ok();
    assert_eq!(tables(&database), "alembic_version t_aa01 t_bb02");
    project.run(&["--url", &url, "downgrade", "--from-journal", "base"]).ok();
    assert_eq!(tables(&database), "alembic_version");
    assert_eq!(database.psql("SELECT count(*) FROM limbeck.script").expect("a count").trim(), "0");
}

#[test]
fn a_gap_in_the_middle_is_filled() {
    let Some(server) = server() else { return };
    let (project, database) = applied(&server);
    std::fs::remove_file(project.path("migrations/versions/bb02.py")).expect("a script");
    project.run(&["--url", &database.url(), "downgrade", "--from-journal", "aa01"]).ok();
    assert_eq!(tables(&database), "alembic_version t_aa01");
}

#[test]
fn what_nobody_remembers_cannot_be_reverted() {
    let Some(server) = server() else { return };
    let (project, database) = applied(&server);
    std::fs::remove_file(project.path("migrations/versions/cc03.py")).expect("a script");
    database
        .psql("UPDATE limbeck.script SET source = replace(source, 'cc03', 'dd04') WHERE revision = 'cc03'")
        .expect("an update");
    project
        .run(&["--url", &database.url(), "downgrade", "--from-journal", "bb02"])
        .fails_with(&["E0422", "says that it is `dd04`", "nothing was changed"]);
    database.psql("DELETE FROM limbeck.script").expect("a deletion");
    project.run(&["--url", &database.url(), "downgrade", "--from-journal", "bb02"]).fails_with(&[
        "E0421",
        "neither in this project nor remembered",
        "nothing was changed",
    ]);
    let shown = project.run(&["--url", &database.url(), "status"]).ok();
    assert!(shown.contains("does not remember these scripts either"), "{shown}");
    project
        .run(&["--url", &database.url(), "upgrade", "--from-journal", "head"])
        .fails_with(&["E0002", "downgrade"]);
}

#[test]
fn a_history_with_a_hole_is_said_to_have_one() {
    let Some(server) = server() else { return };
    let (project, database) = applied(&server);
    for id in ["bb02", "cc03"] {
        std::fs::remove_file(project.path(&format!("migrations/versions/{id}.py"))).expect("a script");
    }
    database.psql("DELETE FROM limbeck.script WHERE revision = 'bb02'").expect("a deletion");
    let shown = project.run(&["--url", &database.url(), "status"]).ok();
    assert!(shown.contains("What comes before, `bb02`, is neither here nor remembered"), "{shown}");
    assert!(!shown.contains("--from-journal"), "{shown}");
    project
        .run(&["--url", &database.url(), "downgrade", "--from-journal", "aa01"])
        .fails_with(&["E0421", "revision `bb02` is neither", "nothing was changed"]);
}

#[test]
fn a_remembered_script_that_fails_is_kept_as_a_file() {
    let Some(server) = server() else { return };
    let (project, database) = applied(&server);
    std::fs::remove_file(project.path("migrations/versions/cc03.py")).expect("a script");
    database.psql("DROP TABLE t_cc03").expect("a table");
    let shown = project.run(&["--url", &database.url(), "downgrade", "--from-journal", "bb02"]).fails_with(&[
        "E0412",
        "the database is at cc03",
        "0/cc03.py:14",
        "copy them into the project",
    ]);
    let path = shown.split_once("are kept in ").and_then(|(_, rest)| rest.split_once(':')).expect("a place").0;
    let kept = std::fs::read_to_string(std::path::Path::new(path).join("0/cc03.py")).expect("the text");
    assert!(kept.contains("op.drop_table('t_cc03')"), "{kept}");
    std::fs::remove_dir_all(path).expect("a directory of ours");
}

#[test]
fn tenants_of_one_database_do_not_share_their_records() {
    let Some(server) = server() else { return };
    let (project, database) = applied(&server);
    database.psql("CREATE SCHEMA tenant").expect("a schema");
    let url = database.url();
    let mark = if url.contains('?') { '&' } else { '?' };
    let tenant = format!("{url}{mark}options=-csearch_path%3Dtenant");
    project.run(&["--url", &tenant, "upgrade", "bb02"]).ok();
    let rows = "SELECT string_agg(version_table || ' ' || n, ', ' ORDER BY 1) FROM (SELECT version_table, count(*) n FROM limbeck.script GROUP BY 1) x";
    let records = || database.psql(rows).expect("rows").trim().to_owned();
    assert_eq!(records(), "public.alembic_version 3, tenant.alembic_version 2");
    project.run(&["--url", &tenant, "downgrade", "base"]).ok();
    assert_eq!(records(), "public.alembic_version 3");
}

#[test]
fn a_failed_revision_is_not_remembered() {
    let Some(server) = server() else { return };
    let (project, database) = applied(&server);
    project.revision(
        "dd04",
        Some("cc03"),
        "def upgrade():\n    op.execute('SELECT nonsense')\n\n\ndef downgrade():\n    op.execute('SELECT nonsense')",
    );
    project.run(&["--url", &database.url(), "upgrade", "head"]).fails_with(&["nonsense"]);
    let remembered = "SELECT string_agg(revision, ' ' ORDER BY revision) FROM limbeck.script";
    assert_eq!(database.psql(remembered).expect("rows").trim(), "aa01 bb02 cc03");
}

#[test]
fn without_a_journal_nothing_is_remembered_and_everything_works() {
    let Some(server) = server() else { return };
    let project = Project::sqlite();
    project.revision("aa01", None, "def upgrade():\n    pass\n\n\ndef downgrade():\n    pass");
    let database = server.create_database();
    project.run(&["--url", &database.url(), "upgrade", "--journal", "off", "head"]).ok();
    let shown = project.run(&["--url", &database.url(), "status"]).ok();
    assert!(shown.contains("Current:  aa01") && !shown.contains("Edited"), "{shown}");
    project.run(&["--url", &database.url(), "downgrade", "--journal", "off", "base"]).ok();
    let schemas = "SELECT count(*) FROM pg_namespace WHERE nspname = 'limbeck'";
    assert_eq!(database.psql(schemas).expect("a count").trim(), "0");
}
