//! Whatever a script does, the caller gets one clear error and keeps a working engine.

use crate::support::{Notes, Project, run, upgrade};
use limbeck_python::{Direction, RunContext, ScriptErrorKind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

#[test]
fn an_exception_comes_with_its_traceback() {
    let (result, _) = upgrade(
        "def inner(x):\n    if x:\n        raise ValueError('bad %d' % x)\n\ndef upgrade():\n    len('')\n    inner(3)\n",
        &mut Notes::default(),
    );
    let error = result.expect_err("an error");
    assert_eq!(error.to_string(), "ValueError: bad 3");
    let trace: Vec<(u32, &str, Option<&str>)> = error
        .traceback
        .iter()
        .map(|frame| (frame.line, frame.function.as_str(), frame.source.as_deref()))
        .collect();
    assert_eq!(trace, [(7, "upgrade", Some("inner(3)")), (3, "inner", Some("raise ValueError('bad %d' % x)"))]);
    assert_eq!(error.place.expect("a place").line, 3);
}

#[test]
fn a_syntax_error_has_line_column_and_text() {
    let (result, _) = upgrade("x = 1\ndef upgrade(:\n    pass\n", &mut Notes::default());
    let error = result.expect_err("an error");
    assert_eq!(error.kind, ScriptErrorKind::Syntax);
    let place = error.place.expect("a place");
    assert_eq!((place.line, place.column), (2, 13));
    assert_eq!(error.source.as_deref(), Some("def upgrade(:"));
}

#[test]
fn deep_nesting_is_a_syntax_error() {
    let parentheses = format!("x = {}1{}\n", "(".repeat(100_000), ")".repeat(100_000));
    let lambdas = format!("x = {}1\n", "lambda: ".repeat(100_000));
    for text in [parentheses, lambdas] {
        let (result, _) = upgrade(&text, &mut Notes::default());
        assert_eq!(result.expect_err("an error").kind, ScriptErrorKind::Syntax);
    }
}

#[test]
fn long_expressions_are_no_trouble() {
    let text = format!(
        "x = {}\ny = {}1\nz = {}1\ndef upgrade():\n    pass\n",
        vec!["1"; 20_000].join(" + "),
        "not ".repeat(20_000),
        "-".repeat(20_000)
    );
    upgrade(&text, &mut Notes::default()).0.expect("a clean run");
}

#[test]
fn endless_recursion_is_an_exception() {
    let (result, _) = upgrade("def upgrade():\n    upgrade()\n", &mut Notes::default());
    assert_eq!(result.expect_err("an error").exception, "RecursionError");
}

#[test]
fn an_endless_loop_meets_the_deadline_and_the_engine_goes_on() {
    let project = Project::new(&[
        (
            "a.py",
            "def upgrade():\n    while True:\n        try:\n            pass\n        except Exception:\n            pass\n",
        ),
        ("b.py", "def upgrade():\n    print('b')\n"),
    ]);
    let mut config = project.config();
    config.deadline = Some(Duration::from_millis(300));
    let mut engine = limbeck_python::Engine::start(config).expect("an engine");
    let error = run(&project, &mut engine, "a.py", &mut Notes::default()).expect_err("an error");
    assert_eq!(error.kind, ScriptErrorKind::Deadline);
    assert!(error.message.contains("longer than 0.3 s"), "{}", error.message);
    run(&project, &mut engine, "b.py", &mut Notes::default()).expect("a clean run");
    assert_eq!(project.printed(), "b\n");
}

#[test]
fn an_interrupt_stops_a_loop() {
    let project = Project::new(&[("a.py", "def upgrade():\n    while True:\n        pass\n")]);
    let mut config = project.config();
    let flag = Arc::new(AtomicBool::new(false));
    config.interrupt = Arc::clone(&flag);
    let mut engine = limbeck_python::Engine::start(config).expect("an engine");
    thread::spawn(move || {
        thread::sleep(Duration::from_millis(200));
        flag.store(true, Ordering::Relaxed);
    });
    let error = run(&project, &mut engine, "a.py", &mut Notes::default()).expect_err("an error");
    assert_eq!(error.kind, ScriptErrorKind::Interrupted);
}

#[test]
fn a_missing_function_or_file_is_named() {
    let project = Project::new(&[("a.py", "def upgrade():\n    pass\n")]);
    let mut engine = project.engine();
    let error = engine
        .run_revision(
            &project.path("a.py"),
            Direction::Downgrade,
            &serde_json::Map::new(),
            &RunContext::default(),
            &mut Notes::default(),
        )
        .expect_err("an error");
    assert_eq!(error.kind, ScriptErrorKind::NoFunction);
    let error = run(&project, &mut engine, "none.py", &mut Notes::default()).expect_err("an error");
    assert_eq!(error.kind, ScriptErrorKind::Unreadable);
}

#[test]
fn a_required_argument_that_is_not_given_is_pythons_error() {
    let (result, _) = upgrade("def upgrade(engine_name):\n    pass\n", &mut Notes::default());
    let error = result.expect_err("an error");
    assert_eq!(error.exception, "TypeError");
    assert!(error.message.contains("engine_name"), "{}", error.message);
}

#[test]
fn exit_is_an_error_of_the_script() {
    let (result, _) = upgrade("import sys\ndef upgrade():\n    sys.exit(3)\n", &mut Notes::default());
    assert_eq!(result.expect_err("an error").exception, "SystemExit");
}
