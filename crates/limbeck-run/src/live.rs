//! The live host: what a script asks for becomes statements, which run on the database in the segments of its revision.

use crate::event::Event;
use crate::foreign_keys;
use crate::segments::Segments;
use limbeck_dialect::{Catalog, Context, DialectName, Memo, compile, compile_query};
use limbeck_expr::Query;
use limbeck_ops::{Control, DatabaseErrorKind, Host, HostError, Inspect, Inspected, Operation, Place, ResultSet};
use limbeck_schema::{NamingConvention, Table, TableName};

/// A host that runs statements on a connection.
pub(crate) struct LiveHost<'a, 's, 'g> {
    pub segments: &'a mut Segments<'s, 'g>,
    pub dialect: DialectName,
    pub naming: &'a NamingConvention,
    /// What the dialect remembers from one operation of the run to the next.
    pub memo: &'a mut Memo,
}

impl LiveHost<'_, '_, '_> {
    fn compile_with<T>(&mut self, work: impl FnOnce(DialectName, &mut Context<'_>) -> Result<T, HostError>) -> Result<T, HostError> {
        let version = self.segments.connection().server_version();
        let mut catalog = LiveCatalog(self.segments);
        let mut context = Context::live(self.naming, self.memo, &mut catalog);
        context.server_version = version.first().map(|major| (*major, version.get(1).copied().unwrap_or(0)));
        let result = work(self.dialect, &mut context);
        for warning in std::mem::take(&mut context.warnings) {
            self.segments.event(Event::Warning(&warning));
        }
        result
    }
}

impl Host for LiveHost<'_, '_, '_> {
    fn operation(&mut self, operation: Operation, at: &Place) -> Result<(), HostError> {
        let mut statements = Vec::new();
        let compiled = self.compile_with(|dialect, context| compile(dialect, &operation, context, &mut statements));
        // What comes before an error runs, as it does under Alembic; the transaction decides what stays.
        let rebuild = foreign_keys::rebuild(self.dialect, &operation, &statements);
        let mut result = Ok(ResultSet::default());
        for (index, statement) in statements.iter().enumerate() {
            if let Some((first, table)) = rebuild
                && index == first
            {
                self.segments.rebuild(Some(table))?;
            }
            result = self.segments.statement(&statement.sql, &statement.params, at);
            if result.is_err() {
                break;
            }
        }
        if rebuild.is_some() {
            self.segments.rebuild(None)?;
        }
        result.and(compiled)
    }

    fn execute(&mut self, query: Query, at: &Place) -> Result<ResultSet, HostError> {
        let statement = self.compile_with(|dialect, context| compile_query(dialect, &query, context))?;
        self.segments.statement(&statement.sql, &statement.params, at)
    }

    fn inspect(&mut self, what: Inspect, _at: &Place) -> Result<Inspected, HostError> {
        self.segments.inspect(&what)
    }

    fn control(&mut self, what: Control, at: &Place) -> Result<(), HostError> {
        self.segments.control(&what, at)
    }
}

fn wrong_answer(what: &Inspect, answer: &Inspected) -> HostError {
    HostError::new(DatabaseErrorKind::InternalError, format!("{what:?} was answered by {answer:?}"))
}

/// The database as the dialect sees it.
struct LiveCatalog<'a, 's, 'g>(&'a mut Segments<'s, 'g>);

impl LiveCatalog<'_, '_, '_> {
    fn flag(&mut self, what: &Inspect) -> Result<bool, HostError> {
        match self.0.inspect(what)? {
            Inspected::Flag(flag) => Ok(flag),
            other => Err(wrong_answer(what, &other)),
        }
    }
}

impl Catalog for LiveCatalog<'_, '_, '_> {
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
