//! Modules: making them, running their code, and what remains of one that lacks a package.

use crate::compile::{After, compile_after, compile_file};
use crate::error::{ScriptError, ScriptErrorKind};
use crate::loader::Importer;
use crate::metadata::PassedOver;
use crate::placeholder::missing;
use crate::sink::FileKind;
use crate::state::State;
use crate::sunk_names::serve_sunk;
use crate::trace;
use rustpython_vm::builtins::{PyBaseExceptionRef, PyCode, PyModule};
use rustpython_vm::compiler::Mode;
use rustpython_vm::function::FuncArgs;
use rustpython_vm::scope::Scope;
use rustpython_vm::{AsObject, PyObjectRef, PyRef, PyResult, VirtualMachine};
use std::path::Path;
use std::rc::Rc;

/// Loads a revision script or env.py: as Alembic does, without a place in `sys.modules`.
pub(crate) fn load_script(path: &Path, kind: FileKind, state: &Rc<State>, vm: &VirtualMachine) -> Result<PyRef<PyModule>, ScriptError> {
    let shown = shown(path)?;
    let load = || -> PyResult<PyRef<PyModule>> {
        let code = script_code(&shown, kind, state, vm)?;
        state.codes.borrow_mut().remove(&shown);
        let name: String = Path::new(&shown)
            .file_name()
            .map(|name| name.to_string_lossy().into_owned())
            .unwrap_or_default()
            .chars()
            .map(|c| if c.is_alphanumeric() || c == '_' { c } else { '_' })
            .collect();
        let module = new_module(&name, Some(&shown), None, vm)?;
        serve_sunk(&module, &shown, state, vm)?;
        vm.run_code_obj(code, Scope::with_builtins(None, module.dict(), vm))?;
        Ok(module)
    };
    load().map_err(|error| trace::script_error(&error, state, vm))
}

/// The absolute path of a script that exists.
pub(crate) fn shown(path: &Path) -> Result<String, ScriptError> {
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    match std::fs::metadata(&absolute) {
        Ok(_) => Ok(absolute.display().to_string()),
        Err(error) => Err(ScriptError {
            place: Some(limbeck_ops::Place {
                path: path.to_owned(),
                ..limbeck_ops::Place::default()
            }),
            ..ScriptError::new(ScriptErrorKind::Unreadable, "OSError", error.to_string())
        }),
    }
}

/// The code of a script, compiled once; kept until it runs.
pub(crate) fn script_code(path: &str, kind: FileKind, state: &State, vm: &VirtualMachine) -> PyResult<PyRef<PyCode>> {
    if let Some(code) = state.codes.borrow().get(path) {
        return Ok(code.clone());
    }
    let text = read_source(path, state, vm)?;
    let code = compile_file(&text, path, kind, state, vm)?;
    state.codes.borrow_mut().insert(path.to_owned(), code.clone());
    Ok(code)
}

/// Runs a piece of text in a scope.
pub(crate) fn run_text(text: &str, name: &str, mode: Mode, scope: Scope, vm: &VirtualMachine) -> PyResult {
    let code = vm
        .compile(text, mode, name.to_owned())
        .map_err(|error| vm.new_syntax_error(&error, Some(text)))?;
    vm.run_code_obj(code, scope)
}

pub(crate) fn new_module(name: &str, path: Option<&str>, folders: Option<Vec<String>>, vm: &VirtualMachine) -> PyResult<PyRef<PyModule>> {
    let text = |text: &str| -> PyObjectRef { vm.ctx.new_str(text).into() };
    let module = vm.new_module(name, vm.ctx.new_dict(), None);
    let package = if folders.is_some() {
        name
    } else {
        name.rsplit_once('.').map_or("", |(package, _)| package)
    };
    module.set_attr("__package__", text(package), vm)?;
    let is_package = folders.is_some();
    if let Some(path) = path {
        module.set_attr("__file__", text(path), vm)?;
        let spec = vm
            .sys_module
            .get_attr("modules", vm)?
            .get_item("_frozen_importlib", vm)?
            .get_attr("ModuleSpec", vm)?;
        let mut call = FuncArgs::from(vec![text(name), vm.ctx.none()]);
        call.kwargs.insert("origin".to_owned(), text(path));
        call.kwargs.insert("is_package".to_owned(), vm.ctx.new_bool(is_package).into());
        module.set_attr("__spec__", spec.call(call, vm)?, vm)?;
    }
    if let Some(folders) = folders {
        let folders = folders.iter().map(|folder| text(folder)).collect();
        module.set_attr("__path__", vm.ctx.new_list(folders), vm)?;
    }
    Ok(module)
}

/// Runs the code of a built-in module with the module in `sys.modules`; takes it out again if that fails.
pub(crate) fn execute(name: &str, code: PyRef<PyCode>, folders: Option<Vec<String>>, vm: &VirtualMachine) -> PyResult {
    let module = new_module(name, None, folders, vm)?;
    let modules = vm.sys_module.get_attr("modules", vm)?;
    modules.set_item(name, module.clone().into(), vm)?;
    let scope = Scope::with_builtins(None, module.dict(), vm);
    if let Err(error) = vm.run_code_obj(code, scope) {
        let _ = modules.del_item(name, vm);
        return Err(error);
    }
    // A module may put something else in its own place.
    modules.get_item(name, vm)
}

/// Runs a module of the project. A top-level statement that fails for want of a package is passed over, and what it would have bound becomes placeholders:
/// the rest of the module may be all that a migration needs.
pub(crate) fn execute_file(name: &str, path: &str, folders: Option<Vec<String>>, state: &Rc<State>, vm: &VirtualMachine) -> PyResult {
    let text = read_source(path, state, vm)?;
    let mut code = compile_file(&text, path, FileKind::Module, state, vm)?;
    let module = new_module(name, Some(path), folders, vm)?;
    serve_sunk(&module, path, state, vm)?;
    let modules = vm.sys_module.get_attr("modules", vm)?;
    modules.set_item(name, module.clone().into(), vm)?;
    let mut passed = 0;
    while let Err(error) = vm.run_code_obj(code, Scope::with_builtins(None, module.dict(), vm)) {
        let line = trace::module_line(&error, path);
        match line.filter(|line| *line > passed && wants_package(&error, state, vm)) {
            Some(line) => {
                passed = line;
                code = pass_over(&error, line, &text, path, &module, state, vm)?;
            }
            None => {
                let _ = modules.del_item(name, vm);
                return Err(error);
            }
        }
    }
    modules.get_item(name, vm)
}

/// Whether an exception comes from a missing package: it says so, or placeholders are about.
pub(crate) fn wants_package(error: &PyBaseExceptionRef, state: &State, vm: &VirtualMachine) -> bool {
    let says = vm.get_attribute_opt(error.clone().into(), "__limbeck_missing__");
    matches!(says, Ok(Some(_))) || ((state.tainted.get() || !state.missing.borrow().is_empty()) && error.fast_isinstance(vm.ctx.exceptions.exception_type))
}

/// Binds placeholders for the statement at `line`, and returns the code of what follows.
pub(crate) fn pass_over(
    error: &PyBaseExceptionRef,
    line: u32,
    text: &str,
    path: &str,
    module: &PyRef<PyModule>,
    state: &State,
    vm: &VirtualMachine,
) -> PyResult<PyRef<PyCode>> {
    let name_only = error.fast_isinstance(vm.ctx.exceptions.import_error) && trace::text(error.as_object(), vm).starts_with("cannot import name");
    let After {
        names,
        code,
        line: start,
        matters,
    } = compile_after(line, name_only, text, path, state, vm)?;
    let importer = Importer {
        built_in: false,
        file: path.to_owned(),
        line,
        must_exist: false,
        unused: true,
    };
    let reason = trace::text(error.as_object(), vm);
    if state.whole.get() {
        state.passed.borrow_mut().push(PassedOver {
            file: path.into(),
            line: start,
            reason: reason.clone(),
            matters,
        });
    }
    for name in names {
        let placeholder = missing(&name, false, Some(&reason), &importer, state, vm)?;
        module.dict().set_item(name.as_str(), placeholder, vm)?;
    }
    Ok(code)
}

pub(crate) fn read_source(path: &str, state: &State, vm: &VirtualMachine) -> PyResult<String> {
    let bytes = std::fs::read(path).map_err(|error| vm.new_os_error(format!("{path}: {error}")))?;
    state.files.borrow_mut().insert(path.into(), crate::hash::of_bytes(&bytes));
    decode(bytes).ok_or_else(|| vm.new_exception_msg(vm.ctx.exceptions.syntax_error.to_owned(), format!("(unicode error) {path} is not UTF-8").into()))
}

/// UTF-8, or Latin-1 where the file declares it.
pub(crate) fn decode(bytes: Vec<u8>) -> Option<String> {
    match String::from_utf8(bytes) {
        Ok(text) => Some(text),
        Err(error) => {
            let bytes = error.into_bytes();
            let start = String::from_utf8_lossy(&bytes[..bytes.len().min(200)]).to_lowercase();
            let declared = start
                .lines()
                .take(2)
                .any(|line| line.starts_with('#') && line.contains("coding") && (line.contains("latin") || line.contains("8859-1")));
            declared.then(|| bytes.iter().map(|byte| char::from(*byte)).collect())
        }
    }
}
