//! The file that was written, run on a scratch database that has the present schema: up must give what is wanted, down what there was.

use super::Found;
use crate::context::{Context, Failure};
use crate::rehearsal::{Stage, objects, planned};
use crate::session;
use crate::workspace::{GraphErrors, Workspace};
use limbeck_revision::{RowChange, Step, Steps};
use limbeck_run::version;
use limbeck_schema::catalogue::{Catalogue, Rules, create_all, differences};
use limbeck_source::{Diagnose, Diagnostic};

/// Proves the revision `id`.
///
/// # Errors
/// It fails, or leads elsewhere.
pub fn prove(context: &Context, workspace: &Workspace, place: &super::Place, found: &Found, id: &str) -> Result<(), Failure> {
    let history = workspace.history(context, GraphErrors::Caught)?;
    let settings = &found.compared.settings;
    let mut connection = session::connect(context, settings, &mut limbeck_run::Silent)?;
    let stage = Stage::new(context, workspace, settings, &history, &place.scratch, connection.as_mut())?;
    let refused = |error: &limbeck_ops::HostError| session::database_failure(context, "the scratch database cannot be made ready", error);
    let scratch = stage.scratch(false)?;
    let mut inside = scratch.connect().map_err(|error| Failure::new(error.diagnose()))?;
    inside.begin().map_err(|error| Failure::new(error.diagnose()))?;
    for statement in create_all(&found.have) {
        inside.execute_batch(&statement).map_err(|error| Failure::new(error.diagnose()))?;
    }
    let rows: Vec<String> = found.compared.rows.iter().cloned().collect();
    version::ensure(&settings.version_table, inside.as_mut(), settings.dialect).map_err(|error| refused(&error))?;
    for row in &rows {
        let change = RowChange::Insert(row.clone());
        version::apply(&settings.version_table, inside.as_mut(), settings.dialect, &change, None).map_err(|error| refused(&error))?;
    }
    inside.commit().map_err(|error| Failure::new(error.diagnose()))?;
    drop(inside);
    let Some(at) = history.graph.find(id) else {
        return Ok(());
    };
    let steps = Steps {
        steps: vec![Step::Upgrade(at), Step::Downgrade(at)],
        warning: None,
    };
    let steps = planned(&history.graph, &rows, &steps)?;
    let mut seen: Vec<Catalogue> = Vec::new();
    let result = stage.run_on(&scratch, &steps, &|_| true, &mut |_, catalogue| seen.push(catalogue));
    stage.check_interrupt()?;
    if let Err(error) = result {
        let inner = error.diagnose();
        let mut told = Diagnostic::error("E0739", "the revision that was generated fails on a scratch database").at_opt(inner.location);
        told.causes.push(inner.message.split(';').next().unwrap_or_default().to_owned());
        told.causes.extend(inner.causes);
        return Err(Failure::new(told.note("the file was not kept; the real database was only read")));
    }
    for (made, (wanted, way)) in seen.iter().zip([(&found.wanted, "upgrade"), (&found.have, "downgrade")]) {
        let left = differences(made, wanted, Rules::default());
        if !left.is_empty() {
            for change in &left {
                context.print_raw(&change.text());
            }
            let told = Diagnostic::error(
                "E0739",
                format!(
                    "the {way} that was generated does not give the schema it should: {} differ",
                    objects(left.len())
                ),
            );
            return Err(Failure::new(told.note("`+` is what it makes, `-` what was wanted; the file was not kept")));
        }
    }
    Ok(())
}
