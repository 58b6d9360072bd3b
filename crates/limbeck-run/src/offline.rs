//! `--sql`: a host that prints statements in Alembic's layout instead of running them.

use crate::event::{Event, Events};
use limbeck_dialect::{BindMode, Context, DialectName, Memo, ParamStyle, compile, compile_query};
use limbeck_expr::Query;
use limbeck_ops::{Control, DatabaseErrorKind, Host, HostError, Inspect, Inspected, Operation, Place, ResultSet};
use limbeck_schema::NamingConvention;

/// One statement as Alembic prints it: tabs become four blanks, outer white space goes, a terminator and an empty line follow.
pub fn statement_text(sql: &str) -> String {
    format!("{};\n\n", sql.replace('\t', "    ").trim())
}

/// How values are written, from what env.py passed to `context.configure`.
pub fn bind_mode(dialect: DialectName, literal_binds: bool, paramstyle: Option<&str>) -> BindMode {
    let style = paramstyle.and_then(ParamStyle::from_name).unwrap_or_else(|| ParamStyle::default_for(dialect));
    if literal_binds { BindMode::Literal(style) } else { BindMode::Style(style) }
}

/// Whether placeholders get casts (`:x::INTEGER`): SQLAlchemy's psycopg (its default since 2.1) and asyncpg dialects write them.
pub fn bind_casts(dialect: DialectName, literal_binds: bool, driver: Option<&str>) -> bool {
    dialect == DialectName::Postgresql && !literal_binds && matches!(driver, None | Some("psycopg" | "psycopg_async" | "asyncpg"))
}

/// A host that prints.
pub struct OfflineHost<'a> {
    pub dialect: DialectName,
    pub naming: &'a NamingConvention,
    pub binds: BindMode,
    /// Whether placeholders are followed by a cast.
    pub bind_casts: bool,
    /// Whether `BEGIN;` and `COMMIT;` are written.
    pub transactional: bool,
    pub memo: &'a mut Memo,
    pub events: &'a mut dyn Events,
    pub out: &'a mut dyn FnMut(&str),
    pub statements: usize,
}

impl OfflineHost<'_> {
    fn context<T>(&mut self, work: impl FnOnce(DialectName, &mut Context<'_>) -> Result<T, HostError>) -> Result<T, HostError> {
        let mut context = Context::offline(self.naming, self.memo);
        context.binds = self.binds;
        context.bind_casts = self.bind_casts;
        let result = work(self.dialect, &mut context);
        for warning in std::mem::take(&mut context.warnings) {
            self.events.event(Event::Warning(&warning));
        }
        result
    }

    fn print(&mut self, sql: &str) {
        self.statements += 1;
        (self.out)(&statement_text(sql));
    }
}

impl Host for OfflineHost<'_> {
    fn operation(&mut self, operation: Operation, _at: &Place) -> Result<(), HostError> {
        let mut statements = Vec::new();
        let compiled = self.context(|dialect, context| compile(dialect, &operation, context, &mut statements));
        for statement in statements {
            self.print(&statement.sql);
        }
        compiled
    }

    fn execute(&mut self, query: Query, _at: &Place) -> Result<ResultSet, HostError> {
        let statement = self.context(|dialect, context| compile_query(dialect, &query, context))?;
        self.print(&statement.sql);
        Ok(ResultSet {
            rowcount: -1,
            ..ResultSet::default()
        })
    }

    fn inspect(&mut self, _what: Inspect, _at: &Place) -> Result<Inspected, HostError> {
        let mut error = HostError::new(
            DatabaseErrorKind::InvalidRequestError,
            "this script looks at the database, which `--sql` does not have",
        );
        error.hint = Some("run it against a database, or guard the code with `if not context.is_offline_mode():`".into());
        Err(error)
    }

    fn control(&mut self, what: Control, _at: &Place) -> Result<(), HostError> {
        match what {
            Control::AutocommitBegin if self.transactional => (self.out)("COMMIT;\n\n"),
            Control::AutocommitEnd if self.transactional => (self.out)("BEGIN;\n\n"),
            Control::Savepoint(name) => (self.out)(&format!("SAVEPOINT {name};\n\n")),
            Control::ReleaseSavepoint(name) => (self.out)(&format!("RELEASE SAVEPOINT {name};\n\n")),
            Control::RollbackSavepoint(name) => (self.out)(&format!("ROLLBACK TO SAVEPOINT {name};\n\n")),
            Control::AutocommitBegin | Control::AutocommitEnd | Control::Commit | Control::Rollback => {}
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tabs_and_edges_as_alembic() {
        assert_eq!(
            statement_text("\nCREATE TABLE t (\n\tid INTEGER\n)\n\n"),
            "CREATE TABLE t (\n    id INTEGER\n);\n\n"
        );
    }
}
