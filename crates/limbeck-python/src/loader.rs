//! `import`: the vocabulary, the stand-ins, Python's own library, the project's modules on disk, and placeholders for what is missing.
//!
//! Python's import machinery in Python is bypassed: this is the whole of it, in the order above. The vocabulary's and the stand-ins' names always
//! mean them. A module of the project may shadow one of the library, as in Python, but not for the library itself.

use crate::compile::compile_file;
use crate::module::{execute, execute_file, new_module, read_source};
use crate::native::define;
use crate::placeholder::{is_placeholder, missing, not_found, placeholder_of};
use crate::sink::FileKind;
use crate::state::State;
use crate::sunk_names::surface;
use crate::{find, trace};
use rustpython_vm::builtins::{PyBaseExceptionRef, PyDict, PyModule, PyStr, PyStrRef};
use rustpython_vm::function::FuncArgs;
use rustpython_vm::scope::Scope;
use rustpython_vm::{AsObject, PyObject, PyObjectRef, PyRef, PyResult, VirtualMachine};
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
pub(crate) struct Importer {
    /// Code that is part of the binary: the library finds its own modules first and handles what is missing.
    pub built_in: bool,
    pub file: String,
    pub line: u32,
    /// A missing module is an error at once.
    pub must_exist: bool,
    /// Nothing uses what is imported: it may fail for want of a package.
    pub unused: bool,
}

impl Importer {
    pub(crate) fn of(state: &State, vm: &VirtualMachine) -> Importer {
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

pub(crate) fn import(args: &FuncArgs, state: &Rc<State>, vm: &VirtualMachine) -> PyResult {
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
pub(crate) fn loaded(name: &str, vm: &VirtualMachine) -> PyResult<Option<PyObjectRef>> {
    let modules = vm.sys_module.get_attr("modules", vm)?;
    let Some(modules) = modules.downcast_ref::<PyDict>() else {
        return Ok(None);
    };
    match modules.get_item_opt(name, vm)? {
        Some(module) if vm.is_none(&module) => Err(not_found(name, vm)),
        other => Ok(other),
    }
}

pub(crate) fn load_chain(absolute: &str, importer: &Importer, state: &Rc<State>, vm: &VirtualMachine) -> PyResult {
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
