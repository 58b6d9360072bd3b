//! A snapshot as people read it.

use super::last_run::LastRun;
use super::snapshot::{DatabaseHealth, Snapshot};
use crate::commands::gate::SHOWN;
use crate::progress::plain;
use limbeck::{Pending, Verdict};
use limbeck_db::Leftover;

/// All databases, a block each.
pub fn text(snapshot: &Snapshot) -> String {
    snapshot.databases.iter().map(block).collect::<Vec<_>>().join("\n\n")
}

fn block(health: &DatabaseHealth) -> String {
    let mut lines = vec![format!("Status:    {}", health.status.word())];
    lines.extend(health.reasons.iter().map(|reason| format!("           {}", plain(reason))));
    lines.push(format!("Ready:     {}", if health.ready { "yes" } else { "no" }));
    lines.push(format!("Database:  {}", plain(&health.database)));
    if let Some(rows) = health.verdict.current() {
        lines.push(format!("Current:   {}", if rows.is_empty() { "base".to_owned() } else { rows.join(", ") }));
    }
    let (word, list) = match &health.verdict {
        Verdict::Ahead { revisions, .. } => ("Newer:", revisions.as_slice()),
        verdict => ("Pending:", verdict.pending()),
    };
    if !matches!(health.verdict, Verdict::Unreachable { .. }) {
        lines.push(format!("{word:<10} {}", list.len()));
        lines.extend(list.iter().take(SHOWN).map(one));
        if list.len() > SHOWN {
            lines.push(format!("           and {} more", list.len() - SHOWN));
        }
    }
    for half in &health.half_done {
        lines.push(format!("Half done: {} of {} since {}", half.direction, half.revision, half.since));
    }
    for (index, leftover) in health.leftovers.iter().enumerate() {
        let word = if index == 0 { "Leftovers:" } else { "" };
        lines.push(match leftover {
            Leftover::InvalidIndex { index, table } => format!("{word:<10} INVALID index {} on {}", plain(index), plain(table)),
            Leftover::NotValidConstraint { constraint, table } => format!("{word:<10} NOT VALID constraint {} on {}", plain(constraint), plain(table)),
        });
    }
    for holder in &health.lock_holders {
        lines.push(format!("Lock:      held by {}", plain(&holder.to_string())));
    }
    lines.push(format!(
        "Last run:  {}",
        health.last_run.as_ref().map_or_else(|| "none in the health log".to_owned(), run)
    ));
    lines.join("\n")
}

fn one(pending: &Pending) -> String {
    format!("           {}  {}", pending.revision, plain(&pending.message)).trim_end().to_owned()
}

/// `ok, 2026-01-31T08:00:00.000Z, upgrade head by alice@build7, 97 ms`.
fn run(run: &LastRun) -> String {
    let mut parts = vec![run.outcome.clone(), run.at.clone()];
    let by = run.by.as_ref().map(|by| format!(" by {by}")).unwrap_or_default();
    parts.extend(run.command.as_ref().map(|command| format!("{command}{by}")));
    parts.extend(run.duration_ms.map(|ms| format!("{ms} ms")));
    let mut text = plain(&parts.join(", "));
    if let Some(error) = &run.error {
        text.push_str(&format!("\n           {}", plain(error)));
    }
    text
}
