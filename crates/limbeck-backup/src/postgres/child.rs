//! Looking after a program: what it says is kept, and it ends when the user wants that.

use crate::BackupError;
use limbeck_db::CancelHandle;
use std::io::Read;
use std::process::{Child, ChildStderr, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

/// How often the user's wish is looked at.
const TICK: Duration = Duration::from_millis(40);
/// Lines that are kept of what a program says.
const KEPT: usize = 12;

/// Cancels whatever a connection is asked once the user wants an end; until it is dropped.
pub(super) struct Cancelling {
    over: Arc<AtomicBool>,
    watcher: Option<JoinHandle<()>>,
}

impl Cancelling {
    pub(super) fn start(handle: CancelHandle, stop: Arc<AtomicBool>) -> Self {
        let over = Arc::new(AtomicBool::new(false));
        let ended = Arc::clone(&over);
        let watcher = std::thread::spawn(move || {
            while !ended.load(Ordering::Relaxed) {
                if stop.load(Ordering::Relaxed) {
                    let _ = handle.cancel();
                }
                std::thread::sleep(TICK);
            }
        });
        Cancelling { over, watcher: Some(watcher) }
    }
}

impl Drop for Cancelling {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
        if let Some(watcher) = self.watcher.take() {
            let _ = watcher.join();
        }
    }
}

/// A program at work.
pub(super) struct Running {
    name: String,
    /// Taken while it is waited for.
    pub(super) child: Child,
    said: Arc<Mutex<Vec<String>>>,
    listener: Option<JoinHandle<()>>,
    watcher: Option<JoinHandle<()>>,
    over: Arc<AtomicBool>,
    stop: Arc<AtomicBool>,
}

impl Running {
    /// Starts it; `stop` ends it.
    pub(super) fn start(mut command: Command, stop: Arc<AtomicBool>) -> Result<Self, BackupError> {
        let name = std::path::Path::new(command.get_program())
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let mut child = command.stderr(Stdio::piped()).spawn().map_err(|error| BackupError::Tool {
            program: name.clone(),
            status: "it could not be started".into(),
            said: vec![error.to_string()],
        })?;
        let said = Arc::new(Mutex::new(Vec::new()));
        let listener = child.stderr.take().map(|stderr| {
            let said = Arc::clone(&said);
            std::thread::spawn(move || listen(stderr, &said))
        });
        let over = Arc::new(AtomicBool::new(false));
        let watcher = rustix::process::Pid::from_raw(i32::try_from(child.id()).unwrap_or_default()).map(|pid| {
            let (over, stop) = (Arc::clone(&over), Arc::clone(&stop));
            std::thread::spawn(move || {
                let mut told = 0;
                while !over.load(Ordering::Relaxed) {
                    if stop.load(Ordering::Relaxed) {
                        // SIGTERM lets pg_dump cancel what the server does for it; who does not listen is not asked again.
                        let signal = if told < 50 {
                            rustix::process::Signal::TERM
                        } else {
                            rustix::process::Signal::KILL
                        };
                        if told % 50 == 0 {
                            let _ = rustix::process::kill_process(pid, signal);
                        }
                        told += 1;
                    }
                    std::thread::sleep(TICK);
                }
            })
        });
        Ok(Running {
            name,
            child,
            said,
            listener,
            watcher,
            over,
            stop,
        })
    }

    /// Waits for its end.
    ///
    /// # Errors
    /// It failed; the user stopped it.
    pub(super) fn finish(mut self) -> Result<(), BackupError> {
        drop(self.child.stdin.take());
        let status = self.child.wait();
        self.end();
        if self.stop.load(Ordering::Relaxed) {
            return Err(BackupError::Interrupted);
        }
        match status {
            Ok(status) if status.success() => Ok(()),
            Ok(status) => Err(self.failure(words(status))),
            Err(error) => Err(self.failure(error.to_string())),
        }
    }

    /// Ends it at once.
    pub(super) fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    fn end(&mut self) {
        self.over.store(true, Ordering::Relaxed);
        for thread in [self.listener.take(), self.watcher.take()].into_iter().flatten() {
            let _ = thread.join();
        }
    }

    fn failure(&self, status: String) -> BackupError {
        BackupError::Tool {
            program: self.name.clone(),
            status,
            said: self.said.lock().unwrap_or_else(PoisonError::into_inner).clone(),
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if self.watcher.is_some() || self.listener.is_some() {
            self.kill();
            self.end();
        }
    }
}

/// Keeps what matters of a program's words: errors first of all, and not more than a screen holds.
fn listen(mut stderr: ChildStderr, said: &Mutex<Vec<String>>) {
    let mut rest = Vec::new();
    let mut block = [0; 4096];
    loop {
        match stderr.read(&mut block) {
            Ok(0) | Err(_) => break,
            Ok(read) => rest.extend_from_slice(&block[..read]),
        }
        while let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
            let line: Vec<u8> = rest.drain(..=end).collect();
            keep(&line, said);
        }
    }
    keep(&rest, said);
}

fn keep(line: &[u8], said: &Mutex<Vec<String>>) {
    let line = String::from_utf8_lossy(line).trim_end().to_owned();
    if line.is_empty() {
        return;
    }
    let mut said = said.lock().unwrap_or_else(PoisonError::into_inner);
    if said.len() == KEPT {
        // The first lines tell the cause, the last ones what came of it.
        said.remove(KEPT / 2);
    }
    said.push(line);
}

fn words(status: ExitStatus) -> String {
    use std::os::unix::process::ExitStatusExt;
    match (status.code(), status.signal()) {
        (Some(code), _) => format!("exit code {code}"),
        (None, Some(signal)) => format!("ended by signal {signal}"),
        (None, None) => "it ended".into(),
    }
}
