//! Commands that write files: new projects, new revisions, merges.

use crate::project::{Project, Ran};
use std::fs;
use std::path::Path;

/// Makes an empty project by `init`, on a SQLite file, in a directory of its own.
fn initialised(template: &str) -> (Project, std::path::PathBuf) {
    let project = Project::sqlite();
    let root = project.path("fresh");
    fs::create_dir(&root).expect("a folder");
    project.run_in(&root, &["init", "-t", template, "db"], &[]).ok();
    let url = format!("sqlite:///{}", root.join("app.db").display());
    for name in ["alembic.ini", "limbeck.toml"] {
        if let Ok(text) = fs::read_to_string(root.join(name)) {
            let text = text.replace("driver://user:pass@localhost/dbname", &url);
            fs::write(root.join(name), text).expect("a file of the project");
        }
    }
    (project, root)
}

fn run(project: &Project, root: &Path, arguments: &[&str]) -> Ran {
    project.run_in(root, arguments, &[])
}

#[test]
fn new_projects_work_from_any_folder_in_them() {
    for template in ["generic", "pyproject"] {
        let (project, root) = initialised(template);
        let path = run(&project, &root.join("db/versions"), &["generate", "make a table", "--rev-id", "aa01"]).ok();
        assert_eq!(path.trim_end(), root.join("db/versions/aa01_make_a_table.py").display().to_string());
        let text = fs::read_to_string(path.trim_end()).expect("the new file");
        fs::write(path.trim_end(), text.replace("    pass", "    op.execute(\"SELECT 1\")")).expect("the new file");
        run(&project, &root.join("db"), &["upgrade", "head"]).ok();
        assert_eq!(run(&project, &root, &["current"]).ok(), "aa01 (head)\n");
    }
}

#[test]
fn heads_are_merged() {
    let project = Project::sqlite();
    for (id, down) in [("aa01", None), ("bb02", Some("aa01")), ("cc03", Some("aa01"))] {
        project.revision(id, down, "def upgrade():\n    pass\n");
    }
    project.run(&["generate", "x"]).fails_with(&["bb02", "cc03", "merge"]);
    project.run(&["merge", "heads", "-m", "join", "--rev-id", "dd04"]).ok();
    assert_eq!(project.run(&["heads"]).ok(), "dd04 (head)\n");
    let text = fs::read_to_string(project.path("migrations/versions/dd04_join.py")).expect("the merge");
    assert!(text.contains("= ('bb02', 'cc03')"), "{text}");
}

#[test]
fn what_cannot_be_written_leaves_nothing_behind() {
    let project = Project::sqlite();
    project.revision("aa01", None, "branch_labels = 'lbl'\ndef upgrade():\n    pass\n");
    let files = || fs::read_dir(project.path("migrations/versions")).expect("the folder").count();
    for (arguments, word) in [
        (["generate", "x", "--rev-id", "aa01"], "taken"),
        (["generate", "x", "--rev-id", "a@01"], "E0209"),
        (["generate", "x", "--branch-label", "lbl"], "lbl"),
        (["generate", "x", "--depends-on", "nope"], "nope"),
        (["generate", "x", "--version-path", "elsewhere"], "elsewhere"),
    ] {
        project.run(&arguments).fails_with(&[word]);
        assert_eq!(files(), 1, "{arguments:?}");
    }
    project.write("migrations/script.py.mako", "${nonesuch(1)}");
    project.run(&["generate", "x"]).fails_with(&["script.py.mako:1"]);
    assert_eq!(files(), 1);
}

#[test]
fn a_template_may_say_what_only_python_knows() {
    let project = Project::sqlite();
    project.write(
        "migrations/script.py.mako",
        "<%!\nimport textwrap\ndef shout(text):\n    return text.upper()\nLIMIT = 3\n%>\"\"\"${shout(message)} ${textwrap.shorten(message, 8)} ${1.5 + LIMIT}\"\"\"\n% if LIMIT > 5:\nno\n% endif\nrevision = ${repr(up_revision)}\ndown_revision = ${repr(down_revision)}\n# ${upgrades if upgrades else 'nothing'}\n",
    );
    let path = project.run(&["generate", "hello world", "--rev-id", "aa01"]).ok();
    let text = fs::read_to_string(path.trim_end()).expect("the new file");
    assert_eq!(text, "\"\"\"HELLO WORLD [...] 4.5\"\"\"\nrevision = 'aa01'\ndown_revision = None\n# nothing\n");
}
