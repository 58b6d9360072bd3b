//! The database as comparisons of the project's own see it (`@comparators.dispatch_for("schema")`): whatever they try is taken back.

use limbeck_db::Connection;
use limbeck_dialect::{Catalog, Context, DialectName, Memo, compile, compile_query};
use limbeck_expr::Query;
use limbeck_ops::{Control, DatabaseErrorKind, Host, HostError, Inspect, Inspected, Operation, Place, ResultSet};
use limbeck_python::{ScriptError, ScriptErrorKind};
use limbeck_schema::{NamingConvention, Table, TableName};
use std::cell::RefCell;

/// A comparison may drop and create what others use; it waits for them no longer than this, since others would wait behind it.
const LOCK_TIMEOUT: &str = "SET LOCAL lock_timeout = '5s'";

/// A transaction that is rolled back at its end.
pub struct Trial<'a> {
    connection: &'a RefCell<Box<dyn Connection>>,
    dialect: DialectName,
    memo: Memo,
    naming: NamingConvention,
}

impl<'a> Trial<'a> {
    /// Begins the transaction.
    ///
    /// # Errors
    /// What the database answered.
    pub fn begin(connection: &'a RefCell<Box<dyn Connection>>, dialect: DialectName) -> Result<Self, ScriptError> {
        let trial = Trial {
            connection,
            dialect,
            memo: Memo::default(),
            naming: NamingConvention::default(),
        };
        trial.open().map_err(stopped)?;
        Ok(trial)
    }

    fn open(&self) -> Result<(), HostError> {
        let mut connection = self.connection.borrow_mut();
        connection.begin()?;
        if self.dialect == DialectName::Postgresql {
            connection.execute_batch(LOCK_TIMEOUT)?;
        }
        Ok(())
    }

    /// Takes everything back.
    ///
    /// # Errors
    /// What the database answered.
    pub fn end(self) -> Result<(), ScriptError> {
        self.connection.borrow_mut().rollback().map_err(|error| stopped(error.into()))
    }

    fn compile_with<T>(&mut self, work: impl FnOnce(DialectName, &mut Context<'_>) -> Result<T, HostError>) -> Result<T, HostError> {
        let version = self.connection.borrow().server_version();
        let mut seen = Seen(self.connection);
        let mut context = Context::live(&self.naming, &mut self.memo, &mut seen);
        context.server_version = version.first().map(|major| (*major, version.get(1).copied().unwrap_or(0)));
        work(self.dialect, &mut context)
    }

    fn run(&self, statement: &limbeck_dialect::Statement) -> Result<ResultSet, HostError> {
        let answer = self.connection.borrow_mut().query(&statement.sql, &statement.params);
        answer.map_err(|error| HostError {
            statement: Some(statement.sql.clone()),
            ..error.into()
        })
    }
}

fn stopped(error: HostError) -> ScriptError {
    ScriptError {
        exception: format!("sqlalchemy.exc.{:?}", error.kind),
        host_error: Some(Box::new(error.clone())),
        ..ScriptError::internal_like(ScriptErrorKind::Database, error.message)
    }
}

impl Host for Trial<'_> {
    fn operation(&mut self, operation: Operation, _at: &Place) -> Result<(), HostError> {
        let mut statements = Vec::new();
        self.compile_with(|dialect, context| compile(dialect, &operation, context, &mut statements))?;
        statements.iter().try_for_each(|statement| self.run(statement).map(drop))
    }

    fn execute(&mut self, query: Query, _at: &Place) -> Result<ResultSet, HostError> {
        let statement = self.compile_with(|dialect, context| compile_query(dialect, &query, context))?;
        self.run(&statement)
    }

    fn inspect(&mut self, what: Inspect, _at: &Place) -> Result<Inspected, HostError> {
        Ok(self.connection.borrow_mut().inspect(&what)?)
    }

    fn control(&mut self, what: Control, _at: &Place) -> Result<(), HostError> {
        {
            let mut connection = self.connection.borrow_mut();
            match &what {
                Control::Savepoint(name) => return Ok(connection.savepoint(name)?),
                Control::ReleaseSavepoint(name) => return Ok(connection.release_savepoint(name)?),
                Control::RollbackSavepoint(name) => return Ok(connection.rollback_to_savepoint(name)?),
                // Nothing of a comparison is kept.
                Control::Commit | Control::AutocommitBegin | Control::AutocommitEnd => return Ok(()),
                Control::Rollback => connection.rollback()?,
            }
        }
        self.open()
    }
}

/// The database as the dialect sees it.
struct Seen<'a>(&'a RefCell<Box<dyn Connection>>);

impl Seen<'_> {
    fn ask<T>(&self, what: &Inspect, take: impl FnOnce(Inspected) -> Option<T>) -> Result<T, HostError> {
        let answer = self.0.borrow_mut().inspect(what)?;
        take(answer).ok_or_else(|| HostError::new(DatabaseErrorKind::InternalError, format!("{what:?} had another answer")))
    }

    fn flag(&self, what: &Inspect) -> Result<bool, HostError> {
        self.ask(what, |answer| match answer {
            Inspected::Flag(flag) => Some(flag),
            _ => None,
        })
    }
}

impl Catalog for Seen<'_> {
    fn table(&mut self, name: &TableName) -> Result<Option<Table>, HostError> {
        self.ask(&Inspect::Table(name.clone()), |answer| match answer {
            Inspected::Table(table) => Some(table),
            _ => None,
        })
    }

    fn has_table(&mut self, name: &TableName) -> Result<bool, HostError> {
        self.flag(&Inspect::HasTable(name.clone()))
    }

    fn has_type(&mut self, name: &TableName) -> Result<bool, HostError> {
        self.flag(&Inspect::HasType(name.clone()))
    }

    fn has_sequence(&mut self, name: &TableName) -> Result<bool, HostError> {
        self.flag(&Inspect::HasSequence(name.clone()))
    }
}
