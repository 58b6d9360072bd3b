//! Python code that is part of the binary, compiled when it is built: the vocabulary and the engine's own stand-ins.

use rustpython_vm::frozen::FrozenModule;
use std::collections::HashSet;

type FrozenLib = rustpython_vm::compiler::core::frozen::FrozenLib;

/// `alembic`, `sqlalchemy` and companions.
const VOCABULARY: &FrozenLib = rustpython_vm::py_freeze!(dir = "vocabulary", crate_name = "rustpython_vm::compiler::core");
/// `os`, `logging`, `typing` and other modules whose usual form is too heavy or reaches out of the sandbox.
const STAND_INS: &FrozenLib = rustpython_vm::py_freeze!(dir = "python", crate_name = "rustpython_vm::compiler::core");

/// Every module to add to those of Python's own library; later ones win.
pub(crate) fn modules() -> impl Iterator<Item = (&'static str, FrozenModule)> {
    rustpython_pylib::FROZEN_STDLIB.decode().chain(STAND_INS.decode()).chain(VOCABULARY.decode())
}

/// The top-level names that always mean the vocabulary, whatever lies on disk.
pub(crate) fn vocabulary_roots() -> HashSet<&'static str> {
    VOCABULARY.decode().map(|(name, _)| name.split('.').next().unwrap_or(name)).collect()
}

/// The top-level names of the stand-ins.
pub(crate) fn stand_in_roots() -> HashSet<&'static str> {
    STAND_INS.decode().map(|(name, _)| name.split('.').next().unwrap_or(name)).collect()
}
