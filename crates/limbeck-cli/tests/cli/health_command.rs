//! `health`: once as text and JSON, and as a server that bad clients do not bring down.

use crate::project::Project;
use limbeck_test::Server;
use serde_json::Value;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const CODE: &str = "def upgrade():\n    op.create_table('t_@', sa.Column('id', sa.Integer()))\n\n\ndef downgrade():\n    op.drop_table('t_@')";

fn project() -> Project {
    let project = Project::sqlite();
    for (id, down) in [("aa01", None), ("bb02", Some("aa01"))] {
        project.revision(id, down, &CODE.replace('@', id));
    }
    project
}

fn server() -> Option<Server> {
    Server::start().map_err(|reason| println!("skipped: {reason}")).ok()
}

/// `health --json`, its exit code, and the one database of it.
fn health(project: &Project, url: &str) -> (Option<i32>, Value) {
    let ran = project.run(&["--url", url, "health", "--json"]);
    let value: Value = serde_json::from_str(&ran.stdout).unwrap_or_else(|_| panic!("{}\n{}", ran.stdout, ran.stderr));
    assert_eq!(value["status"], value["databases"][0]["status"]);
    (ran.code, value["databases"][0].clone())
}

#[test]
fn from_new_to_ok_and_unwell_again() {
    let Some(server) = server() else { return };
    let database = server.create_database();
    let (project, url) = (project(), database.url());
    let (code, one) = health(&project, &url);
    assert_eq!((code, &one["verdict"], &one["status"]), (Some(1), &"unversioned".into(), &"degraded".into()));
    assert_eq!((&one["last_run"], &one["ready"]), (&Value::Null, &false.into()));

    project.run(&["--url", &url, "upgrade", "aa01"]).ok();
    let (code, one) = health(&project, &url);
    assert_eq!(
        (code, &one["verdict"], &one["pending"][0]["message"]),
        (Some(1), &"behind".into(), &"step bb02".into())
    );
    project.run(&["--url", &url, "upgrade", "head"]).ok();
    let (code, one) = health(&project, &url);
    assert_eq!((code, &one["status"], &one["reasons"]), (Some(0), &"ok".into(), &serde_json::json!([])));
    assert_eq!((&one["last_run"]["outcome"], &one["last_run"]["error"]), (&"ok".into(), &Value::Null));
    let text = project.run(&["--url", &url, "health"]).ok();
    assert!(text.starts_with("Status:    ok\nReady:     yes\nDatabase:  postgresql://"), "{text}");
    assert!(
        text.contains("Current:   bb02\nPending:   0\nLast run:  ok, 20") && text.contains("upgrade head by "),
        "{text}"
    );

    // The log of this machine is gone (another pod): the database remembers the run.
    std::fs::remove_dir_all(project.path("logs")).expect("a folder");
    assert_eq!(health(&project, &url).1["last_run"]["outcome"], "ok");

    // An index that failed half-way, and a run that failed.
    project.revision(
        "cc03",
        Some("bb02"),
        "def upgrade():\n    with op.get_context().autocommit_block():\n        op.execute('CREATE UNIQUE INDEX CONCURRENTLY i ON t_aa01 (id)')\n\n\ndef downgrade():\n    pass",
    );
    database.psql("INSERT INTO t_aa01 VALUES (1), (1)").expect("rows");
    project.run(&["--url", &url, "upgrade", "head"]).fails_with(&["E0412"]);
    let ran = project.run(&["--url", &url, "health"]);
    assert_eq!(ran.code, Some(1));
    for words in [
        "Status:    degraded",
        "the last run ended badly (failed)",
        "Last run:  failed, 20",
        "could not create unique index",
        "cc03  step cc03",
    ] {
        assert!(ran.stdout.contains(words), "{words:?} is not in:\n{}", ran.stdout);
    }
    database
        .psql("CREATE TABLE w (a int); ALTER TABLE w ADD CONSTRAINT positive CHECK (a > 0) NOT VALID")
        .expect("a constraint");
    let leftovers = health(&project, &url).1["leftovers"].to_string();
    assert!(leftovers.contains("not_valid_constraint") && leftovers.contains("positive"), "{leftovers}");
}

#[test]
fn a_lock_that_is_held_is_shown() {
    let project = project();
    project.revision(
        "cc03",
        Some("bb02"),
        "def upgrade():\n    while True:\n        pass\n\n\ndef downgrade():\n    pass",
    );
    let mut migration = project.start(&["upgrade", "head"]);
    let began = Instant::now();
    let url = format!("sqlite:///{}", project.path("app.db").display());
    loop {
        let (_, one) = health(&project, &url);
        if one["lock_holders"][0]["pid"] == migration.id() && one["current"] == serde_json::json!(["bb02"]) {
            // The run has no end yet, but it goes on.
            assert!(!one["reasons"].to_string().contains("badly"), "{one}");
            break;
        }
        assert!(began.elapsed() < Duration::from_secs(60), "{one}");
        std::thread::sleep(Duration::from_millis(50));
    }
    migration.kill().expect("a signal");
    migration.wait().expect("it ends");
    // Killed: now it counts.
    let (_, one) = health(&project, &url);
    assert_eq!(one["last_run"]["outcome"], "unfinished", "{one}\n{}", project.run(&["log"]).stdout);
    assert!(one["reasons"].to_string().contains("badly"), "{one}");
}

#[test]
fn a_database_that_does_not_answer_is_unavailable() {
    let project = project();
    let ran = project.run(&["--url", "postgresql://nobody:tell-nobody@127.0.0.1:1/none", "health"]);
    assert_eq!(ran.code, Some(2));
    assert!(
        ran.stdout
            .starts_with("Status:    unavailable\n           the database does not answer: no server could be reached"),
        "{}",
        ran.stdout
    );
    assert!(!ran.stdout.contains("tell-nobody") && ran.stderr.is_empty(), "{}{}", ran.stdout, ran.stderr);
}

#[test]
fn only_this_machine_may_ask_unless_others_are_meant() {
    let project = project();
    project
        .run(&["health", "--serve", "0.0.0.0:0"])
        .fails_with(&["E0946", "can be reached from other machines", "--allow-remote"]);
    project.run(&["health", "--serve", "[::]:0"]).fails_with(&["E0946"]);
    project.run(&["health", "--serve", "nonsense"]).fails_with(&["E0946", "no address"]);
    let held = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = held.local_addr().expect("an address").to_string();
    project.run(&["health", "--serve", &address]).fails_with(&["E0946", "take another port"]);
}

/// `health --serve`, which ends with the value.
struct Served {
    child: Child,
    address: String,
}

impl Served {
    fn new(project: &Project, url: &str, more: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_limbeck"));
        command
            .current_dir(project.path(""))
            .args(["--url", url, "health", "--serve", "127.0.0.1:0"])
            .args(more);
        command
            .env("XDG_CACHE_HOME", project.path(".cache"))
            .stdin(Stdio::null())
            .stderr(Stdio::piped());
        let mut child = command.spawn().expect("it starts");
        let mut line = String::new();
        BufReader::new(child.stderr.take().expect("a pipe")).read_line(&mut line).expect("a line");
        let address = line
            .strip_prefix("Listening at http://")
            .and_then(|rest| rest.split_once(": "))
            .expect("an address")
            .0
            .to_owned();
        Served { child, address }
    }

    fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(&self.address).expect("a connection");
        stream.set_read_timeout(Some(Duration::from_secs(20))).expect("a timeout");
        stream
    }

    /// Sends bytes, returns all that comes back.
    fn send(&self, bytes: &[u8]) -> String {
        let mut stream = self.connect();
        let _ = stream.write_all(bytes);
        let mut text = Vec::new();
        let _ = stream.read_to_end(&mut text);
        String::from_utf8_lossy(&text).into_owned()
    }

    /// Status and body.
    fn get(&self, path: &str) -> (u16, String) {
        let text = self.send(format!("GET {path} HTTP/1.1\r\nHost: x\r\n\r\n").as_bytes());
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no answer to {path}: {text:?}"));
        let length = head.lines().find_map(|line| line.strip_prefix("Content-Length: ")).expect("a length");
        assert_eq!(length.parse::<usize>().expect("a number"), body.len());
        (head[9..12].parse().expect("a status"), body.to_owned())
    }

    /// Asks until the answer has that status.
    fn until(&self, path: &str, status: u16) -> String {
        let began = Instant::now();
        loop {
            let (found, body) = self.get(path);
            if found == status {
                return body;
            }
            assert!(began.elapsed() < Duration::from_secs(30), "{path} stays {found}: {body}");
            std::thread::sleep(Duration::from_millis(100));
        }
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn served_sqlite() -> (Project, Served) {
    let project = project();
    project.run(&["upgrade", "head"]).ok();
    let url = format!("sqlite:///{}", project.path("app.db").display());
    let served = Served::new(&project, &url, &[]);
    (project, served)
}

#[test]
fn probes_and_metrics_are_answered() {
    let (project, mut served) = served_sqlite();
    assert_eq!(served.get("/healthz"), (200, "ok\n".into()));
    let (status, body) = served.get("/readyz?verbose");
    let value: Value = serde_json::from_str(&body).expect("JSON");
    assert_eq!(
        (status, &value["ready"], &value["databases"][0]["verdict"]),
        (200, &true.into(), &"at_head".into())
    );
    let (status, text) = served.get("/metrics");
    assert_eq!(status, 200);
    for name in [
        "limbeck_up{",
        "limbeck_ready{",
        "current=\"bb02\"} 1",
        "limbeck_pending_revisions{",
        "limbeck_last_run_success{",
    ] {
        assert!(text.contains(name), "{name} is not in:\n{text}");
    }
    assert_eq!(served.get("/").0, 404);
    assert!(served.send(b"POST /readyz HTTP/1.1\r\n\r\n").starts_with("HTTP/1.1 405 "));
    let head = served.send(b"HEAD /readyz HTTP/1.1\r\n\r\n");
    assert!(head.starts_with("HTTP/1.1 200 OK\r\n") && head.ends_with("\r\n\r\n"), "{head}");

    // The database goes back: not ready, with what is missing.
    project.run(&["downgrade", "-1"]).ok();
    let body = served.until("/readyz", 503);
    assert!(body.contains("\"verdict\":\"behind\"") && body.contains("step bb02"), "{body}");
    assert!(served.get("/metrics").1.contains("} 1\n# HELP limbeck_ahead"), "one is pending");
    assert_eq!(served.get("/healthz").0, 200);

    // SIGTERM ends it at once.
    let began = Instant::now();
    Command::new("kill").arg(served.child.id().to_string()).status().expect("kill runs");
    assert_eq!(served.child.wait().expect("it ends").code(), Some(0));
    assert!(began.elapsed() < Duration::from_secs(2));
}

#[test]
fn pending_migrations_that_are_allowed_are_ready() {
    let project = project();
    project.run(&["upgrade", "aa01"]).ok();
    let url = format!("sqlite:///{}", project.path("app.db").display());
    let served = Served::new(&project, &url, &["--allow-pending"]);
    let (status, body) = served.get("/readyz");
    assert_eq!(status, 200);
    assert!(body.contains("\"status\":\"degraded\",\"ready\":true"), "{body}");
}

#[test]
fn bad_clients_keep_nobody_out() {
    let (_project, served) = served_sqlite();
    // Those who send a little now and then, more than there are places.
    let mut slow: Vec<TcpStream> = (0..300).map(|_| served.connect()).collect();
    for stream in &mut slow {
        let _ = stream.write_all(b"GET /readyz HTTP/1.1\r\nX: ");
    }
    let began = Instant::now();
    assert_eq!(served.get("/healthz").0, 200);
    assert_eq!(served.get("/readyz").0, 200);
    assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
    // One that goes on for ever is told so, in time.
    let mut last = served.connect();
    last.write_all(b"GET /readyz HTTP/1.1\r\n").expect("sent");
    let began = Instant::now();
    let mut text = String::new();
    while began.elapsed() < Duration::from_secs(15) {
        let _ = last.write_all(b"X: y\r\n");
        last.set_read_timeout(Some(Duration::from_millis(100))).expect("a timeout");
        let mut bytes = [0; 512];
        match last.read(&mut bytes) {
            Ok(0) => break,
            Ok(got) => text.push_str(&String::from_utf8_lossy(&bytes[..got])),
            Err(_) => {}
        }
    }
    assert!(
        text.starts_with("HTTP/1.1 408 ") && began.elapsed() < Duration::from_secs(12),
        "{text} after {:?}",
        began.elapsed()
    );
    drop(slow);

    // A head of a megabyte, too many fields, garbage, nothing.
    let long = format!("GET /readyz HTTP/1.1\r\nX: {}\r\n\r\n", "a".repeat(1 << 20));
    assert!(served.send(long.as_bytes()).starts_with("HTTP/1.1 431 "));
    let many: String = (0..1000).map(|n| format!("X{n}: y\r\n")).collect();
    assert!(served.send(format!("GET / HTTP/1.1\r\n{many}\r\n").as_bytes()).starts_with("HTTP/1.1 431 "));
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    for _ in 0..200 {
        let bytes: Vec<u8> = (0..200)
            .map(|_| {
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                state.to_le_bytes()[0]
            })
            .chain(*b"\r\n\r\n")
            .collect();
        let mut stream = served.connect();
        let _ = stream.write_all(&bytes);
        let _ = stream.shutdown(std::net::Shutdown::Write);
        let mut text = Vec::new();
        let _ = stream.read_to_end(&mut text);
        assert!(text.is_empty() || text.starts_with(b"HTTP/1.1 400 "), "{}", String::from_utf8_lossy(&text));
    }
    drop(served.connect());
    assert_eq!(served.get("/healthz").0, 200);
}

#[test]
fn a_hundred_at_once_are_answered_by_one_look() {
    let Some(server) = server() else { return };
    let database = server.create_database();
    let (project, url) = (project(), database.url());
    project.run(&["--url", &url, "upgrade", "head"]).ok();
    let served = Served::new(&project, &url, &[]);
    let sessions = "SELECT sessions FROM pg_stat_database WHERE datname = current_database()";
    let before: i64 = database.psql(sessions).expect("a count").trim().parse().expect("a number");
    std::thread::scope(|scope| {
        let asking: Vec<_> = (0..100)
            .map(|n| {
                let served = &served;
                scope.spawn(move || served.get(if n % 2 == 0 { "/readyz" } else { "/metrics" }).0)
            })
            .collect();
        for one in asking {
            assert_eq!(one.join().expect("an answer"), 200);
        }
    });
    let after: i64 = database.psql(sessions).expect("a count").trim().parse().expect("a number");
    assert!(after - before < 10, "{} sessions", after - before);
}

#[test]
fn a_server_that_goes_and_comes_back_is_noticed() {
    let Some(server) = server() else { return };
    let database = server.create_database();
    let project = project();
    project.run(&["--url", &database.url(), "upgrade", "head"]).ok();
    let place = tempfile::tempdir().expect("a folder");
    let url = database
        .url()
        .replace(&server.socket_directory().display().to_string(), &place.path().display().to_string());
    let socket = place.path().join(format!(".s.PGSQL.{}", server.port()));
    let link = || std::os::unix::fs::symlink(server.socket_directory().join(socket.file_name().expect("a name")), &socket).expect("a link");
    let served = Served::new(&project, &url, &[]);
    let (status, body) = served.get("/readyz");
    assert_eq!(status, 503);
    assert!(
        body.contains("\"status\":\"unavailable\"") && body.contains("no server could be reached"),
        "{body}"
    );
    assert!(served.get("/metrics").1.contains("limbeck_up{"), "it answers for all that");
    link();
    served.until("/readyz", 200);
    std::fs::remove_file(&socket).expect("a link");
    served.until("/readyz", 503);
    assert_eq!(served.get("/healthz").0, 200);
    link();
    served.until("/readyz", 200);
}

#[test]
fn a_server_that_hangs_is_not_waited_for() {
    // It takes connections and never says a word.
    let mute = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let project = project();
    let url = format!("postgresql://u@{}/d?sslmode=disable", mute.local_addr().expect("an address"));
    let served = Served::new(&project, &url, &[]);
    for path in ["/readyz", "/metrics"] {
        let began = Instant::now();
        let (status, body) = served.get(path);
        assert!(began.elapsed() < Duration::from_secs(3), "{:?}", began.elapsed());
        assert_eq!(status, if path == "/readyz" { 503 } else { 200 }, "{body}");
        assert!(body.contains("has not answered for") || body.contains("limbeck_up 0"), "{body}");
    }
}
