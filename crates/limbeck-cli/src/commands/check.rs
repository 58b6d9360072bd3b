//! `check`: not there yet; refuses with the reason instead of pretending.

use super::{Outcome, autogenerate};
use crate::context::Context;
use crate::workspace::Workspace;

/// Refuses, with what to use meanwhile.
pub fn run(context: &Context) -> Outcome {
    let workspace = Workspace::open(context)?;
    match autogenerate::refuse(context, &workspace, "`check`")? {}
}
