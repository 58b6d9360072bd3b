//! `op.batch_alter_table(...)`: steps collected until the block ends.

use crate::{AlterColumn, CreateIndex, DropIndex, Execute};
use limbeck_schema::{Column, ColumnType, Constraint, ConstraintName, Ident, Index, NamingConvention, Options, Table, TableName};
use serde::{Deserialize, Serialize};

/// `recreate=`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Recreate {
    #[default]
    Auto,
    Always,
    Never,
}

/// A step inside the block.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(clippy::large_enum_variant)] // few live at a time
pub enum BatchStep {
    AddColumn {
        column: Column,
        #[serde(default)]
        insert_before: Option<Ident>,
        #[serde(default)]
        insert_after: Option<Ident>,
        #[serde(default)]
        if_not_exists: bool,
        #[serde(default)]
        inline_references: bool,
        #[serde(default)]
        inline_primary_key: bool,
    },
    DropColumn {
        column: Ident,
        #[serde(default)]
        if_exists: bool,
        /// A named Boolean or Enum whose check goes with the column.
        #[serde(default)]
        existing_type: Option<ColumnType>,
    },
    AlterColumn(Box<AlterColumn>),
    CreateConstraint(Constraint),
    DropConstraint {
        name: ConstraintName,
        #[serde(default)]
        kind: Option<crate::ConstraintKind>,
    },
    CreateIndex(CreateIndex),
    DropIndex(DropIndex),
    CreateTableComment {
        comment: Option<String>,
    },
    DropTableComment,
    RenameTable {
        to: Ident,
    },
    Execute(Execute),
}

/// The whole block.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Batch {
    pub table: TableName,
    #[serde(default)]
    pub recreate: Recreate,
    /// A description to use instead of reading the table from the database.
    #[serde(default)]
    pub copy_from: Option<Table>,
    /// `table_args=`: further constraints, indexes and columns of the new table.
    #[serde(default)]
    pub extra_constraints: Vec<Constraint>,
    #[serde(default)]
    pub extra_indexes: Vec<Index>,
    #[serde(default)]
    pub table_options: Options,
    /// `reflect_args=`: columns that replace what is read.
    #[serde(default)]
    pub reflect_columns: Vec<Column>,
    #[serde(default)]
    pub naming_convention: Option<NamingConvention>,
    #[serde(default)]
    pub partial_reordering: Vec<Vec<Ident>>,
    pub steps: Vec<BatchStep>,
}
