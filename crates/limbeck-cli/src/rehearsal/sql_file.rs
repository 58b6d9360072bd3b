//! Files of SQL that are run in a scratch database.

use super::MISSING;
use crate::context::Failure;
use limbeck_db::Connection;
use limbeck_run::Settings;
use limbeck_source::{Diagnostic, Location};

/// SQLSTATE of a schema that is there already.
const DUPLICATE_SCHEMA: &str = "42P06";

/// A file of SQL with its text.
#[derive(Debug, Clone)]
pub struct SqlFile {
    path: String,
    text: String,
}

/// A statement that failed.
pub struct Refused {
    /// What to tell.
    pub failure: Failure,
    /// Whether it lacked what the real database may have from elsewhere: a schema, an extension's type.
    pub lacks: bool,
}

impl SqlFile {
    /// Reads the file.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn read(path: &str, hint: &str) -> Result<Self, Failure> {
        let text = std::fs::read_to_string(path).map_err(|error| {
            let found = Diagnostic::error("E0108", format!("the file `{path}` cannot be read")).caused_by(&error);
            Failure::new(found.hint(hint))
        })?;
        // psql's own commands, which pg_dump writes (`\\restrict`), ask the server for nothing. Blank lines in their place keep the numbers.
        let text = text
            .lines()
            .map(|line| if line.starts_with('\\') { "\n".to_owned() } else { format!("{line}\n") })
            .collect();
        Ok(SqlFile { path: path.to_owned(), text })
    }

    /// Runs its statements one after the other; in a `prepared` database schemas may be there already.
    ///
    /// # Errors
    /// The first statement that fails.
    pub fn run(&self, settings: &Settings, connection: &mut dyn Connection, prepared: bool) -> Result<(), Box<Refused>> {
        for range in limbeck_sql::split(limbeck_run::flavour(settings.dialect), &self.text) {
            let statement = &self.text[range.clone()];
            let Err(error) = connection.execute_batch(statement) else { continue };
            let state = error.sqlstate().unwrap_or_default();
            if prepared && state == DUPLICATE_SCHEMA {
                continue;
            }
            let start = range.start + statement.len() - statement.trim_start().len();
            let line = self.text[..start].bytes().filter(|byte| *byte == b'\n').count() + 1;
            let found = Diagnostic::error("E0731", format!("a statement of `{}` fails in an empty database", self.path))
                .cause(error.to_string())
                .at(Location::new(&self.path, u32::try_from(line).unwrap_or_default(), 1))
                .note("the real database was only read");
            let lacks = MISSING.contains(&state);
            return Err(Box::new(Refused {
                failure: Failure::new(found),
                lacks,
            }));
        }
        Ok(())
    }
}
