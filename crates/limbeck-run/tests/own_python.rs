//! The project's own Python reads the models as the engine does. Runs where `LIMBECK_TEST_PYTHON` names a Python with SQLAlchemy and Alembic; else it says
//! so and passes.

use limbeck_dialect::{Context, DialectName, Memo, compile};
use limbeck_ops::{CreateTable, DropTable, Operation};
use limbeck_python::{DirectiveStep, Directives, HookAnswer, HookCall, Item, MetadataData, ObjectRef, Side, WantedMetadata};
use limbeck_run::{LearnRequest, Wanted, wanted};
use limbeck_schema::{Column, ColumnType, ServerDefault, Table, TableName};
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
        autogenerate: false,
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

const FUNCTIONS: &str = "\
def include_object(object, name, type_, reflected, compare_to):
    return type_ != 'index' or object.table.name == 'b' and [column.name for column in object.columns] == ['n'] and compare_to is not None and compare_to.name == 'b'
def compare_type(context, inspected, wanted, inspected_type, wanted_type):
    return None if wanted.name == 'id' else type(inspected_type).__name__ == 'VARCHAR' and inspected_type.length == 5 and wanted_type.length == 9
def compare_server_default(context, inspected, wanted, inspected_default, default, rendered):
    return inspected_default == \"'x'\" and default is None and inspected.table.schema is None
def process(context, revision, directives):
    script = directives[0]
    script.message = '%s after %s' % (script.message, revision)
    first, table = script.upgrade_ops.ops
    first.columns.reverse()
    script.upgrade_ops.ops.pop()
    script.downgrade_ops.ops.reverse()
";

/// Whoever evaluates env.py, its functions see the same objects and answer alike.
#[test]
fn both_ask_the_same_functions() {
    let Some(python) = interpreter() else { return };
    let models = "import sqlalchemy as sa\nmetadata = sa.MetaData()\n\
        sa.Table('b', metadata, sa.Column('id', sa.Integer, primary_key=True), sa.Column('n', sa.String(9), index=True))\n\
        sa.Table('c', metadata, sa.Column('id', sa.Integer, primary_key=True), sa.Column('text', sa.Text))\n";
    let options =
        ", include_object=include_object, compare_type=compare_type, compare_server_default=compare_server_default, process_revision_directives=process";
    let column = |name: &str, type_: ColumnType| Column::new(name, type_);
    let mut old = Table::new(TableName::new("b"));
    let varchar = ColumnType::SqlVarchar {
        length: Some(5),
        collation: None,
    };
    old.columns = vec![column("id", ColumnType::SqlInteger), column("n", varchar)];
    old.columns[1].server_default = Some(ServerDefault::Reflected("'x'".into()));
    let object = |side, item| ObjectRef {
        side,
        table: TableName::new("b"),
        item,
    };
    let asked = |name: &str, compare_to| HookCall::Object {
        object: object(Side::Models, Item::Index(name.into())),
        name: Some(name.into()),
        type_: "index".into(),
        reflected: false,
        compare_to,
    };
    let calls = [
        asked("ix_b_n", None),
        asked("ix_b_n", Some(object(Side::Database, Item::Table))),
        HookCall::CompareType {
            table: TableName::new("b"),
            column: "id".into(),
        },
        HookCall::CompareType {
            table: TableName::new("b"),
            column: "n".into(),
        },
        HookCall::CompareServerDefault {
            table: TableName::new("b"),
            column: "n".into(),
            inspected_default: Some("'x'".into()),
            rendered_metadata_default: None,
        },
    ];
    let mut seen = Vec::new();
    for python in ["off", python.as_str()] {
        let mut wanted = ask(models, FUNCTIONS, options, python).unwrap_or_else(|error| panic!("{} {:?}", error.message, error.notes));
        let tables = wanted.models.metadata.targets[0].metadata[0].tables.clone();
        let functions = &mut wanted.functions;
        functions.reflected(0, std::slice::from_ref(&old)).expect(python);
        let answers = functions.call_hooks(0, &calls).expect(python);
        let operation = |id, operation| DirectiveStep::Operation { id, operation };
        let drop = |name: &str| {
            Operation::DropTable(DropTable {
                table: TableName::new(name),
                if_exists: false,
                check_first: false,
                columns: Vec::new(),
                options: Default::default(),
            })
        };
        let create = |table: &Table| {
            Operation::CreateTable(CreateTable {
                table: table.clone(),
                if_not_exists: false,
                check_first: false,
                naming_convention: None,
            })
        };
        let table = |name: &str| tables.iter().find(|table| table.name.name.as_str() == name).expect("a table");
        let directives = Directives {
            message: Some("more".into()),
            rev_id: Some("1".into()),
            upgrade: vec![operation(0, create(table("c"))), operation(1, create(table("b")))],
            downgrade: vec![operation(2, drop("b")), operation(3, drop("c"))],
            ..Directives::default()
        };
        let mut left = functions.process_directives(0, &directives, &["0".to_owned()], None).expect(python);
        let left = left.pop().expect("a revision");
        let [DirectiveStep::Added(Operation::CreateTable(created))] = left.upgrade.as_slice() else {
            panic!("{python}: {:?}", left.upgrade)
        };
        let columns: Vec<String> = created.table.columns.iter().map(|column| column.name.text.clone()).collect();
        seen.push((answers, left.message, columns, left.downgrade));
    }
    assert_eq!(seen[0], seen[1]);
    let (answers, message, columns, downgrade) = &seen[0];
    assert_eq!(answers[..2], [false, true].map(HookAnswer::Bool));
    assert_eq!(answers[2..], [HookAnswer::None, HookAnswer::Bool(true), HookAnswer::Bool(true)]);
    assert_eq!(message.as_deref(), Some("more after ('0',)"));
    assert_eq!(columns, &["text", "id"]);
    assert_eq!(downgrade, &[DirectiveStep::Kept(3), DirectiveStep::Kept(2)]);
}

#[test]
fn a_python_that_is_not_there() {
    let error = refused("metadata = None\n", "", "", "/nowhere/python");
    assert_eq!(error.code, "E0331");
    assert!(error.message.contains("/nowhere/python"), "{}", error.message);
}
