//! Owners and privileges among what is compared and written: off unless they are asked for.

use super::Stage;
use crate::context::Failure;
use crate::safety::meaningless;
use crate::session;
use crate::workspace::{Workspace, script_failure};
use limbeck_run::{Scratch, Settings, schema_of};
use limbeck_schema::catalogue::{Catalogue, alter_access};
use limbeck_source::Diagnostic;

/// The settings with what `--grants` or the configuration says.
///
/// # Errors
/// The configuration says something else than yes or no.
pub fn asked(workspace: &Workspace, settings: &Settings, flag: bool) -> Result<Settings, Failure> {
    let configured = workspace.project.config().own_option("grants").map_err(script_failure)?;
    let configured = match configured.as_deref().map(str::trim).unwrap_or_default() {
        "true" | "yes" | "on" | "1" => true,
        "" | "false" | "no" | "off" | "0" => false,
        other => return Err(meaningless(other, "`grants` in the configuration", "`true` or `false`")),
    };
    let mut settings = settings.clone();
    settings.grants = flag || configured;
    Ok(settings)
}

/// The statements that give what stands in a scratch database the owners and privileges of a catalogue; none where these were not asked for.
///
/// # Errors
/// A role is not on that server; it cannot be read.
pub fn still_to_give(stage: &Stage<'_>, scratch: &Scratch, to: &Catalogue) -> Result<Vec<String>, Failure> {
    let Some(wanted) = &to.access else { return Ok(Vec::new()) };
    let made = schema_of(scratch).map_err(|error| session::database_failure(stage.context, "the scratch database cannot be read", &error))?;
    let Some(made) = made.access else { return Ok(Vec::new()) };
    let lacking = wanted.lacking_on(&made);
    if lacking.is_empty() {
        return Ok(alter_access(&made, wanted));
    }
    let found = Diagnostic::error("E0746", format!("not on the server of the scratch database: {}", roles(&lacking)))
        .note("owners and privileges name them, so nothing can be proved there; nothing was written")
        .hint("make them there (`CREATE ROLE`), or leave out `--grants`");
    Err(Failure::new(found))
}

fn roles(names: &[String]) -> String {
    let word = if names.len() == 1 { "role" } else { "roles" };
    format!("{word} {}", names.join(", "))
}
