//! The wanted schema: where it is, and a connection to a database that has it.

use crate::commands::drift::against;
use crate::context::{Context, Failure};
use crate::rehearsal::Stage;
use crate::session;
use crate::workspace::{Workspace, script_failure};
use limbeck_db::{Connection, DatabaseUrl};
use limbeck_run::Scratch;
use limbeck_schema::catalogue::Catalogue;
use limbeck_source::{Diagnose, Diagnostic};
use std::cell::RefCell;

/// A database that has the wanted schema.
pub struct Wanted {
    /// How it is named to people; never with a password.
    pub name: String,
    pub catalogue: Catalogue,
    pub connection: RefCell<Box<dyn Connection>>,
    /// Goes away with the value.
    _scratch: Option<Scratch>,
}

/// Where the wanted schema is, if not in the models: the option, else `schema` in the configuration (a path from the project's root, or a URL).
///
/// # Errors
/// The configuration cannot be read; the option under Alembic's name.
pub fn named(context: &Context, workspace: &Workspace, option: Option<&str>) -> Result<Option<String>, Failure> {
    if context.is_alembic() {
        return match option {
            Some(_) => Err(Failure::new(Diagnostic::error(
                "E0002",
                "`--from` is Limbeck's own; Alembic has no such option",
            ))),
            None => Ok(None),
        };
    }
    if let Some(option) = option {
        return Ok(Some(option.to_owned()));
    }
    let configured = workspace.project.config().own_option("schema").map_err(script_failure)?;
    Ok(configured.filter(|schema| !schema.trim().is_empty()).map(|schema| {
        if schema.contains("://") {
            schema
        } else {
            workspace.project.root().join(schema).display().to_string()
        }
    }))
}

/// Makes the wanted schema, or finds it.
///
/// # Errors
/// No such file, a statement that fails, a database that cannot be reached.
pub fn open(stage: &Stage<'_>, from: &str) -> Result<Wanted, Failure> {
    if from.contains("://") {
        let mut connection = against::connect(stage.settings, from)?;
        let catalogue =
            limbeck_db::introspect(connection.as_mut(), &limbeck_run::own_filter(stage.settings)).map_err(|error| Failure::new(error.diagnose()))?;
        return Ok(Wanted {
            name: DatabaseUrl::parse(from).map_or_else(|_| "the other database".to_owned(), |url| url.render(true)),
            catalogue,
            connection: RefCell::new(connection),
            _scratch: None,
        });
    }
    let scratch = against::load(stage, from)?;
    let unreadable = |error| session::database_failure(stage.context, "the scratch database cannot be read", &error);
    let catalogue = limbeck_run::schema_of(&scratch).map_err(unreadable)?;
    Ok(Wanted {
        name: from.to_owned(),
        catalogue,
        connection: RefCell::new(scratch.connect().map_err(|error| Failure::new(error.diagnose()))?),
        _scratch: Some(scratch),
    })
}
