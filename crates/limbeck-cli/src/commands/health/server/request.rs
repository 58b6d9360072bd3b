//! A request's head, read within bounds, and an answer. A body is not read: nothing that is asked here has one.

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::time::{Duration, Instant};

/// A head may be so long.
const HEAD: usize = 8 * 1024;
/// It may have so many fields.
const FIELDS: usize = 64;
/// It must be there within this time, however it trickles.
const READ: Duration = Duration::from_secs(5);
/// The answer must be taken within this time.
const WRITE: Duration = Duration::from_secs(5);
/// What a refused client still sends is taken for so long and no further, so that it gets to read the answer.
const DRAIN: Duration = Duration::from_millis(500);
const DRAINED: usize = 4 * 1024 * 1024;

/// What is asked for.
#[derive(Debug, PartialEq, Eq)]
pub struct Asked {
    /// Without the query.
    pub path: String,
    /// HEAD: the answer without its body.
    pub head_only: bool,
}

/// What is answered.
#[derive(Debug, PartialEq, Eq)]
pub struct Answer {
    pub status: u16,
    pub content: &'static str,
    pub body: String,
    pub head_only: bool,
}

/// Why there is nothing to answer to.
#[derive(Debug, PartialEq, Eq)]
pub enum Refused {
    /// The client has gone.
    Gone,
    With(Answer),
}

impl Answer {
    pub fn text(status: u16, body: &str) -> Self {
        Answer {
            status,
            content: "text/plain; charset=utf-8",
            body: body.to_owned(),
            head_only: false,
        }
    }
}

/// Reads the head of a request.
///
/// # Errors
/// Too slow, too long, not HTTP, or nothing to read: with the answer that says so.
pub fn read(stream: &mut TcpStream) -> Result<Asked, Refused> {
    let deadline = Instant::now() + READ;
    let mut buffer = vec![0; HEAD];
    let mut length = 0;
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(refuse(408, "the request did not come in time\n"));
        }
        if length == HEAD {
            return Err(refuse(431, "the request's head is too long\n"));
        }
        stream.set_read_timeout(Some(left)).map_err(|_| Refused::Gone)?;
        match stream.read(&mut buffer[length..]) {
            Ok(0) => return Err(Refused::Gone),
            Ok(got) => {
                // A head ends with a line feed.
                let whole = buffer[length..length + got].contains(&b'\n');
                length += got;
                if let Some(asked) = whole.then(|| parse(&buffer[..length])).transpose()?.flatten() {
                    return Ok(asked);
                }
            }
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted) => {}
            Err(_) => return Err(Refused::Gone),
        }
    }
}

/// Reads a head, as far as it is there; `None` while it is not whole.
fn parse(bytes: &[u8]) -> Result<Option<Asked>, Refused> {
    let mut fields = [httparse::EMPTY_HEADER; FIELDS];
    let mut request = httparse::Request::new(&mut fields);
    match request.parse(bytes) {
        Ok(status) if status.is_partial() => Ok(None),
        Ok(_) => {
            let head_only = match request.method {
                Some("GET") => false,
                Some("HEAD") => true,
                _ => return Err(refuse(405, "only GET and HEAD\n")),
            };
            let target = request.path.unwrap_or_default();
            let path = target.split(['?', '#']).next().unwrap_or_default().to_owned();
            Ok(Some(Asked { path, head_only }))
        }
        Err(httparse::Error::TooManyHeaders) => Err(refuse(431, "the request has too many fields\n")),
        Err(_) => Err(refuse(400, "this is no HTTP request\n")),
    }
}

fn refuse(status: u16, words: &str) -> Refused {
    Refused::With(Answer::text(status, words))
}

/// Writes an answer and ends the connection.
pub fn write(stream: &mut TcpStream, answer: &Answer) {
    let reason = match answer.status {
        200 => "OK",
        400 => "Bad Request",
        404 => "Not Found",
        405 => "Method Not Allowed",
        408 => "Request Timeout",
        431 => "Request Header Fields Too Large",
        _ => "Service Unavailable",
    };
    let allow = if answer.status == 405 { "Allow: GET, HEAD\r\n" } else { "" };
    let mut text = format!(
        "HTTP/1.1 {} {reason}\r\nContent-Type: {}\r\nContent-Length: {}\r\nCache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n{allow}Connection: close\r\n\r\n",
        answer.status,
        answer.content,
        answer.body.len()
    );
    if !answer.head_only {
        text.push_str(&answer.body);
    }
    let _ = stream.set_write_timeout(Some(WRITE));
    if stream.write_all(text.as_bytes()).is_err() || stream.shutdown(Shutdown::Write).is_err() {
        return;
    }
    // To close with unread bytes would take the answer back.
    let deadline = Instant::now() + DRAIN;
    let mut taken = 0;
    let mut buffer = [0; 4096];
    while taken < DRAINED {
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() || stream.set_read_timeout(Some(left)).is_err() {
            return;
        }
        match stream.read(&mut buffer) {
            Ok(0) | Err(_) => return,
            Ok(got) => taken += got,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(text: &str) -> u16 {
        match parse(text.as_bytes()) {
            Err(Refused::With(answer)) => answer.status,
            Ok(Some(_)) => 200,
            _ => 0,
        }
    }

    #[test]
    fn heads_are_read() {
        let asked = parse(b"GET /readyz?verbose=1 HTTP/1.1\r\nHost: x\r\n\r\n").unwrap().unwrap();
        assert_eq!((asked.path.as_str(), asked.head_only), ("/readyz", false));
        assert!(parse(b"HEAD / HTTP/1.0\r\n\r\n").unwrap().unwrap().head_only);
        assert_eq!(parse(b"GET / HTTP/1.1\r\nHost: x\r\n"), Ok(None));
        assert_eq!(status("POST /readyz HTTP/1.1\r\n\r\n"), 405);
        assert_eq!(status("\u{0}\u{1}garbage\r\n\r\n"), 400);
        assert_eq!(status("GET / HTTP/9\r\n\r\n"), 400);
        let many: String = (0..100).map(|n| format!("X-{n}: y\r\n")).collect();
        assert_eq!(status(&format!("GET / HTTP/1.1\r\n{many}\r\n")), 431);
    }
}
