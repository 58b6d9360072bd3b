//! stdout for data, stderr for the rest.
//!
//! A reader that went away must not stop a migration half-way, as the panic of `eprintln!` would: what cannot be said on stderr is dropped. Data that cannot be
//! written is an error, unless the reader (`| head`) has simply had enough.
//!
//! On a terminal one unfinished line may stand at the bottom: the status of a run. Whatever else is written, from whichever thread, wipes it first.
//! With `--log-format json` everything on stderr is one JSON object per line.

use limbeck_source::{Diagnostic, Style};
use serde::Serialize;
use serde_json::{Value, json};
use std::io::{ErrorKind, Write};
use std::process::exit;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Whether stderr takes JSON lines.
static JSON: AtomicBool = AtomicBool::new(false);
/// Whether a status line stands on the terminal.
static STATUS: Mutex<bool> = Mutex::new(false);
/// To the beginning of the line, and away with it.
const WIPE: &str = "\r\u{1b}[K";

/// From now on stderr takes JSON lines.
pub fn speak_json() {
    JSON.store(true, Ordering::Relaxed);
}

/// Whether stderr takes JSON lines.
pub fn speaks_json() -> bool {
    JSON.load(Ordering::Relaxed)
}

/// Writes data to stdout; ends the program where that is impossible.
pub fn data(text: &str) {
    let status = wiped();
    let mut stdout = std::io::stdout().lock();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Ok(()) => {}
        Err(error) if error.kind() == ErrorKind::BrokenPipe => exit(0),
        Err(error) => {
            drop(status);
            say(&format!("error: stdout cannot be written: {error}; what was written is incomplete"));
            exit(2)
        }
    }
}

/// Writes a line to stderr.
pub fn say(text: &str) {
    if speaks_json() {
        record(json!({"event": "message", "text": text.trim()}));
    } else {
        put(&format!("{text}\n"));
    }
}

/// Writes a text to stderr as it is.
pub fn say_raw(text: &str) {
    if speaks_json() {
        record(json!({"event": "output", "text": text}));
    } else {
        put(text);
    }
}

/// Shows a finding on stderr.
pub fn show(found: &Diagnostic, style: Style) {
    #[derive(Serialize)]
    struct Line<'a> {
        event: String,
        #[serde(flatten)]
        found: &'a Diagnostic,
    }
    if speaks_json() {
        let event = found.severity.to_string();
        record(serde_json::to_value(Line { event, found }).expect("a finding is plain data"));
    } else {
        put(&limbeck_source::render(found, style));
    }
}

/// Writes an object to stderr as a line of JSON, with the time in front.
pub fn record(mut object: Value) {
    let mut line = json!({"at": limbeck_health::moment(jiff::Timestamp::now())});
    if let (Some(line), Some(object)) = (line.as_object_mut(), object.as_object_mut()) {
        line.append(object);
    }
    put(&format!("{line}\n"));
}

/// Puts a status line on the terminal in place of the one before, or takes it away. It has to fit.
pub fn status(text: Option<&str>) {
    let mut stands = STATUS.lock().unwrap_or_else(PoisonError::into_inner);
    if text.is_none() && !*stands {
        return;
    }
    *stands = text.is_some();
    let _ = std::io::stderr().write_all(format!("{WIPE}{}", text.unwrap_or_default()).as_bytes());
}

/// Wipes the status line; nobody draws another while the guard lives.
fn wiped() -> MutexGuard<'static, bool> {
    let mut stands = STATUS.lock().unwrap_or_else(PoisonError::into_inner);
    if std::mem::take(&mut *stands) {
        let _ = std::io::stderr().write_all(WIPE.as_bytes());
    }
    stands
}

fn put(text: &str) {
    let _status = wiped();
    let _ = std::io::stderr().write_all(text.as_bytes());
}
