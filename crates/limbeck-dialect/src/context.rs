//! What compiling an operation depends on besides the operation: names, values, and the database where there is one.

use crate::{DialectName, Result};
use limbeck_schema::{NamingConvention, Table, TableName};
use std::collections::BTreeSet;

/// How a placeholder is written, by DB-API name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs)] // the DB-API's own names
pub enum ParamStyle {
    Named,
    Pyformat,
    Format,
    Qmark,
    Numeric,
    NumericDollar,
}

impl ParamStyle {
    /// The style of SQLAlchemy's default driver.
    pub fn default_for(dialect: DialectName) -> Self {
        match dialect {
            DialectName::Postgresql => ParamStyle::Pyformat,
            DialectName::Sqlite => ParamStyle::Qmark,
            DialectName::Mysql => ParamStyle::Format,
        }
    }

    /// The style of `dialect_opts={"paramstyle": name}`.
    pub fn from_name(name: &str) -> Option<Self> {
        Some(match name {
            "named" => ParamStyle::Named,
            "pyformat" => ParamStyle::Pyformat,
            "format" => ParamStyle::Format,
            "qmark" => ParamStyle::Qmark,
            "numeric" => ParamStyle::Numeric,
            "numeric_dollar" => ParamStyle::NumericDollar,
            _ => return None,
        })
    }

    /// Whether `%` must be written twice.
    pub(crate) fn doubles_percent(self) -> bool {
        matches!(self, ParamStyle::Pyformat | ParamStyle::Format)
    }
}

/// What becomes of values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BindMode {
    /// `--sql` with `literal_binds=True`: values are written into the text by SQLAlchemy's literal processors.
    Literal(ParamStyle),
    /// `--sql` without it: placeholders remain.
    Style(ParamStyle),
    /// Live: on PostgreSQL values are written as psycopg2 writes them; SQLite and MySQL get `?` and parameters.
    Driver,
}

/// A live database, as far as compiling has to look at it.
pub trait Catalog {
    /// Reads one table, or nothing when it is not there.
    ///
    /// # Errors
    /// What the database answered.
    fn table(&mut self, name: &TableName) -> Result<Option<Table>>;

    /// Whether a table is there.
    ///
    /// # Errors
    /// What the database answered.
    fn has_table(&mut self, name: &TableName) -> Result<bool>;

    /// Whether an enum or domain is there.
    ///
    /// # Errors
    /// What the database answered.
    fn has_type(&mut self, name: &TableName) -> Result<bool>;

    /// Whether a sequence is there.
    ///
    /// # Errors
    /// What the database answered.
    fn has_sequence(&mut self, name: &TableName) -> Result<bool>;
}

/// What lasts from one operation of a run to the next.
#[derive(Debug, Clone, Default)]
pub struct Memo {
    /// Types already created by a `create_table` of this run (schema, name): Alembic creates each once.
    pub(crate) created_types: BTreeSet<(Option<String>, String)>,
}

/// Everything compiling depends on besides the operation.
pub struct Context<'a> {
    /// `target_metadata.naming_convention`.
    pub naming: &'a NamingConvention,
    /// What becomes of values.
    pub binds: BindMode,
    /// Whether this is `--sql`: tabs become blanks, nothing can be asked of a database.
    pub offline: bool,
    /// The database, when there is one.
    pub catalog: Option<&'a mut dyn Catalog>,
    /// The server's version, when known: (18, 0), (3, 50), (8, 4).
    pub server_version: Option<(u32, u32)>,
    /// Whether a placeholder is followed by a cast (`%(x)s::VARCHAR`), as SQLAlchemy's psycopg and asyncpg dialects do.
    pub bind_casts: bool,
    /// What lasts from one operation to the next.
    pub memo: &'a mut Memo,
    /// Warnings Alembic would give, in order.
    pub warnings: Vec<String>,
}

impl<'a> Context<'a> {
    /// `--sql` with `literal_binds=True` and named parameters: the stock env.py.
    pub fn offline(naming: &'a NamingConvention, memo: &'a mut Memo) -> Self {
        Context {
            naming,
            binds: BindMode::Literal(ParamStyle::Named),
            offline: true,
            catalog: None,
            server_version: None,
            bind_casts: false,
            memo,
            warnings: Vec::new(),
        }
    }

    /// A live database.
    pub fn live(naming: &'a NamingConvention, memo: &'a mut Memo, catalog: &'a mut dyn Catalog) -> Self {
        Context {
            naming,
            binds: BindMode::Driver,
            offline: false,
            catalog: Some(catalog),
            server_version: None,
            bind_casts: false,
            memo,
            warnings: Vec::new(),
        }
    }

    pub(crate) fn warn(&mut self, text: impl Into<String>) {
        self.warnings.push(text.into());
    }
}
