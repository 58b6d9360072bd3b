//! Asks env.py's functions about objects that Python knows.

use super::evaluate::{data, python_module};
use super::{Directives, HookAnswer, HookCall};
use crate::bridge::to_python;
use crate::error::ScriptError;
use crate::state::State;
use crate::trace;
use limbeck_schema::Table;
use rustpython_vm::function::IntoFuncArgs;
use rustpython_vm::{PyObjectRef, VirtualMachine};
use serde::Serialize;
use std::rc::Rc;

/// Gives Python the database's tables.
pub(crate) fn reflected(target: usize, tables: &[Table], state: &Rc<State>, vm: &VirtualMachine) -> Result<(), ScriptError> {
    call(("alembic._hooks", "reflected"), target, &[object(tables, vm)?], state, vm).map(|_| ())
}

/// Asks every question.
pub(crate) fn ask(target: usize, calls: &[HookCall], state: &Rc<State>, vm: &VirtualMachine) -> Result<Vec<HookAnswer>, ScriptError> {
    data(&call(("alembic._hooks", "call"), target, &[object(calls, vm)?], state, vm)?, vm)
}

/// Makes the project's own comparisons where they are asked for, and runs `process_revision_directives` where there is one.
pub(crate) fn process(
    target: usize,
    directives: &Directives,
    heads: &[String],
    state: &Rc<State>,
    vm: &VirtualMachine,
) -> Result<Vec<Directives>, ScriptError> {
    let arguments = [object(directives, vm)?, object(heads, vm)?];
    data(&call(("alembic._revision", "process"), target, &arguments, state, vm)?, vm)
}

fn object<T: Serialize + ?Sized>(value: &T, vm: &VirtualMachine) -> Result<PyObjectRef, ScriptError> {
    to_python(value, vm).map_err(|error| ScriptError::internal(error.to_string()))
}

/// Calls a function of the vocabulary; what it runs reaches a database only where it says so (`_limbeck.reach`).
fn call(
    (module, function): (&str, &'static str),
    target: usize,
    arguments: &[PyObjectRef],
    state: &Rc<State>,
    vm: &VirtualMachine,
) -> Result<PyObjectRef, ScriptError> {
    let mut all = vec![vm.ctx.new_int(target).into()];
    all.extend_from_slice(arguments);
    state.learning.set(true);
    let answer = python_module(module, state, vm)
        .and_then(|module| module.get_attr(function, vm))
        .and_then(|function| function.call(all.into_args(vm), vm));
    state.learning.set(false);
    answer.map_err(|error| trace::script_error(&error, state, vm))
}
