//! Scripts and env.py in the words of Alembic and SQLAlchemy, through the built-in vocabulary.

use crate::support::{Notes, Project, run};
use limbeck_ops::Operation;
use limbeck_python::{Engine, EnvRequest, RunContext};

const SCRIPT: &str = r#""""users

Revision ID: ae10
Revises:
Create Date: 2024-01-01
"""
from typing import Sequence, Union

from alembic import op
import sqlalchemy as sa

revision: str = "ae10"
down_revision: Union[str, Sequence[str], None] = None


def upgrade() -> None:
    op.create_table(
        "users",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=50), server_default="x"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_users_name", "users", ["name"], unique=True)
    op.execute("UPDATE users SET name = 'y'")
    with op.batch_alter_table("users") as batch_op:
        batch_op.add_column(sa.Column("age", sa.Integer()))
    for row in op.get_bind().execute(sa.text("SELECT 1")):
        print(row)


def downgrade() -> None:
    op.drop_table("users")
"#;

#[test]
fn a_usual_script_arrives_as_operations() {
    let project = Project::new(&[("a.py", SCRIPT)]);
    let mut host = Notes::answering(&["x"], vec![limbeck_expr::Literal::Int(5)]);
    let context = RunContext {
        dialect: Some("sqlite".to_owned()),
        ..RunContext::default()
    };
    project
        .engine()
        .run_revision(
            &project.path("a.py"),
            limbeck_python::Direction::Upgrade,
            &serde_json::Map::new(),
            &context,
            &mut host,
        )
        .unwrap_or_else(|error| panic!("{error}\n{}", error.traceback_text()));
    let lines: Vec<u32> = host.operations.iter().map(|(_, at)| at.line).collect();
    assert!(matches!(host.operations[0].0, Operation::CreateTable(_)), "{:?}", host.operations[0]);
    assert!(matches!(host.operations[1].0, Operation::CreateIndex(_)));
    assert!(matches!(host.operations[2].0, Operation::Execute(_)));
    assert!(matches!(host.operations[3].0, Operation::Batch(_)));
    assert_eq!(lines[..3], [17, 23, 24]);
    assert_eq!(host.queries.len(), 1);
    assert_eq!(project.printed(), "(5,)\n");
}

const ENV: &str = r#"
import os
from logging.config import fileConfig

from sqlalchemy import engine_from_config
from sqlalchemy import pool

from alembic import context
from app.models import Base
import celery

config = context.config
if config.config_file_name is not None:
    fileConfig(config.config_file_name)
config.set_main_option("sqlalchemy.url", os.environ["DB"])
target_metadata = Base.metadata


def run_migrations_offline() -> None:
    context.configure(url=config.get_main_option("sqlalchemy.url"), target_metadata=target_metadata, literal_binds=True,
                      dialect_opts={"paramstyle": "named"})
    with context.begin_transaction():
        context.run_migrations()


def run_migrations_online() -> None:
    connectable = engine_from_config(config.get_section(config.config_ini_section, {}), prefix="sqlalchemy.", poolclass=pool.NullPool)
    with connectable.connect() as connection:
        context.configure(connection=connection, target_metadata=target_metadata, version_table="v", render_as_batch=True,
                          include_object=lambda *a: True)
        with context.begin_transaction():
            context.run_migrations()


if context.is_offline_mode():
    run_migrations_offline()
else:
    run_migrations_online()
"#;

fn env_project() -> (Project, Engine) {
    let project = Project::new(&[
        ("env.py", ENV),
        ("app/__init__.py", ""),
        (
            "app/models.py",
            "import sqlalchemy as sa\nfrom sqlalchemy.orm import declarative_base\n\
             Base = declarative_base(metadata=sa.MetaData(naming_convention={'ix': 'ix_%(column_0_label)s'}))\n\
             class User(Base):\n    __tablename__ = 'users'\n    id = sa.Column(sa.Integer, primary_key=True)\n",
        ),
    ]);
    let mut config = project.config();
    config
        .environment
        .insert("DB".to_owned(), "postgresql+psycopg2://u:p%40w@h/d".replace('%', "%%"));
    config.config.config_file_name = Some("alembic.ini".to_owned());
    config
        .config
        .sections
        .insert("alembic".to_owned(), [("sqlalchemy.url".to_owned(), "x://".to_owned())].into());
    let engine = Engine::start(config).expect("an engine");
    (project, engine)
}

#[test]
fn the_stock_environment_tells_url_and_options() {
    let (project, mut engine) = env_project();
    let request = EnvRequest {
        env_py: project.path("env.py"),
        ..EnvRequest::default()
    };
    let outcome = engine.evaluate_env(&request).expect("an outcome");
    if let Some(stopped) = &outcome.stopped {
        panic!("{stopped}\n{}", stopped.traceback_text());
    }
    assert_eq!(outcome.targets.len(), 1);
    let target = &outcome.targets[0];
    assert!(target.ran && target.has_metadata);
    assert_eq!(target.url.as_deref(), Some("postgresql+psycopg2://u:p%40w@h/d"));
    assert_eq!(target.dialect.as_deref(), Some("postgresql"));
    assert_eq!(target.options["version_table"], "v");
    assert_eq!(target.options["render_as_batch"], true);
    assert_eq!(target.callables, ["include_object"]);
    assert_eq!(target.naming_convention.as_ref().expect("names")["ix"], "ix_%(column_0_label)s");
    assert_eq!(outcome.log_config.as_deref(), Some("alembic.ini"));
    assert!(outcome.environment["DB"].is_some());
    assert_eq!(outcome.files.len(), 3, "{:?}", outcome.files);
    assert_eq!(outcome.deferred[0].module, "celery");

    let offline = EnvRequest { offline: true, ..request };
    let outcome = engine.evaluate_env(&offline).expect("an outcome");
    assert_eq!(outcome.stopped, None);
    assert_eq!(outcome.targets[0].options["literal_binds"], true);
    assert_eq!(outcome.targets[0].url.as_deref(), Some("postgresql+psycopg2://u:p%40w@h/d"));
}

#[test]
fn what_stops_env_py_is_told_with_its_place() {
    let project = Project::new(&[
        ("env.py", "from app import models\nif models.x.debug:\n    pass\n"),
        ("app/__init__.py", ""),
        ("app/models.py", "import flask\nx = flask.Flask(__name__)\n"),
    ]);
    let request = EnvRequest {
        env_py: project.path("env.py"),
        ..EnvRequest::default()
    };
    let outcome = project.engine().evaluate_env(&request).expect("an outcome");
    let stopped = outcome.stopped.expect("a reason");
    let missing = stopped.missing.expect("a package");
    assert_eq!((missing.module.as_str(), missing.line), ("flask.Flask", 1));
    assert!(missing.file.ends_with("app/models.py"));
    let chain: Vec<u32> = stopped.traceback.iter().map(|frame| frame.line).collect();
    assert_eq!(chain, [2]);
}

#[test]
fn a_refusal_is_the_exception_of_sqlalchemy() {
    let project = Project::new(&[(
        "a.py",
        "from alembic import op\nimport sqlalchemy as sa\nfrom sqlalchemy.exc import IntegrityError\ndef upgrade():\n    try:\n        op.execute('x')\n    except IntegrityError as error:\n        print(type(error).__name__, error.orig)\n    op.get_bind().execute(sa.text('y'))\n",
    )]);
    let mut host = Notes::failing(limbeck_ops::DatabaseErrorKind::IntegrityError, "duplicate key");
    let error = run(&project, &mut project.engine(), "a.py", &mut host).expect_err("an error");
    assert_eq!(error.exception, "sqlalchemy.exc.IntegrityError");
    assert_eq!(error.host_error.expect("kept").message, "duplicate key");
    assert_eq!(error.place.expect("a place").line, 9);
    assert_eq!(project.printed(), "IntegrityError duplicate key\n");
}
