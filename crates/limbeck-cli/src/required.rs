//! `required_version`: a project that asks for another Limbeck is not touched by this one.

use crate::context::Failure;
use crate::workspace::script_failure;
use limbeck_doctor::checks::required_version::allows;
use limbeck_script::{Config, ConfigRequest, Project};
use limbeck_source::{Diagnostic, Location};

/// This Limbeck.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Limbeck's own file.
const OWN: &str = "limbeck.toml";

/// What the project asks for, and the file that says so.
///
/// # Errors
/// The configuration cannot be read.
pub fn wanted(project: &Project) -> Result<Option<(String, String)>, Failure> {
    let config = project.config();
    let wanted = config.own_option("required_version").map_err(script_failure)?;
    let beside = project.root().join(OWN);
    // Under the name `alembic` the file beside is not read otherwise.
    if wanted.is_none() && config.own_path().is_none() && beside.is_file() {
        let request = ConfigRequest {
            cwd: project.root(),
            files: vec![beside.clone()],
            ..ConfigRequest::default()
        };
        let own = Config::find(&request).map_err(script_failure)?;
        let wanted = own.own_option("required_version").map_err(script_failure)?;
        return Ok(wanted.map(|wanted| (wanted, beside.display().to_string())));
    }
    let file = config
        .own_path()
        .or(config.main_file())
        .map(|path| path.display().to_string())
        .unwrap_or_default();
    Ok(wanted.map(|wanted| (wanted, file)))
}

/// Stops where the project asks for another version.
///
/// # Errors
/// It does, or what it asks for means nothing.
pub fn check(project: &Project) -> Result<(), Failure> {
    let Some((wanted, file)) = wanted(project)? else { return Ok(()) };
    match allows(&wanted, VERSION) {
        Ok(true) => Ok(()),
        Ok(false) => Err(Failure::new(
            Diagnostic::error("E0970", format!("this is Limbeck {VERSION}, and the project asks for {wanted}"))
                .at(Location::file(file))
                .note("`required_version` keeps a team on versions that do the same; nothing was done")
                .hint(format!("install a Limbeck that is {wanted}, or change `required_version` if the team agrees")),
        )),
        Err(why) => Err(Failure::new(
            Diagnostic::error("E0971", format!("`required_version = \"{wanted}\"` means nothing: {why}"))
                .at(Location::file(file))
                .hint("write conditions such as `>=0.4` or `>=0.4, <0.6`"),
        )),
    }
}
