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
    /// Whether classes of models that are like others may be left out.
    Environment(Box<crate::env::EnvRequest>, bool),
    Metadata(Box<crate::env::EnvRequest>, bool),
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
    /// Everything has to be evaluated, by an engine that has loaded nothing yet.
    Again,
    Environment(Box<crate::env::EnvOutcome>),
    /// And how many classes of models were left out.
    Metadata(Box<crate::metadata::WantedMetadata>, usize),
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
