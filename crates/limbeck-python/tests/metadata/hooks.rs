//! Functions of env.py, asked with objects.

use crate::support::{Project, wanted};
use limbeck_ops::{AddColumn, CreateIndex, DropTable, Operation};
use limbeck_python::{DirectiveStep, Directives, Engine, HookAnswer, HookCall, Item, ObjectRef, Side, Switch, WantedMetadata};
use limbeck_schema::{Column, ColumnType, Constraint, ConstraintName, Expr, Ident, Index, KeyConstraint, Table, TableName};
use std::collections::BTreeMap;

const MODELS: &str = r#"
import sqlalchemy as sa
metadata = sa.MetaData(naming_convention={"ix": "ix_%(column_0_label)s", "uq": "uq_%(table_name)s_%(column_0_name)s"})
users = sa.Table(
    "users", metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("name", sa.String(20), unique=True, index=True),
    sa.Column("mail", sa.String(20), unique=True),
    info={"skip": True},
)
"#;

fn asked(before: &str, options: &str) -> (Project, Engine, WantedMetadata) {
    let project = Project::new(MODELS);
    project.env("postgresql://u@h/d", before, options);
    let mut engine = project.engine();
    let wanted = engine
        .target_metadata(&project.request())
        .unwrap_or_else(|error| panic!("{error}\n{}", error.traceback_text()));
    let mut users = Table::new(TableName::new("users"));
    users.columns = vec![
        Column::new("id", ColumnType::SqlInteger),
        Column::new("name", ColumnType::SqlText { length: None, collation: None }),
    ];
    users.constraints = vec![Constraint::PrimaryKey(KeyConstraint {
        name: ConstraintName::Final(Ident::new("users_pkey")),
        columns: vec![Ident::new("id")],
        ..KeyConstraint::default()
    })];
    users.indexes = vec![Index {
        name: ConstraintName::Final(Ident::new("ix_users_name")),
        table: TableName::new("users"),
        elements: vec![column("name")],
        unique: false,
        options: Default::default(),
    }];
    engine
        .reflected(0, &[users])
        .unwrap_or_else(|error| panic!("{error}\n{}", error.traceback_text()));
    (project, engine, wanted)
}

fn column(name: &str) -> Expr {
    Expr::Column {
        table: None,
        name: Ident::new(name),
    }
}

fn object(side: Side, item: Item) -> ObjectRef {
    ObjectRef {
        side,
        table: TableName::new("users"),
        item,
    }
}

fn answers(engine: &mut Engine, calls: &[HookCall]) -> Vec<HookAnswer> {
    engine
        .call_hooks(0, calls)
        .unwrap_or_else(|error| panic!("{error}\n{}", error.traceback_text()))
}

#[test]
fn include_object_sees_both_sides() {
    let function = r#"
def include_object(object, name, type_, reflected, compare_to):
    if type_ == "table":
        return not object.info.get("skip")
    if type_ == "index":
        assert object.name == name == "ix_users_name", object.name
        assert object.table.name == "users" and [c.name for c in object.columns] == ["name"]
        return compare_to is not None
    if type_ == "unique_constraint":
        return object.name == "uq_users_mail"
    assert type_ == "column" and object.table.name == "users" and object.name == name
    return isinstance(object.type, models.sa.TEXT) == reflected
"#;
    let (_project, mut engine, wanted) = asked(function, "include_object=include_object");
    assert!(wanted.targets[0].options.include_object && wanted.targets[0].options.has_hooks());
    let call = |side, item: Item, name: &str, type_: &str, compare_to| HookCall::Object {
        object: object(side, item),
        name: Some(name.to_owned()),
        type_: type_.to_owned(),
        reflected: side == Side::Database,
        compare_to,
    };
    let index = || Item::Index("ix_users_name".to_owned());
    let unique = Item::Constraint {
        name: Some("uq_users_mail".to_owned()),
        columns: vec!["mail".to_owned()],
    };
    let calls = [
        call(Side::Models, Item::Table, "users", "table", None),
        call(Side::Database, Item::Table, "users", "table", None),
        call(Side::Models, index(), "ix_users_name", "index", None),
        call(Side::Database, index(), "ix_users_name", "index", Some(object(Side::Models, index()))),
        call(Side::Models, unique, "uq_users_mail", "unique_constraint", None),
        call(Side::Database, Item::Column("name".to_owned()), "name", "column", None),
        call(Side::Models, Item::Column("name".to_owned()), "name", "column", None),
    ];
    let expected = [false, true, false, true, true, true, true].map(HookAnswer::Bool);
    assert_eq!(answers(&mut engine, &calls), expected);
}

#[test]
fn names_types_and_defaults() {
    let functions = r#"
def include_name(name, type_, parent_names):
    return name is not None and parent_names["schema_name"] is None

def compare_type(context, inspected_column, metadata_column, inspected_type, metadata_type):
    assert context.dialect.name == "postgresql"
    return None if metadata_column.name == "id" else inspected_type.length != metadata_type.length

def render_item(type_, obj, autogen_context):
    if type_ == "type" and isinstance(obj, models.sa.String):
        autogen_context.imports.add("import mine")
        return "mine.Text(%d)" % obj.length
    return False
"#;
    let (_project, mut engine, wanted) = asked(functions, "include_name=include_name, compare_type=compare_type, render_item=render_item");
    assert_eq!(wanted.targets[0].options.compare_type, Switch::Function);
    let spelt: Vec<(&str, &str)> = wanted.targets[0]
        .spellings
        .iter()
        .map(|spelt| (spelt.column.as_str(), spelt.text.as_str()))
        .collect();
    assert_eq!(spelt, [("id", "sa.Integer()"), ("name", "mine.Text(20)"), ("mail", "mine.Text(20)")]);
    assert_eq!(wanted.targets[0].spellings[1].imports, ["import mine"]);
    let parents = BTreeMap::from([("schema_name".to_owned(), None)]);
    let name = |name: Option<&str>| HookCall::Name {
        name: name.map(str::to_owned),
        type_: "schema".to_owned(),
        parent_names: parents.clone(),
    };
    let differs = |column: &str| HookCall::CompareType {
        table: TableName::new("users"),
        column: column.to_owned(),
    };
    let render = HookCall::RenderItem {
        type_: "column".to_owned(),
        object: object(Side::Models, Item::Column("name".to_owned())),
    };
    let expected = [
        HookAnswer::Bool(false),
        HookAnswer::Bool(true),
        HookAnswer::None,
        HookAnswer::Bool(true),
        HookAnswer::None,
    ];
    assert_eq!(
        answers(&mut engine, &[name(None), name(Some("app")), differs("id"), differs("name"), render]),
        expected
    );
}

#[test]
fn a_function_that_raises_tells_where() {
    let (_project, mut engine, _) = asked("def include_object(*args):\n    return args[9]\n", "include_object=include_object");
    let error = engine
        .call_hooks(
            0,
            &[HookCall::Object {
                object: object(Side::Models, Item::Table),
                name: Some("users".to_owned()),
                type_: "table".to_owned(),
                reflected: false,
                compare_to: None,
            }],
        )
        .expect_err("an IndexError");
    assert_eq!(error.exception, "IndexError");
    assert!(error.place.is_some_and(|place| place.path.ends_with("env.py") && place.line == 6));
}

fn directives() -> Directives {
    let index = Operation::CreateIndex(CreateIndex {
        index: Index {
            name: ConstraintName::Final(Ident::new("ix_users_name")),
            table: TableName::new("users"),
            elements: vec![column("name")],
            unique: false,
            options: Default::default(),
        },
        if_not_exists: false,
    });
    let column = Operation::AddColumn(AddColumn {
        table: TableName::new("users"),
        column: Column::new("mail", ColumnType::SqlText { length: None, collation: None }),
        if_not_exists: false,
        inline_primary_key: false,
        inline_references: false,
    });
    let drop = Operation::DropTable(DropTable {
        table: TableName::new("old"),
        if_exists: false,
        check_first: false,
        columns: Vec::new(),
        options: Default::default(),
    });
    Directives {
        message: Some("auto".to_owned()),
        rev_id: Some("r1".to_owned()),
        upgrade: vec![
            DirectiveStep::Operation { id: 0, operation: drop },
            DirectiveStep::Table {
                table: TableName::new("users"),
                steps: vec![
                    DirectiveStep::Operation { id: 1, operation: column },
                    DirectiveStep::Operation { id: 2, operation: index },
                ],
            },
        ],
        ..Directives::default()
    }
}

fn processed(before: &str) -> Vec<Directives> {
    let (_project, mut engine, _) = asked(before, "process_revision_directives=process");
    engine
        .process_directives(0, &directives(), &["base1".to_owned()], None)
        .unwrap_or_else(|error| panic!("{error}\n{}", error.traceback_text()))
}

#[test]
fn a_revision_may_be_renamed_or_dropped() {
    let left = processed(
        "def process(context, revision, directives):\n    assert revision == ('base1',)\n    directives[0].message = 'mine'\n    directives[0].rev_id = '0001'\n",
    );
    assert_eq!((left[0].message.as_deref(), left[0].rev_id.as_deref()), (Some("mine"), Some("0001")));
    let DirectiveStep::Table { steps, .. } = &left[0].upgrade[1] else {
        panic!("{:?}", left[0].upgrade)
    };
    assert_eq!(left[0].upgrade[0], DirectiveStep::Kept(0));
    assert_eq!(steps, &[DirectiveStep::Kept(1), DirectiveStep::Kept(2)]);
    let left = processed("def process(context, revision, directives):\n    if not directives[0].downgrade_ops.ops:\n        directives[:] = []\n");
    assert!(left.is_empty());
}

#[test]
fn a_rewriter_drops_changes_and_adds() {
    let left = processed(
        r#"
from alembic.autogenerate import rewriter
from alembic.operations import ops
process = rewriter.Rewriter()

@process.rewrites(ops.DropTableOp)
def keep(context, revision, op):
    return []

@process.rewrites(ops.CreateIndexOp)
def concurrently(context, revision, op):
    op.kw["postgresql_concurrently"] = True
    return op

@process.rewrites(ops.AddColumnOp)
def nullable_first(context, revision, op):
    assert isinstance(op.column.type, models.sa.String) and op.table_name == "users"
    return [op, ops.AlterColumnOp(op.table_name, op.column.name, modify_nullable=False, existing_type=op.column.type)]
"#,
    );
    let [DirectiveStep::Table { steps, .. }] = &left[0].upgrade[..] else {
        panic!("{:?}", left[0].upgrade)
    };
    assert_eq!(steps[0], DirectiveStep::Kept(1));
    assert!(
        matches!(&steps[1], DirectiveStep::Added(Operation::AlterColumn(alter)) if alter.nullable == Some(false)),
        "{steps:?}"
    );
    assert!(
        matches!(&steps[2], DirectiveStep::Changed { operation: Operation::CreateIndex(create), .. } if create.index.options.contains_key("postgresql_concurrently")),
        "{steps:?}"
    );
}

#[test]
fn several_databases_have_targets_of_their_own() {
    let project = Project::new(MODELS);
    project.write(
        "env.py",
        "from alembic import context\nimport models\nfor name in ('sqlite', 'postgresql'):\n    context.configure(url=name + '://', target_metadata=models.metadata, upgrade_token=name + '_upgrades', compare_server_default=True)\n    context.run_migrations(engine_name=name)\n",
    );
    let wanted = wanted(&project);
    let tokens: Vec<&str> = wanted.targets.iter().map(|target| target.options.upgrade_token.as_str()).collect();
    assert_eq!(tokens, ["sqlite_upgrades", "postgresql_upgrades"]);
    assert_eq!(wanted.targets[0].dialect.as_deref(), Some("sqlite"));
    assert_eq!(wanted.targets[1].options.compare_server_default, Switch::On);
}
