//! Naming conventions: `MetaData(naming_convention={...})`.

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

/// A custom token of a convention that was a Python callable: its values cannot be known here.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NamingToken {
    /// The token's name.
    pub name: String,
}

/// Name patterns by constraint kind: `ix`, `uq`, `ck`, `fk`, `pk`, with SQLAlchemy's `%(table_name)s` tokens. The default has only
/// SQLAlchemy's own `ix`: `ix_%(column_0_label)s`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct NamingConvention {
    /// Pattern by kind.
    pub patterns: IndexMap<String, String>,
    /// Custom tokens, refused with a clear error where a pattern uses one.
    pub custom: Vec<NamingToken>,
}

impl Default for NamingConvention {
    fn default() -> Self {
        let mut patterns = IndexMap::new();
        patterns.insert("ix".to_string(), "ix_%(column_0_label)s".to_string());
        NamingConvention { patterns, custom: Vec::new() }
    }
}
