//! The engine's thread: builds the interpreter, then serves requests until the caller is gone.

use crate::bridge::{from_python, to_python};
use crate::channel::{Answer, HostAnswer, Message, Request};
use crate::config::{Direction, EngineConfig, RunContext};
use crate::error::{ScriptError, ScriptErrorKind};
use crate::state::State;
use crate::{env, module, native, room, trace};
use rustpython_vm::builtins::{PyBaseExceptionRef, PyModule};
use rustpython_vm::function::FuncArgs;
use rustpython_vm::signal::UserSignalReceiver;
use rustpython_vm::{Interpreter, PyRef, PyResult, Settings, VirtualMachine};
use serde_json::{Map, Value};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::rc::Rc;
use std::sync::mpsc::{Receiver, Sender};

/// How many new objects the cycle collector waits for. By default it comes three times as often: each visit also empties the cache of method look-ups, and
/// what a run of migrations allocates is small.
const COLLECT_AFTER: u32 = 6_000;

/// The body of the engine's thread.
pub(crate) fn run(config: EngineConfig, requests: &Receiver<Request>, messages: Sender<Message>, answers: Receiver<HostAnswer>, signals: UserSignalReceiver) {
    room::take();
    let interpreter = build(signals);
    interpreter.enter(|vm| {
        rustpython_vm::gc_state::gc_state().set_threshold(COLLECT_AFTER, None, None);
        vm.recursion_limit.set(config.recursion_limit.max(50));
        let state = State::new(config, messages, answers, vm);
        let mut ready = native::install(&state, vm).map_err(|error| trace::script_error(&error, &state, vm));
        while let Ok(request) = requests.recv() {
            state.send(Message::Started);
            let result = match &mut ready {
                Ok(()) => catch_unwind(AssertUnwindSafe(|| serve(request, &state, vm))),
                Err(error) => Ok(Err(error.clone())),
            };
            match result {
                Ok(result) => state.send(Message::Finished(result.map_err(Box::new))),
                Err(panic) => {
                    let error = ScriptError::internal(format!("the Python engine broke: {}", panic_text(&*panic)));
                    state.send(Message::Finished(Err(Box::new(error))));
                    return;
                }
            }
        }
    });
    // Taking an interpreter apart costs more than leaving it to the end of the process, and runs `__del__` methods that nobody waits for.
    std::mem::forget(interpreter);
}

fn build(signals: UserSignalReceiver) -> Interpreter {
    let mut settings = Settings::default();
    settings.install_signal_handlers = false;
    settings.import_site = false;
    settings.isolated = true;
    settings.ignore_environment = true;
    settings.user_site_directory = false;
    settings.write_bytecode = false;
    // The same plan for the same script: sets of names iterate in the same order in every run.
    settings.hash_seed = Some(0);
    let builder = Interpreter::builder(settings);
    let stdlib = rustpython_stdlib::stdlib_module_defs(&builder.ctx);
    builder
        .add_native_modules(&stdlib)
        .add_frozen_modules(crate::frozen::modules())
        .init_hook(move |vm| vm.set_user_signal_channel(signals))
        .build()
}

fn panic_text(panic: &(dyn std::any::Any + Send)) -> String {
    panic
        .downcast_ref::<String>()
        .cloned()
        .or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()))
        .unwrap_or_else(|| "no message".to_owned())
}

/// Raises the exception that scripts cannot catch with `except Exception`.
pub(crate) fn raise_abort(vm: &VirtualMachine) -> PyResult<()> {
    Err(abort(vm, "the script was stopped"))
}

pub(crate) fn abort(vm: &VirtualMachine, message: &str) -> PyBaseExceptionRef {
    let made = vm
        .import("_limbeck_boot", 0)
        .and_then(|boot| boot.get_attr("Abort", vm))
        .and_then(|class| class.call((message,), vm))
        .map(rustpython_vm::PyObjectRef::downcast::<rustpython_vm::builtins::PyBaseException>);
    match made {
        Ok(Ok(exception)) => exception,
        Ok(Err(_)) => vm.new_runtime_error(message.to_owned()),
        Err(exception) => exception,
    }
}

fn serve(request: Request, state: &Rc<State>, vm: &VirtualMachine) -> Result<Answer, ScriptError> {
    match request {
        Request::Run {
            path,
            direction,
            arguments,
            context,
        } => run_revision(&path, direction, &arguments, &context, state, vm).map(|()| Answer::Done),
        Request::Check { path, direction } => crate::check::check(&path, direction, state, vm).map(|()| Answer::Done),
        Request::Environment(request, alike) => with_alike(alike, state, vm, || {
            let outcome = env::evaluate(&request, state, vm)?;
            let sound = state.alike.is_sound() && outcome.stopped.is_none();
            Ok((!alike || sound).then(|| Answer::Environment(Box::new(outcome))))
        }),
        Request::Metadata(request, alike) => with_alike(alike, state, vm, || {
            let wanted = crate::metadata::evaluate(&request, state, vm)?;
            Ok(wanted.map(|wanted| Answer::Metadata(Box::new(wanted), state.alike.left_out.get())))
        }),
        Request::Reflected(target, tables) => crate::metadata::reflected(target, &tables, state, vm).map(|()| Answer::Done),
        Request::Hooks(target, calls) => crate::metadata::ask(target, &calls, state, vm).map(Answer::Hooks),
        Request::Directives(target, directives, heads) => crate::metadata::process(target, &directives, &heads, state, vm).map(Answer::Directives),
        Request::Attributes { path, names } => attributes(&path, &names, state, vm).map(Answer::Values),
        Request::Expression {
            expression,
            variables,
            prelude,
        } => expression_text(&expression, &variables, &prelude, state, vm).map(Answer::Text),
    }
}

/// Evaluates with classes of models left out or not; what scripts say is heard when the result stands.
fn with_alike(
    alike: bool,
    state: &Rc<State>,
    vm: &VirtualMachine,
    evaluate: impl FnOnce() -> Result<Option<Answer>, ScriptError>,
) -> Result<Answer, ScriptError> {
    if alike {
        let function = crate::metadata::python_module("alembic._alike", state, vm)
            .and_then(|module| module.get_attr("alike", vm))
            .and_then(|function| vm.builtins.set_attr(crate::alike::FUNCTION, function, vm));
        function.map_err(|error| trace::script_error(&error, state, vm))?;
    }
    state.alike.on.set(alike);
    let answer = evaluate();
    state.alike.on.set(false);
    let held = state.alike.held.take();
    let answer = answer?.unwrap_or(Answer::Again);
    if !matches!(answer, Answer::Again) {
        held.into_iter().for_each(|output| state.output(output));
    }
    Ok(answer)
}

fn run_revision(
    path: &Path,
    direction: Direction,
    arguments: &Map<String, Value>,
    context: &RunContext,
    state: &Rc<State>,
    vm: &VirtualMachine,
) -> Result<(), ScriptError> {
    let explain = |error: PyBaseExceptionRef| trace::script_error(&error, state, vm);
    state.learning.set(false);
    native::set_context("script", context, Some(direction), state, vm).map_err(explain)?;
    let module = script(path, state, vm)?;
    let Ok(function) = module.get_attr(direction.function(), vm) else {
        return Err(ScriptError {
            place: Some(limbeck_ops::Place {
                path: path.to_owned(),
                line: 1,
                column: 0,
            }),
            ..ScriptError::new(
                ScriptErrorKind::NoFunction,
                "AttributeError",
                format!("the script has no function `{}`", direction.function()),
            )
        });
    };
    let mut call = FuncArgs::default();
    for (name, value) in arguments {
        let value = to_python(value, vm).map_err(|error| ScriptError::internal(error.to_string()))?;
        call.kwargs.insert(name.clone(), value);
    }
    function.call(call, vm).map_err(explain)?;
    Ok(())
}

/// The module of a revision script, loaded once.
fn script(path: &Path, state: &Rc<State>, vm: &VirtualMachine) -> Result<PyRef<PyModule>, ScriptError> {
    if let Some(module) = state.scripts.borrow().get(path) {
        return Ok(module.clone());
    }
    let module = module::load_script(path, crate::sink::FileKind::Script, state, vm)?;
    state.scripts.borrow_mut().insert(path.to_owned(), module.clone());
    Ok(module)
}

fn attributes(path: &Path, names: &[String], state: &Rc<State>, vm: &VirtualMachine) -> Result<Map<String, Value>, ScriptError> {
    state.learning.set(false);
    native::set_context("other", &RunContext::default(), None, state, vm).map_err(|error| trace::script_error(&error, state, vm))?;
    let module = script(path, state, vm)?;
    let mut values = Map::new();
    for name in names {
        let interned = vm.ctx.intern_str(name.as_str());
        if let Ok(value) = module.get_attr(interned, vm)
            && let Ok(value) = from_python::<Value>(&value, vm)
        {
            values.insert(name.clone(), value);
        }
    }
    Ok(values)
}

fn expression_text(expression: &str, variables: &Map<String, Value>, prelude: &str, state: &Rc<State>, vm: &VirtualMachine) -> Result<String, ScriptError> {
    let explain = |error: PyBaseExceptionRef| trace::script_error(&error, state, vm);
    let scope = vm.new_scope_with_builtins();
    for (name, value) in variables {
        let value = to_python(value, vm).map_err(|error| ScriptError::internal(error.to_string()))?;
        scope.globals.set_item(name.as_str(), value, vm).map_err(explain)?;
    }
    if !prelude.trim().is_empty() {
        module::run_text(prelude, "<template>", rustpython_vm::compiler::Mode::Exec, scope.clone(), vm).map_err(explain)?;
    }
    let value = module::run_text(expression.trim(), "<template>", rustpython_vm::compiler::Mode::Eval, scope, vm).map_err(explain)?;
    Ok(trace::text(&value, vm))
}
