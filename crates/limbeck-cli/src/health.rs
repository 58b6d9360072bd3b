//! The health log as the command line keeps it: where it is, and what a run's events become.
//!
//! A log that cannot be written is one warning; the migration goes on.

mod note;
mod recorder;

pub use note::note;
pub use recorder::Recorder;

use crate::context::{Context, Failure};
use limbeck_health::HealthLog;
use limbeck_run::{Event, Events};
use limbeck_script::Project;
use limbeck_source::Diagnostic;
use std::path::{Path, PathBuf};

/// Where the log is below the project, unless configured otherwise.
const DEFAULT_PATH: &str = "logs/migration_health.log";
/// Words that switch it off.
const OFF: [&str; 5] = ["off", "none", "no", "false", "0"];
/// Written beside a log whose folder we made: the record belongs to this machine, not to the project.
const GIT_IGNORE: &str = "# Written by limbeck: the health log is a record of this machine.\nmigration_health.log*\n.gitignore\n";

/// The project's log: `LIMBECK_HEALTH_LOG`, else `health_log` in `limbeck.toml` or the ini's `[limbeck]`, else the usual place. `None` where it is switched off.
///
/// # Errors
/// A setting that means nothing.
pub fn log_of(context: &Context, project: &Project) -> Result<Option<HealthLog>, Failure> {
    let from_environment = context.environment.get("LIMBECK_HEALTH_LOG").filter(|value| !value.is_empty()).cloned();
    let configured = match from_environment {
        Some(path) => Some(path),
        None => option(project, "health_log")?.filter(|value| !value.is_empty()),
    };
    let path = match configured {
        Some(path) => path,
        // Called by Alembic's name we leave no files that Alembic would not, unless somebody asked for them.
        None if context.is_alembic() => return Ok(None),
        None => DEFAULT_PATH.to_owned(),
    };
    if OFF.contains(&path.to_ascii_lowercase().as_str()) {
        return Ok(None);
    }
    let mut log = HealthLog::at(project.root().join(path));
    if let Some(bytes) = number(project, "health_log_max_bytes")? {
        log.max_bytes = bytes;
    }
    if let Some(files) = number(project, "health_log_keep")? {
        log.keep = u32::try_from(files).unwrap_or(u32::MAX);
    }
    Ok(Some(log))
}

fn option(project: &Project, name: &str) -> Result<Option<String>, Failure> {
    project.config().own_option(name).map_err(crate::workspace::script_failure)
}

fn number(project: &Project, name: &str) -> Result<Option<u64>, Failure> {
    let Some(text) = option(project, name)? else {
        return Ok(None);
    };
    match text.trim().replace('_', "").parse() {
        Ok(0) | Err(_) => Err(Failure::new(
            Diagnostic::error("E0906", format!("`{name}` is `{text}`")).hint("write a whole number of 1 or more, such as `10_000_000`"),
        )),
        Ok(number) => Ok(Some(number)),
    }
}

/// Makes the folder of a log in its usual place, and keeps git from asking about it. Whatever fails here, the log's own error will tell.
fn prepare_folder(path: &Path, root: &Path) {
    let Some(folder) = path.parent().filter(|folder| !folder.exists() && *path == root.join(DEFAULT_PATH)) else {
        return;
    };
    if std::fs::create_dir(folder).is_ok() {
        let _ = std::fs::write(folder.join(".gitignore"), GIT_IGNORE);
    }
}

/// The command line without secrets: no password of a URL, no value of `-x name=value`.
pub fn command_line(words: impl IntoIterator<Item = String>) -> String {
    let mut words: Vec<String> = words.into_iter().collect();
    for at in 0..words.len() {
        let is_value = at > 0 && words[at - 1] == "-x";
        let attached = words[at].starts_with("-x") && words[at].len() > 2 && !words[at].starts_with("--");
        if (is_value || attached)
            && let Some((name, _)) = words[at].split_once('=')
        {
            words[at] = format!("{name}=***");
        }
    }
    // What another program is given (`gate -- program …`) is not ours to write down.
    if let Some(end) = words.iter().position(|word| word == "--")
        && words.len() > end + 2
    {
        words.truncate(end + 2);
        words.push("…".to_owned());
    }
    limbeck_health::redact(&words.join(" "), &[])
}

/// A path for people: relative to the project where it is below it.
pub fn shown(path: &Path, project: &Project) -> PathBuf {
    path.strip_prefix(project.root()).unwrap_or(path).to_owned()
}

/// Gives events to two receivers.
pub struct Tee<'a> {
    first: &'a mut dyn Events,
    second: &'a mut dyn Events,
}

impl<'a> Tee<'a> {
    pub fn new(first: &'a mut dyn Events, second: &'a mut dyn Events) -> Self {
        Tee { first, second }
    }
}

impl Events for Tee<'_> {
    fn event(&mut self, event: Event<'_>) {
        self.first.event(event);
        self.second.event(event);
    }
}

#[cfg(test)]
mod tests {
    use super::command_line;

    #[test]
    fn command_lines_keep_no_secrets() {
        let cases = [
            ("upgrade head", "upgrade head"),
            ("--url postgresql://a:b@c/d upgrade head", "--url postgresql://a:***@c/d upgrade head"),
            ("--url=postgresql://a:b@c/d upgrade head", "--url=postgresql://a:***@c/d upgrade head"),
            ("gate --apply -- web --token t", "gate --apply -- web …"),
            ("gate -- web", "gate -- web"),
            ("-x key=secret -xtoken=t -x flag downgrade -1", "-x key=*** -xtoken=*** -x flag downgrade -1"),
        ];
        for (words, expected) in cases {
            assert_eq!(command_line(words.split(' ').map(str::to_owned)), expected);
        }
    }
}
