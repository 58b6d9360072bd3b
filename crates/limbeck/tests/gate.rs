//! The gate as a program in Rust uses it, on a project's files and a real database.

use limbeck::{Gate, GateError, Verdict, gate, gate_blocking};
use std::future::Future;
use std::path::Path;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::Thread;
use std::time::{Duration, Instant};

fn project() -> tempfile::TempDir {
    let place = tempfile::tempdir().expect("a folder");
    write(place.path(), "alembic.ini", "[alembic]\nscript_location = migrations\n");
    write(place.path(), "migrations/env.py", "raise SystemExit('nobody runs this')\n");
    for (id, down) in [("aa01", "None"), ("bb02", "'aa01'"), ("cc03", "'bb02'")] {
        let text = format!("\"\"\"step {id}\"\"\"\nrevision = '{id}'\ndown_revision = {down}\nraise SystemExit('nor this')\n");
        write(place.path(), &format!("migrations/versions/{id}.py"), &text);
    }
    place
}

fn write(place: &Path, name: &str, text: &str) {
    let path = place.join(name);
    std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
    std::fs::write(path, text).expect("a file");
}

/// The smallest runtime there is.
fn block_on<T>(future: impl Future<Output = T>) -> T {
    struct Unpark(Thread);
    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let waker = Waker::from(Arc::new(Unpark(std::thread::current())));
    let mut future = pin!(future);
    loop {
        match future.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(value) => return value,
            Poll::Pending => std::thread::park(),
        }
    }
}

fn sqlite(place: &Path, rows: &[&str]) -> String {
    let url = format!("sqlite:///{}", place.join("app.db").display());
    let mut connection = limbeck_db::connect(&limbeck_db::DatabaseUrl::parse(&url).expect("a URL"), &limbeck_db::Environment::default()).expect("a file");
    let values: String = rows.iter().map(|row| format!("INSERT INTO alembic_version VALUES ('{row}');")).collect();
    connection
        .execute_batch(&format!(
            "CREATE TABLE IF NOT EXISTS alembic_version (version_num varchar(32)); DELETE FROM alembic_version; {values}"
        ))
        .expect("rows");
    url
}

#[test]
fn a_program_awaits_its_verdict() {
    let place = project();
    let url = sqlite(place.path(), &["aa01"]);
    let verdict = block_on(gate(&url, place.path())).expect("a verdict");
    assert_eq!((verdict.word(), verdict.pending().len(), verdict.passes()), ("behind", 2, false));
    let url = sqlite(place.path(), &["cc03"]);
    // From below the project, and by its configuration file.
    std::fs::create_dir(place.path().join("src")).expect("a folder");
    for project in [place.path().join("src"), place.path().join("alembic.ini")] {
        assert!(gate_blocking(&url, project).expect("a verdict").passes());
    }
    let url = sqlite(place.path(), &["zz99"]);
    assert_eq!(gate_blocking(&url, place.path()).expect("a verdict").word(), "diverged");
}

#[test]
fn what_is_not_there_is_a_verdict_and_what_is_wrong_an_error() {
    let place = project();
    let file = place.path().join("none.db");
    let verdict = gate_blocking(&format!("sqlite:///{}", file.display()), place.path()).expect("a verdict");
    assert_eq!((verdict.word(), file.exists()), ("unversioned", false));
    let began = Instant::now();
    let verdict = Gate::new("postgresql://u:tell-nobody@127.0.0.1:1/x", place.path())
        .retries(3, Duration::from_millis(50))
        .ask_blocking()
        .expect("a verdict");
    assert!(
        matches!(&verdict, Verdict::Unreachable { reason } if !reason.contains("tell-nobody")),
        "{verdict}"
    );
    assert!(began.elapsed() >= Duration::from_millis(150));

    assert!(matches!(gate_blocking("nonsense", place.path()), Err(GateError::Url(_))));
    let empty = tempfile::tempdir().expect("a folder");
    assert!(matches!(gate_blocking("sqlite://", empty.path()), Err(GateError::Project(_))));
    write(place.path(), "migrations/versions/dd04.py", "revision = 'dd04'\ndown_revision = 'nobody'\n");
    assert!(matches!(gate_blocking("sqlite://", place.path()), Err(GateError::Graph(_))));
    write(
        place.path(),
        "migrations/versions/dd04.py",
        "import os\nrevision = os.environ['X']\ndown_revision = 'cc03'\n",
    );
    let error = gate_blocking("sqlite://", place.path()).expect_err("only running it would tell");
    assert!(matches!(&error, GateError::Project(_)), "{error}");
}

#[test]
fn the_version_table_may_have_another_name_and_place() {
    let server = match limbeck_test::Server::start() {
        Ok(server) => server,
        Err(reason) => return println!("skipped: {reason}"),
    };
    let database = server.create_database();
    let (place, url) = (project(), database.url());
    database
        .psql("CREATE SCHEMA ops; CREATE TABLE ops.versions (version_num varchar(32)); INSERT INTO ops.versions VALUES ('cc03')")
        .expect("a table");
    assert_eq!(gate_blocking(&url, place.path()).expect("a verdict").word(), "unversioned");
    let named = Gate::new(&url, place.path()).version_table("versions").version_table_schema("ops");
    assert_eq!(block_on(named.ask()).expect("a verdict").word(), "at_head");
    write(
        place.path(),
        "limbeck.toml",
        "version_table = 'versions'\nversion_table_schema = 'ops'\nahead_window = 1\n",
    );
    assert!(gate_blocking(&url, place.path()).expect("a verdict").passes());
    // A driver's name in the URL is no matter.
    let driver = url.replacen("postgresql://", "postgresql+asyncpg://", 1);
    assert!(gate_blocking(&driver, place.path()).expect("a verdict").passes());

    // A role that may not read the table is told so.
    database
        .psql("CREATE ROLE gate_nobody LOGIN; REVOKE ALL ON SCHEMA ops FROM PUBLIC; GRANT USAGE ON SCHEMA ops TO gate_nobody")
        .expect("a role");
    let nobody = url.replacen("postgres@", "gate_nobody@", 1);
    let error = gate_blocking(&nobody, place.path()).expect_err("refused");
    assert!(
        matches!(&error, GateError::Database(_)) && error.to_string().contains("permission denied"),
        "{error}"
    );
    database
        .psql("REVOKE USAGE ON SCHEMA ops FROM gate_nobody; DROP ROLE gate_nobody")
        .expect("a role");
}
