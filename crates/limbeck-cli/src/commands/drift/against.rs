//! Other things than the history to compare a database with.

use crate::context::Failure;
use crate::rehearsal::Stage;
use crate::session;
use limbeck_db::{Connection, DatabaseUrl, Environment};
use limbeck_run::{Scratch, Settings};
use limbeck_schema::catalogue::Catalogue;
use limbeck_source::{Diagnose, Diagnostic, Location};

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
    let text = std::fs::read_to_string(path).map_err(|error| {
        let found = Diagnostic::error("E0108", format!("the file `{path}` cannot be read")).caused_by(&error);
        Failure::new(found.hint("give a file of SQL, or the URL of a database"))
    })?;
    let scratch = stage.scratch(false)?;
    let mut connection = scratch.connect().map_err(|error| Failure::new(error.diagnose()))?;
    // psql's own commands, which pg_dump writes (`\\restrict`), ask the server for nothing. Blank lines in their place keep the numbers.
    let text: String = text
        .lines()
        .map(|line| if line.starts_with('\\') { "\n".to_owned() } else { format!("{line}\n") })
        .collect();
    for range in limbeck_sql::split(limbeck_run::flavour(stage.settings.dialect), &text) {
        let statement = &text[range.clone()];
        if let Err(error) = connection.execute_batch(statement) {
            let start = range.start + statement.len() - statement.trim_start().len();
            let line = text[..start].bytes().filter(|byte| *byte == b'\n').count() + 1;
            let mut found = Diagnostic::error("E0731", format!("a statement of `{path}` fails in an empty database")).cause(error.to_string());
            found = found.at(Location::new(path, u32::try_from(line).unwrap_or_default(), 1));
            return Err(Failure::new(found.note("the real database was only read")));
        }
    }
    drop(connection);
    Ok(scratch)
}
