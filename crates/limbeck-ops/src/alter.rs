//! `op.alter_column(...)`.

use limbeck_schema::{ColumnType, Ident, Options, ServerDefault, TableName};
use serde::{Deserialize, Serialize};

/// A value that may be left as it is (Alembic's `False` default), cleared or set.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Change<T> {
    /// Not mentioned.
    #[default]
    Keep,
    /// `None`.
    Clear,
    /// A new value.
    Set(T),
}

/// `op.alter_column(...)`: every field is the argument of the same name.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AlterColumn {
    pub table: TableName,
    pub column: Ident,
    #[serde(default)]
    pub nullable: Option<bool>,
    #[serde(default)]
    pub server_default: Change<ServerDefault>,
    #[serde(default)]
    pub comment: Change<String>,
    #[serde(default)]
    pub new_name: Option<Ident>,
    #[serde(default)]
    pub type_: Option<ColumnType>,
    #[serde(default)]
    pub autoincrement: Option<bool>,
    #[serde(default)]
    pub existing_type: Option<ColumnType>,
    #[serde(default)]
    pub existing_server_default: Change<ServerDefault>,
    #[serde(default)]
    pub existing_nullable: Option<bool>,
    #[serde(default)]
    pub existing_autoincrement: Option<bool>,
    #[serde(default)]
    pub existing_comment: Option<String>,
    /// `postgresql_using` and its kin.
    #[serde(default)]
    pub options: Options,
}
