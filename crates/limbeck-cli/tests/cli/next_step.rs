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
}

#[test]
fn help_is_a_command_too() {
    let project = Project::sqlite();
    assert!(project.run(&["help", "restore"]).ok().contains("Usage: limbeck restore [OPTIONS] <FILE>"));
}
