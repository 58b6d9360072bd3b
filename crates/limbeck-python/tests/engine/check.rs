//! What stops a script is known before it runs.

use crate::support::{Notes, Project};
use limbeck_python::{Direction, RunContext, ScriptError, ScriptErrorKind};

fn check(script: &str) -> Result<(), ScriptError> {
    let project = Project::new(&[("a.py", script), ("app/__init__.py", "raise RuntimeError('never imported')\n")]);
    let result = project.engine().check_revision(&project.path("a.py"), Direction::Upgrade);
    assert_eq!(project.printed(), "", "nothing of the script runs");
    result
}

#[test]
fn a_clean_script_passes_without_running() {
    check(
        "from alembic import op, context\nimport sqlalchemy as sa\nfrom sqlalchemy.dialects import postgresql\nfrom sqlalchemy.dialects.postgresql import JSONB\nimport sqlalchemy.exc\n\
         import app\nimport nowhere\nprint('ran')\ndef upgrade():\n    op.create_table('t', sa.Column('a', postgresql.UUID()), sa.Column('b', JSONB()), sa.types.JSON())\n    app.f()\n    if x:\n        nowhere.g()\n    \
         raise sqlalchemy.exc.ArgumentError('x')\n",
    )
    .expect("nothing to say");
}

#[test]
fn a_name_that_the_vocabulary_lacks_is_told() {
    for (script, name, line) in [
        ("from alembic import op\ndef upgrade():\n    op.frobnicate('x')\n", "`op.frobnicate`", 3),
        (
            "import sqlalchemy as sa\ndef helper():\n    return sa.Nonsense()\ndef upgrade():\n    helper()\n",
            "`sa.Nonsense`",
            3,
        ),
        ("from sqlalchemy import Nonsense\ndef upgrade():\n    pass\n", "`sqlalchemy.Nonsense`", 1),
    ] {
        let error = check(script).expect_err(script);
        assert_eq!(error.kind, ScriptErrorKind::Unsupported, "{script}");
        assert!(error.message.contains(name), "{error}");
        assert_eq!(error.place.expect("a place").line, line);
    }
}

#[test]
fn a_package_that_is_surely_needed_is_told() {
    let error = check("from nowhere.x import Thing\nimport sqlalchemy as sa\ndef upgrade():\n    sa.Column('a', Thing(3))\n").expect_err("an error");
    assert_eq!(error.kind, ScriptErrorKind::MissingPackage);
    let missing = error.missing.expect("named");
    assert_eq!((missing.module.as_str(), missing.line), ("nowhere.x.Thing", 1));
    assert_eq!(error.place.expect("a place").line, 4);
}

#[test]
fn modules_of_the_interpreter_are_there() {
    check("import sys, builtins, json, time\ndef upgrade():\n    sys.intern('x')\n    builtins.len('x')\n    json.dumps(1)\n    time.time()\n")
        .expect("nothing to say");
}

#[test]
fn a_syntax_error_is_told() {
    assert_eq!(check("def upgrade(:\n").expect_err("an error").kind, ScriptErrorKind::Syntax);
}

#[test]
fn the_import_of_a_companion_counts_wherever_the_application_imports_it() {
    let script = "from alembic import op\nimport sqlalchemy as sa\nfrom app.models import Kind\ndef upgrade():\n    op.add_column('t', sa.Column('a', sa.BigInteger()))\n";
    let type_of = |import: &str| {
        let project = Project::new(&[
            ("a.py", script),
            ("app/__init__.py", ""),
            ("app/models.py", "from . import (\n    base,\n)\nKind = 1\n"),
            ("app/base.py", import),
        ]);
        let mut engine = project.engine();
        engine.check_revision(&project.path("a.py"), Direction::Upgrade).expect("nothing to say");
        let mut host = Notes::default();
        let context = RunContext {
            dialect: Some("sqlite".to_owned()),
            ..RunContext::default()
        };
        engine
            .run_revision(&project.path("a.py"), Direction::Upgrade, &serde_json::Map::new(), &context, &mut host)
            .expect("a clean run");
        format!("{:?}", host.operations[0])
    };
    assert!(type_of("x = 1\n").contains("BigInteger"));
    assert!(!type_of("from sqlalchemy_continuum import make_versioned\n").contains("BigInteger"));
}
