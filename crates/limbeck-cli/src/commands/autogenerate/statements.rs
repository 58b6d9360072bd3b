//! Steps as statements. SQLite's rebuilds need the table as it is when they run: the steps are tried on a copy of the schema in memory, in their order, and what
//! ran there is the text.

use super::{Compared, preview};
use crate::context::{Context, Failure};
use crate::progress::Progress;
use crate::session;
use limbeck_db::{Connection, DatabaseUrl, Environment};
use limbeck_dialect::DialectName;
use limbeck_diff::{Step, operations};
use limbeck_expr::Literal;
use limbeck_source::{Diagnose, Diagnostic};

/// Tells statements of one database's steps.
pub struct Statements<'a> {
    context: &'a Context,
    one: &'a Compared,
    /// The schema as it is before the next step.
    copy: Option<Box<dyn Connection>>,
}

impl<'a> Statements<'a> {
    /// Begins with the schema as it is.
    ///
    /// # Errors
    /// It cannot be read or copied.
    pub fn new(context: &'a Context, one: &'a Compared) -> Result<Self, Failure> {
        let copy = match one.settings.dialect {
            DialectName::Sqlite => Some(copied(context, one)?),
            _ => None,
        };
        Ok(Statements { context, one, copy })
    }

    /// The statements of a step, which comes after all those asked for before it.
    ///
    /// # Errors
    /// The database cannot do it by itself, or did not.
    pub fn of(&mut self, step: &Step) -> Result<Vec<String>, Failure> {
        let step = std::slice::from_ref(step);
        let Some(copy) = &mut self.copy else {
            return preview(self.one.settings.dialect, step, self.one.batch);
        };
        let done = limbeck_run::perform(copy.as_mut(), self.one.settings.dialect, &operations(step, self.one.batch))
            .map_err(|error| session::database_failure(self.context, "a step fails on a copy of the schema", &error))?;
        let inline = |statement: limbeck_dialect::Statement| match statement.params.is_empty() {
            true => Ok(statement.sql),
            false => {
                let found = Diagnostic::error("E0701", "a step cannot be shown as SQL: its values stand beside the statement");
                Err(Failure::new(found.note(statement.sql).hint("write the revision in Python (`--format python`)")))
            }
        };
        done.into_iter().map(inline).collect()
    }
}

/// The schema of a SQLite file, in memory and without its rows.
fn copied(context: &Context, one: &Compared) -> Result<Box<dyn Connection>, Failure> {
    let failed = |error: limbeck_db::DbError| Failure::new(error.diagnose());
    let mut from = session::connect(context, &one.settings, &mut Progress::new(context))?;
    let sql = "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' \
               ORDER BY CASE type WHEN 'table' THEN 1 WHEN 'index' THEN 2 WHEN 'view' THEN 3 ELSE 4 END, rowid";
    let texts = from.query(sql, &[]).map_err(failed)?;
    let url = DatabaseUrl::parse("sqlite://").map_err(|error| Failure::new(error.diagnose()))?;
    let mut copy = limbeck_db::connect(&url, &Environment::default()).map_err(failed)?;
    for row in texts.rows {
        if let Some(Literal::Text(text)) = row.into_iter().next() {
            copy.execute_batch(&text).map_err(failed)?;
        }
    }
    Ok(copy)
}
