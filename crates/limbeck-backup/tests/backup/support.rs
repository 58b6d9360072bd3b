//! What the tests share: a server with a rich database, and the way from a file to a restored database.

use limbeck_backup::{
    BackupError, Comparison, Compression, DumpRequest, Event, Fill, Format, InPlace, NewDatabase, Places, Server, Swapped, Taken, Watch, check_file, dump,
    fill, find_tool, in_place, inspect,
};
use limbeck_db::{Connection, DatabaseUrl, Environment};
use limbeck_expr::TableName;
use limbeck_test::Database;
use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

/// The shared server, or a word that there is none.
pub fn server() -> Option<&'static limbeck_test::Server> {
    match limbeck_test::Server::shared() {
        Ok(server) => Some(server),
        Err(reason) => {
            println!("skipped: {reason}");
            None
        }
    }
}

/// A database with a little of everything.
pub fn rich(server: &limbeck_test::Server) -> Database<'_> {
    for role in ["limbeck_reader", "limbeck_writer"] {
        // Roles belong to the server; another test may have made them.
        let _ = server.psql("postgres", &format!("CREATE ROLE {role}"));
    }
    let database = server.create_database();
    database.psql(include_str!("rich.sql")).expect("the rich database");
    let name = database.name();
    database
        .psql(&format!(
            "ALTER DATABASE {name} SET search_path TO \"$user\", public, 'we\"ird schema'; ALTER DATABASE {name} SET work_mem = '5MB'; ALTER ROLE limbeck_reader IN DATABASE {name} SET statement_timeout = '7s'; \
             COMMENT ON DATABASE {name} IS 'it''s'; GRANT CREATE ON DATABASE {name} TO limbeck_writer; REVOKE TEMPORARY ON DATABASE {name} FROM PUBLIC; ALTER DATABASE {name} CONNECTION LIMIT 50"
        ))
        .expect("its properties");
    database
}

/// Everything pg_dump knows of a database, its own properties included.
pub fn everything(server: &limbeck_test::Server, name: &str) -> String {
    let program = find_tool(&places(), "pg_dump", 10).expect("pg_dump").path;
    let output = Command::new(program)
        .args(["--create", "-U", "postgres", "-d", name, "-p", &server.port().to_string(), "-h"])
        .arg(server.socket_directory())
        .output()
        .expect("pg_dump runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let lines = text.lines().filter(|line| !line.starts_with("\\restrict") && !line.starts_with("\\unrestrict"));
    lines.flat_map(|line| [line, "\n"]).collect()
}

pub fn places() -> Places {
    Places::usual(None, &std::env::var("PATH").unwrap_or_default())
}

pub fn table() -> TableName {
    TableName::new("alembic_version")
}

/// Calls `work` with somebody who waits and hears nothing.
pub fn quietly<T>(work: impl FnOnce(&mut Watch<'_>) -> T) -> T {
    let mut tell = |_: Event<'_>| {};
    work(&mut Watch::new(Arc::new(AtomicBool::new(false)), &mut tell))
}

pub fn url(text: &str) -> DatabaseUrl {
    DatabaseUrl::parse(text).expect("a URL")
}

/// Takes a backup.
pub fn take(url_text: &str, output: &Path, format: Format) -> Result<Taken, BackupError> {
    let (mut connection, server) = Server::reach(&url(url_text), &Environment::default())?;
    let program = find_tool(&places(), "pg_dump", connection.server_version()[0])?;
    let facts = |_: &[String]| (None, BTreeMap::new());
    let request = DumpRequest {
        output: output.to_owned(),
        format,
        compression: if format == Format::Plain {
            Compression::of_name(output)
        } else {
            Compression::None
        },
        schema_only: false,
        jobs: None,
        counts: true,
        ignore_space: false,
        overwrite: false,
        version_table: table(),
        facts: &facts,
        before: None,
        limbeck: "test",
    };
    quietly(|watch| dump(&mut connection, &server, &program, &request, watch))
}

/// Restores a backup into a new database that takes the name.
pub fn swap(url_text: &str, file: &Path, terminate: bool) -> Result<Swapped, BackupError> {
    quietly(|watch| {
        let checked = check_file(file, watch)?;
        let place = NewDatabase::look(&url(url_text), &Environment::default())?;
        let programs = Fill::find(&places(), &place.connect_beside()?, &checked, None)?;
        inspect(&checked, &programs, watch)?;
        place.replace(&checked, &programs, &table(), terminate, watch)
    })
}

/// Restores a backup inside the database.
pub fn inside(url_text: &str, file: &Path, replace: bool) -> Result<Comparison, BackupError> {
    quietly(|watch| {
        let checked = check_file(file, watch)?;
        let (connection, server) = Server::reach(&url(url_text), &Environment::default())?;
        let programs = Fill::find(&places(), &connection, &checked, None)?;
        drop(connection);
        inspect(&checked, &programs, watch)?;
        let options = InPlace {
            replace,
            lock_timeout: Duration::from_secs(5),
            version_table: table(),
        };
        in_place(&server, &checked, &programs, &options, watch)
    })
}

/// Fills an empty database.
pub fn into_empty(url_text: &str, file: &Path) -> Result<(), BackupError> {
    quietly(|watch| {
        let checked = check_file(file, watch)?;
        let (connection, server) = Server::reach(&url(url_text), &Environment::default())?;
        let programs = Fill::find(&places(), &connection, &checked, None)?;
        drop(connection);
        inspect(&checked, &programs, watch)?;
        fill(&server, &checked, &programs, watch)
    })
}
