//! What a script may ask of its host. A script never touches a database: live execution, `--sql`, plan and tests are different hosts.

use crate::Operation;
use limbeck_expr::{Literal, Query};
use limbeck_schema::{ColumnType, EnumType, Sequence, Table, TableName};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// Where in a script a request was made.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub struct Place {
    /// The file.
    pub path: PathBuf,
    /// 1-based line.
    pub line: u32,
    /// 1-based column, or 0 when unknown.
    pub column: u32,
}

/// The host of a running script.
pub trait Host {
    /// Runs (or prints, or records) one operation.
    ///
    /// # Errors
    /// What the database or the dialect answered; the script may catch it as the Python exception of that class.
    fn operation(&mut self, operation: Operation, at: &Place) -> Result<(), HostError>;

    /// Runs a statement for its rows. Without a database (`--sql`) the statement is printed and the result is empty.
    ///
    /// # Errors
    /// As `operation`.
    fn execute(&mut self, query: Query, at: &Place) -> Result<ResultSet, HostError>;

    /// Answers a question about the database's schema.
    ///
    /// # Errors
    /// As `operation`; without a database always.
    fn inspect(&mut self, what: Inspect, at: &Place) -> Result<Inspected, HostError>;

    /// Changes the transaction around the statements that follow.
    ///
    /// # Errors
    /// As `operation`.
    fn control(&mut self, what: Control, at: &Place) -> Result<(), HostError>;
}

/// Transaction requests of scripts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Control {
    /// `with op.get_context().autocommit_block():` begins.
    AutocommitBegin,
    /// It ends.
    AutocommitEnd,
    /// `connection.begin_nested()`; the name is unique in the script.
    Savepoint(String),
    /// Its commit.
    ReleaseSavepoint(String),
    /// Its rollback.
    RollbackSavepoint(String),
    /// `connection.commit()`, `session.commit()` on the migration's own connection.
    Commit,
    /// `connection.rollback()`.
    Rollback,
}

/// Questions about the schema. A `None` schema means the connection's default.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Inspect {
    TableNames {
        schema: Option<String>,
    },
    ViewNames {
        schema: Option<String>,
    },
    MaterializedViewNames {
        schema: Option<String>,
    },
    SchemaNames,
    SequenceNames {
        schema: Option<String>,
    },
    Enums {
        schema: Option<String>,
    },
    /// Everything about one table (or view), or nothing if it is not there.
    Table(TableName),
    HasTable(TableName),
    HasSequence(TableName),
    HasType(TableName),
    DefaultSchemaName,
    ServerVersion,
    ViewDefinition(TableName),
}

/// Answers to [`Inspect`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(clippy::large_enum_variant)] // one lives at a time
pub enum Inspected {
    Names(Vec<String>),
    Table(Option<Table>),
    Enums(Vec<EnumType>),
    Sequences(Vec<Sequence>),
    Flag(bool),
    Text(Option<String>),
    /// Version numbers, e.g. `[15, 18]` or `[3, 50, 4]`.
    Version(Vec<u32>),
}

/// A column of a result.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ResultColumn {
    pub name: String,
    /// The type as the driver knows it, where it does.
    #[serde(default)]
    pub type_: Option<ColumnType>,
}

/// Rows, or the number of rows touched.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct ResultSet {
    /// Empty when the statement returns no rows.
    pub columns: Vec<ResultColumn>,
    pub rows: Vec<Vec<Literal>>,
    /// Rows touched, -1 when not known.
    pub rowcount: i64,
    /// SQLite: the row id of the last insert.
    #[serde(default)]
    pub lastrowid: Option<i64>,
}

/// The exception class a script sees (`sqlalchemy.exc.X`), or an error of Alembic's or Limbeck's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum DatabaseErrorKind {
    ProgrammingError,
    OperationalError,
    IntegrityError,
    DataError,
    InternalError,
    NotSupportedError,
    InterfaceError,
    DatabaseError,
    /// `sqlalchemy.exc.CompileError`.
    CompileError,
    /// `sqlalchemy.exc.ArgumentError`.
    ArgumentError,
    /// `sqlalchemy.exc.InvalidRequestError`.
    InvalidRequestError,
    /// `sqlalchemy.exc.NoSuchTableError`.
    NoSuchTableError,
    /// `alembic.util.CommandError`.
    CommandError,
    /// `NotImplementedError`.
    NotImplementedError,
    /// `ValueError`.
    ValueError,
    /// Limbeck stops the script (interrupt, lost connection, deadline): scripts cannot catch it.
    Abort,
}

/// Why a request failed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HostError {
    pub kind: DatabaseErrorKind,
    /// The message as the driver or dialect gives it, without the statement.
    pub message: String,
    /// The statement that failed.
    #[serde(default)]
    pub statement: Option<String>,
    /// SQLSTATE, or SQLite's extended result code name.
    #[serde(default)]
    pub sqlstate: Option<String>,
    /// DETAIL, HINT, CONTEXT, position and the like, one per line.
    #[serde(default)]
    pub details: Vec<String>,
    /// What to do about it, where Limbeck knows.
    #[serde(default)]
    pub hint: Option<String>,
}

impl HostError {
    /// Makes an error with only a message.
    pub fn new(kind: DatabaseErrorKind, message: impl Into<String>) -> Self {
        HostError {
            kind,
            message: message.into(),
            statement: None,
            sqlstate: None,
            details: Vec::new(),
            hint: None,
        }
    }
}
