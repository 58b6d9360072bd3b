//! `init`: makes a new project.

use super::Outcome;
use super::new_file::FileProgress;
use crate::args::InitArgs;
use crate::context::{Context, Failure};
use crate::workspace::{config_request, script_failure};
use limbeck_script::{Config, init};
use std::path::Path;
use std::process::ExitCode;

/// Runs the command.
pub fn run(context: &Context, args: &InitArgs) -> Outcome {
    if args.baseline {
        return super::baseline::run(context, args);
    }
    let created = make(context, args)?;
    if context.is_alembic() {
        context.message(&created.advice());
    } else {
        context.print(&created.config.display().to_string());
        let program = context.style.program();
        context.message(&format!(
            "Made a project in {}. Next: set the database URL in {}, then `{program} generate \"first\"`.",
            args.directory,
            created.config.display()
        ));
    }
    Ok(ExitCode::SUCCESS)
}

/// Makes the files.
///
/// # Errors
/// The directory is in use, or cannot be written.
pub fn make(context: &Context, args: &InitArgs) -> Result<init::Created, Failure> {
    let config = Config::find_for_init(&config_request(context)?).map_err(script_failure)?;
    let template = args.template.as_deref().unwrap_or("generic");
    let directory = Path::new(&args.directory);
    init::create(&config, directory, template, args.package, &mut FileProgress { context }).map_err(script_failure)
}
