//! SQLite: the library inside the binary, behaving as Python's sqlite3 module does where a script can tell.

mod create_table;
mod errors;
mod inspect;
mod introspect;
mod lock_file;
mod types;
mod values;
mod watch;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use limbeck_expr::Literal;
use limbeck_ops::{DatabaseErrorKind, Inspect, Inspected, ResultColumn, ResultSet};
use limbeck_schema::catalogue::Catalogue;
use limbeck_schema::{Sequence, Table};
use rusqlite::config::DbConfig;
use rusqlite::fallible_iterator::FallibleIterator as _;
use rusqlite::{Batch, OpenFlags};

use crate::connection::CancelKind;
use crate::error::STATEMENT_FAILED;
use crate::{Backend, CancelHandle, Connection, DatabaseUrl, DbError, Filter, Notice};

pub(crate) use lock_file::LockFile;
pub use lock_file::file_lock_holder;

/// A connection to a SQLite file, or to a database in memory.
pub struct Sqlite {
    connection: rusqlite::Connection,
    label: String,
    interrupt: Arc<rusqlite::InterruptHandle>,
}

/// Python's sqlite3 waits so long for a lock.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// Where a URL leads.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Place {
    Memory,
    File(PathBuf),
    /// A `file:` URI with SQLite's own parameters.
    Uri(String),
}

/// Query keys for Python's driver; only `uri` and `timeout` mean something to SQLite itself.
const DRIVER_KEYS: &[&str] = &["uri", "timeout", "isolation_level", "detect_types", "check_same_thread", "cached_statements"];

impl Sqlite {
    /// Opens what the URL names; a file that is not there is created, its directory is not.
    ///
    /// # Errors
    /// The URL names a server, or the file cannot be opened.
    pub fn connect(url: &DatabaseUrl) -> Result<Self, DbError> {
        let place = place(url)?;
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let opened = match &place {
            Place::Memory => rusqlite::Connection::open_in_memory(),
            // An absolute path cannot be taken for a URI, which `file:x` could.
            Place::File(path) => rusqlite::Connection::open_with_flags(std::path::absolute(path).unwrap_or_else(|_| path.clone()), flags),
            Place::Uri(uri) => rusqlite::Connection::open_with_flags(uri, flags | OpenFlags::SQLITE_OPEN_URI),
        };
        let mut connection = opened.map_err(|error| cannot_open(&place, &error))?;
        let mut prepare = || -> rusqlite::Result<()> {
            watch::prepare(&mut connection, timeout(url))?;
            // The bundled library is built with foreign keys on; SQLite's default, and Python's, is off.
            connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_FKEY, false)?;
            register_regexp(&connection)
        };
        prepare().map_err(errors::from_rusqlite)?;
        Ok(Sqlite {
            interrupt: Arc::new(connection.get_interrupt_handle()),
            connection,
            label: label(url),
        })
    }

    /// Runs every statement of a text; parameters are for the first.
    fn run(&mut self, sql: &str, params: &[Literal]) -> Result<ResultSet, DbError> {
        let params = params.iter().map(values::to_sqlite).collect::<Result<Vec<_>, _>>()?;
        let mut result = ResultSet {
            rowcount: -1,
            ..ResultSet::default()
        };
        let (mut params, mut first) = (Some(params), true);
        let connection = &self.connection;
        let mut batch = Batch::new(connection, sql);
        while let Some(mut statement) = batch.next().map_err(errors::from_rusqlite)? {
            let params = params.take().unwrap_or_default();
            if params.len() != statement.parameter_count() {
                return Err(DbError::new(
                    DatabaseErrorKind::ProgrammingError,
                    STATEMENT_FAILED,
                    format!(
                        "Incorrect number of bindings supplied. The current statement uses {}, and there are {} supplied.",
                        statement.parameter_count(),
                        params.len()
                    ),
                ));
            }
            let changes_before = connection.total_changes();
            result.columns = statement
                .columns()
                .map(|column| ResultColumn {
                    name: column.name().to_owned(),
                    type_: column.decl_type().map(|declared| types::resolve(&declared.to_uppercase())),
                })
                .collect();
            result.rows.clear();
            let width = result.columns.len();
            let mut rows = statement.query(rusqlite::params_from_iter(params)).map_err(errors::from_rusqlite)?;
            while let Some(row) = rows.next().map_err(errors::from_rusqlite)? {
                let row: Result<Vec<Literal>, _> = (0..width).map(|index| row.get_ref(index).map(values::from_sqlite)).collect();
                result.rows.push(row.map_err(errors::from_rusqlite)?);
            }
            drop(rows);
            // Only the text of the first is at hand; the library writes out that of the others.
            let verb = if std::mem::take(&mut first) {
                first_word(sql)
            } else {
                first_word(&statement.expanded_sql().unwrap_or_default())
            };
            let changes = matches!(verb.as_str(), "INSERT" | "UPDATE" | "DELETE" | "REPLACE")
                || (verb == "WITH" && !statement.readonly() && connection.total_changes() != changes_before);
            result.rowcount = if changes {
                i64::try_from(connection.changes()).unwrap_or(i64::MAX)
            } else {
                -1
            };
            result.lastrowid = matches!(verb.as_str(), "INSERT" | "REPLACE").then(|| connection.last_insert_rowid());
        }
        Ok(result)
    }
}

impl Connection for Sqlite {
    fn backend(&self) -> Backend {
        Backend::Sqlite
    }

    fn label(&self) -> &str {
        &self.label
    }

    fn execute_batch(&mut self, sql: &str) -> Result<i64, DbError> {
        if self.in_transaction()
            && let Some(on) = foreign_keys_pragma(sql)
        {
            // Inside a transaction the pragma does nothing, and Python's driver has none open when it runs one.
            self.connection
                .set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_FKEY, on)
                .map_err(errors::from_rusqlite)?;
            return Ok(-1);
        }
        self.run(sql, &[]).map(|result| result.rowcount)
    }

    fn query(&mut self, sql: &str, params: &[Literal]) -> Result<ResultSet, DbError> {
        if params.is_empty() && foreign_keys_pragma(sql).is_some() {
            self.execute_batch(sql)?;
            return Ok(ResultSet {
                rowcount: -1,
                ..ResultSet::default()
            });
        }
        self.run(sql, params)
    }

    fn query_watched(&mut self, sql: &str, params: &[Literal], tick: Duration, on_tick: &mut dyn FnMut()) -> Result<ResultSet, DbError> {
        watch::during(tick, on_tick, || self.query(sql, params))
    }

    fn begin(&mut self) -> Result<(), DbError> {
        // SQLite would begin a reading transaction and complain at the first change.
        if self.connection.is_readonly("main").unwrap_or(false) {
            return Err(errors::read_only());
        }
        // The write lock at once: taken later, two migrations could each wait for the other.
        self.run("BEGIN IMMEDIATE", &[]).map(drop)
    }

    fn commit(&mut self) -> Result<(), DbError> {
        if self.in_transaction() { self.run("COMMIT", &[]).map(drop) } else { Ok(()) }
    }

    fn rollback(&mut self) -> Result<(), DbError> {
        // SQLite itself rolls back after some errors.
        if self.in_transaction() { self.run("ROLLBACK", &[]).map(drop) } else { Ok(()) }
    }

    fn in_transaction(&self) -> bool {
        !self.connection.is_autocommit()
    }

    fn inspect(&mut self, what: &Inspect) -> Result<Inspected, DbError> {
        inspect::answer(self, what)
    }

    fn tables(&mut self, schema: Option<&str>) -> Result<Vec<Table>, DbError> {
        inspect::all_tables(self, schema)
    }

    fn sequences(&mut self, _schema: Option<&str>) -> Result<Vec<Sequence>, DbError> {
        Ok(Vec::new())
    }

    fn catalogue(&mut self, filter: &Filter) -> Result<Catalogue, DbError> {
        introspect::catalogue(self, filter)
    }

    fn take_notices(&mut self) -> Vec<Notice> {
        Vec::new()
    }

    fn cancel_handle(&self) -> CancelHandle {
        CancelHandle(CancelKind::Sqlite(self.interrupt.clone()))
    }

    fn server_version(&self) -> Vec<u32> {
        rusqlite::version().split('.').filter_map(|number| number.parse().ok()).collect()
    }

    fn is_closed(&self) -> bool {
        false
    }
}

/// The label for people.
pub(crate) fn label(url: &DatabaseUrl) -> String {
    match place(url) {
        Ok(Place::Memory) => "sqlite:// (in memory)".to_owned(),
        Ok(Place::File(path)) => format!("sqlite:///{}", path.display()),
        Ok(Place::Uri(uri)) => format!("sqlite:///{uri}"),
        Err(_) => url.render(true),
    }
}

/// The file that a SQLite URL names by its path, whether or not it is there; `None` for a database in memory, a `file:` URI and other backends.
pub fn sqlite_file(url: &DatabaseUrl) -> Option<PathBuf> {
    match url.backend().ok()? {
        Backend::Sqlite => match place(url).ok()? {
            Place::File(path) => Some(path),
            Place::Memory | Place::Uri(_) => None,
        },
        _ => None,
    }
}

fn place(url: &DatabaseUrl) -> Result<Place, DbError> {
    if url.username.is_some() || url.password.is_some() || url.host.is_some() || url.port.is_some() {
        return Err(DbError::new(DatabaseErrorKind::ArgumentError, "E0601", format!("invalid SQLite URL: {url}"))
            .hint("write sqlite:///relative/path.db, sqlite:////absolute/path.db or sqlite:// for a database in memory"));
    }
    let file = url.database.as_deref().unwrap_or_default();
    if is_true(url.query_value("uri")) {
        let mut query: Vec<String> = url
            .query
            .iter()
            .filter(|(key, _)| !DRIVER_KEYS.contains(&key.as_str()))
            .map(|(key, values)| format!("{key}={}", values.join(",")))
            .collect();
        query.sort();
        let separator = if query.is_empty() { "" } else { "?" };
        return Ok(Place::Uri(format!("{file}{separator}{}", query.join("&"))));
    }
    Ok(match file {
        "" | ":memory:" => Place::Memory,
        file => Place::File(PathBuf::from(file)),
    })
}

/// SQLAlchemy's reading of a truth value in a URL.
fn is_true(value: Option<&str>) -> bool {
    value.is_some_and(|value| matches!(value.trim().to_ascii_lowercase().as_str(), "true" | "t" | "yes" | "y" | "on" | "1"))
}

fn timeout(url: &DatabaseUrl) -> Duration {
    let seconds = url.query_value("timeout").and_then(|text| text.parse::<f64>().ok());
    seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok()).unwrap_or(BUSY_TIMEOUT)
}

fn cannot_open(place: &Place, error: &rusqlite::Error) -> DbError {
    let path = match place {
        Place::Memory => return DbError::operational("E0610", error.to_string()),
        Place::File(path) => path.clone(),
        Place::Uri(uri) => PathBuf::from(uri.trim_start_matches("file:").split('?').next().unwrap_or_default()),
    };
    let failed = DbError::operational("E0610", format!("unable to open database file `{}`", path.display()));
    match path.parent().filter(|parent| !parent.as_os_str().is_empty() && !parent.exists()) {
        Some(parent) => failed
            .cause(format!("the directory `{}` does not exist", parent.display()))
            .hint("create the directory, or correct the path in the URL"),
        None if path.is_dir() => failed.cause("it is a directory".to_owned()).hint("name a file in the URL"),
        None => failed.cause(reason(&path)).hint("check the file's permissions"),
    }
}

/// What the operating system says about a file that SQLite could not open.
fn reason(path: &Path) -> String {
    let attempt = std::fs::OpenOptions::new().read(true).open(path);
    attempt.err().map_or_else(
        || "SQLite could not open it".to_owned(),
        |error| error.to_string().split(" (os error").next().unwrap_or_default().to_owned(),
    )
}

/// SQLAlchemy gives every SQLite connection a `regexp(pattern, text)`.
fn register_regexp(connection: &rusqlite::Connection) -> rusqlite::Result<()> {
    use rusqlite::functions::FunctionFlags;
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
    connection.create_scalar_function("regexp", 2, flags, |context| {
        let (pattern, text) = (context.get::<Option<String>>(0)?, context.get::<Option<String>>(1)?);
        let (Some(pattern), Some(text)) = (pattern, text) else {
            return Ok(None);
        };
        let pattern = regex_lite::Regex::new(&pattern).map_err(|error| rusqlite::Error::UserFunctionError(Box::new(error)))?;
        Ok(Some(pattern.is_match(&text)))
    })
}

/// Reads `PRAGMA foreign_keys = ON` and the like.
fn foreign_keys_pragma(sql: &str) -> Option<bool> {
    let rest = sql.trim().trim_end_matches(';').trim_end();
    let (pragma, value) = rest.split_once('=')?;
    let mut words = pragma.split_whitespace();
    let ours = words.next()?.eq_ignore_ascii_case("pragma") && words.next()?.eq_ignore_ascii_case("foreign_keys") && words.next().is_none();
    match value.trim().trim_matches('\'').to_ascii_lowercase().as_str() {
        _ if !ours => None,
        "on" | "yes" | "true" | "1" => Some(true),
        "off" | "no" | "false" | "0" => Some(false),
        _ => None,
    }
}

/// The first word of a statement in upper case, after comments.
fn first_word(sql: &str) -> String {
    create_table::tokens(sql)
        .next()
        .map(|token| token.text(sql).to_ascii_uppercase())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place_of(url: &str) -> Place {
        place(&DatabaseUrl::parse(url).unwrap()).unwrap()
    }

    #[test]
    fn urls_lead_to_files() {
        assert_eq!(place_of("sqlite://"), Place::Memory);
        assert_eq!(place_of("sqlite:///:memory:"), Place::Memory);
        assert_eq!(place_of("sqlite:///"), Place::Memory);
        assert_eq!(place_of("sqlite:///rel/x.db"), Place::File("rel/x.db".into()));
        assert_eq!(place_of("sqlite:////abs/x.db?timeout=1"), Place::File("/abs/x.db".into()));
        assert_eq!(
            place_of("sqlite:///file:p.db?mode=ro&uri=true&timeout=2"),
            Place::Uri("file:p.db?mode=ro".into())
        );
        let server = DatabaseUrl::parse("sqlite://x.db").unwrap();
        assert_eq!(place(&server).unwrap_err().code, "E0601");
    }

    #[test]
    fn the_pragma_is_recognised() {
        assert_eq!(foreign_keys_pragma("PRAGMA foreign_keys=OFF"), Some(false));
        assert_eq!(foreign_keys_pragma(" pragma Foreign_Keys = on ;"), Some(true));
        assert_eq!(foreign_keys_pragma("PRAGMA foreign_keys"), None);
        assert_eq!(foreign_keys_pragma("PRAGMA legacy_alter_table=ON"), None);
    }
}
