//! SQL expression and statement trees, literal values.
