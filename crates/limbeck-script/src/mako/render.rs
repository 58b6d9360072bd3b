//! Renders a parsed template.

use rustpython_ruff_python_parser::parse_expression;

use super::{Def, Node, Template, block, error};
use crate::error::ScriptError;
use crate::eval::{self, EvalError, Host, Names, failed, unsupported};
use crate::methods;
use crate::value::Value;

/// Defs that call each other deeper than this never end.
const MAX_DEPTH: usize = 50;

pub(super) fn render(template: &Template, mut names: Names, host: &dyn Host) -> Result<String, ScriptError> {
    let renderer = Renderer { template, host, depth: 0 };
    let mut out = String::new();
    renderer.nodes(&template.body, &mut names, &mut out)?;
    Ok(out)
}

pub(super) struct Renderer<'a> {
    template: &'a Template,
    host: &'a dyn Host,
    depth: usize,
}

impl Renderer<'_> {
    fn nodes(&self, nodes: &[Node], names: &mut Names, out: &mut String) -> Result<(), ScriptError> {
        for node in nodes {
            match node {
                Node::Text(text) => out.push_str(text),
                Node::Expression { source, filters, line } => {
                    let value = self.expression(source, names, *line)?;
                    let text = self.filtered(value, filters, names).map_err(|problem| self.error(*line, &problem, source))?;
                    out.push_str(&text);
                }
                Node::Block { source, line } => {
                    block::run(source, names, self).map_err(|problem| self.error(*line, &problem, "<% %>"))?;
                }
                Node::If(branches) => {
                    for branch in branches {
                        let taken = match &branch.condition {
                            None => true,
                            Some((source, line)) => self.expression(source, names, *line)?.truthy(),
                        };
                        if taken {
                            self.nodes(&branch.body, names, out)?;
                            break;
                        }
                    }
                }
                Node::For { targets, items, line, body } => {
                    let value = self.expression(items, names, *line)?;
                    let values = methods::iterate(&value).map_err(|problem| self.error(*line, &problem, items))?;
                    let outer = names.get("loop").cloned();
                    let count = values.len();
                    for (index, value) in values.into_iter().enumerate() {
                        block::bind(targets, value, names).map_err(|problem| self.error(*line, &problem, items))?;
                        names.insert("loop".to_owned(), loop_state(index, count));
                        self.nodes(body, names, out)?;
                    }
                    match outer {
                        Some(outer) => names.insert("loop".to_owned(), outer),
                        None => names.shift_remove("loop"),
                    };
                }
            }
        }
        Ok(())
    }

    fn expression(&self, source: &str, names: &Names, line: u32) -> Result<Value, ScriptError> {
        self.evaluate(source, names).map_err(|problem| self.error(line, &problem, source))
    }

    /// Evaluates an expression here, or else by the caller's means.
    pub(super) fn evaluate(&self, source: &str, names: &Names) -> Result<Value, EvalError> {
        // Brackets let an expression run over several lines, the line end closes a comment.
        let parsed = parse_expression(&format!("({}\n)", source.trim())).map_err(|problem| failed(problem.error.to_string()))?;
        match eval::evaluate(parsed.expr(), names, self) {
            Err(EvalError::Unsupported(what)) => match self.host.expression(source, names) {
                Some(answer) => answer.map_err(EvalError::Failed),
                None => Err(unsupported(what)),
            },
            known => known,
        }
    }

    /// Offers statements to the caller.
    pub(super) fn statements(&self, source: &str, names: &mut Names) -> Option<Result<(), EvalError>> {
        let answer = self.host.statements(source, names)?;
        Some(answer.map_err(EvalError::Failed))
    }

    fn filtered(&self, value: Value, filters: &[String], names: &Names) -> Result<String, EvalError> {
        let mut value = value;
        if !filters.iter().any(|filter| filter == "n") {
            value = Value::Str(methods::written(&value)?);
        }
        for filter in filters.iter().filter(|filter| *filter != "n") {
            value = self.filter(filter, value, names)?;
        }
        methods::written(&value)
    }

    fn filter(&self, filter: &str, value: Value, names: &Names) -> Result<Value, EvalError> {
        match filter {
            "trim" => Ok(Value::Str(methods::written(&value)?.trim().to_owned())),
            "str" | "unicode" => Ok(Value::Str(methods::written(&value)?)),
            "h" | "x" => {
                let text = methods::written(&value)?;
                let text = text.replace('&', "&amp;").replace('<', "&lt;");
                let text = text.replace('>', "&gt;").replace('"', "&#34;");
                Ok(Value::Str(text.replace('\'', "&#39;")))
            }
            name => match self.call(name, std::slice::from_ref(&value), names)? {
                Some(value) => Ok(value),
                None => methods::builtin(name, &[value]).map_err(|_| unsupported(format!("the filter `{name}`"))),
            },
        }
    }

    fn def(&self, def: &Def, arguments: &[Value], names: &Names) -> Result<Value, EvalError> {
        if self.depth >= MAX_DEPTH {
            return Err(failed("defs call each other without end"));
        }
        let mut names = names.clone();
        for (index, parameter) in def.parameters.iter().enumerate() {
            let (name, default) = match parameter.split_once('=') {
                Some((name, default)) => (name.trim(), Some(default)),
                None => (parameter.as_str(), None),
            };
            let value = match (arguments.get(index), default) {
                (Some(value), _) => value.clone(),
                (None, Some(default)) => self.evaluate(default, &names)?,
                (None, None) => return Err(failed(format!("argument `{name}` is missing"))),
            };
            names.insert(name.to_owned(), value);
        }
        let inner = Renderer {
            template: self.template,
            host: self.host,
            depth: self.depth + 1,
        };
        let mut out = String::new();
        inner.nodes(&def.body, &mut names, &mut out).map_err(|problem| failed(problem.to_string()))?;
        Ok(Value::Str(out))
    }

    fn error(&self, line: u32, problem: &EvalError, source: &str) -> ScriptError {
        let source = source.trim();
        error(&self.template.path, line, format!("{problem} (in `{source}`)"))
    }
}

/// What templates see beyond plain Python: defs, `re`, `context`, and the caller's own.
impl Host for Renderer<'_> {
    fn call(&self, callee: &str, arguments: &[Value], names: &Names) -> Result<Option<Value>, EvalError> {
        if let Some(def) = self.template.defs.get(callee) {
            return self.def(def, arguments, names).map(Some);
        }
        if let Some(value) = self.host.call(callee, arguments, names)? {
            return Ok(Some(value));
        }
        match (callee, arguments) {
            ("context.get", [Value::Str(name)]) => Ok(Some(names.get(name).cloned().unwrap_or(Value::None))),
            ("context.get", [Value::Str(name), default]) => Ok(Some(names.get(name).unwrap_or(default).clone())),
            ("re.split", [Value::Str(pattern), Value::Str(text)]) => {
                let parts = regex(pattern)?;
                let parts = parts.split(text).map(Value::from).collect();
                Ok(Some(Value::List(parts)))
            }
            ("re.sub", [Value::Str(pattern), Value::Str(with), Value::Str(text)]) if !with.contains('\\') && !with.contains('$') => {
                let text = regex(pattern)?.replace_all(text, with.as_str());
                Ok(Some(Value::Str(text.into_owned())))
            }
            ("re.findall", [Value::Str(pattern), Value::Str(text)]) => {
                let regex = regex(pattern)?;
                if regex.captures_len() > 1 {
                    return Ok(None);
                }
                let found = regex.find_iter(text).map(|found| found.as_str().into());
                Ok(Some(Value::List(found.collect())))
            }
            _ => Ok(None),
        }
    }

    fn unbound(&self, name: &str) -> Option<Value> {
        let known = self.host.unbound(name);
        if known.is_none() && self.host.hides_names() {
            return None;
        }
        Some(known.unwrap_or(Value::Undefined))
    }
}

fn regex(pattern: &str) -> Result<regex_lite::Regex, EvalError> {
    regex_lite::Regex::new(pattern).map_err(|_| unsupported(format!("the regular expression {pattern:?}")))
}

fn loop_state(index: usize, count: usize) -> Value {
    let flag = |value| Value::Bool(value);
    Value::Dict(
        [
            ("index", Value::Int(index as i64)),
            ("first", flag(index == 0)),
            ("last", flag(index + 1 == count)),
            ("even", flag(index.is_multiple_of(2))),
            ("odd", flag(!index.is_multiple_of(2))),
        ]
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect(),
    )
}
