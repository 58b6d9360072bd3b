//! The project's own Python reads the models: how long it may take, and what is kept of its answer. A shell script stands in for the interpreter, so that it
//! can be counted how often it was asked.

use crate::project::Project;
use std::os::unix::fs::PermissionsExt;

fn with_python(script: &str, more: &str) -> Project {
    let project = Project::sqlite();
    project.write("python.sh", &format!("#!/bin/sh\n{script}\n"));
    std::fs::set_permissions(project.path("python.sh"), std::fs::Permissions::from_mode(0o755)).expect("it may be run");
    let ini = std::fs::read_to_string(project.path("alembic.ini")).expect("the ini");
    project.write("alembic.ini", &format!("{ini}\n[limbeck]\npython = python.sh\n{more}\n"));
    project
}

#[test]
fn an_answer_is_kept_until_a_file_or_variable_it_came_from_changes() {
    let project = with_python(
        "read request\necho asked >> asked.txt\n\
         echo '{\"ok\": [{\"targets\": [{\"given\": true}]}, {\"files\": [\"models.py\"], \"environment\": [\"TABLE_PREFIX\"]}]}'",
        "",
    );
    project.write("models.py", "1");
    let asked = || std::fs::read_to_string(project.path("asked.txt")).map_or(0, |text| text.lines().count());
    let first = project.run(&["check"]);
    assert!(first.stderr.contains("the models were read by"), "{}", first.stderr);
    first.ok();
    project.run(&["check"]).ok();
    assert_eq!(asked(), 1);
    project.run_in(&project.path(""), &["check"], &[("TABLE_PREFIX", "x")]).ok();
    assert_eq!(asked(), 2);
    project.run_in(&project.path(""), &["check"], &[("TABLE_PREFIX", "x")]).ok();
    assert_eq!(asked(), 2);
    project.write("models.py", "2");
    project.run_in(&project.path(""), &["check"], &[("TABLE_PREFIX", "x")]).ok();
    assert_eq!(asked(), 3);
    project.run_in(&project.path(""), &["check", "--no-cache"], &[("TABLE_PREFIX", "x")]).ok();
    assert_eq!(asked(), 4);
}

#[test]
fn it_may_not_take_for_ever() {
    let project = with_python("echo connecting to the broker >&2\nexec sleep 30", "python_timeout = 1");
    project
        .run(&["check"])
        .fails_with(&["E0331", "within 1 s", "python_timeout", "it said: connecting to the broker"]);
    let project = with_python("exit 1", "python_timeout = soon");
    project.run(&["check"]).fails_with(&["E0331", "no number of seconds"]);
}

/// An answer of the script: models without tables, and these options.
fn models(options: &str) -> String {
    format!("read request\necho '{{\"ok\": [{{\"targets\": [{{\"given\": true, \"options\": {{{options}}}}}]}}, {{\"files\": [], \"environment\": []}}]}}'")
}

#[test]
fn functions_that_are_not_asked_are_named() {
    let project = with_python(&models("\"own_comparators\": [\"views.compare\"]"), "");
    let checked = project.run(&["check"]);
    assert!(checked.stderr.contains("(views.compare): these functions are not asked"), "{}", checked.stderr);
}

#[test]
fn functions_are_asked_in_the_process_that_read_the_models() {
    let answers = "read tables\necho '{\"ok\": null}'\nwhile read question; do echo \"$question\" >> asked.txt; echo '{\"ok\": [{\"bool\": false}]}'; done";
    let project = with_python(&format!("{}\n{answers}", models("\"include_object\": true")), "");
    project.sql("CREATE TABLE left_alone (id INTEGER)");
    project.run(&["check"]).ok();
    let asked = std::fs::read_to_string(project.path("asked.txt")).expect("questions");
    assert!(asked.starts_with("{\"ask\":[0,[{\"object\":"), "{asked}");
    assert!(asked.contains("\"left_alone\""), "{asked}");
}

#[test]
fn an_answer_that_does_not_come_compares_nothing() {
    let has = models("\"include_object\": true");
    for (then, says) in [
        (
            "read tables\necho Bye >&2\nexit 7",
            vec!["E0332", "ended before it could", "exit status: 7", "it said: Bye"],
        ),
        ("read tables\necho sure", vec!["E0332", "no answer that can be read"]),
        ("read tables\nexec sleep 30", vec!["E0332", "within 1 s", "python_timeout"]),
        (
            "read tables\necho '{\"error\": {\"exception\": \"KeyError\", \"message\": \"x\", \"file\": \"env.py\", \"line\": 3, \"source\": null}}'",
            vec!["E0312", "KeyError: x", "env.py:3"],
        ),
    ] {
        let project = with_python(&format!("{has}\n{then}"), "python_timeout = 1");
        project.run(&["check"]).fails_with(&says);
    }
}

#[test]
fn a_python_that_cannot_read_models_says_why() {
    let project = with_python("read request\necho '{\"unfit\": \"has no package `sqlalchemy`\"}'", "");
    project.run(&["check"]).fails_with(&["E0333", "has no package `sqlalchemy`", "[limbeck]"]);
    let project = with_python("exit 3", "");
    project
        .run(&["check"])
        .fails_with(&["E0331", "ended before it could read the models", "exit status: 3"]);
}

#[test]
fn what_only_the_application_knows_is_asked_of_it() {
    let project = Project::sqlite();
    let url = format!("sqlite:///{}", project.path("other.db").display());
    let answer = format!(
        "{{\"ok\": [{{\"targets\": [{{\"url\": \"{url}\", \"dialect\": \"sqlite\", \"ran\": true, \"options\": {{\"version_table\": \"versions\"}}, \
         \"arguments\": {{\"engine_name\": \"logs\"}}}}], \"log_config\": null}}, {{\"files\": [], \"environment\": []}}]}}"
    );
    project.write("python.sh", &format!("#!/bin/sh\nread request\necho asked >> asked.txt\necho '{answer}'\n"));
    std::fs::set_permissions(project.path("python.sh"), std::fs::Permissions::from_mode(0o755)).expect("it may be run");
    project.write(
        "alembic.ini",
        "[alembic]\nscript_location = %(here)s/migrations\npath_separator = os\n[limbeck]\npython = python.sh\n",
    );
    project.write(
        "migrations/env.py",
        "from alembic import context\nfrom a_framework import current_app\ncontext.configure(url=current_app.url())\ncontext.run_migrations()\n",
    );
    project.revision(
        "a1",
        None,
        "def upgrade(engine_name):\n    op.execute(f'CREATE TABLE {engine_name} (id INTEGER)')",
    );
    project.run(&["upgrade", "head"]).ok();
    let status = project.run(&["status"]).ok();
    assert!(status.contains("other.db") && status.contains("a1"), "{status}");
    let asked = std::fs::read_to_string(project.path("asked.txt")).expect("a question");
    assert_eq!(asked.lines().count(), 1);
}
