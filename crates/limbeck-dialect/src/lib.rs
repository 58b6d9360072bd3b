//! Operation to statements, per database, with the text Alembic 1.20 and SQLAlchemy 2.1 give.
//!
//! [`compile`] turns one [`Operation`] into statements in the order Alembic sends them, [`compile_query`] one [`Query`]. Both are pure but for what they
//! ask of the [`Catalog`] of a live database (does a table or type exist; what does a table look like, for SQLite's batch mode). Nothing here connects,
//! runs or prints.
//!
//! How it reads: `resolve` settles every flag and name of a table, `render` and `expr` write expressions, `operations` holds one file per
//! family of operations with Alembic's order of statements, and the folders `postgres`, `sqlite`, `mysql` hold what differs, under the same file names.

mod alter;
mod autoincrement;
mod batch;
mod column;
mod constraint;
mod context;
mod driver;
mod error;
mod expr;
mod ident;
mod index;
mod literal;
mod mentions;
mod mysql;
mod naming;
mod operations;
mod option;
mod postgres;
mod query;
mod render;
mod resolve;
mod settled;
mod spell;
mod sqlite;
mod statement;
mod table;
mod text;
mod types;
mod version;

pub use context::{BindMode, Catalog, Context, Memo, ParamStyle};
pub use error::Result;
pub use settled::{Settled, expression_sql, fitting_name, grouped_expression_sql, mentioned_columns, same_affinity, settle};
pub use statement::Statement;
pub use version::VersionTable;

use limbeck_expr::{ColumnType, Ident, Literal, Query};
use limbeck_ops::Operation;

/// A family of databases.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum DialectName {
    Postgresql,
    Sqlite,
    Mysql,
}

impl DialectName {
    /// SQLAlchemy's name.
    pub fn name(self) -> &'static str {
        match self {
            DialectName::Postgresql => "postgresql",
            DialectName::Sqlite => "sqlite",
            DialectName::Mysql => "mysql",
        }
    }

    /// The dialect of a SQLAlchemy name; `mariadb` counts as MySQL.
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "postgresql" | "postgres" => Some(DialectName::Postgresql),
            "sqlite" => Some(DialectName::Sqlite),
            "mysql" | "mariadb" => Some(DialectName::Mysql),
            _ => None,
        }
    }

    /// The class name Alembic prints: `Context impl PostgresqlImpl.`
    pub fn impl_name(self) -> &'static str {
        match self {
            DialectName::Postgresql => "PostgresqlImpl",
            DialectName::Sqlite => "SQLiteImpl",
            DialectName::Mysql => "MySQLImpl",
        }
    }

    /// Whether Alembic takes DDL to be transactional.
    pub fn transactional_ddl(self) -> bool {
        self == DialectName::Postgresql
    }

    /// The longest name SQLAlchemy lets through.
    pub fn max_identifier_length(self) -> usize {
        match self {
            DialectName::Postgresql => 63,
            DialectName::Sqlite => 9999,
            DialectName::Mysql => 255,
        }
    }

    /// What generated constraint and index names are cut to.
    pub(crate) fn max_constraint_name_length(self) -> usize {
        match self {
            DialectName::Mysql => 64,
            other => other.max_identifier_length(),
        }
    }

    /// Whether `true` and `false` are words.
    pub(crate) fn has_boolean(self) -> bool {
        self != DialectName::Sqlite
    }

    /// Whether BOOLEAN is a type of its own rather than a small number.
    pub(crate) fn has_native_boolean(self) -> bool {
        self == DialectName::Postgresql
    }

    pub(crate) fn has_enum(self) -> bool {
        self != DialectName::Sqlite
    }

    /// Whether comments are statements of their own.
    pub(crate) fn comments_separately(self) -> bool {
        self == DialectName::Postgresql
    }
}

/// Compiles one operation; its statements are appended to `out` in the order they are to run.
///
/// # Errors
/// The dialect has no words for it, with SQLAlchemy's or Alembic's text. Statements that Alembic would have sent before the error are in `out`.
pub fn compile(dialect: DialectName, operation: &Operation, ctx: &mut Context<'_>, out: &mut Vec<Statement>) -> Result<()> {
    operations::Compiler::new(dialect, ctx, out).operation(operation)
}

/// Compiles one query.
///
/// # Errors
/// A value is missing or cannot be written, or the dialect has no words for the query.
pub fn compile_query(dialect: DialectName, query: &Query, ctx: &mut Context<'_>) -> Result<Statement> {
    let render = render::Render::query(dialect, ctx);
    let sql = query::render(&render, query)?;
    let mut params = render.into_params();
    if let Query::Raw { params: raw, .. } = query {
        params = raw.iter().map(driver::raw_param).collect();
    }
    if ctx.binds != BindMode::Driver {
        params.clear();
    }
    let sql = if ctx.offline { sql.replace('\t', "    ").trim().to_string() } else { sql };
    Ok(Statement { sql, params })
}

/// Quotes a name where the dialect needs it.
pub fn quote_ident(dialect: DialectName, ident: &Ident) -> String {
    quoter(dialect).ident(ident)
}

/// Spells a type.
///
/// # Errors
/// The type has no name in the dialect.
pub fn type_sql(dialect: DialectName, type_: &ColumnType) -> Result<String> {
    match dialect {
        DialectName::Postgresql => postgres::types::sql(type_),
        DialectName::Sqlite => sqlite::types::sql(type_),
        DialectName::Mysql => mysql::types::sql(type_),
    }
}

/// Writes a value into SQL text, as `literal_binds=True` does.
///
/// # Errors
/// SQLAlchemy has no literal form for it.
pub fn literal(dialect: DialectName, value: &Literal, type_: Option<&ColumnType>) -> Result<String> {
    let naming = limbeck_schema::NamingConvention::default();
    let mut memo = Memo::default();
    let ctx = Context::offline(&naming, &mut memo);
    literal::render(&render::Render::ddl(dialect, &ctx), value, type_)
}

/// Whether a type is an integer to SQLAlchemy: what `autoincrement` asks.
pub fn is_integer(type_: &ColumnType) -> bool {
    types::affinity(type_) == types::Affinity::Integer
}

fn quoter(dialect: DialectName) -> ident::Quoter {
    ident::Quoter {
        dialect,
        double_percents: false,
    }
}
