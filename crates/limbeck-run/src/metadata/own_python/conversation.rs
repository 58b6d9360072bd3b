//! A conversation with the project's own Python: one line of JSON for a request, one for its answer, and a time limit for each. Whatever goes wrong on the
//! other side (it hangs, dies, or says something else) is one error here.

use limbeck_python::{ScriptError, ScriptErrorKind};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// What the interpreter runs first: it says whether it is one that can run the rest, which is its last argument.
const START: &str = include_str!("start.py");

/// The script that the project's Python runs; it needs nothing but the project's SQLAlchemy and Alembic.
pub(super) const SCRIPT: &str = concat!(
    include_str!("dump.py"),
    include_str!("environment.py"),
    include_str!("objects.py"),
    include_str!("functions.py"),
    include_str!("main.py")
);

/// How much is kept of what it prints.
const KEPT: usize = 64 * 1024;

/// The project's Python while it can be asked. It ends with this value.
#[derive(Debug)]
pub(super) struct Conversation {
    python: PathBuf,
    child: Child,
    requests: Option<Sender<String>>,
    answers: Receiver<Vec<u8>>,
    said: Arc<Mutex<Vec<u8>>>,
    limit: Duration,
    /// What it is an error of when no answer comes: reading, and after that asking functions.
    failing: ScriptErrorKind,
}

/// What every answer looks like.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Answer<T> {
    Ok(T),
    /// This Python cannot read any models.
    Unfit(String),
    /// What the project's own code raised.
    Error {
        exception: String,
        message: String,
        file: Option<PathBuf>,
        line: Option<u32>,
        source: Option<String>,
    },
}

impl Conversation {
    /// Starts `python` in `folder`.
    ///
    /// # Errors
    /// It cannot be run.
    pub(super) fn start(
        python: &Path,
        arguments: &[&str],
        folder: &Path,
        environment: &BTreeMap<String, String>,
        limit: Duration,
    ) -> Result<Self, ScriptError> {
        let mut child = Command::new(python)
            .args(["-c", START])
            .args(arguments)
            .arg(SCRIPT)
            .current_dir(folder)
            .env_clear()
            .envs(environment)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|error| failed(format!("{}: {error}", python.display())))?;
        let requests = writer(child.stdin.take());
        let answers = lines(child.stdout.take());
        let said = Arc::default();
        listen(child.stderr.take(), Arc::clone(&said));
        Ok(Conversation {
            python: python.to_owned(),
            child,
            requests: Some(requests),
            answers,
            said,
            limit,
            failing: ScriptErrorKind::OwnPython,
        })
    }

    /// Asks once; `doing` says for the error what takes too long.
    ///
    /// # Errors
    /// What the project's code raised, with its place, or what kept it from answering.
    pub(super) fn ask<T: DeserializeOwned>(&mut self, request: &serde_json::Value, doing: &str) -> Result<T, ScriptError> {
        if let Some(requests) = &self.requests {
            // A child that has ended is told apart below.
            let _ = requests.send(format!("{request}\n"));
        }
        let line = match self.answers.recv_timeout(self.limit) {
            Ok(line) => line,
            Err(RecvTimeoutError::Timeout) => {
                self.end();
                return Err(self.error(format!("did not {doing} within {} s (`python_timeout` in [limbeck])", self.limit.as_secs_f64())));
            }
            Err(RecvTimeoutError::Disconnected) => {
                let how = self.exit_status();
                return Err(self.error(format!("ended before it could {doing} ({how})")));
            }
        };
        match serde_json::from_slice(&line) {
            Ok(Answer::Ok(answer)) => {
                self.failing = ScriptErrorKind::Functions;
                Ok(answer)
            }
            Ok(Answer::Unfit(why)) => Err(ScriptError::internal_like(
                ScriptErrorKind::UnfitPython,
                format!("{} {why}", self.python.display()),
            )),
            Ok(Answer::Error {
                exception,
                message,
                file,
                line,
                source,
            }) => {
                let mut error = ScriptError::internal_like(ScriptErrorKind::Raised, message);
                error.exception = exception;
                error.source = source;
                error.place = file.map(|path| limbeck_ops::Place {
                    path,
                    line: line.unwrap_or(1),
                    column: 0,
                });
                Err(error)
            }
            Err(error) => {
                self.end();
                Err(self.error(format!("gave no answer that can be read ({error})")))
            }
        }
    }

    fn error(&self, what: String) -> ScriptError {
        let said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        let said = String::from_utf8_lossy(&said);
        let last = said.lines().rev().find(|line| !line.trim().is_empty());
        let last = last.map_or_else(String::new, |line| format!("; it said: {}", line.trim()));
        ScriptError {
            kind: self.failing,
            ..failed(format!("{} {what}{last}", self.python.display()))
        }
    }

    /// How the child ended, given a moment to do so.
    fn exit_status(&mut self) -> String {
        let until = Instant::now() + Duration::from_secs(2);
        while Instant::now() < until {
            match self.child.try_wait() {
                Ok(Some(status)) => {
                    // Its last words are still on the way.
                    std::thread::sleep(Duration::from_millis(20));
                    return status.to_string();
                }
                Ok(None) => std::thread::sleep(Duration::from_millis(5)),
                Err(error) => return error.to_string(),
            }
        }
        "it closed its standard output".to_owned()
    }

    fn end(&mut self) {
        self.requests = None;
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Conversation {
    fn drop(&mut self) {
        self.end();
    }
}

/// An error of the interpreter, not of the project.
pub(super) fn failed(what: String) -> ScriptError {
    let mut error = ScriptError::internal_like(ScriptErrorKind::OwnPython, what);
    error.exception = "OSError".to_owned();
    error
}

/// Writes requests on a thread of its own: a child that reads none stops nobody.
fn writer(pipe: Option<impl Write + Send + 'static>) -> Sender<String> {
    let (sender, receiver) = channel::<String>();
    std::thread::spawn(move || {
        let Some(mut pipe) = pipe else { return };
        while let Ok(request) = receiver.recv() {
            if pipe.write_all(request.as_bytes()).and_then(|()| pipe.flush()).is_err() {
                return;
            }
        }
    });
    sender
}

/// Reads lines on a thread of its own; an unfinished one at the end counts.
fn lines(pipe: Option<impl Read + Send + 'static>) -> Receiver<Vec<u8>> {
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        let Some(pipe) = pipe else { return };
        let mut reader = BufReader::with_capacity(1 << 16, pipe);
        loop {
            let mut line = Vec::new();
            match reader.read_until(b'\n', &mut line) {
                Ok(read) if read > 0 => {
                    if sender.send(line).is_err() {
                        return;
                    }
                }
                _ => return,
            }
        }
    });
    receiver
}

/// Keeps the end of what it prints.
fn listen(pipe: Option<impl Read + Send + 'static>, said: Arc<Mutex<Vec<u8>>>) {
    std::thread::spawn(move || {
        let Some(mut pipe) = pipe else { return };
        let mut buffer = [0; 4096];
        while let Ok(read @ 1..) = pipe.read(&mut buffer) {
            let mut said = said.lock().unwrap_or_else(PoisonError::into_inner);
            said.extend_from_slice(&buffer[..read]);
            if said.len() > 2 * KEPT {
                let begin = said.len() - KEPT;
                said.drain(..begin);
            }
        }
    });
}
