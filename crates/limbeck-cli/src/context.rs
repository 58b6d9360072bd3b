//! What every command has at hand: how we were called, the global options, the streams.

use crate::args::Global;
use crate::streams;
use limbeck_source::Diagnostic;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::IsTerminal;
use std::path::Path;

/// The name the binary was called by; it decides words and exit codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    Limbeck,
    /// The guide's `db_migrate`: Limbeck's words.
    DbMigrate,
    /// Alembic's stdout text and exit codes.
    Alembic,
}

impl Style {
    /// Reads the style from `argv[0]`.
    pub fn of_program(program: Option<&OsString>) -> Self {
        let stem = program
            .and_then(|path| Path::new(path).file_stem())
            .and_then(|stem| stem.to_str())
            .unwrap_or("limbeck");
        match stem {
            "alembic" => Style::Alembic,
            "db_migrate" => Style::DbMigrate,
            _ => Style::Limbeck,
        }
    }

    /// The name to show in usage lines and hints.
    pub fn program(self) -> &'static str {
        match self {
            Style::Limbeck => "limbeck",
            Style::DbMigrate => "db_migrate",
            Style::Alembic => "alembic",
        }
    }
}

/// The logging that env.py set up with `fileConfig`, as far as Alembic's own lines go through it.
#[derive(Debug, Clone)]
pub struct LogConfig {
    /// Lowest level of logger `alembic` that is shown (20 is INFO).
    pub level: u32,
    /// The line format in Python's `%`-style.
    pub format: String,
}

/// How a failure reads under the name `alembic`.
#[derive(Debug, Clone)]
pub enum AlembicWords {
    /// A `CommandError`: `FAILED: text`, exit 255.
    Command(String),
    /// An exception Alembic does not catch: a traceback, exit 1.
    Uncaught { exception: String, text: String, traceback: Vec<String> },
}

/// Why a command failed.
#[derive(Debug)]
pub struct Failure {
    pub diagnostic: Box<Diagnostic>,
    pub alembic: AlembicWords,
    /// Exit code under Limbeck's own name: 1 the answer is no, 2 it failed.
    pub exit: u8,
}

impl Failure {
    /// A failure whose Alembic text is our message.
    pub fn new(diagnostic: Diagnostic) -> Self {
        let text = diagnostic.message.clone();
        Failure {
            diagnostic: Box::new(diagnostic),
            alembic: AlembicWords::Command(text),
            exit: 2,
        }
    }

    /// Sets the text of the `CommandError` Alembic raises in this case.
    pub fn alembic(mut self, text: impl Into<String>) -> Self {
        self.alembic = AlembicWords::Command(text.into());
        self
    }

    /// Says that Alembic lets this exception through.
    pub fn uncaught(mut self, exception: impl Into<String>, text: impl Into<String>) -> Self {
        self.alembic = AlembicWords::Uncaught {
            exception: exception.into(),
            text: text.into(),
            traceback: Vec::new(),
        };
        self
    }

    /// Marks the failure as an answer (exit 1) rather than an error (exit 2).
    pub fn answer_is_no(mut self) -> Self {
        self.exit = 1;
        self
    }
}

impl From<Diagnostic> for Failure {
    fn from(diagnostic: Diagnostic) -> Self {
        Failure::new(diagnostic)
    }
}

/// Everything a command needs besides its own arguments.
pub struct Context {
    pub style: Style,
    pub global: Global,
    /// The environment, read once.
    pub environment: BTreeMap<String, String>,
    again: String,
    log: RefCell<Option<LogConfig>>,
}

impl Context {
    pub fn new(style: Style, global: Global) -> Self {
        let environment = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect();
        Context {
            again: again(style, &global),
            style,
            global,
            environment,
            log: RefCell::new(None),
        }
    }

    /// Whether we answer as Alembic.
    pub fn is_alembic(&self) -> bool {
        self.style == Style::Alembic
    }

    /// How a command to type next begins: our name, and the options of this call that say which project and database it was about. A password is left out.
    pub fn again(&self) -> &str {
        &self.again
    }

    /// Prints a line of data. A closed pipe ends the program quietly.
    pub fn print(&self, text: &str) {
        if self.is_alembic() && self.global.quiet {
            return;
        }
        streams::data(&format!("{text}\n"));
    }

    /// Prints data as it is.
    pub fn print_raw(&self, text: &str) {
        streams::data(text);
    }

    /// Prints a serialisable value as JSON.
    pub fn print_json<T: serde::Serialize>(&self, value: &T) {
        let text = serde_json::to_string_pretty(value).expect("reports are plain data");
        streams::data(&format!("{text}\n"));
    }

    /// A message about what was done: stdout under `alembic`, stderr under our own name; silent with `-q`.
    pub fn message(&self, text: &str) {
        if self.global.quiet {
            return;
        }
        if self.is_alembic() {
            streams::data(&format!("{text}\n"));
        } else {
            streams::say(text);
        }
    }

    /// Takes over the logging env.py configured (only heard under the name `alembic`).
    pub fn set_log(&self, log: Option<LogConfig>) {
        *self.log.borrow_mut() = log;
    }

    /// Writes a line of Alembic's log, if env.py configured logging and its level lets it through.
    pub fn log(&self, level: u32, logger: &str, text: &str) {
        if !self.is_alembic() {
            return;
        }
        if let Some(log) = self.log.borrow().as_ref()
            && level >= log.level
        {
            streams::say(&format_log(&log.format, level, logger, text));
        }
    }

    /// Reports a failure in Alembic's words; returns its exit code.
    pub fn report_as_alembic(&self, failure: &Failure) -> u8 {
        match &failure.alembic {
            AlembicWords::Command(text) => {
                if self.global.raiseerr {
                    streams::say(&format!("Traceback (most recent call last):\nalembic.util.exc.CommandError: {text}"));
                    return 1;
                }
                self.log(40, "alembic.util.messaging", text);
                if !self.global.quiet {
                    streams::data(&format!("FAILED: {text}\n"));
                }
                255
            }
            AlembicWords::Uncaught { exception, text, traceback } => {
                streams::say("Traceback (most recent call last):");
                for line in traceback {
                    streams::say(line);
                }
                streams::say(&format!("{exception}: {text}"));
                1
            }
        }
    }

    /// Whether stderr takes colours.
    pub fn stderr_style(&self) -> limbeck_source::Style {
        let refused =
            self.environment.get("NO_COLOR").is_some_and(|value| !value.is_empty()) || self.environment.get("TERM").is_some_and(|term| term == "dumb");
        limbeck_source::Style {
            color: !refused && std::io::stderr().is_terminal(),
        }
    }
}

/// See [`Context::again`].
fn again(style: Style, global: &Global) -> String {
    let mut words = vec![style.program().to_owned()];
    let mut add = |option: &str, value: &str| words.extend([option.to_owned(), shell(value)]);
    for file in &global.config {
        add("-c", &file.display().to_string());
    }
    if let Some(name) = &global.name {
        add("-n", name);
    }
    for x in &global.x {
        add("-x", &limbeck_health::redact(x, &[]));
    }
    if let Some(mut url) = global.url.as_deref().and_then(|url| limbeck_db::DatabaseUrl::parse(url).ok()) {
        url.password = None;
        add("--url", &url.render(true));
    }
    words.join(" ")
}

/// A word as a shell takes it.
fn shell(word: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "_-./:@=+,%".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

/// Formats a log record in Python's `%`-style: `%(levelname)-5.5s`, `%(name)s`, `%(message)s`, `%(asctime)s`.
fn format_log(format: &str, level: u32, logger: &str, text: &str) -> String {
    let name = match level {
        0..=10 => "DEBUG",
        11..=20 => "INFO",
        21..=30 => "WARNING",
        31..=40 => "ERROR",
        _ => "CRITICAL",
    };
    let mut out = String::new();
    let mut rest = format;
    while let Some(at) = rest.find('%') {
        out.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        if let Some(after) = rest.strip_prefix('%') {
            out.push('%');
            rest = after;
            continue;
        }
        let Some((key, after)) = rest.strip_prefix('(').and_then(|inner| inner.split_once(')')) else {
            out.push('%');
            continue;
        };
        let end = after.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(after.len());
        let (spec, tail) = after.split_at(end);
        rest = tail.get(1..).unwrap_or("");
        let value = match key {
            "levelname" => name.to_string(),
            "name" => logger.to_string(),
            "message" => text.to_string(),
            "levelno" => level.to_string(),
            _ => String::new(),
        };
        out.push_str(&pad(&value, spec));
    }
    out.push_str(rest);
    out
}

/// Applies a `%`-style width and precision such as `-5.5`.
fn pad(value: &str, spec: &str) -> String {
    let left = spec.starts_with('-');
    let (width, precision) = spec.trim_start_matches('-').split_once('.').unwrap_or((spec.trim_start_matches('-'), ""));
    let cut: String = match precision.parse() {
        Ok(limit) => value.chars().take(limit).collect(),
        Err(_) => value.to_string(),
    };
    match (width.parse::<usize>(), left) {
        (Ok(width), true) => format!("{cut:<width$}"),
        (Ok(width), false) => format!("{cut:>width$}"),
        (Err(_), _) => cut,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn log_lines_read_as_alembic_s() {
        let format = "%(levelname)-5.5s [%(name)s] %(message)s";
        assert_eq!(
            format_log(format, 20, "alembic.runtime.migration", "Context impl SQLiteImpl."),
            "INFO  [alembic.runtime.migration] Context impl SQLiteImpl."
        );
        assert_eq!(format_log(format, 30, "x", "100%"), "WARNI [x] 100%");
        assert_eq!(format_log("%(message)s %%", 20, "x", "a"), "a %");
    }

    #[test]
    fn style_follows_the_program_s_name() {
        assert_eq!(Style::of_program(Some(&"/usr/bin/alembic".into())), Style::Alembic);
        assert_eq!(Style::of_program(Some(&"db_migrate".into())), Style::DbMigrate);
        assert_eq!(Style::of_program(Some(&"./limbeck".into())), Style::Limbeck);
    }
}
