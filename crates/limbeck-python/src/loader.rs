//! `import`: the vocabulary, the stand-ins, Python's own library, the project's modules on disk, and placeholders for what is missing.
//!
//! Python's import machinery in Python is bypassed: this is the whole of it, in the order above. The vocabulary's and the stand-ins' names always
//! mean them. A module of the project may shadow one of the library, as in Python, but not for the library itself.

use crate::compile::{compile_after, compile_file};
use crate::error::{MissingImport, ScriptError, ScriptErrorKind};
use crate::native::define;
use crate::sink::{FileKind, Sunk};
use crate::state::State;
use crate::{find, trace};
use rustpython_vm::builtins::{PyBaseExceptionRef, PyCode, PyDict, PyDictRef, PyModule, PyStr, PyStrRef};
use rustpython_vm::compiler::Mode;
use rustpython_vm::function::FuncArgs;
use rustpython_vm::scope::Scope;
use rustpython_vm::{AsObject, PyObject, PyObjectRef, PyRef, PyResult, VirtualMachine};
use std::cell::RefCell;
use std::collections::HashSet;
use std::path::Path;
use std::rc::Rc;

/// Takes over `__import__` and sets `sys.path`.
pub(crate) fn install(module: &PyRef<PyModule>, state: &Rc<State>, vm: &VirtualMachine) -> PyResult<()> {
    let paths = state.sys_path.iter().map(|path| vm.ctx.new_str(path.display().to_string()).into()).collect();
    vm.sys_module.set_attr("path", vm.ctx.new_list(paths), vm)?;
    vm.sys_module.set_attr("argv", vm.ctx.new_list(vec![vm.ctx.new_str("alembic").into()]), vm)?;
    let host = Rc::clone(state);
    vm.builtins.set_attr(
        "__import__",
        vm.new_function("__import__", move |args: FuncArgs, vm: &VirtualMachine| -> PyResult {
            vm.with_recursion("while importing", || import(&args, &host, vm))
        }),
        vm,
    )?;
    let host = Rc::clone(state);
    define(
        module,
        "load_module",
        move |name: PyStrRef, vm: &VirtualMachine| -> PyResult {
            let name = name.to_string_lossy().into_owned();
            let importer = Importer {
                must_exist: true,
                ..Importer::of(&host, vm)
            };
            load_chain(&name, &importer, &host, vm)
        },
        vm,
    )?;
    let host = Rc::clone(state);
    define(
        module,
        "execute_file",
        move |path: PyStrRef, target: PyRef<PyModule>, vm: &VirtualMachine| -> PyResult<()> {
            let path = path.to_string_lossy().into_owned();
            let real = host
                .readable_path(&path)
                .map_err(|error| vm.new_import_error(error.to_string(), vm.ctx.new_utf8_str(path.as_str())))?;
            let real = real.display().to_string();
            let text = read_source(&real, &host, vm)?;
            let code = compile_file(&text, &real, FileKind::Module, &host, vm)?;
            vm.run_code_obj(code, Scope::with_builtins(None, target.dict(), vm))?;
            Ok(())
        },
        vm,
    )?;
    let host = Rc::clone(state);
    define(
        module,
        "find_module",
        move |name: PyStrRef, vm: &VirtualMachine| -> PyResult<Option<(String, bool)>> {
            let name = name.to_string_lossy().into_owned();
            let found = find::find(&name, None, false, &host, vm)?;
            Ok(found.map(|found| (found.origin(), found.is_package())))
        },
        vm,
    )
}

/// Who imports.
struct Importer {
    /// Code that is part of the binary: the library finds its own modules first and handles what is missing.
    built_in: bool,
    file: String,
    line: u32,
    /// A missing module is an error at once.
    must_exist: bool,
    /// Nothing uses what is imported: it may fail for want of a package.
    unused: bool,
}

impl Importer {
    fn of(state: &State, vm: &VirtualMachine) -> Importer {
        let Some(frame) = vm.current_frame() else {
            return Importer {
                built_in: true,
                file: String::new(),
                line: 0,
                must_exist: true,
                unused: false,
            };
        };
        let file = frame.code.source_path().as_str().to_owned();
        let built_in = !state.is_user_file(&file);
        let line = if frame.lasti() == 0 { 0 } else { frame.current_location().line.get() as u32 };
        let info = state.sources.borrow().get(&file).cloned();
        let unused = info.as_ref().is_some_and(|info| info.unused.contains(&line));
        let guarded = info.is_some_and(|info| info.guarded.iter().any(|(first, last)| (*first..=*last).contains(&line)));
        Importer {
            built_in,
            file,
            line,
            must_exist: built_in || guarded,
            unused,
        }
    }
}

fn import(args: &FuncArgs, state: &Rc<State>, vm: &VirtualMachine) -> PyResult {
    let argument = |at: usize, name: &str| args.args.get(at).or_else(|| args.kwargs.get(name)).filter(|value| !vm.is_none(value)).cloned();
    let Some(name) = argument(0, "name") else {
        return Err(vm.new_type_error("__import__() missing required argument 'name'".to_owned()));
    };
    let Some(name) = name.downcast_ref::<PyStr>().and_then(|name| name.to_str().map(str::to_owned)) else {
        return Err(vm.new_type_error("module name must be a string".to_owned()));
    };
    let level = match argument(4, "level") {
        Some(level) => usize::try_from(level.try_int(vm)?.try_to_primitive::<i64>(vm)?).unwrap_or(0),
        None => 0,
    };
    let absolute = if level == 0 {
        name.clone()
    } else {
        find::absolute_name(&name, level, argument(1, "globals").as_deref(), vm)?
    };
    if absolute.is_empty() {
        return Err(vm.new_value_error("Empty module name".to_owned()));
    }
    let names = match argument(3, "fromlist") {
        Some(names) => vm.extract_elements_with(&names, Ok)?,
        None => Vec::new(),
    };
    // The usual case: everything is there already.
    let found = loaded(&absolute, vm)?;
    let importer = if found.is_some() && names.is_empty() {
        None
    } else {
        Some(Importer::of(state, vm))
    };
    let found = match (found, &importer) {
        (Some(module), _) => Ok(module),
        (None, Some(importer)) => load_chain(&absolute, importer, state, vm),
        (None, None) => Err(not_found(&absolute, vm)),
    };
    let module = match (found, &importer) {
        (Err(error), Some(importer)) => forgiven(error, &absolute, importer, state, vm)?,
        (found, _) => found?,
    };
    if let Some(importer) = importer.filter(|_| !names.is_empty()) {
        if is_placeholder(&module) {
            return placeholder_of(module, &absolute, vm);
        }
        if names.iter().any(|name| trace::text(name, vm) == "*") {
            surface(&module, state, vm)?;
        }
        return match load_names(&absolute, &module, &names, &importer, state, vm) {
            Ok(()) => Ok(module),
            Err(error) => forgiven(error, &absolute, &importer, state, vm),
        };
    }
    if is_placeholder(&module) && loaded(root(&absolute), vm)?.is_none() {
        return Ok(module);
    }
    // `import a.b.c` gives `a`; `from . import x` has names and does not come here.
    match name.find('.') {
        Some(dot) => {
            let top = &absolute[..absolute.len() - (name.len() - dot)];
            loaded(top, vm)?.ok_or_else(|| not_found(top, vm))
        }
        None => Ok(module),
    }
}

/// A placeholder for a module that failed for want of a package and that nothing uses; else the error.
fn forgiven(error: PyBaseExceptionRef, name: &str, importer: &Importer, state: &State, vm: &VirtualMachine) -> PyResult {
    if !importer.unused || vm.get_attribute_opt(error.clone().into(), "__limbeck_missing__")?.is_none() {
        return Err(error);
    }
    missing(name, false, Some(&trace::text(error.as_object(), vm)), importer, state, vm)
}

/// The module in `sys.modules`, unless it is blocked there with `None`.
fn loaded(name: &str, vm: &VirtualMachine) -> PyResult<Option<PyObjectRef>> {
    let modules = vm.sys_module.get_attr("modules", vm)?;
    let Some(modules) = modules.downcast_ref::<PyDict>() else {
        return Ok(None);
    };
    match modules.get_item_opt(name, vm)? {
        Some(module) if vm.is_none(&module) => Err(not_found(name, vm)),
        other => Ok(other),
    }
}

fn load_chain(absolute: &str, importer: &Importer, state: &Rc<State>, vm: &VirtualMachine) -> PyResult {
    let mut parent: Option<(PyObjectRef, String)> = None;
    for end in absolute.match_indices('.').map(|(at, _)| at).chain(std::iter::once(absolute.len())) {
        let name = &absolute[..end];
        let module = match loaded(name, vm)? {
            Some(module) => module,
            None => {
                let module = load_one(name, parent.as_ref().map(|(module, _)| &**module), importer, state, vm)?;
                if let Some((parent, _)) = &parent {
                    let child = vm.ctx.intern_str(name.rsplit('.').next().unwrap_or(name));
                    parent.set_attr(child, module.clone(), vm)?;
                }
                module
            }
        };
        if is_placeholder(&module) {
            return Ok(module);
        }
        parent = Some((module, name.to_owned()));
    }
    parent
        .map(|(module, _)| module)
        .ok_or_else(|| vm.new_value_error("Empty module name".to_owned()))
}

fn load_one(name: &str, parent: Option<&PyObject>, importer: &Importer, state: &Rc<State>, vm: &VirtualMachine) -> PyResult {
    let Some(found) = find::find(name, parent, importer.built_in, state, vm)? else {
        return missing(name, parent.is_some(), None, importer, state, vm);
    };
    match found {
        find::Found::Native => rustpython_vm::import::import_builtin(vm, name),
        find::Found::Frozen { package } => {
            let code = rustpython_vm::import::make_frozen(vm, name)?;
            let paths = package.then(Vec::new);
            match execute(name, code, paths, vm) {
                Err(error) if error.fast_isinstance(vm.ctx.exceptions.import_error) && !importer.must_exist && !state.vocabulary_roots.contains(root(name)) => {
                    // A module of the library that reaches for what the sandbox does not have.
                    let reason = trace::text(error.as_object(), vm);
                    missing(name, false, Some(&reason), importer, state, vm)
                }
                other => other,
            }
        }
        find::Found::File { path, package } => {
            let folder = package.then(|| {
                let folder = Path::new(&path).parent().unwrap_or(Path::new(""));
                vec![folder.display().to_string()]
            });
            execute_file(name, &path, folder, state, vm)
        }
        find::Found::Namespace { paths } => {
            let module = new_module(name, None, Some(paths), vm)?;
            vm.sys_module.get_attr("modules", vm)?.set_item(name, module.clone().into(), vm)?;
            Ok(module.into())
        }
    }
}

pub(crate) fn root(name: &str) -> &str {
    name.split('.').next().unwrap_or(name)
}

fn load_names(absolute: &str, module: &PyObjectRef, names: &[PyObjectRef], importer: &Importer, state: &Rc<State>, vm: &VirtualMachine) -> PyResult<()> {
    if is_placeholder(module) || vm.get_attribute_opt(module.clone(), "__path__")?.is_none() {
        return Ok(());
    }
    for name in names {
        let Some(name) = name.downcast_ref::<PyStr>().and_then(|name| name.to_str().map(str::to_owned)) else {
            return Err(vm.new_type_error("names in a from-list must be strings".to_owned()));
        };
        if name == "*" {
            if let Some(all) = vm.get_attribute_opt(module.clone(), "__all__")? {
                let all = vm.extract_elements_with(&all, Ok)?;
                load_names(absolute, module, &all, importer, state, vm)?;
            }
            continue;
        }
        let child = format!("{absolute}.{name}");
        if loaded(&child, vm)?.is_some() || vm.get_attribute_opt(module.clone(), vm.ctx.intern_str(name.as_str()))?.is_some() {
            continue;
        }
        if find::find(&child, Some(module), importer.built_in, state, vm)?.is_some() {
            load_chain(&child, importer, state, vm)?;
        }
    }
    Ok(())
}

/// A module that is not there: an error where the script is prepared for one, else a placeholder that is harmless until it is used.
fn missing(name: &str, in_package: bool, reason: Option<&str>, importer: &Importer, state: &State, vm: &VirtualMachine) -> PyResult {
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
fn placeholder_of(mut placeholder: PyObjectRef, absolute: &str, vm: &VirtualMachine) -> PyResult {
    let known = placeholder.get_attr("_deferred", vm)?.get_item(&0_usize, vm)?;
    let known = trace::text(&known, vm);
    let rest = absolute.strip_prefix(&known).unwrap_or_default();
    for name in rest.split('.').filter(|name| !name.is_empty()) {
        placeholder = placeholder.get_attr(vm.ctx.intern_str(name), vm)?;
    }
    Ok(placeholder)
}

fn is_placeholder(module: &PyObject) -> bool {
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

fn new_module(name: &str, path: Option<&str>, folders: Option<Vec<String>>, vm: &VirtualMachine) -> PyResult<PyRef<PyModule>> {
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

/// Lets others find the names whose imports sank into functions: they are imported when they are asked for.
fn serve_sunk(module: &PyRef<PyModule>, path: &str, state: &Rc<State>, vm: &VirtualMachine) -> PyResult<()> {
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

/// A module of a package that exists and was not imported yet.
fn submodule(package: &str, name: &str, state: &Rc<State>, vm: &VirtualMachine) -> PyResult<Option<PyObjectRef>> {
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

fn import_sunk(sunk: &Sunk, globals: &PyDictRef, state: &Rc<State>, vm: &VirtualMachine) -> PyResult {
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

/// Imports every sunk name of a module, for `from module import *`.
fn surface(module: &PyObjectRef, state: &State, vm: &VirtualMachine) -> PyResult<()> {
    let Some(file) = vm.get_attribute_opt(module.clone(), "__file__")? else {
        return Ok(());
    };
    let info = state.sources.borrow().get(&trace::text(&file, vm)).cloned();
    for sunk in info.iter().flat_map(|info| &info.sunk) {
        module.get_attr(vm.ctx.intern_str(sunk.binds.as_str()), vm)?;
    }
    Ok(())
}

/// Runs the code of a built-in module with the module in `sys.modules`; takes it out again if that fails.
fn execute(name: &str, code: PyRef<PyCode>, folders: Option<Vec<String>>, vm: &VirtualMachine) -> PyResult {
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
fn execute_file(name: &str, path: &str, folders: Option<Vec<String>>, state: &Rc<State>, vm: &VirtualMachine) -> PyResult {
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
fn wants_package(error: &PyBaseExceptionRef, state: &State, vm: &VirtualMachine) -> bool {
    let says = vm.get_attribute_opt(error.clone().into(), "__limbeck_missing__");
    matches!(says, Ok(Some(_))) || ((state.tainted.get() || !state.missing.borrow().is_empty()) && error.fast_isinstance(vm.ctx.exceptions.exception_type))
}

/// Binds placeholders for the statement at `line`, and returns the code of what follows.
fn pass_over(
    error: &PyBaseExceptionRef,
    line: u32,
    text: &str,
    path: &str,
    module: &PyRef<PyModule>,
    state: &State,
    vm: &VirtualMachine,
) -> PyResult<PyRef<PyCode>> {
    let (names, code) = compile_after(line, text, path, state, vm)?;
    let importer = Importer {
        built_in: false,
        file: path.to_owned(),
        line,
        must_exist: false,
        unused: true,
    };
    let reason = trace::text(error.as_object(), vm);
    for name in names {
        let placeholder = missing(&name, false, Some(&reason), &importer, state, vm)?;
        module.dict().set_item(name.as_str(), placeholder, vm)?;
    }
    Ok(code)
}

fn read_source(path: &str, state: &State, vm: &VirtualMachine) -> PyResult<String> {
    let bytes = std::fs::read(path).map_err(|error| vm.new_os_error(format!("{path}: {error}")))?;
    state.files.borrow_mut().insert(path.into(), crate::hash::of_bytes(&bytes));
    decode(bytes).ok_or_else(|| vm.new_exception_msg(vm.ctx.exceptions.syntax_error.to_owned(), format!("(unicode error) {path} is not UTF-8").into()))
}

/// UTF-8, or Latin-1 where the file declares it.
fn decode(bytes: Vec<u8>) -> Option<String> {
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
