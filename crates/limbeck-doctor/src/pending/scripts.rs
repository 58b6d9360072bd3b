//! Pending scripts that fail by themselves, or that cannot be followed to their end.

use std::path::Path;

use limbeck_ops::{Place, RecordedRevision};

use super::SCRIPTS;
use crate::words::count;
use crate::{Answer, Finding};

/// Whether the pending scripts run to their end.
pub fn scripts(recorded: &[RecordedRevision], root: &Path) -> Answer {
    let at = |place: &Place| format!("{}:{}", place.path.strip_prefix(root).unwrap_or(&place.path).display(), place.line);
    for revision in recorded {
        let Some(stopped) = &revision.stopped else { continue };
        let place = stopped.place.as_ref().map(at);
        if !stopped.really {
            let place = place.map(|place| format!(" ({place})")).unwrap_or_default();
            return Answer::Unknown(format!("{} can be followed only up to a point{place}: {}", revision.revision, stopped.why));
        }
        return Finding::problem(SCRIPTS, format!("{} fails by itself: {}", revision.revision, stopped.why))
            .evidence_all(place)
            .cause("the script raised this when it was run without a database that changes")
            .note("mend the script; `show` prints it")
            .into();
    }
    match recorded.len() {
        0 => Answer::Fine("nothing is pending".into()),
        many => Answer::Fine(format!("{} can be followed to the end", count(many, "pending revision"))),
    }
}
