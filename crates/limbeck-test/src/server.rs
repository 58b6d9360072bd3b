//! A private PostgreSQL server: own directory, own socket, no network unless asked.
//!
//! The server is the child of a small shell that waits on a pipe from this process. When the pipe closes,
//! because the [`Server`] was dropped or because this process ended in any way at all, the shell stops the
//! server and removes its directory. The shell has a session of its own, so signals for the test's process
//! group do not reach it. A line through the pipe makes it stop the server at once and start it again.

use std::fs::{File, OpenOptions};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use crate::binaries::{Binaries, RunAs};
use crate::database::Database;

/// Names a running server for [`Server::start`] to use instead of starting one: `SOCKET_DIRECTORY:PORT`.
pub const SERVER_VARIABLE: &str = "LIMBECK_TEST_SERVER";

/// How long a server may take to answer after its start.
const START_BUDGET: Duration = Duration::from_secs(60);

/// What a test wants beyond the usual server.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Listen on 127.0.0.1 too, where the user `postgres` must give this password.
    pub tcp_password: Option<String>,
    /// Further lines for postgresql.conf.
    pub settings: Vec<String>,
}

/// A running private PostgreSQL server; it stops when dropped.
#[derive(Debug)]
pub struct Server {
    binaries: Binaries,
    directory: PathBuf,
    port: u16,
    owned: bool,
    keeper: Option<Child>,
}

impl Server {
    /// Starts a server, or uses the one that [`SERVER_VARIABLE`] names.
    ///
    /// # Errors
    /// Says what is missing or what the server wrote.
    pub fn start() -> Result<Self, String> {
        match std::env::var(SERVER_VARIABLE) {
            Ok(address) => Self::attach(&address),
            Err(_) => Self::start_with(&Options::default()),
        }
    }

    /// Returns the one server of this process, started at the first call.
    ///
    /// # Errors
    /// As [`Server::start`]; every later call repeats the error.
    pub fn shared() -> Result<&'static Self, String> {
        static SHARED: OnceLock<Result<Server, String>> = OnceLock::new();
        SHARED.get_or_init(Self::start).as_ref().map_err(Clone::clone)
    }

    /// Starts a server of its own with `options`.
    ///
    /// # Errors
    /// Says what is missing or what the server wrote.
    pub fn start_with(options: &Options) -> Result<Self, String> {
        let binaries = Binaries::find()?;
        let run_as = RunAs::find()?;
        let template = template(&binaries, &run_as)?;
        let directory = tempfile::Builder::new()
            .prefix("limbeck-pg-")
            .permissions(std::fs::Permissions::from_mode(0o755))
            .tempdir()
            .map_err(|error| format!("temporary directory: {error}"))?
            .keep();
        let mut server = Self {
            binaries,
            directory,
            port: free_port()?,
            owned: true,
            keeper: None,
        };
        // From here on the directory exists and Drop removes it.
        server.prepare(&run_as, &template, options)?;
        server.launch(&run_as)?;
        server.wait_until_ready()?;
        if let Some(password) = &options.tcp_password {
            let quoted = password.replace('\'', "''");
            server.psql("postgres", &format!("alter role postgres password '{quoted}'"))?;
        }
        Ok(server)
    }

    fn attach(address: &str) -> Result<Self, String> {
        let wrong = || format!("{SERVER_VARIABLE} is `{address}`; expected SOCKET_DIRECTORY:PORT");
        let (directory, port) = address.rsplit_once(':').ok_or_else(wrong)?;
        Ok(Self {
            binaries: Binaries::find()?,
            directory: PathBuf::from(directory),
            port: port.parse().map_err(|_| wrong())?,
            owned: false,
            keeper: None,
        })
    }

    /// Creates an empty database with a name of its own; it is dropped with the value.
    ///
    /// # Panics
    /// When the server refuses, with its words: a test cannot go on.
    pub fn create_database(&self) -> Database<'_> {
        Database::create(self)
    }

    /// Creates a database that is a copy of another one of this server, which nobody may be connected to; it is dropped with the value.
    ///
    /// # Panics
    /// When the server refuses, with its words: a test cannot go on.
    pub fn copy_database(&self, template: &str) -> Database<'_> {
        Database::copy(self, template)
    }

    /// Returns the directory of the Unix socket.
    pub fn socket_directory(&self) -> &Path {
        &self.directory
    }

    /// Returns the port, which is also in the socket's name.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Returns what the server has written to its log so far.
    pub fn log(&self) -> String {
        let bytes = std::fs::read(self.directory.join("log")).unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// Returns the address that [`SERVER_VARIABLE`] takes.
    pub fn address(&self) -> String {
        format!("{}:{}", self.directory.display(), self.port)
    }

    /// Returns the SQLAlchemy URL of a database on this server, over the Unix socket.
    pub fn url(&self, database: &str) -> String {
        format!("postgresql://postgres@/{database}?host={}&port={}", self.directory.display(), self.port)
    }

    /// Returns a URL over TCP with the password given, right or wrong.
    pub fn tcp_url(&self, database: &str, password: &str) -> String {
        format!("postgresql://postgres:{password}@127.0.0.1:{}/{database}", self.port)
    }

    /// Runs SQL with psql and returns its unaligned rows.
    ///
    /// # Errors
    /// Returns psql's own message; the first failing statement stops the rest.
    pub fn psql(&self, database: &str, sql: &str) -> Result<String, String> {
        let file = tempfile::NamedTempFile::new().map_err(|error| error.to_string())?;
        std::fs::write(file.path(), sql).map_err(|error| error.to_string())?;
        let mut command = self.client("psql");
        command
            .args(["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", database, "-f"])
            .arg(file.path());
        output_of(command)
    }

    /// Returns `pg_dump --schema-only --no-owner` of a database, as pg_dump wrote it, without the schema `limbeck` of our own records.
    ///
    /// # Errors
    /// Returns pg_dump's own message.
    pub fn pg_dump(&self, database: &str) -> Result<String, String> {
        let mut command = self.client("pg_dump");
        command.args(["--schema-only", "--no-owner", "--exclude-schema=limbeck", "-d", database]);
        output_of(command)
    }

    /// Returns a shell command that prints what [`Server::pg_dump`] returns, for other programs to run.
    pub fn pg_dump_command(&self, database: &str) -> String {
        let program = self.binaries.program("pg_dump");
        let (host, port) = (self.directory.display(), self.port);
        format!(
            "{} -h {host} -p {port} -U postgres --schema-only --no-owner --exclude-schema=limbeck -d {database}",
            program.display()
        )
    }

    /// Stops the server without a farewell to its clients, starts it again and waits until it has recovered: `pg_ctl restart -m immediate`.
    /// For commits to outlive this the server needs `synchronous_commit=on` among its settings.
    ///
    /// # Errors
    /// When this server is not ours, or does not come back.
    pub fn restart_at_once(&mut self) -> Result<(), String> {
        use std::io::Write;
        let before = self.process_id();
        let orders = self.keeper.as_mut().and_then(|keeper| keeper.stdin.as_mut());
        let orders = orders.ok_or("a server that others started is not restarted")?;
        orders
            .write_all(b"restart\n")
            .and_then(|()| orders.flush())
            .map_err(|error| error.to_string())?;
        let started = Instant::now();
        while self.process_id().is_none_or(|now| Some(now) == before) {
            if started.elapsed() > START_BUDGET {
                return Err(format!("PostgreSQL did not start again within {START_BUDGET:?}:\n{}", self.log()));
            }
            std::thread::sleep(Duration::from_millis(2));
        }
        self.wait_until_ready()
    }

    /// Returns the process id of the postmaster, to read its processor time.
    pub fn process_id(&self) -> Option<u32> {
        let text = std::fs::read_to_string(self.directory.join("data/postmaster.pid")).ok()?;
        text.lines().next()?.trim().parse().ok()
    }

    fn client(&self, program: &str) -> Command {
        let mut command = Command::new(self.binaries.program(program));
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("PG") {
                command.env_remove(name);
            }
        }
        command.arg("-h").arg(&self.directory).args(["-p", &self.port.to_string(), "-U", "postgres"]);
        command.stdin(Stdio::null());
        command
    }

    fn prepare(&self, run_as: &RunAs, template: &Path, options: &Options) -> Result<(), String> {
        run_as.give(&self.directory)?;
        let data = self.directory.join("data");
        let mut copy = run_as.command(Path::new("cp"));
        copy.args(["-a", "--reflink=auto"]).arg(template).arg(&data);
        output_of(copy)?;
        let listen = if options.tcp_password.is_some() { "127.0.0.1" } else { "" };
        let directory = self.directory.display();
        let mut settings = format!(
            "listen_addresses='{listen}'\nunix_socket_directories='{directory}'\nport={}\n\
             fsync=off\nsynchronous_commit=off\nfull_page_writes=off\nmax_connections=100\n\
             max_locks_per_transaction=1024\nshared_buffers=64MB\nautovacuum=off\n",
            self.port
        );
        for line in &options.settings {
            settings.push_str(line);
            settings.push('\n');
        }
        append(&data.join("postgresql.conf"), &settings)?;
        std::fs::write(
            data.join("pg_hba.conf"),
            "local all all trust\nhost all all 127.0.0.1/32 scram-sha-256\nlocal replication all trust\n",
        )
        .map_err(|error| format!("pg_hba.conf: {error}"))
    }

    fn launch(&mut self, run_as: &RunAs) -> Result<(), String> {
        let script = r#"trap '' INT TERM HUP
"$@" </dev/null & server=$!
while read -r order; do
    kill -QUIT $server
    wait $server
    "$@" </dev/null & server=$!
done
kill -QUIT $server 2>/dev/null
wait $server 2>/dev/null
rm -rf "$LIMBECK_KEEPER_DIRECTORY""#;
        // A fixed handler cannot be inherited ignored by the server: dash resets nothing, so `env` restores it.
        let mut server = run_as.command(Path::new("env"));
        server.arg("--default-signal=INT,TERM,HUP").arg(self.binaries.program("postgres"));
        server.arg("-D").arg(self.directory.join("data"));
        let log = File::create(self.directory.join("log")).map_err(|error| format!("log: {error}"))?;
        let mut keeper = Command::new("setsid");
        keeper.args(["sh", "-c", script, "sh"]).arg(server.get_program()).args(server.get_args());
        keeper.env("LIMBECK_KEEPER_DIRECTORY", &self.directory).current_dir("/");
        keeper
            .stdin(Stdio::piped())
            .stdout(log.try_clone().map_err(|error| error.to_string())?)
            .stderr(log);
        self.keeper = Some(keeper.spawn().map_err(|error| format!("cannot start setsid: {error}"))?);
        Ok(())
    }

    fn wait_until_ready(&self) -> Result<(), String> {
        let started = Instant::now();
        let pid_file = self.directory.join("data/postmaster.pid");
        loop {
            // Line 8 is `ready` once the server takes connections (src/include/utils/pidfile.h).
            let ready = std::fs::read_to_string(&pid_file).is_ok_and(|text| text.lines().nth(7).is_some_and(|line| line.trim() == "ready"));
            if ready {
                return Ok(());
            }
            if started.elapsed() > START_BUDGET {
                let log = std::fs::read_to_string(self.directory.join("log")).unwrap_or_default();
                return Err(format!("PostgreSQL did not start within {START_BUDGET:?}:\n{log}"));
            }
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        match self.keeper.take() {
            Some(mut keeper) => {
                drop(keeper.stdin.take());
                let _ = keeper.wait();
            }
            // A failed start: nothing runs, but the directory is ours.
            None if self.owned => {
                let _ = std::fs::remove_dir_all(&self.directory);
            }
            None => {}
        }
    }
}

/// Returns a cluster made once by initdb and copied for every server.
fn template(binaries: &Binaries, run_as: &RunAs) -> Result<PathBuf, String> {
    let me = rustix::process::geteuid().as_raw();
    let cache = std::env::temp_dir().join(format!("limbeck-test-{me}"));
    std::fs::create_dir_all(&cache).map_err(|error| format!("{}: {error}", cache.display()))?;
    let owner = std::fs::metadata(&cache).map_err(|error| error.to_string())?.uid();
    if owner != me {
        return Err(format!("{} belongs to user {owner}, not to us", cache.display()));
    }
    std::fs::set_permissions(&cache, std::fs::Permissions::from_mode(0o755)).map_err(|error| error.to_string())?;
    let home = cache.join(format!("postgresql-{}", binaries.version()?));
    let finished = home.join("finished");
    let lock = OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .open(cache.join("lock"))
        .map_err(|error| format!("lock: {error}"))?;
    rustix::fs::flock(&lock, rustix::fs::FlockOperation::LockExclusive).map_err(|error| format!("lock: {error}"))?;
    let data = home.join("data");
    if finished.exists() {
        return Ok(data);
    }
    let _ = std::fs::remove_dir_all(&home);
    std::fs::create_dir_all(&home).map_err(|error| format!("{}: {error}", home.display()))?;
    run_as.give(&home)?;
    let mut initdb = run_as.command(&binaries.program("initdb"));
    initdb
        .args(["-U", "postgres", "-A", "trust", "--no-sync", "-E", "UTF8", "--locale=C", "-D"])
        .arg(&data);
    initdb.current_dir("/");
    output_of(initdb)?;
    std::fs::write(&finished, "").map_err(|error| format!("{}: {error}", finished.display()))?;
    Ok(data)
}

fn append(path: &Path, text: &str) -> Result<(), String> {
    use std::io::Write;
    let mut file = OpenOptions::new()
        .append(true)
        .open(path)
        .map_err(|error| format!("{}: {error}", path.display()))?;
    file.write_all(text.as_bytes()).map_err(|error| format!("{}: {error}", path.display()))
}

/// Asks the kernel for a port that is free now; the socket's name needs one even without TCP.
fn free_port() -> Result<u16, String> {
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).map_err(|error| format!("free port: {error}"))?;
    Ok(listener.local_addr().map_err(|error| error.to_string())?.port())
}

fn output_of(mut command: Command) -> Result<String, String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command.output().map_err(|error| format!("cannot run {name}: {error}"))?;
    if output.status.success() {
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    } else {
        Err(format!("{name}: {}", String::from_utf8_lossy(&output.stderr).trim_end()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn databases_are_separate_and_the_server_leaves_nothing() {
        let server = Server::start_with(&Options::default()).unwrap();
        let (one, two) = (server.create_database(), server.create_database());
        one.psql("create table t (id int); insert into t values (7)").unwrap();
        assert_eq!(one.psql("select id from t").unwrap(), "7\n");
        assert!(two.psql("select id from t").unwrap_err().contains("does not exist"));
        assert!(one.dump().contains("CREATE TABLE public.t"));
        assert!(!one.dump().contains("SET "));
        let directory = server.socket_directory().to_owned();
        drop((one, two));
        drop(server);
        assert!(!directory.exists());
    }

    #[test]
    fn a_restart_keeps_what_was_committed_and_ends_sessions() {
        // The usual server forgets what it committed a moment ago when it is stopped like this.
        let options = Options {
            settings: vec!["synchronous_commit=on".to_owned()],
            ..Options::default()
        };
        let mut server = Server::start_with(&options).unwrap();
        server.psql("postgres", "create table t (id int); insert into t values (7)").unwrap();
        let before = server.process_id();
        server.restart_at_once().unwrap();
        assert_ne!(server.process_id(), before);
        assert_eq!(server.psql("postgres", "select id from t").unwrap(), "7\n");
        assert!(server.log().contains("not properly shut down"), "{}", server.log());
    }

    #[test]
    fn tcp_asks_for_the_password() {
        let options = Options {
            tcp_password: Some("right".to_owned()),
            ..Options::default()
        };
        let server = Server::start_with(&options).unwrap();
        let connect = |password: &str| {
            let mut psql = Command::new(server.binaries.program("psql"));
            psql.args(["-Atc", "select 1", &server.tcp_url("postgres", password)]);
            output_of(psql)
        };
        assert_eq!(connect("right").unwrap(), "1\n");
        assert!(connect("wrong").unwrap_err().contains("password authentication failed"));
    }
}
