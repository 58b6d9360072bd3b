//! `health --serve`: a small HTTP server for probes and Prometheus, beside the program it watches.
//!
//! One request per connection, a bounded head, a deadline, a bounded number of connections: whoever has been longest at it gives way, so that a client that dawdles
//! keeps nobody out. The database is looked at by one thread, at most every few seconds, and only when somebody asks.

mod connections;
mod metrics;
mod monitor;
mod request;

use super::snapshot::{Snapshot, Watched};
use crate::commands::Outcome;
use crate::context::{Context, Failure};
use crate::streams;
use connections::Connections;
use limbeck_source::Diagnostic;
use monitor::{Monitor, View};
use request::{Answer, Refused};
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use std::net::{SocketAddr, TcpListener, TcpStream, ToSocketAddrs};
use std::process::exit;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

/// So many connections are served at a time.
const CONNECTIONS: usize = 128;
/// A connection's thread reads a head and writes an answer: it needs little.
const STACK: usize = 256 * 1024;

/// Reads where to listen.
///
/// # Errors
/// No address; one that other machines can reach, unless that is meant.
pub fn address(text: &str, allow_remote: bool) -> Result<SocketAddr, Failure> {
    let found = text.to_socket_addrs().ok().and_then(|mut all| all.next());
    let Some(address) = found else {
        let found = Diagnostic::error("E0946", format!("`{text}` is no address to listen at")).hint("write an address and a port: `--serve 127.0.0.1:9100`");
        return Err(Failure::new(found));
    };
    if !address.ip().is_loopback() && !allow_remote {
        let found = Diagnostic::error("E0946", format!("{address} can be reached from other machines"))
            .note("what is answered names revisions and the database, no password")
            .hint(format!(
                "listen at 127.0.0.1:{}, or add `--allow-remote` if others shall reach it",
                address.port()
            ));
        return Err(Failure::new(found));
    }
    Ok(address)
}

/// Serves until a signal comes.
///
/// # Errors
/// The address cannot be listened at.
pub fn serve(context: &Context, watched: &mut Watched, address: SocketAddr) -> Outcome {
    let refused = |error: std::io::Error| {
        let found = Diagnostic::error("E0946", format!("nobody can listen at {address}")).caused_by(&error);
        Failure::new(found.hint("is another server there already? take another port"))
    };
    let listener = TcpListener::bind(address).map_err(refused)?;
    let address = listener.local_addr().map_err(refused)?;
    let mut signals = Signals::new([SIGINT, SIGTERM]).map_err(refused)?;
    thread::spawn(move || {
        // Nothing is under way that could be left half done.
        if signals.forever().next().is_some() {
            exit(0);
        }
    });
    let monitor = Arc::new(Monitor::default());
    let shared = Arc::clone(&monitor);
    thread::spawn(move || accept(&listener, &shared));
    if !context.global.quiet {
        streams::say(&format!("Listening at http://{address}: /healthz, /readyz, /metrics. SIGTERM ends it."));
    }
    // This thread has the connections to the database.
    monitor.look_when_asked(|| Snapshot::take(context, watched))
}

fn accept(listener: &TcpListener, monitor: &Arc<Monitor>) -> ! {
    let connections = Arc::new(Connections::new(CONNECTIONS));
    loop {
        let Ok((stream, _)) = listener.accept() else {
            // Out of file descriptors, or a client that has gone again.
            thread::sleep(Duration::from_millis(20));
            continue;
        };
        let Some(ticket) = connections.enter(&stream) else { continue };
        let monitor = Arc::clone(monitor);
        // A thread that cannot be had drops the connection with the closure.
        let _ = thread::Builder::new().stack_size(STACK).spawn(move || {
            serve_one(stream, &monitor);
            drop(ticket);
        });
    }
}

fn serve_one(mut stream: TcpStream, monitor: &Monitor) {
    let answer = match request::read(&mut stream) {
        Ok(asked) => {
            let mut answer = respond(&asked.path, monitor);
            answer.head_only = asked.head_only;
            answer
        }
        Err(Refused::Gone) => return,
        Err(Refused::With(answer)) => answer,
    };
    request::write(&mut stream, &answer);
}

fn respond(path: &str, monitor: &Monitor) -> Answer {
    match path {
        "/healthz" | "/livez" => Answer::text(200, "ok\n"),
        "/readyz" => readiness(&monitor.view()),
        "/metrics" => Answer {
            content: "text/plain; version=0.0.4; charset=utf-8",
            ..Answer::text(200, &metrics::text(&monitor.view()))
        },
        _ => Answer::text(404, "not here: /healthz, /readyz, /metrics\n"),
    }
}

fn readiness(view: &View) -> Answer {
    let body = match view {
        View::Fresh(snapshot) => serde_json::to_string(snapshot.as_ref()).expect("a snapshot is plain data"),
        View::Silent { since, .. } => serde_json::json!({
            "status": "unavailable",
            "ready": false,
            "reasons": [format!("the database has not answered for {} s", since.as_secs())],
        })
        .to_string(),
    };
    let ready = matches!(view, View::Fresh(snapshot) if snapshot.ready);
    Answer {
        content: "application/json",
        ..Answer::text(if ready { 200 } else { 503 }, &format!("{body}\n"))
    }
}
