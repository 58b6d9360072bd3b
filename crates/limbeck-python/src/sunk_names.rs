//! Names whose imports sank into functions, for other modules that ask for them.

use crate::find;
use crate::loader::{Importer, import, load_chain};
use crate::sink::Sunk;
use crate::state::State;
use crate::trace;
use rustpython_vm::builtins::{PyDictRef, PyModule, PyStrRef};
use rustpython_vm::function::FuncArgs;
use rustpython_vm::{PyObjectRef, PyRef, PyResult, VirtualMachine};
use std::cell::RefCell;
use std::collections::HashSet;
use std::rc::Rc;

/// Lets others find the names whose imports sank into functions: they are imported when they are asked for.
pub(crate) fn serve_sunk(module: &PyRef<PyModule>, path: &str, state: &Rc<State>, vm: &VirtualMachine) -> PyResult<()> {
    let Some(info) = state.sources.borrow().get(path).cloned() else {
        return Ok(());
    };
    let is_package = vm.get_attribute_opt(module.clone().into(), "__path__")?.is_some();
    if info.sunk.is_empty() && !is_package {
        return Ok(());
    }
    let host = Rc::clone(state);
    let under_way = RefCell::new(HashSet::new());
    let dict = module.dict();
    let shown = trace::text(module.get_attr("__name__", vm)?.as_ref(), vm);
    let serve = vm.new_function("__getattr__", move |name: PyStrRef, vm: &VirtualMachine| -> PyResult {
        let name = name.to_string_lossy().into_owned();
        let unknown = || vm.new_attribute_error(format!("module '{shown}' has no attribute '{name}'"));
        // `from . import x` asks the package for `x` first, which would ask here again.
        if !under_way.borrow_mut().insert(name.clone()) {
            return Err(unknown());
        }
        let imported = info
            .sunk
            .iter()
            .filter(|sunk| sunk.binds == name)
            .try_fold(None, |_, sunk| import_sunk(sunk, &dict, &host, vm).map(Some));
        under_way.borrow_mut().remove(&name);
        let found = match imported? {
            Some(found) => found,
            // In Python someone else has imported the module by now; here that import may have sunk.
            None if is_package && !name.starts_with("__") => submodule(&shown, &name, &host, vm)?.ok_or_else(unknown)?,
            None => return Err(unknown()),
        };
        dict.set_item(name.as_str(), found.clone(), vm)?;
        Ok(found)
    });
    module.set_attr("__getattr__", serve, vm)
}

/// Imports every sunk name of a module, for `from module import *`.
pub(crate) fn surface(module: &PyObjectRef, state: &State, vm: &VirtualMachine) -> PyResult<()> {
    let Some(file) = vm.get_attribute_opt(module.clone(), "__file__")? else {
        return Ok(());
    };
    let info = state.sources.borrow().get(&trace::text(&file, vm)).cloned();
    for sunk in info.iter().flat_map(|info| &info.sunk) {
        module.get_attr(vm.ctx.intern_str(sunk.binds.as_str()), vm)?;
    }
    Ok(())
}

/// A module of a package that exists and was not imported yet.
pub(crate) fn submodule(package: &str, name: &str, state: &Rc<State>, vm: &VirtualMachine) -> PyResult<Option<PyObjectRef>> {
    let child = format!("{package}.{name}");
    if find::find(&child, None, false, state, vm)?.is_none() {
        return Ok(None);
    }
    let importer = Importer {
        must_exist: true,
        ..Importer::of(state, vm)
    };
    load_chain(&child, &importer, state, vm).map(Some)
}

pub(crate) fn import_sunk(sunk: &Sunk, globals: &PyDictRef, state: &Rc<State>, vm: &VirtualMachine) -> PyResult {
    let names = match &sunk.name {
        Some(name) => vec![vm.ctx.new_str(name.as_str()).into()],
        None => Vec::new(),
    };
    let call = FuncArgs::from(vec![
        vm.ctx.new_str(sunk.module.as_str()).into(),
        globals.clone().into(),
        vm.ctx.none(),
        vm.ctx.new_tuple(names).into(),
        vm.ctx.new_int(sunk.level).into(),
    ]);
    let module = import(&call, state, vm)?;
    let path: Vec<&str> = match &sunk.name {
        Some(name) => vec![name],
        None if sunk.renamed => sunk.module.split('.').skip(1).collect(),
        None => Vec::new(),
    };
    path.into_iter().try_fold(module, |object, name| object.get_attr(vm.ctx.intern_str(name), vm))
}
