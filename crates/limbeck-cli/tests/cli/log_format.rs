//! `--log-format json`: everything on stderr is one JSON object per line, errors too; stdout stays data.

use crate::project::{Project, Ran};
use serde_json::Value;

fn lines(ran: &Ran) -> Vec<Value> {
    ran.stderr
        .lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}")))
        .collect()
}

fn names(lines: &[Value]) -> Vec<&str> {
    lines.iter().filter_map(|line| line["event"].as_str()).collect()
}

#[test]
fn every_line_is_an_object() {
    let project = Project::sqlite();
    project.revision(
        "aa01",
        None,
        "def upgrade():\n    print('hello')\n    op.create_table('t', sa.Column('id', sa.Integer()))\n    op.execute(\"INSERT INTO t VALUES (4711)\")",
    );
    project.revision("bb02", Some("aa01"), "def upgrade():\n    op.execute('SELECT broken')");
    let ran = project.run(&["--log-format", "json", "upgrade", "aa01"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(0), ""), "{}", ran.stderr);
    let found = lines(&ran);
    let events = names(&found);
    for name in ["connected", "step_started", "output", "statement", "step_finished", "message"] {
        assert!(events.contains(&name), "{name} is not in {events:?}");
    }
    assert!(found.iter().all(|line| line["at"].is_string()), "{}", ran.stderr);
    assert!(!ran.stderr.contains("4711"), "values are left out: {}", ran.stderr);
    let ran = project.run(&["upgrade", "head", "--log-format=json"]);
    assert_eq!(ran.code, Some(2));
    let found = lines(&ran);
    let error = found.last().expect("an error");
    assert_eq!((&error["event"], &error["code"]), (&Value::from("error"), &Value::from("E0412")), "{error}");
    let ran = project.run(&["-q", "--log-format", "json", "upgrade", "head"]);
    assert_eq!(names(&lines(&ran)), ["error"]);
}

#[test]
fn data_stays_on_stdout() {
    let project = Project::sqlite();
    project.revision("aa01", None, "def upgrade():\n    pass");
    let ran = project.run(&["heads", "--log-format", "json"]);
    assert_eq!((ran.code, ran.stdout.as_str(), ran.stderr.as_str()), (Some(0), "aa01 (head)\n", ""));
    let ran = project.run(&["show", "nothing", "--log-format", "json"]);
    assert_eq!(names(&lines(&ran)), ["error"]);
}

#[test]
fn without_a_terminal_no_line_is_drawn_over() {
    let project = Project::sqlite();
    project.revision("aa01", None, "def upgrade():\n    pass");
    let ran = project.run(&["upgrade", "head"]);
    assert!(!ran.stderr.contains('\r') && !ran.stderr.contains('\u{1b}'), "{:?}", ran.stderr);
    assert!(ran.stderr.contains("[1/1] upgrade base -> aa01  step aa01\n"), "{}", ran.stderr);
    let ran = project.run(&["-q", "downgrade", "base"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""), "the script has no downgrade: {}", ran.stderr);
}
