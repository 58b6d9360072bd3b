//! `generate --autogenerate` and `check`: models and database side by side.

use crate::project::Project;
use std::fs;

/// Env.py takes its metadata from models.py.
pub fn with_models(project: &Project, models: &str) {
    project.write("models.py", &format!("import sqlalchemy as sa\n\nmetadata = sa.MetaData()\n\n{models}\n"));
    let env = fs::read_to_string(project.path("migrations/env.py")).expect("env.py");
    let here =
        "import os, sys\nsys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))\nfrom models import metadata as target_metadata";
    project.write("migrations/env.py", &env.replace("target_metadata = None", here));
}

/// The text of the only revision whose name ends so.
pub fn revision(project: &Project, ending: &str) -> String {
    let folder = fs::read_dir(project.path("migrations/versions")).expect("the versions");
    let mut found = folder.flatten().filter(|entry| entry.file_name().to_string_lossy().ends_with(ending));
    let path = found.next().expect("a revision of that name").path();
    fs::read_to_string(path).expect("the revision")
}

const PERSON: &str = r#"sa.Table("person", metadata, sa.Column("id", sa.Integer, primary_key=True), sa.Column("name", sa.String(30), nullable=False))"#;

#[test]
fn from_models_to_a_database_and_back() {
    let project = Project::sqlite();
    with_models(&project, PERSON);
    let differs = project.run(&["check"]);
    assert_eq!(
        (differs.code, differs.stdout.as_str()),
        (Some(1), "Table person is in the metadata but does not exist\n")
    );
    project.run(&["generate", "first", "--autogenerate"]).ok();
    assert!(revision(&project, "_first.py").contains("sa.Column('name', sa.String(length=30), nullable=False)"));
    project.run(&["upgrade", "head"]).ok();
    assert_eq!(project.run(&["check"]).ok(), "");
    project.run(&["generate", "again", "--autogenerate"]).ok();
    let files = fs::read_dir(project.path("migrations/versions")).expect("the versions").flatten();
    assert_eq!(
        files.filter(|entry| entry.file_name().to_string_lossy().ends_with(".py")).count(),
        1,
        "nothing to do is no file"
    );
}

#[test]
fn models_are_read_again_when_a_module_that_they_import_changes() {
    let project = Project::sqlite();
    project.write("sizes.py", "LENGTH = 30\n");
    let models = PERSON.replace("sa.String(30)", "sa.String(sizes.LENGTH)");
    with_models(&project, &format!("import sizes\n{models}"));
    project.run(&["generate", "first", "--autogenerate"]).ok();
    project.run(&["upgrade", "head"]).ok();
    assert_eq!(project.run(&["check"]).ok(), "");
    assert_eq!(project.run(&["check"]).ok(), "", "the second answer comes from the cache");
    project.write("sizes.py", "LENGTH = 40\n");
    let check = project.run(&["check"]);
    assert_eq!(check.code, Some(1), "{}", check.stderr);
    assert!(check.stdout.contains("person.name"), "{}", check.stdout);
}

#[test]
fn what_is_lost_is_told_and_a_rename_keeps_it() {
    let project = Project::sqlite();
    with_models(&project, PERSON);
    project.run(&["generate", "first", "--autogenerate"]).ok();
    project.run(&["upgrade", "head"]).ok();
    project.query("INSERT INTO person (id, name) VALUES (1, 'ann') RETURNING id");
    with_models(&project, &PERSON.replace("\"name\"", "\"full_name\""));
    let check = project.run(&["check"]);
    assert_eq!(check.code, Some(1));
    assert!(
        check.stdout.contains("Column person.name exists in the database but not in the model"),
        "{}",
        check.stdout
    );
    let lossy = project.run(&["generate", "lossy", "--autogenerate"]);
    assert!(
        lossy.stderr.contains("column person.name is dropped with its values in 1 row") && lossy.stderr.contains("--rename person.name:full_name"),
        "{}",
        lossy.stderr
    );
    assert!(revision(&project, "_lossy.py").contains("# perhaps person.name was renamed to full_name"));
    for entry in fs::read_dir(project.path("migrations/versions")).expect("the versions").flatten() {
        if entry.file_name().to_string_lossy().ends_with("_lossy.py") {
            fs::remove_file(entry.path()).expect("the file goes");
        }
    }
    project.run(&["generate", "kept", "--autogenerate", "--rename", "person.name:full_name"]).ok();
    project.run(&["upgrade", "head"]).ok();
    assert_eq!(project.query("SELECT full_name FROM person"), ["ann"]);
    project.run(&["downgrade", "-1"]).ok();
    assert_eq!(project.query("SELECT name FROM person"), ["ann"]);
    project
        .run(&["generate", "wrong", "--autogenerate", "--rename", "person:"])
        .fails_with(&["is not a rename"]);
}

#[test]
fn models_that_cannot_be_loaded_stop_the_command() {
    let project = Project::sqlite();
    with_models(
        &project,
        "from nowhere_to_be_found import Base\nclass Pet(Base):\n    __tablename__ = 'pet'\n    id = sa.Column(sa.Integer, primary_key=True)\nmetadata = Base.metadata",
    );
    let stopped = project.run(&["generate", "first", "--autogenerate"]);
    assert_eq!(stopped.code, Some(2), "{}{}", stopped.stdout, stopped.stderr);
    assert!(
        stopped.stderr.contains("models.py") && stopped.stderr.contains("class Pet") && stopped.stderr.contains("E0330"),
        "{}",
        stopped.stderr
    );
}

#[test]
fn enum_types_come_change_and_go() {
    let server = match limbeck_test::Server::shared() {
        Ok(server) => server,
        Err(reason) => {
            eprintln!("skipped: {reason}");
            return;
        }
    };
    let database = server.create_database();
    let url = database.url();
    let project = Project::sqlite();
    let run = |arguments: &[&str]| {
        let mut all = vec!["--url", url.as_str()];
        all.extend(arguments);
        project.run(&all)
    };
    let pet = |values: &str| {
        format!("sa.Table(\"pet\", metadata, sa.Column(\"id\", sa.Integer, primary_key=True), sa.Column(\"kind\", sa.Enum({values}, name=\"kind\")))")
    };
    with_models(&project, &pet("\"cat\", \"dog\""));
    run(&["generate", "first", "--autogenerate"]).ok();
    run(&["upgrade", "head"]).ok();
    with_models(&project, "");
    project.write(
        "models.py",
        &format!(
            "import sqlalchemy as sa\n\nmetadata = sa.MetaData()\n\n{}\n",
            pet("\"ant\", \"cat\", \"cow\", \"dog\"")
        ),
    );
    run(&["generate", "second", "--autogenerate"]).ok();
    let text = revision(&project, "_second.py");
    assert!(
        text.contains("ALTER TYPE kind ADD VALUE 'ant' BEFORE 'cat'") && text.contains("ADD VALUE 'cow' AFTER 'cat'"),
        "{text}"
    );
    run(&["upgrade", "head"]).ok();
    run(&["check"]).ok();
    project.write("models.py", "import sqlalchemy as sa\n\nmetadata = sa.MetaData()\n");
    run(&["generate", "third", "--autogenerate"]).ok();
    run(&["upgrade", "head"]).ok();
    assert_eq!(database.psql("SELECT count(*) FROM pg_type WHERE typname = 'kind'").expect("psql").trim(), "0");
    run(&["downgrade", "base"]).ok();
    run(&["upgrade", "head"]).ok();
    run(&["check"]).ok();
}

#[test]
fn column_types_of_the_project_are_imported() {
    let project = Project::sqlite();
    project.write(
        "kinds.py",
        "import sqlalchemy as sa\n\nclass Shout(sa.types.TypeDecorator):\n    impl = sa.String\n    cache_ok = True\n",
    );
    let models = r#"from kinds import Shout
sa.Table("word", metadata, sa.Column("id", sa.Integer, primary_key=True), sa.Column("text", Shout(30)))"#;
    with_models(&project, models);
    project.run(&["generate", "first", "--autogenerate"]).ok();
    let text = revision(&project, "_first.py");
    assert!(text.contains("\nimport kinds\n") && text.contains("kinds.Shout(length=30)"), "{text}");
    project.run(&["upgrade", "head"]).ok();
    assert_eq!(project.run(&["check"]).ok(), "");
}
