//! What stands for modules that are not there.

use crate::error::MissingImport;
use crate::loader::{Importer, root};
use crate::state::State;
use crate::trace;
use rustpython_vm::builtins::{PyBaseExceptionRef, PyModule};
use rustpython_vm::function::FuncArgs;
use rustpython_vm::{PyObject, PyObjectRef, PyResult, VirtualMachine};

/// A module that is not there: an error where the script is prepared for one, else a placeholder that is harmless until it is used.
pub(crate) fn missing(name: &str, in_package: bool, reason: Option<&str>, importer: &Importer, state: &State, vm: &VirtualMachine) -> PyResult {
    let ours = state.vocabulary_roots.contains(root(name)) || state.stand_in_roots.contains(root(name));
    let of_project = in_package && !ours;
    if importer.must_exist || of_project {
        return Err(not_found(name, vm));
    }
    let import = MissingImport {
        module: name.to_owned(),
        file: importer.file.clone().into(),
        line: importer.line,
    };
    let mut known = state.missing.borrow_mut();
    if !known.contains(&import) {
        known.push(import);
    }
    drop(known);
    let boot = vm.import("_limbeck_boot", 0)?;
    boot.get_attr("Deferred", vm)?
        .call((name, importer.file.as_str(), importer.line, reason.map(str::to_owned)), vm)
}

/// The placeholder of `absolute`, from that of one of its parents.
pub(crate) fn placeholder_of(mut placeholder: PyObjectRef, absolute: &str, vm: &VirtualMachine) -> PyResult {
    let known = placeholder.get_attr("_deferred", vm)?.get_item(&0_usize, vm)?;
    let known = trace::text(&known, vm);
    let rest = absolute.strip_prefix(&known).unwrap_or_default();
    for name in rest.split('.').filter(|name| !name.is_empty()) {
        placeholder = placeholder.get_attr(vm.ctx.intern_str(name), vm)?;
    }
    Ok(placeholder)
}

pub(crate) fn is_placeholder(module: &PyObject) -> bool {
    &*module.class().name() == "Deferred" && module.downcast_ref::<PyModule>().is_none()
}

pub(crate) fn not_found(name: &str, vm: &VirtualMachine) -> PyBaseExceptionRef {
    let class = vm.ctx.exceptions.module_not_found_error.to_owned();
    let mut call = FuncArgs::from(vec![vm.ctx.new_str(format!("No module named '{name}'")).into()]);
    call.kwargs.insert("name".to_owned(), vm.ctx.new_str(name).into());
    match PyObjectRef::from(class).call(call, vm).map(PyObjectRef::downcast) {
        Ok(Ok(exception)) => exception,
        Ok(Err(_)) => vm.new_runtime_error(format!("No module named '{name}'")),
        Err(exception) => exception,
    }
}
