//! Sinks imports: a top-level import whose names no module-level code uses moves into the functions that use them, so that a module of the application
//! is loaded when something of it runs, and not because it is mentioned.
//!
//! Python's meaning stays: wherever a name is bound twice, declared `global`, or reachable by `exec`, the import stays where it is. Other modules still
//! find the names (`from app.db import Session`): the loader gives the module a `__getattr__` for them. Imports that nothing uses are dropped from
//! revision scripts; in other modules they stay, for what they register, but may fail for want of a package.

use crate::uses::Uses;
use rustpython_vm::compiler::ast::{Alias, ModModule, Stmt, StmtFunctionDef, StmtImport, StmtImportFrom};
use std::collections::{HashMap, HashSet};

/// What kind of file it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FileKind {
    /// A revision script.
    Script,
    /// env.py.
    Environment,
    /// A module of the project.
    Module,
}

/// One import that sank, as the loader needs it to serve the name to others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sunk {
    /// The name that the import binds.
    pub binds: String,
    /// The module.
    pub module: String,
    /// Dots before it.
    pub level: u32,
    /// The name taken from the module; `None` for `import module`.
    pub name: Option<String>,
    /// `import a.b as c` binds the last module, `import a.b` the first.
    pub renamed: bool,
}

/// What became of a module's imports.
#[derive(Debug, Default)]
pub(crate) struct Sinking {
    pub sunk: Vec<Sunk>,
    /// Byte offsets of imports that nothing uses and that stay.
    pub unused: Vec<u32>,
}

/// One alias of a top-level import.
struct Candidate {
    binds: String,
    statement: Stmt,
    at: usize,
    sunk: Sunk,
}

/// Rewrites a module's tree. `stays` says of a top-level package that its imports are not worth moving.
pub(crate) fn sink_imports(module: &mut ModModule, kind: FileKind, stays: impl Fn(&str) -> bool) -> Sinking {
    let candidates = candidates(&module.body, &stays);
    let mut sinking = Sinking::default();
    if candidates.is_empty() {
        return sinking;
    }
    let taken: HashSet<usize> = candidates.iter().map(|candidate| candidate.at).collect();
    let level = Uses::of_level(
        module
            .body
            .iter()
            .enumerate()
            .filter(|(at, _)| !taken.contains(at))
            .map(|(_, statement)| statement),
    );
    let mut functions = Vec::new();
    for_each_function(&module.body, &mut |function| functions.push(Uses::of_function(function)));
    let dynamic = |uses: &Uses| uses.read.contains("exec") || uses.read.contains("eval");
    if level.bound.contains("__getattr__") || dynamic(&level) || functions.iter().any(dynamic) {
        return sinking;
    }
    let fixed = |name: &str| {
        level.read.contains(name) || level.bound.contains(name) || functions.iter().any(|uses| uses.bound.contains(name) || uses.global.contains(name))
    };
    let used = |name: &str| functions.iter().any(|uses| uses.read.contains(name));
    let mentioned = |name: &str| level.annotated.contains(name) || functions.iter().any(|uses| uses.annotated.contains(name));

    // A statement moves as a whole or not at all: `from x import a, b` loads `x` for either name.
    let mut stay = HashSet::new();
    let mut unused = HashSet::new();
    for (at, group) in groups(&candidates) {
        if group.iter().any(|candidate| fixed(&candidate.binds)) {
            stay.insert(at);
        } else if kind != FileKind::Script && group.iter().all(|candidate| !used(&candidate.binds) && !mentioned(&candidate.binds)) {
            stay.insert(at);
            unused.insert(at);
        }
    }
    let moving: Vec<&Candidate> = candidates.iter().filter(|candidate| !stay.contains(&candidate.at)).collect();
    let mut into: HashMap<&str, Vec<&Candidate>> = HashMap::new();
    for candidate in &moving {
        into.entry(&candidate.binds).or_default().push(candidate);
    }
    for_each_function_mut(&mut module.body, &mut |function| {
        let uses = Uses::of_function(function);
        let mut needed: Vec<&Candidate> = into
            .iter()
            .filter(|(name, _)| uses.read.contains(**name))
            .flat_map(|(_, candidates)| candidates.iter().copied())
            .collect();
        needed.sort_by_key(|candidate| candidate.at);
        let start = usize::from(starts_with_docstring(&function.body));
        let statements = needed.into_iter().map(|candidate| candidate.statement.clone());
        function.body.splice(start..start, statements);
    });
    sinking.unused = unused.iter().map(|at| start_of(&module.body[*at])).collect();
    let gone: HashSet<usize> = moving.iter().map(|candidate| candidate.at).collect();
    sinking.sunk = candidates
        .into_iter()
        .filter(|candidate| gone.contains(&candidate.at))
        .map(|candidate| candidate.sunk)
        .collect();
    let mut at = 0;
    module.body.retain(|_| {
        at += 1;
        !gone.contains(&(at - 1))
    });
    sinking
}

fn start_of(statement: &Stmt) -> u32 {
    rustpython_ruff_text_size::Ranged::start(statement).to_u32()
}

fn groups(candidates: &[Candidate]) -> Vec<(usize, Vec<&Candidate>)> {
    let mut groups: Vec<(usize, Vec<&Candidate>)> = Vec::new();
    for candidate in candidates {
        match groups.last_mut() {
            Some((at, group)) if *at == candidate.at => group.push(candidate),
            _ => groups.push((candidate.at, vec![candidate])),
        }
    }
    groups
}

fn candidates(body: &[Stmt], stays: &impl Fn(&str) -> bool) -> Vec<Candidate> {
    let mut candidates = Vec::new();
    for (at, statement) in body.iter().enumerate() {
        match statement {
            Stmt::Import(import) => {
                if import.names.iter().any(|alias| stays(root(alias.name.as_str()))) {
                    continue;
                }
                candidates.extend(import.names.iter().map(|alias| plain(import, alias, at)));
            }
            Stmt::ImportFrom(import) => {
                let module = import.module.as_ref().map_or("", |module| module.as_str());
                let star = import.names.iter().any(|alias| alias.name.as_str() == "*");
                if star || (import.level == 0 && (module == "__future__" || stays(root(module)))) {
                    continue;
                }
                candidates.extend(import.names.iter().map(|alias| from(import, alias, module, at)));
            }
            _ => {}
        }
    }
    candidates
}

fn root(module: &str) -> &str {
    module.split('.').next().unwrap_or(module)
}

fn plain(import: &StmtImport, alias: &Alias, at: usize) -> Candidate {
    let module = alias.name.to_string();
    let binds = alias.asname.as_ref().map_or_else(|| root(&module).to_owned(), ToString::to_string);
    Candidate {
        statement: Stmt::Import(StmtImport {
            names: vec![alias.clone()],
            ..import.clone()
        }),
        at,
        sunk: Sunk {
            binds: binds.clone(),
            renamed: alias.asname.is_some(),
            module,
            level: 0,
            name: None,
        },
        binds,
    }
}

fn from(import: &StmtImportFrom, alias: &Alias, module: &str, at: usize) -> Candidate {
    let binds = alias.asname.as_ref().unwrap_or(&alias.name).to_string();
    Candidate {
        statement: Stmt::ImportFrom(StmtImportFrom {
            names: vec![alias.clone()],
            ..import.clone()
        }),
        at,
        sunk: Sunk {
            binds: binds.clone(),
            module: module.to_owned(),
            level: import.level,
            name: Some(alias.name.to_string()),
            renamed: alias.asname.is_some(),
        },
        binds,
    }
}

fn starts_with_docstring(body: &[Stmt]) -> bool {
    matches!(body.first(), Some(Stmt::Expr(first)) if first.value.is_string_literal_expr())
}

/// Calls `visit` for every outermost function: of the module, of its classes, and of blocks at its level.
fn for_each_function<'a>(body: &'a [Stmt], visit: &mut impl FnMut(&'a StmtFunctionDef)) {
    for statement in body {
        match statement {
            Stmt::FunctionDef(function) => visit(function),
            _ => {
                for block in crate::guard::blocks(statement) {
                    for_each_function(block, visit);
                }
            }
        }
    }
}

fn for_each_function_mut(body: &mut [Stmt], visit: &mut impl FnMut(&mut StmtFunctionDef)) {
    for statement in body {
        match statement {
            Stmt::FunctionDef(function) => visit(function),
            _ => {
                for block in blocks_mut(statement) {
                    for_each_function_mut(block, visit);
                }
            }
        }
    }
}

/// As [`crate::guard::blocks`].
fn blocks_mut(statement: &mut Stmt) -> Vec<&mut [Stmt]> {
    use rustpython_vm::compiler::ast::ExceptHandler;
    match statement {
        Stmt::ClassDef(inner) => vec![&mut inner.body],
        Stmt::For(inner) => vec![&mut inner.body, &mut inner.orelse],
        Stmt::While(inner) => vec![&mut inner.body, &mut inner.orelse],
        Stmt::If(inner) => {
            let mut blocks: Vec<&mut [Stmt]> = vec![&mut inner.body];
            blocks.extend(inner.elif_else_clauses.iter_mut().map(|clause| &mut *clause.body));
            blocks
        }
        Stmt::With(inner) => vec![&mut inner.body],
        Stmt::Match(inner) => inner.cases.iter_mut().map(|case| &mut *case.body).collect(),
        Stmt::Try(inner) => {
            let mut blocks: Vec<&mut [Stmt]> = vec![&mut inner.body, &mut inner.orelse, &mut inner.finalbody];
            blocks.extend(inner.handlers.iter_mut().map(|ExceptHandler::ExceptHandler(handler)| &mut *handler.body));
            blocks
        }
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustpython_vm::compiler::parser;

    /// The names that sank, and the number of statements left at the module's level.
    fn sink(text: &str, kind: FileKind) -> (Vec<String>, usize, usize) {
        let mut module = parser::parse_module(text).expect("Python").into_syntax();
        let sinking = sink_imports(&mut module, kind, |root| root == "alembic");
        let names = sinking.sunk.into_iter().map(|sunk| sunk.binds).collect();
        (names, module.body.len(), sinking.unused.len())
    }

    fn sunk(text: &str) -> Vec<String> {
        sink(text, FileKind::Script).0
    }

    #[test]
    fn what_only_functions_use_sinks() {
        assert_eq!(sunk("import a\nfrom b.c import d as e\ndef f():\n    a.x(e)\n"), ["a", "e"]);
        assert_eq!(sunk("import a.b\nclass C:\n    def m(self):\n        return [a for _ in x]\n"), ["a"]);
        assert_eq!(sunk("import a\nif x:\n    def f():\n        def g():\n            return a\n"), ["a"]);
    }

    #[test]
    fn what_the_module_uses_stays() {
        for text in [
            "import a\nx = a.b\n",
            "import a\nclass C(a.B):\n    pass\n",
            "import a\nclass C:\n    x: a.T\n",
            "import a\nclass C:\n    x: 'list[a]'\n",
            "import a\n@a\ndef f():\n    pass\n",
            "import a\ndef f(x=a):\n    pass\n",
            "import a\nf = lambda: a\n",
            "import a\na = 1\n",
            "try:\n    import a\nexcept ImportError:\n    a = None\ndef f():\n    a\n",
            "import alembic\ndef f():\n    alembic\n",
            "from a import *\ndef f():\n    b\n",
            "from __future__ import annotations\ndef f():\n    annotations\n",
            "from a import b, c\nx = c\ndef f():\n    b\n",
        ] {
            assert!(sunk(text).is_empty(), "{text}");
        }
    }

    #[test]
    fn a_name_with_a_second_meaning_stays() {
        for text in [
            "import a\ndef f(a):\n    a\ndef g():\n    a\n",
            "import a\ndef f():\n    a = 1\n    return a\n",
            "import a\ndef f():\n    global a\n    a = 2\n",
            "import a\ndef f():\n    [a for a in x]\n",
            "import a\ndef f():\n    exec('a')\n",
            "import a\ndef __getattr__(name):\n    return a\n",
            "import a\ndef f():\n    try:\n        pass\n    except E as a:\n        pass\n",
            "import a\ndef f():\n    match x:\n        case [a]:\n            pass\n",
        ] {
            assert!(sunk(text).is_empty(), "{text}");
        }
    }

    #[test]
    fn annotations_that_nobody_evaluates_need_no_import() {
        let text = "from typing import Union\nrevision: Union[str, None] = 'a'\ndef f(x: Union[int, str]) -> Union[int, str]:\n    y: Union = 1\n";
        assert_eq!(sunk(text), ["Union"]);
    }

    #[test]
    fn unused_imports_vanish_from_scripts_and_stay_in_modules() {
        let text = "import app.models\nx = 1\n";
        assert_eq!(sink(text, FileKind::Script), (vec!["app".to_owned()], 1, 0));
        assert_eq!(sink(text, FileKind::Module), (vec![], 2, 1));
    }
}
