//! The live host: what a script asks for runs on the database, inside the transaction of its revision.

use crate::event::{Event, Events};
use limbeck_db::{Connection, DbError};
use limbeck_dialect::{Catalog, Context, DialectName, Memo, Statement, TransactionMode, compile, compile_query};
use limbeck_expr::Query;
use limbeck_ops::{Control, DatabaseErrorKind, Host, HostError, Inspect, Inspected, Operation, Place, ResultSet};
use limbeck_schema::{NamingConvention, Table, TableName};

/// A host that runs statements on a connection.
pub struct LiveHost<'a> {
    connection: &'a mut dyn Connection,
    dialect: DialectName,
    naming: &'a NamingConvention,
    events: &'a mut dyn Events,
    /// What the dialect remembers from one operation of the run to the next.
    memo: &'a mut Memo,
    /// Statements run so far.
    statements: usize,
    /// Whether statements run outside of a transaction for now.
    autocommit: bool,
    /// Whether the revision began inside a transaction, so that one follows each that the script ends.
    transactional: bool,
    /// Whether something was committed that a failure later in the script cannot undo.
    kept: bool,
}

impl<'a> LiveHost<'a> {
    /// Makes a host for one revision.
    pub fn new(connection: &'a mut dyn Connection, dialect: DialectName, naming: &'a NamingConvention, memo: &'a mut Memo, events: &'a mut dyn Events) -> Self {
        LiveHost {
            transactional: connection.in_transaction(),
            kept: false,
            connection,
            dialect,
            naming,
            events,
            memo,
            statements: 0,
            autocommit: false,
        }
    }

    /// How many statements ran.
    pub fn statements(&self) -> usize {
        self.statements
    }

    /// Whether the script committed something before its end.
    pub fn kept(&self) -> bool {
        self.kept
    }

    /// Ends the transaction for good; what it did stays.
    fn commit(&mut self) -> Result<(), DbError> {
        self.kept |= self.connection.in_transaction();
        self.connection.commit()
    }

    fn begin_again(&mut self) -> Result<(), DbError> {
        if self.transactional && !self.autocommit && !self.connection.in_transaction() {
            self.connection.begin()?;
        }
        Ok(())
    }

    fn compile_with<T>(&mut self, work: impl FnOnce(DialectName, &mut Context<'_>) -> Result<T, HostError>) -> Result<T, HostError> {
        let version = self.connection.server_version();
        let mut catalog = LiveCatalog(self.connection);
        let mut context = Context::live(self.naming, self.memo, &mut catalog);
        context.server_version = version.first().map(|major| (*major, version.get(1).copied().unwrap_or(0)));
        let result = work(self.dialect, &mut context);
        for warning in std::mem::take(&mut context.warnings) {
            self.events.event(Event::Warning(&warning));
        }
        result
    }

    fn run(&mut self, statement: &Statement, at: &Place) -> Result<ResultSet, HostError> {
        self.events.event(Event::Statement {
            sql: &statement.sql,
            place: Some(at),
        });
        self.statements += 1;
        // A statement that cannot run in a transaction ends the revision's transaction before it and begins another after it.
        let outside = statement.transaction == TransactionMode::MustRunOutside && !self.autocommit && self.connection.in_transaction();
        if outside {
            self.commit().map_err(|error| host_error(error, &statement.sql))?;
        }
        let result = self
            .connection
            .query(&statement.sql, &statement.params)
            .map_err(|error| host_error(error, &statement.sql));
        // Also after a COMMIT in the script's own SQL.
        self.kept |= result.is_ok() && !self.connection.in_transaction();
        if outside {
            let begun = self.begin_again().map_err(|error| host_error(error, "BEGIN"));
            // The statement's own error says more than that of a connection it broke.
            if result.is_ok() {
                begun?;
            }
        }
        for notice in self.connection.take_notices() {
            self.events.event(Event::ServerNotice(&notice.message));
        }
        result
    }

    fn control_database(&mut self, what: &Control) -> Result<(), DbError> {
        match what {
            Control::AutocommitBegin => {
                self.commit()?;
                self.autocommit = true;
            }
            Control::AutocommitEnd => {
                self.autocommit = false;
                self.begin_again()?;
            }
            Control::Savepoint(name) => self.connection.savepoint(name)?,
            Control::ReleaseSavepoint(name) => self.connection.release_savepoint(name)?,
            Control::RollbackSavepoint(name) => self.connection.rollback_to_savepoint(name)?,
            Control::Commit => {
                self.commit()?;
                self.begin_again()?;
            }
            Control::Rollback => {
                self.connection.rollback()?;
                self.begin_again()?;
            }
        }
        Ok(())
    }
}

impl Host for LiveHost<'_> {
    fn operation(&mut self, operation: Operation, at: &Place) -> Result<(), HostError> {
        let mut statements = Vec::new();
        let compiled = self.compile_with(|dialect, context| compile(dialect, &operation, context, &mut statements));
        // What comes before an error runs, as it does under Alembic; the transaction decides what stays.
        for statement in &statements {
            self.run(statement, at)?;
        }
        compiled
    }

    fn execute(&mut self, query: Query, at: &Place) -> Result<ResultSet, HostError> {
        let statement = self.compile_with(|dialect, context| compile_query(dialect, &query, context))?;
        self.run(&statement, at)
    }

    fn inspect(&mut self, what: Inspect, _at: &Place) -> Result<Inspected, HostError> {
        self.connection.inspect(&what).map_err(HostError::from)
    }

    fn control(&mut self, what: Control, _at: &Place) -> Result<(), HostError> {
        self.control_database(&what).map_err(HostError::from)
    }
}

fn host_error(error: DbError, sql: &str) -> HostError {
    let mut error = HostError::from(error);
    error.statement = Some(sql.to_string());
    error
}

fn wrong_answer(what: &Inspect, answer: &Inspected) -> HostError {
    HostError::new(DatabaseErrorKind::InternalError, format!("{what:?} was answered by {answer:?}"))
}

/// The connection as the dialect sees it.
struct LiveCatalog<'a>(&'a mut dyn Connection);

impl LiveCatalog<'_> {
    fn flag(&mut self, what: &Inspect) -> Result<bool, HostError> {
        match self.0.inspect(what)? {
            Inspected::Flag(flag) => Ok(flag),
            other => Err(wrong_answer(what, &other)),
        }
    }
}

impl Catalog for LiveCatalog<'_> {
    fn table(&mut self, name: &TableName) -> Result<Option<Table>, HostError> {
        let what = Inspect::Table(name.clone());
        match self.0.inspect(&what)? {
            Inspected::Table(table) => Ok(table),
            other => Err(wrong_answer(&what, &other)),
        }
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
