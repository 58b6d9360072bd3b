//! What SQLite adds to constraints: ON CONFLICT.

use crate::option;
use limbeck_schema::Options;

/// ` ON CONFLICT …`.
pub(crate) fn on_conflict(options: &Options) -> String {
    clause(options, "sqlite_on_conflict")
}

/// The same under the name a column gives it.
pub(crate) fn clause(options: &Options, name: &str) -> String {
    match option::text(options, name) {
        Some(action) => format!(" ON CONFLICT {action}"),
        None => String::new(),
    }
}
