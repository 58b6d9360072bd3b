//! `log`: what was run, when, by whom, and how it ended; `log verify`: whether the record is as it was written. Needs no database.

mod table;

use super::Outcome;
use crate::args::{LogAction, LogArgs, LogFile, LogVerifyArgs};
use crate::context::{Context, Failure};
use crate::health;
use crate::workspace::Workspace;
use jiff::civil::DateTime;
use jiff::{Span, Timestamp, Zoned};
use limbeck_health::{Filter, HealthLog, Verdict};
use limbeck_source::{Diagnose, Diagnostic, Location};
use serde_json::json;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Runs the command.
pub fn run(context: &Context, args: &LogArgs) -> Outcome {
    if let Some(LogAction::Verify(args)) = &args.action {
        return verify(context, args);
    }
    let (log, name) = which(context, &args.file)?;
    let present = Zoned::now();
    let filter = Filter {
        since: args.since.as_deref().map(|text| since(text, &present)).transpose()?,
        failed: args.failed,
        last: args.last,
    };
    let reading = log.read(&filter).map_err(|error| Failure::new(error.diagnose()))?;
    if args.json {
        let lines: String = reading.entries.iter().map(|entry| format!("{}\n", entry.line)).collect();
        context.print_raw(&lines);
        return Ok(ExitCode::SUCCESS);
    }
    if !reading.exists {
        context.message(&format!("There is no health log yet: {} is written by the first `upgrade`.", name.display()));
    } else if reading.entries.is_empty() {
        context.message(&format!("Nothing of that kind is in {}.", name.display()));
    } else {
        context.print_raw(&table::text(&reading.entries, present.time_zone()));
    }
    if reading.unreadable > 0 {
        context.message(&format!(
            "{} could not be read: see `{} log verify`.",
            crate::progress::count(reading.unreadable, "line"),
            context.again()
        ));
    }
    Ok(ExitCode::SUCCESS)
}

/// The log that is meant, and its name for people.
fn which(context: &Context, file: &LogFile) -> Result<(HealthLog, PathBuf), Failure> {
    if let Some(path) = &file.file {
        if !path.exists() {
            let found = Diagnostic::error("E0903", "there is no such health log").at(Location::file(path.display().to_string()));
            return Err(Failure::new(found));
        }
        return Ok((HealthLog::at(path), path.clone()));
    }
    let workspace = Workspace::open(context)?;
    match health::log_of(context, &workspace.project)? {
        Some(log) => {
            let name = health::shown(&log.path, &workspace.project);
            Ok((log, name))
        }
        None => Err(Failure::new(
            Diagnostic::error("E0901", "the health log is switched off")
                .hint("take `health_log = off` out of the configuration (or out of LIMBECK_HEALTH_LOG)"),
        )),
    }
}

/// Reads a moment: a span before `present`, a date or time of the local zone, or a full RFC 3339 time.
fn since(text: &str, present: &Zoned) -> Result<Timestamp, Failure> {
    let text = text.trim();
    if let Ok(moment) = text.parse::<Timestamp>() {
        return Ok(moment);
    }
    let local = text.parse::<DateTime>().ok().and_then(|civil| civil.to_zoned(present.time_zone().clone()).ok());
    let before = || {
        let span: Span = text.parse().ok()?;
        present.checked_sub(span.abs()).ok()
    };
    local.or_else(before).map(|moment| moment.timestamp()).ok_or_else(|| {
        Failure::new(
            Diagnostic::error("E0905", format!("`--since {text}` is no moment"))
                .hint("write a span such as `30m`, `2h` or `3d`, or a date such as `2026-01-31` or `2026-01-31T08:00`"),
        )
    })
}

/// Runs `log verify`.
fn verify(context: &Context, args: &LogVerifyArgs) -> Outcome {
    let (log, name) = which(context, &args.file)?;
    let verdict = log.verify().map_err(|error| Failure::new(error.diagnose()))?;
    if args.json.json {
        context.print_json(&report(&name, &verdict));
        return Ok(ExitCode::from(u8::from(verdict.broken.is_some())));
    }
    let place = |path: &Path, line: u64| Location::new(path.display().to_string(), u32::try_from(line).unwrap_or(u32::MAX), 0);
    if let Some(broken) = &verdict.broken {
        let mut found = Diagnostic::error(
            "E0904",
            format!("the chain of the health log breaks at line {} of {}", broken.line, broken.path.display()),
        )
        .at(place(&broken.path, broken.line))
        .cause(broken.fault.to_string())
        .hint("compare the file with a backup of it, or with the table `limbeck.log` of the database, which holds the same records");
        if verdict.lines > 1 {
            found = found.note(format!(
                "{} before it are as they were written",
                crate::progress::count(count(verdict.lines - 1), "line")
            ));
        }
        return Err(Failure::new(found).answer_is_no());
    }
    for torn in &verdict.torn {
        context.print(&format!(
            "Line {} of {} is cut off: its writer was killed, or the machine lost power. The chain goes on after it.",
            torn.line,
            torn.path.display()
        ));
    }
    match (&verdict.last, verdict.first) {
        (Some((number, hash)), first) => {
            let lines = crate::progress::count(count(verdict.lines), "line");
            let files = crate::progress::count(verdict.files, "file");
            context.print(&format!("The chain holds: {lines} in {files} are as they were written."));
            if let Some(first) = first.filter(|first| *first > 1) {
                context.print(&format!("Lines 1 to {} are gone: they were rotated away, or removed.", first - 1));
            }
            context.print(&format!("Last line: number {number}, SHA-256 {hash}"));
        }
        (None, _) => context.message(&format!("There is no health log yet: {} is written by the first `upgrade`.", name.display())),
    }
    Ok(ExitCode::SUCCESS)
}

fn report(name: &Path, verdict: &Verdict) -> serde_json::Value {
    json!({
        "path": name.display().to_string(),
        "holds": verdict.broken.is_none(),
        "files": verdict.files,
        "lines": verdict.lines,
        "first": verdict.first,
        "last": verdict.last.as_ref().map(|(number, hash)| json!({"seq": number, "sha256": hash})),
        "torn": verdict.torn.iter().map(|torn| json!({"path": torn.path.display().to_string(), "line": torn.line})).collect::<Vec<_>>(),
        "broken": verdict.broken.as_ref().map(|broken| json!({"path": broken.path.display().to_string(), "line": broken.line, "reason": broken.fault.to_string()})),
    })
}

fn count(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::since;

    #[test]
    fn moments_are_read_as_people_write_them() {
        let present: jiff::Zoned = "2026-03-10T12:00:00+01:00[Europe/Berlin]".parse().expect("a moment");
        let cases = [
            ("2h", "2026-03-10T09:00:00Z"),
            ("30m", "2026-03-10T10:30:00Z"),
            ("3d", "2026-03-07T11:00:00Z"),
            ("1w", "2026-03-03T11:00:00Z"),
            ("2 hours ago", "2026-03-10T09:00:00Z"),
            ("2026-01-31", "2026-01-30T23:00:00Z"),
            ("2026-01-31T08:00", "2026-01-31T07:00:00Z"),
            ("2026-01-31 08:00:30", "2026-01-31T07:00:30Z"),
            ("2026-01-31T08:00:00Z", "2026-01-31T08:00:00Z"),
        ];
        for (text, expected) in cases {
            let found = since(text, &present).unwrap_or_else(|failure| panic!("{text}: {failure:?}"));
            assert_eq!(found.to_string(), expected, "{text}");
        }
        for text in ["", "soon", "2026-13-01", "99999999999999y"] {
            assert_eq!(since(text, &present).expect_err(text).diagnostic.code, "E0905", "{text}");
        }
    }
}
