//! Where scripts are, and what their exceptions say.

use crate::error::{Frame, MissingImport, ScriptError, ScriptErrorKind};
use crate::state::State;
use limbeck_ops::Place;
use rustpython_vm::builtins::{PyBaseExceptionRef, PyInt, PyStr};
use rustpython_vm::compiler::core::bytecode::CodeFlags;
use rustpython_vm::{AsObject, PyObject, PyObjectRef, VirtualMachine};

/// The innermost place in the user's own files: of the frame that runs now, or of those that called it.
pub(crate) fn place(state: &State, vm: &VirtualMachine) -> Place {
    let mut frame = vm.current_frame();
    while let Some(current) = frame {
        let path = current.code.source_path().as_str();
        if state.is_user_file(path) && current.lasti() > 0 {
            let location = current.current_location();
            return Place {
                path: path.into(),
                line: location.line.get() as u32,
                column: location.character_offset.get() as u32,
            };
        }
        frame = current.f_back(vm);
    }
    Place::default()
}

/// Whether a value of a missing package may stay a placeholder here: while a module of the project is imported, or where the module level of a script takes
/// the value of an expression. A call that stands alone in a script is made for what it does, and a function that runs needs its values.
pub(crate) fn may_defer(state: &State, vm: &VirtualMachine) -> bool {
    let mut in_function = false;
    let mut frame = vm.current_frame();
    while let Some(current) = frame {
        let path = current.code.source_path().as_str();
        if state.is_user_file(path) {
            if current.code.obj_name.as_str() == "<module>" {
                let info = state.sources.borrow().get(path).cloned();
                let Some(info) = info else { return false };
                if !info.top {
                    return true;
                }
                let line = if current.lasti() == 0 {
                    0
                } else {
                    current.current_location().line.get() as u32
                };
                return !in_function && !info.bare.iter().any(|(first, last)| (*first..=*last).contains(&line));
            }
            in_function |= current.code.flags.contains(CodeFlags::OPTIMIZED);
        }
        frame = current.f_back(vm);
    }
    false
}

/// Describes an exception that nobody caught.
pub(crate) fn script_error(exception: &PyBaseExceptionRef, state: &State, vm: &VirtualMachine) -> ScriptError {
    let class = exception.class();
    let name = qualified_name(class.as_object(), vm).unwrap_or_else(|| class.name().to_string());
    let message = text(exception.as_object(), vm);
    let mut error = ScriptError::new(ScriptErrorKind::Raised, name, message);
    error.traceback = traceback(exception, state);
    if let Some(last) = error.traceback.last() {
        error.place = Some(Place {
            path: last.path.clone(),
            line: last.line,
            column: 0,
        });
        error.source.clone_from(&last.source);
    }
    if exception.fast_isinstance(vm.ctx.exceptions.syntax_error) {
        describe_syntax_error(exception.as_object(), &mut error, state, vm);
    }
    let mut link = Some(exception.clone());
    for _ in 0..16 {
        let Some(current) = link else { break };
        if error.host_error.is_none()
            && let Some(index) = int(current.as_object(), "__limbeck_error__", vm)
            && let Some(host_error) = state.host_errors.borrow().get(index as usize)
        {
            error.host_error = Some(Box::new(host_error.clone()));
            error.kind = ScriptErrorKind::Database;
        }
        if error.missing.is_none()
            && let Some(missing) = missing_import(current.as_object(), vm)
        {
            error.missing = Some(missing);
            error.kind = ScriptErrorKind::MissingPackage;
        }
        link = current.__cause__().or_else(|| current.__context__());
    }
    error
}

/// The line of a module's own level at which an exception left it.
pub(crate) fn module_line(exception: &PyBaseExceptionRef, path: &str) -> Option<u32> {
    let mut link = exception.__traceback__();
    while let Some(current) = link {
        let code = &current.frame.code;
        if code.obj_name.as_str() == "<module>" && code.source_path().as_str() == path {
            return Some(current.lineno.get() as u32);
        }
        link = current.next.lock().clone();
    }
    None
}

fn traceback(exception: &PyBaseExceptionRef, state: &State) -> Vec<Frame> {
    let mut frames = Vec::new();
    let mut link = exception.__traceback__();
    while let Some(current) = link {
        let path = current.frame.code.source_path().as_str();
        if state.is_user_file(path) {
            let line = current.lineno.get() as u32;
            frames.push(Frame {
                path: path.into(),
                line,
                function: current.frame.code.obj_name.as_str().to_owned(),
                source: state.source_line(path, line).map(|line| line.trim().to_owned()),
            });
        }
        link = current.next.lock().clone();
    }
    frames
}

fn describe_syntax_error(exception: &PyObject, error: &mut ScriptError, state: &State, vm: &VirtualMachine) {
    error.kind = ScriptErrorKind::Syntax;
    if let Some(message) = attribute(exception, "msg", vm) {
        error.message = text(&message, vm);
    }
    let Some(path) = attribute(exception, "filename", vm).filter(|path| !vm.is_none(path)) else {
        return;
    };
    let path = text(&path, vm);
    let line = int(exception, "lineno", vm).unwrap_or(0) as u32;
    error.source = state.source_line(&path, line);
    error.place = Some(Place {
        path: path.into(),
        line,
        column: int(exception, "offset", vm).unwrap_or(0) as u32,
    });
}

fn missing_import(exception: &PyObject, vm: &VirtualMachine) -> Option<MissingImport> {
    let module = attribute(exception, "__limbeck_missing__", vm)?;
    let file = attribute(exception, "__limbeck_file__", vm)?;
    Some(MissingImport {
        module: text(&module, vm),
        file: text(&file, vm).into(),
        line: int(exception, "__limbeck_line__", vm)? as u32,
    })
}

fn attribute(object: &PyObject, name: &'static str, vm: &VirtualMachine) -> Option<PyObjectRef> {
    object.get_attr(name, vm).ok()
}

fn int(object: &PyObject, name: &'static str, vm: &VirtualMachine) -> Option<i64> {
    attribute(object, name, vm)?.downcast_ref::<PyInt>()?.try_to_primitive(vm).ok()
}

/// `str(object)`, or a note that it could not be made.
pub(crate) fn text(object: &PyObject, vm: &VirtualMachine) -> String {
    match object.str(vm) {
        Ok(text) => text.to_string_lossy().into_owned(),
        Err(_) => format!("<{} without text>", object.class().name()),
    }
}

fn qualified_name(class: &PyObject, vm: &VirtualMachine) -> Option<String> {
    let name = attribute(class, "__qualname__", vm)?;
    let module = attribute(class, "__module__", vm)?;
    let name = name.downcast_ref::<PyStr>()?.to_str()?.to_owned();
    match module.downcast_ref::<PyStr>().and_then(|module| module.to_str().map(str::to_owned)) {
        Some(module) if module != "builtins" && module != "_limbeck_boot" => Some(format!("{module}.{name}")),
        _ => Some(name),
    }
}
