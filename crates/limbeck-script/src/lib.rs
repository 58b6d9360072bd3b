//! Project discovery, configuration, script directory, headers read statically, templates.
//!
//! Start with [`Project::find`], then [`ScriptDirectory::load`]. Nothing here runs a script or touches a database, and
//! nothing prints.

pub mod config;
pub mod date;
pub mod directory;
pub mod discover;
pub mod error;
pub mod eval;
pub mod header;
pub mod ini;
pub mod mako;
mod methods;
pub mod percent;
pub mod project;
pub mod value;

pub use config::{Config, OptionValue};
pub use date::CreateDate;
pub use directory::{ScriptDirectory, ScriptFile, read_source};
pub use discover::ConfigRequest;
pub use error::{AlembicKind, ScriptError};
pub use header::{ComputedHeader, Header, Outcome};
pub use ini::{Ini, IniError};
pub use project::{Notice, NoticeKind, PostWriteHook, Project};
pub use value::Value;
