//! Which names of a module mean the same thing wherever they are used: those that one statement binds, once.

use rustpython_vm::compiler::ast::visitor::{self, Visitor};
use rustpython_vm::compiler::ast::{ExceptHandler, Expr, ExprContext, Stmt};
use std::collections::{HashMap, HashSet};

/// The names that a module binds at its own level.
#[derive(Default)]
pub(super) struct Names {
    /// How many top-level statements bind it.
    bound: HashMap<String, u32>,
    /// Declared `global` in some function.
    global: HashSet<String>,
    /// Whether there is a `from x import *`.
    pub star: bool,
    /// Whether the module looks at its own names or runs text.
    pub dynamic: bool,
    /// Names that statements of the module's level read outside of plain classes of models.
    here: HashSet<String>,
}

impl Names {
    pub(super) fn of(body: &[Stmt]) -> Names {
        let mut names = Names::default();
        for statement in body {
            names.here.clear();
            names.visit_stmt(statement);
            for name in names.here.drain().collect::<Vec<_>>() {
                *names.bound.entry(name).or_default() += 1;
            }
        }
        names
    }

    /// Whether a name means one thing in the whole module. Names that nothing binds are Python's own, or come from `import *`.
    pub(super) fn is_stable(&self, name: &str) -> bool {
        self.bound.get(name).is_none_or(|count| *count == 1) && !self.global.contains(name)
    }

    /// Whether a name is surely there: bound, Python's own, or perhaps from `import *`.
    pub(super) fn is_known(&self, name: &str) -> bool {
        self.star || self.bound.contains_key(name) || BUILTINS.contains(&name)
    }

    fn bind(&mut self, name: &str) {
        self.here.insert(name.to_owned());
    }
}

/// Python's own names that turn up in models.
const BUILTINS: &[&str] = &[
    "int",
    "str",
    "float",
    "bool",
    "bytes",
    "dict",
    "list",
    "set",
    "tuple",
    "frozenset",
    "object",
    "type",
    "len",
    "min",
    "max",
    "sum",
    "property",
    "staticmethod",
    "classmethod",
    "super",
    "None",
    "True",
    "False",
    "Exception",
    "ValueError",
    "TypeError",
    "id",
    "sorted",
    "range",
    "any",
    "all",
    "map",
    "filter",
    "zip",
    "print",
    "isinstance",
    "hasattr",
    "getattr",
    "repr",
    "hash",
    "abs",
    "round",
    "complex",
    "bytearray",
    "memoryview",
    "enumerate",
    "iter",
    "next",
    "reversed",
];

/// Words of code that looks at all names or classes there are.
const DYNAMIC: &[&str] = &[
    "globals",
    "locals",
    "vars",
    "eval",
    "exec",
    "getmembers",
    "__subclasses__",
    "__import__",
    "_class_registry",
    "modules",
];

impl<'a> Visitor<'a> for Names {
    fn visit_stmt(&mut self, statement: &'a Stmt) {
        match statement {
            Stmt::FunctionDef(function) => {
                self.bind(function.name.as_str());
                let outer = std::mem::take(&mut self.here);
                visitor::walk_stmt(self, statement);
                self.here = outer;
            }
            Stmt::ClassDef(class) => {
                self.bind(class.name.as_str());
                let outer = std::mem::take(&mut self.here);
                visitor::walk_stmt(self, statement);
                self.here = outer;
            }
            Stmt::Import(import) => {
                for alias in &import.names {
                    let name = alias.asname.as_ref().unwrap_or(&alias.name).as_str();
                    self.bind(name.split('.').next().unwrap_or(name));
                }
            }
            Stmt::ImportFrom(import) => {
                for alias in &import.names {
                    match alias.name.as_str() {
                        "*" => self.star = true,
                        word if DYNAMIC.contains(&word) => self.dynamic = true,
                        _ => self.bind(alias.asname.as_ref().unwrap_or(&alias.name).as_str()),
                    }
                }
            }
            Stmt::Global(global) => self.global.extend(global.names.iter().map(ToString::to_string)),
            _ => visitor::walk_stmt(self, statement),
        }
    }

    fn visit_expr(&mut self, expr: &'a Expr) {
        match expr {
            Expr::Name(name) => match name.ctx {
                ExprContext::Load => self.dynamic |= DYNAMIC.contains(&name.id.as_str()) && name.id.as_str() != "modules",
                _ => self.bind(name.id.as_str()),
            },
            Expr::Attribute(attribute) => {
                let word = attribute.attr.as_str();
                self.dynamic |= DYNAMIC.contains(&word) && !matches!(word, "exec" | "eval" | "locals" | "vars" | "globals");
                visitor::walk_expr(self, expr);
            }
            _ => visitor::walk_expr(self, expr),
        }
    }

    fn visit_except_handler(&mut self, handler: &'a ExceptHandler) {
        let ExceptHandler::ExceptHandler(inner) = handler;
        if let Some(name) = &inner.name {
            self.bind(name.as_str());
        }
        visitor::walk_except_handler(self, handler);
    }
}

/// The names that an expression reads.
pub(super) fn read_by<'a>(expressions: impl IntoIterator<Item = &'a Expr>) -> HashSet<&'a str> {
    let mut reads = Reads::default();
    for expression in expressions {
        reads.visit_expr(expression);
    }
    reads.names
}

#[derive(Default)]
struct Reads<'a> {
    names: HashSet<&'a str>,
}

impl<'a> Visitor<'a> for Reads<'a> {
    fn visit_expr(&mut self, expr: &'a Expr) {
        match expr {
            Expr::Name(name) => {
                self.names.insert(name.id.as_str());
            }
            // What a lambda reads is read when it is called.
            Expr::Lambda(_) => {}
            _ => visitor::walk_expr(self, expr),
        }
    }
}

/// The names in an annotation's texts, which are evaluated too.
pub(super) fn names_in_text(annotation: &Expr) -> Vec<&str> {
    let mut texts = Texts::default();
    texts.visit_expr(annotation);
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    let names = texts.0.into_iter().flat_map(|text| text.split(move |c: char| !is_part(c)));
    names.filter(|name| !name.is_empty()).collect()
}

#[derive(Default)]
struct Texts<'a>(Vec<&'a str>);

impl<'a> Visitor<'a> for Texts<'a> {
    fn visit_expr(&mut self, expr: &'a Expr) {
        if let Expr::StringLiteral(text) = expr {
            self.0.push(text.value.to_str());
        }
        visitor::walk_expr(self, expr);
    }
}
