//! The closed enum of migration operations: what `alembic.op` directives mean, independent of any database.
//!
//! A dialect matches all of it without a catch-all, so that the compiler lists the work when one is added. Naming conventions, column flags and
//! dialect options are still unresolved here; `limbeck-dialect` resolves them.

mod alter;
mod batch;
mod data;
mod host;
mod recorded;

pub use alter::{AlterColumn, Change};
pub use batch::{Batch, BatchStep, Recreate};
pub use data::{BulkInsert, Execute};
pub use host::{Control, DatabaseErrorKind, Host, HostError, Inspect, Inspected, Place, ResultColumn, ResultSet};
pub use recorded::{Asked, Recorded, RecordedRevision, Stopped};

use limbeck_schema::{Column, Constraint, ConstraintName, EnumType, Ident, Index, NamingConvention, Options, Sequence, Table, TableName};
use serde::{Deserialize, Serialize};

/// One operation of a migration.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(clippy::large_enum_variant)] // few live at a time
pub enum Operation {
    CreateTable(CreateTable),
    DropTable(DropTable),
    RenameTable {
        from: TableName,
        to: Ident,
    },
    CreateTableComment {
        table: TableName,
        comment: Option<String>,
    },
    DropTableComment {
        table: TableName,
    },
    AddColumn(AddColumn),
    DropColumn(DropColumn),
    AlterColumn(Box<AlterColumn>),
    CreateIndex(CreateIndex),
    DropIndex(DropIndex),
    CreateConstraint(CreateConstraint),
    DropConstraint(DropConstraint),
    CreateSequence {
        sequence: Sequence,
        #[serde(default)]
        if_not_exists: bool,
    },
    DropSequence {
        name: TableName,
        #[serde(default)]
        if_exists: bool,
    },
    /// `CREATE TYPE … AS ENUM`; `check_first` asks the database before.
    CreateEnum {
        type_: EnumType,
        #[serde(default)]
        check_first: bool,
    },
    DropEnum {
        type_: EnumType,
        #[serde(default)]
        check_first: bool,
    },
    CreateSchema {
        name: Ident,
        #[serde(default)]
        if_not_exists: bool,
    },
    DropSchema {
        name: Ident,
        #[serde(default)]
        if_exists: bool,
        #[serde(default)]
        cascade: bool,
    },
    BulkInsert(BulkInsert),
    Execute(Execute),
    Batch(Box<Batch>),
}

/// `op.create_table(...)`, `Table.create()`, `CreateTable(t)`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CreateTable {
    pub table: Table,
    #[serde(default)]
    pub if_not_exists: bool,
    /// `checkfirst=True`: skip when the table is there.
    #[serde(default)]
    pub check_first: bool,
    /// The convention of the table's own `MetaData` (`Table.create()`); `None` is that of `target_metadata`, as for `op.create_table`.
    #[serde(default)]
    pub naming_convention: Option<NamingConvention>,
}

/// `op.drop_table(...)`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DropTable {
    pub table: TableName,
    #[serde(default)]
    pub if_exists: bool,
    #[serde(default)]
    pub check_first: bool,
    /// Columns, where known (`Table.drop()` also drops its enum types).
    #[serde(default)]
    pub columns: Vec<Column>,
    #[serde(default)]
    pub options: Options,
}

/// `op.add_column(...)`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AddColumn {
    pub table: TableName,
    pub column: Column,
    #[serde(default)]
    pub if_not_exists: bool,
    /// Whether `primary_key=True` renders inline (`inline_references`-like switches of Alembic 1.17+).
    #[serde(default)]
    pub inline_primary_key: bool,
    /// `inline_references=True`.
    #[serde(default)]
    pub inline_references: bool,
}

/// `op.drop_column(...)`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DropColumn {
    pub table: TableName,
    pub column: Ident,
    #[serde(default)]
    pub if_exists: bool,
    #[serde(default)]
    pub options: Options,
}

/// `op.create_index(...)`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CreateIndex {
    pub index: Index,
    #[serde(default)]
    pub if_not_exists: bool,
}

/// `op.drop_index(...)`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DropIndex {
    pub name: ConstraintName,
    #[serde(default)]
    pub table: Option<TableName>,
    /// The schema when no table is given.
    #[serde(default)]
    pub schema: Option<Ident>,
    #[serde(default)]
    pub if_exists: bool,
    #[serde(default)]
    pub options: Options,
}

/// `op.create_unique_constraint`, `create_check_constraint`, `create_foreign_key`, `create_primary_key`, `create_exclude_constraint`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CreateConstraint {
    pub table: TableName,
    pub constraint: Constraint,
}

/// The kind given as `type_=`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConstraintKind {
    PrimaryKey,
    Unique,
    Check,
    ForeignKey,
}

/// `op.drop_constraint(...)`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DropConstraint {
    pub table: TableName,
    pub name: ConstraintName,
    #[serde(default)]
    pub kind: Option<ConstraintKind>,
    #[serde(default)]
    pub if_exists: bool,
    #[serde(default)]
    pub options: Options,
}
