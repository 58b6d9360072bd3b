//! What a SQL statement changes in a schema and its rows, as far as its text tells.
//!
//! [`changes`] reads the statements of a text, those that operations compile to as well as those that scripts write themselves, so that whoever asks what a revision
//! does has one answer for both. What the text does not tell (a `DO` block, a procedure, a statement nobody understands) is [`Change::Opaque`], never left out.
//!
//! Names are as the server keeps them: without quotes, folded. Expressions and types stay text.

mod constraint;
mod node;
mod postgres;
mod rows;

use crate::{Flavour, Name};

/// One change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// `CREATE TABLE`.
    CreateTable {
        table: Name,
        if_not_exists: bool,
        temporary: bool,
        columns: Vec<NewColumn>,
        constraints: Vec<NewConstraint>,
    },
    /// `DROP TABLE`.
    DropTable { table: Name, if_exists: bool, cascade: bool },
    /// `ALTER TABLE … RENAME TO`.
    RenameTable { table: Name, to: String },
    /// `ALTER TABLE … SET SCHEMA`.
    MoveTable { table: Name, schema: String },
    /// `ALTER TABLE … ADD COLUMN`; its constraints follow as changes of their own.
    AddColumn { table: Name, column: NewColumn, if_not_exists: bool },
    /// `ALTER TABLE … DROP COLUMN`.
    DropColumn {
        table: Name,
        column: String,
        if_exists: bool,
        cascade: bool,
    },
    /// `ALTER TABLE … RENAME COLUMN`.
    RenameColumn { table: Name, column: String, to: String },
    /// `ALTER TABLE … ALTER COLUMN … TYPE`.
    SetType {
        table: Name,
        column: String,
        type_: String,
        using: Option<String>,
    },
    /// `ALTER TABLE … ALTER COLUMN … SET NOT NULL`.
    SetNotNull { table: Name, column: String },
    /// `ALTER TABLE … ALTER COLUMN …` anything else.
    AlterColumn { table: Name, column: String },
    /// `ALTER TABLE … ADD CONSTRAINT`.
    AddConstraint { table: Name, constraint: NewConstraint },
    /// `ALTER TABLE … VALIDATE CONSTRAINT`.
    ValidateConstraint { table: Name, name: String },
    /// `ALTER TABLE … DROP CONSTRAINT`.
    DropConstraint {
        table: Name,
        name: String,
        if_exists: bool,
        cascade: bool,
    },
    /// `ALTER TABLE … RENAME CONSTRAINT`.
    RenameConstraint { table: Name, name: String, to: String },
    /// `ALTER TABLE …` anything else.
    AlterTable { table: Name },
    /// `CREATE INDEX`; its name is in the table's schema.
    CreateIndex {
        name: Option<Name>,
        table: Name,
        unique: Option<UniqueKey>,
        columns: Vec<String>,
        if_not_exists: bool,
    },
    /// Anything else that is created or replaced.
    Create {
        kind: ObjectKind,
        name: Name,
        /// It may be there already (`IF NOT EXISTS`, `OR REPLACE`).
        may_exist: bool,
        /// The labels of an enum.
        labels: Vec<String>,
    },
    /// Anything else that is altered.
    Alter { kind: ObjectKind, name: Name },
    /// Anything else that is dropped.
    Drop {
        kind: ObjectKind,
        name: Name,
        if_exists: bool,
        cascade: bool,
    },
    /// Anything else that gets a new name.
    Rename { kind: ObjectKind, name: Name, to: String },
    /// `INSERT`, `UPDATE`, `DELETE`, `MERGE`, `TRUNCATE`, `COPY … FROM`.
    Rows {
        table: Name,
        how: RowChange,
        /// The columns that are set, where the text lists them.
        columns: Vec<String>,
        /// The whole statement, where it only looks at the rows of this table.
        plain: Option<Box<Plain>>,
    },
    /// A table or view that a statement reads.
    Reads { table: Name },
    /// A function that a statement calls for its result, which may do anything.
    Calls { function: Name },
    /// A statement that changes neither the schema nor rows (`COMMENT`, `SET`, `GRANT`, `LOCK`).
    Nothing,
    /// What the text does not tell.
    Opaque { headline: String },
}

/// What is not a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs)]
pub enum ObjectKind {
    Index,
    View,
    MaterializedView,
    Sequence,
    Type,
    Schema,
    Extension,
    Function,
    Trigger,
}

impl ObjectKind {
    /// The kind for people.
    pub fn word(self) -> &'static str {
        match self {
            ObjectKind::Index => "index",
            ObjectKind::View => "view",
            ObjectKind::MaterializedView => "materialized view",
            ObjectKind::Sequence => "sequence",
            ObjectKind::Type => "type",
            ObjectKind::Schema => "schema",
            ObjectKind::Extension => "extension",
            ObjectKind::Function => "function",
            ObjectKind::Trigger => "trigger",
        }
    }
}

/// An `UPDATE` or `DELETE` of one table by itself.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Plain {
    /// The name its expressions know the table by, if another.
    pub alias: Option<String>,
    /// Columns and their new values, as written; none for `DELETE`.
    pub set: Vec<(String, String)>,
    /// The condition, as written.
    pub where_: Option<String>,
}

/// How rows change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs)]
pub enum RowChange {
    Insert,
    Update,
    Delete,
    Truncate,
    /// `MERGE`.
    Any,
}

/// A column that is new.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewColumn {
    /// Its name.
    pub name: String,
    /// Its type as written.
    pub type_: String,
    /// `NOT NULL`, or part of a primary key.
    pub not_null: bool,
    /// Whether something fills it in rows that are there: a default other than NULL, an identity, a generated value, a serial type.
    pub filled: bool,
    /// The default, as written.
    pub default: Option<String>,
}

/// A constraint that is new.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewConstraint {
    /// Its name, unless the server chooses one.
    pub name: Option<String>,
    /// What it asks.
    pub kind: NewConstraintKind,
    /// `NOT VALID`: rows that are there are not looked at.
    pub not_valid: bool,
}

/// What a new constraint asks.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum NewConstraintKind {
    ForeignKey {
        columns: Vec<String>,
        referred: Name,
        /// Empty: the primary key.
        referred_columns: Vec<String>,
        match_full: bool,
    },
    Unique(UniqueKey),
    PrimaryKey(UniqueKey),
    /// The condition.
    Check(String),
    /// `CONSTRAINT … NOT NULL column` (PostgreSQL 18).
    NotNull(String),
    Exclude,
    /// `UNIQUE USING INDEX`, `PRIMARY KEY USING INDEX`: the index has looked at the rows.
    UsingIndex,
}

/// What may not be there twice.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct UniqueKey {
    /// Columns (quoted where needed) or expressions, as written.
    pub elements: Vec<String>,
    /// `NULLS NOT DISTINCT`.
    pub nulls_not_distinct: bool,
    /// The condition of a partial index.
    pub where_: Option<String>,
}

/// What the statements of a text change, in order. All are read as PostgreSQL reads them; most of what SQLite is given reads the same.
pub fn changes(flavour: Flavour, text: &str) -> Vec<Change> {
    let mut found = Vec::new();
    for piece in crate::split(flavour, text) {
        let sql = &text[piece];
        // What only another database understands is not understood here either, and opaque.
        match postgres::changes(sql) {
            Some(changes) => found.extend(changes),
            None => found.push(Change::Opaque {
                headline: crate::headline(flavour, sql, 80),
            }),
        }
    }
    found
}

#[cfg(test)]
mod tests;
