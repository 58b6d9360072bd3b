//! What env.py's `render_item` writes instead of Alembic's own text: asked once the steps are settled, before they are written.

use super::directives::Script;
use super::{Compared, raised};
use crate::context::Failure;
use limbeck_diff::Side as Read;
use limbeck_diff::render::{Part, PartKind, Spelling, parts};
use limbeck_python::{HookAnswer, HookCall, Item, ObjectRef, Side, TargetMetadata};
use limbeck_run::Functions;
use limbeck_schema::TableName;
use std::collections::BTreeSet;

/// Asks about every part of the scripts, each once.
///
/// # Errors
/// What the function raised.
pub fn ask(compared: &mut [Compared], scripts: &[Script], functions: Option<&mut Functions>) -> Result<(), Failure> {
    let Some(functions) = functions else { return Ok(()) };
    for (number, one) in compared.iter_mut().enumerate() {
        if !one.target.options.render_item {
            continue;
        }
        let directions = scripts.iter().filter_map(|script| script.directions.get(number));
        let mut seen = BTreeSet::new();
        let mut asked = Vec::new();
        for part in directions.flat_map(|(up, down)| parts(up).into_iter().chain(parts(down))) {
            if seen.insert(format!("{part:?}")) {
                asked.push(part);
            }
        }
        let calls: Vec<HookCall> = asked.iter().map(|part| call(part, &one.target)).collect();
        if calls.is_empty() {
            continue;
        }
        let answers = functions.call_hooks(number, &calls).map_err(raised)?;
        one.own_parts = asked
            .into_iter()
            .zip(answers)
            .filter_map(|(part, answer)| Some((part, text(answer)?)))
            .collect();
    }
    Ok(())
}

fn text(answer: HookAnswer) -> Option<Spelling> {
    match answer {
        HookAnswer::Text { text, imports } => Some(Spelling { text, imports }),
        HookAnswer::None | HookAnswer::Bool(_) => None,
    }
}

fn call(part: &Part, target: &TargetMetadata) -> HookCall {
    let (side, table) = match part.side {
        Read::Models => (Side::Models, as_declared(&part.table, target)),
        Read::Database => (Side::Database, part.table.clone()),
    };
    let item = match &part.kind {
        PartKind::Column(name) | PartKind::Type(name) | PartKind::Default(name) => Item::Column(name.clone()),
        PartKind::Constraint { name, columns, .. } => Item::Constraint {
            name: name.clone(),
            columns: columns.clone(),
        },
    };
    HookCall::RenderItem {
        type_: part.kind.word().to_owned(),
        object: ObjectRef { side, table, item },
    }
}

/// Changes of a table name it without the default schema, which the models may spell out.
fn as_declared(name: &TableName, target: &TargetMetadata) -> TableName {
    let tables = || target.metadata.iter().flat_map(|metadata| &metadata.tables).map(|table| &table.name);
    let same = tables().find(|other| *other == name);
    same.or_else(|| tables().find(|other| other.name == name.name)).unwrap_or(name).clone()
}
