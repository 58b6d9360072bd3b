//! The project's own Python reads the models as the engine does. Runs where `LIMBECK_TEST_PYTHON` names a Python with SQLAlchemy and Alembic; else it says
//! so and passes.

use limbeck_dialect::{Context, DialectName, Memo, compile};
use limbeck_ops::{CreateTable, Operation};
use limbeck_python::{MetadataData, WantedMetadata};
use limbeck_run::{LearnRequest, Wanted, wanted};
use limbeck_script::{ConfigRequest, Project};
use limbeck_source::{Diagnose, Diagnostic};
use std::fs;
use std::path::Path;
use std::sync::Arc;

const ENV: &str = "from alembic import context\nimport models\n%FUNCTION%\ncontext.configure(url='postgresql://h/d', target_metadata=models.metadata%OPTION%)\nwith context.begin_transaction():\n    context.run_migrations()\n";

fn interpreter() -> Option<String> {
    let found = std::env::var("LIMBECK_TEST_PYTHON").ok();
    if found.is_none() {
        eprintln!("LIMBECK_TEST_PYTHON names no Python: not run");
    }
    found
}

fn ask(models: &str, function: &str, option: &str, python: &str) -> Result<Wanted, Diagnostic> {
    let folder = tempfile::tempdir().expect("a directory");
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        fs::write(path, text).expect("a file");
    };
    write("models.py", models);
    write("migrations/env.py", &ENV.replace("%FUNCTION%", function).replace("%OPTION%", option));
    write("migrations/versions/.keep", "");
    let ini =
        format!("[alembic]\nscript_location = %(here)s/migrations\nprepend_sys_path = .\nsqlalchemy.url = postgresql://h/d\n[limbeck]\npython = {python}\n");
    write("alembic.ini", &ini);
    let project = Project::find(&ConfigRequest {
        cwd: folder.path().to_owned(),
        files: Vec::new(),
        environment: None,
        section: None,
        as_alembic: true,
    })
    .expect("a project");
    let environment = std::env::vars().filter(|(name, _)| name != "VIRTUAL_ENV").collect();
    let request = LearnRequest {
        project: &project,
        environment: &environment,
        url: None,
        x_args: &[],
        tag: None,
        offline: false,
        revision: None,
        starting_revision: None,
        use_cache: false,
        env_decides: true,
        skip_env: false,
    };
    wanted(&request, None, Arc::default(), Box::new(|_| {})).map_err(|error| error.diagnose())
}

fn ddl(metadata: &MetadataData) -> Vec<String> {
    let mut memo = Memo::default();
    let mut statements = Vec::new();
    for table in &metadata.tables {
        let operation = Operation::CreateTable(CreateTable {
            table: table.clone(),
            if_not_exists: false,
            check_first: false,
            naming_convention: Some(metadata.naming.clone()),
        });
        let mut made = Vec::new();
        let mut context = Context::offline(&metadata.naming, &mut memo);
        compile(DialectName::Postgresql, &operation, &mut context, &mut made).unwrap_or_else(|error| panic!("{:?}: {error:?}", table.name));
        statements.extend(made.into_iter().map(|statement| sorted_lines(&statement.sql)));
    }
    statements.sort();
    statements
}

/// A statement with its lines in order of their text: SQLAlchemy keeps constraints in a set.
fn sorted_lines(sql: &str) -> String {
    let mut lines: Vec<&str> = sql.lines().map(|line| line.trim().trim_end_matches(',')).collect();
    if let [_, middle @ .., _] = &mut lines[..] {
        middle.sort_unstable();
    }
    lines.join("\n")
}

fn read_by(models: &str, python: &str) -> WantedMetadata {
    match ask(models, "", "", python) {
        Ok(wanted) => wanted.models.metadata,
        Err(error) => panic!("{} {:?}", error.message, error.notes),
    }
}

fn refused(models: &str, function: &str, option: &str, python: &str) -> Diagnostic {
    match ask(models, function, option, python) {
        Ok(_) => panic!("not refused"),
        Err(error) => error,
    }
}

#[test]
fn both_readers_want_the_same_tables() {
    let Some(python) = interpreter() else { return };
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../limbeck-python/tests/metadata/models");
    for name in ["mapped", "mixins", "tables", "as_dataclasses"] {
        let models = fs::read_to_string(folder.join(format!("{name}.py"))).expect("models");
        let (ours, theirs) = (read_by(&models, "off"), read_by(&models, &python));
        for (ours, theirs) in ours.targets[0].metadata.iter().zip(&theirs.targets[0].metadata) {
            let (ours, theirs) = (ddl(ours), ddl(theirs));
            for (ours, theirs) in ours.iter().zip(&theirs) {
                assert_eq!(ours, theirs, "{name}");
            }
            assert_eq!(ours.len(), theirs.len(), "{name}");
        }
        assert_eq!(ours.targets[0].options, theirs.targets[0].options, "{name}");
    }
}

#[test]
fn its_errors_tell_the_place() {
    let Some(python) = interpreter() else { return };
    let error = refused("import nothing_of_the_kind\nmetadata = None\n", "", "", &python);
    assert!(error.message.contains("nothing_of_the_kind"), "{}", error.message);
    assert!(
        error
            .location
            .is_some_and(|location| location.path.ends_with("models.py") && location.line == 1)
    );
}

#[test]
fn functions_that_decide_are_not_left_out_silently() {
    let Some(python) = interpreter() else { return };
    let models = "import sqlalchemy as sa\nmetadata = sa.MetaData()\n";
    let error = refused(models, "def only(*args):\n    return True\n", ", include_object=only", &python);
    assert_eq!(error.code, "E0332");
    assert!(error.message.contains("include_object"));
}

#[test]
fn a_python_that_is_not_there() {
    let error = refused("metadata = None\n", "", "", "/nowhere/python");
    assert_eq!(error.code, "E0331");
    assert!(error.message.contains("/nowhere/python"), "{}", error.message);
}
