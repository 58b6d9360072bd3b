//! What the functions of a script surely do: the names they call and look into on every path, read from the syntax tree.
//!
//! Only what no condition, loop, handler or earlier `return` can prevent counts, so that nothing is refused that would have run.

use crate::guard::{Lines, blocks};
use crate::uses::Uses;
use rustpython_ruff_text_size::Ranged;
use rustpython_vm::compiler::ast::visitor::{self, Visitor};
use rustpython_vm::compiler::ast::{Expr, Stmt, StmtFunctionDef};
use std::collections::{HashMap, HashSet};

/// A top-level import, outside of any condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ImportFact {
    pub binds: String,
    pub module: String,
    /// The name taken from the module.
    pub name: Option<String>,
    /// `import a.b as c`: the last module is bound, not the first.
    pub renamed: bool,
    pub line: u32,
}

/// A name that is surely used: `root.path[0].path[1]…`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct UseFact {
    pub root: String,
    pub path: Vec<String>,
    /// Called, iterated, entered: the value itself is needed.
    pub needed: bool,
    pub line: u32,
}

/// The facts of one script.
#[derive(Debug, Default)]
pub(crate) struct Facts {
    pub imports: Vec<ImportFact>,
    /// By function, in order.
    pub uses: HashMap<String, Vec<UseFact>>,
}

impl Facts {
    pub(crate) fn of(body: &[Stmt], lines: &Lines) -> Facts {
        let mut facts = Facts::default();
        for statement in body {
            match statement {
                Stmt::Import(import) => {
                    for alias in &import.names {
                        let module = alias.name.to_string();
                        let first = module.split('.').next().unwrap_or_default().to_owned();
                        facts.imports.push(ImportFact {
                            binds: alias.asname.as_ref().map_or(first, ToString::to_string),
                            module,
                            name: None,
                            renamed: alias.asname.is_some(),
                            line: lines.line(statement.start()),
                        });
                    }
                }
                Stmt::ImportFrom(import) if import.level == 0 => {
                    for alias in &import.names {
                        facts.imports.push(ImportFact {
                            binds: alias.asname.as_ref().unwrap_or(&alias.name).to_string(),
                            module: import.module.as_ref().map(ToString::to_string).unwrap_or_default(),
                            name: Some(alias.name.to_string()),
                            renamed: alias.asname.is_some(),
                            line: lines.line(statement.start()),
                        });
                    }
                }
                Stmt::FunctionDef(function) => {
                    facts.uses.insert(function.name.to_string(), of_function(function, lines));
                }
                _ => {}
            }
        }
        facts
    }

    /// What `function` surely uses, with what the functions use that it surely calls.
    pub(crate) fn reachable(&self, function: &str) -> Vec<&UseFact> {
        let mut found = Vec::new();
        let mut seen = HashSet::new();
        self.collect(function, &mut seen, &mut found);
        found
    }

    fn collect<'a>(&'a self, function: &str, seen: &mut HashSet<String>, found: &mut Vec<&'a UseFact>) {
        if !seen.insert(function.to_owned()) {
            return;
        }
        for fact in self.uses.get(function).into_iter().flatten() {
            if fact.needed && fact.path.is_empty() && self.uses.contains_key(&fact.root) {
                self.collect(&fact.root, seen, found);
            } else {
                found.push(fact);
            }
        }
    }
}

fn of_function(function: &StmtFunctionDef, lines: &Lines) -> Vec<UseFact> {
    let mut walk = Sure {
        lines,
        bound: Uses::of_function(function).bound,
        uses: Vec::new(),
    };
    walk.block(&function.body);
    walk.uses
}

struct Sure<'a> {
    lines: &'a Lines,
    bound: HashSet<String>,
    uses: Vec<UseFact>,
}

impl Sure<'_> {
    /// Walks statements until one may leave the function; says whether the end is surely reached.
    fn block(&mut self, body: &[Stmt]) -> bool {
        body.iter().all(|statement| self.statement(statement))
    }

    fn statement(&mut self, statement: &Stmt) -> bool {
        match statement {
            Stmt::Return(_) | Stmt::Raise(_) => {
                visitor::walk_stmt(self, statement);
                return false;
            }
            Stmt::With(with) => {
                for item in &with.items {
                    self.value(&item.context_expr);
                }
                return self.block(&with.body);
            }
            Stmt::If(inner) => self.visit_expr(&inner.test),
            Stmt::While(inner) => self.visit_expr(&inner.test),
            Stmt::For(inner) => {
                self.value(&inner.iter);
            }
            Stmt::Match(inner) => self.visit_expr(&inner.subject),
            Stmt::Try(_) | Stmt::FunctionDef(_) | Stmt::ClassDef(_) => {}
            _ => {
                visitor::walk_stmt(self, statement);
                return true;
            }
        }
        !may_leave(statement)
    }

    /// Walks an expression whose value is used at once: iterated, entered.
    fn value(&mut self, expr: &Expr) {
        match expr {
            Expr::Name(_) | Expr::Attribute(_) => self.record(expr, true),
            _ => self.visit_expr(expr),
        }
    }

    /// Records a chain of attributes that starts at a name of the module's.
    fn record(&mut self, expr: &Expr, needed: bool) {
        let mut path = Vec::new();
        let mut at = expr;
        while let Expr::Attribute(attribute) = at {
            path.push(attribute.attr.to_string());
            at = &attribute.value;
        }
        if let Expr::Name(name) = at
            && !self.bound.contains(name.id.as_str())
        {
            path.reverse();
            self.uses.push(UseFact {
                root: name.id.to_string(),
                path,
                needed,
                line: self.lines.line(expr.start()),
            });
        }
    }
}

/// Whether a statement can end the function (or raise) on some path within it.
fn may_leave(statement: &Stmt) -> bool {
    match statement {
        Stmt::Return(_) | Stmt::Raise(_) => true,
        Stmt::FunctionDef(_) | Stmt::ClassDef(_) => false,
        _ => blocks(statement).into_iter().flatten().any(may_leave),
    }
}

impl<'b> Visitor<'b> for Sure<'_> {
    fn visit_expr(&mut self, expr: &'b Expr) {
        match expr {
            Expr::Call(call) => {
                self.record(&call.func, true);
                if !matches!(&*call.func, Expr::Name(_) | Expr::Attribute(_)) {
                    self.visit_expr(&call.func);
                } else if let Expr::Attribute(attribute) = &*call.func {
                    self.visit_chain(&attribute.value);
                }
                self.visit_arguments(&call.arguments);
            }
            Expr::Attribute(attribute) => {
                self.record(expr, false);
                self.visit_chain(&attribute.value);
            }
            Expr::BoolOp(inner) => inner.values.first().into_iter().for_each(|first| self.visit_expr(first)),
            Expr::If(inner) => self.visit_expr(&inner.test),
            Expr::Lambda(_) => {}
            Expr::ListComp(inner) => self.first_iterable(inner.generators.first()),
            Expr::SetComp(inner) => self.first_iterable(inner.generators.first()),
            Expr::DictComp(inner) => self.first_iterable(inner.generators.first()),
            Expr::Generator(inner) => self.first_iterable(inner.generators.first()),
            _ => visitor::walk_expr(self, expr),
        }
    }

    fn visit_annotation(&mut self, _annotation: &'b Expr) {}
}

impl Sure<'_> {
    /// Below an attribute: a plain chain is recorded already, anything else (a call) is walked.
    fn visit_chain(&mut self, value: &Expr) {
        match value {
            Expr::Name(_) => {}
            Expr::Attribute(attribute) => self.visit_chain(&attribute.value),
            other => self.visit_expr(other),
        }
    }

    fn first_iterable(&mut self, generator: Option<&rustpython_vm::compiler::ast::Comprehension>) {
        if let Some(generator) = generator {
            self.visit_expr(&generator.iter);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustpython_vm::compiler::parser;

    fn uses(text: &str) -> Vec<String> {
        let module = parser::parse_module(text).expect("Python").into_syntax();
        let facts = Facts::of(&module.body, &Lines::new(text));
        facts
            .reachable("upgrade")
            .into_iter()
            .map(|fact| {
                let mut parts = vec![fact.root.clone()];
                parts.extend(fact.path.clone());
                format!("{}{}:{}", parts.join("."), if fact.needed { "()" } else { "" }, fact.line)
            })
            .collect()
    }

    #[test]
    fn what_every_path_does_is_found() {
        assert_eq!(
            uses(
                "def upgrade():\n    op.a(sa.B(), sa.c.D)\n    with op.e('t') as b:\n        b.x(sa.F())\n    helper()\n    for x in op.g():\n        op.no()\ndef helper():\n    z.y().w()\n"
            ),
            ["op.a():2", "sa.B():2", "sa.c.D:2", "op.e():3", "sa.F():4", "z.y():9", "op.g():6"]
        );
    }

    #[test]
    fn what_a_condition_may_prevent_is_not() {
        for text in [
            "def upgrade():\n    if x:\n        op.a()\n",
            "def upgrade():\n    if x:\n        return\n    op.a()\n",
            "def upgrade():\n    try:\n        op.a()\n    except E:\n        pass\n",
            "def upgrade():\n    lambda: op.a()\n    [op.a() for _ in []]\n    op = 1\n    op.a()\n",
            "def upgrade():\n    def inner():\n        op.a()\n",
            "def upgrade():\n    return\n    op.a()\n",
        ] {
            assert!(uses(text).iter().all(|fact| !fact.starts_with("op.a")), "{text}");
        }
    }
}
