//! Ctrl-C and SIGTERM in the middle of a script: the revision is undone, the exit code is the shell's.

use crate::project::{Project, Ran};
use std::io::{BufRead, BufReader, Read};
use std::process::Command;

#[test]
fn the_first_signal_stops_an_endless_script_and_undoes_its_revision() {
    for (signal, code) in [("-INT", 130), ("-TERM", 143)] {
        stops(signal, code);
    }
}

fn stops(signal: &str, code: i32) {
    let project = Project::sqlite();
    project.revision(
        "aa01",
        None,
        "def upgrade():\n    op.create_table('t', sa.Column('id', sa.Integer()))\n\n\ndef downgrade():\n    pass",
    );
    project.revision(
        "bb02",
        Some("aa01"),
        "def upgrade():\n    op.create_table('half', sa.Column('id', sa.Integer()))\n    print('looping')\n    while True:\n        pass\n\n\ndef downgrade():\n    pass",
    );
    let mut child = project.start(&["upgrade", "head"]);
    let mut stderr = BufReader::new(child.stderr.take().expect("a pipe"));
    let mut seen = String::new();
    while !seen.contains("looping") {
        assert_ne!(stderr.read_line(&mut seen).expect("text"), 0, "ended early:\n{seen}");
    }
    let killed = Command::new("kill").args([signal, &child.id().to_string()]).status().expect("kill runs");
    assert!(killed.success());
    stderr.read_to_string(&mut seen).expect("text");
    let ran = Ran {
        code: child.wait().expect("it ends").code(),
        stdout: String::new(),
        stderr: seen,
    };
    assert_eq!(ran.code, Some(code), "{}", ran.stderr);
    assert!(
        ran.stderr.contains("interrupted: upgrade of bb02 failed; the database is at aa01"),
        "{}",
        ran.stderr
    );
    assert_eq!(project.tables(), ["alembic_version", "t"]);
    assert_eq!(project.query("SELECT version_num FROM alembic_version"), ["aa01"]);
}
