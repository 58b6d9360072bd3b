//! A database to try things on: made beside the real one, like it in every setting, empty, and gone afterwards.
//!
//! On PostgreSQL it is a database of the same server (or of the server that was named for this), made from `template0` with the encoding, locale and settings of the real
//! one. Its name tells the machine and process that made it, and a connection to it stands open as long as it is needed: a later run drops what a killed one left.
//! Where the role may not create databases, a private server of the same version serves, if its programs are on this machine. On SQLite it is a temporary file.

mod error;
mod folder;
mod name;
mod perform;
mod postgres;
mod server;

use std::path::PathBuf;

use limbeck_db::{Backend, Connection, DatabaseUrl, DbError, Environment, Secret};
use limbeck_ops::HostError;

use crate::settings::Settings;

pub use error::ScratchError;
pub use perform::perform;

use folder::Folder;
use postgres::TemporaryDatabase;
use server::PrivateServer;

/// What is wanted of a scratch database.
#[derive(Debug, Clone, Default)]
pub struct ScratchOptions {
    /// Another server (any database of it) to make it on.
    pub server: Option<DatabaseUrl>,
    /// Schemas that are to be there from the start.
    pub schemas: Vec<String>,
    /// Extensions that are to be there from the start, each with its schema.
    pub extensions: Vec<(String, String)>,
}

/// A scratch database; dropped with the value.
pub struct Scratch {
    settings: Settings,
    environment: Environment,
    /// What goes away with the value. Order matters: the database before the server.
    #[expect(dead_code, reason = "kept for its Drop")]
    place: Place,
    /// What should be known about where it is.
    note: Option<String>,
}

enum Place {
    Database(#[expect(dead_code, reason = "kept for its Drop")] TemporaryDatabase),
    Private(
        #[expect(dead_code, reason = "kept for its Drop")] TemporaryDatabase,
        #[expect(dead_code, reason = "kept for its Drop")] PrivateServer,
    ),
    File(#[expect(dead_code, reason = "kept for its Drop")] Folder),
}

impl Scratch {
    /// Makes one for the database that `settings` name.
    ///
    /// # Errors
    /// The server does not let us, or cannot be reached.
    pub fn new(settings: &Settings, environment: &Environment, options: &ScratchOptions) -> Result<Self, ScratchError> {
        let url = settings.url.as_ref().ok_or(ScratchError::NoUrl)?;
        match url.backend().map_err(|error| ScratchError::Database(error.into()))? {
            Backend::Sqlite => {
                let folder = Folder::new().map_err(|error| ScratchError::File { error })?;
                let url = DatabaseUrl {
                    drivername: url.drivername.clone(),
                    username: None,
                    password: None,
                    host: None,
                    port: None,
                    database: Some(folder.path().join("scratch.db").display().to_string()),
                    query: Vec::new(),
                };
                Ok(Self::at(settings, environment, url, Place::File(folder), None))
            }
            Backend::Postgresql => Self::on_postgres(settings, url, environment, options),
            backend => Err(ScratchError::Database(limbeck_db::UrlError::Connect(backend).into())),
        }
    }

    fn on_postgres(settings: &Settings, url: &DatabaseUrl, environment: &Environment, options: &ScratchOptions) -> Result<Self, ScratchError> {
        let like = postgres::Like::read(url, environment).map_err(ScratchError::Database)?;
        let host = options.server.as_ref().unwrap_or(url);
        match TemporaryDatabase::create(host, environment, &like) {
            Ok(database) => {
                database.prepare(settings, environment, options)?;
                let place = database.url().clone();
                Ok(Self::at(settings, environment, place, Place::Database(database), None))
            }
            Err(ScratchError::NotAllowed { role, message }) => {
                let refused = ScratchError::NotAllowed { role: role.clone(), message };
                let Some(server) = PrivateServer::start(like.major, &like.role)? else {
                    return Err(refused);
                };
                let database = TemporaryDatabase::create(&server.url(), environment, &like)?;
                database.prepare(settings, environment, options)?;
                let note = format!("the role {role} may not create databases here: a private server on this machine was used");
                let place = database.url().clone();
                Ok(Self::at(settings, environment, place, Place::Private(database, server), Some(note)))
            }
            Err(error) => Err(error),
        }
    }

    fn at(settings: &Settings, environment: &Environment, url: DatabaseUrl, place: Place, note: Option<String>) -> Self {
        let settings = Settings {
            url_text: Some(Secret::new(url.render(false))),
            url: Some(url),
            ..settings.clone()
        };
        Scratch {
            settings,
            environment: environment.clone(),
            place,
            note,
        }
    }

    /// The settings of the real database, leading to this one.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// What should be known about where it is.
    pub fn note(&self) -> Option<&str> {
        self.note.as_deref()
    }

    /// Connects to it.
    ///
    /// # Errors
    /// It cannot be reached any more.
    pub fn connect(&self) -> Result<Box<dyn Connection>, DbError> {
        let url = self.settings.url.as_ref().ok_or(limbeck_db::UrlError::Form)?;
        let mut connection = limbeck_db::connect(url, &self.environment)?;
        if connection.backend() == Backend::Sqlite {
            // Nothing here has to outlive a power cut.
            connection.execute_batch("PRAGMA synchronous = OFF")?;
        }
        Ok(connection)
    }

    /// Connects for a run: what env.py runs first has run.
    ///
    /// # Errors
    /// It cannot be reached any more, or refuses what env.py runs.
    pub fn connect_for_run(&self) -> Result<Box<dyn Connection>, HostError> {
        let mut connection = self.connect()?;
        crate::runner::run_setup(connection.as_mut(), &self.settings)?;
        Ok(connection)
    }
}

/// Where temporary files go.
fn temporary() -> PathBuf {
    std::env::temp_dir()
}
