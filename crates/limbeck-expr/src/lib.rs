//! SQL expression and statement trees, column types and literal values.
//!
//! These are plain values: nothing here knows a dialect, renders text or talks to a database. They are `serde` types because they cross
//! one border, from the Python engine's vocabulary objects into Rust: an enum is the pair `(tag, payload)` or the bare tag, a struct a
//! mapping. Rendering them is the work of `limbeck-dialect`.

mod expr;
mod ident;
mod literal;
mod statement;
mod types;

pub use expr::{BindParam, Expr, FromItem, FromName, OrderBy, WindowFrame};
pub use ident::{Ident, TableName};
pub use literal::Literal;
pub use statement::{
    Assignment, ConflictAction, ConflictTarget, CteDef, Delete, Insert, InsertSource, Join, JoinKind, OnConflict, Query, Select, SetOperation, TextQuery,
    Update,
};
pub use types::{ColumnType, DomainType, EnumType, MysqlType};
