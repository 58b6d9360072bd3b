//! The program behind the gate takes this process's place: same process id, signals and streams, its own exit code.

use crate::commands::Outcome;
use crate::context::Failure;
use limbeck_source::Diagnostic;
use std::ffi::OsString;
use std::io::ErrorKind;
use std::path::Path;
use std::process::Command;

/// Becomes the program, in the folder that we were started in; returns only where that fails.
///
/// # Errors
/// There is no such program (exit 127, as shells have it), or it cannot be run (126).
pub fn start(words: &[OsString], cwd: Option<&Path>) -> Outcome {
    let (name, arguments) = words.split_first().expect("a program was given");
    let mut command = Command::new(name);
    command.args(arguments);
    if let Some(cwd) = cwd {
        command.current_dir(cwd);
    }
    let error = become_it(&mut command);
    let name = name.to_string_lossy();
    let mut failure = if error.kind() == ErrorKind::NotFound {
        let hint = if name.contains('/') {
            "is the path right, and is the interpreter in its first line there?".to_owned()
        } else {
            format!("is `{name}` installed here, and on the PATH of this process?")
        };
        Failure::new(Diagnostic::error("E0945", format!("the gate is open, but there is no program `{name}`")).hint(hint))
    } else {
        Failure::new(Diagnostic::error("E0945", format!("the gate is open, but `{name}` cannot be run")).caused_by(&error))
    };
    failure.exit = if error.kind() == ErrorKind::NotFound { 127 } else { 126 };
    Err(failure)
}

#[cfg(unix)]
fn become_it(command: &mut Command) -> std::io::Error {
    use std::os::unix::process::CommandExt;
    // The standard library gives the program SIGPIPE and the signal mask back as they were.
    command.exec()
}

#[cfg(not(unix))]
fn become_it(command: &mut Command) -> std::io::Error {
    match command.status() {
        Ok(status) => std::process::exit(status.code().unwrap_or(1)),
        Err(error) => error,
    }
}
