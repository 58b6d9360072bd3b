//! stdout for data, stderr for the rest.
//!
//! A reader that went away must not stop a migration half-way, as the panic of `eprintln!` would: what cannot be said on stderr is dropped. Data that cannot be
//! written is an error, unless the reader (`| head`) has simply had enough.

use std::io::{ErrorKind, Write};
use std::process::exit;

/// Writes data to stdout; ends the program where that is impossible.
pub fn data(text: &str) {
    let mut stdout = std::io::stdout().lock();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Ok(()) => {}
        Err(error) if error.kind() == ErrorKind::BrokenPipe => exit(0),
        Err(error) => {
            say(&format!("error: stdout cannot be written: {error}; what was written is incomplete"));
            exit(2)
        }
    }
}

/// Writes a line to stderr.
pub fn say(text: &str) {
    say_raw(&format!("{text}\n"));
}

/// Writes a text to stderr as it is.
pub fn say_raw(text: &str) {
    let _ = std::io::stderr().write_all(text.as_bytes());
}
