//! Restoring into a new database, which then takes the old one's name.
//!
//! Both renames are one transaction: the server lets nobody into a database whose name changes, and whoever comes in meanwhile waits and finds the new one. Nothing forbids
//! connections for longer than that, so a run that is killed leaves no database that refuses them.

use super::fill::{MOMENT, fill};
use super::{Fill, Server, compare, counts, first_text, ident, properties};
use crate::verdict::Checked;
use crate::{BackupError, Comparison, Properties, Watch};
use limbeck_db::{Connection, DatabaseUrl, DbError, Environment, Postgres};
use limbeck_expr::{Literal, TableName};
use limbeck_schema::catalogue::literal;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// How long to try to get the others out.
const PATIENCE: Duration = Duration::from_secs(30);
/// PostgreSQL's names end there.
const LONGEST_NAME: usize = 63;

/// Another session on a database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Its server process.
    pub pid: i64,
    /// One line for people.
    pub words: String,
}

/// Where a backup is to be restored.
pub struct NewDatabase {
    /// Leads to the name, whether there is such a database or not.
    pub server: Server,
    /// Leads to another database of the server: what is renamed must not be connected to.
    beside: Server,
    /// What the present database is like; nothing where there is none.
    pub present: Option<Properties>,
    /// The server's version in numbers.
    pub version: Vec<u32>,
    role: String,
}

/// A database that was swapped in.
#[derive(Debug, Clone)]
pub struct Swapped {
    /// What it was found to hold.
    pub comparison: Comparison,
    /// The old database's name now.
    pub kept: Option<String>,
    /// Properties that could not be carried over, as statements with their errors.
    pub refused: Vec<String>,
}

impl NewDatabase {
    /// Looks at the place a URL leads to, and whether this role may put a new database there.
    ///
    /// # Errors
    /// It may not; the server does not answer.
    pub fn look(url: &DatabaseUrl, environment: &Environment) -> Result<Self, BackupError> {
        let (server, present, mut connection) = match Server::reach(url, environment) {
            Ok((mut connection, server)) => {
                let present = properties::read(&mut connection)?;
                (server, Some(present), Some(connection))
            }
            // 3D000: there is no such database.
            Err(error) if error.sqlstate() == Some("3D000") || error.code == "E0606" => (Server::unreached(url, environment)?, None, None),
            Err(error) => return Err(error.into()),
        };
        let (beside, mut other) = beside(&server, connection.as_mut())?;
        let rights = "SELECT (rolsuper OR rolcreatedb), current_user::text FROM pg_catalog.pg_roles WHERE rolname = current_user";
        let rights = other.query(rights, &[])?.rows.pop().unwrap_or_default();
        let [Literal::Bool(may_create), Literal::Text(role)] = rights.as_slice() else {
            return Err(BackupError::NotAllowed {
                role: server.role().to_owned(),
                what: "create databases".into(),
            });
        };
        if !may_create {
            return Err(BackupError::NotAllowed {
                role: role.clone(),
                what: "create databases".into(),
            });
        }
        let owner = format!(
            "SELECT 'no' FROM pg_catalog.pg_database WHERE datname = {} AND NOT pg_catalog.pg_has_role(datdba, 'USAGE')",
            literal(server.database())
        );
        if first_text(&mut other, &owner)?.is_some() {
            return Err(BackupError::NotAllowed {
                role: role.clone(),
                what: format!("rename the database {}, which it does not own", server.database()),
            });
        }
        Ok(NewDatabase {
            version: other.server_version(),
            role: role.clone(),
            server,
            beside,
            present,
        })
    }

    /// The server's major version.
    pub fn major(&self) -> u32 {
        self.version.first().copied().unwrap_or_default()
    }

    /// A connection to another database of the server.
    ///
    /// # Errors
    /// It does not answer any more.
    pub fn connect_beside(&self) -> Result<Postgres, DbError> {
        self.beside.connect()
    }

    /// Who is connected to the present database.
    ///
    /// # Errors
    /// The server does not answer.
    pub fn others(&self) -> Result<Vec<Session>, BackupError> {
        Ok(sessions(&mut self.beside.connect()?, self.server.database())?)
    }

    /// Databases that earlier restores filled and did not swap in: they were killed, or somebody stayed connected.
    ///
    /// # Errors
    /// The server does not answer.
    pub fn left_over(&self) -> Result<Vec<String>, BackupError> {
        let start = derived(self.server.database(), "_limbeck_00000000000000");
        let start = start.trim_end_matches('0');
        let sql = format!(
            "SELECT datname::text FROM pg_catalog.pg_database WHERE left(datname, {}) = {} AND datname ~ '_limbeck_[0-9]{{14}}$' ORDER BY 1",
            start.chars().count(),
            literal(start)
        );
        let rows = self.beside.connect()?.query(&sql, &[])?.rows;
        Ok(rows
            .into_iter()
            .filter_map(|row| match row.into_iter().next() {
                Some(Literal::Text(name)) => Some(name),
                _ => None,
            })
            .collect())
    }

    /// Restores into a new database, compares, and swaps the names; without `terminate` only when nobody is connected to the old one.
    ///
    /// # Errors
    /// Why not. The new database is dropped then, unless all but the swap was done.
    pub fn replace(&self, checked: &Checked, programs: &Fill, table: &TableName, terminate: bool, watch: &mut Watch<'_>) -> Result<Swapped, BackupError> {
        let name = self.server.database();
        let mut connection = self.beside.connect()?;
        let moment = free_moment(&mut connection, name)?;
        let new = derived(name, &format!("_limbeck_{moment}"));
        let saved = checked.manifest.as_ref().and_then(|manifest| manifest.properties.clone());
        let wanted = self.present.clone().or(saved).unwrap_or_default();
        create(&mut connection, &wanted, &new, &self.role)?;
        let made = self.beside.other(&new)?;
        let filled = fill(&made, checked, programs, watch).and_then(|()| compare(&made, checked.manifest.as_ref(), table, watch));
        let comparison = match filled {
            Ok(comparison) => comparison,
            Err(error) => {
                drop_database(&mut connection, &new);
                return Err(error);
            }
        };
        let refused = properties::apply(&mut connection, &wanted, &new);
        let old = derived(name, &format!("_before_{moment}"));
        let statements: Vec<String> = match self.present {
            Some(_) => vec![rename(name, &old), rename(&new, name)],
            None => vec![rename(&new, name)],
        };
        watch.phase("swapping the names");
        // Nobody knows the new one's name: what is still connected to it is a pooler that kept our own sessions.
        let _ = end_sessions(&mut connection, &new);
        if let Err(reason) = self.swap(&mut connection, &statements, terminate, watch) {
            return Err(BackupError::NotSwapped { new, reason, statements });
        }
        Ok(Swapped {
            comparison,
            kept: self.present.is_some().then_some(old),
            refused,
        })
    }

    fn swap(&self, connection: &mut Postgres, statements: &[String], terminate: bool, watch: &Watch<'_>) -> Result<(), String> {
        let over = Arc::new(AtomicBool::new(false));
        // The rename keeps newcomers out while it waits some seconds for those who are in: they are asked to go meanwhile.
        let usher = terminate.then(|| {
            let (over, beside, name) = (Arc::clone(&over), self.beside.clone(), self.server.database().to_owned());
            std::thread::spawn(move || {
                let Ok(mut connection) = beside.connect() else { return };
                while !over.load(Ordering::Relaxed) {
                    let _ = end_sessions(&mut connection, &name);
                    std::thread::sleep(MOMENT);
                }
            })
        });
        let began = Instant::now();
        let result = loop {
            match rename_all(connection, statements) {
                Ok(()) => break Ok(()),
                // 55006: somebody is still connected.
                Err(error) if error.sqlstate() == Some("55006") => {
                    let give_up = !terminate || began.elapsed() > PATIENCE || watch.check().is_err();
                    if give_up {
                        let who = sessions(connection, self.server.database()).unwrap_or_default();
                        let who: Vec<String> = who.into_iter().map(|session| session.words).collect();
                        let details = error.server.as_ref().and_then(|fields| fields.detail.clone()).unwrap_or_default();
                        break Err(if who.is_empty() {
                            format!("{error} {details}")
                        } else {
                            format!("still connected: {}", who.join("; "))
                        });
                    }
                }
                Err(error) => break Err(error.to_string()),
            }
        };
        over.store(true, Ordering::Relaxed);
        if let Some(usher) = usher {
            let _ = usher.join();
        }
        result
    }
}

/// A database of the server that is neither the one in question nor closed to us.
fn beside(server: &Server, connection: Option<&mut Postgres>) -> Result<(Server, Postgres), BackupError> {
    let mut names = vec!["postgres".to_owned(), "template1".to_owned()];
    if let Some(connection) = connection {
        let sql = "SELECT datname::text FROM pg_catalog.pg_database WHERE datallowconn AND datname <> current_database() \
             AND pg_catalog.has_database_privilege(datname, 'CONNECT') ORDER BY datname = 'postgres' DESC, datname = 'template1' DESC, 1 LIMIT 20";
        names = connection
            .query(sql, &[])?
            .rows
            .into_iter()
            .filter_map(|row| match row.into_iter().next() {
                Some(Literal::Text(name)) => Some(name),
                _ => None,
            })
            .collect();
    }
    let mut last = None;
    for name in names.iter().filter(|name| *name != server.database()) {
        let other = server.other(name)?;
        match other.connect() {
            Ok(connection) => return Ok((other, connection)),
            Err(error) => last = Some(error),
        }
    }
    Err(last.map_or_else(
        || BackupError::NotAllowed {
            role: server.role().to_owned(),
            what: "connect to another database of the server, which renaming this one needs".into(),
        },
        BackupError::from,
    ))
}

fn create(connection: &mut dyn Connection, wanted: &Properties, name: &str, role: &str) -> Result<(), BackupError> {
    let made = connection.execute_batch(&properties::create(wanted, name));
    match made {
        Ok(_) => Ok(()),
        // Another server may not have the locale or tablespace that the manifest tells of; without them everything but sorting is the same.
        Err(error) if matches!(error.sqlstate(), Some("22023" | "42809" | "42704")) => {
            let plain = Properties {
                encoding: String::new(),
                ..Properties::default()
            };
            connection.execute_batch(&properties::create(&plain, name))?;
            Ok(())
        }
        Err(error) if error.sqlstate() == Some("42501") => Err(BackupError::NotAllowed {
            role: role.to_owned(),
            what: format!("create databases ({error})"),
        }),
        Err(error) => Err(error.into()),
    }
}

/// A moment that no database of the server is named after yet.
fn free_moment(connection: &mut dyn Connection, name: &str) -> Result<String, DbError> {
    let mut at = jiff::Timestamp::now();
    loop {
        let moment = at.strftime("%Y%m%d%H%M%S").to_string();
        let names = ["_limbeck_", "_before_"].map(|word| literal(&derived(name, &format!("{word}{moment}"))));
        let sql = format!("SELECT 'taken' FROM pg_catalog.pg_database WHERE datname IN ({})", names.join(", "));
        if first_text(connection, &sql)?.is_none() {
            return Ok(moment);
        }
        at += Duration::from_secs(1);
    }
}

/// `NAME` and what comes after it, in as many bytes as a name may have.
fn derived(name: &str, suffix: &str) -> String {
    let mut end = name.len().min(LONGEST_NAME - suffix.len());
    while !name.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}{suffix}", &name[..end])
}

fn rename(from: &str, to: &str) -> String {
    format!("ALTER DATABASE {} RENAME TO {}", ident(from), ident(to))
}

fn rename_all(connection: &mut Postgres, statements: &[String]) -> Result<(), DbError> {
    connection.begin()?;
    for statement in statements {
        if let Err(error) = connection.execute_batch(statement) {
            connection.rollback()?;
            return Err(error);
        }
    }
    connection.commit()
}

fn sessions(connection: &mut dyn Connection, database: &str) -> Result<Vec<Session>, DbError> {
    let sql = format!(
        "SELECT pid, concat_ws(', ', 'pid ' || pid, nullif(usename::text, ''), nullif(application_name, ''), host(client_addr), state) FROM pg_catalog.pg_stat_activity \
         WHERE datname = {} AND pid <> pg_backend_pid() AND coalesce(to_jsonb(pg_stat_activity) ->> 'backend_type', 'client backend') = 'client backend' ORDER BY pid",
        literal(database)
    );
    let rows = connection.query(&sql, &[])?.rows;
    Ok(rows
        .into_iter()
        .filter_map(|row| match row.as_slice() {
            [Literal::Int(pid), Literal::Text(words)] => Some(Session {
                pid: *pid,
                words: words.clone(),
            }),
            _ => None,
        })
        .collect())
}

fn end_sessions(connection: &mut dyn Connection, database: &str) -> Result<u64, DbError> {
    let sql = format!(
        "SELECT count(pg_catalog.pg_terminate_backend(pid)) FROM pg_catalog.pg_stat_activity WHERE datname = {} AND pid <> pg_backend_pid()",
        literal(database)
    );
    counts::number(connection, &sql)
}

/// Drops a database that a restore gave up.
fn drop_database(connection: &mut dyn Connection, name: &str) {
    for _ in 0..40 {
        // What was killed may still be on its way out.
        let _ = end_sessions(connection, name);
        match connection.execute_batch(&format!("DROP DATABASE IF EXISTS {}", ident(name))) {
            Err(error) if error.sqlstate() == Some("55006") => std::thread::sleep(MOMENT),
            _ => return,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn derived_names_fit() {
        assert_eq!(derived("shop", "_before_20260102030405"), "shop_before_20260102030405");
        let long = derived(&"ä".repeat(31), "_before_20260102030405");
        assert!(long.len() <= 63 && long.ends_with("_before_20260102030405"), "{long}");
    }
}
