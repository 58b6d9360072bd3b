//! SQLite.

pub(crate) mod alter;
pub(crate) mod column;
pub(crate) mod constraint;
pub(crate) mod ident;
pub(crate) mod index;
pub(crate) mod table;
pub(crate) mod types;
