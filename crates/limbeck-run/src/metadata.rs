//! The wanted schema of a project: `target_metadata` of its env.py, evaluated with all its models.

use crate::environment::{LearnError, LearnRequest, start_engine};
use limbeck_python::{Engine, EnvRequest, Output, WantedMetadata};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// The wanted schema, and the engine that knows its objects: hooks of env.py are asked through it.
pub struct Wanted {
    /// What env.py and the models say.
    pub metadata: WantedMetadata,
    /// The engine that evaluated them.
    pub engine: Engine,
}

/// Evaluates the models of a project. `url` is the database to compare with: it takes the place of the configuration's, and types are those of its dialect.
///
/// # Errors
/// What stopped env.py or a module of the models.
pub fn wanted(request: &LearnRequest<'_>, url: Option<&str>, interrupt: Arc<AtomicBool>, output: Box<dyn FnMut(Output) + Send>) -> Result<Wanted, LearnError> {
    let stopped = |error| LearnError::Env(Box::new(error));
    let mut engine = start_engine(request, interrupt, output).map_err(stopped)?;
    let metadata = engine
        .target_metadata(&EnvRequest {
            env_py: request.project.env_py(),
            offline: false,
            url: url.map(str::to_owned),
            revision_argument: request.revision.map(str::to_owned),
            starting_revision: None,
            head_revisions: Vec::new(),
        })
        .map_err(stopped)?;
    Ok(Wanted { metadata, engine })
}
