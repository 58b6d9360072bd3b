//! Where a module is prepared for an import that fails.

use rustpython_ruff_text_size::{Ranged, TextSize};
use rustpython_vm::compiler::ast::{ExceptHandler, Expr, Stmt};

/// Byte offsets to lines.
pub(crate) struct Lines {
    starts: Vec<u32>,
}

impl Lines {
    pub(crate) fn new(text: &str) -> Self {
        let mut starts = vec![0];
        starts.extend(memchr_lines(text));
        Lines { starts }
    }

    /// The 1-based line of an offset.
    pub(crate) fn line(&self, offset: TextSize) -> u32 {
        self.starts.partition_point(|start| *start <= offset.to_u32()) as u32
    }
}

fn memchr_lines(text: &str) -> impl Iterator<Item = u32> {
    text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at as u32 + 1)
}

/// The lines of `try` bodies whose handlers catch a failing import: there an import must fail as Python's does.
pub(crate) fn guarded_lines(body: &[Stmt], lines: &Lines) -> Vec<(u32, u32)> {
    let mut guarded = Vec::new();
    collect_guarded(body, lines, &mut guarded);
    guarded
}

fn collect_guarded(body: &[Stmt], lines: &Lines, guarded: &mut Vec<(u32, u32)>) {
    for statement in body {
        if let Stmt::Try(attempt) = statement {
            let catches = attempt
                .handlers
                .iter()
                .any(|ExceptHandler::ExceptHandler(handler)| handler.type_.as_deref().is_none_or(catches_import_errors));
            if catches && let (Some(first), Some(last)) = (attempt.body.first(), attempt.body.last()) {
                guarded.push((lines.line(first.start()), lines.line(last.end())));
            }
        }
        for block in blocks(statement) {
            collect_guarded(block, lines, guarded);
        }
        if let Stmt::With(with) = statement
            && with.items.iter().any(|item| suppresses_import_errors(&item.context_expr))
            && let (Some(first), Some(last)) = (with.body.first(), with.body.last())
        {
            guarded.push((lines.line(first.start()), lines.line(last.end())));
        }
    }
}

/// The lines of calls at the module's own level that stand alone: they are made for what they do.
pub(crate) fn bare_calls(body: &[Stmt], lines: &Lines) -> Vec<(u32, u32)> {
    let mut bare = Vec::new();
    collect_bare(body, lines, &mut bare);
    bare
}

fn collect_bare(body: &[Stmt], lines: &Lines, bare: &mut Vec<(u32, u32)>) {
    for statement in body {
        match statement {
            Stmt::FunctionDef(_) => {}
            Stmt::Expr(inner) if inner.value.is_call_expr() => {
                bare.push((lines.line(statement.start()), lines.line(statement.end())));
            }
            _ => blocks(statement).into_iter().for_each(|block| collect_bare(block, lines, bare)),
        }
    }
}

fn catches_import_errors(class: &Expr) -> bool {
    match class {
        Expr::Name(name) => matches!(name.id.as_str(), "ImportError" | "ModuleNotFoundError" | "Exception" | "BaseException"),
        Expr::Tuple(tuple) => tuple.elts.iter().any(catches_import_errors),
        _ => false,
    }
}

/// `with contextlib.suppress(ImportError):`.
fn suppresses_import_errors(manager: &Expr) -> bool {
    let Expr::Call(call) = manager else { return false };
    let named = match &*call.func {
        Expr::Name(name) => name.id.as_str() == "suppress",
        Expr::Attribute(attribute) => attribute.attr.as_str() == "suppress",
        _ => false,
    };
    named && call.arguments.args.iter().any(catches_import_errors)
}

/// The blocks directly inside a statement.
pub(crate) fn blocks(statement: &Stmt) -> Vec<&[Stmt]> {
    match statement {
        Stmt::FunctionDef(inner) => vec![&inner.body],
        Stmt::ClassDef(inner) => vec![&inner.body],
        Stmt::For(inner) => vec![&inner.body, &inner.orelse],
        Stmt::While(inner) => vec![&inner.body, &inner.orelse],
        Stmt::If(inner) => {
            let mut blocks: Vec<&[Stmt]> = vec![&inner.body];
            blocks.extend(inner.elif_else_clauses.iter().map(|clause| &*clause.body));
            blocks
        }
        Stmt::With(inner) => vec![&inner.body],
        Stmt::Match(inner) => inner.cases.iter().map(|case| &*case.body).collect(),
        Stmt::Try(inner) => {
            let mut blocks: Vec<&[Stmt]> = vec![&inner.body, &inner.orelse, &inner.finalbody];
            blocks.extend(inner.handlers.iter().map(|ExceptHandler::ExceptHandler(handler)| &*handler.body));
            blocks
        }
        _ => Vec::new(),
    }
}
