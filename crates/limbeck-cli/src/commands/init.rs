//! `init`: makes a new project.

use super::Outcome;
use super::new_file::FileProgress;
use crate::args::InitArgs;
use crate::context::Context;
use crate::workspace::{config_request, script_failure};
use limbeck_script::{Config, init};
use std::path::Path;
use std::process::ExitCode;

/// Runs the command.
pub fn run(context: &Context, args: &InitArgs) -> Outcome {
    let config = Config::find_for_init(&config_request(context)?).map_err(script_failure)?;
    let template = args.template.as_deref().unwrap_or("generic");
    let directory = Path::new(&args.directory);
    let created = init::create(&config, directory, template, args.package, &mut FileProgress { context }).map_err(script_failure)?;
    if context.is_alembic() {
        context.message(&created.advice());
    } else {
        context.print(&created.config.display().to_string());
        let program = context.style.program();
        context.message(&format!(
            "Made a project in {}. Next: set the database URL in {}, then `{program} generate \"first\"`.",
            directory.display(),
            created.config.display()
        ));
    }
    Ok(ExitCode::SUCCESS)
}
