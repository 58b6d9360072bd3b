//! What `check` and `revision --autogenerate` need before models and database can be compared. The comparison itself is not there yet, and says so.

use crate::context::{Context, Failure};
use crate::progress::Progress;
use crate::session::{self, Need};
use crate::workspace::{GraphErrors, Workspace};
use limbeck_run::version;
use limbeck_source::Diagnostic;
use std::collections::BTreeSet;

/// Alembic's comparison plugins, in the order it logs them.
const PLUGINS: [&str; 6] = ["schemas", "tables", "types", "constraints", "defaults", "comments"];

/// Looks at what can be known and returns why the comparison cannot go on.
///
/// # Errors
/// Always, until models can be compared: no metadata, a database that is behind, or that this is not supported yet.
pub fn refuse(context: &Context, workspace: &Workspace, what: &str) -> Result<std::convert::Infallible, Failure> {
    for settings in session::settings(context, workspace, &Need::default())? {
        let mut progress = Progress::new(context);
        let mut connection = session::connect(context, &settings, &mut progress)?;
        let refused = |error| session::database_failure(context, "the version table cannot be read or created", &error);
        let rows: BTreeSet<String> = version::ensure(&settings.version_table, connection.as_mut(), settings.dialect)
            .map_err(refused)?
            .into_iter()
            .collect();
        let graph = workspace.history(context, GraphErrors::Caught)?.graph;
        let heads: BTreeSet<String> = graph.heads().iter().map(|at| graph.id(*at).to_owned()).collect();
        if rows != heads {
            let found = Diagnostic::error("E0404", "the database is not at head, so it cannot be compared with the models")
                .hint(format!("run `{} upgrade heads` first", context.style.program()));
            return Err(Failure::new(found).alembic("Target database is not up to date."));
        }
        for plugin in PLUGINS {
            context.log(
                20,
                "alembic.runtime.plugins",
                &format!("setting up autogenerate plugin alembic.autogenerate.{plugin}"),
            );
        }
        if !settings.options.has_metadata {
            let env_py = workspace.project.env_py().display().to_string();
            let found = Diagnostic::error("E0405", "env.py gives no models to compare with")
                .note(format!("{env_py} calls context.configure() without target_metadata"))
                .hint("pass `target_metadata=Base.metadata` to context.configure()");
            return Err(Failure::new(found).alembic(format!(
                "Can't proceed with --autogenerate option; environment script {env_py} does not provide a MetaData object or sequence of objects to the context."
            )));
        }
    }
    let found = Diagnostic::error(
        "E0003",
        format!("{what} is not supported yet: Limbeck cannot compare models with a database so far"),
    )
    .hint("run real Alembic for this one command meanwhile: it reads the same files and the same version table");
    Err(Failure::new(found))
}
