//! `check`: whether models and database agree.

use super::Outcome;
use super::autogenerate::{
    self, Purpose,
    directives::{self, Script},
    elsewhere::{self, Place},
};
use crate::args::CheckArgs;
use crate::context::{Context, Failure};
use crate::progress::count;
use crate::workspace::Workspace;
use limbeck_diff::tuples::tuples;
use limbeck_diff::{Step, words};
use limbeck_source::Diagnostic;
use std::process::ExitCode;

/// Runs the command.
pub fn run(context: &Context, args: &CheckArgs) -> Outcome {
    let workspace = Workspace::open(context)?;
    if let Some(from) = elsewhere::named(context, &workspace, args.from.as_deref())? {
        return run_elsewhere(context, &workspace, args, &from);
    }
    let (compared, mut functions) = autogenerate::compare(context, &workspace, &Purpose::Check)?;
    let scripts = directives::scripts(context, Script::default(), &compared, functions.as_mut())?;
    if context.is_alembic() && scripts.is_empty() {
        // A hook that takes the revision away leaves Alembic's own code without the one it looks at.
        let found = Diagnostic::error("E0703", "process_revision_directives left no revision to look at");
        return Err(Failure::new(found).uncaught("IndexError", "list index out of range"));
    }
    let last = scripts.last().map(|script| script.directions.as_slice()).unwrap_or_default();
    let steps: Vec<&Step> = last.iter().flat_map(|(upgrade, _)| upgrade).collect();
    if context.is_alembic() {
        if steps.is_empty() {
            context.print("No new upgrade operations detected.");
            return Ok(ExitCode::SUCCESS);
        }
        let tuples = compared
            .last()
            .map(|compared| tuples(steps.iter().copied(), &compared.surroundings()).join(", "))
            .unwrap_or_default();
        let found = Diagnostic::error("E0702", "models and database differ");
        return Err(Failure::new(found)
            .alembic(format!("New upgrade operations detected: [{tuples}]"))
            .answer_is_no());
    }
    if steps.is_empty() {
        context.message("Models and database agree.");
        return Ok(ExitCode::SUCCESS);
    }
    let differences: Vec<String> = words::differences(steps.iter().copied());
    for sentence in &differences {
        context.print(sentence);
    }
    context.message(&format!(
        "{} between models and database; `{} generate \"message\" --autogenerate` writes the revision that brings the database to the models.",
        count(differences.len(), "difference"),
        context.again()
    ));
    Ok(ExitCode::from(1))
}

/// The wanted schema is in a file or another database.
fn run_elsewhere(context: &Context, workspace: &Workspace, args: &CheckArgs, from: &str) -> Outcome {
    let place = Place::new(context, workspace, &args.scratch)?;
    let Some(found) = place.compare(context, workspace, from, &Purpose::Check)? else {
        context.message("The wanted schema and the database agree.");
        return Ok(ExitCode::SUCCESS);
    };
    for sentence in &found.sentences {
        context.print(sentence);
    }
    let option = args.from.as_ref().map_or("", |_| " --from …");
    context.message(&format!(
        "{} between the wanted schema and the database; `{} generate \"message\" --autogenerate{option}` writes the revision that brings the database there.",
        count(found.sentences.len(), "difference"),
        context.again()
    ));
    Ok(ExitCode::from(1))
}
