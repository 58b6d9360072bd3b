//! The health log: what a run leaves in it, `log`, `log verify`, and a migration whose log cannot be written.

use crate::project::Project;
use serde_json::Value;
use std::fs;

const TWO_STEPS: &str = "def upgrade():\n    op.create_table('t', sa.Column('id', sa.Integer()))\n    op.execute('INSERT INTO t VALUES (1), (2), (3)')\n\n\ndef downgrade():\n    op.drop_table('t')";
const FAILS: &str = "def upgrade():\n    op.execute('SELECT broken')\n\n\ndef downgrade():\n    pass";

fn project() -> Project {
    let project = Project::sqlite();
    project.revision("aa01", None, TWO_STEPS);
    project
}

fn records(project: &Project) -> Vec<Value> {
    let text = fs::read_to_string(project.path("logs/migration_health.log")).expect("the log");
    text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

fn events(records: &[Value]) -> Vec<(&str, &str)> {
    records
        .iter()
        .map(|record| (record["event"].as_str().unwrap_or("-"), record["outcome"].as_str().unwrap_or("-")))
        .collect()
}

#[test]
fn under_the_name_alembic_nothing_is_written_unless_somebody_asks() {
    let project = project();
    let alembic = project.path("alembic");
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_limbeck"), &alembic).expect("a link");
    let run = |variables: &[(&str, &str)]| {
        let mut command = std::process::Command::new(&alembic);
        command.current_dir(project.path(".")).args(["upgrade", "head"]).env_remove("DATABASE_URL");
        let output = command.env("XDG_CACHE_HOME", project.path(".cache")).envs(variables.iter().copied()).output();
        assert!(output.expect("the binary runs").status.success());
    };
    run(&[]);
    assert!(!project.path("logs").exists());
    run(&[("LIMBECK_HEALTH_LOG", "kept.log")]);
    assert!(project.path("kept.log").exists());
}

#[test]
fn a_run_leaves_a_start_its_revisions_and_an_end() {
    let project = project();
    project.run(&["upgrade", "head"]).ok();
    let records = records(&project);
    assert_eq!(events(&records), [("start", "-"), ("revision", "ok"), ("run", "ok")]);
    let revision = &records[1];
    assert_eq!(revision["revision"], "aa01");
    assert_eq!(revision["direction"], "upgrade");
    assert_eq!(revision["message"], "step aa01");
    assert_eq!(revision["script"].as_str().map(str::len), Some(64));
    assert!(
        revision["host"].is_string() && revision["who"]["user"].is_string() && revision["pid"].is_number(),
        "{revision}"
    );
    assert!(revision["database"].as_str().is_some_and(|label| label.contains("app.db")), "{revision}");
    let run = &records[2];
    assert_eq!(run["command"], "upgrade head");
    assert_eq!(run["now"], serde_json::json!(["aa01"]));
    assert_eq!((&run["steps"], run["run"] == revision["run"]), (&Value::from(1), true));
    // The record belongs to this machine: git is not to ask about it.
    let ignored = fs::read_to_string(project.path("logs/.gitignore")).expect("it is written with the folder");
    assert!(ignored.contains("migration_health.log*"), "{ignored}");
    let shown = project.run_in(&project.path("."), &["log"], &[("TZ", "UTC")]).ok();
    assert!(shown.starts_with("Database: ") && shown.contains("TIME (UTC)"), "{shown}");
    assert!(
        shown.contains("upgrade            aa01        ") && shown.contains("run: upgrade head  1 revision"),
        "{shown}"
    );
    let holds = project.run(&["log", "verify"]).ok();
    assert!(holds.contains("The chain holds: 3 lines in 1 file are as they were written."), "{holds}");
}

#[test]
fn a_failure_is_told_with_its_error() {
    let project = project();
    project.revision("bb02", Some("aa01"), FAILS);
    project.run(&["upgrade", "head"]).fails_with(&["E0412"]);
    let records = records(&project);
    assert_eq!(
        events(&records),
        [("start", "-"), ("revision", "ok"), ("revision", "failed"), ("run", "failed")]
    );
    assert_eq!(records[2]["revision"], "bb02");
    assert_eq!(records[2]["error"]["code"], "E0412");
    assert!(
        records[2]["error"]["message"]
            .as_str()
            .is_some_and(|text| text.contains("no such column: broken")),
        "{}",
        records[2]
    );
    let shown = project.run(&["log", "--failed"]).ok();
    assert!(!shown.contains("aa01  ") && shown.matches("no such column: broken").count() == 1, "{shown}");
    let lines = project.run(&["log", "--json", "--last", "1"]).ok();
    assert_eq!(serde_json::from_str::<Value>(lines.trim()).expect("one object"), records[3]);
    assert_eq!(project.run(&["log", "--since", "2h", "--json"]).ok().lines().count(), 3);
    assert_eq!(project.run(&["log", "--since", "2999-01-01", "--json"]).ok(), "");
    project.run(&["log", "--since", "soon"]).fails_with(&["E0905", "2h"]);
}

#[test]
fn a_run_in_one_transaction_that_fails_undoes_its_revisions() {
    let project = project();
    project.revision("bb02", Some("aa01"), FAILS);
    project.run(&["upgrade", "--single-transaction", "head"]).fails_with(&["E0412"]);
    let records = records(&project);
    assert_eq!(
        events(&records),
        [("start", "-"), ("revision", "undone"), ("revision", "failed"), ("run", "failed")]
    );
}

#[test]
fn nothing_to_do_and_a_database_out_of_reach_are_runs_too() {
    let project = project();
    project.run(&["upgrade", "head"]).ok();
    project.run(&["upgrade", "head"]).ok();
    let url = "postgresql://alice:s3cret-word@127.0.0.1:1/x";
    project.run(&["--url", url, "upgrade", "head"]).fails_with(&["E0604"]);
    let records = records(&project);
    assert_eq!(events(&records)[3..], [("run", "ok"), ("run", "failed")]);
    assert_eq!(records[3]["steps"], 0);
    assert_eq!(records[4]["error"]["code"], "E0604");
    assert_eq!(records[4]["who"]["role"], "alice");
    assert!(
        !fs::read_to_string(project.path("logs/migration_health.log"))
            .expect("the log")
            .contains("s3cret")
    );
    assert!(project.run(&["log"]).ok().contains("nothing to do"));
}

#[test]
fn a_changed_line_is_found() {
    let project = project();
    project.run(&["upgrade", "head"]).ok();
    let path = project.path("logs/migration_health.log");
    let text = fs::read_to_string(&path)
        .expect("the log")
        .replacen("\"revision\":\"aa01\"", "\"revision\":\"aa02\"", 1);
    fs::write(&path, text).expect("the log");
    let ran = project.run(&["log", "verify"]);
    assert_eq!(ran.code, Some(1), "{}", ran.stderr);
    assert!(
        ran.stderr.contains("error[E0904]: the chain of the health log breaks at line 2"),
        "{}",
        ran.stderr
    );
    let ran = project.run(&["log", "verify", "--json"]);
    assert_eq!(ran.code, Some(1));
    let report: Value = serde_json::from_str(&ran.stdout).expect("JSON");
    assert_eq!((&report["holds"], &report["broken"]["line"]), (&Value::from(false), &Value::from(2)));
}

#[test]
fn a_log_that_cannot_be_written_is_one_warning() {
    let project = project();
    for (path, code) in [("/dev/full", "E0902"), ("migrations", "E0901"), ("/proc/none/x.log", "E0901")] {
        let ran = project.run_in(&project.path("."), &["upgrade", "head"], &[("LIMBECK_HEALTH_LOG", path)]);
        assert_eq!(ran.code, Some(0), "{path}: {}", ran.stderr);
        assert_eq!(ran.stderr.matches(&format!("warning[{code}]")).count(), 1, "{path}: {}", ran.stderr);
        assert_eq!(project.tables(), ["alembic_version", "t"]);
        let ran = project.run_in(&project.path("."), &["downgrade", "base"], &[("LIMBECK_HEALTH_LOG", "off")]);
        assert_eq!((ran.code, ran.stderr.contains("warning")), (Some(0), false), "{}", ran.stderr);
    }
    assert!(!project.path("logs").exists());
}

#[test]
fn its_place_and_size_are_settings() {
    let project = project();
    let ini = fs::read_to_string(project.path("alembic.ini")).expect("the ini");
    let own = "\n[limbeck]\nhealth_log = var/health.jsonl\nhealth_log_max_bytes = 1_500\nhealth_log_keep = 2\n";
    project.write("alembic.ini", &format!("{ini}{own}"));
    for _ in 0..6 {
        project.run(&["upgrade", "head"]).ok();
        project.run(&["downgrade", "base"]).ok();
    }
    let files = fs::read_dir(project.path("var")).expect("the folder").count();
    assert_eq!(files, 3);
    let holds = project.run(&["log", "verify"]).ok();
    assert!(
        holds.contains("The chain holds") && holds.contains("are gone: they were rotated away"),
        "{holds}"
    );
    project.write("alembic.ini", &format!("{ini}\n[limbeck]\nhealth_log_max_bytes = many\n"));
    project.run(&["log"]).fails_with(&["E0906", "many"]);
    let ran = project.run(&["upgrade", "head"]);
    assert_eq!((ran.code, ran.stderr.contains("warning[E0906]")), (Some(0), true), "{}", ran.stderr);
}

#[test]
fn before_the_first_run_there_is_none() {
    let project = project();
    let ran = project.run(&["log"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(0), ""));
    assert!(ran.stderr.contains("There is no health log yet: logs/migration_health.log"), "{}", ran.stderr);
    assert_eq!(project.run(&["log", "verify"]).code, Some(0));
    project.run(&["log", "--file", "nowhere.log"]).fails_with(&["E0903", "nowhere.log"]);
}

#[test]
fn a_killed_run_is_seen_to_have_no_end() {
    let project = project();
    project.revision("bb02", Some("aa01"), "def upgrade():\n    print('looping')\n    while True:\n        pass");
    let mut child = project.start(&["upgrade", "head"]);
    let path = project.path("logs/migration_health.log");
    while !fs::read_to_string(&path).is_ok_and(|text| text.contains("\"revision\":\"aa01\"")) {
        assert!(child.try_wait().expect("a state").is_none(), "it ended by itself");
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    child.kill().and_then(|()| child.wait()).expect("it ends");
    let shown = project.run(&["log", "--failed"]).ok();
    assert!(
        shown.contains("2 revisions to do") && shown.contains("no end: it still runs, or was killed"),
        "{shown}"
    );
    project.run(&["log", "verify"]).ok();
}

#[test]
fn a_wait_for_another_session_is_told_and_recorded_in_the_database_too() {
    let server = match limbeck_test::Server::start() {
        Ok(server) => server,
        Err(reason) => {
            println!("skipped: {reason}");
            return;
        }
    };
    let database = server.create_database();
    database.psql("CREATE TABLE users (id int)").expect("the server answers");
    let project = Project::sqlite();
    project.revision("aa01", None, "def upgrade():\n    op.add_column('users', sa.Column('email', sa.Text()))");
    let url = limbeck_db::DatabaseUrl::parse(&database.url()).expect("a URL");
    let mut other = limbeck_db::connect(&url, &limbeck_db::Environment::of_process()).expect("the server answers");
    other
        .execute_batch("SET application_name = 'billing'; BEGIN; SELECT * FROM users")
        .expect("a transaction");
    let ran = std::thread::scope(|scope| {
        scope.spawn(move || {
            std::thread::sleep(std::time::Duration::from_secs(4));
            other.execute_batch("COMMIT").expect("its end");
        });
        project.run(&["--url", &database.url(), "upgrade", "head", "--lock-timeout", "1500ms"])
    });
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    for words in [
        "blocked for ",
        "application billing, ",
        "idle in transaction",
        "holds AccessShareLock on public.users",
        "attempt 1 of 10 gave up",
    ] {
        assert!(ran.stderr.contains(words), "{words:?} is not in:\n{}", ran.stderr);
    }
    let records = records(&project);
    assert_eq!(events(&records), [("start", "-"), ("revision", "ok"), ("run", "ok")]);
    assert!(records[1]["retries"].as_u64().is_some_and(|retries| retries >= 1), "{}", records[1]);
    assert!(records[1]["lock_wait_ms"].as_u64().is_some_and(|waited| waited >= 1_000), "{}", records[1]);
    let copies = "SELECT string_agg(record->>'event', ' ' ORDER BY id) FROM limbeck.log";
    assert_eq!(database.psql(copies).expect("the journal").trim(), "start revision run");
}
