//! Between Python values and the Rust models: a serde deserializer and serializer over VM objects, without JSON in between.
//!
//! Conventions: an enum is `(tag, payload)` or a bare tag, a struct is a dict with `str` keys, an option is `None` or the value, a tuple variant's
//! payload is a tuple.

mod literal;
mod read;
mod write;

pub(crate) use literal::literal_to_python;
pub(crate) use read::from_python;
pub(crate) use write::to_python;

use std::fmt;

/// Why a value could not cross, with the path to it (`create_table.table.columns[2].type_`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct BridgeError {
    path: Vec<String>,
    message: String,
}

impl BridgeError {
    fn new(message: impl Into<String>) -> Self {
        BridgeError {
            path: Vec::new(),
            message: message.into(),
        }
    }

    fn inside(mut self, step: impl Into<String>) -> Self {
        self.path.push(step.into());
        self
    }
}

impl fmt::Display for BridgeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.path.is_empty() {
            let path: Vec<&str> = self.path.iter().rev().map(String::as_str).collect();
            write!(f, "at `{}`: ", path.join("."))?;
        }
        f.write_str(&self.message)
    }
}

impl std::error::Error for BridgeError {}

impl serde::de::Error for BridgeError {
    fn custom<T: fmt::Display>(message: T) -> Self {
        BridgeError::new(message.to_string())
    }
}

impl serde::ser::Error for BridgeError {
    fn custom<T: fmt::Display>(message: T) -> Self {
        BridgeError::new(message.to_string())
    }
}

#[cfg(test)]
mod tests;
