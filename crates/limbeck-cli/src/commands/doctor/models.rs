//! Whether models and databases agree.

use super::database::Seen;
use super::project::{BROKEN, Scripts};
use crate::commands::autogenerate::directives::{self, Script};
use crate::commands::autogenerate::{self, Purpose};
use crate::context::{Context, Failure};
use crate::workspace::Workspace;
use limbeck_diff::{Step, words};
use limbeck_doctor::Answer;
use limbeck_doctor::checks::model_drift;
use limbeck_run::Settings;

/// Compares them, where the databases are at head and env.py gives models.
pub fn look(context: &Context, workspace: &Workspace, settings: &[Settings], scripts: &Scripts, seen: &[Seen]) -> Answer {
    let Some(history) = &scripts.history else {
        return Answer::Skipped(BROKEN.into());
    };
    if settings.is_empty() {
        return Answer::Unknown("no database".into());
    }
    if !settings.iter().any(|settings| settings.options.has_metadata) {
        return Answer::Skipped("env.py gives no models (`target_metadata`) to compare with".into());
    }
    if seen.len() < settings.len() {
        return Answer::Unknown("a database could not be looked at (see above)".into());
    }
    let graph = &history.graph;
    let mut heads: Vec<&str> = graph.heads().iter().map(|at| graph.id(*at)).collect();
    heads.sort_unstable();
    let at_head = |seen: &Seen| {
        let mut rows: Vec<&str> = seen.rows.iter().flatten().map(String::as_str).collect();
        rows.sort_unstable();
        seen.rows.is_some() && rows == heads
    };
    if !seen.iter().all(at_head) {
        return Answer::Skipped("models are compared with a database that is at head".into());
    }
    match differences(context, workspace) {
        Ok(Some(differences)) => model_drift::look(&differences, context.again()),
        // Every table would look unwanted.
        Ok(None) => Answer::Skipped("target_metadata holds no tables at all: does env.py import the modules with the models?".into()),
        Err(failure) => Answer::Unknown(format!("{} ({})", failure.diagnostic.message, failure.diagnostic.code)),
    }
}

/// What differs; nothing where the models have no tables at all.
fn differences(context: &Context, workspace: &Workspace) -> Result<Option<Vec<String>>, Failure> {
    let (compared, mut functions) = autogenerate::compare(context, workspace, &Purpose::Check)?;
    let tables = compared.iter().flat_map(|one| &one.target.metadata).map(|metadata| metadata.tables.len());
    if tables.sum::<usize>() == 0 {
        return Ok(None);
    }
    let scripts = directives::scripts(context, Script::default(), &compared, functions.as_mut())?;
    let last = scripts.last().map(|script| script.directions.as_slice()).unwrap_or_default();
    let steps: Vec<&Step> = last.iter().flat_map(|(upgrade, _)| upgrade).collect();
    Ok(Some(words::differences(steps.iter().copied())))
}
