//! `gate`: may a program start, and does it start as if nobody had asked.

use crate::project::{Project, Ran};
use limbeck_test::Server;
use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

const CODE: &str = "def upgrade():\n    op.create_table('t_@', sa.Column('id', sa.Integer()))\n\n\ndef downgrade():\n    op.drop_table('t_@')";

/// Three tables one after the other.
fn project() -> Project {
    let project = Project::sqlite();
    for (id, down) in [("aa01", None), ("bb02", Some("aa01")), ("cc03", Some("bb02"))] {
        project.revision(id, down, &CODE.replace('@', id));
    }
    project
}

fn server() -> Option<Server> {
    Server::start().map_err(|reason| println!("skipped: {reason}")).ok()
}

#[track_caller]
fn shut(ran: &Ran, words: &[&str]) {
    assert_eq!(ran.code, Some(1), "stdout:\n{}\nstderr:\n{}", ran.stdout, ran.stderr);
    for word in words {
        assert!(ran.stderr.contains(word), "{word:?} is not in:\n{}", ran.stderr);
    }
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).expect("JSON")
}

fn remove(project: &Project, id: &str) {
    std::fs::remove_file(project.path(&format!("migrations/versions/{id}.py"))).expect("a script");
}

/// The verdicts that both databases know.
fn unversioned_behind_at_head_diverged(project: &Project, url: &str) {
    let gate = |more: &[&str]| project.run(&[&["--url", url, "gate"], more].concat());
    shut(&gate(&[]), &["E0943", "no version table; this code has 3 revisions", "upgrade heads"]);
    project.run(&["--url", url, "upgrade", "aa01"]).ok();
    let ran = gate(&[]);
    shut(&ran, &["E0940", "at aa01, 2 revisions behind", "bb02  step bb02\n", "cc03  step cc03\n"]);
    assert_eq!(ran.stdout, "");
    let ran = gate(&["--json"]);
    let answer = json(&ran.stdout);
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(1), ""));
    assert_eq!((&answer["verdict"], &answer["passes"]), (&"behind".into(), &false.into()));
    assert_eq!(answer["pending"][1]["revision"], "cc03");
    project.run(&["--url", url, "upgrade", "head"]).ok();
    assert_eq!(gate(&[]).ok(), "Gate open: the database is at head (cc03).\n");
    assert_eq!(json(&gate(&["--json"]).ok())["verdict"], "at_head");
}

#[test]
fn verdicts_on_postgresql() {
    let Some(server) = server() else { return };
    let database = server.create_database();
    let (project, url) = (project(), database.url());
    unversioned_behind_at_head_diverged(&project, &url);

    // A newer release has upgraded, and older code starts again.
    let gate = |more: &[&str]| project.run(&[&["--url", &url, "gate"], more].concat());
    remove(&project, "cc03");
    remove(&project, "bb02");
    shut(
        &gate(&[]),
        &["E0941", "2 revisions ahead of this code", "cc03  step cc03", "GATE_ALLOW_AHEAD=2"],
    );
    shut(&gate(&["--ahead", "1"]), &["(1 allowed)"]);
    assert!(gate(&["--ahead", "2"]).ok().contains("2 revisions ahead of this code (2 allowed)"));
    let by_variable = project.run_in(&project.path(""), &["--url", &url, "gate"], &[("GATE_ALLOW_AHEAD", "2")]);
    by_variable.ok();
    project.write("limbeck.toml", "ahead_window = 3\n");
    assert_eq!(json(&gate(&["--json"]).ok())["window"], 3);
    // Pending migrations may be allowed; these are not pending.
    shut(&gate(&["--allow-pending", "--ahead", "0"]), &["E0941"]);

    // Two lines of history: this code went another way.
    project.revision("dd04", Some("aa01"), &CODE.replace('@', "dd04"));
    shut(
        &gate(&["--allow-pending"]),
        &[
            "E0942",
            "it has 2 revisions that this code lacks, and lacks 1 revision that this code has",
            "dd04  step dd04",
        ],
    );
    // Nothing is remembered: no proof.
    remove(&project, "dd04");
    database.psql("DELETE FROM limbeck.script").expect("a deletion");
    shut(&gate(&[]), &["E0942", "revision `cc03` is neither in this code nor remembered by the database"]);
    database.psql("DROP SCHEMA limbeck CASCADE").expect("a schema");
    shut(&gate(&[]), &["E0942", "cc03"]);
    assert!(!server.log().contains("ERROR:  relation \"limbeck"), "{}", server.log());
}

#[test]
fn verdicts_on_sqlite() {
    let project = project();
    let url = format!("sqlite:///{}", project.path("app.db").display());
    shut(&project.run(&["gate"]), &["E0943"]);
    assert!(!project.path("app.db").exists(), "asking makes no file");
    unversioned_behind_at_head_diverged(&project, &url);
    remove(&project, "cc03");
    shut(
        &project.run(&["gate", "--ahead", "5"]),
        &["E0942", "`cc03` is neither in this code nor remembered"],
    );
}

#[test]
fn pending_migrations_may_be_allowed_and_that_is_written_down() {
    let project = project();
    project.run(&["upgrade", "aa01"]).ok();
    let ran = project.run_in(
        &project.path(""),
        &["gate", "--", "echo", "started", "--token", "secret"],
        &[("ALLOW_PENDING_MIGRATIONS", "true")],
    );
    assert!(ran.stderr.contains("warning[E0940]: the gate would be shut"), "{}", ran.stderr);
    assert_eq!(ran.ok(), "started --token secret\n");
    let line = project.run(&["log", "--last", "1", "--json"]).ok();
    let record = json(&line);
    assert_eq!((&record["event"], &record["outcome"]), (&"gate".into(), &"waived".into()));
    assert_eq!(
        (&record["pending"], &record["now"]),
        (&serde_json::json!(["bb02", "cc03"]), &serde_json::json!(["aa01"]))
    );
    assert!(!line.contains("secret"), "{line}");
    assert!(project.run(&["log"]).ok().contains("gate"), "the table has it too");
    // At head there is nothing to allow, and nothing to write.
    project.run(&["upgrade", "head"]).ok();
    project.run(&["gate", "--allow-pending"]).ok();
    assert_eq!(json(&project.run(&["log", "--last", "1", "--json"]).ok())["event"], "run");
    project.run(&["log", "verify"]).ok();
}

#[test]
fn values_that_mean_nothing_are_refused() {
    let project = project();
    for (name, value) in [
        ("APPLY_MIGRATIONS", "maybe"),
        ("ALLOW_PENDING_MIGRATIONS", "2"),
        ("BACKUP_BEFORE_MIGRATE", "ja"),
        ("DB_CONNECTION_RETRIES", "-1"),
        ("DB_CONNECTION_RETRY_INTERVAL", "soon"),
        ("GATE_ALLOW_AHEAD", "all"),
    ] {
        let ran = project.run_in(&project.path(""), &["gate"], &[(name, value)]);
        ran.fails_with(&["E0105", name, value, "hint: give"]);
    }
    project.run(&["gate", "--backup"]).fails_with(&["E0002", "--apply"]);
    // Empty means not set, as in a compose file.
    let ran = project.run_in(&project.path(""), &["gate"], &[("APPLY_MIGRATIONS", ""), ("DB_CONNECTION_RETRIES", "")]);
    shut(&ran, &["E0943"]);
}

fn gate_command(project: &Project, url: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_limbeck"));
    command.current_dir(project.path("")).args(["--url", url, "gate"]).args(arguments);
    command.env_remove("DATABASE_URL").env("XDG_CACHE_HOME", project.path(".cache"));
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn ended(child: Child) -> Ran {
    Ran::from(child.wait_with_output().expect("it ends"))
}

/// Many replicas start at once: one applies, all pass.
fn of_many_one_applies(project: &Project, url: &str) {
    let code =
        "def upgrade():\n    op.execute('@')\n    op.create_table('slow', sa.Column('id', sa.Integer()))\n\n\ndef downgrade():\n    op.drop_table('slow')";
    let slow = if url.starts_with("postgresql") { "SELECT pg_sleep(0.5)" } else { "SELECT 1" };
    project.revision("dd04", Some("cc03"), &code.replace('@', slow));
    let children: Vec<Child> = (0..8)
        .map(|_| {
            gate_command(project, url, &["--apply", "--", "sh", "-c", "echo started"])
                .spawn()
                .expect("it starts")
        })
        .collect();
    let ran: Vec<Ran> = children.into_iter().map(ended).collect();
    let applied = ran.iter().filter(|ran| ran.stderr.contains("Applied 4 revisions")).count();
    for one in ran {
        assert_eq!(one.code, Some(0), "{}", one.stderr);
        assert_eq!(one.stdout, "started\n");
        assert!(one.stderr.contains("Gate open: the database is at head (dd04)"), "{}", one.stderr);
    }
    assert_eq!(applied, 1, "exactly one applies");
}

#[test]
fn of_many_replicas_one_applies_on_postgresql() {
    let Some(server) = server() else { return };
    let database = server.create_database();
    of_many_one_applies(&project(), &database.url());
    let tables = database
        .psql("SELECT count(*) FROM pg_tables WHERE tablename LIKE 't\\_%' OR tablename = 'slow'")
        .expect("a count");
    assert_eq!(tables.trim(), "4");
}

#[test]
fn of_many_replicas_one_applies_on_sqlite() {
    let project = project();
    let url = format!("sqlite:///{}", project.path("app.db").display());
    of_many_one_applies(&project, &url);
}

#[test]
fn of_many_replicas_one_backs_up_first() {
    let project = project();
    project.run(&["upgrade", "aa01"]).ok();
    let url = format!("sqlite:///{}", project.path("app.db").display());
    let start = |_| {
        let mut command = gate_command(&project, &url, &["--", "echo", "started"]);
        command
            .env("APPLY_MIGRATIONS", "true")
            .env("BACKUP_BEFORE_MIGRATE", "true")
            .spawn()
            .expect("it starts")
    };
    let children: Vec<Child> = (0..4).map(start).collect();
    for child in children {
        assert_eq!(ended(child).ok(), "started\n");
    }
    let list: Value = json(&project.run(&["backup", "list", "--json"]).ok());
    assert_eq!(list.as_array().map(Vec::len), Some(1), "{list}");
}

#[test]
fn without_its_backup_nothing_is_applied() {
    let Some(server) = server() else { return };
    let database = server.create_database();
    let (project, url) = (project(), database.url());
    project.write("backups", "a file where the folder should be");
    let ran = ended(
        gate_command(&project, &url, &["--apply", "--backup", "--", "echo", "started"])
            .spawn()
            .expect("it starts"),
    );
    assert_eq!(ran.stdout, "");
    ran.fails_with(&["backups", "upgrade was not begun: it was to be backed up first"]);
    let tables = "SELECT count(*) FROM pg_tables WHERE tablename LIKE 't\\_%' OR tablename = 'alembic_version'";
    assert_eq!(database.psql(tables).expect("a count").trim(), "0");
}

#[test]
fn a_migration_that_fails_keeps_the_gate_shut() {
    let project = project();
    project.revision(
        "dd04",
        Some("cc03"),
        "def upgrade():\n    op.execute('SELECT nonsense')\n\n\ndef downgrade():\n    pass",
    );
    let ran = project.run(&["gate", "--apply", "--allow-pending", "--", "echo", "started"]);
    assert_eq!(ran.stdout, "");
    ran.fails_with(&["E0412", "dd04", "the database is at cc03"]);
}

#[test]
fn the_program_takes_our_place() {
    let project = project();
    project.run(&["upgrade", "head"]).ok();
    let url = format!("sqlite:///{}", project.path("app.db").display());
    // The same process, its own exit code and arguments, stdin and stdout untouched.
    let child = gate_command(&project, &url, &["--", "sh", "-c", "echo $$ \"$1\"; exit 7", "x", "a  b"])
        .spawn()
        .expect("it starts");
    let pid = child.id();
    let ran = ended(child);
    assert_eq!((ran.code, ran.stdout), (Some(7), format!("{pid} a  b\n")));
    assert_eq!(ran.stderr, "Gate open: the database is at head (cc03).\n");
    // Signals reach it, with nobody in between.
    let mut child = gate_command(
        &project,
        &url,
        &["--", "sh", "-c", "trap 'echo caught; exit 3' TERM; echo ready; while :; do sleep 0.05; done"],
    )
    .spawn()
    .expect("it starts");
    let mut lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
    assert_eq!(lines.next().expect("a line").expect("text"), "ready");
    Command::new("kill").arg(child.id().to_string()).status().expect("kill runs");
    assert_eq!(lines.next().expect("a line").expect("text"), "caught");
    assert_eq!(child.wait().expect("it ends").code(), Some(3));
    // Signals are as a program finds them that a shell starts: nothing ignored, nothing blocked. (32 and 33 are the C library's own.)
    let masks = |status: &str| -> Vec<u64> {
        let lines = status.lines().filter(|line| line.starts_with("SigBlk") || line.starts_with("SigIgn"));
        lines
            .map(|line| u64::from_str_radix(line.split_whitespace().last().unwrap_or_default(), 16).expect("a mask") & 0x7fff_ffff)
            .collect()
    };
    let ran = ended(gate_command(&project, &url, &["--", "cat", "/proc/self/status"]).spawn().expect("it starts"));
    let plain = Command::new("cat").arg("/proc/self/status").output().expect("cat runs");
    assert_eq!(masks(&ran.stdout), masks(&String::from_utf8_lossy(&plain.stdout)));
    assert_eq!(masks(&ran.stdout).len(), 2);
    // No file of ours stays open in it.
    let ran = ended(
        gate_command(&project, &url, &["--", "sh", "-c", "ls -l /proc/$$/fd | grep -c app.db"])
            .spawn()
            .expect("it starts"),
    );
    assert_eq!(ran.stdout, "0\n");
}

#[test]
fn the_program_starts_where_we_were_started() {
    let project = project();
    project.run(&["upgrade", "head"]).ok();
    std::fs::create_dir_all(project.path("src/deep")).expect("a folder");
    project.write("src/deep/here.sh", "#!/bin/sh\nbasename \"$PWD\"\n");
    let deep = project.path("src/deep");
    assert_eq!(project.run_in(&deep, &["gate", "--", "sh", "./here.sh"], &[]).ok(), "deep\n");
    // Not executable, not there, and not asked at all while the gate is shut.
    let ran = project.run_in(&deep, &["gate", "--", "./here.sh"], &[]);
    assert_eq!(ran.code, Some(126), "{}", ran.stderr);
    let ran = project.run(&["gate", "--", "no-such-program"]);
    assert_eq!(ran.code, Some(127), "{}", ran.stderr);
    assert!(
        ran.stderr.contains("E0945") && ran.stderr.contains("no program `no-such-program`"),
        "{}",
        ran.stderr
    );
    project.run(&["downgrade", "-1"]).ok();
    let ran = project.run(&["gate", "--", "echo", "started"]);
    shut(&ran, &["E0940"]);
    assert_eq!(ran.stdout, "");
}

#[test]
fn a_server_that_comes_later_is_waited_for() {
    let Some(server) = server() else { return };
    let database = server.create_database();
    let project = project();
    project.run(&["--url", &database.url(), "upgrade", "head"]).ok();
    let place = tempfile::tempdir().expect("a folder");
    let url = database
        .url()
        .replace(&server.socket_directory().display().to_string(), &place.path().display().to_string());
    shut(
        &project.run(&["--url", &url, "gate"]),
        &["E0604", "the gate is shut: no server could be reached"],
    );
    assert_eq!(json(&project.run(&["--url", &url, "gate", "--json"]).stdout)["verdict"], "unreachable");
    let child = gate_command(&project, &url, &["--retries", "200", "--retry-interval", "50ms"])
        .spawn()
        .expect("it starts");
    std::thread::sleep(Duration::from_millis(400));
    let socket = format!(".s.PGSQL.{}", server.port());
    std::os::unix::fs::symlink(server.socket_directory().join(&socket), place.path().join(&socket)).expect("a link");
    let ran = ended(child);
    assert!(
        ran.stderr.contains("The database does not answer (") && ran.stderr.contains("try 1 of 200 in 50 ms"),
        "{}",
        ran.stderr
    );
    assert!(ran.ok().contains("Gate open"));
}

#[test]
fn waiting_ends_with_the_tries_or_a_signal() {
    let project = project();
    let url = "postgresql://nobody:tell-nobody@127.0.0.1:1/none";
    let ran = project.run_in(
        &project.path(""),
        &["--url", url, "gate"],
        &[("DB_CONNECTION_RETRIES", "2"), ("DB_CONNECTION_RETRY_INTERVAL", "0.1")],
    );
    shut(&ran, &["try 2 of 2 in 100 ms", "E0604"]);
    assert!(!ran.stderr.contains("try 3") && !ran.stderr.contains("tell-nobody"), "{}", ran.stderr);
    let mut child = gate_command(&project, url, &["--retries", "9", "--retry-interval", "1h"])
        .spawn()
        .expect("it starts");
    let mut line = String::new();
    BufReader::new(child.stderr.take().expect("a pipe")).read_line(&mut line).expect("a line");
    assert!(line.contains("try 1 of 9 in 3600 s"), "{line}");
    Command::new("kill").arg(child.id().to_string()).status().expect("kill runs");
    assert_eq!(child.wait().expect("it ends").code(), Some(143));
}

#[test]
fn a_half_done_downgrade_is_no_head() {
    let Some(server) = server() else { return };
    let database = server.create_database();
    let (project, url) = (project(), database.url());
    let down = "def upgrade():\n    op.create_table('half', sa.Column('id', sa.Integer()))\n\n\ndef downgrade():\n    with op.get_context().autocommit_block():\n        op.execute('DROP TABLE half')\n    op.execute('SELECT nonsense')";
    project.revision("dd04", Some("cc03"), down);
    project.run(&["--url", &url, "upgrade", "head"]).ok();
    project.run(&["--url", &url, "gate"]).ok();
    project.run(&["--url", &url, "downgrade", "-1"]).fails_with(&["nonsense", "dd04"]);
    shut(
        &project.run(&["--url", &url, "gate"]),
        &["E0944", "the downgrade of `dd04` is half done", " downgrade` goes on"],
    );
    assert_eq!(
        json(&project.run(&["--url", &url, "gate", "--json"]).stdout)["half_done"][0]["revision"],
        "dd04"
    );
}

#[test]
fn the_gate_writes_nothing_to_the_database() {
    let Some(server) = server() else { return };
    let database = server.create_database();
    let (project, url) = (project(), database.url());
    let schemas = "SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname !~ '^pg_|^information'";
    project.run(&["--url", &url, "gate", "--allow-pending"]).ok();
    shut(&project.run(&["--url", &url, "gate"]), &["E0943"]);
    assert_eq!(database.psql(schemas).expect("a count").trim(), "0");
    // A role that may only read passes too, and a standby would.
    project.run(&["--url", &url, "upgrade", "head"]).ok();
    let reading = format!("{url}&options=-cdefault_transaction_read_only%3Don");
    project.run(&["--url", &reading, "gate"]).ok();
}

#[test]
fn env_py_may_be_left_alone() {
    let Some(server) = server() else { return };
    let database = server.create_database();
    let (project, url) = (project(), database.url());
    project.run(&["--url", &url, "upgrade", "head"]).ok();
    project.write("migrations/env.py", "raise SystemExit('nobody runs this')\n");
    let gate = |more: &[&str]| project.run_in(&project.path(""), &[&["gate", "--no-env"], more].concat(), &[("DATABASE_URL", &url)]);
    assert_eq!(gate(&[]).ok(), "Gate open: the database is at head (cc03).\n");
    project.write("limbeck.toml", "version_table = 'elsewhere'\n");
    shut(&gate(&[]), &["E0943"]);
    assert_eq!(gate(&["--apply"]).code, Some(2));
    let variables = [("DATABASE_URL", url.as_str()), ("APPLY_MIGRATIONS", "true")];
    project
        .run_in(&project.path(""), &["gate", "--no-env"], &variables)
        .fails_with(&["E0002", "--no-env"]);
}

#[test]
fn all_databases_of_a_project_must_fit() {
    let project = Project::sqlite();
    for name in ["alembic.ini", "migrations/env.py"] {
        std::fs::remove_file(project.path(name)).expect("a file of the project");
    }
    std::fs::remove_dir_all(project.path("migrations")).expect("a folder");
    project.run(&["init", "-t", "multidb", "migrations"]).ok();
    let ini = std::fs::read_to_string(project.path("alembic.ini")).expect("an ini");
    let url = |name: &str| format!("sqlite:///{}", project.path(name).display());
    let ini = ini
        .replacen("driver://user:pass@localhost/dbname", &url("one.db"), 1)
        .replacen("driver://user:pass@localhost/dbname2", &url("two.db"), 1);
    project.write("alembic.ini", &ini);
    project.revision(
        "aa01",
        None,
        "def upgrade(engine_name):\n    op.create_table('t', sa.Column('id', sa.Integer()))\n\n\ndef downgrade(engine_name):\n    op.drop_table('t')",
    );
    project.run(&["upgrade", "head"]).ok();
    let open = project.run(&["gate"]).ok();
    assert!(
        open.contains("one.db): the database is at head") && open.contains("two.db): the database is at head"),
        "{open}"
    );
    std::fs::remove_file(project.path("two.db")).expect("a database");
    let ran = project.run(&["gate", "--json"]);
    let answers = json(&ran.stdout);
    assert_eq!(
        (ran.code, &answers[0]["verdict"], &answers[1]["verdict"]),
        (Some(1), &"at_head".into(), &"unversioned".into())
    );
    let ran = project.run(&["gate", "--", "echo", "started"]);
    shut(&ran, &["E0943", "two.db"]);
    assert_eq!(ran.stdout, "");
    let ran = project.run(&["health"]);
    assert_eq!(ran.code, Some(1));
    assert!(
        ran.stdout.contains("one.db\nCurrent:   aa01") && ran.stdout.contains("Status:    degraded\n           the database has no version table"),
        "{}",
        ran.stdout
    );
}

#[test]
fn a_file_that_is_locked_is_waited_for() {
    let project = project();
    project.run(&["upgrade", "head"]).ok();
    let url = format!("sqlite:///{}?timeout=0.1", project.path("app.db").display());
    let mut holder = limbeck_db::connect(&limbeck_db::DatabaseUrl::parse(&url).expect("a URL"), &limbeck_db::Environment::default()).expect("a file");
    holder.execute_batch("BEGIN EXCLUSIVE").expect("the lock");
    shut(&project.run(&["--url", &url, "gate"]), &["E0613", "the gate is shut"]);
    let child = gate_command(&project, &url, &["--retries", "100", "--retry-interval", "50ms"])
        .spawn()
        .expect("it starts");
    std::thread::sleep(Duration::from_millis(600));
    holder.execute_batch("COMMIT").expect("the lock is free");
    assert!(ended(child).ok().contains("Gate open"));
    // No database at all is no matter of waiting.
    std::fs::write(
        project.path("app.db"),
        "this is a text and no database, and it is long enough to be seen as such",
    )
    .expect("a file");
    project.run(&["gate", "--retries", "5"]).fails_with(&["E0401", "file is not a database"]);
}

/// The documentation, with the code between a fence of that language.
fn documented(language: &str) -> Vec<String> {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/gate.md");
    let text = std::fs::read_to_string(path).expect("the documentation");
    let fence = format!("```{language}\n");
    text.split(&fence)
        .skip(1)
        .map(|rest| rest.split("```").next().unwrap_or_default().to_owned())
        .collect()
}

#[test]
fn the_python_module_of_the_documentation_works() {
    let Ok(found) = Command::new("python3").arg("--version").output() else {
        return println!("skipped: no python3");
    };
    assert!(found.status.success());
    let project = project();
    project.write("limbeck_gate.py", &documented("python").concat());
    let python = |code: &str| {
        let mut command = Command::new("python3");
        command
            .current_dir(project.path(""))
            .args(["-c", &format!("from limbeck_gate import *\n{code}")]);
        command
            .env("LIMBECK", env!("CARGO_BIN_EXE_limbeck"))
            .env("XDG_CACHE_HOME", project.path(".cache"))
            .env_remove("DATABASE_URL");
        Ran::from(command.output().expect("python3 runs"))
    };
    let shut = python("try: gate()\nexcept GateShut as e: print(e, len(e.verdicts[0]['pending']))").ok();
    assert!(shut.contains("app.db: unversioned 3"), "{shut}");
    assert_eq!(python("print(verdicts(apply=True)[0]['applied'])").ok(), "True\n");
    assert_eq!(python("gate(timeout=60); print('in')").ok(), "in\n");
    let url = format!("sqlite:///{}", project.path("other.db").display());
    assert_eq!(python(&format!("print(verdicts(url={url:?})[0]['verdict'])")).ok(), "unversioned\n");
    let wrong = python("gate(ahead='x')");
    assert!(wrong.stderr.contains("RuntimeError: error[E0105]"), "{}", wrong.stderr);
}

/// What the documentation has containers run is run here, up to the program that they start.
#[test]
fn the_commands_of_the_documentation_are_commands() {
    let project = project();
    let mut seen = 0;
    for line in documented("yaml").concat().lines() {
        let Some(list) = line.trim().strip_prefix("command: [").or_else(|| line.trim().strip_prefix("entrypoint: [")) else {
            continue;
        };
        let words: Vec<String> = serde_json::from_str(&format!("[{list}")).expect("a list of words");
        let mut words: Vec<&str> = words.iter().map(String::as_str).collect();
        assert_eq!(words.remove(0), "limbeck");
        if words[0] == "health" {
            words.push("--help");
        }
        if let Some(at) = words.iter().position(|word| *word == "uvicorn") {
            words.splice(at.., ["echo", "started"]);
        }
        project.run(&words).ok();
        seen += 1;
    }
    assert_eq!(seen, 4);
}
