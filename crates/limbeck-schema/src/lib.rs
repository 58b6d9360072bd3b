//! The schema model: tables, columns, constraints, indexes, sequences, and how unnamed constraints get their names.
//!
//! One model serves both directions: scripts describe tables with it (flags such as `index=True` still unresolved), and reading a database
//! produces it. Dialect keyword arguments (`postgresql_using`, `sqlite_autoincrement`) travel in `Options` under their full name.

pub mod catalogue;
mod column;
mod constraint;
mod naming;
mod options;
mod table;

pub use column::{Autoincrement, Column, Computed, Identity, Sequence, ServerDefault};
pub use constraint::{CheckConstraint, Constraint, ConstraintName, ExcludeConstraint, ForeignKey, KeyConstraint};
pub use naming::{NamingConvention, NamingToken};
pub use options::{OptionValue, Options};
pub use table::{Index, Table};

pub use limbeck_expr::{ColumnType, DomainType, EnumType, Expr, Ident, Literal, MysqlType, TableName};
