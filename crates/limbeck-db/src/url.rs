//! Database URLs as SQLAlchemy writes and reads them.
//!
//! The grammar is SQLAlchemy's, oddities included: a password ends at the first `@`, a user name holds no `:`, an unknown query key is kept.
//! What the parts mean for a server is the business of `postgres` and `sqlite`.

use std::fmt;

use limbeck_ops::DatabaseErrorKind;
use limbeck_source::{Diagnose, Diagnostic};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode, utf8_percent_encode};

use crate::{DbError, Secret};

/// A database that Limbeck knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[allow(missing_docs)] // the databases' names
pub enum Backend {
    Postgresql,
    Sqlite,
    Mysql,
    Mariadb,
}

impl Backend {
    /// SQLAlchemy's name of the dialect.
    pub fn name(self) -> &'static str {
        match self {
            Backend::Postgresql => "postgresql",
            Backend::Sqlite => "sqlite",
            Backend::Mysql => "mysql",
            Backend::Mariadb => "mariadb",
        }
    }

    /// Whether Limbeck can connect to it; SQL can be printed for the others.
    pub fn can_connect(self) -> bool {
        matches!(self, Backend::Postgresql | Backend::Sqlite)
    }

    /// SQLAlchemy's drivers for it; which one a URL names makes no difference here.
    fn drivers(self) -> &'static [&'static str] {
        match self {
            Backend::Postgresql => &[
                "psycopg2",
                "psycopg",
                "psycopg_async",
                "psycopg2cffi",
                "asyncpg",
                "pg8000",
                "pygresql",
                "pypostgresql",
            ],
            Backend::Sqlite => &["pysqlite", "aiosqlite", "pysqlite_numeric", "pysqlite_dollar"],
            Backend::Mysql | Backend::Mariadb => &[
                "mysqldb",
                "pymysql",
                "aiomysql",
                "asyncmy",
                "mysqlconnector",
                "mariadbconnector",
                "cymysql",
                "pyodbc",
                "oursql",
            ],
        }
    }
}

impl fmt::Display for Backend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A URL taken apart, with nothing percent-encoded any more.
#[derive(Clone, PartialEq, Eq)]
pub struct DatabaseUrl {
    /// `postgresql+psycopg2`: the dialect and perhaps the driver.
    pub drivername: String,
    /// User.
    pub username: Option<String>,
    /// Password.
    pub password: Option<Secret>,
    /// Host name or address, without the brackets of an IPv6 address.
    pub host: Option<String>,
    /// Port.
    pub port: Option<u16>,
    /// Database, or path of a SQLite file.
    pub database: Option<String>,
    /// Query keys in the order of their first appearance, each with all its values.
    pub query: Vec<(String, Vec<String>)>,
}

/// Why a URL is of no use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UrlError {
    /// It has not the form of a URL.
    Form,
    /// Its port is not a number below 65,536.
    Port,
    /// A second `@` stands where the host or the path is: part of the password, most likely.
    SecondAt,
    /// Nothing is known of its dialect.
    Dialect(String),
    /// The dialect is known, the driver is not.
    Driver { backend: Backend, driver: String },
    /// The database cannot be connected to yet.
    Connect(Backend),
}

impl DatabaseUrl {
    /// Takes a URL apart.
    ///
    /// # Errors
    /// [`UrlError::Form`] and [`UrlError::Port`]; whether the dialect is known is the question of [`DatabaseUrl::backend`].
    pub fn parse(text: &str) -> Result<Self, UrlError> {
        let (drivername, rest) = text.split_once("://").ok_or(UrlError::Form)?;
        if drivername.is_empty() || !drivername.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '+') {
            return Err(UrlError::Form);
        }
        let (credentials, rest) = split_credentials(rest);
        let (host, rest) = split_host(rest);
        let (port, rest) = match rest.strip_prefix(':') {
            Some(rest) => {
                let end = rest.find(['/', '?']).unwrap_or(rest.len());
                (Some(&rest[..end]), &rest[end..])
            }
            None => (None, rest),
        };
        let (database, rest) = match rest.strip_prefix('/') {
            Some(rest) => {
                let end = rest.find('?').unwrap_or(rest.len());
                (Some(&rest[..end]), &rest[end..])
            }
            None => (None, rest),
        };
        let query = rest.strip_prefix('?').map(|query| query.lines().next().unwrap_or_default()).unwrap_or_default();
        // What SQLAlchemy takes for the host would be a part of the password then, and be printed.
        let strayed = |text: &str| text.split_once('@').is_some_and(|(_, after)| after.contains('/'));
        if host.is_some_and(|host| host.contains('@')) || (credentials.is_some() && database.is_some_and(strayed)) {
            return Err(UrlError::SecondAt);
        }
        let port = port.map(|port| port.trim().parse::<u16>().map_err(|_| UrlError::Port)).transpose()?;
        Ok(DatabaseUrl {
            drivername: drivername.to_owned(),
            username: credentials.map(|(user, _)| decode(user)),
            password: credentials.and_then(|(_, password)| password).map(|password| Secret::new(decode(password))),
            host: host.map(str::to_owned),
            port,
            database: database.map(decode),
            query: parse_query(query),
        })
    }

    /// Returns the database that the URL is for.
    ///
    /// # Errors
    /// [`UrlError::Dialect`] and [`UrlError::Driver`].
    pub fn backend(&self) -> Result<Backend, UrlError> {
        let (dialect, driver) = match self.drivername.split_once('+') {
            Some((dialect, driver)) => (dialect, Some(driver)),
            None => (self.drivername.as_str(), None),
        };
        let backend = match dialect {
            // SQLAlchemy dropped the short name in 1.4; hosting services still hand it out.
            "postgresql" | "postgres" => Backend::Postgresql,
            "sqlite" => Backend::Sqlite,
            "mysql" => Backend::Mysql,
            "mariadb" => Backend::Mariadb,
            _ => return Err(UrlError::Dialect(dialect.to_owned())),
        };
        match driver {
            Some(driver) if !backend.drivers().contains(&driver) => Err(UrlError::Driver {
                backend,
                driver: driver.to_owned(),
            }),
            _ => Ok(backend),
        }
    }

    /// The driver that the URL names.
    pub fn driver(&self) -> Option<&str> {
        self.drivername.split_once('+').map(|(_, driver)| driver)
    }

    /// All values of a query key.
    pub fn query_values(&self, key: &str) -> &[String] {
        self.query
            .iter()
            .find(|(known, _)| known == key)
            .map(|(_, values)| values.as_slice())
            .unwrap_or_default()
    }

    /// The last value of a query key.
    pub fn query_value(&self, key: &str) -> Option<&str> {
        self.query_values(key).last().map(String::as_str)
    }

    /// Writes the URL as SQLAlchemy does, with `***` for the password if it is to be hidden. A password given as a query key is hidden too.
    pub fn render(&self, hide_password: bool) -> String {
        let mut text = format!("{}://", self.drivername);
        if let Some(username) = &self.username {
            text.push_str(&encode(username, USER));
            if let Some(password) = &self.password {
                text.push(':');
                if hide_password {
                    text.push_str("***");
                } else {
                    text.push_str(&encode(password.reveal(), USER));
                }
            }
            text.push('@');
        }
        match &self.host {
            Some(host) if host.contains(':') => text.push_str(&format!("[{host}]")),
            Some(host) => text.push_str(host),
            None => {}
        }
        if let Some(port) = self.port {
            text.push_str(&format!(":{port}"));
        }
        if let Some(database) = &self.database {
            text.push('/');
            text.push_str(&encode(database, PATH));
        }
        let mut query: Vec<_> = self.query.iter().collect();
        query.sort_by(|one, other| one.0.cmp(&other.0));
        let pairs = query.into_iter().flat_map(|(key, values)| values.iter().map(move |value| (key, value)));
        for (index, (key, value)) in pairs.enumerate() {
            text.push(if index == 0 { '?' } else { '&' });
            let shown = if hide_password && SECRET_KEYS.contains(&key.as_str()) {
                "***".to_owned()
            } else {
                encode_query(value)
            };
            text.push_str(&format!("{}={shown}", encode_query(key)));
        }
        text
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.render(true))
    }
}

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.render(true))
    }
}

/// Query keys of libpq that hold passwords.
const SECRET_KEYS: &[&str] = &["password", "sslpassword"];

/// Splits `user[:password]@` off: the user ends at the first `:`, the password at the first `@` after it.
fn split_credentials(text: &str) -> (Option<(&str, Option<&str>)>, &str) {
    let end = text.find([':', '/']).unwrap_or(text.len());
    if text[end..].starts_with(':')
        && let Some(at) = text[end..].find('@').map(|at| end + at)
    {
        return (Some((&text[..end], Some(&text[end + 1..at]))), &text[at + 1..]);
    }
    match text[..end].rfind('@') {
        Some(at) => (Some((&text[..at], None)), &text[at + 1..]),
        None => (None, text),
    }
}

fn split_host(text: &str) -> (Option<&str>, &str) {
    if let Some(inner) = text.strip_prefix('[') {
        let limit = inner.find(['/', '?']).unwrap_or(inner.len());
        if let Some(end) = inner[..limit].rfind(']').filter(|end| *end > 0) {
            return (Some(&inner[..end]), &inner[end + 1..]);
        }
    }
    let end = text.find(['/', ':', '?']).unwrap_or(text.len());
    ((end > 0).then(|| &text[..end]), &text[end..])
}

/// Reads a query string as Python's `parse_qsl` does: keys without a value are dropped, a plus is a space.
fn parse_query(text: &str) -> Vec<(String, Vec<String>)> {
    let mut query: Vec<(String, Vec<String>)> = Vec::new();
    for pair in text.split('&') {
        let Some((key, value)) = pair.split_once('=').filter(|(_, value)| !value.is_empty()) else {
            continue;
        };
        let (key, value) = (decode(&key.replace('+', " ")), decode(&value.replace('+', " ")));
        match query.iter_mut().find(|(known, _)| *known == key) {
            Some((_, values)) => values.push(value),
            None => query.push((key, vec![value])),
        }
    }
    query
}

fn decode(text: &str) -> String {
    percent_decode(text.as_bytes()).decode_utf8_lossy().into_owned()
}

/// Python's `quote` with `safe=" +"`.
const USER: &AsciiSet = &NON_ALPHANUMERIC.remove(b'_').remove(b'.').remove(b'-').remove(b'~').remove(b' ').remove(b'+');
/// Python's `quote` with `safe=" +/"`.
const PATH: &AsciiSet = &USER.remove(b'/');
/// Python's `quote_plus`, before its spaces become pluses.
const QUERY: &AsciiSet = &USER.add(b'+');

fn encode(text: &str, set: &'static AsciiSet) -> String {
    utf8_percent_encode(text, set).to_string()
}

fn encode_query(text: &str) -> String {
    encode(text, QUERY).replace(' ', "+")
}

impl UrlError {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            UrlError::Form | UrlError::Port | UrlError::SecondAt => "E0601",
            UrlError::Dialect(_) | UrlError::Driver { .. } | UrlError::Connect(_) => "E0602",
        }
    }

    /// What to do next.
    pub fn hint(&self) -> String {
        match self {
            UrlError::SecondAt => "in a user name or password, write `@` as `%40`, `:` as `%3A` and `/` as `%2F`".to_owned(),
            UrlError::Form | UrlError::Port => {
                "write it as `postgresql://user:password@host:5432/database` or `sqlite:///path/to/file.db`; in a user name or password, \
                 write `@` as `%40`, `:` as `%3A` and `/` as `%2F`"
                    .to_owned()
            }
            UrlError::Dialect(dialect) if dialect == "driver" => {
                "`driver://user:pass@localhost/dbname` is the place-holder that `init` writes: put your database's URL there, or set DATABASE_URL".to_owned()
            }
            UrlError::Dialect(_) => "supported are postgresql:// and sqlite://; mysql:// and mariadb:// only with `--sql`".to_owned(),
            UrlError::Driver { driver, .. } if driver == "pysqlcipher" => "encrypted SQLite files are not supported; use a plain sqlite:// file".to_owned(),
            UrlError::Driver { backend, .. } => format!("write {backend}:// or one of these drivers: {}", backend.drivers().join(", ")),
            UrlError::Connect(_) => "print the statements with `--sql` and run them with the database's own client".to_owned(),
        }
    }
}

impl fmt::Display for UrlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            UrlError::Form => f.write_str("the database URL is not of the form `dialect://user:password@host:port/database`"),
            UrlError::Port => f.write_str("the port in the database URL is not a port number"),
            UrlError::SecondAt => f.write_str("the database URL holds more than one `@`, so that it cannot be told where its password ends"),
            UrlError::Dialect(dialect) => write!(f, "the database `{dialect}` is not supported"),
            UrlError::Driver { backend, driver } => write!(f, "the driver `{driver}` of {backend} is not supported"),
            UrlError::Connect(backend) => write!(f, "connecting to {backend} is not supported yet"),
        }
    }
}

impl std::error::Error for UrlError {}

impl Diagnose for UrlError {
    fn diagnose(&self) -> Diagnostic {
        Diagnostic::error(self.code(), self.to_string()).hint(self.hint())
    }
}

impl From<UrlError> for DbError {
    fn from(error: UrlError) -> Self {
        DbError::new(DatabaseErrorKind::ArgumentError, error.code(), error.to_string()).hint(error.hint())
    }
}

#[cfg(test)]
mod tests;
