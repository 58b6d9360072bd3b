//! Why there is no scratch database.

use std::io;

use limbeck_db::DbError;
use limbeck_source::{Diagnose, Diagnostic};

/// Why a scratch database cannot be had.
#[derive(Debug)]
pub enum ScratchError {
    /// Nothing names a database.
    NoUrl,
    /// The role may not create databases.
    NotAllowed {
        /// Whom the server knows us as.
        role: String,
        /// What it said.
        message: String,
    },
    /// The server answered otherwise.
    Database(DbError),
    /// Something that it was to begin with cannot be made in it.
    Prepare {
        /// What: `the extension "postgis"`.
        what: String,
        /// What the server said.
        error: DbError,
    },
    /// No file can be made.
    File {
        /// What the system said.
        error: io::Error,
    },
    /// The private server does not start.
    Server {
        /// What it wrote.
        message: String,
    },
}

impl Diagnose for ScratchError {
    fn diagnose(&self) -> Diagnostic {
        match self {
            ScratchError::NoUrl => Diagnostic::error("E0601", "no database URL").hint("give one with `--url`, DATABASE_URL, or `sqlalchemy.url` in the configuration"),
            ScratchError::NotAllowed { role, message } => Diagnostic::error("E0730", "this needs a scratch database, and the server lets us make none")
                .cause(message)
                .note("nothing was changed")
                .hint(format!(
                    "let the role create databases (`ALTER ROLE \"{role}\" CREATEDB;`), or name another server for it with `--scratch-url` or LIMBECK_SCRATCH_URL (a development \
                     server of the same version will do), or install PostgreSQL's server programs on this machine"
                )),
            ScratchError::Database(error) => error.diagnose().note("while making a scratch database; nothing was changed"),
            ScratchError::Prepare { what, error } => Diagnostic::error("E0731", format!("{what} cannot be made in the scratch database"))
                .cause(error.to_string())
                .note("nothing was changed in the real database")
                .hint("let the role make it there (a trusted extension, or a superuser by `--scratch-url`)"),
            ScratchError::File { error } => Diagnostic::error("E0731", "no temporary file can be made for a scratch database")
                .caused_by(error)
                .hint("set TMPDIR to a directory that takes files"),
            ScratchError::Server { message } => Diagnostic::error("E0731", "the private server for a scratch database does not start")
                .cause(message)
                .note("it was tried because the role may not create databases on the real server; nothing was changed")
                .hint("let the role create databases (CREATEDB), or name another server with `--scratch-url` or LIMBECK_SCRATCH_URL"),
        }
    }
}
