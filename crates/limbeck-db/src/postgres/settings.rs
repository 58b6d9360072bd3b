//! Where to connect and as whom, resolved as libpq does: URL, service, environment, defaults.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use limbeck_ops::DatabaseErrorKind;

use super::{passfile, service};
use crate::{DatabaseUrl, DbError, Environment, Secret};

/// Where a server listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Host {
    /// A name or address.
    Tcp(String),
    /// A directory that holds a socket.
    Unix(PathBuf),
}

/// One server to try.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostSpec {
    /// Its name: certificates and `.pgpass` know it by this.
    pub host: Host,
    /// The address to use instead of asking for the name's.
    pub address: Option<String>,
    /// Port.
    pub port: u16,
    /// Password for this server.
    pub password: Option<Secret>,
}

/// How much encryption is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs)] // libpq's names
pub enum SslMode {
    Disable,
    Allow,
    Prefer,
    Require,
    VerifyCa,
    VerifyFull,
}

/// Which of several servers will do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)] // libpq's names
pub enum TargetSession {
    Any,
    ReadWrite,
    ReadOnly,
    Primary,
    Standby,
    PreferStandby,
}

/// Everything that is known before the first byte is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs)] // libpq's keywords
pub struct PostgresSettings {
    pub hosts: Vec<HostSpec>,
    pub user: String,
    pub dbname: String,
    pub application_name: String,
    pub options: Option<String>,
    /// Further settings for the start of the session (`TimeZone`, `DateStyle`, `geqo`).
    pub session: Vec<(String, String)>,
    pub connect_timeout: Option<Duration>,
    pub sslmode: SslMode,
    pub sslrootcert: Option<PathBuf>,
    /// `sslrootcert=system`: the operating system's certificates.
    pub system_roots: bool,
    pub sslcert: Option<PathBuf>,
    pub sslkey: Option<PathBuf>,
    pub target_session: TargetSession,
    /// What was ignored and why, for the log.
    pub warnings: Vec<String>,
}

/// libpq's keywords with their environment variables.
const KEYWORDS: &[(&str, &str)] = &[
    ("application_name", "PGAPPNAME"),
    ("channel_binding", "PGCHANNELBINDING"),
    ("client_encoding", "PGCLIENTENCODING"),
    ("connect_timeout", "PGCONNECT_TIMEOUT"),
    ("dbname", "PGDATABASE"),
    ("fallback_application_name", ""),
    ("gssencmode", "PGGSSENCMODE"),
    ("gssdelegation", "PGGSSDELEGATION"),
    ("gsslib", "PGGSSLIB"),
    ("host", "PGHOST"),
    ("hostaddr", "PGHOSTADDR"),
    ("keepalives", ""),
    ("keepalives_count", ""),
    ("keepalives_idle", ""),
    ("keepalives_interval", ""),
    ("krbsrvname", "PGKRBSRVNAME"),
    ("load_balance_hosts", "PGLOADBALANCEHOSTS"),
    ("max_protocol_version", "PGMAXPROTOCOLVERSION"),
    ("min_protocol_version", "PGMINPROTOCOLVERSION"),
    ("options", "PGOPTIONS"),
    ("passfile", "PGPASSFILE"),
    ("password", "PGPASSWORD"),
    ("port", "PGPORT"),
    ("replication", ""),
    ("require_auth", "PGREQUIREAUTH"),
    ("requirepeer", "PGREQUIREPEER"),
    ("service", "PGSERVICE"),
    ("ssl_max_protocol_version", "PGSSLMAXPROTOCOLVERSION"),
    ("ssl_min_protocol_version", "PGSSLMINPROTOCOLVERSION"),
    ("sslcert", "PGSSLCERT"),
    ("sslcertmode", "PGSSLCERTMODE"),
    ("sslcompression", "PGSSLCOMPRESSION"),
    ("sslcrl", "PGSSLCRL"),
    ("sslcrldir", "PGSSLCRLDIR"),
    ("sslkey", "PGSSLKEY"),
    ("sslkeylogfile", ""),
    ("sslmode", "PGSSLMODE"),
    ("sslnegotiation", "PGSSLNEGOTIATION"),
    ("sslpassword", ""),
    ("sslrootcert", "PGSSLROOTCERT"),
    ("sslsni", "PGSSLSNI"),
    ("target_session_attrs", "PGTARGETSESSIONATTRS"),
    ("tcp_user_timeout", ""),
    ("user", "PGUSER"),
];

/// Keywords that would make the connection safer or different than we can make it: refused rather than ignored.
const REFUSED: &[(&str, &[&str])] = &[
    ("gssencmode", &["disable", "prefer"]),
    ("channel_binding", &["disable", "prefer"]),
    ("sslnegotiation", &["postgres"]),
    ("sslcrl", &[]),
    ("sslcrldir", &[]),
    ("sslpassword", &[]),
    ("replication", &["0", "off", "false", "no"]),
    ("requirepeer", &[]),
    ("require_auth", &[]),
];

/// Query keys that only a Python driver or SQLAlchemy itself understands.
const DRIVER_KEYS: &[&str] = &[
    "async_fallback",
    "plugin",
    "prepared_statement_cache_size",
    "prepared_statement_name_func",
    "statement_cache_size",
    "max_cached_statement_lifetime",
    "max_cacheable_statement_size",
    "command_timeout",
    "tcp_keepalive",
];

impl PostgresSettings {
    /// Resolves a URL.
    ///
    /// # Errors
    /// A setting has a value that means nothing, or asks for what cannot be given.
    pub fn resolve(url: &DatabaseUrl, environment: &Environment) -> Result<Self, DbError> {
        let mut values = of_url(url)?;
        let service = values.get("service").cloned().or_else(|| environment.variable("PGSERVICE").map(str::to_owned));
        if let Some(service) = service {
            for (key, value) in service::find(&service, environment)? {
                values.entry(key).or_insert(value);
            }
        }
        for (key, variable) in KEYWORDS {
            if let Some(value) = environment.variable(variable) {
                values.entry((*key).to_owned()).or_insert_with(|| value.to_owned());
            }
        }
        values.retain(|_, value| !value.is_empty());
        if let Some(unknown) = values.keys().find(|key| !KEYWORDS.iter().any(|(known, _)| known == key)) {
            return Err(DbError::new(
                DatabaseErrorKind::ProgrammingError,
                "E0603",
                format!("invalid connection option \"{unknown}\""),
            ));
        }
        for (key, harmless) in REFUSED {
            if let Some(value) = values.get(*key).filter(|value| !harmless.contains(&value.as_str())) {
                return Err(wrong(key, value).hint(format!("`{key}` with this value is not supported; remove it")));
            }
        }
        Resolver { values, environment }.finish()
    }

    /// The label for people.
    pub fn label(&self) -> String {
        let host = self.hosts.first().map_or_else(String::new, |spec| match &spec.host {
            Host::Tcp(host) if host.contains(':') => format!("[{host}]:{}", spec.port),
            Host::Tcp(host) => format!("{host}:{}", spec.port),
            Host::Unix(_) => String::new(),
        });
        let socket = match self.hosts.first() {
            Some(HostSpec {
                host: Host::Unix(path), port, ..
            }) => format!("?host={}&port={port}", path.display()),
            _ => String::new(),
        };
        format!("postgresql://{}@{host}/{}{socket}", self.user, self.dbname)
    }
}

/// Turns the parts of a URL into libpq's keywords, as SQLAlchemy's drivers do.
fn of_url(url: &DatabaseUrl) -> Result<BTreeMap<String, String>, DbError> {
    let mut values = BTreeMap::new();
    let mut set = |key: &str, value: Option<String>| {
        if let Some(value) = value {
            values.insert(key.to_owned(), value);
        }
    };
    set("host", url.host.clone());
    set("port", url.port.map(|port| port.to_string()));
    set("user", url.username.clone());
    set("password", url.password.as_ref().map(|secret| secret.reveal().to_owned()));
    set("dbname", url.database.clone());
    let (hosts, ports) = query_hosts(url)?;
    for (key, _) in &url.query {
        let value = url.query_value(key).unwrap_or_default();
        match key.as_str() {
            "host" | "port" => {}
            "ssl" => set("sslmode", Some(sslmode_of_asyncpg(value).to_owned())),
            "timeout" => set("connect_timeout", Some(value.split('.').next().unwrap_or_default().to_owned())),
            key if DRIVER_KEYS.contains(&key) => {}
            key => set(key, Some(value.to_owned())),
        }
    }
    set("host", hosts);
    set("port", ports);
    Ok(values)
}

/// asyncpg's `ssl=` takes libpq's modes and truth values.
fn sslmode_of_asyncpg(value: &str) -> &str {
    match value.to_ascii_lowercase().as_str() {
        "true" | "1" | "yes" | "on" => "verify-full",
        "false" | "0" | "no" | "off" => "disable",
        _ => value,
    }
}

/// The two ways of writing several hosts: `host=a:1&host=b:2` and `host=a,b&port=1,2`; also one `host=name:port`.
fn query_hosts(url: &DatabaseUrl) -> Result<(Option<String>, Option<String>), DbError> {
    let (hosts, ports) = (url.query_values("host"), url.query_values("port"));
    let alone = matches!(hosts, [host] if ports.is_empty() && !host.contains(',') && is_internet_host(host));
    if hosts.len() < 2 && !alone {
        return Ok((hosts.first().cloned(), (!ports.is_empty()).then(|| ports.join(","))));
    }
    if !ports.is_empty() {
        return Err(
            DbError::new(DatabaseErrorKind::ArgumentError, "E0603", "the URL mixes two ways of writing several hosts")
                .hint("write `host=h1,h2&port=p1,p2` or `host=h1:p1&host=h2:p2`"),
        );
    }
    let pairs: Vec<(&str, &str)> = hosts.iter().map(|host| host.split_once(':').unwrap_or((host, ""))).collect();
    let names: Vec<&str> = pairs.iter().map(|(name, _)| *name).collect();
    let numbers: Vec<&str> = pairs.iter().map(|(_, port)| *port).collect();
    let given = numbers.iter().any(|port| !port.is_empty());
    Ok((Some(names.join(",")), given.then(|| numbers.join(","))))
}

/// Whether the text is `name:port` and not a directory or an IPv6 address.
fn is_internet_host(text: &str) -> bool {
    let Some((name, port)) = text.split_once(':') else {
        return false;
    };
    name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '.') && port.chars().all(|c| c.is_ascii_digit())
}

fn wrong(key: &str, value: &str) -> DbError {
    DbError::operational("E0603", format!("invalid {key} value: \"{value}\""))
}

struct Resolver<'a> {
    values: BTreeMap<String, String>,
    environment: &'a Environment,
}

impl Resolver<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        self.values.get(key).map(String::as_str)
    }

    fn finish(self) -> Result<PostgresSettings, DbError> {
        let user = self.get("user").map(str::to_owned).or_else(|| self.environment.user.clone());
        let user = user.ok_or_else(|| {
            DbError::operational("E0603", "no user is named and the operating system's user has no name").hint("name the user in the URL or in PGUSER")
        })?;
        let dbname = self.get("dbname").unwrap_or(&user).to_owned();
        let mut warnings = Vec::new();
        let hosts = self.hosts(&user, &dbname, &mut warnings)?;
        let home = |name: &str| {
            self.environment
                .home
                .as_ref()
                .map(|home| home.join(".postgresql").join(name))
                .filter(|path| path.exists())
        };
        let rootcert = self.get("sslrootcert");
        let system_roots = rootcert == Some("system");
        let sslmode = self.sslmode(system_roots)?;
        let session = [("PGTZ", "TimeZone"), ("PGDATESTYLE", "DateStyle"), ("PGGEQO", "geqo")];
        let session = session
            .iter()
            .filter_map(|(variable, name)| Some(((*name).to_owned(), self.environment.variable(variable)?.to_owned())))
            .collect();
        Ok(PostgresSettings {
            hosts,
            dbname,
            application_name: self
                .get("application_name")
                .or(self.get("fallback_application_name"))
                .unwrap_or("limbeck")
                .to_owned(),
            options: self.get("options").map(str::to_owned),
            session,
            connect_timeout: self.connect_timeout()?,
            sslmode,
            sslrootcert: if system_roots {
                None
            } else {
                rootcert.map(PathBuf::from).or_else(|| home("root.crt"))
            },
            system_roots,
            sslcert: self.get("sslcert").map(PathBuf::from).or_else(|| home("postgresql.crt")),
            sslkey: self.get("sslkey").map(PathBuf::from).or_else(|| home("postgresql.key")),
            target_session: self.target_session()?,
            user,
            warnings,
        })
    }

    fn hosts(&self, user: &str, dbname: &str, warnings: &mut Vec<String>) -> Result<Vec<HostSpec>, DbError> {
        let list = |key: &str| -> Vec<String> {
            self.get(key)
                .map(|text| text.split(',').map(|item| item.trim().to_owned()).collect())
                .unwrap_or_default()
        };
        let (names, addresses, ports) = (list("host"), list("hostaddr"), list("port"));
        let count = names.len().max(addresses.len()).max(1);
        if !names.is_empty() && !addresses.is_empty() && names.len() != addresses.len() {
            return Err(DbError::operational(
                "E0603",
                format!("could not match {} host names to {} hostaddr values", names.len(), addresses.len()),
            ));
        }
        if ports.len() > 1 && ports.len() != count {
            return Err(DbError::operational(
                "E0603",
                format!("could not match {} port numbers to {count} hosts", ports.len()),
            ));
        }
        let passwords = self.passwords(warnings);
        let mut specs = Vec::new();
        for index in 0..count {
            let port = match ports.get(index).or(ports.first()).map(String::as_str) {
                None | Some("") => 5432,
                Some(text) => text.parse().ok().filter(|port| *port > 0).ok_or_else(|| wrong("port", text))?,
            };
            let address = addresses.get(index).filter(|text| !text.is_empty()).cloned();
            let name = names.get(index).filter(|text| !text.is_empty());
            let hosts = match (name, &address) {
                (Some(name), _) if name.starts_with('/') => vec![Host::Unix(PathBuf::from(name))],
                (Some(name), _) => vec![Host::Tcp(name.clone())],
                (None, Some(address)) => vec![Host::Tcp(address.clone())],
                (None, None) => default_sockets(port),
            };
            for host in hosts {
                let known_as = match (&host, name) {
                    (Host::Unix(_), None) => "localhost".to_owned(),
                    (Host::Unix(path), _) => path.display().to_string(),
                    (Host::Tcp(name), _) => name.clone(),
                };
                let key = passfile::Key {
                    host: &known_as,
                    port,
                    database: dbname,
                    user,
                };
                let password = match &passwords {
                    Passwords::Given(secret) => Some(secret.clone()),
                    Passwords::File(text) => passfile::find(text, &key),
                };
                specs.push(HostSpec {
                    host,
                    address: address.clone(),
                    port,
                    password,
                });
            }
        }
        Ok(specs)
    }

    fn passwords(&self, warnings: &mut Vec<String>) -> Passwords {
        if let Some(password) = self.get("password") {
            return Passwords::Given(Secret::new(password));
        }
        let path = self
            .get("passfile")
            .map(PathBuf::from)
            .or_else(|| self.environment.home.as_ref().map(|home| home.join(".pgpass")));
        let text = path.and_then(|path| {
            passfile::read(&path).unwrap_or_else(|warning| {
                warnings.push(warning);
                None
            })
        });
        Passwords::File(text.unwrap_or_default())
    }

    fn sslmode(&self, system_roots: bool) -> Result<SslMode, DbError> {
        let requiressl = self.environment.variable("PGREQUIRESSL") == Some("1");
        let default = match (system_roots, requiressl) {
            (true, _) => "verify-full",
            (false, true) => "require",
            (false, false) => "prefer",
        };
        let text = self.get("sslmode").unwrap_or(default);
        let mode = match text {
            "disable" => SslMode::Disable,
            "allow" => SslMode::Allow,
            "prefer" => SslMode::Prefer,
            "require" => SslMode::Require,
            "verify-ca" => SslMode::VerifyCa,
            "verify-full" => SslMode::VerifyFull,
            _ => return Err(wrong("sslmode", text).hint("one of disable, allow, prefer, require, verify-ca, verify-full")),
        };
        if system_roots && mode != SslMode::VerifyFull {
            return Err(DbError::operational(
                "E0603",
                format!("weak sslmode \"{text}\" may not be used with sslrootcert=system (use \"verify-full\")"),
            ));
        }
        Ok(mode)
    }

    fn connect_timeout(&self) -> Result<Option<Duration>, DbError> {
        let Some(text) = self.get("connect_timeout") else {
            return Ok(None);
        };
        let seconds: i64 = text.trim().parse().map_err(|_| wrong("connect_timeout", text))?;
        // libpq raises one second to two, because it only counts whole ones.
        Ok((seconds > 0).then(|| Duration::from_secs(seconds.unsigned_abs().max(2))))
    }

    fn target_session(&self) -> Result<TargetSession, DbError> {
        Ok(match self.get("target_session_attrs").unwrap_or("any") {
            "any" => TargetSession::Any,
            "read-write" => TargetSession::ReadWrite,
            "read-only" => TargetSession::ReadOnly,
            "primary" => TargetSession::Primary,
            "standby" => TargetSession::Standby,
            "prefer-standby" => TargetSession::PreferStandby,
            text => return Err(wrong("target_session_attrs", text)),
        })
    }
}

enum Passwords {
    Given(Secret),
    File(String),
}

/// Debian's libpq looks in `/var/run/postgresql`, PostgreSQL's own in `/tmp`: the one that has the socket, else both to be tried.
fn default_sockets(port: u16) -> Vec<Host> {
    let directories = ["/var/run/postgresql", "/tmp"].map(PathBuf::from);
    let present = directories.iter().find(|directory| directory.join(format!(".s.PGSQL.{port}")).exists());
    match present {
        Some(directory) => vec![Host::Unix(directory.clone())],
        None => directories.into_iter().map(Host::Unix).collect(),
    }
}

#[cfg(test)]
mod tests;
