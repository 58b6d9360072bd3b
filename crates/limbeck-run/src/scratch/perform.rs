//! Operations run on a connection to a scratch database, each statement by itself: no transaction, no journal, no version rows.

use limbeck_db::Connection;
use limbeck_dialect::{Catalog, Context, DialectName, Memo, Statement, compile};
use limbeck_ops::{DatabaseErrorKind, HostError, Inspect, Inspected, Operation};
use limbeck_schema::{NamingConvention, Table, TableName};

/// Runs operations in order; returns the statements that they came to.
///
/// # Errors
/// What the database answered, with the statement.
pub fn perform(connection: &mut dyn Connection, dialect: DialectName, operations: &[Operation]) -> Result<Vec<Statement>, HostError> {
    let naming = NamingConvention::default();
    let mut memo = Memo::default();
    let version = connection.server_version();
    let mut out = Vec::new();
    for operation in operations {
        let mut statements = Vec::new();
        {
            let mut live = Live(connection);
            let mut context = Context::live(&naming, &mut memo, &mut live);
            context.server_version = version.first().map(|major| (*major, version.get(1).copied().unwrap_or(0)));
            compile(dialect, operation, &mut context, &mut statements)?;
        }
        for statement in &statements {
            connection.query(&statement.sql, &statement.params).map_err(|error| HostError {
                statement: Some(statement.sql.clone()),
                ..error.into()
            })?;
        }
        out.append(&mut statements);
    }
    Ok(out)
}

/// The database as the dialect sees it.
struct Live<'a>(&'a mut dyn Connection);

impl Live<'_> {
    fn flag(&mut self, what: &Inspect) -> Result<bool, HostError> {
        match self.0.inspect(what)? {
            Inspected::Flag(flag) => Ok(flag),
            other => Err(HostError::new(DatabaseErrorKind::InternalError, format!("{what:?} was answered by {other:?}"))),
        }
    }
}

impl Catalog for Live<'_> {
    fn table(&mut self, name: &TableName) -> Result<Option<Table>, HostError> {
        match self.0.inspect(&Inspect::Table(name.clone()))? {
            Inspected::Table(table) => Ok(table),
            _ => Ok(None),
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
