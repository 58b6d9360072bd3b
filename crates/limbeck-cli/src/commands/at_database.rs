//! The rows of the version table, for commands that read them in passing (`history -i`, `show current`).

use super::{Outcome, current};
use crate::context::{Context, Failure};
use crate::progress::Progress;
use crate::session::{self, Need};
use crate::workspace::Workspace;
use std::process::ExitCode;

/// Calls `with_rows` with the rows of each database of the project.
///
/// Alembic creates a missing version table on the way, and under its name so do we.
pub fn each(context: &Context, workspace: &Workspace, mut with_rows: impl FnMut(&[String]) -> Result<(), Failure>) -> Outcome {
    for settings in session::settings(context, workspace, &Need::default())? {
        let mut progress = Progress::new(context);
        let mut connection = session::connect_to_read(context, &settings, &mut progress)?;
        let rows = if context.is_alembic() {
            let refused = |error| session::database_failure(context, "the version table cannot be read or created", &error);
            limbeck_run::version::ensure(&settings.version_table, connection.as_mut(), settings.dialect).map_err(refused)?
        } else {
            current::rows(context, &settings, connection.as_mut())?
        };
        with_rows(&rows)?;
    }
    Ok(ExitCode::SUCCESS)
}
