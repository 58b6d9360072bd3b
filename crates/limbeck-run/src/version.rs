//! The version table, compatible with Alembic's: one `version_num` per row, one row per head.

use limbeck_db::Connection;
use limbeck_dialect::{Context, DialectName, Memo, compile, quote_ident, quote_table};
use limbeck_ops::{CreateTable, HostError, Inspect, Inspected, Operation};
use limbeck_revision::RowChange;
use limbeck_schema::{Column, ColumnType, Constraint, ConstraintName, Ident, KeyConstraint, NamingConvention, Table, TableName};

/// Where versions are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionTable {
    pub name: TableName,
    /// Whether the table has a primary key (`version_table_pk`).
    pub primary_key: bool,
}

impl Default for VersionTable {
    fn default() -> Self {
        VersionTable { name: TableName::new("alembic_version"), primary_key: true }
    }
}

impl VersionTable {
    /// The statement that creates the table, as Alembic writes it: VARCHAR(32), key named `<table>_pkc`.
    ///
    /// # Errors
    /// A name the dialect cannot hold.
    pub fn create(&self, dialect: DialectName) -> Result<String, HostError> {
        let mut table = Table::new(self.name.clone());
        let mut column = Column::new("version_num", ColumnType::String { length: Some(32), collation: None });
        column.nullable = Some(false);
        table.columns.push(column);
        if self.primary_key {
            table.constraints.push(Constraint::PrimaryKey(KeyConstraint {
                name: ConstraintName::Final(Ident::new(format!("{}_pkc", self.name.name.text))),
                columns: vec![Ident::new("version_num")],
                ..KeyConstraint::default()
            }));
        }
        let operation = Operation::CreateTable(CreateTable { table, if_not_exists: false, check_first: false });
        let naming = NamingConvention::default();
        let mut memo = Memo::default();
        let statements = compile(dialect, &operation, &mut Context::offline(&naming, &mut memo))?;
        Ok(statements.into_iter().map(|statement| statement.sql).collect::<Vec<_>>().join(";\n"))
    }

    /// The statement of a row change, as Alembic prints it with `--sql`.
    pub fn change(&self, dialect: DialectName, change: &RowChange, offline: bool) -> String {
        let table = quote_table(dialect, &self.name);
        let key = format!("{table}.version_num");
        match change {
            RowChange::Insert(id) => {
                // SQLAlchemy asks for the new primary key back where the database can give it.
                let returning = match dialect {
                    DialectName::Postgresql if self.primary_key && offline => format!(" RETURNING {key}"),
                    DialectName::Sqlite if self.primary_key && offline => " RETURNING version_num".to_string(),
                    _ => String::new(),
                };
                format!("INSERT INTO {table} (version_num) VALUES ({}){returning}", literal(id))
            }
            RowChange::Delete(id) => format!("DELETE FROM {table} WHERE {key} = {}", literal(id)),
            RowChange::Update { from, to } => format!("UPDATE {table} SET version_num={} WHERE {key} = {}", literal(to), literal(from)),
        }
    }

    /// Reads the rows, or `None` when the table is not there.
    ///
    /// # Errors
    /// What the database answered.
    pub fn read(&self, connection: &mut dyn Connection, dialect: DialectName) -> Result<Option<Vec<String>>, HostError> {
        // One round trip in the common case: ask for the rows first, look for the table only when that fails.
        let sql = format!("SELECT version_num FROM {}", quote_table(dialect, &self.name));
        match connection.query(&sql, &[]) {
            Ok(result) => {
                let mut rows: Vec<String> = result.rows.into_iter().filter_map(|row| row.into_iter().next()).map(text_of).collect();
                rows.sort();
                Ok(Some(rows))
            }
            Err(error) if error.is_connection_lost() || connection.is_closed() => Err(error.into()),
            Err(error) => {
                let _ = connection.rollback();
                match connection.inspect(&Inspect::HasTable(self.name.clone())) {
                    Ok(Inspected::Flag(false)) => Ok(None),
                    _ => Err(error.into()),
                }
            }
        }
    }

    /// Creates the table if it is not there; returns the rows.
    ///
    /// # Errors
    /// What the database answered.
    pub fn ensure(&self, connection: &mut dyn Connection, dialect: DialectName) -> Result<Vec<String>, HostError> {
        if let Some(rows) = self.read(connection, dialect)? {
            return Ok(rows);
        }
        let create = self.create(dialect)?;
        if let Err(error) = connection.execute_batch(&create) {
            // Another process may have created it in between.
            return match self.read(connection, dialect)? {
                Some(rows) => Ok(rows),
                None => Err(HostError { statement: Some(create), ..error.into() }),
            };
        }
        Ok(Vec::new())
    }

    /// Applies a row change and holds it to exactly one row, as Alembic does.
    ///
    /// # Errors
    /// What the database answered; a row that is not there.
    pub fn apply(&self, connection: &mut dyn Connection, dialect: DialectName, change: &RowChange) -> Result<(), HostError> {
        let sql = self.change(dialect, change, false);
        let touched = connection.execute_batch(&sql).map_err(|error| HostError { statement: Some(sql.clone()), ..error.into() })?;
        if touched == 1 {
            return Ok(());
        }
        let table = &self.name.name.text;
        let message = match change {
            RowChange::Insert(_) => return Ok(()),
            RowChange::Update { from, to } => format!("Online migration expected to match one row when updating '{from}' to '{to}' in '{table}'; {touched} found"),
            RowChange::Delete(id) => format!("Online migration expected to match one row when deleting '{id}' in '{table}'; {touched} found"),
        };
        let mut error = HostError::new(limbeck_ops::DatabaseErrorKind::CommandError, message);
        error.hint = Some("another process may have migrated this database meanwhile: look with `status`, then run the command again".into());
        Err(error)
    }

    /// Removes every row (`stamp --purge`).
    pub fn purge(&self, dialect: DialectName) -> String {
        format!("DELETE FROM {}", quote_table(dialect, &self.name))
    }

    /// The quoted name of the version column's table, for people.
    pub fn label(&self, dialect: DialectName) -> String {
        match &self.name.schema {
            Some(schema) => format!("{}.{}", quote_ident(dialect, schema), quote_ident(dialect, &self.name.name)),
            None => quote_ident(dialect, &self.name.name),
        }
    }
}

fn text_of(value: limbeck_schema::Literal) -> String {
    match value {
        limbeck_schema::Literal::Text(text) => text,
        limbeck_schema::Literal::Int(number) => number.to_string(),
        other => format!("{other:?}"),
    }
}

fn literal(id: &str) -> String {
    format!("'{}'", id.replace('\'', "''"))
}
