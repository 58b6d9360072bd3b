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
        "cat > /dev/null\necho asked >> asked.txt\n\
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

#[test]
fn functions_that_are_not_asked_are_named() {
    let project = with_python(
        "cat > /dev/null\necho '{\"ok\": [{\"targets\": [{\"given\": true, \"options\": {\"own_comparators\": [\"views.compare\"]}}]}, {\"files\": [], \"environment\": []}]}'",
        "",
    );
    let checked = project.run(&["check"]);
    assert!(checked.stderr.contains("(views.compare): these functions are not asked"), "{}", checked.stderr);
    let project = with_python(
        "cat > /dev/null\necho '{\"ok\": [{\"targets\": [{\"given\": true, \"options\": {\"include_object\": true}}]}, {\"files\": [], \"environment\": []}]}'",
        "",
    );
    project.run(&["check"]).fails_with(&["E0332", "include_object"]);
}
