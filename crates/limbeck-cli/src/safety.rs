//! How careful a run is, from the command line, the environment and the configuration, in that order.

use crate::args::SafetyArgs;
use crate::context::{Context, Failure};
use crate::workspace::script_failure;
use limbeck_run::{JournalMode, Safety};
use limbeck_script::Config;
use limbeck_source::Diagnostic;
use std::time::Duration;

/// Reads the limits of a run.
///
/// # Errors
/// A value that means nothing.
pub fn safety(context: &Context, config: &Config, args: &SafetyArgs) -> Result<Safety, Failure> {
    let mut safety = Safety::default();
    let source = Source::new(context, config);
    if let Some((text, from)) = source.find(
        args.lock_timeout.as_ref(),
        "--lock-timeout",
        &["PGLOCK_TIMEOUT", "LIMBECK_LOCK_TIMEOUT"],
        "lock_timeout",
    )? {
        // The guide's variable counts in milliseconds, as PostgreSQL does; a bare number does everywhere.
        let timeout = duration(&text, &from, Unit::Milliseconds)?;
        safety.lock_timeout = Some(timeout);
        safety.lock_timeout_given = true;
    }
    if let Some((text, from)) = source.find(None, "", &["LIMBECK_CONCURRENTLY_TIMEOUT"], "concurrently_timeout")? {
        safety.concurrent_timeout = duration(&text, &from, Unit::Milliseconds)?;
    }
    if let Some((text, from)) = source.find(
        args.statement_timeout.as_ref(),
        "--statement-timeout",
        &["LIMBECK_STATEMENT_TIMEOUT"],
        "statement_timeout",
    )? {
        safety.statement_timeout = Some(duration(&text, &from, Unit::Milliseconds)?);
    }
    if let Some((text, from)) = source.find(args.lock_wait.as_ref(), "--lock-wait", &["LIMBECK_LOCK_WAIT"], "lock_wait")? {
        safety.lock_wait = duration(&text, &from, Unit::Seconds)?;
    }
    if let Some((text, from)) = source.find(args.tries.as_ref(), "--tries", &["LIMBECK_TRIES"], "tries")? {
        safety.attempts = text
            .trim()
            .parse()
            .ok()
            .filter(|tries| *tries > 0)
            .ok_or_else(|| meaningless(&text, &from, "a number from 1"))?;
    }
    safety.journal = if context.is_alembic() { JournalMode::Transient } else { JournalMode::On };
    if let Some((text, from)) = source.find(args.journal.as_ref(), "--journal", &["LIMBECK_JOURNAL"], "journal")? {
        safety.journal = match text.trim() {
            "on" | "true" => JournalMode::On,
            "transient" => JournalMode::Transient,
            "off" | "false" => JournalMode::Off,
            _ => return Err(meaningless(&text, &from, "`on`, `transient` or `off`")),
        };
    }
    safety.allow_pooler = args.allow_pooler;
    if let Some((text, from)) = source.find(None, "", &["LIMBECK_ALLOW_POOLER"], "allow_pooler")? {
        safety.allow_pooler |= match text.trim() {
            "true" | "1" | "on" => true,
            "false" | "0" | "off" => false,
            _ => return Err(meaningless(&text, &from, "`true` or `false`")),
        };
    }
    Ok(safety)
}

/// Where settings come from: an option, variables, the configuration.
pub struct Source<'a> {
    context: &'a Context,
    config: &'a Config,
}

impl<'a> Source<'a> {
    pub fn new(context: &'a Context, config: &'a Config) -> Self {
        Source { context, config }
    }

    /// A value and where it is from; without a `key` the configuration is not asked.
    ///
    /// # Errors
    /// The configuration cannot be read.
    pub fn find(&self, option: Option<&String>, flag: &str, variables: &[&str], key: &str) -> Result<Option<(String, String)>, Failure> {
        if let Some(value) = option {
            return Ok(Some((value.clone(), flag.to_owned())));
        }
        for name in variables {
            if let Some(value) = self.context.environment.get(*name).filter(|value| !value.is_empty()) {
                return Ok(Some((value.clone(), (*name).to_owned())));
            }
        }
        if key.is_empty() {
            return Ok(None);
        }
        let value = self.config.own_option(key).map_err(script_failure)?;
        Ok(value.map(|value| (value, format!("`{key}` in the configuration"))))
    }
}

/// What a bare number counts.
#[derive(Clone, Copy)]
pub enum Unit {
    Milliseconds,
    Seconds,
}

/// `5s`, `500ms`, `2min`, `1h`; a bare number counts in `unit`.
///
/// # Errors
/// No such time.
pub fn duration(text: &str, from: &str, unit: Unit) -> Result<Duration, Failure> {
    let trimmed = text.trim();
    let end = trimmed.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(trimmed.len());
    let (number, suffix) = trimmed.split_at(end);
    let milliseconds = match (suffix.trim(), unit) {
        ("ms", _) | ("", Unit::Milliseconds) => 1.0,
        ("s", _) | ("", Unit::Seconds) => 1000.0,
        ("m" | "min", _) => 60_000.0,
        ("h", _) => 3_600_000.0,
        _ => return Err(meaningless(text, from, "a time such as `5s`, `500ms` or `2min`")),
    };
    let number: f64 = number.parse().map_err(|_| meaningless(text, from, "a time such as `5s`, `500ms` or `2min`"))?;
    Duration::try_from_secs_f64(number * milliseconds / 1000.0).map_err(|_| meaningless(text, from, "a time that is not too long"))
}

/// The failure of a value that means nothing, and what would.
pub fn meaningless(text: &str, from: &str, wanted: &str) -> Failure {
    Failure::new(Diagnostic::error("E0105", format!("{from} is `{text}`, which means nothing here")).hint(format!("give {wanted}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_in_their_units() {
        let read = |text: &str, unit| duration(text, "--x", unit).map(|time| time.as_millis()).ok();
        assert_eq!(read("10000", Unit::Milliseconds), Some(10_000));
        assert_eq!(read("60", Unit::Seconds), Some(60_000));
        assert_eq!(read("1.5s", Unit::Milliseconds), Some(1_500));
        assert_eq!(read("2min", Unit::Seconds), Some(120_000));
        assert_eq!(read("5 parsecs", Unit::Seconds), None);
        assert_eq!(read("", Unit::Seconds), None);
        assert_eq!(read("-1", Unit::Seconds), None);
    }
}
