//! Evaluates env.py with everything it imports, then takes the tables over one by one.

use super::derive::{self, Collected, Spelt};
use super::order;
use super::{MetadataData, PassedOver, TargetMetadata, TypeSpelling, WantedMetadata};
use crate::bridge::from_python;
use crate::env::{self, EnvRequest};
use crate::error::{MissingImport, ScriptError, ScriptErrorKind};
use crate::loader::{Importer, load_chain};
use crate::state::State;
use crate::trace;
use limbeck_ops::Place;
use limbeck_schema::NamingConvention;
use rustpython_vm::function::IntoFuncArgs;
use rustpython_vm::{AsObject, PyObjectRef, PyResult, VirtualMachine};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::rc::Rc;

/// Runs env.py and reads what `target_metadata` holds; `None` where that has to be done without leaving classes of models out (`crate::alike`).
pub(crate) fn evaluate(request: &EnvRequest, state: &Rc<State>, vm: &VirtualMachine) -> Result<Option<WantedMetadata>, ScriptError> {
    let wanted = evaluate_once(request, state, vm).map_err(needs_python);
    if !state.alike.on.get() {
        return wanted.map(Some);
    }
    let hooks = |wanted: &WantedMetadata| wanted.targets.iter().any(|target| target.options.has_hooks());
    Ok(wanted.ok().filter(|wanted| state.alike.is_sound() && (!hooks(wanted) || state.alike.is_idle())))
}

/// What stops a script may be had with the project's own Python where models are read.
fn needs_python(mut error: ScriptError) -> ScriptError {
    if error.kind == ScriptErrorKind::MissingPackage {
        error.kind = ScriptErrorKind::Incomplete;
    }
    error
}

fn evaluate_once(request: &EnvRequest, state: &Rc<State>, vm: &VirtualMachine) -> Result<WantedMetadata, ScriptError> {
    state.whole.set(true);
    state.passed.borrow_mut().clear();
    let evaluated = env::evaluate(request, state, vm);
    state.whole.set(false);
    let passed = state.passed.take();
    let mut env = evaluated?;
    if let Some(found) = passed.iter().find(|passed| passed.matters) {
        return Err(incomplete(found, state));
    }
    if let Some(stopped) = env.stopped.take() {
        return Err(stopped);
    }
    if let Some(import) = for_effect(request, state) {
        let reason = format!("env.py imports `{}` for what it registers, and it is not there", import.module);
        let passed = PassedOver {
            file: import.file,
            line: import.line,
            reason,
            matters: true,
        };
        return Err(incomplete(&passed, state));
    }
    state.learning.set(true);
    let targets = read(state, vm);
    state.learning.set(false);
    Ok(WantedMetadata {
        targets: targets?,
        env,
        passed,
        reader: None,
    })
}

/// An import of env.py that nothing there uses and that gave a placeholder: the tables it was to bring are not there.
fn for_effect(request: &EnvRequest, state: &State) -> Option<MissingImport> {
    let env_py = std::path::absolute(&request.env_py).unwrap_or_else(|_| request.env_py.clone());
    let lines = state.for_effect.borrow();
    let missing = state.missing.borrow();
    missing.iter().find(|missing| missing.file == env_py && lines.contains(&missing.line)).cloned()
}

fn incomplete(passed: &PassedOver, state: &State) -> ScriptError {
    let file = passed.file.display().to_string();
    let missing = state
        .missing
        .borrow()
        .iter()
        .find(|missing| missing.file == passed.file)
        .or(state.missing.borrow().first())
        .cloned()
        .unwrap_or(MissingImport {
            module: String::new(),
            file: passed.file.clone(),
            line: passed.line,
        });
    ScriptError {
        place: Some(Place {
            path: passed.file.clone(),
            line: passed.line,
            column: 0,
        }),
        source: state.source_line(&file, passed.line),
        missing: Some(missing).filter(|missing| !missing.module.is_empty()),
        ..ScriptError::new(
            ScriptErrorKind::Incomplete,
            "ModuleNotFoundError",
            format!(
                "a part of the models could not be loaded, and its tables would look unwanted: {}",
                passed.reason
            ),
        )
    }
}

/// What `summary()` tells of a target.
#[derive(Deserialize)]
struct Summary {
    given: bool,
    dialect: Option<String>,
    options: super::AutogenerateOptions,
    metadata: Vec<MetadataSummary>,
}

#[derive(Deserialize)]
struct MetadataSummary {
    schema: Option<String>,
    naming: NamingConvention,
    sequences: Vec<limbeck_schema::Sequence>,
}

fn read(state: &Rc<State>, vm: &VirtualMachine) -> Result<Vec<TargetMetadata>, ScriptError> {
    let explain = |error| trace::script_error(&error, state, vm);
    let module = python_module("alembic._metadata", state, vm).map_err(explain)?;
    let call = |name: &'static str, arguments: Vec<PyObjectRef>| -> PyResult { module.get_attr(name, vm)?.call(arguments.into_args(vm), vm) };
    let int = |number: usize| -> PyObjectRef { vm.ctx.new_int(number).into() };
    let count: usize = data(&call("targets", Vec::new()).map_err(explain)?, vm)?;
    let mut targets = Vec::with_capacity(count);
    for number in 0..count {
        let summary: Summary = data(&call("summary", vec![int(number)]).map_err(explain)?, vm)?;
        let mut target = TargetMetadata {
            given: summary.given,
            options: summary.options,
            dialect: summary.dialect,
            ..TargetMetadata::default()
        };
        for (item, found) in summary.metadata.into_iter().enumerate() {
            let mut metadata = MetadataData {
                schema: found.schema,
                naming: found.naming,
                sequences: found.sequences,
                tables: Vec::new(),
            };
            if !state.alike.is_idle() {
                let tables = call("every_table", vec![int(number), int(item)]).map_err(explain)?;
                let collected: Collected = data(&call("alike", vec![int(number), int(item)]).map_err(explain)?, vm)?;
                let mut spelt = Vec::new();
                for table in vm.extract_elements_with(&tables, Ok).map_err(explain)? {
                    let encoded = call("table", vec![int(number), int(item), table.clone()]).map_err(explain)?;
                    let spellings = call("spellings", vec![int(number), table.clone()]).map_err(explain)?;
                    let spellings = data::<Vec<TypeSpelling>>(&spellings, vm)?;
                    spelt.push(Spelt {
                        table: data(&encoded, vm)?,
                        spellings: spellings.into_iter().map(|spelling| (spelling.column.clone(), spelling)).collect(),
                    });
                }
                state.alike.left_out.set(state.alike.left_out.get() + collected.count());
                let all = derive::add(spelt, &collected, &state.alike.known.borrow().classes);
                take(
                    all.ok_or_else(|| ScriptError::internal("classes that are not alike"))?,
                    &mut metadata,
                    &mut target,
                );
                target.metadata.push(metadata);
                continue;
            }
            let tables = call("tables", vec![int(number), int(item)]).map_err(explain)?;
            for table in vm.extract_elements_with(&tables, Ok).map_err(explain)? {
                let named = |error: ScriptError| in_table(error, &table, vm);
                let encoded = call("table", vec![int(number), int(item), table.clone()]).map_err(|error| named(explain(error)))?;
                metadata.tables.push(data(&encoded, vm).map_err(named)?);
                let spelt = call("spellings", vec![int(number), table.clone()]).map_err(|error| named(explain(error)))?;
                target.spellings.extend(data::<Vec<TypeSpelling>>(&spelt, vm).map_err(named)?);
            }
            target.metadata.push(metadata);
        }
        targets.push(target);
    }
    Ok(targets)
}

/// Takes tables over in the order in which they can be created.
fn take(spelt: Vec<Spelt>, metadata: &mut MetadataData, target: &mut TargetMetadata) {
    let (tables, mut spellings): (Vec<_>, Vec<_>) = spelt.into_iter().map(|spelt| (spelt.table, spelt.spellings)).unzip();
    let order = order::sorted(&tables);
    let mut tables: Vec<Option<limbeck_schema::Table>> = tables.into_iter().map(Some).collect();
    for place in order {
        let Some(table) = tables[place].take() else { continue };
        for column in &table.columns {
            target.spellings.extend(spellings[place].remove(column.name.as_str()));
        }
        metadata.tables.push(table);
    }
}

/// Says in which table something is that could not be read.
fn in_table(mut error: ScriptError, table: &PyObjectRef, vm: &VirtualMachine) -> ScriptError {
    let name = table.get_attr("key", vm).map(|name| trace::text(&name, vm)).unwrap_or_default();
    error.message = format!("table \"{name}\": {}", error.message);
    error
}

/// A module of the vocabulary.
pub(crate) fn python_module(name: &str, state: &Rc<State>, vm: &VirtualMachine) -> PyResult {
    let importer = Importer {
        built_in: true,
        file: String::new(),
        line: 0,
        must_exist: true,
        unused: false,
    };
    load_chain(name, &importer, state, vm)
}

pub(crate) fn data<T: DeserializeOwned>(value: &PyObjectRef, vm: &VirtualMachine) -> Result<T, ScriptError> {
    from_python(value.as_object(), vm).map_err(|error| ScriptError::new(ScriptErrorKind::Unsupported, "TypeError", format!("cannot read this {error}")))
}
