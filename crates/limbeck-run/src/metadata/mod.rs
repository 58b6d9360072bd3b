//! The wanted schema of a project: `target_metadata` of its env.py, evaluated with all its models; by the project's own Python where Limbeck cannot.

pub(crate) mod own_python;

pub use own_python::{Ask, OwnFunctions, OwnPython};

use crate::environment::{Ahead, LearnRequest, cache_key, start_engine};
use limbeck_python::{Directives, Engine, EnvCache, EnvRequest, HookAnswer, HookCall, Output, ScriptError, ScriptErrorKind, WantedMetadata};
use limbeck_schema::Table;
use limbeck_script::Project;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// The wanted schema.
#[derive(Debug, Default)]
pub struct Models {
    /// What env.py and the models say.
    pub metadata: WantedMetadata,
    /// The project's own Python, if that read them.
    pub read_by: Option<PathBuf>,
    /// env.py's functions there, if it has any.
    pub own_functions: Option<OwnFunctions>,
}

/// The wanted schema, and who knows its objects.
pub struct Wanted {
    /// What was read.
    pub models: Models,
    /// Who is asked env.py's functions.
    pub functions: Functions,
}

/// Who is asked env.py's functions: whoever evaluated it.
#[allow(clippy::large_enum_variant)] // one lives at a time
pub enum Functions {
    /// The engine.
    Engine(Engine),
    /// The project's own Python.
    Own(OwnFunctions),
}

impl Functions {
    /// The process that read the models, or the engine.
    pub fn of(models: &mut Models, engine: Engine) -> Functions {
        models.own_functions.take().map_or(Functions::Engine(engine), Functions::Own)
    }

    /// Gives them the database's tables, with the database's names; `target` is the number of the `context.configure(...)`.
    ///
    /// # Errors
    /// A table that cannot be made an object.
    pub fn reflected(&mut self, target: usize, tables: &[Table]) -> Result<(), ScriptError> {
        match self {
            Functions::Engine(engine) => engine.reflected(target, tables),
            Functions::Own(own) => own.reflected(target, tables),
        }
    }

    /// Asks them, in order; as many answers as questions.
    ///
    /// # Errors
    /// What a function raised, or a question about an object that nobody knows.
    pub fn call_hooks(&mut self, target: usize, calls: &[HookCall]) -> Result<Vec<HookAnswer>, ScriptError> {
        match self {
            Functions::Engine(engine) => engine.call_hooks(target, calls),
            Functions::Own(own) => own.call_hooks(target, calls),
        }
    }

    /// Hands a revision to `process_revision_directives` (`heads`: the revisions the database is at); returns what is left to be written. Comparisons of
    /// the project's own, which the engine makes, see the database through `host`.
    ///
    /// # Errors
    /// What the function raised, or an operation of its own that cannot be written.
    pub fn process_directives(
        &mut self,
        target: usize,
        directives: &Directives,
        heads: &[String],
        host: Option<&mut dyn limbeck_ops::Host>,
    ) -> Result<Vec<Directives>, ScriptError> {
        match self {
            Functions::Engine(engine) => engine.process_directives(target, directives, heads, host),
            Functions::Own(own) => own.process_directives(target, directives, heads),
        }
    }
}

/// Starts an engine and reads the models with it. `url` is the database to compare with: it takes the place of the configuration's, and types are those of
/// its dialect.
///
/// # Errors
/// What stopped env.py or a module of the models.
pub fn wanted(request: &LearnRequest<'_>, url: Option<&str>, interrupt: Arc<AtomicBool>, output: Box<dyn FnMut(Output) + Send>) -> Result<Wanted, ScriptError> {
    let mut engine = start_engine(request, interrupt, output)?;
    let mut models = cached_models(&mut engine, request, url)?;
    let functions = Functions::of(&mut models, engine);
    Ok(Wanted { models, functions })
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
        return Ok(Models { metadata, ..Models::default() });
    }
    let models = read_models(engine, request, url)?;
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
    let models = Models { metadata, ..Models::default() };
    (models, engine)
}

/// Whether the engine is to read the models at all.
pub(crate) fn may_be_read_by_engine(project: &Project) -> bool {
    !matches!(own_python::setting(project), Ok(OwnPython::Path(_)))
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
pub fn read_models(engine: &mut Engine, request: &LearnRequest<'_>, url: Option<&str>) -> Result<Models, ScriptError> {
    let project = request.project;
    let own = own_python::setting(project)?;
    let limit = own_python::time_limit(project)?;
    let by = |python: PathBuf| {
        let ask = Ask {
            environment: request.environment,
            url,
            x_args: request.x_args,
            offline: false,
            autogenerate: request.autogenerate,
        };
        let (mut metadata, own_functions) = own_python::read(&python, project, ask, limit)?;
        for target in &mut metadata.targets {
            // Types are spelled by then; nothing else is asked of it.
            target.options.render_item = false;
        }
        Ok(Models {
            metadata,
            read_by: Some(python),
            own_functions,
        })
    };
    if let OwnPython::Path(python) = own {
        return by(python);
    }
    let evaluated = engine.target_metadata(&env_request(project, url));
    match evaluated {
        Ok(metadata) => Ok(Models { metadata, ..Models::default() }),
        Err(error) if matches!(error.kind, ScriptErrorKind::Interrupted | ScriptErrorKind::Deadline | ScriptErrorKind::Syntax) => Err(error),
        Err(error) => own.interpreter(project, request.environment).map_or(Err(error), by),
    }
}
