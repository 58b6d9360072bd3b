//! Private database servers for tests.
//!
//! A test asks for [`Server::shared`] and then for a database of its own; nothing outside a temporary
//! directory is touched, and the server is gone when the test process is, however it ended. Limbeck's own
//! crates are not used here, so that every one of them can use this crate.
//!
//! ```no_run
//! let database = limbeck_test::Server::shared().unwrap().create_database();
//! database.psql("create table t (id int)").unwrap();
//! assert!(database.dump().contains("CREATE TABLE public.t"));
//! ```

mod binaries;
mod database;
mod dump;
mod fingerprint;
mod proxy;
mod server;
mod sqlite;

pub use binaries::{Binaries, INSTALL_HINT};
pub use database::Database;
pub use dump::{normalise_postgresql, sqlite_schema};
pub use fingerprint::{difference, postgresql_fingerprint, sqlite_fingerprint};
pub use proxy::{Action, Counted, Fault, Moment, Proxy, Sent};
pub use server::{Options, SERVER_VARIABLE, Server};
pub use sqlite::{Sqlite, execute_sqlite};
