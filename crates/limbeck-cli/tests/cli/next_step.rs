//! What a message tells to type next fits the call that it answers: the same project, the same database, and no part of a password.

use crate::project::Project;

const PASS: &str = "def upgrade():\n    pass\n\n\ndef downgrade():\n    pass";

fn table(name: &str) -> String {
    format!("def upgrade():\n    op.create_table('{name}', sa.Column('id', sa.Integer(), primary_key=True))\n\n\ndef downgrade():\n    op.drop_table('{name}')")
}

#[test]
fn a_command_to_type_next_is_about_the_same_project_and_database() {
    let project = Project::sqlite();
    project.revision("aa01", None, PASS);
    let elsewhere = format!("sqlite:///{}", project.path("over here.db").display());
    let said = project.run(&["-c", "alembic.ini", "-n", "alembic", "--url", &elsewhere, "gate"]);
    assert_eq!(said.code, Some(1), "{}", said.stderr);
    let next = format!("`limbeck -c alembic.ini -n alembic --url '{elsewhere}' upgrade heads`");
    assert!(said.stderr.contains(&next), "{next}: {}", said.stderr);
    let said = project.run(&["gate"]).stderr;
    assert!(said.contains("`limbeck upgrade heads`"), "{said}");
}

#[test]
fn no_part_of_a_password_is_shown() {
    let project = Project::sqlite();
    project.revision("aa01", None, PASS);
    for url in ["postgresql://u:very@secret@127.0.0.1:1/d", "postgresql://u:very@sec/ret@127.0.0.1:1/d"] {
        let said = project.run(&["--url", url, "status"]).fails_with(&["E0601", "more than one `@`", "%40"]);
        assert!(!said.contains("sec"), "{said}");
    }
    let said = project.run(&["--url", "postgresql://u:geheim@127.0.0.1:1/d?password=geheim", "doctor"]);
    assert!(
        !said.stdout.contains("geheim") && !said.stderr.contains("geheim"),
        "{}{}",
        said.stdout,
        said.stderr
    );
}

#[test]
fn what_is_there_already_leads_to_drift() {
    let project = Project::sqlite();
    project.revision("aa01", None, &table("t"));
    project.sql("CREATE TABLE t (id INTEGER PRIMARY KEY NOT NULL)");
    project.run(&["upgrade", "head"]).fails_with(&[
        "already exists (SQLITE_ERROR)",
        "`drift`",
        "`stamp --verify REVISION`",
        "then run `upgrade` again",
    ]);
}

#[test]
fn a_long_statement_does_not_fill_the_screen() {
    let project = Project::sqlite();
    let code = "def upgrade():\n    op.execute('INSERT INTO nowhere VALUES ' + ', '.join('(%d)' % n for n in range(20000)))\n\n\ndef downgrade():\n    pass";
    project.revision("aa01", None, code);
    let said = project.run(&["upgrade", "head"]).fails_with(&["no such table: nowhere", "characters more)"]);
    assert!(said.len() < 1500, "{} bytes", said.len());
}

#[test]
fn a_script_that_asks_the_database_is_told_so_when_only_its_sql_is_wanted() {
    let project = Project::sqlite();
    let code = "def upgrade():\n    for row in op.get_bind().execute(sa.text('SELECT 1')):\n        pass\n\n\ndef downgrade():\n    pass";
    project.revision("aa01", None, code);
    project
        .run(&["upgrade", "head", "--sql"])
        .fails_with(&["`--sql` has no database to ask", "context.is_offline_mode()"]);
}

#[test]
fn merging_one_head_writes_nothing() {
    let project = Project::sqlite();
    project.revision("aa01", None, PASS);
    let said = project.run(&["merge", "heads", "-m", "merge"]);
    assert_eq!(
        (said.code, said.stderr.as_str()),
        (Some(0), "Nothing to merge: the history has one head, aa01. No file was written.\n")
    );
    assert_eq!(std::fs::read_dir(project.path("migrations/versions")).expect("the folder").count(), 1);
}

#[test]
fn a_wrong_file_or_section_is_named_with_what_there_is() {
    let project = Project::sqlite();
    project
        .run(&["-c", "nofile.ini", "status"])
        .fails_with(&["cannot read nofile.ini: No such file or directory\n", "relative one"]);
    project.run(&["-c", ".", "status"]).fails_with(&["name the file"]);
    project.run(&["-n", "other", "status"]).fails_with(&["no section [other]", "[alembic]"]);
}

#[test]
fn a_misspelt_key_of_the_configuration_is_told() {
    let project = Project::sqlite();
    project.revision("aa01", None, PASS);
    project.write("limbeck.toml", "backup_befor = \"always\"\nsomething_new = 1\n");
    let said = project.run(&["upgrade", "head"]);
    assert!(
        said.stderr.contains("warning[E0956]: nothing reads the key `backup_befor`") && said.stderr.contains("`backup_before`"),
        "{}",
        said.stderr
    );
    assert!(!said.stderr.contains("something_new"), "{}", said.stderr);
    assert_eq!(said.code, Some(0), "{}", said.stderr);
    let said = project.run(&["doctor", "--only", "configuration"]);
    assert!(said.stdout.contains("backup_befor"), "{}", said.stdout);
}

#[test]
fn a_project_that_was_made_without_env_py_lacks_nothing() {
    let place = tempfile::tempdir().expect("a temporary directory");
    let project = Project::sqlite();
    let run = |arguments: &[&str]| project.run_in(place.path(), arguments, &[("DATABASE_URL", "sqlite:///app.db")]);
    run(&["init", "-t", "limbeck", "migrations"]).ok();
    let said = run(&["doctor"]);
    assert_eq!(said.code, Some(0), "{}{}", said.stdout, said.stderr);
}

#[test]
fn checks_go_by_the_titles_that_doctor_shows() {
    let project = Project::sqlite();
    project.revision("aa01", None, PASS);
    let said = project.run(&["doctor", "--only", "multiple heads,health log"]);
    assert_eq!(said.stdout.lines().filter(|line| line.starts_with("ok")).count(), 2, "{}", said.stdout);
    assert!(project.run(&["explain", "pooler"]).ok().starts_with("transaction-pooler: pooler"));
}

#[test]
fn help_is_a_command_too() {
    let project = Project::sqlite();
    assert!(project.run(&["help", "restore"]).ok().contains("Usage: limbeck restore [OPTIONS] <FILE>"));
}

#[test]
fn looking_at_a_file_that_is_not_there_does_not_make_it() {
    let project = Project::sqlite();
    project.revision("aa01", None, PASS);
    for command in ["status", "current", "locks", "health", "history", "report", "doctor", "gate"] {
        let said = project.run(&[command]);
        assert!(!project.path("app.db").exists(), "{command} made it: {}", said.stderr);
    }
    let said = project.run(&["status"]);
    assert!(
        said.stderr.contains("app.db is not there yet; `limbeck upgrade head` makes it"),
        "{}",
        said.stderr
    );
    assert!(said.stdout.contains("Current:  base"), "{}", said.stdout);
    assert_eq!(said.code, Some(0));
}

#[test]
fn an_option_without_effect_is_refused() {
    let project = Project::sqlite();
    project.revision("aa01", None, PASS);
    project
        .run(&["stamp", "--initial", "x.sql", "head"])
        .fails_with(&["E0403", "nothing was stamped", "`--verify`"]);
}

#[test]
fn a_backup_that_is_not_there_or_has_no_folder_is_told_so() {
    let project = Project::sqlite();
    project.revision("aa01", None, PASS);
    project.run(&["upgrade", "head"]).ok();
    project.run(&["restore", "nofile.sql"]).fails_with(&["E0912", "`backup list`"]);
    project
        .run(&["backup", "-o", "no/where/x.db"])
        .fails_with(&["E0912", "there is no folder", "mkdir -p"]);
}

#[test]
fn programs_read_how_a_run_ended() {
    let project = Project::sqlite();
    project.revision("aa01", None, PASS);
    let said = project.run(&["--log-format", "json", "upgrade", "head"]).stderr;
    let events = said.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).expect("JSON"));
    let finished: Vec<_> = events.filter(|event| event["event"] == "finished").collect();
    assert_eq!(finished.len(), 1, "{said}");
    assert_eq!(
        (&finished[0]["steps"], &finished[0]["current"]),
        (&1.into(), &serde_json::json!(["aa01"])),
        "{said}"
    );
}

#[test]
fn with_several_heads_a_new_revision_is_told_how_to_choose() {
    let project = Project::sqlite();
    project.revision("aa01", None, PASS);
    project.revision("bb02", Some("aa01"), PASS);
    project.revision("cc03", Some("aa01"), PASS);
    let said = project
        .run(&["generate", "more"])
        .fails_with(&["E0203", "`merge -m \"merge heads\" bb02 cc03`", "`--head bb02`"]);
    assert!(!said.contains("go to `heads`"), "{said}");
    project.run(&["generate", "more", "--head", "bb02"]).ok();
}

#[test]
fn a_slip_on_the_command_line_is_no_bad_run() {
    let project = Project::sqlite();
    project.revision("aa01", None, PASS);
    project.run(&["upgrade", "head"]).ok();
    project.run(&["upgrade", "nonsense"]).fails_with(&["E0201"]);
    let health = project.run(&["health"]);
    assert_eq!(health.code, Some(0), "{}", health.stdout);
    assert_eq!(project.run(&["doctor", "--only", "half-done-revision"]).code, Some(0));
    assert!(project.run(&["log", "--failed"]).ok().contains("E0201"));
}

#[test]
fn two_files_with_one_id_are_not_to_be_merged() {
    let project = Project::sqlite();
    project.revision("aa01", None, PASS);
    std::fs::copy(project.path("migrations/versions/aa01.py"), project.path("migrations/versions/copy.py")).expect("a copy");
    let said = project.run(&["upgrade", "head"]).fails_with(&["E0207", "more than once", "delete the copy"]);
    assert!(!said.contains("merge"), "{said}");
    assert!(!project.run(&["status"]).ok().contains("merge"));
}

#[test]
fn conflict_markers_are_called_so() {
    let project = Project::sqlite();
    project.write("migrations/versions/aa01.py", "<<<<<<< HEAD\nrevision = 'aa01'\n");
    project.run(&["upgrade", "head"]).fails_with(&["E0303", "conflict markers of a merge"]);
}

#[test]
fn a_database_of_newer_code_is_not_told_to_upgrade() {
    let project = Project::sqlite();
    project.revision("aa01", None, PASS);
    project.run(&["upgrade", "head"]).ok();
    project.sql("UPDATE alembic_version SET version_num = 'zz99'");
    project.run(&["check"]).fails_with(&["E0402", "`zz99`", "whose script is not in this project"]);
}
