//! What a run is about: which database, which version table, which conventions; from the command line, the environment, env.py and the ini, in that order.

use limbeck_db::{DatabaseUrl, Secret};
use limbeck_dialect::{DialectName, VersionTable};
use limbeck_schema::NamingConvention;

/// Where the URL came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UrlSource {
    /// `--url`.
    Option,
    /// `-x url=` or `-x dburl=`.
    XArgument(String),
    /// `DATABASE_URL`.
    DatabaseUrl,
    /// What env.py decided.
    Env,
    /// `sqlalchemy.url` in the configuration file.
    Ini,
    /// `DB_HOST` and its kin.
    Parts,
}

/// What env.py passes to `context.configure(...)`, as far as a run depends on it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct EnvOptions {
    pub transaction_per_migration: bool,
    pub transactional_ddl: Option<bool>,
    pub literal_binds: bool,
    pub paramstyle: Option<String>,
    pub render_as_batch: bool,
    /// Whether `target_metadata` was given.
    pub has_metadata: bool,
    /// Whether `output_buffer` and the like send `--sql` elsewhere is not known here; `as_sql=True` in configure is.
    pub as_sql: bool,
    /// The options as they were given.
    pub raw: serde_json::Map<String, serde_json::Value>,
}

/// One database to work on, and how.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Absent only for `--sql` with a dialect name.
    pub url: Option<DatabaseUrl>,
    pub url_source: UrlSource,
    /// The URL as scripts see it, with its password.
    pub url_text: Option<Secret>,
    pub driver: Option<String>,
    pub dialect: DialectName,
    pub version_table: VersionTable,
    pub naming: NamingConvention,
    pub options: EnvOptions,
    /// Statements env.py runs on the connection before the migrations.
    pub setup: Vec<String>,
    /// Whether owners and privileges belong to the schema that is compared.
    pub grants: bool,
    /// Keyword arguments of `context.run_migrations(**kw)`.
    pub arguments: serde_json::Map<String, serde_json::Value>,
}

impl Settings {
    /// The schema a connection uses when none is named, where that is fixed.
    pub fn default_schema(&self) -> Option<String> {
        match self.dialect {
            DialectName::Postgresql => Some("public".into()),
            DialectName::Sqlite => Some("main".into()),
            DialectName::Mysql => None,
        }
    }
}
