//! What stops: parts of the models that cannot be had must never look like tables that nobody wants.

use crate::support::{Project, wanted};
use limbeck_python::{ScriptError, ScriptErrorKind};
use limbeck_source::Diagnose;

fn refused(models: &str) -> ScriptError {
    match Project::new(models).wanted() {
        Ok(wanted) => panic!("not refused: {:?}", wanted.passed),
        Err(error) => error,
    }
}

const BASE: &str = "import sqlalchemy as sa\nfrom sqlalchemy.orm import DeclarativeBase\nmetadata = sa.MetaData()\n";

#[test]
fn a_mapped_class_over_a_missing_package() {
    let error = refused(&format!(
        "{BASE}from foreign.login import UserMixin\nclass Base(DeclarativeBase):\n    metadata = metadata\nclass User(UserMixin, Base):\n    __tablename__ = 'u'\n    id = sa.Column(sa.Integer, primary_key=True)\n"
    ));
    assert_eq!(error.kind, ScriptErrorKind::Incomplete, "{error}");
    assert_eq!(error.place.as_ref().map(|place| place.line), Some(7));
    let shown = error.diagnose();
    assert_eq!(shown.code, "E0330");
    assert!(shown.message.contains("foreign"), "{}", shown.message);
    assert!(shown.hint.is_some_and(|hint| hint.contains("python")));
}

#[test]
fn a_column_type_of_a_missing_package() {
    let error = refused(&format!(
        "{BASE}from geo import Geometry\nt = sa.Table('t', metadata, sa.Column('g', Geometry('POINT')))\n"
    ));
    assert_eq!(error.kind, ScriptErrorKind::Incomplete, "{error}");
    assert!(error.to_string().contains("geo"), "{error}");
}

#[test]
fn metadata_given_to_a_missing_package() {
    for given in ["metadata", "metadata=metadata"] {
        let error = refused(&format!(
            "import sqlalchemy as sa\nmetadata = sa.MetaData()\nimport nowhere\nnowhere.define({given})\n"
        ));
        assert_eq!(error.kind, ScriptErrorKind::Incomplete, "{error}");
        assert!(error.to_string().contains("nowhere.define"), "{error}");
        assert_eq!(error.place.map(|place| place.line), Some(4));
    }
}

#[test]
fn target_metadata_of_a_missing_package() {
    let error = refused("from foreign import db\nmetadata = db.metadata\n");
    assert_eq!(error.kind, ScriptErrorKind::Incomplete, "{error}");
    assert!(error.to_string().contains("foreign"), "{error}");
    assert!(error.diagnose().hint.is_some_and(|hint| hint.contains("python = ")));
}

#[test]
fn a_module_that_raises_tells_where() {
    let project = Project::new("from app import other\nmetadata = other.metadata\n");
    project.write("app/__init__.py", "");
    project.write("app/other.py", "import sqlalchemy as sa\nmetadata = sa.MetaData()\nraise ValueError('no')\n");
    let error = project.wanted().expect_err("a ValueError");
    assert_eq!(error.to_string(), "ValueError: no");
    let place = error.place.expect("a place");
    assert!(place.path.ends_with("app/other.py") && place.line == 3, "{place:?}");
}

#[test]
fn an_import_for_its_effect_counts_like_any_other() {
    let project = Project::new("import sqlalchemy as sa\nmetadata = sa.MetaData()\nfrom app import users  # noqa\n");
    project.write("app/__init__.py", "");
    project.write(
        "app/users.py",
        "import sqlalchemy as sa\nimport models\nsa.Table('users', models.metadata, sa.Column('id', sa.Integer))\n",
    );
    assert_eq!(wanted(&project).targets[0].metadata[0].tables.len(), 1);
}

#[test]
fn an_import_of_env_py_for_its_effect_must_be_there() {
    let project = Project::new("import sqlalchemy as sa\nmetadata = sa.MetaData()\n");
    project.env("postgresql://u@h/d", "import shared_models\nimport structlog\nlog = structlog.get_logger()", "");
    let error = project.wanted().expect_err("shared_models is not there");
    assert_eq!(error.kind, ScriptErrorKind::Incomplete, "{error}");
    assert!(error.to_string().contains("shared_models"), "{error}");
    assert_eq!(error.place.map(|place| place.line), Some(5));
}

#[test]
fn what_has_nothing_to_do_with_tables_may_be_missing() {
    let project = Project::new(&format!(
        "{BASE}import structlog\nfrom flask import Flask\nlog = structlog.get_logger()\napp = Flask(__name__)\n@app.route('/')\ndef index():\n    return 1\nport = int(app.config['PORT'])\nsa.Table('t', metadata, sa.Column('id', sa.Integer))\n"
    ));
    let wanted = wanted(&project);
    assert_eq!(wanted.targets[0].metadata[0].tables.len(), 1);
    assert!(wanted.passed.iter().all(|passed| !passed.matters));
}

#[test]
fn no_metadata_is_told_apart_from_an_empty_one() {
    let project = Project::new("metadata = None\n");
    assert!(!wanted(&project).targets[0].given);
    project.write("models.py", "import sqlalchemy as sa\nmetadata = sa.MetaData()\n");
    let wanted = wanted(&project);
    assert!(wanted.targets[0].given && wanted.targets[0].metadata[0].tables.is_empty());
}

#[test]
fn metadata_of_another_kind_is_refused() {
    let error = refused("metadata = 'x'\n");
    assert!(error.to_string().contains("neither a MetaData nor a list"), "{error}");
}
