//! A private PostgreSQL server, for when the real one lets us make no databases: own directory, own socket, no network.
//!
//! The server is the child of a small shell that waits on a pipe from this process. When the pipe closes, because this process ended in any way at all, the shell stops
//! the server and removes its directory.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use limbeck_db::DatabaseUrl;

use super::{ScratchError, name};

const START_BUDGET: Duration = Duration::from_secs(60);

/// A running server; it stops with the value.
pub(super) struct PrivateServer {
    directory: PathBuf,
    role: String,
    keeper: Option<Child>,
}

/// Stops the server and removes the directory when its standard input ends.
const KEEPER: &str = r#"trap '' INT TERM HUP
"$@" </dev/null & server=$!
while read -r order; do :; done
kill -QUIT $server 2>/dev/null
wait $server 2>/dev/null
rm -rf "$LIMBECK_KEEPER_DIRECTORY""#;

impl PrivateServer {
    /// Starts a server of a version; nothing when its programs are not on this machine.
    pub(super) fn start(major: u32, role: &str) -> Result<Option<Self>, ScratchError> {
        let Some((binaries, runs_as)) = binaries(major).zip(RunAs::find()) else {
            return Ok(None);
        };
        let failed = |message: String| ScratchError::Server { message };
        let directory = super::temporary().join(name::new());
        fs::create_dir(&directory).map_err(|error| ScratchError::File { error })?;
        let mut server = PrivateServer {
            directory: directory.clone(),
            role: role.to_owned(),
            keeper: None,
        };
        runs_as.give(&directory).map_err(|error| ScratchError::File { error })?;
        let data = directory.join("data");
        let mut initdb = runs_as.command(&binaries.join("initdb"));
        initdb
            .args(["-U", role, "-A", "trust", "--no-sync", "-E", "UTF8", "--locale=C", "-D"])
            .arg(&data)
            .current_dir("/");
        without_postgres_variables(&mut initdb);
        let output = initdb.stdin(Stdio::null()).output().map_err(|error| failed(format!("initdb: {error}")))?;
        if !output.status.success() {
            return Err(failed(String::from_utf8_lossy(&output.stderr).trim().to_owned()));
        }
        let log = fs::File::create(directory.join("log")).map_err(|error| ScratchError::File { error })?;
        let copy = log.try_clone().map_err(|error| ScratchError::File { error })?;
        let mut postgres = runs_as.command(Path::new("env"));
        postgres
            .arg("--default-signal=INT,TERM,HUP")
            .arg(binaries.join("postgres"))
            .arg("-D")
            .arg(&data);
        let sockets = format!("unix_socket_directories={}", directory.display());
        for setting in [
            "listen_addresses=",
            &sockets,
            "fsync=off",
            "full_page_writes=off",
            "synchronous_commit=off",
            "max_locks_per_transaction=1024",
        ] {
            postgres.arg("-c").arg(setting);
        }
        let mut keeper = Command::new("setsid");
        keeper.args(["sh", "-c", KEEPER, "sh"]).arg(postgres.get_program()).args(postgres.get_args());
        keeper.env("LIMBECK_KEEPER_DIRECTORY", &directory).current_dir("/");
        without_postgres_variables(&mut keeper);
        let child = keeper.stdin(Stdio::piped()).stdout(copy).stderr(log).spawn();
        server.keeper = Some(child.map_err(|error| failed(format!("setsid: {error}")))?);
        server.wait_until_ready()?;
        Ok(Some(server))
    }

    /// Leads to the database every server has.
    pub(super) fn url(&self) -> DatabaseUrl {
        DatabaseUrl {
            drivername: "postgresql".to_owned(),
            username: Some(self.role.clone()),
            password: None,
            host: None,
            port: None,
            database: Some("postgres".to_owned()),
            query: vec![
                ("host".to_owned(), vec![self.directory.display().to_string()]),
                ("port".to_owned(), vec!["5432".to_owned()]),
                ("sslmode".to_owned(), vec!["disable".to_owned()]),
            ],
        }
    }

    fn wait_until_ready(&self) -> Result<(), ScratchError> {
        let started = Instant::now();
        let file = self.directory.join("data/postmaster.pid");
        // Line 8 is `ready` once the server takes connections (src/include/utils/pidfile.h).
        while !fs::read_to_string(&file).is_ok_and(|text| text.lines().nth(7).is_some_and(|line| line.trim() == "ready")) {
            if started.elapsed() > START_BUDGET {
                let log = fs::read_to_string(self.directory.join("log")).unwrap_or_default();
                return Err(ScratchError::Server { message: log });
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        Ok(())
    }
}

impl Drop for PrivateServer {
    fn drop(&mut self) {
        if let Some(mut keeper) = self.keeper.take() {
            drop(keeper.stdin.take());
            let _ = keeper.wait();
        }
        let _ = fs::remove_dir_all(&self.directory);
    }
}

/// PGPORT and its kin are about the real server.
fn without_postgres_variables(command: &mut Command) {
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("PG") {
            command.env_remove(name);
        }
    }
}

/// The directory with `initdb` and `postgres` of a version: Debian's, Red Hat's, Homebrew's places, else the one in PATH.
fn binaries(major: u32) -> Option<PathBuf> {
    let places = [
        format!("/usr/lib/postgresql/{major}/bin"),
        format!("/usr/pgsql-{major}/bin"),
        format!("/usr/local/opt/postgresql@{major}/bin"),
        format!("/opt/homebrew/opt/postgresql@{major}/bin"),
    ];
    let path = std::env::var_os("PATH").unwrap_or_default();
    let in_path = std::env::split_paths(&path).filter(|directory| is_version(directory, major));
    places
        .into_iter()
        .map(PathBuf::from)
        .chain(in_path)
        .find(|directory| ["initdb", "postgres"].iter().all(|program| directory.join(program).is_file()))
}

fn is_version(directory: &Path, major: u32) -> bool {
    let program = directory.join("postgres");
    program.is_file()
        && Command::new(program).arg("--version").output().is_ok_and(|output| {
            String::from_utf8_lossy(&output.stdout)
                .split_whitespace()
                .nth(2)
                .is_some_and(|version| version.split('.').next() == Some(&major.to_string()))
        })
}

/// The user that runs the server: PostgreSQL refuses to run as root.
struct RunAs(Option<(String, u32, u32)>);

impl RunAs {
    fn find() -> Option<Self> {
        let me = fs::metadata("/proc/self").ok()?.uid();
        if me != 0 {
            return Some(RunAs(None));
        }
        let passwd = fs::read_to_string("/etc/passwd").ok()?;
        let user = |wanted: &str| {
            passwd.lines().find_map(|line| match line.split(':').collect::<Vec<_>>().as_slice() {
                [name, _, user, group, ..] if *name == wanted => Some((wanted.to_owned(), user.parse().ok()?, group.parse().ok()?)),
                _ => None,
            })
        };
        Some(RunAs(Some(user("postgres").or_else(|| user("nobody"))?)))
    }

    fn command(&self, program: &Path) -> Command {
        match &self.0 {
            None => Command::new(program),
            Some((name, _, group)) => {
                let mut command = Command::new("setpriv");
                command
                    .arg(format!("--reuid={name}"))
                    .arg(format!("--regid={group}"))
                    .arg("--clear-groups")
                    .arg(program);
                command
            }
        }
    }

    fn give(&self, path: &Path) -> std::io::Result<()> {
        match &self.0 {
            None => fs::set_permissions(path, fs::Permissions::from_mode(0o700)),
            Some((_, user, group)) => std::os::unix::fs::chown(path, Some(*user), Some(*group)),
        }
    }
}
