//! A socket that speaks messages.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream, ToSocketAddrs};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use bytes::BytesMut;
use postgres_protocol::message::backend::Message;
use postgres_protocol::message::frontend;
use rustls::{ClientConnection, StreamOwned};

use super::settings::{Host, HostSpec};

/// A resolved place to connect to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Address {
    Tcp(SocketAddr),
    Unix(PathBuf),
}

impl Address {
    /// Finds every address of a host.
    pub(super) fn resolve(spec: &HostSpec) -> io::Result<Vec<Address>> {
        match &spec.host {
            Host::Unix(directory) => Ok(vec![Address::Unix(directory.join(format!(".s.PGSQL.{}", spec.port)))]),
            Host::Tcp(name) => {
                let name = spec.address.as_ref().unwrap_or(name);
                let addresses: Vec<Address> = (name.as_str(), spec.port).to_socket_addrs()?.map(Address::Tcp).collect();
                if addresses.is_empty() {
                    return Err(io::Error::other("the name has no address"));
                }
                Ok(addresses)
            }
        }
    }

    fn open(&self, timeout: Option<Duration>) -> io::Result<Stream> {
        match self {
            Address::Tcp(address) => {
                let stream = match timeout {
                    Some(timeout) => TcpStream::connect_timeout(address, timeout)?,
                    None => TcpStream::connect(address)?,
                };
                stream.set_nodelay(true)?;
                // A long statement is silent; without this a router in between may forget the connection (libpq: keepalives=1).
                rustix::net::sockopt::set_socket_keepalive(&stream, true)?;
                Ok(Stream::Tcp(stream))
            }
            Address::Unix(path) => Ok(Stream::Unix(UnixStream::connect(path)?)),
        }
    }
}

pub(super) enum Stream {
    Tcp(TcpStream),
    Unix(UnixStream),
    Tls(Box<StreamOwned<ClientConnection, TcpStream>>),
}

impl Read for Stream {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Stream::Tcp(stream) => stream.read(buffer),
            Stream::Unix(stream) => stream.read(buffer),
            Stream::Tls(stream) => stream.read(buffer),
        }
    }
}

impl Write for Stream {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        match self {
            Stream::Tcp(stream) => stream.write(buffer),
            Stream::Unix(stream) => stream.write(buffer),
            Stream::Tls(stream) => stream.write(buffer),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Stream::Tcp(stream) => stream.flush(),
            Stream::Unix(stream) => stream.flush(),
            Stream::Tls(stream) => stream.flush(),
        }
    }
}

/// One connection's bytes in both directions.
pub(super) struct Wire {
    stream: Stream,
    input: BytesMut,
    output: BytesMut,
    /// How long one read waits before it looks up and waits on; `None` while connecting, when a read that takes too long has failed.
    patience: Option<Duration>,
}

/// Who wants to hear, while an answer is waited for, that it has not come.
pub(super) struct Watch<'a> {
    every: Duration,
    last: Instant,
    on_tick: &'a mut dyn FnMut(),
}

impl<'a> Watch<'a> {
    pub(super) fn new(every: Duration, on_tick: &'a mut dyn FnMut()) -> Self {
        Watch {
            every,
            last: Instant::now(),
            on_tick,
        }
    }

    fn look(&mut self) {
        // A read may come back a little before its time, by the grain of the kernel's clock.
        if self.last.elapsed() + Duration::from_millis(1) >= self.every {
            (self.on_tick)();
            self.last = Instant::now();
        }
    }
}

/// How much is read at once.
const CHUNK: usize = 16 * 1024;

impl Wire {
    pub(super) fn open(address: &Address, timeout: Option<Duration>) -> io::Result<Self> {
        Ok(Wire::over(address.open(timeout)?))
    }

    fn over(stream: Stream) -> Self {
        Wire {
            stream,
            input: BytesMut::new(),
            output: BytesMut::new(),
            patience: None,
        }
    }

    /// Lets reads wait for ever, looking up every `tick`; the socket is told only when that changes.
    pub(super) fn be_patient(&mut self, tick: Duration) -> io::Result<()> {
        // The kernel takes zero for "never".
        let tick = tick.max(Duration::from_millis(1));
        if self.patience == Some(tick) {
            return Ok(());
        }
        match &self.stream {
            Stream::Tcp(stream) => stream.set_read_timeout(Some(tick))?,
            Stream::Unix(stream) => stream.set_read_timeout(Some(tick))?,
            Stream::Tls(stream) => stream.sock.set_read_timeout(Some(tick))?,
        }
        self.patience = Some(tick);
        Ok(())
    }

    /// Limits how long one read or write may take; `None` is for ever.
    pub(super) fn set_timeout(&self, timeout: Option<Duration>) -> io::Result<()> {
        match &self.stream {
            Stream::Tcp(stream) => stream.set_read_timeout(timeout).and_then(|()| stream.set_write_timeout(timeout)),
            Stream::Unix(stream) => stream.set_read_timeout(timeout).and_then(|()| stream.set_write_timeout(timeout)),
            Stream::Tls(stream) => stream.sock.set_read_timeout(timeout).and_then(|()| stream.sock.set_write_timeout(timeout)),
        }
    }

    /// Asks whether the server encrypts; only TCP connections can be.
    pub(super) fn server_encrypts(&mut self) -> io::Result<bool> {
        self.write(|buffer| {
            frontend::ssl_request(buffer);
            Ok(())
        })?;
        self.flush()?;
        // Exactly one byte: more would be someone in the middle, stuffing plain text before the handshake (CVE-2021-23222).
        let mut answer = [0u8; 1];
        self.stream.read_exact(&mut answer)?;
        match answer[0] {
            b'S' => Ok(true),
            // `E` begins the error of a server that does not know the request.
            b'N' | b'E' => Ok(false),
            _ => Err(io::Error::other("the server did not answer as PostgreSQL does")),
        }
    }

    /// Starts TLS on a plain TCP connection and finishes the handshake.
    pub(super) fn encrypt(self, session: ClientConnection) -> io::Result<Wire> {
        let Stream::Tcp(tcp) = self.stream else {
            return Err(io::Error::other("only a TCP connection can be encrypted"));
        };
        let mut stream = StreamOwned::new(session, tcp);
        while stream.conn.is_handshaking() {
            stream.conn.complete_io(&mut stream.sock)?;
        }
        Ok(Wire::over(Stream::Tls(Box::new(stream))))
    }

    /// Puts a message into the output; it leaves with the next flush.
    pub(super) fn write(&mut self, message: impl FnOnce(&mut BytesMut) -> io::Result<()>) -> io::Result<()> {
        let before = self.output.len();
        message(&mut self.output).inspect_err(|_| self.output.truncate(before))
    }

    pub(super) fn flush(&mut self) -> io::Result<()> {
        let result = self.stream.write_all(&self.output).and_then(|()| self.stream.flush());
        self.output.clear();
        result
    }

    /// Waits for the next message.
    pub(super) fn read(&mut self) -> io::Result<Message> {
        self.read_watched(&mut None)
    }

    /// Waits for the next message, and tells `watch` of the waiting.
    pub(super) fn read_watched(&mut self, watch: &mut Option<Watch<'_>>) -> io::Result<Message> {
        loop {
            if let Some(message) = Message::parse(&mut self.input)? {
                return Ok(message);
            }
            let filled = self.input.len();
            // What is missing of a long message is read in one go.
            let missing = self
                .input
                .get(1..5)
                .map_or(0, |length| i32::from_be_bytes([length[0], length[1], length[2], length[3]]).max(0) as usize + 1);
            let wanted = missing.saturating_sub(filled).clamp(CHUNK, 16 * 1024 * 1024);
            self.input.resize(filled + wanted, 0);
            let result = self.stream.read(&mut self.input[filled..]);
            self.input.truncate(filled + result.as_ref().copied().unwrap_or(0));
            match result {
                Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                // What has come of a message stays in the buffer.
                Err(error) if self.patience.is_some() && matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut) => {}
                Err(error) => return Err(error),
            }
            if let Some(watch) = watch {
                watch.look();
            }
        }
    }
}
