//! Where a module comes from.

use crate::loader::root;
use crate::state::State;
use rustpython_vm::builtins::{PyList, PyStr, PyTuple};
use rustpython_vm::{PyObject, PyObjectRef, PyResult, VirtualMachine};
use std::path::Path;

/// A module that can be loaded.
pub(crate) enum Found {
    /// Written in Rust.
    Native,
    /// Part of the binary.
    Frozen { package: bool },
    /// A file on disk; for a package its `__init__.py`.
    File { path: String, package: bool },
    /// Directories without `__init__.py`.
    Namespace { paths: Vec<String> },
}

impl Found {
    pub(crate) fn origin(&self) -> String {
        match self {
            Found::Native => "built-in".to_owned(),
            Found::Frozen { .. } => "frozen".to_owned(),
            Found::File { path, .. } => path.clone(),
            Found::Namespace { paths } => paths.first().cloned().unwrap_or_default(),
        }
    }

    pub(crate) fn is_package(&self) -> bool {
        match self {
            Found::Native => false,
            Found::Frozen { package } | Found::File { package, .. } => *package,
            Found::Namespace { .. } => true,
        }
    }
}

/// Finds the module `name`; `parent` is its loaded package. For code of the library (`built_in`) the library comes before the disk.
pub(crate) fn find(name: &str, parent: Option<&PyObject>, built_in: bool, state: &State, vm: &VirtualMachine) -> PyResult<Option<Found>> {
    let top = root(name);
    if let Some(directory) = &state.vocabulary_directory
        && state.vocabulary_roots.contains(top)
    {
        let folder = name
            .rsplit_once('.')
            .map_or_else(|| directory.clone(), |(package, _)| directory.join(package.replace('.', "/")));
        let child = name.rsplit('.').next().unwrap_or(name);
        return Ok(on_disk(child, &[folder.display().to_string()]).0);
    }
    if state.vocabulary_roots.contains(top) || state.stand_in_roots.contains(top) {
        return Ok(built_in_module(name, vm));
    }
    let child = name.rsplit('.').next().unwrap_or(name);
    let folders = match parent {
        Some(parent) => folders_of(&parent.get_attr("__path__", vm).unwrap_or_else(|_| vm.ctx.none())),
        None if name.contains('.') => match parent_of(name, vm) {
            Some(parent) => folders_of(&parent),
            None => Vec::new(),
        },
        None => {
            let path = vm.sys_module.get_attr("path", vm)?;
            folders_of(&path)
        }
    };
    let first = if built_in { built_in_module(name, vm) } else { None };
    if first.is_some() {
        return Ok(first);
    }
    let (found, namespace) = on_disk(child, &folders);
    if found.is_some() {
        return Ok(found);
    }
    if let Some(found) = built_in_module(name, vm) {
        return Ok(Some(found));
    }
    Ok((!namespace.is_empty()).then_some(Found::Namespace { paths: namespace }))
}

fn parent_of(name: &str, vm: &VirtualMachine) -> Option<PyObjectRef> {
    let (package, _) = name.rsplit_once('.')?;
    let modules = vm.sys_module.get_attr("modules", vm).ok()?;
    modules.get_item(package, vm).ok()?.get_attr("__path__", vm).ok()
}

fn built_in_module(name: &str, vm: &VirtualMachine) -> Option<Found> {
    if vm.state.module_defs.contains_key(name) {
        return Some(Found::Native);
    }
    vm.state.frozen.get(name).map(|module| Found::Frozen { package: module.package })
}

/// The texts of a list or tuple (`sys.path`, `__path__`).
fn folders_of(paths: &PyObject) -> Vec<String> {
    let items: Vec<PyObjectRef> = if let Some(list) = paths.downcast_ref::<PyList>() {
        list.borrow_vec().to_vec()
    } else if let Some(tuple) = paths.downcast_ref::<PyTuple>() {
        tuple.as_slice().to_vec()
    } else {
        Vec::new()
    };
    items
        .iter()
        .filter_map(|item| item.downcast_ref::<PyStr>()?.to_str().map(str::to_owned))
        .collect()
}

/// `sys.path` as it is now.
pub(crate) fn search_path(vm: &VirtualMachine) -> Vec<String> {
    vm.sys_module.get_attr("path", vm).map(|path| folders_of(&path)).unwrap_or_default()
}

/// A module or package in one of `folders`.
pub(crate) fn in_folders(child: &str, folders: &[String]) -> Option<Found> {
    let (found, namespace) = on_disk(child, folders);
    found.or_else(|| (!namespace.is_empty()).then_some(Found::Namespace { paths: namespace }))
}

fn on_disk(child: &str, folders: &[String]) -> (Option<Found>, Vec<String>) {
    let mut namespace = Vec::new();
    for folder in folders {
        let folder = std::path::absolute(if folder.is_empty() { "." } else { folder }).unwrap_or_else(|_| folder.into());
        let package = folder.join(child);
        let init = package.join("__init__.py");
        if init.is_file() {
            return (Some(file(&init, true)), namespace);
        }
        let module = folder.join(format!("{child}.py"));
        if module.is_file() {
            return (Some(file(&module, false)), namespace);
        }
        if package.is_dir() {
            namespace.push(package.display().to_string());
        }
    }
    (None, namespace)
}

fn file(path: &Path, package: bool) -> Found {
    Found::File {
        path: path.display().to_string(),
        package,
    }
}

/// The absolute name of a relative import, as `importlib` resolves it.
pub(crate) fn absolute_name(name: &str, level: usize, globals: Option<&PyObject>, vm: &VirtualMachine) -> PyResult<String> {
    let no_package = || vm.new_import_error("attempted relative import with no known parent package", vm.ctx.new_utf8_str(name));
    let globals = globals.ok_or_else(no_package)?;
    let item = |key: &str| {
        globals
            .get_item(key, vm)
            .ok()
            .and_then(|value| value.downcast_ref::<PyStr>()?.to_str().map(str::to_owned))
    };
    let package = match item("__package__") {
        Some(package) => package,
        None => {
            let module = item("__name__").ok_or_else(no_package)?;
            if globals.get_item("__path__", vm).is_ok() {
                module
            } else {
                module.rsplit_once('.').map(|(package, _)| package.to_owned()).unwrap_or_default()
            }
        }
    };
    if package.is_empty() {
        return Err(no_package());
    }
    let mut base = package.as_str();
    for _ in 1..level {
        base = base
            .rsplit_once('.')
            .map(|(base, _)| base)
            .ok_or_else(|| vm.new_import_error("attempted relative import beyond top-level package", vm.ctx.new_utf8_str(name)))?;
    }
    Ok(if name.is_empty() { base.to_owned() } else { format!("{base}.{name}") })
}
