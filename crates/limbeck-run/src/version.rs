//! The rows of the version table: read, ensured, changed one by one. The table itself and its statements are the dialect's.

use limbeck_db::{Connection, read_versions};
use limbeck_dialect::{Context, DialectName, Memo, Statement, VersionTable};
use limbeck_ops::{DatabaseErrorKind, HostError};
use limbeck_revision::RowChange;
use limbeck_schema::NamingConvention;

/// Calls `work` with a context in which values stand in the text, live too; `offline` lays the text out as `--sql` prints it.
fn in_text<T>(offline: bool, work: impl FnOnce(&Context<'_>) -> T) -> T {
    let naming = NamingConvention::default();
    let mut memo = Memo::default();
    let mut context = Context::offline(&naming, &mut memo);
    context.offline = offline;
    work(&context)
}

/// The statement that creates the table.
///
/// # Errors
/// A name the dialect cannot hold.
pub fn create(table: &VersionTable, dialect: DialectName, offline: bool) -> Result<String, HostError> {
    in_text(offline, |context| table.create(dialect, context)).map(|statement| statement.sql)
}

/// The statement of a row change.
pub fn change(table: &VersionTable, dialect: DialectName, change: &RowChange) -> Statement {
    in_text(true, |context| match change {
        RowChange::Insert(id) => table.insert(dialect, context, id),
        RowChange::Delete(id) => table.delete(dialect, context, id),
        RowChange::Update { from, to } => table.update(dialect, context, from, to),
    })
}

/// The statement that removes every row (`stamp --purge`).
pub fn purge(table: &VersionTable, dialect: DialectName) -> String {
    in_text(true, |context| table.delete_all(dialect, context)).sql
}

/// Reads the rows as the table gives them, or `None` when the table is not there.
///
/// # Errors
/// What the database answered.
pub fn read(table: &VersionTable, connection: &mut dyn Connection) -> Result<Option<Vec<String>>, HostError> {
    read_versions(connection, &table.name).map_err(HostError::from)
}

/// The rows of a run, and whether its first step must create the table.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Start {
    pub rows: Vec<String>,
    /// The table is created inside the first step's transaction, so that a failed first step leaves nothing.
    pub create: bool,
}

/// Reads the rows a run starts from. Where DDL is part of transactions, a missing table is left to the first step.
///
/// # Errors
/// What the database answered.
pub fn start(table: &VersionTable, connection: &mut dyn Connection, dialect: DialectName) -> Result<Start, HostError> {
    if dialect.transactional_ddl() {
        return Ok(match read(table, connection)? {
            Some(rows) => Start { rows, create: false },
            None => Start {
                rows: Vec::new(),
                create: true,
            },
        });
    }
    Ok(Start {
        rows: ensure(table, connection, dialect)?,
        create: false,
    })
}

/// Creates the table if it is not there; returns the rows.
///
/// # Errors
/// What the database answered.
pub fn ensure(table: &VersionTable, connection: &mut dyn Connection, dialect: DialectName) -> Result<Vec<String>, HostError> {
    if let Some(rows) = read(table, connection)? {
        return Ok(rows);
    }
    let create = create(table, dialect, false)?;
    if let Err(error) = connection.execute_batch(&create) {
        // Another process may have created it in between.
        return match read(table, connection)? {
            Some(rows) => Ok(rows),
            None => Err(HostError {
                statement: Some(create),
                ..error.into()
            }),
        };
    }
    Ok(Vec::new())
}

/// Applies a row change and holds it to exactly one row, as Alembic does. `before` is a text that goes along with it, ahead of it.
///
/// # Errors
/// What the database answered; a row that is not there.
pub fn apply(table: &VersionTable, connection: &mut dyn Connection, dialect: DialectName, row: &RowChange, before: Option<&str>) -> Result<(), HostError> {
    let sql = change(table, dialect, row).sql;
    let text = before.map_or_else(|| sql.clone(), |before| format!("{before}; {sql}"));
    let touched = match connection.query(&text, &[]) {
        Ok(result) => result.rowcount,
        Err(error) => {
            return Err(HostError {
                statement: Some(sql),
                ..error.into()
            });
        }
    };
    let name = &table.name.name;
    let message = match row {
        RowChange::Insert(_) => return Ok(()),
        _ if touched == 1 => return Ok(()),
        RowChange::Update { from, to } => format!("Online migration expected to match one row when updating '{from}' to '{to}' in '{name}'; {touched} found"),
        RowChange::Delete(id) => format!("Online migration expected to match one row when deleting '{id}' in '{name}'; {touched} found"),
    };
    let mut error = HostError::new(DatabaseErrorKind::CommandError, message);
    error.hint = Some("another process may have migrated this database meanwhile: look with `status`, then run the command again".into());
    Err(error)
}
