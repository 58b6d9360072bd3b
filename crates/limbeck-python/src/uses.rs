//! Which names a module's own level uses, and which each of its functions uses.

use rustpython_vm::compiler::ast::visitor::{self, Visitor};
use rustpython_vm::compiler::ast::{ExceptHandler, Expr, ExprContext, Parameter, Pattern, Stmt, StmtFunctionDef, TypeParam};
use std::collections::HashSet;

/// Names by how they appear.
#[derive(Default)]
pub(crate) struct Uses {
    /// Read (or deleted).
    pub read: HashSet<String>,
    /// Bound in any way, in any scope that was walked.
    pub bound: HashSet<String>,
    /// In annotations that nobody evaluates: of functions, parameters and plain variables.
    pub annotated: HashSet<String>,
    /// Declared `global` in a function.
    pub global: HashSet<String>,
    in_class: bool,
    /// Whether bodies of functions belong to what is walked.
    in_function: bool,
}

impl Uses {
    /// The names that code of the module's own level uses: everything but the bodies of functions.
    pub(crate) fn of_level<'a>(statements: impl Iterator<Item = &'a Stmt>) -> Uses {
        let mut uses = Uses::default();
        for statement in statements {
            uses.visit_stmt(statement);
        }
        uses
    }

    /// The names that the body of an outermost function uses, those of functions within it included.
    pub(crate) fn of_function(function: &StmtFunctionDef) -> Uses {
        let mut uses = Uses {
            in_function: true,
            ..Uses::default()
        };
        for parameter in &function.parameters {
            uses.bound.insert(parameter.name().to_string());
        }
        for statement in &function.body {
            uses.visit_stmt(statement);
        }
        uses
    }

    fn bind(&mut self, name: Option<&str>) {
        self.bound.extend(name.map(str::to_owned));
    }

    fn function(&mut self, function: &StmtFunctionDef) {
        self.bind(Some(function.name.as_str()));
        let decorated = !function.decorator_list.is_empty();
        for decorator in &function.decorator_list {
            self.visit_decorator(decorator);
        }
        if let Some(parameters) = &function.type_params {
            self.visit_type_params(parameters);
        }
        for parameter in function.parameters.iter_non_variadic_params() {
            if let Some(default) = &parameter.default {
                self.visit_expr(default);
            }
        }
        let annotations = function
            .parameters
            .iter()
            .filter_map(|parameter| parameter.as_parameter().annotation.as_deref())
            .chain(function.returns.as_deref());
        for annotation in annotations {
            if decorated {
                self.evaluated_annotation(annotation);
            } else {
                self.visit_annotation(annotation);
            }
        }
        if self.in_function {
            for parameter in &function.parameters {
                self.bound.insert(parameter.name().to_string());
            }
            self.visit_body(&function.body);
        }
    }

    /// An annotation that a class, a decorator or a metaclass may evaluate, also where it is written as text.
    fn evaluated_annotation(&mut self, annotation: &Expr) {
        self.visit_expr(annotation);
        let mut texts = Texts(Vec::new());
        texts.visit_expr(annotation);
        for text in texts.0 {
            let names = text.split(|c: char| !(c.is_alphanumeric() || c == '_')).filter(|name| !name.is_empty());
            self.read.extend(names.map(str::to_owned));
        }
    }
}

/// The texts in an expression.
struct Texts(Vec<String>);

impl<'a> Visitor<'a> for Texts {
    fn visit_expr(&mut self, expr: &'a Expr) {
        if let Expr::StringLiteral(text) = expr {
            self.0.push(text.value.to_str().to_owned());
        }
        visitor::walk_expr(self, expr);
    }
}

impl<'a> Visitor<'a> for Uses {
    fn visit_stmt(&mut self, statement: &'a Stmt) {
        match statement {
            Stmt::FunctionDef(function) => self.function(function),
            Stmt::ClassDef(class) => {
                self.bind(Some(class.name.as_str()));
                let outer = std::mem::replace(&mut self.in_class, true);
                visitor::walk_stmt(self, statement);
                self.in_class = outer;
            }
            Stmt::AnnAssign(assignment) => {
                self.visit_expr(&assignment.target);
                if self.in_class {
                    self.evaluated_annotation(&assignment.annotation);
                } else {
                    self.visit_annotation(&assignment.annotation);
                }
                if let Some(value) = &assignment.value {
                    self.visit_expr(value);
                }
            }
            Stmt::Import(import) => {
                for alias in &import.names {
                    let name = alias.asname.as_ref().unwrap_or(&alias.name).as_str();
                    self.bind(name.split('.').next());
                }
            }
            Stmt::ImportFrom(import) => {
                for alias in &import.names {
                    self.bind(Some(alias.asname.as_ref().unwrap_or(&alias.name).as_str()));
                }
            }
            Stmt::Global(global) => self.global.extend(global.names.iter().map(ToString::to_string)),
            _ => visitor::walk_stmt(self, statement),
        }
    }

    fn visit_annotation(&mut self, annotation: &'a Expr) {
        let mut inner = Uses::default();
        inner.evaluated_annotation(annotation);
        self.annotated.extend(inner.read);
    }

    fn visit_expr(&mut self, expr: &'a Expr) {
        match expr {
            Expr::Name(name) => match name.ctx {
                ExprContext::Store => self.bind(Some(name.id.as_str())),
                _ => {
                    self.read.insert(name.id.to_string());
                }
            },
            Expr::Lambda(lambda) => {
                for parameter in lambda.parameters.iter().flat_map(|parameters| parameters.iter()) {
                    self.bound.insert(parameter.name().to_string());
                }
                visitor::walk_expr(self, expr);
            }
            _ => visitor::walk_expr(self, expr),
        }
    }

    fn visit_parameter(&mut self, parameter: &'a Parameter) {
        self.bind(Some(parameter.name.as_str()));
    }

    fn visit_except_handler(&mut self, handler: &'a ExceptHandler) {
        let ExceptHandler::ExceptHandler(inner) = handler;
        self.bind(inner.name.as_ref().map(|name| name.as_str()));
        visitor::walk_except_handler(self, handler);
    }

    fn visit_type_param(&mut self, parameter: &'a TypeParam) {
        self.bind(Some(parameter.name().as_str()));
        visitor::walk_type_param(self, parameter);
    }

    fn visit_pattern(&mut self, pattern: &'a Pattern) {
        match pattern {
            Pattern::MatchAs(inner) => self.bind(inner.name.as_ref().map(|name| name.as_str())),
            Pattern::MatchStar(inner) => self.bind(inner.name.as_ref().map(|name| name.as_str())),
            Pattern::MatchMapping(inner) => self.bind(inner.rest.as_ref().map(|name| name.as_str())),
            _ => {}
        }
        visitor::walk_pattern(self, pattern);
    }
}
