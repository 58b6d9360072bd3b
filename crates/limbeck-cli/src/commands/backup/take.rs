//! One backup of one database.

use super::options::BackupOptions;
use super::{Meter, failure};
use crate::context::{Context, Failure};
use crate::session;
use crate::workspace::{GraphErrors, Workspace};
use limbeck_backup::{BackupError, Compression, DumpRequest, Format, Server, SqliteRequest, Taken, Watch, backup_sqlite, dump, find_tool};
use limbeck_db::{Backend, Connection, Environment};
use limbeck_run::Settings;
use limbeck_source::{Diagnose, Diagnostic};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// What is wanted.
pub struct Order {
    pub output: Option<PathBuf>,
    pub format: Option<Format>,
    pub schema_only: bool,
    pub jobs: Option<u32>,
    pub counts: bool,
    pub ignore_space: bool,
    pub overwrite: bool,
    /// The run it is taken before.
    pub before: Option<String>,
}

/// Takes it.
///
/// # Errors
/// Why there is none.
pub fn take(
    context: &Context,
    workspace: &Workspace,
    settings: &Settings,
    options: &BackupOptions,
    order: &Order,
    stop: Arc<AtomicBool>,
) -> Result<Taken, Failure> {
    let url = settings.url.as_ref().ok_or_else(|| {
        Failure::new(Diagnostic::error("E0601", "no database URL").hint("give one with `--url`, DATABASE_URL, or `sqlalchemy.url` in the configuration"))
    })?;
    let backend = url.backend().map_err(|error| Failure::new(error.diagnose()))?;
    if backend == Backend::Sqlite && (order.jobs.is_some() || matches!(order.format, Some(Format::Custom | Format::Directory))) {
        return Err(Failure::new(
            Diagnostic::error("E0002", "`--format` and `--jobs` are for PostgreSQL: a backup of SQLite is a SQLite file").hint("leave them out"),
        ));
    }
    let facts = |rows: &[String]| history_facts(context, workspace, rows);
    let mut meter = Meter::new(context);
    let mut tell = |event: limbeck_backup::Event<'_>| meter.event(event);
    let mut watch = Watch::new(stop, &mut tell);
    let output = |label: &str, rows: Option<&[String]>, extension: &str| {
        order.output.clone().unwrap_or_else(|| {
            options.prepare(&workspace.project.root());
            free_name(&options.folder, &default_name(label, rows), extension)
        })
    };
    let table = settings.version_table.name.clone();
    if backend == Backend::Sqlite {
        let path = sqlite_path(settings)?;
        let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let rows = read_rows(context, settings)?;
        let output = output(&stem, rows.as_deref(), if order.schema_only { "sql" } else { "db.zst" });
        let request = SqliteRequest {
            compression: Compression::of_name(&output),
            output,
            schema_only: order.schema_only,
            counts: order.counts,
            ignore_space: order.ignore_space,
            overwrite: order.overwrite,
            version_table: table,
            facts: &facts,
            before: order.before.clone(),
            label: session::label(settings),
            limbeck: env!("CARGO_PKG_VERSION"),
        };
        return backup_sqlite(&path, &request, &mut watch).map_err(failure);
    }
    let (mut connection, server) = Server::reach(url, &Environment::of_process()).map_err(|error| Failure::new(error.diagnose()))?;
    let major = connection.server_version().first().copied().unwrap_or_default();
    let program = find_tool(&options.places, "pg_dump", major).map_err(failure)?;
    let rows = limbeck_run::run_setup(&mut connection, settings).and_then(|()| limbeck_run::version::read(&settings.version_table, &mut connection));
    let rows = rows.map_err(|error| session::database_failure(context, "the version table cannot be read", &error))?;
    let format = order.format.unwrap_or(Format::Plain);
    let extension = match (format, order.schema_only) {
        (Format::Custom, _) => "dump",
        (Format::Directory, _) => "dir",
        (_, true) => "sql",
        _ => "sql.zst",
    };
    let output = output(server.database(), rows.as_deref(), extension);
    let request = DumpRequest {
        compression: if format == Format::Plain {
            Compression::of_name(&output)
        } else {
            Compression::None
        },
        output,
        format,
        schema_only: order.schema_only,
        jobs: order.jobs,
        counts: order.counts,
        ignore_space: order.ignore_space,
        overwrite: order.overwrite,
        version_table: table,
        facts: &facts,
        before: order.before.clone(),
        limbeck: env!("CARGO_PKG_VERSION"),
    };
    dump(&mut connection, &server, &program, &request, &mut watch).map_err(failure)
}

fn read_rows(context: &Context, settings: &Settings) -> Result<Option<Vec<String>>, Failure> {
    let mut connection = session::connect(context, settings, &mut limbeck_run::Silent)?;
    limbeck_run::version::read(&settings.version_table, connection.as_mut())
        .map_err(|error| session::database_failure(context, "the version table cannot be read", &error))
}

/// Refuses a SQLite file that is not there, before a connection makes an empty one.
///
/// # Errors
/// It is not there, or is none.
pub fn has_file(settings: &Settings) -> Result<(), Failure> {
    let is_sqlite = settings.dialect == limbeck_dialect::DialectName::Sqlite;
    if is_sqlite && !sqlite_path(settings)?.exists() {
        return Err(failure(BackupError::NoFile {
            database: session::label(settings),
        }));
    }
    Ok(())
}

/// The SQLite file a URL leads to.
///
/// # Errors
/// It leads to a database in memory.
pub fn sqlite_path(settings: &Settings) -> Result<PathBuf, Failure> {
    let text = settings.url.as_ref().and_then(|url| url.database.clone()).unwrap_or_default();
    let path = text.strip_prefix("file:").unwrap_or(&text).split('?').next().unwrap_or_default();
    if path.is_empty() || path.starts_with(":memory:") {
        return Err(failure(BackupError::NoFile {
            database: session::label(settings),
        }));
    }
    Ok(std::path::absolute(Path::new(path)).unwrap_or_else(|_| path.into()))
}

/// `shop_ab12_20260102T030405Z.sql.zst`, or with a number where that is taken.
fn free_name(folder: &Path, name: &str, extension: &str) -> PathBuf {
    let numbered = (2..).map(|number| format!("{name}_{number}"));
    let mut names = std::iter::once(name.to_owned())
        .chain(numbered)
        .map(|name| folder.join(format!("{name}.{extension}")));
    names.find(|path| !path.exists()).expect("numbers do not end")
}

fn default_name(database: &str, rows: Option<&[String]>) -> String {
    let safe = |text: &str| -> String {
        let kept = |c: char| if c.is_alphanumeric() || matches!(c, '-' | '_' | '.') { c } else { '_' };
        text.chars().map(kept).take(60).collect()
    };
    let at = match rows {
        None | Some([]) => "base".to_owned(),
        Some(rows) => safe(&rows.join("+")),
    };
    let moment = jiff::Timestamp::now().strftime("%Y%m%dT%H%M%SZ");
    format!("{}_{at}_{moment}", safe(database).trim_start_matches('.'))
}

/// The hash of the graph, and of the scripts that are applied. A history that cannot be read is no reason to do without a backup.
fn history_facts(context: &Context, workspace: &Workspace, rows: &[String]) -> (Option<String>, BTreeMap<String, String>) {
    let Ok(history) = workspace.history(context, GraphErrors::Caught) else {
        return (None, BTreeMap::new());
    };
    let graph = &history.graph;
    let mut lines: Vec<String> = graph
        .indices()
        .map(|at| {
            let header = graph.header(at);
            format!("{} < {} + {}\n", header.id, header.down_revisions.join(" "), header.depends_on.join(" "))
        })
        .collect();
    lines.sort();
    let mut applied = std::collections::BTreeSet::new();
    for at in rows.iter().filter_map(|row| graph.find(row)) {
        applied.insert(graph.id(at));
        applied.extend(graph.ancestors(at).into_iter().map(|at| graph.id(at)));
    }
    let scripts = history.scripts.iter().filter(|script| applied.contains(script.header.revision.as_str()));
    let hashes = scripts.filter_map(|script| {
        let source = limbeck_script::read_source(&script.path).ok()?;
        Some((script.header.revision.clone(), limbeck_script::meaning(&source)))
    });
    (Some(limbeck_script::digest(&lines.concat())), hashes.collect())
}

#[cfg(test)]
mod tests {
    use super::default_name;

    #[test]
    fn default_names_are_safe_for_files() {
        let name = default_name("../my db", Some(&["ab12".to_owned(), "cd34".to_owned()]));
        assert!(name.starts_with("_my_db_ab12_cd34_20") && name.ends_with('Z'), "{name}");
    }
}
