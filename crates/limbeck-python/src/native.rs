//! The module `_limbeck`: all that Python code of the vocabulary and of the stand-ins can ask of Rust.

use crate::bridge::{from_python, literal_to_python, to_python};
use crate::channel::{HostAnswer, HostCall};
use crate::config::{Direction, Output, RunContext};
use crate::interpreter::abort;
use crate::metadata::PassedOver;
use crate::state::{Record, State};
use crate::{files, loader, trace};
use limbeck_expr::Query;
use limbeck_ops::{Control, DatabaseErrorKind, HostError, Inspect, Inspected, Operation, ResultSet};
use rustpython_vm::builtins::{PyBaseException, PyBaseExceptionRef, PyDictRef, PyModule, PyStrRef};
use rustpython_vm::function::{FuncArgs, IntoPyNativeFn};
use rustpython_vm::{AsObject, PyObjectRef, PyRef, PyResult, VirtualMachine};
use serde::de::DeserializeOwned;
use std::rc::Rc;

/// Adds the module and lets the Python side of the engine set itself up.
pub(crate) fn install(state: &Rc<State>, vm: &VirtualMachine) -> PyResult<()> {
    let module = vm.new_module("_limbeck", vm.ctx.new_dict(), None);
    module.set_attr("context", state.context.clone(), vm)?;
    host_functions(&module, state, vm)?;
    record_functions(&module, state, vm)?;
    files::define(&module, state, vm)?;
    let modules = vm.sys_module.get_attr("modules", vm)?;
    modules.set_item("_limbeck", module.clone().into(), vm)?;
    loader::install(&module, state, vm)?;
    let boot = vm.import("_limbeck_boot", 0)?;
    module.set_attr("Abort", boot.get_attr("Abort", vm)?, vm)?;
    Ok(())
}

/// Adds a function to a module.
pub(crate) fn define<F, K>(module: &PyRef<PyModule>, name: &'static str, function: F, vm: &VirtualMachine) -> PyResult<()>
where
    F: IntoPyNativeFn<K>,
{
    module.set_attr(name, vm.new_function(name, function), vm)
}

fn host_functions(module: &PyRef<PyModule>, state: &Rc<State>, vm: &VirtualMachine) -> PyResult<()> {
    let host = Rc::clone(state);
    define(
        module,
        "operation",
        move |value: PyObjectRef, vm: &VirtualMachine| -> PyResult<()> {
            let operation: Operation = read(&value, "operation", vm)?;
            if host.learning.get() {
                return learned("operation", &operation, &host, vm);
            }
            let at = trace::place(&host, vm);
            done(host.ask_host(HostCall::Operation(Box::new(operation), at)), &host, vm)
        },
        vm,
    )?;
    let host = Rc::clone(state);
    define(module, "reach", move |reach: bool| host.learning.set(!reach), vm)?;
    let host = Rc::clone(state);
    define(
        module,
        "execute",
        move |value: PyObjectRef, vm: &VirtualMachine| -> PyResult {
            let query: Query = read(&value, "statement", vm)?;
            if host.learning.get() {
                learned("execute", &query, &host, vm)?;
                return rows(&ResultSet::default(), vm);
            }
            let at = trace::place(&host, vm);
            match host.ask_host(HostCall::Execute(Box::new(query), at)) {
                Some(HostAnswer::Rows(Ok(result))) => rows(&result, vm),
                Some(HostAnswer::Rows(Err(error))) => Err(raise(error, &host, vm)),
                _ => Err(abort(vm, "the host is gone")),
            }
        },
        vm,
    )?;
    let host = Rc::clone(state);
    define(
        module,
        "inspect",
        move |value: PyObjectRef, vm: &VirtualMachine| -> PyResult {
            let what: Inspect = read(&value, "question", vm)?;
            if host.learning.get() {
                let error = HostError::new(
                    DatabaseErrorKind::NotImplementedError,
                    "env.py asks the database about its schema, which is not known while env.py is evaluated",
                );
                return Err(raise(error, &host, vm));
            }
            let at = trace::place(&host, vm);
            match host.ask_host(HostCall::Inspect(what, at)) {
                Some(HostAnswer::Inspected(Ok(answer))) => inspected(&answer, vm),
                Some(HostAnswer::Inspected(Err(error))) => Err(raise(error, &host, vm)),
                _ => Err(abort(vm, "the host is gone")),
            }
        },
        vm,
    )?;
    let host = Rc::clone(state);
    define(
        module,
        "control",
        move |value: PyObjectRef, vm: &VirtualMachine| -> PyResult<()> {
            let what: Control = read(&value, "transaction request", vm)?;
            if host.learning.get() {
                return learned("control", &what, &host, vm);
            }
            let at = trace::place(&host, vm);
            done(host.ask_host(HostCall::Control(what, at)), &host, vm)
        },
        vm,
    )
}

fn record_functions(module: &PyRef<PyModule>, state: &Rc<State>, vm: &VirtualMachine) -> PyResult<()> {
    let host = Rc::clone(state);
    define(
        module,
        "record",
        move |kind: PyStrRef, data: PyObjectRef, vm: &VirtualMachine| -> PyResult<()> {
            let record = Record {
                kind: kind.to_string_lossy().into_owned(),
                data: read(&data, "record", vm)?,
                at: trace::place(&host, vm),
            };
            host.records.borrow_mut().push(record);
            Ok(())
        },
        vm,
    )?;
    let host = Rc::clone(state);
    define(
        module,
        "place",
        move |vm: &VirtualMachine| -> (String, u32, u32) {
            let at = trace::place(&host, vm);
            (at.path.display().to_string(), at.line, at.column)
        },
        vm,
    )?;
    let host = Rc::clone(state);
    define(
        module,
        "may_defer",
        move |vm: &VirtualMachine| -> bool {
            let may = trace::may_defer(&host, vm);
            host.tainted.set(host.tainted.get() || may);
            may
        },
        vm,
    )?;
    let host = Rc::clone(state);
    define(
        module,
        "passed_class",
        move |reason: PyStrRef, vm: &VirtualMachine| {
            if host.whole.get() {
                let mut at = trace::place(&host, vm);
                let file = at.path.display().to_string();
                // The place may be anywhere in the class.
                let reason = reason.to_string_lossy();
                let class = reason.strip_prefix("the class ").and_then(|rest| rest.split(' ').next());
                let begins = |text: &str, class: &str| {
                    let name = text.trim_start().strip_prefix("class ").map(str::trim_start);
                    name.and_then(|name| name.strip_prefix(class))
                        .is_some_and(|rest| !rest.starts_with(|letter: char| letter.is_alphanumeric() || letter == '_'))
                };
                if let Some(class) = class
                    && let Some(line) = (1..=at.line)
                        .rev()
                        .find(|line| host.source_line(&file, *line).is_some_and(|text| begins(&text, class)))
                {
                    at.line = line;
                }
                host.passed.borrow_mut().push(PassedOver {
                    file: at.path,
                    line: at.line,
                    reason: reason.into_owned(),
                    matters: true,
                });
            }
        },
        vm,
    )?;
    let host = Rc::clone(state);
    define(
        module,
        "alike_source",
        move |number: usize, vm: &VirtualMachine| -> PyResult<(String, String, String)> {
            let known = host.alike.known.borrow();
            let class = known.classes.get(number).ok_or_else(|| vm.new_index_error("no such class"))?;
            let sources = host.sources.borrow();
            let text = sources
                .get(&*class.path)
                .and_then(|info| info.text.get(class.range.start().to_usize()..class.range.end().to_usize()));
            let lines = "\n".repeat(class.line.saturating_sub(1) as usize);
            Ok((lines + text.unwrap_or_default(), class.path.to_string(), class.name.clone()))
        },
        vm,
    )?;
    let host = Rc::clone(state);
    define(
        module,
        "alike_clash",
        move |number: usize, inherited: PyObjectRef, vm: &VirtualMachine| -> PyResult<bool> {
            let inherited: Vec<String> = read(&inherited, "names", vm)?;
            let classes = &host.alike.known.borrow().classes;
            let of_class = |class: &crate::alike::ModelClass| class.members.iter().any(|member| inherited.contains(&member.name));
            Ok(classes
                .get(number)
                .is_none_or(|class| of_class(class) || class.like.iter().filter_map(|number| classes.get(*number)).any(of_class)))
        },
        vm,
    )?;
    let host = Rc::clone(state);
    define(
        module,
        "alike_group",
        move |number: usize, vm: &VirtualMachine| -> PyResult {
            let known = host.alike.known.borrow();
            let group = known.groups.get(number).ok_or_else(|| vm.new_index_error("no such group"))?;
            let places: Vec<(&str, &str)> = group
                .like
                .iter()
                .filter_map(|number| known.classes.get(*number))
                .map(|class| (&*class.path, class.name.as_str()))
                .collect();
            to_python(&(places, &group.reads), vm).map_err(|error| vm.new_type_error(error.to_string()))
        },
        vm,
    )?;
    let host = Rc::clone(state);
    define(module, "alike_spoilt", move || host.alike.spoilt.set(true), vm)?;
    let host = Rc::clone(state);
    define(
        module,
        "set_exceptions",
        move |classes: PyDictRef, _vm: &VirtualMachine| {
            for (kind, class) in classes.items_vec() {
                if let Ok(kind) = kind.downcast::<rustpython_vm::builtins::PyStr>() {
                    let kind = kind.to_string_lossy().into_owned();
                    host.exceptions.borrow_mut().insert(kind, class);
                }
            }
        },
        vm,
    )?;
    let host = Rc::clone(state);
    define(
        module,
        "write",
        move |text: PyStrRef| host.output(Output::Text(text.to_string_lossy().into_owned())),
        vm,
    )?;
    let host = Rc::clone(state);
    define(
        module,
        "log",
        move |level: u32, logger: PyStrRef, message: PyStrRef| {
            host.output(Output::Log {
                level,
                logger: logger.to_string_lossy().into_owned(),
                message: message.to_string_lossy().into_owned(),
            });
        },
        vm,
    )
}

/// Fills the one context dict for the run that follows.
pub(crate) fn set_context(mode: &'static str, context: &RunContext, direction: Option<Direction>, state: &State, vm: &VirtualMachine) -> PyResult<()> {
    let fresh = to_python(context, vm).map_err(|error| vm.new_type_error(error.to_string()))?;
    let target = &state.context;
    target.clear();
    if let Ok(fresh) = fresh.downcast::<rustpython_vm::builtins::PyDict>() {
        for (key, value) in fresh.items_vec() {
            target.set_item(&*key, value, vm)?;
        }
    }
    let mut config = state.config.clone();
    if let Some(url) = context.url.as_ref().filter(|_| mode == "env") {
        // Values of the configuration file are written with `%` doubled.
        config
            .sections
            .entry(config.config_ini_section.clone())
            .or_default()
            .insert("sqlalchemy.url".to_owned(), url.replace('%', "%%"));
    }
    let config = to_python(&config, vm).map_err(|error| vm.new_type_error(error.to_string()))?;
    target.set_item("config", config, vm)?;
    target.set_item("mode", vm.ctx.new_str(mode).into(), vm)?;
    target.set_item("whole", vm.ctx.new_bool(state.whole.get()).into(), vm)?;
    target.set_item("alike", vm.ctx.new_bool(state.alike.on.get()).into(), vm)?;
    target.set_item("learn", vm.ctx.new_bool(mode == "env").into(), vm)?;
    let direction = direction.map_or_else(|| vm.ctx.none(), |direction| vm.ctx.new_str(direction.function()).into());
    target.set_item("direction", direction, vm)?;
    let x_args = state.x_args.iter().map(|text| vm.ctx.new_str(text.as_str()).into()).collect();
    target.set_item("x_args", vm.ctx.new_list(x_args).into(), vm)?;
    let tag = state.tag.as_ref().map_or_else(|| vm.ctx.none(), |tag| vm.ctx.new_str(tag.as_str()).into());
    target.set_item("tag", tag, vm)
}

fn read<T: DeserializeOwned>(value: &PyObjectRef, what: &str, vm: &VirtualMachine) -> PyResult<T> {
    from_python(value, vm).map_err(|error| vm.new_type_error(format!("cannot read this {what} {error}")))
}

/// Records what env.py asked of its connection.
fn learned<T: serde::Serialize>(kind: &str, value: &T, state: &State, vm: &VirtualMachine) -> PyResult<()> {
    let data = serde_json::to_value(value).map_err(|error| vm.new_type_error(error.to_string()))?;
    let at = trace::place(state, vm);
    state.records.borrow_mut().push(Record {
        kind: kind.to_owned(),
        data,
        at,
    });
    Ok(())
}

fn done(answer: Option<HostAnswer>, state: &State, vm: &VirtualMachine) -> PyResult<()> {
    match answer {
        Some(HostAnswer::Done(Ok(()))) => Ok(()),
        Some(HostAnswer::Done(Err(error))) => Err(raise(error, state, vm)),
        _ => Err(abort(vm, "the host is gone")),
    }
}

fn rows(result: &ResultSet, vm: &VirtualMachine) -> PyResult {
    let ctx = &vm.ctx;
    let mut columns = Vec::with_capacity(result.columns.len());
    for column in &result.columns {
        let type_ = to_python(&column.type_, vm).map_err(|error| vm.new_type_error(error.to_string()))?;
        columns.push(ctx.new_tuple(vec![ctx.new_str(column.name.as_str()).into(), type_]).into());
    }
    let mut rows = Vec::with_capacity(result.rows.len());
    for row in &result.rows {
        let values = row.iter().map(|value| literal_to_python(value, vm)).collect::<PyResult<Vec<_>>>()?;
        rows.push(ctx.new_tuple(values).into());
    }
    let answer = ctx.new_dict();
    answer.set_item("columns", ctx.new_list(columns).into(), vm)?;
    answer.set_item("rows", ctx.new_list(rows).into(), vm)?;
    answer.set_item("rowcount", ctx.new_int(result.rowcount).into(), vm)?;
    let lastrowid = result.lastrowid.map_or_else(|| ctx.none(), |id| ctx.new_int(id).into());
    answer.set_item("lastrowid", lastrowid, vm)?;
    Ok(answer.into())
}

fn inspected(answer: &Inspected, vm: &VirtualMachine) -> PyResult {
    to_python(answer, vm).map_err(|error| vm.new_type_error(error.to_string()))
}

/// Makes the Python exception of a host's error, keeping the error itself for whoever reads the traceback.
fn raise(error: HostError, state: &State, vm: &VirtualMachine) -> PyBaseExceptionRef {
    let index = {
        let mut errors = state.host_errors.borrow_mut();
        errors.push(error.clone());
        errors.len() - 1
    };
    let exception = exception(&error, state, vm);
    let _ = exception.as_object().set_attr("__limbeck_error__", vm.ctx.new_int(index), vm);
    exception
}

fn exception(error: &HostError, state: &State, vm: &VirtualMachine) -> PyBaseExceptionRef {
    let message = error.message.clone();
    let kind = match error.kind {
        DatabaseErrorKind::Abort => return abort(vm, &message),
        DatabaseErrorKind::NotImplementedError => return vm.new_not_implemented_error(message),
        DatabaseErrorKind::ValueError => return vm.new_value_error(message),
        kind => format!("{kind:?}"),
    };
    let home = if kind == "CommandError" { "alembic.util.exc" } else { "sqlalchemy.exc" };
    if !state.exceptions.borrow().contains_key(&kind)
        && let Err(failed) = vm.import(vm.ctx.intern_str(home), 0)
    {
        return failed;
    }
    let class = state.exceptions.borrow().get(&kind).cloned();
    let Some(class) = class else {
        return vm.new_runtime_error(message);
    };
    let details = to_python(&error.details, vm).unwrap_or_else(|_| vm.ctx.none());
    let made = vm.call_method(
        &class,
        "_from_host",
        FuncArgs::from(vec![
            vm.ctx.new_str(message.as_str()).into(),
            optional(error.statement.as_deref(), vm),
            optional(error.sqlstate.as_deref(), vm),
            details,
            optional(error.hint.as_deref(), vm),
        ]),
    );
    match made.map(PyObjectRef::downcast::<PyBaseException>) {
        Ok(Ok(exception)) => exception,
        Ok(Err(_)) => vm.new_runtime_error(message),
        Err(failed) => failed,
    }
}

fn optional(text: Option<&str>, vm: &VirtualMachine) -> PyObjectRef {
    text.map_or_else(|| vm.ctx.none(), |text| vm.ctx.new_str(text).into())
}
