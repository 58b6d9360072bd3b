//! Dialect keyword arguments as scripts give them.

use indexmap::IndexMap;
use limbeck_expr::Expr;
use serde::{Deserialize, Serialize};

/// Keyword arguments by full name (`postgresql_where`), in the order given.
pub type Options = IndexMap<String, OptionValue>;

/// A keyword argument's value.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OptionValue {
    /// `None`.
    Null,
    /// `True`, `False`.
    Bool(bool),
    /// An integer.
    Int(i64),
    /// A float.
    Float(f64),
    /// A string.
    Text(String),
    /// A list, tuple or set.
    List(Vec<OptionValue>),
    /// A mapping with string keys.
    Map(IndexMap<String, OptionValue>),
    /// A column element or `text()`.
    Expr(Expr),
}

impl OptionValue {
    /// Python's truth value.
    pub fn is_truthy(&self) -> bool {
        match self {
            OptionValue::Null => false,
            OptionValue::Bool(value) => *value,
            OptionValue::Int(value) => *value != 0,
            OptionValue::Float(value) => *value != 0.0,
            OptionValue::Text(value) => !value.is_empty(),
            OptionValue::List(value) => !value.is_empty(),
            OptionValue::Map(value) => !value.is_empty(),
            OptionValue::Expr(_) => true,
        }
    }

    /// The string, if it is one.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            OptionValue::Text(text) => Some(text),
            _ => None,
        }
    }
}
