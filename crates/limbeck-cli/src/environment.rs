//! The command line's side of learning what env.py decides, and of starting the engine.

use crate::context::{Context, Failure};
use crate::session::Need;
use crate::streams;
use limbeck_python::{Engine, Output, OutputSink, ScriptError};
use limbeck_run::{Ahead, LearnError, LearnRequest, Learned};
use limbeck_script::Project;
use limbeck_source::Diagnose;
use serde_json::json;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// Python's level of `logging.INFO`.
const INFO: u32 = 20;

/// Learns which databases the command works on; warnings are shown.
///
/// # Errors
/// No usable URL.
pub fn learn(context: &Context, project: &Project, need: &Need) -> Result<Learned, Failure> {
    let learned = learn_quietly(context, project, need)?;
    for warning in &learned.warnings {
        streams::show(warning, context.stderr_style());
    }
    Ok(learned)
}

/// As [`learn`]; the warnings are the caller's.
///
/// # Errors
/// As `learn`.
pub fn learn_quietly(context: &Context, project: &Project, need: &Need) -> Result<Learned, Failure> {
    let mut learned = limbeck_run::learn(&request(context, project, need)).map_err(failure)?;
    if !context.is_alembic() {
        let misspelt = limbeck_script::misspelt(project.config());
        learned.warnings.extend(misspelt.iter().map(Diagnose::diagnose));
    }
    Ok(learned)
}

/// Learns which databases the command works on, and reads the models where env.py has to be evaluated anyway.
///
/// # Errors
/// No usable URL.
pub fn learn_with_models(context: &Context, project: &Project) -> Result<(Learned, Option<Ahead>), Failure> {
    let (learned, ahead) = limbeck_run::learn_with_models(&request(context, project, &Need::default()), to_stderr()).map_err(failure)?;
    for warning in &learned.warnings {
        streams::show(warning, context.stderr_style());
    }
    Ok((learned, ahead))
}

/// Takes over the models that were read ahead.
pub fn models_read_ahead(context: &Context, project: &Project, ahead: Ahead, url: Option<&str>) -> (limbeck_run::Models, Engine) {
    limbeck_run::models_read_ahead(ahead, &request(context, project, &Need::default()), url)
}

/// Starts the engine for scripts of the project.
///
/// # Errors
/// If the system gives no thread for it.
pub fn engine(context: &Context, project: &Project, interrupt: Arc<AtomicBool>, tag: Option<&str>) -> Result<Engine, ScriptError> {
    let need = Need {
        tag: tag.map(str::to_owned),
        ..Need::default()
    };
    limbeck_run::start_engine(&request(context, project, &need), interrupt, to_stderr())
}

/// As [`engine`], for scripts that are only tried: what they print is not shown.
///
/// # Errors
/// As `engine`.
pub fn silent_engine(context: &Context, project: &Project, interrupt: Arc<AtomicBool>) -> Result<Engine, ScriptError> {
    limbeck_run::start_engine(&request(context, project, &Need::default()), interrupt, Box::new(|_| {}))
}

/// Reads the models of env.py's `target_metadata` (to write a revision, if `autogenerate`), from the cache where nothing that was read has changed.
///
/// # Errors
/// What stopped env.py or a module of the models.
pub fn models(
    context: &Context,
    project: &Project,
    engine: &mut Engine,
    (url, autogenerate): (Option<&str>, bool),
) -> Result<limbeck_run::Models, ScriptError> {
    let need = Need::default();
    let request = LearnRequest {
        autogenerate,
        ..request(context, project, &need)
    };
    limbeck_run::cached_models(engine, &request, url)
}

/// Text and log lines of scripts go to stderr.
fn to_stderr() -> OutputSink {
    Box::new(|output| match output {
        Output::Text(text) => streams::say_raw(&text),
        Output::Log { level, logger, message } if level >= INFO && streams::speaks_json() => {
            streams::record(json!({"event": "script_log", "level": level, "logger": logger, "text": message}));
        }
        Output::Log { level, logger, message } if level >= INFO => streams::say(&format!("[{logger}] {message}")),
        Output::Log { .. } => {}
    })
}

fn request<'a>(context: &'a Context, project: &'a Project, need: &'a Need) -> LearnRequest<'a> {
    LearnRequest {
        project,
        environment: &context.environment,
        url: context.global.url.as_deref(),
        x_args: &context.global.x,
        tag: need.tag.as_deref(),
        offline: need.offline,
        revision: need.revision.as_deref(),
        starting_revision: need.starting_revision.as_deref(),
        use_cache: !context.global.no_cache,
        env_decides: context.is_alembic(),
        skip_env: need.no_env,
        autogenerate: false,
    }
}

fn failure(error: LearnError) -> Failure {
    let found = Failure::new(error.diagnose());
    match error {
        LearnError::Env(error) => {
            let mut failure = found.uncaught(error.exception.clone(), error.message.clone());
            if error.exception.ends_with("CommandError") {
                failure = failure.alembic(error.message.clone());
            }
            failure
        }
        LearnError::NoUrl { .. } => found.uncaught("KeyError", "'url'"),
        LearnError::Url { error, .. } => found.uncaught("sqlalchemy.exc.ArgumentError", error.to_string()),
        LearnError::Config(error) => crate::workspace::script_failure(error),
    }
}
