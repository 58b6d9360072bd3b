//! Headers that only running the script tells: the one case in which a reading command starts the engine.

use crate::context::Context;
use limbeck_script::{ComputedHeader, Header, Project, ScriptError, Value};
use std::cell::RefCell;
use std::path::PathBuf;
use std::sync::Arc;

/// Completes a computed header by loading its script in the engine.
pub fn by_running(context: &Context, project: &Project, computed: ComputedHeader, _source: &str) -> Result<Header, ScriptError> {
    let names: Vec<&'static str> = computed.names().map(|(name, _)| name).collect();
    let path: PathBuf = computed.path().to_owned();
    let line = computed.names().next().map_or(0, |(_, line)| line);
    let failed = RefCell::new(None);
    let values = crate::environment::engine(context, project, Arc::default(), None)
        .and_then(|mut engine| engine.revision_attributes(&path, &names))
        .map_err(|error| *failed.borrow_mut() = Some(error));
    match values {
        Ok(values) => computed.complete(|name| values.get(name).and_then(to_value)),
        Err(()) => {
            let message = failed.into_inner().map(|error| error.to_string()).unwrap_or_default();
            Err(ScriptError::Syntax {
                path,
                message,
                line,
                column: 0,
                text: None,
            })
        }
    }
}

fn to_value(value: &serde_json::Value) -> Option<Value> {
    Some(match value {
        serde_json::Value::Null => Value::None,
        serde_json::Value::Bool(flag) => Value::Bool(*flag),
        serde_json::Value::String(text) => Value::Str(text.clone()),
        serde_json::Value::Number(number) => Value::Int(number.as_i64()?),
        serde_json::Value::Array(items) => Value::List(items.iter().filter_map(to_value).collect()),
        serde_json::Value::Object(_) => return None,
    })
}
