//! What can be wrong with a project and its database, and what mends it.
//!
//! A check is a function from facts to an [`Answer`]; each has a file in `checks/`, a page in `pages/` (what it checks, why it matters, an example, what to do,
//! when the fix is safe) and a line in [`CHECKS`]. Whoever gathers the facts makes an [`Outcome`] of the answer and puts it into a [`Report`].
//!
//! Nothing here connects, reads files, prints, or runs Python; `pending/` asks over a connection that it is given.

pub mod alembic_features;
pub mod alembic_pins;
mod answer;
pub mod checks;
mod finding;
pub mod pending;
pub mod python_version;
mod report;
pub mod touches;
mod words;

pub use answer::Answer;
pub use checks::{CHECKS, Check};
pub use finding::{Finding, Fix, Remedy, Severity};
pub use report::{Outcome, Report};
