//! Packages beside Alembic that change what autogenerate looks at, and comparisons of a project's own.

use crate::project::{Project, Ran, server};
use limbeck_test::Database;
use std::fs;

fn on(project: &Project, database: &Database<'_>, arguments: &[&str]) -> Ran {
    let url = database.url();
    let all: Vec<&str> = ["--url", &url].iter().chain(arguments).copied().collect();
    project.run(&all)
}

/// Env.py takes its metadata from models.py, after these lines.
fn project(lines: &str, models: &str) -> Project {
    let project = Project::sqlite();
    let env = fs::read_to_string(project.path("migrations/env.py")).expect("env.py");
    let here = format!(
        "import os, sys\nsys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))\nfrom models import metadata as target_metadata\n{lines}\n"
    );
    project.write("migrations/env.py", &env.replace("target_metadata = None", &here));
    project.write("models.py", &format!("import sqlalchemy as sa\n\nmetadata = sa.MetaData()\n\n{models}\n"));
    project
}

/// The text of the only revision whose name ends so.
fn revision(project: &Project, ending: &str) -> String {
    let folder = fs::read_dir(project.path("migrations/versions")).expect("the versions");
    let mut found = folder.flatten().filter(|entry| entry.file_name().to_string_lossy().ends_with(ending));
    fs::read_to_string(found.next().expect("a revision of that name").path()).expect("the revision")
}

const ACCOUNT: &str = r#"sa.Table("account", metadata, sa.Column("id", sa.Integer, primary_key=True), sa.Column("name", sa.String(50)))"#;

const ENTITIES: &str = r#"
from alembic_utils.pg_function import PGFunction
from alembic_utils.pg_trigger import PGTrigger
from alembic_utils.pg_view import PGView

entities = [
    PGView("public", "upper_names", "select id, shout(name) as loud from account_names;"),
    PGView("public", "account_names", "SELECT id, name FROM account"),
    PGFunction.from_sql("CREATE FUNCTION public.shout(t text, n int default 1) RETURNS text AS $$ SELECT upper(t) $$ LANGUAGE sql"),
    PGFunction("public", "stamp()", "RETURNS trigger AS $$ BEGIN NEW.name := upper(NEW.name); RETURN NEW; END $$ LANGUAGE plpgsql"),
    PGTrigger("public", "loud", "BEFORE INSERT ON public.account FOR EACH ROW EXECUTE FUNCTION public.stamp()", on_entity="public.account"),
]
"#;

const REGISTER: &str = "from alembic_utils.replaceable_entity import register_entities\nfrom entities import entities\nregister_entities(entities)";

#[test]
fn registered_entities_are_compared_written_and_undone() {
    let Some(server) = server() else { return };
    let database = server.create_database();
    let project = project(REGISTER, ACCOUNT);
    project.write("entities.py", ENTITIES);
    // Views need a table that is still to come, and one another.
    on(&project, &database, &["generate", "first", "--autogenerate"]).ok();
    let text = revision(&project, "_first.py");
    let place = |what: &str| text.find(what).unwrap_or_else(|| panic!("no {what} in\n{text}"));
    assert!(place("op.create_table('account'") < place("op.create_entity(public_account_names)"), "{text}");
    assert!(
        place("op.create_entity(public_account_names)") < place("op.create_entity(public_upper_names)"),
        "{text}"
    );
    assert!(
        place("from alembic_utils.pg_view import PGView\nfrom sqlalchemy import text as sql_text") < place("def upgrade"),
        "{text}"
    );
    on(&project, &database, &["upgrade", "head"]).ok();
    assert_eq!(on(&project, &database, &["check"]).ok(), "", "spaces, casts and semicolons are the server's");
    // Another definition below one that uses it, one that is new, one that nobody wants any more.
    let changed = ENTITIES
        .replace("SELECT id, name FROM account", "SELECT id, name FROM account WHERE id > 0")
        .replace(
            "    PGTrigger(",
            "    PGView(\"public\", \"third\", \"SELECT 1 AS one\"),\n]\n_ = [\n    PGTrigger(",
        );
    project.write("entities.py", &changed);
    let check = on(&project, &database, &["check"]);
    assert_eq!(check.code, Some(1), "{}", check.stderr);
    for sentence in [
        "View public.account_names differs from the one in the database",
        "View public.third is registered but not in the database",
        "Trigger loud of public.account exists in the database but is not registered",
    ] {
        assert!(check.stdout.contains(sentence), "{}", check.stdout);
    }
    assert!(!check.stdout.contains("upper_names") && !check.stdout.contains("shout"), "{}", check.stdout);
    on(&project, &database, &["generate", "second", "--autogenerate"]).ok();
    on(&project, &database, &["upgrade", "head"]).ok();
    assert_eq!(on(&project, &database, &["check"]).ok(), "");
    project.write("entities.py", ENTITIES);
    on(&project, &database, &["downgrade", "-1"]).ok();
    on(&project, &database, &["upgrade", "head"]).ok();
    on(&project, &database, &["downgrade", "base"]).ok();
}

#[test]
fn what_include_object_leaves_out_is_no_difference() {
    let Some(server) = server() else { return };
    let database = server.create_database();
    let project = project(REGISTER, ACCOUNT);
    project.write(
        "entities.py",
        "from alembic_utils.pg_view import PGView\nentities = [PGView('public', 'one', 'SELECT 1 AS n')]\n",
    );
    let env = fs::read_to_string(project.path("migrations/env.py")).expect("env.py");
    let filtered = env.replace(
        "target_metadata=target_metadata)",
        "target_metadata=target_metadata, include_object=lambda o, name, kind, reflected, other: not name.startswith('public.old'))",
    );
    project.write("migrations/env.py", &filtered);
    on(&project, &database, &["generate", "first", "--autogenerate"]).ok();
    on(&project, &database, &["upgrade", "head"]).ok();
    database.psql("CREATE VIEW old_one AS SELECT 1 AS n").expect("a view");
    assert_eq!(on(&project, &database, &["check"]).ok(), "");
    database.psql("CREATE VIEW other AS SELECT 1 AS n").expect("a view");
    let check = on(&project, &database, &["check"]);
    assert_eq!(
        check.stdout, "View public.other exists in the database but is not registered\n",
        "{}",
        check.stderr
    );
}

#[test]
fn enum_values_are_synchronised_in_both_directions() {
    let Some(server) = server() else { return };
    let database = server.create_database();
    let models = |values: &str| {
        format!(
            "sa.Table('job', metadata, sa.Column('id', sa.Integer, primary_key=True), \
             sa.Column('state', sa.Enum({values}, name='state'), server_default='new'), sa.Column('past', sa.ARRAY(sa.Enum({values}, name='state'))))"
        )
    };
    let project = project("import alembic_postgresql_enum", &models("'new', 'old'"));
    on(&project, &database, &["generate", "first", "--autogenerate"]).ok();
    let first = revision(&project, "_first.py");
    assert!(first.contains("sa.Enum('new', 'old', name='state').create(op.get_bind())"), "{first}");
    assert!(
        first.contains("postgresql.ENUM('new', 'old', name='state', create_type=False), server_default='new'"),
        "{first}"
    );
    on(&project, &database, &["upgrade", "head"]).ok();
    assert_eq!(on(&project, &database, &["check"]).ok(), "");
    database.psql("INSERT INTO job (past) VALUES (ARRAY['new']::state[])").expect("a row");
    let rewritten = |values: &str| {
        project.write(
            "models.py",
            &format!("import sqlalchemy as sa\n\nmetadata = sa.MetaData()\n\n{}\n", models(values)),
        )
    };
    rewritten("'new', 'done'");
    let check = on(&project, &database, &["check"]);
    assert_eq!(
        check.stdout, "Enum type state has the values new, old in the database but new, done in the model\n",
        "{}",
        check.stderr
    );
    on(&project, &database, &["generate", "second", "--autogenerate"]).ok();
    let second = revision(&project, "_second.py");
    assert!(second.contains("column_name='past', column_type=ColumnType.ARRAY)"), "{second}");
    assert!(second.contains("existing_server_default=\"'new'::state\""), "{second}");
    on(&project, &database, &["upgrade", "head"]).ok();
    assert_eq!(on(&project, &database, &["check"]).ok(), "");
    on(&project, &database, &["downgrade", "-1"]).ok();
    rewritten("'new', 'old'");
    let values = database.psql("SELECT enum_range(NULL::state), state, past FROM job").expect("the row");
    assert_eq!(values.trim(), "{new,old}|new|{new}");
}

#[test]
fn comparisons_of_the_project_itself_are_made() {
    let project = project(
        r#"
from alembic.autogenerate import comparators, renderers
from alembic.operations import MigrateOperation


class Note(MigrateOperation):
    def __init__(self, text):
        self.text = text

    def reverse(self):
        return Note("no " + self.text)

    def to_diff_tuple(self):
        return ("note", self.text)


@comparators.dispatch_for("schema")
def compare(autogen_context, upgrade_ops, schemas):
    count = autogen_context.connection.exec_driver_sql("SELECT count(*) FROM sqlite_master WHERE type = 'view'").scalar()
    if not count:
        upgrade_ops.ops.append(Note("a view"))


@renderers.dispatch_for(Note)
def render(autogen_context, op):
    autogen_context.imports.add("import datetime")
    return "op.execute(%r)" % ("CREATE VIEW v AS SELECT 1" if op.text == "a view" else "DROP VIEW v")
"#,
        ACCOUNT,
    );
    let check = project.run(&["check"]);
    assert!(check.stdout.ends_with("note a view\n"), "{}{}", check.stdout, check.stderr);
    project.run(&["generate", "first", "--autogenerate"]).ok();
    let text = revision(&project, "_first.py");
    assert!(
        text.contains("import datetime") && text.contains("op.execute('DROP VIEW v')\n    op.drop_table('account')"),
        "{text}"
    );
    project.run(&["upgrade", "head"]).ok();
    assert_eq!(project.run(&["check"]).ok(), "");
    project.run(&["downgrade", "base"]).ok();
}
