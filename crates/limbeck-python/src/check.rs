//! What would stop a script, found before anything is changed: a syntax error, a package that is missing and surely needed, a name that the vocabulary
//! does not have yet.

use crate::config::Direction;
use crate::error::{MissingImport, ScriptError, ScriptErrorKind};
use crate::facts::{ImportFact, UseFact};
use crate::sink::FileKind;
use crate::state::State;
use crate::{companions, find, loader, module, trace};
use limbeck_ops::Place;
use rustpython_vm::builtins::PyModule;
use rustpython_vm::{AsObject, PyObjectRef, VirtualMachine};
use std::path::Path;

/// Checks one function of a script without running anything of the script.
pub(crate) fn check(path: &Path, direction: Direction, state: &State, vm: &VirtualMachine) -> Result<(), ScriptError> {
    let shown = module::shown(path)?;
    module::script_code(&shown, FileKind::Script, state, vm).map_err(|error| trace::script_error(&error, state, vm))?;
    let Some(info) = state.sources.borrow().get(&shown).cloned() else {
        return Ok(());
    };
    companions::apply(&info.text, state, vm);
    let Some(facts) = &info.facts else { return Ok(()) };
    let stop = |line: u32, mut error: ScriptError| {
        error.place = Some(Place {
            path: shown.clone().into(),
            line,
            column: 0,
        });
        error.source = state.source_line(&shown, line).map(|line| line.trim().to_owned());
        Err(error)
    };
    let uses = facts.reachable(direction.function());
    for import in &facts.imports {
        let root = loader::root(&import.module);
        let ours = state.vocabulary_roots.contains(root);
        let used = uses.iter().filter(|fact| fact.root == import.binds);
        if ours {
            let Some(object) = imported(import, vm) else { continue };
            if object.is_none() {
                return stop(
                    import.line,
                    unsupported(&format!("{}.{}", import.module, import.name.as_deref().unwrap_or_default())),
                );
            }
            for fact in used {
                if let Some(name) = object.as_ref().and_then(|object| lacking(object, fact, vm)) {
                    return stop(fact.line, unsupported(&name));
                }
            }
        } else if let Some(fact) = used.into_iter().find(|fact| fact.needed)
            && !matches!(loader::loaded(root, vm), Ok(Some(_)))
            && matches!(find::find(root, None, false, state, vm), Ok(None))
        {
            return stop(fact.line, missing(import, fact, &shown));
        }
    }
    Ok(())
}

/// The object that an import of the vocabulary binds: `None` when it cannot be told, `Some(None)` when the vocabulary does not have it.
#[allow(clippy::option_option)] // unknown and absent are different answers
fn imported(import: &ImportFact, vm: &VirtualMachine) -> Option<Option<PyObjectRef>> {
    if import.name.as_deref() == Some("*") {
        return None;
    }
    // Importing by name gives the top package for `import a.b`, as the statement binds it.
    let module = vm.import(vm.ctx.intern_str(import.module.as_str()), 0).ok()?;
    let below = import.module.split('.').skip(1);
    let last = || {
        below
            .clone()
            .try_fold(module.clone(), |object, name| object.get_attr(vm.ctx.intern_str(name), vm).ok())
    };
    match &import.name {
        None if import.renamed => last().map(Some),
        None => Some(Some(module)),
        Some(name) => {
            let module = last()?;
            match module.get_attr(vm.ctx.intern_str(name.as_str()), vm) {
                Ok(object) => Some(Some(object)),
                Err(_) => {
                    let child = format!("{}.{name}", import.module);
                    let _ = vm.import(vm.ctx.intern_str(child.as_str()), 0);
                    Some(module.get_attr(vm.ctx.intern_str(name.as_str()), vm).ok())
                }
            }
        }
    }
}

/// The first name along a chain of modules that is not there.
fn lacking(object: &PyObjectRef, fact: &UseFact, vm: &VirtualMachine) -> Option<String> {
    let mut object = object.clone();
    let mut known = fact.root.clone();
    for name in &fact.path {
        object.downcast_ref::<PyModule>()?;
        known = format!("{known}.{name}");
        match object.get_attr(vm.ctx.intern_str(name.as_str()), vm) {
            Ok(next) => object = next,
            Err(error) => {
                let absent = error.fast_isinstance(vm.ctx.exceptions.attribute_error) || error.fast_isinstance(vm.ctx.exceptions.not_implemented_error);
                return absent.then_some(known);
            }
        }
    }
    None
}

fn unsupported(name: &str) -> ScriptError {
    ScriptError::new(ScriptErrorKind::Unsupported, "NotImplementedError", format!("not supported yet: `{name}`"))
}

fn missing(import: &ImportFact, fact: &UseFact, path: &str) -> ScriptError {
    let mut name = import.module.clone();
    for part in import.name.iter().chain(&fact.path) {
        name = format!("{name}.{part}");
    }
    let package = loader::root(&import.module);
    let text = format!("this script needs the package `{package}` (imported at {path}:{}) for `{name}`", import.line);
    ScriptError {
        missing: Some(MissingImport {
            module: name,
            file: path.into(),
            line: import.line,
        }),
        ..ScriptError::new(ScriptErrorKind::MissingPackage, "MissingPackageError", text)
    }
}
