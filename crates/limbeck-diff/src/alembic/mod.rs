//! Alembic's comparison: what counts as a change, the lines it logs, the order of the steps. Learnt from the behaviour of Alembic 1.20.
//!
//! Tables come first: those to create in the order of the models, those to drop, then the changes of each table by name. Where Alembic walks a set,
//! the order here is one that works: dependants are dropped before what they refer to.

mod checks;
mod columns;
mod comments;
mod constraint;
mod defaults;
mod foreign_keys;
mod index_text;
mod indexes;
mod primary_key;
mod tables;
mod types;

pub(crate) use defaults::{of as alembic_default, same_expression};
pub use tables::compare;
pub use types::same_type;

use crate::{Hooks, Step};
use limbeck_dialect::DialectName;
use limbeck_schema::{NamingConvention, TableName};
use std::collections::HashMap;

/// `compare_type` and `compare_server_default`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Toggle {
    /// Off.
    Off,
    /// By Alembic's rules.
    On,
    /// The project's callable first, then by the rules.
    Hook,
    /// Every difference that is one to the server (defaults).
    Strict,
}

/// Alembic's comparison plugins, as `autogenerate_plugins` selects them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Plugins {
    pub tables: bool,
    pub types: bool,
    pub constraints: bool,
    pub defaults: bool,
    pub comments: bool,
    /// `alembic.ext.checkconstraint_byname`.
    pub checks: bool,
}

impl Default for Plugins {
    fn default() -> Self {
        Plugins {
            tables: true,
            types: true,
            constraints: true,
            defaults: true,
            comments: true,
            checks: false,
        }
    }
}

/// How to compare.
#[derive(Debug, Clone)]
pub struct Options {
    /// The database's dialect.
    pub dialect: DialectName,
    /// The schema that tables without one are in.
    pub default_schema: Option<String>,
    /// Conventions for unnamed constraints of the models.
    pub naming: NamingConvention,
    /// The conventions of tables whose metadata has another one.
    pub other_naming: HashMap<TableName, NamingConvention>,
    /// Version tables, never proposed for dropping.
    pub version_tables: Vec<TableName>,
    /// `compare_type`.
    pub compare_type: Toggle,
    /// `compare_server_default`.
    pub compare_server_default: Toggle,
    /// What is compared.
    pub plugins: Plugins,
    /// The models' types as `repr()` shows them, by table and column, where the types do not say it themselves.
    pub shown: HashMap<(TableName, String), String>,
    /// Whether checks are compared by what they say, in the server's words, instead of by name; and primary keys too.
    pub strict: bool,
}

impl Options {
    /// Alembic's defaults.
    pub fn new(dialect: DialectName) -> Self {
        Options {
            dialect,
            default_schema: None,
            naming: NamingConvention::default(),
            other_naming: HashMap::new(),
            version_tables: vec![TableName::new("alembic_version")],
            compare_type: Toggle::On,
            compare_server_default: Toggle::Off,
            plugins: Plugins::default(),
            shown: HashMap::new(),
            strict: false,
        }
    }
}

/// A line Alembic logs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogLine {
    /// The logger.
    pub logger: &'static str,
    /// The text.
    pub text: String,
}

/// What a comparison found.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Changes {
    /// What turns the database into the models, in order. [`crate::reversed`] gives the way back.
    pub steps: Vec<Step>,
    /// What Alembic logs.
    pub log: Vec<LogLine>,
    /// What Alembic warns of.
    pub warnings: Vec<String>,
}

/// A comparison at work.
struct Comparison<'a> {
    options: &'a Options,
    hooks: &'a mut dyn Hooks,
    log: Vec<LogLine>,
    warnings: Vec<String>,
}

impl Comparison<'_> {
    fn log(&mut self, module: &'static str, text: String) {
        self.log.push(LogLine { logger: module, text });
    }
}

const TABLES: &str = "alembic.autogenerate.compare.tables";
const TYPES: &str = "alembic.autogenerate.compare.types";
const CONSTRAINTS: &str = "alembic.autogenerate.compare.constraints";
const DEFAULTS: &str = "alembic.autogenerate.compare.server_defaults";
const COMMENTS: &str = "alembic.autogenerate.compare.comments";
const CHECKS: &str = "alembic.ext.checkconstraint_byname";
