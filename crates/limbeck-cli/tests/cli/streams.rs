//! Readers that went away, disks that are full, narrow screens, words that are not text.

use crate::project::Project;
use std::ffi::OsStr;
use std::fs::OpenOptions;
use std::os::unix::ffi::OsStrExt;
use std::process::{Command, Stdio};

fn limbeck(project: &Project, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_limbeck"));
    command.current_dir(project.path(".")).args(arguments);
    command.env_remove("DATABASE_URL").env("XDG_CACHE_HOME", project.path(".cache"));
    command
}

fn one_table() -> Project {
    let project = Project::sqlite();
    project.revision(
        "aa01",
        None,
        "def upgrade():\n    print('hello')\n    op.create_table('t', sa.Column('id', sa.Integer()))",
    );
    project
}

#[test]
fn a_reader_that_went_away_does_not_stop_a_migration() {
    let project = one_table();
    let mut child = limbeck(&project, &["upgrade", "head"]).stderr(Stdio::piped()).spawn().expect("it starts");
    drop(child.stderr.take());
    assert_eq!(child.wait().expect("it ends").code(), Some(0));
    assert_eq!(project.tables(), ["alembic_version", "t"]);
}

#[test]
fn a_full_disk_is_an_error() {
    let project = one_table();
    let full = OpenOptions::new().write(true).open("/dev/full").expect("Linux has it");
    let out = limbeck(&project, &["history"]).stdout(full).output().expect("it runs");
    assert_eq!(out.status.code(), Some(2));
    let stderr = String::from_utf8_lossy(&out.stderr);
    assert!(stderr.contains("No space left") && stderr.contains("incomplete"), "{stderr}");
}

#[test]
fn usage_takes_any_width_and_any_word() {
    let project = one_table();
    let alembic = project.path("alembic");
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_limbeck"), &alembic).expect("a link");
    for (words, code) in [(&[OsStr::new("upgrade"), OsStr::new("--help")][..], 0), (&[OsStr::from_bytes(b"\xff")], 2)] {
        let out = Command::new(&alembic)
            .args(words)
            .env("COLUMNS", "21")
            .current_dir(project.path("."))
            .output()
            .expect("it runs");
        let stderr = String::from_utf8_lossy(&out.stderr);
        assert_eq!(out.status.code(), Some(code), "{stderr}");
        assert!(!stderr.contains("panicked"), "{stderr}");
    }
}
