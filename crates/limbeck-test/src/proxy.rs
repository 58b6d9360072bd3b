//! A proxy between a client and a PostgreSQL server that fails on purpose at a chosen message.
//!
//! It listens on a Unix socket of its own and passes bytes on in both directions. What the client sends is
//! counted message by message: the startup message of a connection is its message 1, then every typed message
//! (one type byte and a length) is one. Connections are numbered from 1 in the order in which they begin a session; requests to
//! cancel are passed on and not counted.

use std::io::{self, Read, Write};
use std::net::Shutdown;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::time::Duration;

use crate::server::Server;

/// Whose messages are counted until the fault comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counted {
    /// Those of all connections together.
    All,
    /// Those of one connection, numbered from 1 in the order of connecting.
    Connection(usize),
}

/// When the fault comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// The server never sees the message.
    Before,
    /// The server has been given the message; nobody waits for what it does with it.
    After,
    /// The server has answered; the client never sees the answer.
    Answered,
}

/// What the fault is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Closes this connection on both sides.
    Cut,
    /// Closes every connection on both sides, as a lost network does.
    CutAll,
    /// Ends the process given to [`Proxy::aim`] with SIGKILL.
    Kill,
    /// Lets the message wait.
    Delay(Duration),
}

/// One fault, which happens once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fault {
    /// Whose messages are counted.
    pub counted: Counted,
    /// The number of the message, from 1.
    pub at: usize,
    /// Before or after it is passed on.
    pub moment: Moment,
    /// What happens.
    pub action: Action,
}

/// A message that a client sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    /// The connection, from 1.
    pub connection: usize,
    /// Its number on that connection, from 1.
    pub number: usize,
    /// The type byte; 0 for the startup message.
    pub kind: u8,
    /// The statement of a simple query.
    pub sql: Option<String>,
}

/// A running proxy; it stops listening when dropped.
#[derive(Debug)]
pub struct Proxy {
    directory: tempfile::TempDir,
    port: u16,
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    server: PathBuf,
    fault: Option<Fault>,
    state: Mutex<State>,
    aimed: Condvar,
    stop: AtomicBool,
}

#[derive(Debug, Default)]
struct State {
    sent: Vec<Sent>,
    fired: Option<Sent>,
    process: Option<u32>,
    connections: usize,
    /// Both ends of every session, to be closed by [`Action::CutAll`].
    open: Vec<(UnixStream, UnixStream)>,
}

impl Proxy {
    /// Starts a proxy in front of `server`.
    ///
    /// # Errors
    /// When the socket cannot be made.
    pub fn start(server: &Server, fault: Option<Fault>) -> io::Result<Self> {
        let directory = tempfile::Builder::new().prefix("limbeck-proxy-").tempdir()?;
        let port = server.port();
        let listener = UnixListener::bind(directory.path().join(format!(".s.PGSQL.{port}")))?;
        let shared = Arc::new(Shared {
            server: server.socket_directory().join(format!(".s.PGSQL.{port}")),
            fault,
            state: Mutex::default(),
            aimed: Condvar::new(),
            stop: AtomicBool::new(false),
        });
        let accepting = Arc::clone(&shared);
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                if accepting.stop.load(Ordering::Relaxed) {
                    return;
                }
                let shared = Arc::clone(&accepting);
                // A connection that fails is a connection that ends: the client sees it.
                std::thread::spawn(move || drop(serve(&shared, client)));
            }
        });
        Ok(Self { directory, port, shared })
    }

    /// Returns the SQLAlchemy URL of a database behind this proxy.
    pub fn url(&self, database: &str) -> String {
        format!("postgresql://postgres@/{database}?host={}&port={}", self.directory.path().display(), self.port)
    }

    /// Says which process [`Action::Kill`] ends. The fault waits for this.
    pub fn aim(&self, process: u32) {
        self.state().process = Some(process);
        self.shared.aimed.notify_all();
    }

    /// Returns every message so far, in the order of arrival.
    pub fn sent(&self) -> Vec<Sent> {
        self.state().sent.clone()
    }

    /// Returns the message at which the fault happened, if it did.
    pub fn fired(&self) -> Option<Sent> {
        self.state().fired.clone()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.shared.state()
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.shared.stop.store(true, Ordering::Relaxed);
        // Wakes the thread that accepts.
        let _ = UnixStream::connect(self.directory.path().join(format!(".s.PGSQL.{}", self.port)));
        self.shared.cut_all();
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("no thread of the proxy panics while it holds the state")
    }

    /// Takes note of a message; returns the fault if this is its place.
    fn note(&self, sent: Sent) -> Option<Fault> {
        let mut state = self.state();
        state.sent.push(sent.clone());
        let fault = self.fault.filter(|_| state.fired.is_none())?;
        let number = match fault.counted {
            Counted::All => state.sent.len(),
            Counted::Connection(which) if which == sent.connection => sent.number,
            Counted::Connection(_) => return None,
        };
        (number == fault.at).then(|| {
            state.fired = Some(sent);
            fault
        })
    }

    fn cut_all(&self) {
        for (client, server) in &self.state().open {
            cut(client, server);
        }
    }

    fn act(&self, action: Action, client: &UnixStream, server: &UnixStream) {
        match action {
            Action::Delay(pause) => std::thread::sleep(pause),
            Action::Cut => cut(client, server),
            Action::CutAll => self.cut_all(),
            Action::Kill => {
                let mut state = self.state();
                while state.process.is_none() {
                    state = self.aimed.wait(state).expect("no thread of the proxy panics while it holds the state");
                }
                let process = state.process.and_then(|process| rustix::process::Pid::from_raw(process.cast_signed()));
                drop(state);
                if let Some(process) = process {
                    let _ = rustix::process::kill_process(process, rustix::process::Signal::KILL);
                }
                cut(client, server);
            }
        }
    }
}

fn cut(client: &UnixStream, server: &UnixStream) {
    // Either side may be closed already.
    let _ = client.shutdown(Shutdown::Both);
    let _ = server.shutdown(Shutdown::Both);
}

/// Codes that stand where a startup message has its version.
const CANCEL: [u8; 4] = 80_877_102_u32.to_be_bytes();
const ENCRYPT: [[u8; 4]; 2] = [80_877_103_u32.to_be_bytes(), 80_877_104_u32.to_be_bytes()];

/// Passes one connection on until either side ends.
fn serve(shared: &Arc<Shared>, mut client: UnixStream) -> io::Result<()> {
    let mut server = UnixStream::connect(&shared.server)?;
    let first = loop {
        let message = read_message(&mut client, false)?;
        match message.get(4..8) {
            Some(code) if ENCRYPT.iter().any(|encrypt| code == encrypt) => client.write_all(b"N")?,
            _ => break message,
        }
    };
    if first.get(4..8) == Some(&CANCEL) {
        server.write_all(&first)?;
        // The server closes when it has passed the request on.
        let _ = io::copy(&mut server, &mut client);
        return Ok(());
    }
    let connection = {
        let mut state = shared.state();
        state.connections += 1;
        state.open.push((client.try_clone()?, server.try_clone()?));
        state.connections
    };
    // What is to happen when the server has answered.
    let due: Arc<Mutex<Option<Action>>> = Arc::default();
    let (back, from, to) = (Arc::clone(&due), server.try_clone()?, client.try_clone()?);
    let answering = Arc::clone(shared);
    std::thread::spawn(move || answers(&answering, &back, from, to));
    let mut message = first;
    let mut number = 0;
    loop {
        number += 1;
        let fault = shared.note(describe(connection, number, &message));
        match fault.map(|fault| (fault.moment, fault.action)) {
            Some((Moment::Before, action)) => {
                shared.act(action, &client, &server);
                server.write_all(&message)?;
            }
            Some((Moment::After, action)) => {
                server.write_all(&message)?;
                shared.act(action, &client, &server);
            }
            Some((Moment::Answered, action)) => {
                *due.lock().expect("nobody panics here") = Some(action);
                server.write_all(&message)?;
            }
            None => server.write_all(&message)?,
        }
        message = match read_message(&mut client, true) {
            Ok(message) => message,
            Err(error) => {
                // Both ways: the thread that reads the server's answers ends with it. A statement that the server works on goes on, as with any client that is gone.
                let _ = server.shutdown(Shutdown::Both);
                return Err(error);
            }
        };
    }
}

/// Passes the server's answers on, unless a fault withholds the next one.
fn answers(shared: &Shared, due: &Mutex<Option<Action>>, mut server: UnixStream, mut client: UnixStream) {
    let mut buffer = vec![0; 64 * 1024];
    // The last bytes of the answer withheld: `Z`, length 5, state is how every answer ends.
    let mut tail = Vec::new();
    loop {
        let read = server.read(&mut buffer).unwrap_or(0);
        let action = *due.lock().expect("nobody panics here");
        if let Some(action) = action {
            tail.extend_from_slice(&buffer[..read]);
            tail.drain(..tail.len().saturating_sub(6));
            if read == 0 || tail.starts_with(b"Z\0\0\0\x05") {
                *due.lock().expect("nobody panics here") = None;
                shared.act(action, &client, &server);
                tail.clear();
            }
        } else if read > 0 && client.write_all(&buffer[..read]).is_err() {
            return;
        }
        if read == 0 {
            let _ = client.shutdown(Shutdown::Both);
            return;
        }
    }
}

/// Reads one message with its header.
fn read_message(client: &mut UnixStream, typed: bool) -> io::Result<Vec<u8>> {
    let start = usize::from(typed);
    let mut message = vec![0; start + 4];
    client.read_exact(&mut message)?;
    let length = u32::from_be_bytes([message[start], message[start + 1], message[start + 2], message[start + 3]]) as usize;
    if length < 4 {
        return Err(io::ErrorKind::InvalidData.into());
    }
    message.resize(start + length, 0);
    client.read_exact(&mut message[start + 4..])?;
    Ok(message)
}

fn describe(connection: usize, number: usize, message: &[u8]) -> Sent {
    let kind = if number == 1 { 0 } else { message[0] };
    let sql = (kind == b'Q').then(|| String::from_utf8_lossy(&message[5..]).trim_end_matches('\0').to_owned());
    Sent { connection, number, kind, sql }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::{Command, Stdio};

    fn psql(proxy: &Proxy, statements: &[&str]) -> (bool, String) {
        let mut command = Command::new(crate::Binaries::find().unwrap().program("psql"));
        command.args(["-X", "-A", "-t", "-d", &proxy.url("postgres")]);
        for statement in statements {
            command.args(["-c", statement]);
        }
        let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        proxy.aim(child.id());
        let output = child.wait_with_output().unwrap();
        (output.status.success(), String::from_utf8_lossy(&output.stdout).into_owned())
    }

    fn fault(at: usize, moment: Moment, action: Action) -> Option<Fault> {
        let counted = Counted::Connection(1);
        Some(Fault { counted, at, moment, action })
    }

    #[test]
    fn messages_are_counted_and_faults_come_where_they_are_due() {
        let Ok(server) = Server::start() else {
            return println!("skipped: no PostgreSQL");
        };
        let insert = ["insert into faults values (1)", "select 'seen'"];
        server.psql("postgres", "drop table if exists faults; create table faults (n int)").unwrap();
        let count = || server.psql("postgres", "select count(*) from faults").unwrap().trim().to_owned();
        let proxy = Proxy::start(&server, None).unwrap();
        assert_eq!(psql(&proxy, &insert), (true, "INSERT 0 1\nseen\n".to_owned()));
        // The client does not wait for an answer to its goodbye: it may have ended before that is read.
        let began = std::time::Instant::now();
        while proxy.sent().len() < 4 && began.elapsed() < Duration::from_secs(10) {
            std::thread::sleep(Duration::from_millis(5));
        }
        let kinds: Vec<u8> = proxy.sent().iter().map(|sent| sent.kind).collect();
        assert_eq!(kinds, [0, b'Q', b'Q', b'X']);
        assert_eq!(proxy.sent()[1].sql.as_deref(), Some(insert[0]));
        assert_eq!(count(), "1");
        for (moment, action, wanted) in [
            (Moment::Before, Action::Cut, "1"),
            (Moment::Before, Action::Kill, "1"),
            (Moment::Answered, Action::Cut, "2"),
            (Moment::Answered, Action::CutAll, "3"),
            (Moment::Answered, Action::Kill, "4"),
        ] {
            let proxy = Proxy::start(&server, fault(2, moment, action)).unwrap();
            let (ok, shown) = psql(&proxy, &insert);
            assert!(!ok && shown.is_empty(), "{moment:?} {action:?}: {shown}");
            assert_eq!(proxy.fired().unwrap().number, 2);
            assert_eq!(count(), wanted, "{moment:?} {action:?}");
        }
        // Nobody waits for the server here.
        let proxy = Proxy::start(&server, fault(2, Moment::After, Action::Kill)).unwrap();
        assert!(!psql(&proxy, &insert).0);
        let began = std::time::Instant::now();
        while count() != "5" {
            assert!(began.elapsed() < Duration::from_secs(10), "the server never ran what it was given");
        }
        let proxy = Proxy::start(&server, fault(3, Moment::Before, Action::Delay(Duration::from_millis(200)))).unwrap();
        let began = std::time::Instant::now();
        assert!(psql(&proxy, &insert).0 && began.elapsed() >= Duration::from_millis(200));
        server.psql("postgres", "drop table faults").unwrap();
    }
}
