//! `target_metadata` as data: the tables that the project's models describe, for comparing them with a database.
//!
//! env.py is evaluated as ever, but nothing of the project may be missing here: imports stay where they are written (`sink` is off), and a part of the
//! models that could not be loaded is an error, because its tables would look like tables that nobody wants any more.

mod ask;
mod derive;
mod evaluate;
mod hooks;
mod options;
mod order;

pub(crate) use ask::{ask, process, reflected};
pub(crate) use evaluate::{evaluate, python_module};
pub use hooks::{DirectiveStep, Directives, HookAnswer, HookCall, Item, ObjectRef, OwnOperation, Side};
pub use options::{AutogenerateOptions, Switch};

use crate::env::EnvOutcome;
use limbeck_schema::{NamingConvention, Sequence, Table, TableName};
use serde::{Deserialize, Serialize};

/// Everything env.py and the models say about the wanted schema.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct WantedMetadata {
    /// One for each `context.configure(...)`, in order, as `env.targets`.
    pub targets: Vec<TargetMetadata>,
    /// What env.py decided besides, with the files and variables that all this depends on.
    pub env: EnvOutcome,
    /// Statements of the project's modules that were passed over because a package is not there, and that seem to have nothing to do with tables.
    pub passed: Vec<PassedOver>,
    /// What read them, if not the engine of this build: the hash of the script that the project's own Python ran.
    pub reader: Option<String>,
}

/// The metadata and the options of one `context.configure(...)`.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct TargetMetadata {
    /// Whether there is a `target_metadata` at all; Alembic refuses to compare without one.
    pub given: bool,
    /// `target_metadata`, or each item of the list.
    pub metadata: Vec<MetadataData>,
    /// The options.
    pub options: AutogenerateOptions,
    /// The dialect that types were encoded for.
    pub dialect: Option<String>,
    /// How a script writes the column types that their encoding alone does not tell.
    pub spellings: Vec<TypeSpelling>,
}

/// One `MetaData`.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct MetadataData {
    /// In the order in which they can be created (`sorted_tables`). Names are as given, flags of columns are not resolved.
    pub tables: Vec<Table>,
    /// `MetaData(schema=…)`.
    pub schema: Option<String>,
    /// `MetaData(naming_convention=…)`. With tokens that are functions the names are settled already, and the convention here is the default.
    pub naming: NamingConvention,
    /// Sequences that belong to the metadata and to no column.
    pub sequences: Vec<Sequence>,
}

/// A column type as a script writes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TypeSpelling {
    /// The table.
    pub table: TableName,
    /// The column's name.
    pub column: String,
    /// For example `postgresql.JSONB(astext_type=sa.Text())`.
    pub text: String,
    /// Import lines that it needs.
    #[serde(default)]
    pub imports: Vec<String>,
    /// As `repr()` shows it, which is how logs do.
    #[serde(default)]
    pub shown: String,
    /// Modules of the project that the text names and Alembic does not import.
    #[serde(default)]
    pub modules: Vec<String>,
}

/// A statement of a module that failed for want of a package and was passed over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PassedOver {
    /// The file.
    pub file: std::path::PathBuf,
    /// 1-based line.
    pub line: u32,
    /// Why it failed.
    pub reason: String,
    /// Whether tables may be missing because of it.
    pub matters: bool,
}
