//! The wanted schema of a project: `target_metadata` of its env.py, evaluated with all its models; by the project's own Python where Limbeck cannot.

mod own_python;

pub use own_python::OwnPython;

use crate::environment::{Ahead, LearnRequest, cache_key, start_engine};
use limbeck_python::{Engine, EnvCache, EnvRequest, Output, ScriptError, ScriptErrorKind, Switch, WantedMetadata};
use limbeck_script::Project;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// The wanted schema.
#[derive(Debug, Clone, Default)]
pub struct Models {
    /// What env.py and the models say.
    pub metadata: WantedMetadata,
    /// The project's own Python, if that read them; the engine then knows no objects, and none of the functions is to be asked.
    pub read_by: Option<PathBuf>,
}

/// The wanted schema, and the engine that knows its objects: functions of env.py are asked through it.
pub struct Wanted {
    /// What was read.
    pub models: Models,
    /// The engine.
    pub engine: Engine,
}

/// Starts an engine and reads the models with it. `url` is the database to compare with: it takes the place of the configuration's, and types are those of
/// its dialect.
///
/// # Errors
/// What stopped env.py or a module of the models.
pub fn wanted(request: &LearnRequest<'_>, url: Option<&str>, interrupt: Arc<AtomicBool>, output: Box<dyn FnMut(Output) + Send>) -> Result<Wanted, ScriptError> {
    let mut engine = start_engine(request, interrupt, output)?;
    let models = cached_models(&mut engine, request, url)?;
    Ok(Wanted { models, engine })
}

/// Reads the models as [`read_models`] does, or takes what was read before, where nothing that it depended on has changed and no function of env.py has to
/// be asked. `--no-cache` (`request.use_cache`) reads them afresh.
///
/// # Errors
/// As [`read_models`].
pub fn cached_models(engine: &mut Engine, request: &LearnRequest<'_>, url: Option<&str>) -> Result<Models, ScriptError> {
    let project = request.project;
    let asked = env_request(project, url);
    let key = cache_key(request, &asked);
    let cache = if request.use_cache { EnvCache::open(request.environment) } else { None };
    let kept = cache.as_ref().and_then(|cache| cache.load_models(&key));
    let is_of_today = |metadata: &WantedMetadata| metadata.reader.as_ref().is_none_or(|reader| *reader == own_python::reader());
    if let Some(metadata) = kept.filter(is_of_today) {
        return Ok(Models { metadata, read_by: None });
    }
    let models = read_models(engine, project, request.environment, request.x_args, url)?;
    if let Some(cache) = cache {
        cache.store_models(&key, &models.metadata);
    }
    Ok(models)
}

/// Takes models that were read ahead for the database with this `url`, and keeps them as [`cached_models`] does.
pub fn models_read_ahead(ahead: Ahead, request: &LearnRequest<'_>, url: Option<&str>) -> (Models, Engine) {
    let Ahead { engine, metadata } = ahead;
    if request.use_cache
        && let Some(cache) = EnvCache::open(request.environment)
    {
        let asked = env_request(request.project, url);
        cache.store_models(&cache_key(request, &asked), &metadata);
    }
    (Models { metadata, read_by: None }, engine)
}

/// Whether the engine is to read the models at all.
pub(crate) fn may_be_read_by_engine(project: &Project) -> bool {
    let setting = project.config().own_option("python").ok().flatten();
    !matches!(OwnPython::parse(setting.as_deref(), project), OwnPython::Path(_))
}

fn env_request(project: &Project, url: Option<&str>) -> EnvRequest {
    EnvRequest {
        env_py: project.env_py(),
        url: url.map(str::to_owned),
        ..EnvRequest::default()
    }
}

/// Reads the models of a project with an engine that has loaded nothing yet, or with the project's own Python: where `python` in `[limbeck]` names one, or
/// where the engine cannot and there is a virtual environment (the active one, `.venv`, `venv`).
///
/// # Errors
/// What stopped env.py or a module of the models.
pub fn read_models(
    engine: &mut Engine,
    project: &Project,
    environment: &BTreeMap<String, String>,
    x_args: &[String],
    url: Option<&str>,
) -> Result<Models, ScriptError> {
    let setting = project
        .config()
        .own_option("python")
        .map_err(|error| ScriptError::internal_like(ScriptErrorKind::OwnPython, error.to_string()))?;
    let own = OwnPython::parse(setting.as_deref(), project);
    let limit = own_python::time_limit(project)?;
    let by = |python: PathBuf| {
        let metadata = own_python::read(&python, project, environment, (url, x_args), limit).and_then(without_functions)?;
        let read_by = Some(python);
        Ok(Models { metadata, read_by })
    };
    if let OwnPython::Path(python) = own {
        return by(python);
    }
    let evaluated = engine.target_metadata(&env_request(project, url));
    match evaluated {
        Ok(metadata) => Ok(Models { metadata, read_by: None }),
        Err(error) if matches!(error.kind, ScriptErrorKind::Interrupted | ScriptErrorKind::Deadline | ScriptErrorKind::Syntax) => Err(error),
        Err(error) => own.interpreter(project, environment).map_or(Err(error), by),
    }
}

/// Functions of env.py live in a process that has ended: without the ones that decide what is compared, objects would be proposed for dropping that the
/// project wants left alone. The others are not needed for a right answer.
fn without_functions(mut metadata: WantedMetadata) -> Result<WantedMetadata, ScriptError> {
    for target in &mut metadata.targets {
        let options = &mut target.options;
        let deciding = [
            ("include_object", options.include_object),
            ("include_name", options.include_name),
            ("compare_type", options.compare_type == Switch::Function),
            ("compare_server_default", options.compare_server_default == Switch::Function),
        ];
        let named: Vec<&str> = deciding.iter().filter(|(_, there)| *there).map(|(name, _)| *name).collect();
        if !named.is_empty() {
            let text = format!(
                "env.py decides with {}, which cannot be asked while the project's own Python reads the models",
                named.join(", ")
            );
            return Err(ScriptError::internal_like(ScriptErrorKind::Functions, text));
        }
        options.process_revision_directives = false;
        options.render_item = false;
    }
    Ok(metadata)
}
