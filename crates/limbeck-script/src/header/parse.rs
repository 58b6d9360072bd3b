//! The thorough reader of headers: the whole syntax tree, with constant expressions evaluated.

use std::path::Path;

use indexmap::IndexMap;
use limbeck_source::SourceFile;
use rustpython_ruff_python_ast::{Expr, Stmt};
use rustpython_ruff_python_parser::{ParseError, parse_module};
use rustpython_ruff_text_size::Ranged;

use super::{Binding, Module, index_of};
use crate::error::ScriptError;
use crate::eval::{Names, NoHost, evaluate};
use crate::value::Value;

/// Reads what a module says about itself.
///
/// # Errors
/// When the script is not valid Python.
pub(super) fn parse(path: &Path, source: &str) -> Result<Module, ScriptError> {
    let parsed = parse_module(source).map_err(|error| syntax_error(path, source, &error))?;
    let mut reader = Reader {
        source,
        module: Module::default(),
        names: Names::default(),
        unknown: IndexMap::new(),
        star_import: None,
    };
    let body = &parsed.syntax().body;
    if let Some(Stmt::Expr(first)) = body.first()
        && let Expr::StringLiteral(text) = &*first.value
    {
        reader.module.doc = Some(text.value.to_str().to_owned());
    }
    for statement in body {
        reader.statement(statement);
    }
    Ok(reader.finish())
}

/// Turns the parser's error into ours, with place and line.
pub(crate) fn syntax_error(path: &Path, source: &str, error: &ParseError) -> ScriptError {
    let file = SourceFile::new(path.display().to_string(), source);
    let offset = u32::from(error.location.start());
    let (line, column) = file.line_column(offset);
    ScriptError::Syntax {
        path: path.to_owned(),
        message: error.error.to_string(),
        line,
        column,
        text: file.line(line).map(str::to_owned),
    }
}

struct Reader<'a> {
    source: &'a str,
    module: Module,
    /// What is known of the module's names so far.
    names: Names,
    /// Names that are bound to something unknown, and where.
    unknown: IndexMap<String, u32>,
    star_import: Option<u32>,
}

impl Reader<'_> {
    fn finish(mut self) -> Module {
        for (index, name) in super::NAMES.iter().enumerate() {
            self.module.names[index] = match (self.names.get(*name), self.unknown.get(*name)) {
                (Some(value), _) => Binding::Known(value.clone()),
                (None, Some(line)) => Binding::Computed(*line),
                // `from .common import *` may bring what every script must have.
                (None, None) if index <= super::DOWN_REVISION => self.star_import.map_or(Binding::Unbound, Binding::Computed),
                (None, None) => Binding::Unbound,
            };
        }
        if let Some(Value::Str(doc)) = self.names.get("__doc__") {
            self.module.doc = Some(doc.clone());
        }
        self.module
    }

    fn statement(&mut self, statement: &Stmt) {
        match statement {
            Stmt::FunctionDef(function) => self.bind_unknown(&function.name, statement),
            Stmt::ClassDef(class) => self.bind_unknown(&class.name, statement),
            Stmt::Assign(assign) => {
                let value = self.evaluate(&assign.value);
                for target in &assign.targets {
                    self.bind(target, value.clone(), statement);
                }
            }
            Stmt::AnnAssign(assign) => {
                if let Some(value) = &assign.value {
                    let value = self.evaluate(value);
                    self.bind(&assign.target, value, statement);
                }
            }
            Stmt::AugAssign(assign) => {
                let value = match (self.evaluate(&assign.target), self.evaluate(&assign.value)) {
                    (Some(left), Some(right)) => crate::eval::binary(assign.op, &left, &right).ok(),
                    _ => None,
                };
                self.bind(&assign.target, value, statement);
            }
            Stmt::Import(import) => {
                for alias in &import.names {
                    let name = alias.asname.as_ref().unwrap_or(&alias.name);
                    let root = name.as_str().split('.').next().unwrap_or_default();
                    self.bind_unknown(root, statement);
                }
            }
            Stmt::ImportFrom(import) => {
                for alias in &import.names {
                    if alias.name.as_str() == "*" {
                        self.star_import = Some(self.line(statement));
                        continue;
                    }
                    let name = alias.asname.as_ref().unwrap_or(&alias.name);
                    self.bind_unknown(name.as_str(), statement);
                }
            }
            Stmt::Delete(delete) => {
                for target in &delete.targets {
                    if let Expr::Name(name) = target {
                        self.names.shift_remove(name.id.as_str());
                        self.unknown.shift_remove(name.id.as_str());
                    }
                }
            }
            // What happens on a condition or in a loop is not known here.
            Stmt::If(block) => {
                self.block(&block.body);
                for clause in &block.elif_else_clauses {
                    self.block(&clause.body);
                }
            }
            Stmt::For(block) => {
                self.bind(&block.target, None, statement);
                self.block(&block.body);
                self.block(&block.orelse);
            }
            Stmt::While(block) => {
                self.block(&block.body);
                self.block(&block.orelse);
            }
            Stmt::With(block) => {
                for item in &block.items {
                    if let Some(target) = &item.optional_vars {
                        self.bind(target, None, statement);
                    }
                }
                self.block(&block.body);
            }
            Stmt::Try(block) => {
                self.block(&block.body);
                for handler in &block.handlers {
                    let rustpython_ruff_python_ast::ExceptHandler::ExceptHandler(handler) = handler;
                    self.block(&handler.body);
                }
                self.block(&block.orelse);
                self.block(&block.finalbody);
            }
            Stmt::Match(block) => {
                for case in &block.cases {
                    self.block(&case.body);
                }
            }
            _ => {}
        }
    }

    /// Reads statements that may or may not run, and forgets the values of what they bind.
    fn block(&mut self, body: &[Stmt]) {
        let before = self.names.clone();
        for statement in body {
            self.statement(statement);
        }
        let changed: Vec<String> = self
            .names
            .iter()
            .filter(|(name, value)| before.get(*name) != Some(value))
            .map(|(name, _)| name.clone())
            .collect();
        let line = body.first().map_or(1, |statement| self.line(statement));
        for name in changed {
            self.names.shift_remove(&name);
            self.unknown.insert(name, line);
        }
    }

    fn bind(&mut self, target: &Expr, value: Option<Value>, statement: &Stmt) {
        match target {
            Expr::Name(name) => match value {
                Some(value) => {
                    self.unknown.shift_remove(name.id.as_str());
                    self.note_step(&name.id);
                    self.names.insert(name.id.to_string(), value);
                }
                None => self.bind_unknown(&name.id, statement),
            },
            Expr::Tuple(tuple) => self.unpack(&tuple.elts, value, statement),
            Expr::List(list) => self.unpack(&list.elts, value, statement),
            Expr::Starred(starred) => self.bind(&starred.value, None, statement),
            // `globals()["revision"] = ...` binds a name too.
            Expr::Subscript(subscript) => {
                if let Expr::StringLiteral(name) = &*subscript.slice
                    && matches!(&*subscript.value, Expr::Call(_))
                    && index_of(name.value.to_str()).is_some()
                {
                    self.bind_unknown(name.value.to_str(), statement);
                }
            }
            _ => {}
        }
    }

    fn unpack(&mut self, targets: &[Expr], value: Option<Value>, statement: &Stmt) {
        let items = value.as_ref().and_then(Value::items);
        let fits = items.is_some_and(|items| items.len() == targets.len()) && !targets.iter().any(Expr::is_starred_expr);
        for (index, target) in targets.iter().enumerate() {
            let item = items.filter(|_| fits).map(|items| items[index].clone());
            self.bind(target, item, statement);
        }
    }

    fn bind_unknown(&mut self, name: &str, statement: &Stmt) {
        self.note_step(name);
        self.names.shift_remove(name);
        self.unknown.insert(name.to_owned(), self.line(statement));
    }

    fn note_step(&mut self, name: &str) {
        match name {
            "upgrade" => self.module.upgrade = true,
            "downgrade" => self.module.downgrade = true,
            _ => {}
        }
    }

    fn evaluate(&self, expression: &Expr) -> Option<Value> {
        evaluate(expression, &self.names, &NoHost).ok()
    }

    fn line(&self, statement: &Stmt) -> u32 {
        let start = u32::from(statement.range().start()) as usize;
        let before = self.source.get(..start).unwrap_or_default();
        memchr::memchr_iter(b'\n', before.as_bytes()).count() as u32 + 1
    }
}
