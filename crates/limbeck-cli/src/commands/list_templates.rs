//! `list_templates`: what `init` can make.

use super::Outcome;
use crate::context::Context;
use limbeck_script::init::TEMPLATES;
use std::process::ExitCode;

/// Runs the command.
pub fn run(context: &Context) -> Outcome {
    context.print("Available templates:\n");
    for template in TEMPLATES.iter().filter(|template| !(template.own && context.is_alembic())) {
        context.print(&format!("{} - {}", template.name, template.synopsis));
    }
    context.print("\nTemplates are used via the 'init' command, e.g.:");
    context.print(&format!("\n  {} init --template generic ./scripts", context.style.program()));
    Ok(ExitCode::SUCCESS)
}
