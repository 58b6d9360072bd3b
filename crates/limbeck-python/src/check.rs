//! What would stop a script, found before anything is changed.

use crate::config::Direction;
use crate::error::ScriptError;
use crate::loader;
use crate::sink::FileKind;
use crate::state::State;
use crate::trace;
use rustpython_vm::VirtualMachine;
use std::path::Path;

/// Checks one function of a script without running anything of it.
pub(crate) fn check(path: &Path, _direction: Direction, state: &State, vm: &VirtualMachine) -> Result<(), ScriptError> {
    let shown = loader::shown(path)?;
    loader::script_code(&shown, FileKind::Script, state, vm).map_err(|error| trace::script_error(&error, state, vm))?;
    Ok(())
}
