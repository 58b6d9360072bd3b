//! One empty database on a private server.

use std::sync::atomic::{AtomicU32, Ordering};

use crate::dump::normalise_postgresql;
use crate::server::Server;

/// A database of one test; dropped with the value.
#[derive(Debug)]
pub struct Database<'server> {
    server: &'server Server,
    name: String,
}

impl<'server> Database<'server> {
    pub(crate) fn create(server: &'server Server) -> Self {
        // template0 has no connections of others, which would make `create database` fail.
        Self::copy(server, "template0")
    }

    pub(crate) fn copy(server: &'server Server, template: &str) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("test_{}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        server
            .psql("postgres", &format!("create database {name} template {template}"))
            .expect("create database");
        Self { server, name }
    }

    /// Returns the database's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the server that holds it.
    pub fn server(&self) -> &'server Server {
        self.server
    }

    /// Returns the SQLAlchemy URL.
    pub fn url(&self) -> String {
        self.server.url(&self.name)
    }

    /// Runs SQL with psql and returns its unaligned rows.
    ///
    /// # Errors
    /// Returns psql's own message.
    pub fn psql(&self, sql: &str) -> Result<String, String> {
        self.server.psql(&self.name, sql)
    }

    /// Returns a shell command that prints the schema, for other programs to run.
    pub fn pg_dump_command(&self) -> String {
        self.server.pg_dump_command(&self.name)
    }

    /// Returns the schema as pg_dump writes it, without comments, settings and empty lines.
    ///
    /// # Panics
    /// When pg_dump fails, with its words.
    pub fn dump(&self) -> String {
        normalise_postgresql(&self.server.pg_dump(&self.name).expect("pg_dump"))
    }
}

impl Drop for Database<'_> {
    fn drop(&mut self) {
        // The server may already be gone with the test; a database left on it does not matter then.
        let drop = format!("drop database if exists {}", self.name);
        if self.server.psql("postgres", &format!("{drop} with (force)")).is_err() {
            // Before PostgreSQL 13.
            let _ = self.server.psql("postgres", &drop);
        }
    }
}
