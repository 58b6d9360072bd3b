//! Two schemas to the steps between them, and steps to the text of a revision.
//!
//! [`alembic::compare`] follows Alembic's rules for what counts as a change and in which order changes come; [`render`] writes steps as the Python that
//! Alembic writes; [`operations`] turns them into [`limbeck_ops::Operation`]s for running and for SQL. Nothing here connects to a database: both
//! sides come as values, and what only a server or the project's own hooks can tell is asked through [`Hooks`].

pub mod alembic;
mod arrange;
mod hooks;
mod lower;
pub mod own;
pub mod render;
mod step;
pub mod tuples;
pub mod words;

pub(crate) use alembic::alembic_default;
pub use arrange::arranged;
pub use hooks::{Hooks, NameCall, NoHooks, Object, ObjectCall, ObjectKind};
pub use lower::{operations, statements};
pub use step::{Alteration, Default, Modify, OwnLines, Side, Sided, Step, TableChange, reversed};

/// What comparing and rendering can fail with: a hook, or a name the dialect cannot hold.
pub type Result<T> = std::result::Result<T, limbeck_ops::HostError>;
