//! Project discovery, configuration, script directory, headers read statically, templates.
//!
//! Start with [`Project::find`], then [`ScriptDirectory::load`]; [`generate`] writes new revisions, [`init`] new
//! projects. Nothing here runs a script or touches a database, and nothing prints: what the user should hear comes back
//! as [`Notice`]s or goes to a [`Progress`]. Only post-write hooks and the editor are programs that are run.

pub mod config;
pub mod date;
pub mod directory;
pub mod discover;
pub mod editor;
pub mod error;
pub mod eval;
pub mod generate;
pub mod header;
mod hooks;
pub mod ini;
pub mod init;
pub mod mako;
mod meaning;
mod methods;
mod misspelt;
pub mod percent;
pub mod progress;
pub mod project;
pub mod sql_file;
pub mod value;
pub mod write;

pub use config::{Config, OptionValue};
pub use date::CreateDate;
pub use directory::{ScriptDirectory, ScriptFile, read_source};
pub use discover::ConfigRequest;
pub use error::{AlembicKind, ScriptError};
pub use generate::{NewRevision, WrittenRevision};
pub use header::{ComputedHeader, Header, Outcome};
pub use ini::{Ini, IniError};
pub use meaning::{digest, meaning};
pub use misspelt::{Misspelt, misspelt};
pub use progress::{Progress, Silent};
pub use project::{Notice, NoticeKind, PostWriteHook, Project};
pub use value::Value;
