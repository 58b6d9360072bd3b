//! Runs pending scripts for what they ask, and does none of it.
//!
//! Operations are compiled to their statements, which are kept; questions go to the database, each in a read-only transaction of its own with a time limit. What an earlier
//! request would have made, dropped or renamed is kept in a [`Shadow`], so that a question about it gets the answer it would get in a real run; where there is no such
//! answer, the script stops there and the recording says so.

mod edit;
mod shadow;

use limbeck_db::Connection;
use limbeck_dialect::{BindMode, Catalog, Context, DialectName, Memo, ParamStyle, Statement, compile, compile_query};
use limbeck_expr::Query;
use limbeck_ops::{Asked, Control, DatabaseErrorKind, Host, HostError, Inspect, Inspected, Operation, Place, Recorded, RecordedRevision, ResultSet, Stopped};
use limbeck_python::ScriptErrorKind;
use limbeck_schema::{NamingConvention, Table, TableName};
use limbeck_sql::changes::{Change, changes};

use crate::error::RunError;
use crate::plan::PlannedStep;
use crate::runner::{EngineStarter, RunFacts, prepare};
use crate::scripted;
use crate::session::flavour;
use crate::settings::Settings;
use crate::step::{engine_direction, run_context};
use shadow::{Seen, Shadow};

/// A recording of pending scripts.
pub struct Recording<'a, 'c> {
    /// What is asked; without a database a script stops at its first question.
    pub connection: Option<&'c mut dyn Connection>,
    /// What env.py decided.
    pub settings: &'a Settings,
    /// What every script sees.
    pub facts: &'a RunFacts,
    /// Starts the engine.
    pub start_engine: &'a mut EngineStarter<'a>,
    /// How long one question may take, in milliseconds.
    pub time_limit: u32,
}

impl Recording<'_, '_> {
    /// Runs the scripts of a plan. After one that stopped the next ones are not run: what they ask may depend on it.
    ///
    /// # Errors
    /// A script that cannot be loaded; the engine.
    pub fn run(self, steps: &[PlannedStep]) -> Result<Vec<RecordedRevision>, RunError> {
        let mut engine = prepare(steps, self.start_engine)?;
        let mut host = RecordingHost {
            offline: self.connection.is_none(),
            questions: Questions {
                shadow: Shadow::new(self.settings.default_schema()),
                connection: self.connection,
                dialect: self.settings.dialect,
                time_limit: self.time_limit,
                stopped: None,
                assumed: Vec::new(),
            },
            naming: &self.settings.naming,
            memo: Memo::default(),
            dialect: self.settings.dialect,
            items: Vec::new(),
        };
        let mut revisions = Vec::new();
        for step in steps {
            let (Some(path), Some(direction)) = (&step.script, engine_direction(step.label.direction)) else {
                continue;
            };
            let version = host
                .questions
                .connection
                .as_ref()
                .map(|connection| connection.server_version())
                .unwrap_or_default();
            let context = run_context(self.settings, step, self.facts, host.offline, version);
            host.questions.shadow.revision = step.label.revision().to_owned();
            let what = (path.as_path(), direction);
            let result = scripted::run(
                engine.as_mut(),
                what,
                &self.facts.arguments,
                &context,
                flavour(self.settings.dialect),
                &mut host,
            );
            let mut stopped = host.questions.stopped.take();
            let assumed = std::mem::take(&mut host.questions.assumed);
            if let Err(error) = result
                && stopped.is_none()
            {
                if matches!(error.kind, ScriptErrorKind::Interrupted) {
                    return Err(RunError::Engine(Box::new(error)));
                }
                // The script was told everything as it is only where nothing was pending before and nothing was made up.
                // What cannot be compiled cannot be whatever the database holds.
                let by_itself = error.host_error.as_ref().is_none_or(|error| error.kind == DatabaseErrorKind::CompileError);
                let told_the_truth = assumed.is_empty() && (by_itself || host.questions.shadow.is_empty());
                stopped = Some(Stopped {
                    why: format!("{}: {}", error.exception, error.message.lines().next().unwrap_or_default()),
                    place: error.place,
                    really: told_the_truth,
                });
            }
            let ends = stopped.is_some();
            revisions.push(RecordedRevision {
                revision: step.label.revision().to_owned(),
                message: step.label.doc.clone(),
                script: Some(path.clone()),
                items: std::mem::take(&mut host.items),
                stopped,
                assumed,
            });
            if ends {
                break;
            }
        }
        Ok(revisions)
    }
}

/// A host that writes down.
struct RecordingHost<'a, 'c> {
    questions: Questions<'c>,
    naming: &'a NamingConvention,
    memo: Memo,
    dialect: DialectName,
    /// Without a database: what cannot be compiled then is kept without statements.
    offline: bool,
    items: Vec<Recorded>,
}

impl RecordingHost<'_, '_> {
    fn compile_with<T>(&mut self, binds: BindMode, mut work: impl FnMut(DialectName, &mut Context<'_>) -> Result<T, HostError>) -> Result<T, HostError> {
        let version = self
            .questions
            .connection
            .as_ref()
            .map(|connection| connection.server_version())
            .unwrap_or_default();
        if self.offline {
            let mut context = Context::offline(self.naming, &mut self.memo);
            return work(self.dialect, &mut context);
        }
        let mut context = Context::live(self.naming, &mut self.memo, &mut self.questions);
        context.binds = binds;
        context.server_version = version.first().map(|major| (*major, version.get(1).copied().unwrap_or(0)));
        work(self.dialect, &mut context)
    }

    /// PostgreSQL's values are in the text anyway; elsewhere they are written in where they can be.
    fn compiled<T>(&mut self, mut work: impl FnMut(DialectName, &mut Context<'_>) -> Result<T, HostError>) -> Result<T, HostError> {
        if self.dialect == DialectName::Postgresql {
            return self.compile_with(BindMode::Driver, work);
        }
        let memo = self.memo.clone();
        match self.compile_with(BindMode::Literal(ParamStyle::Qmark), &mut work) {
            Err(error) if error.kind == DatabaseErrorKind::CompileError => {
                self.memo = memo;
                self.compile_with(BindMode::Driver, work)
            }
            other => other,
        }
    }

    fn keep(&mut self, place: &Place, what: Asked, statements: Vec<String>) {
        let edits = match &what {
            Asked::Operation(operation) => edit::of(operation),
            Asked::Query(_) | Asked::Control(_) => None,
        };
        let described = edits.is_some_and(|(table, edits)| self.questions.shadow.edit(&table, edits));
        for statement in &statements {
            for change in changes(flavour(self.dialect), statement) {
                if !(described && Shadow::is_of_description(&change)) {
                    self.questions.shadow.apply(&change);
                }
            }
        }
        if let Asked::Operation(operation) = &what {
            self.questions.shadow.describe(operation);
        }
        self.items.push(Recorded {
            place: place.clone(),
            what,
            statements,
        });
    }
}

impl Host for RecordingHost<'_, '_> {
    fn operation(&mut self, operation: Operation, at: &Place) -> Result<(), HostError> {
        self.questions.at(at);
        let compiled = self.compiled(|dialect, context| {
            let mut statements = Vec::new();
            compile(dialect, &operation, context, &mut statements).map(|()| statements)
        });
        let statements = match compiled {
            Ok(statements) => statements,
            Err(_) if self.offline => Vec::new(),
            Err(error) => return Err(error),
        };
        let statements = statements.into_iter().map(|statement: Statement| statement.sql).collect();
        self.keep(at, Asked::Operation(Box::new(operation)), statements);
        Ok(())
    }

    fn execute(&mut self, query: Query, at: &Place) -> Result<ResultSet, HostError> {
        self.questions.at(at);
        let statement = self.compiled(|dialect, context| compile_query(dialect, &query, context))?;
        let found = changes(flavour(self.dialect), &statement.sql);
        let asks = found.iter().all(|change| matches!(change, Change::Reads { .. } | Change::Calls { .. }));
        // Nobody looks at what a statement of a SQL revision returns.
        let result = if limbeck_script::sql_file::is_sql(&at.path) {
            Ok(ResultSet::default())
        } else if asks {
            self.questions.rows(&statement, &found)
        } else {
            self.questions
                .assume(&format!("what `{}` returns", limbeck_sql::headline(flavour(self.dialect), &statement.sql, 60)));
            Ok(ResultSet::default())
        };
        self.keep(at, Asked::Query(Box::new(query)), vec![statement.sql]);
        result
    }

    fn inspect(&mut self, what: Inspect, at: &Place) -> Result<Inspected, HostError> {
        self.questions.at(at);
        self.questions.inspect(&what)
    }

    fn control(&mut self, what: Control, at: &Place) -> Result<(), HostError> {
        self.keep(at, Asked::Control(what), Vec::new());
        Ok(())
    }
}

/// The database as scripts and the dialect may ask it.
struct Questions<'a> {
    connection: Option<&'a mut dyn Connection>,
    dialect: DialectName,
    time_limit: u32,
    shadow: Shadow,
    stopped: Option<Stopped>,
    assumed: Vec<String>,
}

impl Questions<'_> {
    fn at(&mut self, place: &Place) {
        self.shadow.place = place.clone();
    }

    /// Remembers an answer that may be another one in a real run.
    fn assume(&mut self, what: &str) {
        let line = format!("line {}: {what}", self.shadow.place.line);
        if !self.assumed.contains(&line) {
            self.assumed.push(line);
        }
    }

    /// Stops the script: nobody can know the answer before the earlier steps have really run.
    fn stop(&mut self, why: String) -> HostError {
        self.stopped = Some(Stopped {
            place: Some(self.shadow.place.clone()),
            why: why.clone(),
            really: false,
        });
        HostError::new(DatabaseErrorKind::Abort, why)
    }

    /// Calls `work` in a read-only transaction with a time limit, which is over afterwards.
    fn reading<T>(&mut self, work: impl FnOnce(&mut dyn Connection) -> Result<T, limbeck_db::DbError>) -> Result<T, HostError> {
        let Some(connection) = self.connection.as_deref_mut() else {
            return Err(self.stop("it asks the database, and there is none here".into()));
        };
        let (begin, end) = match self.dialect {
            DialectName::Postgresql => (
                format!(
                    "BEGIN READ ONLY; SET LOCAL statement_timeout = {0}; SET LOCAL lock_timeout = {0}",
                    self.time_limit
                ),
                "ROLLBACK",
            ),
            DialectName::Sqlite => ("PRAGMA query_only = ON".to_owned(), "PRAGMA query_only = OFF"),
            DialectName::Mysql => ("START TRANSACTION READ ONLY".to_owned(), "ROLLBACK"),
        };
        connection.execute_batch(&begin)?;
        let result = work(connection);
        let ended = connection.execute_batch(end);
        let result = result?;
        ended?;
        Ok(result)
    }

    fn rows(&mut self, statement: &Statement, found: &[Change]) -> Result<ResultSet, HostError> {
        for change in found {
            let Change::Reads { table } = change else { continue };
            match self.shadow.table(table) {
                Some(Seen::Made { by, .. }) => {
                    let why = format!("it reads `{table}`, which {by} makes");
                    return Err(self.stop(why));
                }
                Some(Seen::Changed { by } | Seen::Edited { by, .. } | Seen::Written { by }) => {
                    let by = by.clone();
                    self.assume(&format!("the rows of `{table}` as they are now, before {by}"));
                }
                Some(Seen::Gone) | None => {}
            }
        }
        if self.shadow.is_opaque() {
            self.assume("rows as they are now, after a statement whose effects are not known");
        }
        let (sql, params) = (statement.sql.clone(), statement.params.clone());
        match self.reading(|connection| connection.query(&sql, &params)) {
            Ok(rows) => Ok(rows),
            // It writes after all: a function.
            Err(error) if error.sqlstate.as_deref() == Some("25006") => {
                self.assume("the answer of a function that writes");
                Ok(ResultSet::default())
            }
            Err(error) if error.kind != DatabaseErrorKind::Abort && !self.shadow.is_empty() => {
                let why = format!("it asks what the database cannot answer before the earlier steps have run: {}", error.message);
                Err(self.stop(why))
            }
            Err(error) => Err(error),
        }
    }

    fn inspect(&mut self, what: &Inspect) -> Result<Inspected, HostError> {
        if let Some(answer) = self.shadow.answer(what) {
            return answer.map_err(|why| self.stop(why));
        }
        let what = what.clone();
        let mut answer = self.reading(|connection| connection.inspect(&what))?;
        self.shadow.amend(&what, &mut answer);
        Ok(answer)
    }
}

impl Catalog for Questions<'_> {
    fn table(&mut self, name: &TableName) -> Result<Option<Table>, HostError> {
        match self.inspect(&Inspect::Table(name.clone()))? {
            Inspected::Table(table) => Ok(table),
            other => Err(wrong(&other)),
        }
    }

    fn has_table(&mut self, name: &TableName) -> Result<bool, HostError> {
        self.flag(Inspect::HasTable(name.clone()))
    }

    fn has_type(&mut self, name: &TableName) -> Result<bool, HostError> {
        self.flag(Inspect::HasType(name.clone()))
    }

    fn has_sequence(&mut self, name: &TableName) -> Result<bool, HostError> {
        self.flag(Inspect::HasSequence(name.clone()))
    }
}

impl Questions<'_> {
    fn flag(&mut self, what: Inspect) -> Result<bool, HostError> {
        match self.inspect(&what)? {
            Inspected::Flag(flag) => Ok(flag),
            other => Err(wrong(&other)),
        }
    }
}

fn wrong(answer: &Inspected) -> HostError {
    HostError::new(
        DatabaseErrorKind::InternalError,
        format!("a question about the schema was answered by {answer:?}"),
    )
}
