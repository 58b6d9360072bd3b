//! The Python engine: a sandboxed interpreter on its own thread, the loader of project modules, and the vocabulary (`alembic`, `sqlalchemy`) that
//! migration scripts speak.
//!
//! A script never touches a database, a socket or a process, and it reads only files of its project. What it asks for (operations, statements, questions
//! about the schema, transactions) goes to the [`limbeck_ops::Host`] of whoever runs it, on that caller's own thread.
//!
//! - [`Engine::start`] starts an interpreter; nothing of the project is loaded yet.
//! - [`Engine::check_revision`] tells what would surely stop a script, without running it.
//! - [`Engine::run_revision`] runs `upgrade()` or `downgrade()` of one file.
//! - [`Engine::evaluate_env`] runs env.py to learn URL, options and setup statements, without a database.
//! - [`Engine::target_metadata`] evaluates env.py and the models behind it, and gives the tables they describe; [`Engine::call_hooks`]
//!   and [`Engine::process_directives`] then ask env.py's functions about them.
//! - [`EnvCache`] keeps that outcome for an unchanged project.
//! - [`Engine::revision_attributes`], [`Engine::eval_template_expression`]: for computed headers and templates.
//!
//! Packages that are not there become placeholders: harmless to mention, an error to use (`placeholder`, `_limbeck_boot.py`). Imports sink into the functions
//! that use them (`sink`), so that the application is loaded by what runs. A module of the application gives what it can without them (`module`).

mod alike;
mod bridge;
mod channel;
mod check;
mod companions;
mod compile;
mod config;
mod engine;
mod env;
mod env_cache;
mod error;
mod facts;
mod files;
mod find;
mod frozen;
mod guard;
mod hash;
mod interpreter;
mod loader;
mod metadata;
mod module;
mod native;
mod placeholder;
mod room;
mod sink;
mod state;
mod sunk_names;
mod trace;
mod uses;

pub use config::{ConfigData, Direction, EngineConfig, Output, OutputSink, RevisionInfo, RunContext};
pub use engine::Engine;
pub use env::{EnvOutcome, EnvRequest, EnvTarget};
pub use env_cache::{EVERY_VARIABLE, EnvCache, EnvCacheKey, hash_of_path};
pub use error::{Frame, MissingImport, ScriptError, ScriptErrorKind};
pub use metadata::{
    AutogenerateOptions, DirectiveStep, Directives, HookAnswer, HookCall, Item, MetadataData, ObjectRef, OwnOperation, PassedOver, Side, Switch,
    TargetMetadata, TypeSpelling, WantedMetadata,
};
