//! From the text of a project's file to code: parsed once, looked at, changed where imports sink, compiled.

use crate::alike;
use crate::facts::Facts;
use crate::guard;
use crate::sink::{self, FileKind};
use crate::state::{SourceInfo, State};
use crate::uses::Uses;
use rustpython_ruff_text_size::Ranged;
use rustpython_vm::builtins::PyCode;
use rustpython_vm::compiler::ast::{Mod, ModModule, Stmt};
use rustpython_vm::compiler::codegen::compile::compile_top;
use rustpython_vm::compiler::core::SourceFileBuilder;
use rustpython_vm::compiler::{CompileError, Mode, parser};
use rustpython_vm::{PyRef, PyResult, VirtualMachine};
use std::rc::Rc;

/// Brackets deeper than this are refused, so that no text can exhaust the parser's stack (CPython stops at 200).
const DEEPEST_NESTING: usize = 200;

/// Compiles the text of the file at `path` and keeps the text for tracebacks.
pub(crate) fn compile_file(text: &str, path: &str, kind: FileKind, state: &State, vm: &VirtualMachine) -> PyResult<PyRef<PyCode>> {
    let module = parse_file(text, path, kind, state, vm)?;
    compile_module(module, text, path, vm)
}

/// A statement that failed, and what follows it.
pub(crate) struct After {
    /// The names that it would have bound.
    pub names: Vec<String>,
    /// The code of the rest.
    pub code: PyRef<PyCode>,
    /// Where it starts.
    pub line: u32,
    /// Whether it may have described tables.
    pub matters: bool,
}

/// What is to be known of the top-level statement at `line`, and the code of all that follows it.
pub(crate) fn compile_after(line: u32, name_only: bool, text: &str, path: &str, state: &State, vm: &VirtualMachine) -> PyResult<After> {
    let mut module = parse_file(text, path, FileKind::Module, state, vm)?;
    let lines = guard::Lines::new(strip_mark(text));
    let last = module.body.iter().rposition(|statement| lines.line(statement.start()) <= line);
    let rest = module.body.split_off(last.map_or(module.body.len(), |last| last + 1));
    let failed = module.body.pop();
    let start = failed.as_ref().map_or(line, |statement| lines.line(statement.start()));
    let matters = failed.as_ref().is_some_and(|statement| may_describe_tables(statement, text, name_only, state));
    let names = match failed {
        Some(Stmt::ClassDef(class)) => vec![class.name.to_string()],
        Some(Stmt::FunctionDef(function)) => vec![function.name.to_string()],
        Some(statement) => {
            let mut names: Vec<String> = Uses::of_level(std::iter::once(&statement)).bound.into_iter().collect();
            names.sort_unstable();
            names
        }
        None => Vec::new(),
    };
    module.body = rest;
    let code = compile_module(module, text, path, vm)?;
    Ok(After {
        names,
        code,
        line: start,
        matters,
    })
}

/// Words that come with tables.
const TABLE_WORDS: &[&str] = &[
    "Table(",
    "Column(",
    "mapped_column",
    "Mapped[",
    "__tablename__",
    "__table__",
    "MetaData(",
    "table=True",
    "automap",
    "map_imperatively",
    "mapper(",
];

/// Whether a statement that was passed over may leave tables out: the import of a module of the project that failed, or words that come with tables.
/// Where only a name could not be imported, the module itself was loaded, and what it lacks was passed over there.
fn may_describe_tables(statement: &Stmt, text: &str, name_only: bool, state: &State) -> bool {
    let of_project = |module: &str| {
        let root = module.split('.').next().unwrap_or(module);
        let built_in = state.vocabulary_roots.contains(root) || state.stand_in_roots.contains(root);
        !name_only
            && !built_in
            && state
                .sys_path
                .iter()
                .any(|folder| folder.join(root).is_dir() || folder.join(format!("{root}.py")).is_file())
    };
    let has = |more: &[&str]| {
        let text = strip_mark(text);
        let words = text.get(statement.start().to_usize()..statement.end().to_usize()).unwrap_or(text);
        TABLE_WORDS.iter().chain(more).any(|word| words.contains(word))
    };
    match statement {
        Stmt::Import(import) => import.names.iter().any(|alias| of_project(&alias.name)),
        Stmt::ImportFrom(import) => !name_only && import.level > 0 || import.module.as_ref().is_some_and(|module| of_project(module)),
        Stmt::FunctionDef(_) | Stmt::Delete(_) | Stmt::Pass(_) | Stmt::Assert(_) => false,
        Stmt::ClassDef(_) => has(&["relationship("]),
        Stmt::If(_) | Stmt::Try(_) | Stmt::With(_) => has(&["import ", "metadata"]),
        _ => has(&["metadata"]),
    }
}

fn strip_mark(text: &str) -> &str {
    text.strip_prefix('\u{feff}').unwrap_or(text)
}

fn compile_module(module: ModModule, text: &str, path: &str, vm: &VirtualMachine) -> PyResult<PyRef<PyCode>> {
    let text = strip_mark(text);
    let source = SourceFileBuilder::new(path, text).finish();
    let code =
        compile_top(Mod::Module(module), source, Mode::Exec, vm.compile_opts()).map_err(|error| vm.new_syntax_error(&CompileError::from(error), Some(text)))?;
    Ok(vm.ctx.new_code(code))
}

fn parse_file(text: &str, path: &str, kind: FileKind, state: &State, vm: &VirtualMachine) -> PyResult<ModModule> {
    let text = strip_mark(text);
    let mut info = SourceInfo {
        text: text.to_owned(),
        guarded: Vec::new(),
        unused: Vec::new(),
        sunk: Vec::new(),
        facts: None,
        top: kind != FileKind::Module,
        bare: Vec::new(),
    };
    let keep = |info: SourceInfo| {
        state.sources.borrow_mut().insert(path.to_owned(), Rc::new(info));
    };
    if deepest_nesting(text) > DEEPEST_NESTING || text.lines().any(|line| line.matches("lambda").count() > DEEPEST_NESTING) {
        keep(info);
        return Err(vm.new_exception_msg(vm.ctx.exceptions.syntax_error.to_owned(), "too many nested expressions".into()));
    }
    let mut module = match parser::parse_module(text) {
        Ok(parsed) => parsed.into_syntax(),
        Err(error) => {
            keep(info);
            let source = SourceFileBuilder::new(path, text).finish();
            let error = CompileError::from_ruff_parse_error(error, &source);
            return Err(vm.new_syntax_error(&error, Some(text)));
        }
    };
    let lines = guard::Lines::new(text);
    info.guarded = guard::guarded_lines(&module.body, &lines);
    if kind == FileKind::Script {
        info.facts = Some(Facts::of(&module.body, &lines));
    }
    info.bare = guard::bare_calls(&module.body, &lines);
    let sinking = if state.whole.get() {
        if kind == FileKind::Environment {
            // What env.py imports and never mentions it imports for what that registers.
            let unused = sink::sink_imports(&mut module.clone(), kind, |root| state.vocabulary_roots.contains(root)).unused;
            *state.for_effect.borrow_mut() = unused.into_iter().map(|at| lines.line(at.into())).collect();
        }
        sink::Sinking::default()
    } else {
        sink::sink_imports(&mut module, kind, |root| state.vocabulary_roots.contains(root))
    };
    info.unused = sinking.unused.into_iter().map(|at| lines.line(at.into())).collect();
    info.sunk = sinking.sunk;
    keep(info);
    if state.alike.on.get() && !alike::replace(&mut module, path, text, &lines, &mut state.alike.known.borrow_mut()) {
        state.alike.spoilt.set(true);
    }
    Ok(module)
}

/// How deep brackets nest, strings and comments left out.
fn deepest_nesting(text: &str) -> usize {
    let bytes = text.as_bytes();
    let (mut depth, mut deepest, mut at) = (0_usize, 0, 0);
    while at < bytes.len() {
        match bytes[at] {
            b'#' => at += bytes[at..].iter().position(|byte| *byte == b'\n').unwrap_or(bytes.len() - at),
            quote @ (b'"' | b'\'') => at = end_of_string(bytes, at, quote),
            b'(' | b'[' | b'{' => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b')' | b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        at += 1;
    }
    deepest
}

/// The last byte of the string that starts at `start`.
fn end_of_string(bytes: &[u8], start: usize, quote: u8) -> usize {
    let triple = bytes[start..].starts_with(&[quote; 3]);
    let mut at = start + if triple { 3 } else { 1 };
    while at < bytes.len() {
        match bytes[at] {
            b'\\' => at += 1,
            b'\n' if !triple => return at,
            byte if byte == quote && !triple => return at,
            byte if byte == quote && bytes[at..].starts_with(&[quote; 3]) => return at + 2,
            _ => {}
        }
        at += 1;
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brackets_in_strings_and_comments_do_not_nest() {
        assert_eq!(deepest_nesting("f([{1: (2)}])"), 4);
        assert_eq!(deepest_nesting("'((((' # ((((\n(1)"), 1);
        assert_eq!(deepest_nesting("\"\"\"((('\" ((\"\"\" [1]"), 1);
        assert_eq!(deepest_nesting("'\\'((' ()"), 1);
    }
}
