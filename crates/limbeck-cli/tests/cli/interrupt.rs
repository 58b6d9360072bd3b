//! Ctrl-C and SIGTERM in the middle of a script or of a statement: the revision is undone, the exit code is the shell's.

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
    let ran = signalled(&project, &["upgrade", "head"], "looping", signal);
    assert_eq!(ran.code, Some(code), "{}", ran.stderr);
    assert!(
        ran.stderr.contains("interrupted: upgrade of bb02 failed; the database is at aa01"),
        "{}",
        ran.stderr
    );
    assert_eq!(project.tables(), ["alembic_version", "t"]);
    assert_eq!(project.query("SELECT version_num FROM alembic_version"), ["aa01"]);
}

#[test]
fn a_running_statement_is_cancelled_on_the_server() {
    let server = match limbeck_test::Server::start() {
        Ok(server) => server,
        Err(reason) => {
            println!("skipped: {reason}");
            return;
        }
    };
    let database = server.create_database();
    let project = Project::sqlite();
    project.revision(
        "aa01",
        None,
        "def upgrade():\n    op.create_table('half', sa.Column('id', sa.Integer()))\n    print('sleeping')\n    op.execute('SELECT pg_sleep(600)')\n\n\ndef downgrade():\n    pass",
    );
    let ran = signalled(&project, &["--url", &database.url(), "upgrade", "head"], "sleeping", "-TERM");
    assert_eq!(ran.code, Some(143), "{}", ran.stderr);
    assert!(
        ran.stderr.contains("interrupted: upgrade of aa01 failed; the database is at base") && ran.stderr.contains("nothing of aa01 was kept"),
        "{}",
        ran.stderr
    );
    let asleep = "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE 'SELECT pg_sleep%'";
    assert_eq!(database.psql(asleep).expect("the server answers").trim(), "0");
    assert_eq!(database.psql("SELECT to_regclass('half') IS NULL").expect("the server answers").trim(), "t");
}

/// Runs the binary, sends it `signal` once its stderr holds `word`, and waits for its end.
fn signalled(project: &Project, arguments: &[&str], word: &str, signal: &str) -> Ran {
    let mut child = project.start(arguments);
    let mut stderr = BufReader::new(child.stderr.take().expect("a pipe"));
    let mut seen = String::new();
    while !seen.contains(word) {
        assert_ne!(stderr.read_line(&mut seen).expect("text"), 0, "ended early:\n{seen}");
    }
    let killed = Command::new("kill").args([signal, &child.id().to_string()]).status().expect("kill runs");
    assert!(killed.success());
    stderr.read_to_string(&mut seen).expect("text");
    Ran {
        code: child.wait().expect("it ends").code(),
        stdout: String::new(),
        stderr: seen,
    }
}
