//! What the gate says.

use super::Answer;
use crate::progress::count;
use limbeck::{Pending, Verdict};
use limbeck_source::Diagnostic;
use std::time::Duration;

/// So many revisions are listed by name.
pub const SHOWN: usize = 20;

/// The line of a gate that is open.
pub fn open(answer: &Answer, one_of_many: bool) -> String {
    let place = if one_of_many { format!(" ({})", answer.database) } else { String::new() };
    let applied = if answer.applied { ", after an upgrade" } else { "" };
    let why = if answer.waived { "pending migrations are allowed" } else { "" };
    match why {
        "" => format!("Gate open{place}: {}{applied}.", answer.verdict),
        why => format!("Gate open{place}: {why}."),
    }
}

/// Why it is shut, or would be if pending migrations were not allowed.
pub fn shut(answer: &Answer, program: &str) -> Diagnostic {
    let word = if answer.waived { "the gate would be shut" } else { "the gate is shut" };
    let fact = |code, text: &dyn std::fmt::Display| Diagnostic::error(code, format!("{word}: {text}"));
    let upgrade = format!(
        "apply them with `{program} upgrade heads` (or let the gate do it: APPLY_MIGRATIONS=true); to start without them: ALLOW_PENDING_MIGRATIONS=true"
    );
    let mut found = match &answer.verdict {
        verdict @ (Verdict::AtHead { .. } | Verdict::Ahead { .. }) if verdict.passes() => half_done(answer, word, program),
        verdict @ Verdict::Behind { pending, .. } => listed(fact("E0940", verdict), "pending", pending).hint(upgrade),
        verdict @ (Verdict::AtHead { .. } | Verdict::Ahead { .. }) => {
            let revisions = if let Verdict::Ahead { revisions, .. } = verdict {
                revisions.as_slice()
            } else {
                &[]
            };
            let by = revisions.len();
            listed(fact("E0941", verdict), "newer than this code", revisions).hint(format!(
                "deploy the code that has them; in a rolling deploy let older code start with `--ahead {by}`, GATE_ALLOW_AHEAD={by} or `ahead_window = {by}` in limbeck.toml"
            ))
        }
        verdict @ Verdict::Diverged { pending, .. } => listed(fact("E0942", verdict), "pending", pending).hint(format!(
            "this is not the code of this database, or its version table was changed: look with `{program} status` and `{program} doctor`"
        )),
        verdict @ Verdict::Unversioned { .. } => fact("E0943", verdict).hint(format!(
            "a new database: `{program} upgrade heads` (or APPLY_MIGRATIONS=true); one with tables already: `{program} adopt`"
        )),
        verdict @ Verdict::Unreachable { .. } => match &answer.refusal {
            Some(refusal) => Diagnostic {
                message: format!("{word}: {}", refusal.message),
                ..refusal.as_ref().clone()
            },
            None => fact("E0604", verdict),
        },
    };
    if answer.waived {
        found.severity = limbeck_source::Severity::Warning;
        found.hint = Some(format!("apply them soon: `{program} upgrade heads`"));
        found
            .notes
            .push("pending migrations are allowed (ALLOW_PENDING_MIGRATIONS or --allow-pending); the health log says so".to_owned());
    }
    found.notes.push(format!("database: {}", answer.database));
    found
}

fn half_done(answer: &Answer, word: &str, program: &str) -> Diagnostic {
    let half = answer.half_done.first();
    let (direction, revision) = half.map_or(("upgrade", ""), |half| (half.direction.as_str(), half.revision.as_str()));
    let finished = half.map_or(0, |half| half.finished);
    Diagnostic::error("E0944", format!("{word}: the {direction} of `{revision}` is half done"))
        .note(format!(
            "{} of it finished, so that the schema is that of no revision",
            count(finished, "segment")
        ))
        .hint(format!("`{program} {direction}` goes on from there; `{program} status` tells more"))
}

fn listed(mut found: Diagnostic, what: &str, revisions: &[Pending]) -> Diagnostic {
    if revisions.is_empty() {
        return found;
    }
    let mut lines = vec![format!("{what}:")];
    lines.extend(
        revisions
            .iter()
            .take(SHOWN)
            .map(|one| format!("  {}  {}", one.revision, one.message).trim_end().to_owned()),
    );
    if revisions.len() > SHOWN {
        lines.push(format!("  and {} more", revisions.len() - SHOWN));
    }
    found.notes.push(lines.join("\n"));
    found
}

/// `2 s`, `500 ms`.
pub fn span(time: Duration) -> String {
    if time.subsec_millis() == 0 {
        format!("{} s", time.as_secs())
    } else {
        format!("{} ms", time.as_millis())
    }
}
