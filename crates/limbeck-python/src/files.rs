//! What scripts may see of the machine: files below the project (to read), the environment they were given, random bytes.

use crate::env_cache::EVERY_VARIABLE;
use crate::native::define as function;
use crate::state::State;
use rustpython_vm::builtins::{PyBaseExceptionRef, PyModule, PyStrRef};
use rustpython_vm::{PyObjectRef, PyRef, PyResult, VirtualMachine};
use std::fs;
use std::io;
use std::path::Path;
use std::rc::Rc;
use std::time::UNIX_EPOCH;

/// Adds what `os.environ` stands on; what is read is remembered, for it decides what env.py does.
fn define_environment(module: &PyRef<PyModule>, state: &Rc<State>, vm: &VirtualMachine) -> PyResult<()> {
    let host = Rc::clone(state);
    function(
        module,
        "environ_get",
        move |name: PyStrRef| -> Option<String> {
            let name = name.to_string_lossy().into_owned();
            let value = host.environment.get(&name).cloned();
            host.environment_reads.borrow_mut().insert(name, value.clone());
            value
        },
        vm,
    )?;
    let host = Rc::clone(state);
    function(
        module,
        "environ_keys",
        move |vm: &VirtualMachine| -> PyObjectRef {
            let mut reads = host.environment_reads.borrow_mut();
            for (name, value) in &host.environment {
                reads.insert(name.clone(), Some(value.clone()));
            }
            reads.insert(EVERY_VARIABLE.to_owned(), None);
            let names = host.environment.keys().map(|name| vm.ctx.new_str(name.as_str()).into());
            vm.ctx.new_list(names.collect()).into()
        },
        vm,
    )?;
    let host = Rc::clone(state);
    function(module, "getcwd", move || -> String { host.project_root.display().to_string() }, vm)
}

/// Adds everything of this module.
pub(crate) fn define(module: &PyRef<PyModule>, state: &Rc<State>, vm: &VirtualMachine) -> PyResult<()> {
    define_environment(module, state, vm)?;
    let host = Rc::clone(state);
    function(
        module,
        "read_file",
        move |path: PyStrRef, vm: &VirtualMachine| -> PyResult {
            let path = path.to_string_lossy().into_owned();
            let real = host.readable_path(&path).map_err(|error| refused(&path, &error, vm))?;
            let bytes = fs::read(&real).map_err(|error| refused(&path, &error, vm))?;
            host.files.borrow_mut().insert(real, crate::hash::of_bytes(&bytes));
            Ok(vm.ctx.new_bytes(bytes).into())
        },
        vm,
    )?;
    let host = Rc::clone(state);
    function(
        module,
        "list_directory",
        move |path: PyStrRef, vm: &VirtualMachine| -> PyResult {
            let path = path.to_string_lossy().into_owned();
            let real = host.readable_path(&path).map_err(|error| refused(&path, &error, vm))?;
            let names = crate::hash::names_of(&real).map_err(|error| refused(&path, &error, vm))?;
            let listed = crate::hash::of_directory(&real).unwrap_or_default();
            host.files.borrow_mut().insert(real, listed);
            let names = names.into_iter().map(|name| vm.ctx.new_str(name).into()).collect();
            Ok(vm.ctx.new_list(names).into())
        },
        vm,
    )?;
    let host = Rc::clone(state);
    function(
        module,
        "file_kind",
        move |path: PyStrRef| -> Option<(String, u64, f64)> {
            let real = host.readable_path(&path.to_string_lossy()).ok()?;
            describe(&real)
        },
        vm,
    )?;
    function(
        module,
        "random_bytes",
        move |count: usize, vm: &VirtualMachine| -> PyResult {
            if count > 1 << 20 {
                return Err(vm.new_value_error("more random bytes than a migration can need"));
            }
            Ok(vm.ctx.new_bytes(random_bytes(count)).into())
        },
        vm,
    )
}

fn describe(path: &Path) -> Option<(String, u64, f64)> {
    let metadata = fs::metadata(path).ok()?;
    let kind = if metadata.is_dir() { "directory" } else { "file" };
    let modified = metadata
        .modified()
        .ok()
        .and_then(|time| time.duration_since(UNIX_EPOCH).ok())
        .map_or(0.0, |time| time.as_secs_f64());
    Some((kind.to_owned(), metadata.len(), modified))
}

/// Random bytes from the system, by way of the version 4 UUIDs that need the same source.
fn random_bytes(count: usize) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(count + 16);
    while bytes.len() < count {
        let uuid = uuid::Uuid::new_v4().into_bytes();
        // Two of the sixteen bytes hold the version and variant.
        bytes.extend(uuid.iter().enumerate().filter(|(at, _)| !matches!(at, 6 | 8)).map(|(_, byte)| byte));
    }
    bytes.truncate(count);
    bytes
}

fn refused(path: &str, error: &io::Error, vm: &VirtualMachine) -> PyBaseExceptionRef {
    match error.kind() {
        io::ErrorKind::NotFound => os_error(
            vm.ctx.exceptions.file_not_found_error.to_owned().into(),
            2,
            "No such file or directory",
            path,
            vm,
        ),
        io::ErrorKind::PermissionDenied => os_error(vm.ctx.exceptions.permission_error.to_owned().into(), 13, &error.to_string(), path, vm),
        _ => os_error(
            vm.ctx.exceptions.os_error.to_owned().into(),
            error.raw_os_error().unwrap_or(5),
            &error.to_string(),
            path,
            vm,
        ),
    }
}

fn os_error(class: PyObjectRef, number: i32, text: &str, path: &str, vm: &VirtualMachine) -> PyBaseExceptionRef {
    match class
        .call((number, text, path), vm)
        .map(PyObjectRef::downcast::<rustpython_vm::builtins::PyBaseException>)
    {
        Ok(Ok(exception)) => exception,
        Ok(Err(_)) => vm.new_runtime_error(text.to_owned()),
        Err(failed) => failed,
    }
}
