//! The revision graph, target grammar and walks; knows nothing of SQL, files or databases.
//!
//! [`Graph::build`] takes the headers of all revision files and answers what Alembic answers about them: heads, the
//! revisions a target such as `head-1` or `label@+2` names, the steps from the rows of a version table to a target,
//! and the row changes of each step. The rules are Alembic 1.20's, checked by replaying its own answers
//! (`tests/alembic.jsonl`); texts that programs read are kept in [`GraphError::alembic_text`].
//!
//! Words used throughout:
//! - *down*: a revision's `down_revision`; *next*: the other direction;
//! - *dependency*: its `depends_on`; *all downs*: downs and dependencies together; *normalized downs*: all downs
//!   without dependencies that an ancestor already has;
//! - *head*: no revision has it as a down; *effective head* ("real" in Alembic): none depends on it either;
//! - *rows*: what the version table holds.
//!
//! Revisions are numbered in load order and every walk is a sweep over marks, so that 10,000 revisions of any shape
//! stay linear. Nothing here reads files or prints.

mod build;
mod collect;
mod error;
mod graph;
mod header;
mod label;
mod links;
mod order;
mod place;
mod reach;
mod resolve;
mod rows;
mod stamp;
mod step;
mod target;
mod walk;
mod work;

pub use build::{Built, LoadWarning};
pub use error::{ErrorKind, GraphError};
pub use graph::{Graph, Index};
pub use header::RevisionHeader;
pub use rows::{RowChange, RowError, VersionRows};
pub use step::{Stamp, Step, Steps};
pub use target::{Target, split_history_range, split_range};
