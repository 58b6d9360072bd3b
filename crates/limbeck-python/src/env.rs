//! env.py.
use crate::error::ScriptError;
use crate::state::State;
use rustpython_vm::VirtualMachine;
use std::rc::Rc;

/// What is asked.
#[derive(Debug, Clone)]
pub struct EnvRequest {}

/// What came out.
#[derive(Debug, Clone)]
pub struct EnvOutcome {}

pub(crate) fn evaluate(_request: &EnvRequest, _state: &Rc<State>, _vm: &VirtualMachine) -> Result<EnvOutcome, ScriptError> {
    Ok(EnvOutcome {})
}
