//! Runs a command and says what it used: processor time, wall time, peak memory.
//!
//! The kernel tells a parent about its ended children only in sum, so each command runs below a process of
//! its own (`xtask __measure`), whose only child it is.

use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike;
use serde::{Deserialize, Serialize};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

/// What one run used and said.
#[derive(Debug, Clone)]
pub struct Run {
    /// What it used.
    pub usage: Usage,
    /// Exit code; none when it was killed, by us at the deadline or by a signal.
    pub code: Option<i32>,
    /// Standard error.
    pub stderr: String,
}

impl Run {
    /// Whether it ended with exit code 0.
    pub fn ok(&self) -> bool {
        self.code == Some(0)
    }

    /// Returns what went wrong in one line, for a table.
    pub fn first_error(&self) -> String {
        let lines = || self.stderr.lines().map(str::trim);
        let error = lines().find(|line| line.contains("rror")).or_else(|| lines().next()).unwrap_or("no message");
        let cause = lines().find_map(|line| line.strip_prefix("Caused by: "));
        let ended = match self.code {
            Some(code) => format!("exit {code}"),
            None => "killed".to_owned(),
        };
        let text = [Some(error), cause].into_iter().flatten().collect::<Vec<_>>().join(": ");
        format!("{ended}: {}", text.chars().take(300).collect::<String>())
    }

    /// Returns the count in Limbeck's closing line, such as `Applied 3 revisions (12 statements) in 0.1 s.`
    pub fn statements(&self) -> Option<usize> {
        self.stderr.lines().rev().find_map(|line| {
            let (before, _) = line.split_once(" statement")?;
            before.rsplit_once('(')?.1.parse().ok()
        })
    }
}

/// Times in seconds, memory in KiB.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
pub struct Usage {
    /// User and system time of the process and its children.
    pub cpu: f64,
    /// Time from start to end.
    pub wall: f64,
    /// Largest resident memory.
    pub peak_kib: i64,
}

/// Runs `command` to its end, or kills it and all it started at the deadline.
pub fn run(command: &Command, deadline: Duration) -> Result<Run, String> {
    let place = tempfile::tempdir().map_err(|error| error.to_string())?;
    let (err, usage) = (place.path().join("err"), place.path().join("usage"));
    let file = |path: &Path| std::fs::File::create(path).map_err(|error| error.to_string());
    let myself = std::env::current_exe().map_err(|error| error.to_string())?;
    let mut outer = Command::new(myself);
    outer.arg("__measure").arg(&usage).arg("--").arg(command.get_program()).args(command.get_args());
    if let Some(directory) = command.get_current_dir() {
        outer.current_dir(directory);
    }
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => outer.env(name, value),
            None => outer.env_remove(name),
        };
    }
    outer.stdin(Stdio::null()).stdout(Stdio::null()).stderr(file(&err)?).process_group(0);
    let mut child = outer.spawn().map_err(|error| format!("cannot run {outer:?}: {error}"))?;
    let started = Instant::now();
    let code = loop {
        if let Some(status) = child.try_wait().map_err(|error| error.to_string())? {
            break status.code();
        }
        if started.elapsed() > deadline {
            if let Some(group) = rustix::process::Pid::from_raw(child.id().cast_signed()) {
                let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
            }
            let _ = child.wait();
            break None;
        }
        std::thread::sleep(Duration::from_millis(2));
    };
    let text = |path: &Path| String::from_utf8_lossy(&std::fs::read(path).unwrap_or_default()).into_owned();
    let late = Usage {
        cpu: 0.0,
        wall: started.elapsed().as_secs_f64(),
        peak_kib: 0,
    };
    Ok(Run {
        usage: serde_json::from_str(&text(&usage)).unwrap_or(late),
        code,
        stderr: text(&err),
    })
}

/// Arguments of the inner process.
#[derive(clap::Args)]
pub struct Inner {
    /// Where to write the usage
    usage: PathBuf,
    /// The command
    #[arg(last = true, required = true)]
    command: Vec<String>,
}

/// Runs the one command and writes its usage.
pub fn run_inner(inner: &Inner) -> ExitCode {
    let started = Instant::now();
    let status = Command::new(&inner.command[0]).args(&inner.command[1..]).status();
    let wall = started.elapsed().as_secs_f64();
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN).map(|used| Usage {
        cpu: seconds(used.user_time().num_microseconds()) + seconds(used.system_time().num_microseconds()),
        wall,
        peak_kib: used.max_rss(),
    });
    if let Ok(usage) = usage {
        let text = serde_json::to_string(&usage).expect("three numbers");
        let _ = std::fs::write(&inner.usage, text);
    }
    match status {
        Ok(status) => match status.code() {
            Some(code) => ExitCode::from(u8::try_from(code).unwrap_or(255)),
            None => ExitCode::from(137),
        },
        Err(error) => {
            eprintln!("error: cannot run {}: {error}", inner.command[0]);
            ExitCode::from(127)
        }
    }
}

fn seconds(microseconds: i64) -> f64 {
    // Exact for every time below 285 years.
    #[expect(clippy::cast_precision_loss, reason = "far below 2^52 microseconds")]
    let exact = microseconds as f64;
    exact / 1e6
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(stderr: &str) -> Run {
        Run {
            usage: Usage::default(),
            code: Some(2),
            stderr: stderr.to_owned(),
        }
    }

    #[test]
    fn an_error_is_one_line_with_its_cause() {
        let run = run("[1/2] upgrade\nerror[E0412]: upgrade of ab12 failed\n  --> a.py:3\n  Caused by: no such table: t\nhint: x\n");
        assert_eq!(run.first_error(), "exit 2: error[E0412]: upgrade of ab12 failed: no such table: t");
    }

    #[test]
    fn statements_are_read_from_the_closing_line() {
        assert_eq!(run("Applied 3 revisions (12 statements) in 0.1 s.").statements(), Some(12));
        assert_eq!(run("Applied nothing.").statements(), None);
    }
}
