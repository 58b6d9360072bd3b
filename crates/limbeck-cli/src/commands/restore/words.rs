//! What a restore says when it is done.

use super::Restored;
use crate::commands::backup::{at, number_of, shown};
use crate::progress::count;
use std::path::Path;

/// The lines.
pub fn text(restored: &Restored, file: &Path, pending: Option<&[String]>, program: &str) -> String {
    let found = &restored.comparison;
    let compared = if restored.compared { ", as its manifest says" } else { "" };
    let mut lines = vec![format!(
        "Restored {} into {}: {}, {}, {}{compared}.",
        shown(file),
        restored.database,
        count(found.tables, "table"),
        number_of(found.rows, "row"),
        at(found.revisions.as_deref())
    )];
    if let Some((name, drop)) = &restored.kept {
        lines.push(format!("The old database is kept as {name}; when it is not needed any more: {drop}"));
    }
    if !restored.refused.is_empty() {
        lines.push("These properties of the database could not be carried over:".to_owned());
        lines.extend(restored.refused.iter().map(|line| format!("  {line}")));
    }
    lines.push(match pending {
        None => format!("Whether revisions are pending is not known here: see `{program} status`."),
        Some([]) => "No revision is pending.".to_owned(),
        Some(pending) => {
            let shown = pending.iter().take(5).map(String::as_str).collect::<Vec<_>>().join(", ");
            let more = if pending.len() > 5 { ", …" } else { "" };
            format!(
                "{} pending ({shown}{more}): `{program} upgrade head` applies {}.",
                count(pending.len(), "revision") + if pending.len() == 1 { " is" } else { " are" },
                if pending.len() == 1 { "it" } else { "them" }
            )
        }
    });
    lines.join("\n")
}
