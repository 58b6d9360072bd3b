//! A server as its own programs are led to it: by variables of the environment, so that no password stands in a command line.

use limbeck_db::{DatabaseUrl, DbError, Environment, Host, Postgres, PostgresSettings, SslMode, TargetSession};
use std::path::Path;
use std::process::Command;

/// One database on one server.
#[derive(Debug, Clone)]
pub struct Server {
    url: DatabaseUrl,
    environment: Environment,
    settings: PostgresSettings,
    /// Which of several hosts answered.
    host: usize,
}

impl Server {
    /// Connects to the database a URL names, and remembers which of several servers answered.
    ///
    /// # Errors
    /// None answered.
    pub fn reach(url: &DatabaseUrl, environment: &Environment) -> Result<(Postgres, Self), DbError> {
        let all = PostgresSettings::resolve(url, environment)?;
        let mut last = None;
        for host in 0..all.hosts.len() {
            let mut settings = all.clone();
            settings.hosts = vec![all.hosts[host].clone()];
            match Postgres::connect(&settings) {
                Ok(connection) => {
                    let server = Server {
                        url: url.clone(),
                        environment: environment.clone(),
                        settings,
                        host,
                    };
                    return Ok((connection, server));
                }
                Err(error) => last = Some(error),
            }
        }
        // One message for all of them, as everywhere else.
        match (all.hosts.len(), last) {
            (1, Some(error)) => Err(error),
            _ => Postgres::connect(&all).map(|connection| {
                let server = Server {
                    url: url.clone(),
                    environment: environment.clone(),
                    settings: all.clone(),
                    host: 0,
                };
                (connection, server)
            }),
        }
    }

    /// The same server without asking it, for a database that is not there.
    ///
    /// # Errors
    /// The URL means nothing.
    pub fn unreached(url: &DatabaseUrl, environment: &Environment) -> Result<Self, DbError> {
        let mut settings = PostgresSettings::resolve(url, environment)?;
        settings.hosts.truncate(1);
        Ok(Server {
            url: url.clone(),
            environment: environment.clone(),
            settings,
            host: 0,
        })
    }

    /// The database's name.
    pub fn database(&self) -> &str {
        &self.settings.dbname
    }

    /// The role.
    pub fn role(&self) -> &str {
        &self.settings.user
    }

    /// For people, without password.
    pub fn label(&self) -> String {
        self.settings.label()
    }

    /// Another database of the server; a password file may know another password for it.
    ///
    /// # Errors
    /// The URL means nothing.
    pub fn other(&self, database: &str) -> Result<Self, DbError> {
        let mut url = self.url.clone();
        url.database = Some(database.to_owned());
        url.query.retain(|(key, _)| key != "dbname");
        let mut settings = PostgresSettings::resolve(&url, &self.environment)?;
        let host = self.host.min(settings.hosts.len().saturating_sub(1));
        settings.hosts = settings.hosts.into_iter().skip(host).take(1).collect();
        Ok(Server {
            url,
            settings,
            host: self.host,
            environment: self.environment.clone(),
        })
    }

    /// Connects.
    ///
    /// # Errors
    /// The server does not answer, or refuses.
    pub fn connect(&self) -> Result<Postgres, DbError> {
        Postgres::connect(&self.settings)
    }

    /// A command that is led to this database and nowhere else.
    pub(crate) fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        for (name, _) in std::env::vars_os() {
            let text = name.to_string_lossy();
            // What Debian's wrapper reads goes too; PGSYSCONFDIR and the like do no harm.
            if text.starts_with("PG") && text != "PGSYSCONFDIR" && text != "PGLOCALEDIR" {
                command.env_remove(name);
            }
        }
        for (name, value) in self.variables() {
            command.env(name, value);
        }
        command
    }

    fn variables(&self) -> Vec<(&'static str, String)> {
        let settings = &self.settings;
        let mut set = vec![
            ("PGDATABASE", settings.dbname.clone()),
            ("PGUSER", settings.user.clone()),
            ("PGAPPNAME", "limbeck backup".to_owned()),
        ];
        if let Some(spec) = settings.hosts.first() {
            set.push((
                "PGHOST",
                match &spec.host {
                    Host::Tcp(name) => name.clone(),
                    Host::Unix(path) => path.display().to_string(),
                },
            ));
            set.push(("PGPORT", spec.port.to_string()));
            if let Some(address) = &spec.address {
                set.push(("PGHOSTADDR", address.clone()));
            }
            if let Some(password) = &spec.password {
                set.push(("PGPASSWORD", password.reveal().to_owned()));
            }
        }
        // Passwords were looked up already; a file of the user's must not answer for another server (one that is not there is passed over in silence).
        set.push(("PGPASSFILE", "/dev/null/none".to_owned()));
        if let Some(options) = &settings.options {
            set.push(("PGOPTIONS", options.clone()));
        }
        if let Some(timeout) = settings.connect_timeout {
            set.push(("PGCONNECT_TIMEOUT", timeout.as_secs().max(1).to_string()));
        }
        let mode = match settings.sslmode {
            SslMode::Disable => "disable",
            SslMode::Allow => "allow",
            SslMode::Prefer => "prefer",
            SslMode::Require => "require",
            SslMode::VerifyCa => "verify-ca",
            SslMode::VerifyFull => "verify-full",
        };
        set.push(("PGSSLMODE", mode.to_owned()));
        let mut path = |name, path: &Option<std::path::PathBuf>| {
            if let Some(path) = path {
                set.push((name, path.display().to_string()));
            }
        };
        path("PGSSLROOTCERT", &settings.sslrootcert);
        path("PGSSLCERT", &settings.sslcert);
        path("PGSSLKEY", &settings.sslkey);
        if settings.system_roots {
            set.push(("PGSSLROOTCERT", "system".to_owned()));
        }
        // Whichever server it is, our own connection has found it to be the right one; pg_dump before 14 knows only two of these words.
        if settings.target_session == TargetSession::ReadWrite {
            set.push(("PGTARGETSESSIONATTRS", "read-write".to_owned()));
        }
        set
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_leads_through_the_environment() {
        let url = DatabaseUrl::parse("postgresql+psycopg2://app:p%40ss@db.example:6432/shop?sslmode=require&options=-csearch_path%3Dx").expect("a URL");
        let server = Server::unreached(&url, &Environment::default()).expect("settings");
        let command = server.command(Path::new("pg_dump"));
        let set: Vec<String> = command
            .get_envs()
            .filter_map(|(name, value)| Some(format!("{}={}", name.to_string_lossy(), value?.to_string_lossy())))
            .collect();
        for wanted in [
            "PGHOST=db.example",
            "PGPORT=6432",
            "PGUSER=app",
            "PGDATABASE=shop",
            "PGPASSWORD=p@ss",
            "PGSSLMODE=require",
            "PGOPTIONS=-csearch_path=x",
        ] {
            assert!(set.iter().any(|line| line == wanted), "{wanted} is not in {set:?}");
        }
        assert_eq!(command.get_args().count(), 0);
        assert!(!format!("{server:?}").contains("p@ss"));
        assert_eq!(server.other("copy").expect("settings").database(), "copy");
    }
}
