//! Learning what a run is about: evaluates env.py (or takes what was learnt from it before) and combines it with the command line, the environment and the
//! configuration files.

use crate::metadata::{Ask, own_python};
use crate::settings::{EnvOptions, Settings, UrlSource};
use limbeck_db::{Backend, DatabaseUrl, Secret, UrlError};
use limbeck_dialect::{DialectName, VersionTable};
use limbeck_python::{ConfigData, Engine, EngineConfig, EnvCache, EnvCacheKey, EnvOutcome, EnvRequest, EnvTarget, OutputSink, ScriptError, ScriptErrorKind};
use limbeck_schema::{Ident, NamingConvention, TableName};
use limbeck_script::Project;
use limbeck_source::{Diagnose, Diagnostic};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

/// A script may think this long without asking its host for anything.
const SCRIPT_DEADLINE: Duration = Duration::from_secs(600);
/// env.py may think this long.
const ENV_DEADLINE: Duration = Duration::from_secs(60);

/// What the command line and the process say. Not `Debug`: the environment and the URL hold passwords.
#[derive(Clone)]
pub struct LearnRequest<'a> {
    pub project: &'a Project,
    /// The process's environment.
    pub environment: &'a BTreeMap<String, String>,
    /// `--url`.
    pub url: Option<&'a str>,
    /// `-x`.
    pub x_args: &'a [String],
    pub tag: Option<&'a str>,
    pub offline: bool,
    pub revision: Option<&'a str>,
    pub starting_revision: Option<&'a str>,
    pub use_cache: bool,
    /// Whether env.py's URL wins over the environment's (as under Alembic, where nothing but env.py decides).
    pub env_decides: bool,
    /// Whether env.py is left alone, and the other sources decide.
    pub skip_env: bool,
    /// Whether a revision is to be written of what models and database differ in.
    pub autogenerate: bool,
}

/// What was learnt.
#[derive(Debug)]
pub struct Learned {
    /// One for each database env.py works on; nearly always one.
    pub settings: Vec<Settings>,
    /// Whether env.py set up logging from the ini.
    pub log: bool,
    /// What the user should know.
    pub warnings: Vec<Diagnostic>,
}

/// Why nothing could be learnt.
#[derive(Debug)]
pub enum LearnError {
    /// env.py stopped, and no other source gives a URL.
    Env(Box<ScriptError>),
    /// No source gives a URL.
    NoUrl { tried: Vec<&'static str> },
    /// A URL that cannot be used, and where it came from.
    Url { source: UrlSource, error: UrlError },
    /// The configuration cannot be read.
    Config(limbeck_script::ScriptError),
}

impl UrlSource {
    /// The source for people.
    pub fn describe(&self) -> String {
        match self {
            UrlSource::Option => "`--url`".into(),
            UrlSource::XArgument(name) => format!("`-x {name}=`"),
            UrlSource::DatabaseUrl => "the variable DATABASE_URL".into(),
            UrlSource::Env => "env.py".into(),
            UrlSource::Ini => "`sqlalchemy.url` in the configuration".into(),
            UrlSource::Parts => "the variables DB_HOST, DB_PORT, DB_NAME, DB_USER, DB_PASSWORD".into(),
        }
    }
}

impl Diagnose for LearnError {
    fn diagnose(&self) -> Diagnostic {
        match self {
            LearnError::Env(error) => {
                let found = error.diagnose();
                let hint = found.hint.clone();
                found
                    .note("env.py could not be evaluated, and no other source names a database; nothing was changed")
                    .hint(hint.unwrap_or_else(|| "mend env.py, or give the database with `--url` or DATABASE_URL".into()))
            }
            LearnError::NoUrl { tried } => Diagnostic::error("E0601", "no source names a database")
                .note(format!("looked at: {}", tried.join(", ")))
                .hint("set DATABASE_URL, give `--url`, or write `sqlalchemy.url` into the configuration"),
            LearnError::Url { source, error } => {
                Diagnostic::error(error.code(), format!("the database URL from {} cannot be used: {error}", source.describe())).hint(error.hint())
            }
            LearnError::Config(error) => error.diagnose(),
        }
    }
}

/// Learns which databases a command works on, and how.
///
/// # Errors
/// No usable URL from any source.
pub fn learn(request: &LearnRequest<'_>) -> Result<Learned, LearnError> {
    let explicit = explicit_url(request);
    let outcome = evaluate(request, explicit.as_ref().map(|(url, _)| url.as_str()))?;
    combine(request, explicit, outcome)
}

/// As [`learn`]; where env.py has to be evaluated for it, the models are read in the same go. `output` hears what is printed then.
///
/// # Errors
/// As [`learn`].
pub fn learn_with_models(request: &LearnRequest<'_>, output: OutputSink) -> Result<(Learned, Option<Ahead>), LearnError> {
    let explicit = explicit_url(request);
    let url = explicit.as_ref().map(|(url, _)| url.as_str());
    let asked = env_request(request, url);
    let key = cache_key(request, &asked);
    let cache = if request.use_cache { EnvCache::open(request.environment) } else { None };
    let by_engine = asked.env_py.exists() && crate::metadata::may_be_read_by_engine(request.project);
    if !by_engine || cache.as_ref().is_some_and(|cache| cache.load(&key).is_some()) {
        return learn(request).map(|learned| (learned, None));
    }
    let read = start_engine(request, Arc::default(), output).and_then(|mut engine| {
        let metadata = engine.target_metadata(&asked)?;
        Ok((engine, metadata))
    });
    // Without models there is still a database to be found.
    let Ok((engine, metadata)) = read else {
        return learn(request).map(|learned| (learned, None));
    };
    if let Some(cache) = cache {
        cache.store(&key, &metadata.env);
    }
    let learned = combine(request, explicit.clone(), metadata.env.clone())?;
    // Another URL than env.py's own could make it decide something else.
    let same = match learned.settings.as_slice() {
        [only] => explicit.is_some() || only.url_source == UrlSource::Env,
        _ => false,
    };
    Ok((learned, same.then_some(Ahead { engine, metadata })))
}

/// Models that were read before it was known which database they are for.
pub struct Ahead {
    pub(crate) engine: Engine,
    pub(crate) metadata: limbeck_python::WantedMetadata,
}

fn combine(request: &LearnRequest<'_>, explicit: Option<(String, UrlSource)>, outcome: EnvOutcome) -> Result<Learned, LearnError> {
    let project = request.project;
    let mut warnings = Vec::new();
    let mut targets: Vec<EnvTarget> = outcome.targets;
    if targets.is_empty() {
        targets.push(EnvTarget::default());
    }
    let single = targets.len() == 1;
    let mut settings = Vec::with_capacity(targets.len());
    for target in targets {
        let chosen = if single {
            choose_url(request, explicit.clone(), &target)?
        } else {
            target.url.clone().map(|url| (url, UrlSource::Env))
        };
        let has_dialect = target.dialect.is_some() && request.offline;
        match chosen {
            Some((url, source)) => settings.push(make(project, target, Some(url), source)?),
            None if has_dialect => settings.push(make(project, target, None, UrlSource::Env)?),
            None => {
                return Err(match outcome.stopped {
                    Some(error) => LearnError::Env(Box::new(error)),
                    None => LearnError::NoUrl {
                        tried: vec!["`--url`", "`-x url=`", "DATABASE_URL", "env.py", "`sqlalchemy.url`", "DB_HOST, DB_NAME, …"],
                    },
                });
            }
        }
    }
    if !single && request.url.is_some() {
        let note = format!("env.py works on {} databases and decides itself where each is", settings.len());
        warnings.push(Diagnostic::warning("E0601", "`--url` names one database and is not used").note(note));
    }
    if let Some(error) = outcome.stopped {
        let source = settings.first().map(|first| first.url_source.describe()).unwrap_or_default();
        let mut warning = error.diagnose();
        warning.severity = limbeck_source::Severity::Warning;
        warning.message = format!("env.py could not be evaluated: {}", warning.message);
        warnings.push(
            warning
                .note(format!(
                    "the database comes from {source}; options that env.py gives to context.configure() may be missing"
                ))
                .hint("set what env.py would have decided in the configuration: [limbeck] naming_convention, version_table, version_table_schema"),
        );
    }
    Ok(Learned {
        settings,
        log: outcome.log_config.is_some(),
        warnings,
    })
}

/// The URL of the command line, or of the environment where that wins over env.py.
fn explicit_url(request: &LearnRequest<'_>) -> Option<(String, UrlSource)> {
    if let Some(url) = request.url {
        return Some((url.to_owned(), UrlSource::Option));
    }
    for name in ["url", "dburl"] {
        let found = request.x_args.iter().find_map(|argument| argument.strip_prefix(name)?.strip_prefix('='));
        if let Some(url) = found {
            return Some((url.to_owned(), UrlSource::XArgument(name.to_owned())));
        }
    }
    if request.env_decides { None } else { database_url(request) }
}

fn database_url(request: &LearnRequest<'_>) -> Option<(String, UrlSource)> {
    request
        .environment
        .get("DATABASE_URL")
        .filter(|url| !url.is_empty())
        .map(|url| (url.clone(), UrlSource::DatabaseUrl))
}

fn choose_url(request: &LearnRequest<'_>, explicit: Option<(String, UrlSource)>, target: &EnvTarget) -> Result<Option<(String, UrlSource)>, LearnError> {
    if explicit.is_some() {
        return Ok(explicit);
    }
    if let Some(url) = &target.url {
        return Ok(Some((url.clone(), UrlSource::Env)));
    }
    if target.dialect.is_some() && request.offline {
        return Ok(None);
    }
    if let Some(found) = database_url(request) {
        return Ok(Some(found));
    }
    let config = request.project.config();
    let ini = config.ini().has_section(config.section_name());
    if ini && let Some(url) = config.main_option("sqlalchemy.url").map_err(LearnError::Config)?.filter(|url| !url.is_empty()) {
        return Ok(Some((url, UrlSource::Ini)));
    }
    if let Some(url) = config.own_option("url").map_err(LearnError::Config)? {
        return Ok(Some((url, UrlSource::Ini)));
    }
    Ok(url_of_parts(request.environment).map(|url| (url, UrlSource::Parts)))
}

/// Builds a PostgreSQL URL from `DB_HOST`, `DB_PORT`, `DB_NAME`, `DB_USER`, `DB_PASSWORD`; a host or a name must be there.
fn url_of_parts(environment: &BTreeMap<String, String>) -> Option<String> {
    let get = |name: &str| environment.get(name).filter(|value| !value.is_empty());
    let (host, name) = (get("DB_HOST"), get("DB_NAME"));
    if host.is_none() && name.is_none() {
        return None;
    }
    let quote = |text: &String| percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string();
    let mut url = String::from("postgresql://");
    if let Some(user) = get("DB_USER") {
        url.push_str(&quote(user));
        if let Some(password) = get("DB_PASSWORD") {
            url.push(':');
            url.push_str(&quote(password));
        }
        url.push('@');
    }
    match host {
        Some(host) if host.starts_with('/') => {
            url.push_str(&format!("/{}?host={}", name.map(quote).unwrap_or_default(), quote(host)));
            if let Some(port) = get("DB_PORT") {
                url.push_str(&format!("&port={port}"));
            }
            return Some(url);
        }
        Some(host) if host.contains(':') && !host.starts_with('[') => url.push_str(&format!("[{host}]")),
        Some(host) => url.push_str(host),
        None => {}
    }
    if let Some(port) = get("DB_PORT") {
        url.push_str(&format!(":{port}"));
    }
    url.push_str(&format!("/{}", name.map(quote).unwrap_or_default()));
    Some(url)
}

fn env_request(request: &LearnRequest<'_>, url: Option<&str>) -> EnvRequest {
    EnvRequest {
        env_py: request.project.env_py(),
        offline: request.offline,
        url: url.map(str::to_owned),
        revision_argument: request.revision.map(str::to_owned),
        starting_revision: request.starting_revision.map(str::to_owned),
        head_revisions: Vec::new(),
    }
}

pub(crate) fn cache_key<'a>(request: &'a LearnRequest<'_>, asked: &'a EnvRequest) -> EnvCacheKey<'a> {
    let config = request.project.config();
    EnvCacheKey {
        request: asked,
        section: config.section_name(),
        config_files: [config.ini_path(), config.toml_path(), config.own_path()]
            .into_iter()
            .flatten()
            .map(PathBuf::from)
            .collect(),
        environment: request.environment,
        x_args: request.x_args,
        tag: request.tag,
    }
}

fn evaluate(request: &LearnRequest<'_>, url: Option<&str>) -> Result<EnvOutcome, LearnError> {
    let env_request = env_request(request, url);
    if !env_request.env_py.exists() {
        return Ok(EnvOutcome::default());
    }
    let key = cache_key(request, &env_request);
    let cache = if request.use_cache { EnvCache::open(request.environment) } else { None };
    if let Some(outcome) = cache.as_ref().and_then(|cache| cache.load(&key)) {
        return Ok(outcome);
    }
    let mut config = engine_config(request, Arc::default(), quiet());
    config.deadline = Some(ENV_DEADLINE);
    let outcome = Engine::start(config)
        .and_then(|mut engine| engine.evaluate_env(&env_request))
        .map_err(|error| LearnError::Env(Box::new(error)))?;
    let outcome = match by_own_python(request, url, &outcome) {
        None => outcome,
        Some(Ok(learned)) => learned,
        // It knows better than the engine why env.py does not run, unless it could not try.
        Some(Err(error)) if error.kind != ScriptErrorKind::UnfitPython => EnvOutcome {
            stopped: Some(error),
            ..outcome
        },
        Some(Err(_)) => outcome,
    };
    if let Some(cache) = cache {
        cache.store(&key, &outcome);
    }
    Ok(outcome)
}

/// What env.py decides in the project's own Python, where the engine could not run it to its end.
fn by_own_python(request: &LearnRequest<'_>, url: Option<&str>, outcome: &EnvOutcome) -> Option<Result<EnvOutcome, ScriptError>> {
    let stopped = outcome.stopped.as_ref()?;
    if matches!(stopped.kind, ScriptErrorKind::Syntax | ScriptErrorKind::Interrupted) {
        return None;
    }
    let project = request.project;
    let python = own_python::setting(project).ok()?.interpreter(project, request.environment)?;
    let ask = Ask {
        environment: request.environment,
        url,
        x_args: request.x_args,
        offline: request.offline,
        autogenerate: false,
    };
    let limit = match own_python::time_limit(project) {
        Ok(limit) => limit,
        Err(error) => return Some(Err(error)),
    };
    Some(own_python::learn(&python, project, ask, limit))
}

/// env.py is evaluated to learn, not to be listened to.
fn quiet() -> OutputSink {
    Box::new(|_| {})
}

/// Starts the engine for scripts; `output` hears what they print and log.
///
/// # Errors
/// If the system gives no thread for it.
pub fn start_engine(request: &LearnRequest<'_>, interrupt: Arc<AtomicBool>, output: OutputSink) -> Result<Engine, ScriptError> {
    Engine::start(engine_config(request, interrupt, output))
}

fn engine_config(request: &LearnRequest<'_>, interrupt: Arc<AtomicBool>, output: OutputSink) -> EngineConfig {
    let project = request.project;
    let config = project.config();
    let mut sections: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
    let ini = config.ini();
    for name in ini.sections() {
        let keys = ini.items(name).ok().flatten().unwrap_or_default();
        let raw = keys.keys().filter_map(|key| Some((key.clone(), ini.raw(name, key)?.to_owned()))).collect();
        sections.insert(name.to_owned(), raw);
    }
    let mut sys_path = project.prepend_sys_path().to_vec();
    sys_path.push(project.root());
    sys_path.push(project.script_folder().to_owned());
    let mut engine = EngineConfig::new(project.root());
    engine.sys_path = sys_path;
    engine.readable = std::iter::once(project.script_folder().to_owned())
        .chain(project.version_locations().iter().cloned())
        .chain(project.prepend_sys_path().iter().cloned())
        .collect();
    engine.environment = request.environment.clone();
    engine.config = ConfigData {
        config_file_name: config.ini_path().map(|path| path.display().to_string()),
        config_ini_section: config.section_name().to_owned(),
        toml_file_name: config.toml_path().map(|path| path.display().to_string()),
        here: config.main_file().and_then(std::path::Path::parent).map(|path| path.display().to_string()),
        sections,
        cmd_opts: BTreeMap::new(),
    };
    engine.x_args = request.x_args.to_vec();
    engine.tag = request.tag.map(str::to_owned);
    engine.deadline = Some(SCRIPT_DEADLINE);
    engine.interrupt = interrupt;
    engine.output = output;
    engine
}

fn make(project: &Project, target: EnvTarget, url_text: Option<String>, source: UrlSource) -> Result<Settings, LearnError> {
    let unusable = |error| LearnError::Url { source: source.clone(), error };
    let url = url_text.as_deref().map(DatabaseUrl::parse).transpose().map_err(unusable)?;
    let backend = url.as_ref().map(DatabaseUrl::backend).transpose().map_err(unusable)?;
    let dialect = match backend {
        Some(Backend::Postgresql) => DialectName::Postgresql,
        Some(Backend::Sqlite) => DialectName::Sqlite,
        Some(Backend::Mysql | Backend::Mariadb) => DialectName::Mysql,
        None => target
            .dialect
            .as_deref()
            .and_then(DialectName::from_name)
            .ok_or_else(|| unusable(UrlError::Dialect(target.dialect.clone().unwrap_or_default())))?,
    };
    let text = |key: &str| target.options.get(key).and_then(serde_json::Value::as_str).map(str::to_owned);
    let flag = |key: &str| target.options.get(key).and_then(serde_json::Value::as_bool);
    let own = |key: &str| project.config().own_option(key).map_err(LearnError::Config);
    let schema = match text("version_table_schema") {
        Some(schema) => Some(schema),
        None => own("version_table_schema")?,
    };
    let name = match text("version_table") {
        Some(name) => name,
        None => own("version_table")?.unwrap_or_else(|| "alembic_version".into()),
    };
    let mut naming = NamingConvention::default();
    let convention = match &target.naming_convention {
        Some(convention) => convention.iter().map(|(key, pattern)| (key.clone(), pattern.clone())).collect(),
        None => project.config().own_table("naming_convention").map_err(LearnError::Config)?,
    };
    if !convention.is_empty() {
        naming.patterns = convention;
    }
    let paramstyle = target
        .options
        .get("dialect_opts")
        .and_then(|opts| opts.get("paramstyle"))
        .and_then(serde_json::Value::as_str)
        .map(str::to_owned);
    Ok(Settings {
        driver: url.as_ref().and_then(|url| url.driver().map(str::to_owned)),
        url,
        url_source: source,
        url_text: url_text.map(Secret::new),
        dialect,
        version_table: VersionTable {
            name: TableName {
                schema: schema.map(Ident::new),
                name: Ident::new(name),
            },
            primary_key: flag("version_table_pk").unwrap_or(true),
        },
        naming,
        options: EnvOptions {
            transaction_per_migration: flag("transaction_per_migration").unwrap_or(false),
            transactional_ddl: flag("transactional_ddl"),
            literal_binds: flag("literal_binds").unwrap_or(false),
            paramstyle,
            has_metadata: target.has_metadata,
            render_as_batch: flag("render_as_batch").unwrap_or(false),
            as_sql: flag("as_sql").unwrap_or(false),
            raw: target.options,
        },
        setup: target.setup,
        grants: false,
        arguments: target.arguments,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(pairs: &[(&str, &str)]) -> Option<String> {
        url_of_parts(&pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
    }

    #[test]
    fn parts_make_a_url() {
        assert_eq!(parts(&[("DB_USER", "u")]), None);
        assert_eq!(parts(&[("DB_HOST", "h"), ("DB_NAME", "d")]).as_deref(), Some("postgresql://h/d"));
        assert_eq!(parts(&[("DB_HOST", "::1"), ("DB_PORT", "5433")]).as_deref(), Some("postgresql://[::1]:5433/"));
        assert_eq!(
            parts(&[
                ("DB_HOST", "h"),
                ("DB_PORT", "5433"),
                ("DB_NAME", "d"),
                ("DB_USER", "u"),
                ("DB_PASSWORD", "p@/w")
            ])
            .as_deref(),
            Some("postgresql://u:p%40%2Fw@h:5433/d")
        );
        assert_eq!(
            parts(&[("DB_HOST", "/run/pg"), ("DB_PORT", "5433"), ("DB_NAME", "d")]).as_deref(),
            Some("postgresql:///d?host=%2Frun%2Fpg&port=5433")
        );
    }
}
