//! What the gate is told: by its options, by the variables of the environment, by the configuration, in that order.

use crate::args::{GateArgs, SafetyArgs};
use crate::context::{Context, Failure};
use crate::safety::{Source, Unit, duration, meaningless};
use limbeck_script::Config;
use limbeck_source::Diagnostic;
use std::time::Duration;

/// So long a replica waits for the one that migrates, unless told otherwise: longer than an `upgrade` by hand, since nobody is there to start it again.
const LOCK_WAIT: &str = "10min";

/// How the gate decides.
pub struct GateSettings {
    pub allow_pending: bool,
    pub apply: bool,
    pub backup: bool,
    pub ahead: usize,
    pub retries: usize,
    pub interval: Duration,
    pub safety: SafetyArgs,
}

impl GateSettings {
    /// Reads what was said.
    ///
    /// # Errors
    /// A value that means nothing; options that do not go together.
    pub fn read(context: &Context, config: &Config, args: &GateArgs) -> Result<Self, Failure> {
        let source = Source::new(context, config);
        let apply = flag(context, args.apply, "APPLY_MIGRATIONS")?;
        let backup = flag(context, args.backup, "BACKUP_BEFORE_MIGRATE")?;
        if args.no_env && apply {
            let found = Diagnostic::error(
                "E0002",
                "`--no-env` does not go with APPLY_MIGRATIONS=true: migrations need what env.py decides",
            )
            .hint("leave one of them out");
            return Err(Failure::new(found));
        }
        if args.backup && !apply {
            let found = Diagnostic::error("E0002", "`--backup` only goes with `--apply`").hint("leave it out: without `--apply` nothing is changed");
            return Err(Failure::new(found));
        }
        let retries = whole(&source, args.retries.as_ref(), "--retries", "DB_CONNECTION_RETRIES", "")?.unwrap_or(0);
        let interval = match source.find(args.retry_interval.as_ref(), "--retry-interval", &["DB_CONNECTION_RETRY_INTERVAL"], "")? {
            Some((text, from)) => duration(&text, &from, Unit::Seconds)?,
            None => Duration::from_secs(2),
        };
        let mut safety = args.safety.clone();
        if source
            .find(safety.lock_wait.as_ref(), "--lock-wait", &["LIMBECK_LOCK_WAIT"], "lock_wait")?
            .is_none()
        {
            safety.lock_wait = Some(LOCK_WAIT.to_owned());
        }
        Ok(GateSettings {
            allow_pending: flag(context, args.allow_pending, "ALLOW_PENDING_MIGRATIONS")?,
            apply,
            backup,
            ahead: ahead_window(context, config, args.ahead.as_ref())?,
            retries,
            interval,
            safety,
        })
    }
}

/// How many revisions a database may be ahead.
///
/// # Errors
/// A value that is no whole number.
pub fn ahead_window(context: &Context, config: &Config, option: Option<&String>) -> Result<usize, Failure> {
    let source = Source::new(context, config);
    Ok(whole(&source, option, "--ahead", "GATE_ALLOW_AHEAD", "ahead_window")?.unwrap_or(0))
}

fn whole(source: &Source<'_>, option: Option<&String>, name: &str, variable: &str, key: &str) -> Result<Option<usize>, Failure> {
    let Some((text, from)) = source.find(option, name, &[variable], key)? else {
        return Ok(None);
    };
    text.trim()
        .parse()
        .map(Some)
        .map_err(|_| meaningless(&text, &from, "a whole number, such as `3`"))
}

/// An option, or a variable that says the same.
///
/// # Errors
/// The variable is neither true nor false.
pub fn flag(context: &Context, option: bool, variable: &str) -> Result<bool, Failure> {
    let text = context
        .environment
        .get(variable)
        .map(|text| text.trim().to_ascii_lowercase())
        .unwrap_or_default();
    match text.as_str() {
        "true" | "1" | "yes" | "on" => Ok(true),
        "" | "false" | "0" | "no" | "off" => Ok(option),
        _ => Err(meaningless(&context.environment[variable], variable, "`true` or `false`")),
    }
}
