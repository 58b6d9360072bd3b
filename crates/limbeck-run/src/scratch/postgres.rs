//! A temporary database on a PostgreSQL server.

use limbeck_db::{Connection, DatabaseUrl, DbError, Environment};
use limbeck_expr::Literal;
use limbeck_schema::catalogue::{literal, quote_name};

use super::{ScratchError, ScratchOptions, name};
use crate::settings::Settings;

/// What of the real database the scratch database is to share.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Like {
    /// The server's version.
    pub major: u32,
    /// Whom the server knows us as.
    pub role: String,
    encoding: String,
    collate: String,
    ctype: String,
    /// `c`, `i` (ICU), `b` (built-in); older servers know only the first.
    provider: Option<String>,
    locale: Option<String>,
    /// `ALTER DATABASE … SET`, and what is set for this role in it.
    settings: Vec<(String, String)>,
}

const LIKE: &str = "SELECT pg_encoding_to_char(d.encoding)::text, d.datcollate::text, d.datctype::text, to_jsonb(d) ->> 'datlocprovider', \
     coalesce(to_jsonb(d) ->> 'datlocale', to_jsonb(d) ->> 'daticulocale'), current_user::text, \
     ARRAY(SELECT s FROM pg_db_role_setting r, unnest(r.setconfig) s WHERE r.setdatabase = d.oid \
           AND r.setrole IN (0, (SELECT oid FROM pg_roles WHERE rolname = current_user)) ORDER BY r.setrole, s) \
     FROM pg_catalog.pg_database d WHERE d.datname = current_database()";

impl Like {
    /// Asks the real database.
    pub(super) fn read(url: &DatabaseUrl, environment: &Environment) -> Result<Self, DbError> {
        let mut connection = limbeck_db::connect(url, environment)?;
        let major = connection.server_version().first().copied().unwrap_or_default();
        let row = connection.query(LIKE, &[])?.rows.into_iter().next().unwrap_or_default();
        let text = |at: usize| match row.get(at) {
            Some(Literal::Text(text)) => Some(text.clone()),
            _ => None,
        };
        let settings = match row.get(6) {
            Some(Literal::Array(items)) => items
                .iter()
                .filter_map(|item| if let Literal::Text(text) = item { text.split_once('=') } else { None })
                .collect(),
            _ => Vec::new(),
        };
        Ok(Like {
            major,
            role: text(5).unwrap_or_default(),
            encoding: text(0).unwrap_or_else(|| "UTF8".to_owned()),
            collate: text(1).unwrap_or_default(),
            ctype: text(2).unwrap_or_default(),
            provider: text(3),
            locale: text(4),
            settings: settings.into_iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect(),
        })
    }

    fn create(&self, name: &str) -> String {
        let mut sql = format!(
            "CREATE DATABASE {} TEMPLATE template0 ENCODING {} LC_COLLATE {} LC_CTYPE {}",
            quote_name(name),
            literal(&self.encoding),
            literal(&self.collate),
            literal(&self.ctype)
        );
        if let Some(locale) = &self.locale {
            match self.provider.as_deref() {
                Some("i") => sql.push_str(&format!(" LOCALE_PROVIDER icu ICU_LOCALE {}", literal(locale))),
                Some("b") => sql.push_str(&format!(" LOCALE_PROVIDER builtin BUILTIN_LOCALE {}", literal(locale))),
                _ => {}
            }
        }
        sql
    }
}

/// A database that is dropped with the value.
pub(super) struct TemporaryDatabase {
    name: String,
    /// Leads to it.
    url: DatabaseUrl,
    /// Leads to the database beside which it was made.
    beside: DatabaseUrl,
    environment: Environment,
    /// Stands open as a sign that somebody needs it.
    sign: Option<Box<dyn Connection>>,
}

impl TemporaryDatabase {
    /// Makes one; what dead runs left behind is dropped on the way.
    pub(super) fn create(beside: &DatabaseUrl, environment: &Environment, like: &Like) -> Result<Self, ScratchError> {
        let mut connection = limbeck_db::connect(beside, environment).map_err(ScratchError::Database)?;
        drop_left_over(connection.as_mut());
        let name = name::new();
        if let Err(error) = connection.execute_batch(&like.create(&name)) {
            // Another server may not have the locale, and without it everything but sorting is the same.
            let retry = format!("CREATE DATABASE {} TEMPLATE template0 ENCODING {}", quote_name(&name), literal(&like.encoding));
            match error.sqlstate() {
                Some("42501") => {
                    return Err(ScratchError::NotAllowed {
                        role: like.role.clone(),
                        message: error.to_string(),
                    });
                }
                Some("22023" | "42809") => connection.execute_batch(&retry).map_err(ScratchError::Database)?,
                _ => return Err(ScratchError::Database(error)),
            };
        }
        let mut url = beside.clone();
        url.database = Some(name.clone());
        url.query.retain(|(key, _)| key != "dbname");
        let mut database = TemporaryDatabase {
            name,
            url,
            beside: beside.clone(),
            environment: environment.clone(),
            sign: None,
        };
        for (key, value) in &like.settings {
            // Lists are stored as they are written.
            let lists = ["search_path", "temp_tablespaces", "session_preload_libraries", "local_preload_libraries"];
            let value = if lists.contains(&key.as_str()) { value.clone() } else { literal(value) };
            // What only a superuser may set changes nothing of a schema.
            let _ = connection.execute_batch(&format!("ALTER DATABASE {} SET {key} TO {value}", quote_name(&database.name)));
        }
        database.sign = Some(limbeck_db::connect(&database.url, environment).map_err(ScratchError::Database)?);
        Ok(database)
    }

    pub(super) fn url(&self) -> &DatabaseUrl {
        &self.url
    }

    /// Makes what a run finds there without having made it.
    pub(super) fn prepare(&self, settings: &Settings, environment: &Environment, options: &ScratchOptions) -> Result<(), ScratchError> {
        let mut schemas = options.schemas.clone();
        schemas.extend(settings.version_table.name.schema.as_ref().map(|schema| schema.text.clone()));
        if schemas.is_empty() && options.extensions.is_empty() {
            return Ok(());
        }
        let mut connection = limbeck_db::connect(&self.url, environment).map_err(ScratchError::Database)?;
        for schema in schemas {
            connection
                .execute_batch(&format!("CREATE SCHEMA IF NOT EXISTS {}", quote_name(&schema)))
                .map_err(|error| ScratchError::Prepare {
                    what: format!("the schema {schema}"),
                    error,
                })?;
        }
        for (extension, schema) in &options.extensions {
            let sql = format!("CREATE EXTENSION IF NOT EXISTS {} SCHEMA {} CASCADE", quote_name(extension), quote_name(schema));
            connection.execute_batch(&sql).map_err(|error| ScratchError::Prepare {
                what: format!("the extension {extension}"),
                error,
            })?;
        }
        Ok(())
    }
}

impl Drop for TemporaryDatabase {
    fn drop(&mut self) {
        drop(self.sign.take());
        if let Ok(mut connection) = limbeck_db::connect(&self.beside, &self.environment) {
            drop_database(connection.as_mut(), &self.name);
        }
    }
}

/// Drops a database and whoever is connected to it: a killed run's server process may still be at work.
fn drop_database(connection: &mut dyn Connection, name: &str) {
    let quoted = quote_name(name);
    if connection.server_version().first().is_some_and(|major| *major >= 13) {
        let _ = connection.execute_batch(&format!("DROP DATABASE IF EXISTS {quoted} WITH (FORCE)"));
        return;
    }
    for _ in 0..20 {
        let _ = connection.query(
            &format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = {}", literal(name)),
            &[],
        );
        match connection.execute_batch(&format!("DROP DATABASE IF EXISTS {quoted}")) {
            // Somebody is still on the way out.
            Err(error) if error.sqlstate() == Some("55006") => std::thread::sleep(std::time::Duration::from_millis(50)),
            _ => return,
        }
    }
}

/// Drops the databases of runs that were killed. What cannot be dropped is left: this is not what was asked for.
fn drop_left_over(connection: &mut dyn Connection) {
    let sql = format!(
        "SELECT d.datname::text, EXISTS (SELECT FROM pg_stat_activity a WHERE a.datid = d.oid) FROM pg_catalog.pg_database d WHERE left(d.datname, {}) = '{}'",
        name::PREFIX.len(),
        name::PREFIX
    );
    let Ok(found) = connection.query(&sql, &[]) else { return };
    for row in found.rows {
        let [Literal::Text(database), Literal::Bool(used)] = row.as_slice() else {
            continue;
        };
        let Some(maker) = name::maker(database) else { continue };
        if maker.is_gone() || !used && maker.is_old() {
            drop_database(connection, database);
        }
    }
}
