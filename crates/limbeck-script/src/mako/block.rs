//! Runs the Python statements of `<% %>` and `<%! %>`: imports of what is known, assignments, conditions, loops.

use rustpython_ruff_python_ast::{Expr, Stmt};
use rustpython_ruff_python_parser::parse_module;

use super::render::Renderer;
use crate::eval::{self, EvalError, Names, failed, unsupported};
use crate::methods;
use crate::value::Value;

/// Modules whose functions [`super::render`] knows.
const MODULES: &[&str] = &["re"];

/// Runs statements; what is more than is known here is offered to the caller whole.
pub(super) fn run(source: &str, names: &mut Names, renderer: &Renderer<'_>) -> Result<(), EvalError> {
    let source = dedent(source);
    let parsed = parse_module(&source).map_err(|problem| failed(problem.error.to_string()))?;
    let mut bound = names.clone();
    match statements(&parsed.syntax().body, &mut bound, renderer) {
        Ok(()) => {
            *names = bound;
            Ok(())
        }
        Err(EvalError::Unsupported(what)) => renderer.statements(&source, names).unwrap_or_else(|| Err(unsupported(what))),
        Err(problem) => Err(problem),
    }
}

/// Binds one name, or several to the items of a value.
pub(super) fn bind(targets: &[String], value: Value, names: &mut Names) -> Result<(), EvalError> {
    if let [target] = targets {
        names.insert(target.clone(), value);
        return Ok(());
    }
    let items = methods::iterate(&value)?;
    if items.len() != targets.len() {
        return Err(failed("wrong number of values to unpack"));
    }
    for (target, item) in targets.iter().zip(items) {
        names.insert(target.clone(), item);
    }
    Ok(())
}

fn statements(body: &[Stmt], names: &mut Names, renderer: &Renderer<'_>) -> Result<(), EvalError> {
    for statement in body {
        match statement {
            Stmt::Pass(_) => {}
            Stmt::Import(import) => {
                for alias in &import.names {
                    let known = MODULES.iter().find(|module| **module == alias.name.as_str());
                    match known {
                        Some(module) if alias.asname.is_none() => {
                            names.insert((*module).to_owned(), Value::Named(module));
                        }
                        _ => return Err(unsupported(format!("importing `{}`", alias.name))),
                    }
                }
            }
            Stmt::Expr(expression) => {
                eval::evaluate(&expression.value, names, renderer)?;
            }
            Stmt::Assign(assign) => {
                let value = eval::evaluate(&assign.value, names, renderer)?;
                for target in &assign.targets {
                    bind(&target_names(target)?, value.clone(), names)?;
                }
            }
            Stmt::If(choice) => {
                let mut taken = None;
                if eval::evaluate(&choice.test, names, renderer)?.truthy() {
                    taken = Some(&choice.body);
                } else {
                    for clause in &choice.elif_else_clauses {
                        let wanted = match &clause.test {
                            None => true,
                            Some(test) => eval::evaluate(test, names, renderer)?.truthy(),
                        };
                        if wanted {
                            taken = Some(&clause.body);
                            break;
                        }
                    }
                }
                if let Some(body) = taken {
                    statements(body, names, renderer)?;
                }
            }
            Stmt::For(repetition) if repetition.orelse.is_empty() => {
                let targets = target_names(&repetition.target)?;
                let items = eval::evaluate(&repetition.iter, names, renderer)?;
                for item in methods::iterate(&items)? {
                    bind(&targets, item, names)?;
                    statements(&repetition.body, names, renderer)?;
                }
            }
            _ => return Err(unsupported("such a statement")),
        }
    }
    Ok(())
}

fn target_names(target: &Expr) -> Result<Vec<String>, EvalError> {
    let name = |target: &Expr| match target {
        Expr::Name(name) => Ok(name.id.to_string()),
        _ => Err(unsupported("assigning to anything but a name")),
    };
    match target {
        Expr::Tuple(tuple) => tuple.elts.iter().map(name).collect(),
        other => Ok(vec![name(other)?]),
    }
}

/// Moves the code to the first column, by the indent of its first line.
fn dedent(source: &str) -> String {
    let indent = source
        .lines()
        .find(|line| !line.trim().is_empty())
        .map_or("", |line| &line[..line.len() - line.trim_start().len()]);
    source
        .trim_end()
        .lines()
        .map(|line| line.strip_prefix(indent).unwrap_or(line.trim_start()))
        .collect::<Vec<_>>()
        .join("\n")
}
