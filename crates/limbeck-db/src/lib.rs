//! Connections, database URLs, reading a database's schema, the version table.
//!
//! The layer knows how to reach a database and to run one text on it; what the text is comes from `limbeck-dialect`, and when it runs is the
//! runner's business. Connections are blocking: a statement is one write and one read, and another thread may cancel it through a
//! [`CancelHandle`].
//!
//! Nothing here reads the process's environment except [`Environment::of_process`]; no error and no `Debug` output contains a password.

mod acquire;
mod activity;
mod companion;
mod connection;
mod environment;
mod error;
mod introspect;
mod pooler;
mod postgres;
mod secret;
mod sqlite;
mod unsound;
mod url;
mod version;

pub use acquire::{LockError, acquire, acquire_work_lock};
pub use activity::{DatabaseSession, IndexBuild, IndexProgress, Leftover, LockHolder, LockReport, leftovers, lock_report, sessions};
pub use companion::{Companion, Identity, LockKey, companion, schema_of};
pub use connection::{CancelHandle, Connection, Notice, connect, label};
pub use environment::Environment;
pub use error::{DbError, ServerFields};
pub use introspect::{Filter, introspect};
pub use pooler::{pooler_refused, transaction_pooler};
pub use postgres::{Host, HostSpec, Postgres, PostgresSettings, SslMode, TargetSession};
pub use secret::Secret;
pub use sqlite::{Sqlite, file_lock_holder, sqlite_file};
pub use unsound::{DisabledTrigger, InvalidIndex, Unsound, UnvalidatedConstraint, unsound};
pub use url::{Backend, DatabaseUrl, UrlError};
pub use version::read_versions;
