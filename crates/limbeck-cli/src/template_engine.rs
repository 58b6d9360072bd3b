//! Answers what a revision template asks beyond plain expressions, in the Python engine; it is only started for that.

use crate::context::Context;
use limbeck_python::Engine;
use limbeck_script::eval::{Host, Names};
use limbeck_script::{Project, Value};
use serde_json::{Map, Value as Json};
use std::cell::RefCell;
use std::sync::Arc;

/// What expressions see besides the template's variables, and how their values travel back with their types.
const PRELUDE: &str = r#"
def comma(value):
    return "" if value is None else value if isinstance(value, str) else ", ".join(value)

def _limbeck_value(value):
    import json
    def tagged(value):
        if value is None or isinstance(value, (bool, int, str)):
            return value
        for kind in (tuple, list, set):
            if isinstance(value, kind):
                return {kind.__name__: [tagged(item) for item in value]}
        if isinstance(value, dict) and all(isinstance(key, str) for key in value):
            return {"dict": {key: tagged(item) for key, item in value.items()}}
        if hasattr(value, "__iter__"):
            return {"list": [tagged(item) for item in value]}
        return {"text": str(value)}
    return json.dumps(tagged(value))

class _LimbeckUndefined:
    def __bool__(self):
        return False

    def __str__(self):
        raise NameError("Undefined")

def _limbeck_undefined(names):
    import builtins
    for name in names:
        if name not in globals() and not hasattr(builtins, name):
            globals()[name] = _LimbeckUndefined()
"#;

/// The engine behind a template.
pub struct TemplateEngine<'a> {
    context: &'a Context,
    project: &'a Project,
    engine: RefCell<Option<Engine>>,
    /// Statements of the template's own `<% %>` blocks that only Python understands.
    statements: RefCell<String>,
}

impl<'a> TemplateEngine<'a> {
    pub fn new(context: &'a Context, project: &'a Project) -> Self {
        TemplateEngine {
            context,
            project,
            engine: RefCell::default(),
            statements: RefCell::default(),
        }
    }

    fn evaluate(&self, source: &str, names: &Names) -> Result<Value, String> {
        let mut engine = self.engine.borrow_mut();
        let engine = match &mut *engine {
            Some(engine) => engine,
            none => none.insert(crate::environment::engine(self.context, self.project, Arc::default(), None).map_err(|error| error.to_string())?),
        };
        let mut variables = Map::new();
        let mut prelude = String::from(PRELUDE);
        for (name, value) in names {
            match value {
                Value::Date(date) => prelude.push_str(&format!(
                    "import datetime\n{name} = datetime.datetime.fromisoformat('{}')\n",
                    date.isoformat("T")
                )),
                Value::Named("config") => prelude.push_str(&self.config()),
                Value::Named(module) => prelude.push_str(&format!("import {module}\n")),
                value => match to_json(value) {
                    Some(json) => drop(variables.insert(name.clone(), json)),
                    None => prelude.push_str(&format!("{name} = {}\n", value.repr())),
                },
            }
        }
        // As in Mako, a name that nobody gave is false, and an error only when it is written.
        prelude.push_str(&format!("_limbeck_undefined({})\n", Value::List(identifiers(source)).repr()));
        prelude.push_str(&self.statements.borrow());
        let expression = format!("_limbeck_value({}\n)", source.trim());
        let text = engine
            .eval_template_expression(&expression, &variables, &prelude)
            .map_err(|error| error.to_string())?;
        serde_json::from_str(&text)
            .ok()
            .and_then(|json: Json| from_json(&json))
            .ok_or_else(|| format!("the value of `{source}` cannot be used in a template"))
    }

    /// The part of Alembic's `config` object that templates use.
    fn config(&self) -> String {
        let config = self.project.config();
        let section = config.section(config.section_name()).ok().flatten().unwrap_or_default();
        let section = Value::Dict(section.into_iter().map(|(name, value)| (name, Value::Str(value))).collect());
        format!(
            "class config:\n    attributes = {{}}\n    _main = {}\n    def get_main_option(name, default=None):\n        return config._main.get(name.lower(), default)\n",
            section.repr()
        )
    }
}

impl Host for TemplateEngine<'_> {
    fn hides_names(&self) -> bool {
        !self.statements.borrow().is_empty()
    }

    fn expression(&self, source: &str, names: &Names) -> Option<Result<Value, String>> {
        Some(self.evaluate(source, names))
    }

    fn statements(&self, source: &str, names: &mut Names) -> Option<Result<(), String>> {
        let mut statements = self.statements.borrow_mut();
        statements.push_str(source);
        statements.push('\n');
        drop(statements);
        // Run now, so that an error is reported at the block that has it.
        Some(self.evaluate("None", names).map(drop))
    }
}

/// Returns whatever looks like a name in an expression.
fn identifiers(source: &str) -> Vec<Value> {
    let words = source.split(|c: char| !c.is_alphanumeric() && c != '_');
    words
        .filter(|word| word.starts_with(|c: char| c.is_alphabetic() || c == '_'))
        .map(Value::from)
        .collect()
}

/// Plain data travels as it is; what JSON would change is written as Python instead.
fn to_json(value: &Value) -> Option<Json> {
    Some(match value {
        Value::None => Json::Null,
        Value::Bool(flag) => Json::Bool(*flag),
        Value::Int(number) => Json::from(*number),
        Value::Str(text) => Json::String(text.clone()),
        _ => return None,
    })
}

fn from_json(json: &Json) -> Option<Value> {
    Some(match json {
        Json::Null => Value::None,
        Json::Bool(flag) => Value::Bool(*flag),
        Json::Number(number) => Value::Int(number.as_i64()?),
        Json::String(text) => Value::Str(text.clone()),
        Json::Array(_) => return None,
        Json::Object(tagged) => {
            let (kind, value) = tagged.iter().next()?;
            let items = || value.as_array()?.iter().map(from_json).collect::<Option<Vec<_>>>();
            match kind.as_str() {
                "tuple" => Value::Tuple(items()?),
                "list" => Value::List(items()?),
                "set" => Value::Set(items()?),
                "text" => Value::Str(value.as_str()?.to_owned()),
                "dict" => Value::Dict(
                    value
                        .as_object()?
                        .iter()
                        .map(|(name, value)| Some((name.clone(), from_json(value)?)))
                        .collect::<Option<_>>()?,
                ),
                _ => return None,
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_keep_their_types_on_the_way_back() {
        for (json, repr) in [
            (r#"{"tuple": ["a", 1]}"#, "('a', 1)"),
            (r#"{"list": [null, true]}"#, "[None, True]"),
            (r#"{"dict": {"k": {"list": []}}}"#, "{'k': []}"),
            (r#"{"text": "1.5"}"#, "'1.5'"),
        ] {
            let value = from_json(&serde_json::from_str(json).expect("valid JSON")).expect("a known kind");
            assert_eq!(value.repr(), repr);
        }
    }
}
