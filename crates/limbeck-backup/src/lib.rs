//! Backups by the database's own tools, each with a manifest beside it, and restoring them.
//!
//! A backup of PostgreSQL is what its `pg_dump` writes, one of SQLite what its online backup copies: both can be restored without Limbeck. The manifest says what is in it (revisions,
//! rows of each table, the hash of the file), so that damage is found before a restore touches anything, and loss after it.
//!
//! A file appears under its name when it is whole: it is written beside (`.partial`), brought to the disk and renamed. The same holds for databases: a restore fills a new one and
//! swaps the names, or works in one transaction.
//!
//! Absent: printing, the graph of revisions (its hashes are given), scratch databases. Dumps are trusted input: a plain one may run any SQL as the role that restores it.

#![warn(missing_docs)]

mod error;
mod format;
mod hash;
mod list;
mod manifest;
mod partial;
mod postgres;
mod space;
mod sqlite;
mod stream;
mod verdict;
mod watch;

pub use error::BackupError;
pub use format::{Compression, Format, Kind, kind_of};
pub use list::{Listed, list, prune};
pub use manifest::{MANIFEST_VERSION, Manifest, Properties, RoleSetting, manifest_path};
pub use postgres::{
    DumpRequest, Facts, Fill, InPlace, NewDatabase, Places, Program, Server, Session, Swapped, compare, dump, fill, find_tool, in_place, inspect, now,
};
pub use space::{free_space, require_space};
pub use sqlite::{SqliteRequest, SqliteRestored, backup_sqlite, check_sqlite, restore_sqlite};
pub use verdict::{Checked, Comparison, Taken, check_file};
pub use watch::{Event, Watch};
