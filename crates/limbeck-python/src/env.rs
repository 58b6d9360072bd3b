//! env.py, evaluated to learn what it decides: where the database is, how migrations run, what runs before them.
//!
//! The vocabulary writes down what env.py does (`_limbeck.record`); here those notes become an [`EnvOutcome`]. No migration runs and no database is asked.

use crate::config::RunContext;
use crate::error::{MissingImport, ScriptError};
use crate::module;
use crate::native;
use crate::sink::FileKind;
use crate::state::{Record, State};
use crate::trace;
use rustpython_vm::VirtualMachine;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::rc::Rc;

/// Which env.py to evaluate, and what it is told. `-x` arguments, `--tag` and the configuration file are the engine's.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct EnvRequest {
    /// The file.
    pub env_py: PathBuf,
    /// Whether `context.is_offline_mode()` holds.
    pub offline: bool,
    /// A URL that takes the place of `sqlalchemy.url` in the configuration.
    pub url: Option<String>,
    /// `context.get_revision_argument()`.
    pub revision_argument: Option<String>,
    /// `context.get_starting_revision_argument()`.
    pub starting_revision: Option<String>,
    /// `context.get_head_revisions()`.
    pub head_revisions: Vec<String>,
}

/// One `context.configure(...)` with its `run_migrations()`; environments for several databases have several.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct EnvTarget {
    /// The URL of the connection or `url=`, with its password.
    pub url: Option<String>,
    /// `postgresql`, `sqlite`, …: from `dialect_name=` or the URL.
    pub dialect: Option<String>,
    /// The options that are plain data, as given.
    pub options: Map<String, Value>,
    /// The names of options that are functions.
    pub callables: Vec<String>,
    /// `target_metadata.naming_convention`, where it is not the default.
    pub naming_convention: Option<BTreeMap<String, String>>,
    /// Whether there is a `target_metadata`.
    pub has_metadata: bool,
    /// `target_metadata.schema`.
    pub metadata_schema: Option<String>,
    /// Statements run on the connection before the migrations.
    pub setup: Vec<String>,
    /// Arguments of `run_migrations()`, which scripts receive.
    pub arguments: Map<String, Value>,
    /// Whether `run_migrations()` was called.
    pub ran: bool,
}

/// What env.py decided, and what that depended on.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct EnvOutcome {
    /// In the order of `run_migrations()`.
    pub targets: Vec<EnvTarget>,
    /// The exception that ended env.py; targets found before it stay.
    pub stopped: Option<ScriptError>,
    /// The file given to `fileConfig`.
    pub log_config: Option<String>,
    /// Every file that was loaded or read, with its hash; a directory stands for the names in it.
    pub files: Vec<(PathBuf, String)>,
    /// Every environment variable that was read, with its value.
    pub environment: BTreeMap<String, Option<String>>,
    /// Imports of packages that are not there and that nothing has used.
    pub deferred: Vec<MissingImport>,
    /// Whether it asked for `-x` arguments.
    pub used_x_args: bool,
    /// Whether it asked for `--tag`.
    pub used_tag: bool,
    /// Whether it asked for the revisions of this run.
    pub used_revision_arguments: bool,
}

/// Runs env.py in learn mode.
pub(crate) fn evaluate(request: &EnvRequest, state: &Rc<State>, vm: &VirtualMachine) -> Result<EnvOutcome, ScriptError> {
    let context = RunContext {
        offline: request.offline,
        url: request.url.clone(),
        revision_argument: request.revision_argument.clone(),
        starting_revision_argument: request.starting_revision.clone(),
        head_revisions: request.head_revisions.clone(),
        dialect: request.url.as_deref().and_then(dialect_of),
        ..RunContext::default()
    };
    native::set_context("env", &context, None, state, vm).map_err(|error| trace::script_error(&error, state, vm))?;
    state.records.borrow_mut().clear();
    state.learning.set(true);
    let stopped = module::load_script(&request.env_py, FileKind::Environment, state, vm).err();
    state.learning.set(false);
    let records = state.records.take();
    let mut outcome = learn(&records);
    outcome.stopped = stopped;
    outcome.files = state.files.borrow().iter().map(|(path, hash)| (path.clone(), hash.clone())).collect();
    outcome.environment.clone_from(&state.environment_reads.borrow());
    outcome.deferred.clone_from(&state.missing.borrow());
    Ok(outcome)
}

/// Reads the notes in order: statements belong to the next `run_migrations()`, an engine's URL to the next `configure()`.
fn learn(records: &[Record]) -> EnvOutcome {
    let mut outcome = EnvOutcome::default();
    let mut open: Option<EnvTarget> = None;
    let mut setup = Vec::new();
    let mut engine_url = None;
    for Record { kind, data, .. } in records {
        match kind.as_str() {
            "engine" => engine_url = text(data, "url").or(engine_url),
            "statement" => setup.extend(data.as_str().map(str::to_owned)),
            "configure" => {
                outcome.targets.extend(open.take());
                open = Some(target(data, engine_url.clone()));
            }
            "run_migrations" => {
                let mut target = open.take().unwrap_or_default();
                target.ran = true;
                target.setup = std::mem::take(&mut setup);
                target.arguments = data.as_object().cloned().unwrap_or_default();
                outcome.targets.push(target);
            }
            "log_config" => outcome.log_config = text(data, "file"),
            "x_argument" => outcome.used_x_args = true,
            "tag" => outcome.used_tag = true,
            "revision_argument" => outcome.used_revision_arguments = true,
            _ => {}
        }
    }
    if let Some(mut target) = open {
        target.setup = setup;
        outcome.targets.push(target);
    }
    outcome
}

fn target(data: &Value, engine_url: Option<String>) -> EnvTarget {
    let mut options = data.as_object().cloned().unwrap_or_default();
    let url = text(data, "url").or(engine_url);
    let dialect = text(data, "dialect_name").or_else(|| url.as_deref().and_then(dialect_of));
    let naming_convention = data
        .pointer("/naming_convention/patterns")
        .and_then(Value::as_object)
        .map(|names| {
            names
                .iter()
                .filter_map(|(kind, name)| Some((kind.clone(), name.as_str()?.to_owned())))
                .collect::<BTreeMap<_, _>>()
        })
        .filter(|names| !names.is_empty());
    let callables = data
        .get("callables")
        .and_then(Value::as_array)
        .map(|names| names.iter().filter_map(|name| name.as_str().map(str::to_owned)).collect())
        .unwrap_or_default();
    let has_metadata = data.get("has_metadata").and_then(Value::as_bool).unwrap_or(false);
    let metadata_schema = text(data, "metadata_schema");
    for known in [
        "url",
        "dialect_name",
        "callables",
        "connection",
        "naming_convention",
        "has_metadata",
        "metadata_schema",
        "tables",
        "output_buffer",
    ] {
        options.remove(known);
    }
    EnvTarget {
        url,
        dialect,
        options,
        callables,
        naming_convention,
        has_metadata,
        metadata_schema,
        ..EnvTarget::default()
    }
}

fn text(data: &Value, key: &str) -> Option<String> {
    data.get(key)?.as_str().map(str::to_owned)
}

/// The dialect part of a URL, under SQLAlchemy's present name.
pub(crate) fn dialect_of(url: &str) -> Option<String> {
    let scheme = url.split_once(':')?.0;
    let dialect = scheme.split('+').next().unwrap_or(scheme);
    Some(match dialect {
        "postgres" => "postgresql".to_owned(),
        other => other.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn record(kind: &str, data: Value) -> Record {
        Record {
            kind: kind.to_owned(),
            data,
            at: limbeck_ops::Place::default(),
        }
    }

    #[test]
    fn several_databases_are_several_targets_with_their_own_setup() {
        let outcome = learn(&[
            record("engine", json!({"url": "postgresql://a/x"})),
            record("statement", json!("SET a")),
            record(
                "configure",
                json!({"connection": true, "render_as_batch": true, "callables": ["include_object"]}),
            ),
            record("run_migrations", json!({"engine_name": "one"})),
            record("engine", json!({"url": "sqlite:///b"})),
            record(
                "configure",
                json!({"url": "sqlite:///c", "naming_convention": {"patterns": {"ix": "i"}}, "has_metadata": true}),
            ),
            record("statement", json!("SET b")),
            record("run_migrations", json!({})),
        ]);
        let urls: Vec<_> = outcome.targets.iter().map(|t| (t.url.as_deref(), t.dialect.as_deref())).collect();
        assert_eq!(urls, [(Some("postgresql://a/x"), Some("postgresql")), (Some("sqlite:///c"), Some("sqlite"))]);
        assert_eq!(outcome.targets[0].setup, ["SET a"]);
        assert_eq!(outcome.targets[0].arguments["engine_name"], "one");
        assert_eq!(outcome.targets[0].options.keys().collect::<Vec<_>>(), ["render_as_batch"]);
        assert_eq!(outcome.targets[1].setup, ["SET b"]);
        assert!(outcome.targets[1].naming_convention.is_some() && outcome.targets[1].ran);
    }

    #[test]
    fn the_old_name_of_postgresql_is_understood() {
        assert_eq!(dialect_of("postgres+psycopg2://x").as_deref(), Some("postgresql"));
    }
}
