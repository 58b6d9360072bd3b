//! Other things than the history to compare a database with.

use crate::context::Failure;
use crate::rehearsal::{SqlFile, Stage};
use crate::session;
use limbeck_db::{Connection, DatabaseUrl, Environment};
use limbeck_run::{Scratch, Settings};
use limbeck_schema::catalogue::Catalogue;
use limbeck_source::{Diagnose, Diagnostic};

/// The schema of another database.
///
/// # Errors
/// It cannot be reached or read.
pub fn database(settings: &Settings, url: &str) -> Result<Catalogue, Failure> {
    let mut connection = connect(settings, url)?;
    limbeck_db::introspect(connection.as_mut(), &limbeck_run::own_filter(settings))
        .map_err(|error| Failure::new(error.diagnose().note("while looking at the database to compare with")))
}

/// Connects to another database of the same kind.
///
/// # Errors
/// It cannot be reached.
pub fn connect(settings: &Settings, url: &str) -> Result<Box<dyn Connection>, Failure> {
    let failure = |error: limbeck_db::DbError| Failure::new(error.diagnose().note("while looking at the database to compare with"));
    let url = DatabaseUrl::parse(url).map_err(|error| Failure::new(error.diagnose()))?;
    if url.backend().ok() != settings.url.as_ref().and_then(|url| url.backend().ok()) {
        let found = Diagnostic::error("E0403", "only databases of the same kind can be compared");
        return Err(Failure::new(found.hint("give a URL of the same dialect as the project's")));
    }
    limbeck_db::connect(&url, &Environment::of_process()).map_err(failure)
}

/// The schema that a file of SQL makes in an empty database.
///
/// # Errors
/// The file cannot be read; a statement fails.
pub fn file(stage: &Stage<'_>, path: &str) -> Result<Catalogue, Failure> {
    let scratch = load(stage, path)?;
    limbeck_run::schema_of(&scratch).map_err(|error| session::database_failure(stage.context, "the scratch database cannot be read", &error))
}

/// A scratch database in which a file of SQL was run.
///
/// # Errors
/// The file cannot be read; a statement fails.
pub fn load(stage: &Stage<'_>, path: &str) -> Result<Scratch, Failure> {
    let file = SqlFile::read(path, "give a file of SQL, or the URL of a database")?;
    let scratch = stage.scratch(false)?;
    let mut connection = scratch.connect().map_err(|error| Failure::new(error.diagnose()))?;
    file.run(stage.settings, connection.as_mut(), false).map_err(|refused| refused.failure)?;
    drop(connection);
    Ok(scratch)
}
