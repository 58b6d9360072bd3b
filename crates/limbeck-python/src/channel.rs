//! What the caller's thread and the engine's thread say to each other.

use crate::config::{Direction, RunContext};
use crate::error::ScriptError;
use limbeck_expr::Query;
use limbeck_ops::{Control, HostError, Inspect, Inspected, Operation, Place, ResultSet};
use serde_json::{Map, Value};
use std::path::PathBuf;

/// What the caller wants done.
pub(crate) enum Request {
    Run {
        path: PathBuf,
        direction: Direction,
        arguments: Map<String, Value>,
        context: Box<RunContext>,
    },
    Check {
        path: PathBuf,
        direction: Direction,
    },
    Environment(Box<crate::env::EnvRequest>),
    Metadata(Box<crate::env::EnvRequest>),
    Reflected(usize, Vec<limbeck_schema::Table>),
    Hooks(usize, Vec<crate::metadata::HookCall>),
    Directives(usize, Box<crate::metadata::Directives>, Vec<String>),
    Attributes {
        path: PathBuf,
        names: Vec<String>,
    },
    Expression {
        expression: String,
        variables: Map<String, Value>,
        prelude: String,
    },
}

/// What comes back for a request that succeeded.
pub(crate) enum Answer {
    Done,
    Environment(Box<crate::env::EnvOutcome>),
    Metadata(Box<crate::metadata::WantedMetadata>),
    Hooks(Vec<crate::metadata::HookAnswer>),
    Directives(Vec<crate::metadata::Directives>),
    Values(Map<String, Value>),
    Text(String),
}

/// What the engine's thread asks of the caller's host, and its answers.
pub(crate) enum HostCall {
    Operation(Box<Operation>, Place),
    Execute(Box<Query>, Place),
    Inspect(Inspect, Place),
    Control(Control, Place),
}

pub(crate) enum HostAnswer {
    Done(Result<(), HostError>),
    Rows(Result<ResultSet, HostError>),
    Inspected(Result<Box<Inspected>, HostError>),
}

/// From the engine's thread.
pub(crate) enum Message {
    Started,
    Host(HostCall),
    Finished(Result<Answer, Box<ScriptError>>),
}
