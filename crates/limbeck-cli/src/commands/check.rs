//! `check`: not there yet; says so instead of pretending.

use super::Outcome;
use crate::context::{Context, Failure};
use limbeck_source::Diagnostic;

/// Refuses, with what to use meanwhile.
pub fn run(_context: &Context) -> Outcome {
    let found = Diagnostic::error(
        "E0003",
        "`check` is not supported yet: comparing models with a database comes with autogenerate",
    )
    .hint("run real Alembic's `check` on the same project meanwhile; it reads the same files and the same version table");
    Err(Failure::new(found))
}
