//! `backup list`: the backups of a folder.

use super::options::BackupOptions;
use super::{at, failure, shown};
use crate::args::BackupListArgs;
use crate::commands::Outcome;
use crate::context::Context;
use crate::progress::span;
use crate::workspace::Workspace;
use limbeck_backup::{Listed, list};
use limbeck_source::words::size;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

/// Runs the command.
pub fn run(context: &Context, args: &BackupListArgs) -> Outcome {
    let folder = match &args.folder {
        // A folder that was named needs no project.
        Some(folder) => folder.clone(),
        None => folder(context)?,
    };
    let found = list(&folder).map_err(failure)?;
    if args.json.json {
        context.print_json(&found);
        return Ok(ExitCode::SUCCESS);
    }
    if found.is_empty() {
        context.message(&format!("There are no backups with a manifest in {}.", shown(&folder)));
        return Ok(ExitCode::SUCCESS);
    }
    let rows: Vec<[String; 6]> = found.iter().map(row).collect();
    let mut widths = ["BACKUP", "DATABASE", "AT", "SIZE", "AGE", "STATE"].map(str::len);
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let line = |cells: [&str; 6]| {
        let padded: Vec<String> = cells.iter().zip(widths).map(|(cell, width)| format!("{cell:<width$}")).collect();
        padded.join("  ").trim_end().to_owned()
    };
    context.print(&line(["BACKUP", "DATABASE", "AT", "SIZE", "AGE", "STATE"]));
    for row in &rows {
        context.print(&line([&row[0], &row[1], &row[2], &row[3], &row[4], &row[5]]));
    }
    Ok(ExitCode::SUCCESS)
}

fn folder(context: &Context) -> Result<PathBuf, crate::context::Failure> {
    let workspace = Workspace::open(context)?;
    Ok(BackupOptions::read(context, &workspace.project)?.folder)
}

fn row(listed: &Listed) -> [String; 6] {
    let manifest = &listed.manifest;
    let state = match (&listed.fault, &manifest.verified_at) {
        (Some(fault), _) => format!("damaged: {fault}"),
        (None, Some(moment)) => format!("verified {moment}"),
        (None, None) => "not verified".to_owned(),
    };
    let mut kind = size(manifest.size);
    if manifest.schema_only {
        kind.push_str(" (schema)");
    }
    [
        shown(&listed.path),
        manifest.database.clone(),
        at(manifest.revisions.as_deref()).trim_start_matches("at ").to_owned(),
        kind,
        age(&manifest.taken_at, jiff::Timestamp::now()),
        state,
    ]
}

/// How long ago that was. A clock may have been put back since, or be another machine's: nothing is taken in the future.
fn age(taken_at: &str, now: jiff::Timestamp) -> String {
    match taken_at.parse::<jiff::Timestamp>() {
        Ok(taken) => span(Duration::try_from(now.duration_since(taken)).unwrap_or_default()),
        Err(_) => "?".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_age_is_never_negative() {
        let now = "2026-03-10T08:15:00Z".parse().expect("a moment");
        assert_eq!(age("2026-03-10T06:14:59Z", now), "2 h");
        assert_eq!(age("2026-03-10T08:15:02Z", now), "0 ms");
        assert_eq!(age("yesterday", now), "?");
    }
}
