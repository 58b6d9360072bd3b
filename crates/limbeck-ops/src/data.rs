//! Operations on rows, and SQL that scripts write themselves.

use limbeck_expr::Query;
use limbeck_schema::{ColumnType, Expr, Ident, TableName};
use serde::{Deserialize, Serialize};

/// `op.bulk_insert(table, rows, multiinsert=)`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BulkInsert {
    pub table: TableName,
    pub columns: Vec<(Ident, ColumnType)>,
    /// Each row: column name to value (a `Bind`, or an inline literal).
    pub rows: Vec<Vec<(Ident, Expr)>>,
    pub multi_insert: bool,
}

/// `op.execute(...)` and statements given to a connection for their effect.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Execute {
    pub query: Query,
    /// Whether the script asked for autocommit around it (`execution_options`).
    #[serde(default)]
    pub autocommit: bool,
}
