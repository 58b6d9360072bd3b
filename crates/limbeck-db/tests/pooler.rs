//! Through PgBouncer, where it is installed: which pools a migration may run through.

use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixStream;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use limbeck_db::{Companion, Connection, DatabaseUrl, DbError, Environment, Identity, companion, connect, pooler_refused, transaction_pooler};
use limbeck_test::{Database, Server};

/// A running PgBouncer in front of a server.
struct PgBouncer {
    process: Child,
    directory: tempfile::TempDir,
}

impl PgBouncer {
    /// Starts one with further settings; `None` where there is no PgBouncer.
    fn start(server: &Server, settings: &str) -> Option<PgBouncer> {
        let directory = tempfile::tempdir().unwrap();
        std::fs::set_permissions(directory.path(), std::fs::Permissions::from_mode(0o777)).unwrap();
        let path = directory.path().display();
        let (host, port) = (server.socket_directory().display(), server.port());
        let text = format!(
            "[databases]\n* = host={host} port={port} user=postgres\n[pgbouncer]\nunix_socket_dir = {path}\nlisten_port = 6432\n\
             auth_type = any\n{settings}\n"
        );
        let configuration = directory.path().join("pgbouncer.ini");
        std::fs::write(&configuration, text).unwrap();
        let mut command = Command::new("/usr/sbin/pgbouncer");
        command
            .arg("-q")
            .arg(&configuration)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        // It refuses to run as root.
        if rustix::process::geteuid().is_root() {
            command.args(["-u", "nobody"]);
        }
        let process = command.spawn().ok()?;
        let bouncer = PgBouncer { process, directory };
        for _ in 0..500 {
            // The socket is there a moment before it takes connections.
            if UnixStream::connect(bouncer.directory.path().join(".s.PGSQL.6432")).is_ok() {
                return Some(bouncer);
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        panic!("PgBouncer did not start");
    }

    fn url(&self, database: &Database<'_>) -> String {
        format!("postgresql://postgres@/{}?host={}&port=6432", database.name(), self.directory.path().display())
    }
}

impl Drop for PgBouncer {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn open(url: &str) -> Box<dyn Connection> {
    connect(&DatabaseUrl::parse(url).unwrap(), &Environment::default()).unwrap()
}

fn beside(url: &str) -> Box<dyn Companion> {
    companion(&DatabaseUrl::parse(url).unwrap(), &Environment::default(), &Identity::of_process("upgrade")).unwrap()
}

fn verdict(url: &str) -> Result<Option<String>, DbError> {
    let (mut main, mut eyes) = (open(url), beside(url));
    let found = transaction_pooler(main.as_mut(), eyes.as_mut())?;
    assert!(!main.in_transaction());
    Ok(found)
}

#[test]
fn a_pool_that_lends_by_the_transaction_is_found() {
    let server = match Server::shared() {
        Ok(server) => server,
        Err(reason) => return eprintln!("skipped: {reason}"),
    };
    for (settings, found) in [
        ("pool_mode = transaction", true),
        ("pool_mode = transaction\nserver_round_robin = 1", true),
        ("pool_mode = transaction\ndefault_pool_size = 1", true),
        ("pool_mode = statement", true),
        ("pool_mode = session", false),
        ("pool_mode = session\nserver_round_robin = 1", false),
    ] {
        let database = server.create_database();
        let Some(bouncer) = PgBouncer::start(server, settings) else {
            return eprintln!("skipped: there is no PgBouncer");
        };
        let url = bouncer.url(&database);
        let verdict_is = |when: &str| {
            let verdict = verdict(&url).unwrap();
            assert_eq!(verdict.is_some(), found, "{settings}, {when}: {verdict:?}");
        };
        verdict_is("with an empty pool");
        if !settings.contains("statement") && !settings.contains("pool_size") {
            // An application with several connections fills the pool, and then leaves them idle.
            let mut application: Vec<_> = (0..5).map(|_| open(&url)).collect();
            for connection in &mut application {
                connection.begin().unwrap();
            }
            for connection in &mut application {
                connection.rollback().unwrap();
            }
            for _ in 0..10 {
                verdict_is("with a full pool");
            }
            // One transaction that stays open takes a server away.
            application[0].begin().unwrap();
            verdict_is("with a busy application");
        }
    }
}

#[test]
fn a_busy_application_hides_nothing() {
    let server = match Server::shared() {
        Ok(server) => server,
        Err(reason) => return eprintln!("skipped: {reason}"),
    };
    for (settings, found) in [
        ("pool_mode = transaction", true),
        ("pool_mode = transaction\nserver_round_robin = 1", true),
        ("pool_mode = session", false),
    ] {
        let database = server.create_database();
        let Some(bouncer) = PgBouncer::start(server, settings) else {
            return eprintln!("skipped: there is no PgBouncer");
        };
        let url = bouncer.url(&database);
        let stop = std::sync::atomic::AtomicBool::new(false);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    let mut connection = open(&url);
                    while !stop.load(std::sync::atomic::Ordering::Relaxed) {
                        connection.execute_batch("SELECT pg_sleep(0.001)").unwrap();
                    }
                });
            }
            let verdicts: Vec<_> = (0..30).map(|_| verdict(&url).map(|found| found.is_some())).collect();
            stop.store(true, std::sync::atomic::Ordering::Relaxed);
            assert!(verdicts.iter().all(|verdict| *verdict == Ok(found)), "{settings}: {verdicts:?}");
        });
    }
}

#[test]
fn the_name_gets_through_a_session_pool() {
    let server = match Server::shared() {
        Ok(server) => server,
        Err(reason) => return eprintln!("skipped: {reason}"),
    };
    let database = server.create_database();
    let Some(bouncer) = PgBouncer::start(server, "pool_mode = session") else {
        return eprintln!("skipped: there is no PgBouncer");
    };
    let url = bouncer.url(&database);
    let key = limbeck_db::LockKey::new(&limbeck_expr::TableName::new("alembic_version"));
    let (mut one, mut two) = (beside(&url), beside(&database.url()));
    assert!(one.try_lock(&key).unwrap());
    one.announce("upgrade 1a2b").unwrap();
    assert!(!two.try_lock(&key).unwrap());
    let holder = two.holder(&key).unwrap().unwrap();
    assert_eq!((holder.doing.as_deref(), holder.pid), (Some("upgrade 1a2b"), Some(std::process::id())));
    drop(one);
    assert!(two.try_lock(&key).unwrap());
}

#[test]
fn the_refusal_gives_the_reason() {
    let error = pooler_refused("two of our connections were served by one server process, 7");
    assert_eq!(error.code, "E0623");
    assert!(error.causes[0].contains("one server process"));
}
