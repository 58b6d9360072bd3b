//! What the project itself decides in a comparison: the callables it gave to `context.configure()`, and what only the server can tell.

use crate::Result;
use limbeck_schema::{Column, Constraint, Index, Table};
use serde::{Deserialize, Serialize};

/// The kinds of things that are filtered, by Alembic's names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum ObjectKind {
    Schema,
    Table,
    Column,
    Index,
    UniqueConstraint,
    ForeignKeyConstraint,
    CheckConstraint,
}

impl ObjectKind {
    /// Alembic's name.
    pub fn name(self) -> &'static str {
        match self {
            ObjectKind::Schema => "schema",
            ObjectKind::Table => "table",
            ObjectKind::Column => "column",
            ObjectKind::Index => "index",
            ObjectKind::UniqueConstraint => "unique_constraint",
            ObjectKind::ForeignKeyConstraint => "foreign_key_constraint",
            ObjectKind::CheckConstraint => "check_constraint",
        }
    }
}

/// A question to `include_name`: a name of the database.
#[derive(Debug, Clone, Copy)]
pub struct NameCall<'a> {
    /// What has the name.
    pub kind: ObjectKind,
    /// The name; none for the default schema and unnamed constraints.
    pub name: Option<&'a str>,
    /// Its schema, unless the default one.
    pub schema: Option<&'a str>,
    /// Its table, for what belongs to one.
    pub table: Option<&'a str>,
}

/// A thing in a question to `include_object`.
#[derive(Debug, Clone, Copy)]
pub enum Object<'a> {
    /// A table.
    Table(&'a Table),
    /// A column of a table.
    Column(&'a Table, &'a Column),
    /// An index of a table.
    Index(&'a Table, &'a Index),
    /// A constraint of a table.
    Constraint(&'a Table, &'a Constraint),
}

/// A question to `include_object`.
#[derive(Debug, Clone, Copy)]
pub struct ObjectCall<'a> {
    /// What it is.
    pub kind: ObjectKind,
    /// Its name.
    pub name: Option<&'a str>,
    /// Whether it was read from the database.
    pub reflected: bool,
    /// The thing.
    pub object: Object<'a>,
    /// What it is compared with on the other side.
    pub compare_to: Option<Object<'a>>,
}

/// The project's decisions. Every method has an answer for a project that made none.
pub trait Hooks {
    /// Whether a name of the database takes part.
    ///
    /// # Errors
    /// What the project's callable raised.
    fn include_name(&mut self, call: NameCall<'_>) -> Result<bool> {
        let _ = call;
        Ok(true)
    }

    /// Whether a thing takes part.
    ///
    /// # Errors
    /// What the project's callable raised.
    fn include_object(&mut self, call: ObjectCall<'_>) -> Result<bool> {
        let _ = call;
        Ok(true)
    }

    /// A `compare_type` callable's answer: different, the same, or no opinion.
    ///
    /// # Errors
    /// What the project's callable raised.
    fn compare_type(&mut self, tables: (&Table, &Table), columns: (&Column, &Column)) -> Result<Option<bool>> {
        let _ = (tables, columns);
        Ok(None)
    }

    /// A `compare_server_default` callable's answer; the texts are the database's default and the models'.
    ///
    /// # Errors
    /// What the project's callable raised.
    fn compare_default(&mut self, tables: (&Table, &Table), columns: (&Column, &Column), texts: (Option<&str>, Option<&str>)) -> Result<Option<bool>> {
        let _ = (tables, columns, texts);
        Ok(None)
    }

    /// A default as the server keeps it for a column of that type; nothing where that cannot be told.
    ///
    /// # Errors
    /// What the server answered.
    fn default_as_kept(&mut self, type_: &str, default: &str) -> Result<Option<String>> {
        let _ = type_;
        Ok(Some(default.to_owned()))
    }

    /// The conditions as the server would keep them for a table with these columns, in the same order; nothing where that cannot be told.
    ///
    /// # Errors
    /// What the server answered.
    fn checks_as_kept(&mut self, columns: &[Column], conditions: &[String]) -> Result<Option<Vec<String>>> {
        let _ = columns;
        Ok(Some(conditions.to_vec()))
    }

    /// The expression of a computed column as the server would keep it in a table with these columns; nothing where that cannot be told.
    ///
    /// # Errors
    /// What the server answered.
    fn computed_as_kept(&mut self, columns: &[Column], type_: &str, expression: &str) -> Result<Option<String>> {
        let _ = (columns, type_);
        Ok(Some(expression.to_owned()))
    }

    /// Whether the server takes two expressions for equal (`SELECT a = b`).
    ///
    /// # Errors
    /// What the server answered.
    fn equal_on_server(&mut self, have: &str, wanted: &str) -> Result<bool> {
        Ok(have == wanted)
    }
}

/// A project without hooks, and no server to ask.
#[derive(Debug, Default, Clone, Copy)]
pub struct NoHooks;

impl Hooks for NoHooks {}
