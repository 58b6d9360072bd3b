//! `--sql`: a host that prints statements in Alembic's layout instead of running them.

use crate::error::{Left, RunError, StepError, StepFault};
use crate::event::{Event, Events};
use crate::plan::PlannedStep;
use crate::runner::{EngineStarter, RunFacts, RunSummary, prepare};
use crate::scripted;
use crate::session::flavour;
use crate::settings::Settings;
use crate::step::{engine_direction, run_context};
use crate::version;
use limbeck_dialect::{BindMode, Context, DialectName, Memo, ParamStyle, compile, compile_query};
use limbeck_expr::Query;
use limbeck_ops::{Control, DatabaseErrorKind, Host, HostError, Inspect, Inspected, Operation, Place, ResultSet};
use limbeck_schema::NamingConvention;
use std::time::Instant;

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

/// Prints a plan as SQL.
///
/// # Errors
/// The step whose script failed; what was printed before stays printed.
pub fn run_offline(
    settings: &Settings,
    starts_at_base: bool,
    steps: &[PlannedStep],
    facts: &RunFacts,
    start_engine: &mut EngineStarter<'_>,
    events: &mut dyn Events,
    out: &mut dyn FnMut(&str),
) -> Result<RunSummary, RunError> {
    let dialect = settings.dialect;
    let transactional = settings.options.transactional_ddl.unwrap_or(dialect.transactional_ddl());
    let per_step = settings.options.transaction_per_migration;
    let mut summary = RunSummary::default();
    let mut engine = prepare(steps, start_engine)?;
    let mut memo = Memo::default();
    let create = version::create(&settings.version_table, dialect, true).map_err(RunError::Database)?;
    let mut at_base = starts_at_base;
    if transactional && !per_step {
        out("BEGIN;\n\n");
    }
    for (index, step) in steps.iter().enumerate() {
        events.event(Event::StepStarted {
            number: index + 1,
            total: steps.len(),
            label: &step.label,
        });
        let started = Instant::now();
        if transactional && per_step {
            out("BEGIN;\n\n");
        }
        if at_base {
            out(&statement_text(&create));
        }
        out(&format!("-- Running {} {}\n\n", step.label.direction.word(), step.label.arrow()));
        let mut statements = 0;
        if let (Some(path), Some(direction)) = (&step.script, engine_direction(step.label.direction)) {
            let context = run_context(settings, step, facts, true, Vec::new());
            let mut host = OfflineHost {
                dialect,
                naming: &settings.naming,
                binds: bind_mode(dialect, settings.options.literal_binds, settings.options.paramstyle.as_deref()),
                bind_casts: bind_casts(dialect, settings.options.literal_binds, settings.driver.as_deref()),
                transactional,
                memo: &mut memo,
                events,
                out,
                statements: 0,
            };
            let what = (path.as_path(), direction);
            let result = scripted::run(engine.as_mut(), what, &facts.arguments, &context, flavour(dialect), &mut host);
            statements = host.statements;
            result.map_err(|error| {
                let fault = StepFault::Script(Box::new(error));
                RunError::Step(Box::new(StepError {
                    label: step.label.clone(),
                    script: step.script.clone(),
                    fault,
                    left: Left::Text,
                }))
            })?;
        }
        for change in &step.changes {
            out(&statement_text(&version::change(&settings.version_table, dialect, change).sql));
        }
        at_base = step.rows_after.is_empty();
        if transactional && per_step {
            out("COMMIT;\n\n");
        }
        summary.steps += 1;
        summary.statements += statements;
        events.event(Event::StepFinished {
            label: &step.label,
            statements,
            elapsed: started.elapsed(),
        });
    }
    if transactional && !per_step {
        out("COMMIT;\n\n");
    }
    Ok(summary)
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
