//! From a project to a database: what env.py decides, the connection, the engine.

use crate::context::{Context, Failure, LogConfig};
use crate::workspace::Workspace;
use limbeck_db::{Connection, Environment};
use limbeck_run::{Event, Events, Settings};
use limbeck_source::{Diagnose, Diagnostic};

/// What the command needs of env.py.
#[derive(Debug, Clone, Default)]
pub struct Need {
    /// `--sql`.
    pub offline: bool,
    pub revision: Option<String>,
    pub starting_revision: Option<String>,
    pub tag: Option<String>,
    /// Nothing of env.py: the other sources decide.
    pub no_env: bool,
}

/// Learns which databases to work on.
///
/// # Errors
/// No URL from any source; a URL that cannot be used.
pub fn settings(context: &Context, workspace: &Workspace, need: &Need) -> Result<Vec<Settings>, Failure> {
    let learned = crate::environment::learn(context, &workspace.project, need)?;
    context.set_log(learned.log.then(|| log_config(workspace)).flatten());
    Ok(learned.settings)
}

/// As [`settings`] with no further need; the models come along where env.py has to be evaluated anyway.
///
/// # Errors
/// No usable URL.
pub fn settings_with_models(context: &Context, workspace: &Workspace) -> Result<(Vec<Settings>, Option<limbeck_run::Ahead>), Failure> {
    let (learned, ahead) = crate::environment::learn_with_models(context, &workspace.project)?;
    context.set_log(learned.log.then(|| log_config(workspace)).flatten());
    Ok((learned.settings, ahead))
}

/// The part of `fileConfig(ini)` that Alembic's own lines go through: level of logger `alembic`, format of the root's handler.
fn log_config(workspace: &Workspace) -> Option<LogConfig> {
    let ini = workspace.project.config().ini();
    let get = |section: &str, key: &str| ini.raw(section, key).map(str::to_owned);
    let level = get("logger_alembic", "level").or_else(|| get("logger_root", "level")).unwrap_or_default();
    let handler = get("logger_root", "handlers")
        .and_then(|list| list.split(',').next().map(|name| name.trim().to_owned()))
        .unwrap_or_default();
    let formatter = get(&format!("handler_{handler}"), "formatter").unwrap_or_default();
    let format = get(&format!("formatter_{formatter}"), "format").unwrap_or_else(|| "%(message)s".into());
    let level = match level.trim().to_ascii_uppercase().as_str() {
        "DEBUG" => 10,
        "INFO" => 20,
        "ERROR" => 40,
        "CRITICAL" | "FATAL" => 50,
        "NOTSET" => 0,
        _ => 30,
    };
    Some(LogConfig { level, format })
}

/// The database for people, without its password.
pub fn label(settings: &Settings) -> String {
    settings
        .url
        .as_ref()
        .map(|url| limbeck_db::label(url, &Environment::of_process()))
        .unwrap_or_default()
}

/// Connects as [`connect`] does, for a command that only reads: a SQLite file that is not there is not made, it counts as empty.
///
/// Alembic makes it, and so do we under its name.
///
/// # Errors
/// As [`connect`].
pub fn connect_to_read(context: &Context, settings: &Settings, events: &mut dyn Events) -> Result<Box<dyn Connection>, Failure> {
    let file = settings.url.as_ref().and_then(limbeck_db::sqlite_file);
    let in_its_folder = |file: &std::path::PathBuf| file.parent().is_none_or(|folder| folder.as_os_str().is_empty() || folder.is_dir());
    let Some(file) = file.filter(|file| !context.is_alembic() && !file.exists() && in_its_folder(file)) else {
        return connect(context, settings, events);
    };
    context.message(&format!(
        "note: {} is not there yet; `{} upgrade head` makes it",
        file.display(),
        context.again()
    ));
    let nothing = limbeck_db::DatabaseUrl::parse("sqlite://").map_err(|error| Failure::new(error.diagnose()))?;
    let settings = Settings {
        url: Some(nothing),
        ..settings.clone()
    };
    connect(context, &settings, events)
}

/// Connects, runs what env.py runs first, and says so.
///
/// # Errors
/// The server cannot be reached, or refuses.
pub fn connect(context: &Context, settings: &Settings, events: &mut dyn Events) -> Result<Box<dyn Connection>, Failure> {
    let url = settings.url.as_ref().ok_or_else(no_url)?;
    let environment = Environment::of_process();
    let mut connection = limbeck_db::connect(url, &environment).map_err(|error| {
        let class = if settings.dialect == limbeck_dialect::DialectName::Sqlite {
            "sqlalchemy.exc.OperationalError: (sqlite3.OperationalError)"
        } else {
            "sqlalchemy.exc.OperationalError"
        };
        let text = error.to_string();
        Failure::new(error.diagnose()).uncaught(class, text)
    })?;
    events.event(Event::Connected {
        impl_name: settings.dialect.impl_name(),
        transactional_ddl: settings.options.transactional_ddl.unwrap_or(settings.dialect.transactional_ddl()),
        offline: false,
    });
    limbeck_run::run_setup(connection.as_mut(), settings).map_err(|error| database_failure(context, "what env.py runs on the connection failed", &error))?;
    Ok(connection)
}

/// No source names a database.
pub fn no_url() -> Failure {
    Failure::new(Diagnostic::error("E0601", "no database URL").hint("give one with `--url`, DATABASE_URL, or `sqlalchemy.url` in the configuration"))
}

/// A refusal of the database outside of a step.
pub fn database_failure(_context: &Context, what: &str, error: &limbeck_ops::HostError) -> Failure {
    let found =
        limbeck_run::with_database_error(Diagnostic::error("E0401", what), error).hint_opt(error.hint.clone().or_else(|| limbeck_run::advice(error, false)));
    match error.kind {
        limbeck_ops::DatabaseErrorKind::CommandError => Failure::new(found).alembic(error.message.clone()),
        kind => Failure::new(found).uncaught(format!("sqlalchemy.exc.{kind:?}"), error.message.clone()),
    }
}
