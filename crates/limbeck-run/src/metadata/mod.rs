//! The wanted schema of a project: `target_metadata` of its env.py, evaluated with all its models; by the project's own Python where Limbeck cannot.

mod own_python;

pub use own_python::OwnPython;

use crate::environment::{LearnError, LearnRequest, start_engine};
use limbeck_python::{Engine, EnvRequest, Output, ScriptError, ScriptErrorKind, Switch, WantedMetadata};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// The wanted schema, and the engine that knows its objects: functions of env.py are asked through it.
pub struct Wanted {
    /// What env.py and the models say.
    pub metadata: WantedMetadata,
    /// The engine that evaluated them; it knows no objects where `read_by` is another Python.
    pub engine: Engine,
    /// The project's Python, if that read the models.
    pub read_by: Option<PathBuf>,
}

/// Evaluates the models of a project. `url` is the database to compare with: it takes the place of the configuration's, and types are those of its dialect.
///
/// # Errors
/// What stopped env.py or a module of the models.
pub fn wanted(request: &LearnRequest<'_>, url: Option<&str>, interrupt: Arc<AtomicBool>, output: Box<dyn FnMut(Output) + Send>) -> Result<Wanted, LearnError> {
    let stopped = |error| LearnError::Env(Box::new(error));
    let project = request.project;
    let setting = project.config().own_option("python").map_err(LearnError::Config)?;
    let own = OwnPython::parse(setting.as_deref(), project);
    let mut engine = start_engine(request, interrupt, output).map_err(stopped)?;
    let by = |python: PathBuf, engine: Engine| {
        let metadata = own_python::read(&python, project, request.environment, url, request.x_args)
            .and_then(without_functions)
            .map_err(stopped)?;
        let read_by = Some(python);
        Ok(Wanted { metadata, engine, read_by })
    };
    if let OwnPython::Path(python) = own {
        return by(python, engine);
    }
    let evaluated = engine.target_metadata(&EnvRequest {
        env_py: project.env_py(),
        offline: false,
        url: url.map(str::to_owned),
        revision_argument: request.revision.map(str::to_owned),
        starting_revision: None,
        head_revisions: Vec::new(),
    });
    match evaluated {
        Ok(metadata) => Ok(Wanted {
            metadata,
            engine,
            read_by: None,
        }),
        Err(error) if matches!(error.kind, ScriptErrorKind::Interrupted | ScriptErrorKind::Deadline | ScriptErrorKind::Syntax) => Err(stopped(error)),
        Err(error) => match own.interpreter(project, request.environment) {
            None => Err(stopped(error)),
            Some(python) => by(python, engine),
        },
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
            let text = format!("env.py decides with {}, which cannot be asked while the project's own Python reads the models", named.join(", "));
            return Err(ScriptError::internal_like(ScriptErrorKind::Functions, text));
        }
        options.process_revision_directives = false;
        options.render_item = false;
    }
    Ok(metadata)
}
