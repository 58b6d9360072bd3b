//! What a revision script does, as a hash: two texts that do the same have the same one, as far as their syntax trees tell.
//!
//! It answers "was this script edited after it was applied?", so what a formatter or a history that was put in order changes does not count:
//!
//! * comments, blanks, line ends, quotes, line breaks and needless brackets;
//! * the docstring of the module (it is the message), other docstrings, `pass`;
//! * `revision`, `down_revision`, `branch_labels` and `depends_on`: they say where the script stands in the history, not what it does. The id is
//!   the key under which a script is remembered, and a script that moved to another parent did the same when it ran;
//! * annotations of functions and variables, imports of `typing` and its kin, the order of neighbouring imports at the top level.
//!
//! Everything else counts: bodies, literals, names, module-level code. The hash is of our parser's tree and may change with it; who compares with one made
//! by another version keeps the text and hashes it again.

use std::fmt::{self, Write as _};

use rustpython_ruff_python_ast::comparable::ComparableStmt;
use rustpython_ruff_python_ast::{ExceptHandler, Expr, Parameters, Stmt, StmtAssign, StmtImportFrom};
use rustpython_ruff_python_parser::parse_module;
use sha2::{Digest as _, Sha256};

use crate::header::NAMES;

/// A tree so deep is not walked: its text is hashed instead.
const DEEPEST: usize = 10_000;
/// Brackets cost the parser more of its stack than anything else.
const DEEPEST_BRACKETS: usize = 200;
/// From here on the tree is walked on a stack of its own.
const DEEP: usize = 100;
/// Reserved, not used: enough for [`DEEPEST`] in an unoptimised build too.
const STACK_BYTES: usize = 512 * 1024 * 1024;

/// Returns the SHA-256, in hexadecimal digits, of what a script does; of its text when it is not valid Python.
pub fn meaning(source: &str) -> String {
    if let Some(essence) = crate::sql_file::essence(source) {
        return digest(&essence);
    }
    let depth = depth(source);
    let hash = match depth {
        None => None,
        Some(depth) if depth < DEEP => of_tree(source),
        Some(_) => std::thread::scope(|scope| {
            let walk = std::thread::Builder::new().stack_size(STACK_BYTES).spawn_scoped(scope, || of_tree(source));
            walk.ok().and_then(|walk| walk.join().ok()).flatten()
        }),
    };
    hash.unwrap_or_else(|| digest(source))
}

/// Returns the SHA-256 of a text in hexadecimal digits.
pub fn digest(text: &str) -> String {
    hex(Sha256::digest(text.as_bytes()).as_slice())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn of_tree(source: &str) -> Option<String> {
    let mut body = parse_module(source).ok()?.into_syntax().body;
    body.retain(|statement| !is_header(statement));
    clean(&mut body);
    let mut hash = Hasher(Sha256::new());
    let mut imports = Vec::new();
    for statement in &body {
        if !import_lines(statement, &mut imports) {
            hash.imports(&mut imports);
            // The debug text of a tree says everything in it, places left out.
            let _ = writeln!(hash, "{:?}", ComparableStmt::from(statement));
        }
    }
    hash.imports(&mut imports);
    Some(hex(hash.0.finalize().as_slice()))
}

struct Hasher(Sha256);

impl fmt::Write for Hasher {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.update(text.as_bytes());
        Ok(())
    }
}

impl Hasher {
    /// Takes a run of imports, in no order.
    fn imports(&mut self, lines: &mut Vec<String>) {
        lines.sort();
        lines.dedup();
        for line in lines.drain(..) {
            let _ = writeln!(self, "{line}");
        }
    }
}

/// Whether a statement at the top level only binds one of the four names of the header.
fn is_header(statement: &Stmt) -> bool {
    let target = match statement {
        Stmt::Assign(assign) => match assign.targets.as_slice() {
            [target] => target,
            _ => return false,
        },
        Stmt::AnnAssign(assign) => &*assign.target,
        _ => return false,
    };
    matches!(target, Expr::Name(name) if NAMES.contains(&name.id.as_str()))
}

/// Takes out of a body, and of all bodies in it, what does nothing.
fn clean(body: &mut Vec<Stmt>) {
    body.retain(|statement| match statement {
        Stmt::Pass(_) => false,
        Stmt::Expr(expression) => !matches!(&*expression.value, Expr::StringLiteral(_) | Expr::EllipsisLiteral(_)),
        _ => true,
    });
    for statement in body {
        clean_statement(statement);
    }
}

fn clean_statement(statement: &mut Stmt) {
    match statement {
        Stmt::FunctionDef(function) => {
            function.returns = None;
            forget_annotations(&mut function.parameters);
            clean(&mut function.body);
        }
        Stmt::ClassDef(class) => {
            // Annotations of a class may mean something (a data class); its methods are functions.
            class.body.retain(|statement| !matches!(statement, Stmt::Pass(_)));
            class
                .body
                .iter_mut()
                .filter(|statement| !matches!(statement, Stmt::AnnAssign(_)))
                .for_each(clean_statement);
        }
        Stmt::AnnAssign(assign) => {
            if let Some(value) = assign.value.take() {
                *statement = Stmt::Assign(StmtAssign {
                    node_index: assign.node_index.clone(),
                    range: assign.range,
                    targets: vec![(*assign.target).clone()],
                    value,
                });
            }
        }
        Stmt::If(block) => {
            clean(&mut block.body);
            block.elif_else_clauses.iter_mut().for_each(|clause| clean(&mut clause.body));
        }
        Stmt::For(block) => {
            clean(&mut block.body);
            clean(&mut block.orelse);
        }
        Stmt::While(block) => {
            clean(&mut block.body);
            clean(&mut block.orelse);
        }
        Stmt::With(block) => clean(&mut block.body),
        Stmt::Match(block) => block.cases.iter_mut().for_each(|case| clean(&mut case.body)),
        Stmt::Try(block) => {
            for body in [&mut block.body, &mut block.orelse, &mut block.finalbody] {
                clean(body);
            }
            for ExceptHandler::ExceptHandler(handler) in &mut block.handlers {
                clean(&mut handler.body);
            }
        }
        _ => {}
    }
}

fn forget_annotations(parameters: &mut Parameters) {
    let plain = [&mut parameters.posonlyargs, &mut parameters.args, &mut parameters.kwonlyargs];
    for parameter in plain.into_iter().flatten() {
        parameter.parameter.annotation = None;
    }
    for parameter in [&mut parameters.vararg, &mut parameters.kwarg].into_iter().flatten() {
        parameter.annotation = None;
    }
}

/// Appends what an import statement binds, a line for each name; false for any other statement.
fn import_lines(statement: &Stmt, lines: &mut Vec<String>) -> bool {
    match statement {
        Stmt::Import(import) => {
            let names = import.names.iter().filter(|alias| !is_typing(&alias.name));
            lines.extend(names.map(|alias| format!("import {} as {:?}", alias.name, alias.asname.as_ref().map(|name| name.as_str()))));
            true
        }
        Stmt::ImportFrom(StmtImportFrom { module, names, level, .. }) => {
            let module = module.as_ref().map_or("", |name| name.as_str());
            if *level == 0 && is_typing(module) {
                return true;
            }
            lines.extend(names.iter().map(|alias| {
                format!(
                    "from {level} {module} import {} as {:?}",
                    alias.name,
                    alias.asname.as_ref().map(|name| name.as_str())
                )
            }));
            true
        }
        _ => false,
    }
}

/// Modules that annotations need and migrations do not.
fn is_typing(module: &str) -> bool {
    matches!(module, "typing" | "typing_extensions" | "collections.abc" | "__future__")
}

/// An upper bound, by far, of how deep the tree of a text is: per level of brackets, the words and operators since the last comma or line end. `None` when
/// that is too deep to walk.
fn depth(source: &str) -> Option<usize> {
    let bytes = source.as_bytes();
    let (mut open, mut here, mut sum, mut deepest, mut at) = (Vec::new(), 0_usize, 0_usize, 0_usize, 0);
    while let Some(byte) = bytes.get(at).copied() {
        let start = at;
        at += 1;
        match byte {
            b'#' => at += memchr::memchr(b'\n', &bytes[at..]).unwrap_or(bytes.len() - at),
            b'"' | b'\'' => {
                at = end_of_string(bytes, start, byte);
                // The expressions in an f-string are code too.
                let prefix = bytes[..start].iter().rev().take(2).any(|byte| matches!(byte, b'f' | b'F' | b't' | b'T'));
                let text = if prefix { &bytes[start..at.min(bytes.len())] } else { b"" };
                if text.iter().filter(|byte| matches!(byte, b'(' | b'[' | b'{')).count() > DEEPEST_BRACKETS {
                    return None;
                }
                deepest = deepest.max(sum + here + text.len());
            }
            b'(' | b'[' | b'{' => {
                if open.len() == DEEPEST_BRACKETS {
                    return None;
                }
                open.push(here + 1);
                sum += here + 1;
                here = 0;
            }
            b')' | b']' | b'}' => {
                here = open.pop().unwrap_or(1);
                sum = sum.saturating_sub(here);
            }
            b',' => here = 0,
            b'\n' | b';' if open.is_empty() => here = 0,
            b' ' | b'\t' | b'\r' | b'\n' | b'\\' => {}
            b'_' | b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | 0x80.. => {
                let word = |byte: &u8| matches!(byte, b'_' | b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | 0x80..);
                at += bytes[at..].iter().position(|byte| !word(byte)).unwrap_or(bytes.len() - at);
                here += 1;
            }
            _ => here += 1,
        }
        deepest = deepest.max(sum + here);
        if deepest > DEEPEST {
            return None;
        }
    }
    Some(deepest)
}

/// Just past the string that starts at `start`.
fn end_of_string(bytes: &[u8], start: usize, quote: u8) -> usize {
    let triple = bytes[start..].starts_with(&[quote; 3]);
    let mut at = start + if triple { 3 } else { 1 };
    while let Some(byte) = bytes.get(at).copied() {
        match byte {
            b'\\' => at += 1,
            b'\n' if !triple => return at,
            _ if byte == quote && !triple => return at + 1,
            _ if byte == quote && bytes[at..].starts_with(&[quote; 3]) => return at + 3,
            _ => {}
        }
        at += 1;
    }
    bytes.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCRIPT: &str = r#""""add accounts

Revision ID: 1a
"""
from typing import Sequence, Union

from alembic import op
import sqlalchemy as sa

revision: str = "1a"
down_revision: Union[str, None] = None


def upgrade() -> None:
    """Upgrade schema."""
    # made by hand
    op.create_table("account", sa.Column("id", sa.Integer(), nullable=False))
    op.execute("INSERT INTO account " "VALUES (1)")


def downgrade() -> None:
    pass
"#;

    fn same(edit: impl Fn(&str) -> String) {
        let edited = edit(SCRIPT);
        assert_ne!(edited, SCRIPT);
        assert_eq!(meaning(&edited), meaning(SCRIPT), "{edited}");
    }

    fn other(from: &str, to: &str) {
        let edited = SCRIPT.replace(from, to);
        assert_ne!(edited, SCRIPT);
        assert_ne!(meaning(&edited), meaning(SCRIPT), "{edited}");
    }

    #[test]
    fn what_a_formatter_changes_does_not_count() {
        same(|text| text.replace('\n', "\r\n"));
        same(|text| text.replace("    # made by hand\n", "\n\n"));
        same(|text| text.replace("pass", "pass  # nothing   "));
        same(|text| text.replace('"', "'"));
        same(|text| text.replace("sa.Integer()", "(sa.Integer())"));
        same(|text| text.replace("nullable=False))", "\n        nullable=False,\n    ),\n)"));
        same(|text| text.replace("account \" \"VALUES", "account VALUES"));
        same(|text| text.replace("    ", "\t"));
        same(|text| format!("{text}\n\n"));
    }

    #[test]
    fn the_place_in_the_history_does_not_count() {
        same(|text| text.replace("add accounts", "add the accounts"));
        same(|text| text.replace("None] = None", "None] = '0f'"));
        same(|text| text.replace("down_revision: Union[str, None] = None", "down_revision = None\nbranch_labels = ('x',)"));
        same(|text| text.replace("\"1a\"", "\"1b\""));
    }

    #[test]
    fn annotations_and_the_order_of_imports_do_not_count() {
        same(|text| text.replace(" -> None", ""));
        same(|text| text.replace("from typing import Sequence, Union\n\n", ""));
        same(|text| {
            text.replace(
                "from alembic import op\nimport sqlalchemy as sa",
                "import sqlalchemy as sa\n\nfrom alembic import op",
            )
        });
        same(|text| text.replace("    \"\"\"Upgrade schema.\"\"\"\n", ""));
        let annotated = "def upgrade():\n    n: int = 1\n    f(n)";
        assert_eq!(meaning(annotated), meaning("def upgrade():\n    n = 1\n    f(n)"));
    }

    #[test]
    fn what_the_script_does_counts() {
        other("VALUES (1)", "VALUES (2)");
        other("nullable=False", "nullable=True");
        other("\"account\"", "\"accounts\"");
        other("    pass", "    op.drop_table(\"account\")");
        other("import op", "import op, context");
        other("def downgrade", "LIMIT = 3\n\n\ndef downgrade");
        other("VALUES (1)\")", "VALUES (1)\")\n    op.execute(\"VACUUM\")");
        other("    op.execute", "    if True:\n        op.execute");
        // An argument of its own is no indentation.
        assert_ne!(meaning("f('a', 'b')"), meaning("f('a' 'b')"));
        assert_ne!(meaning("a = 1"), meaning("a = 1.0"));
        assert_ne!(meaning("a - (b - c)"), meaning("a - b - c"));
    }

    #[test]
    fn what_is_no_python_is_its_text() {
        let broken = "def upgrade(:\n";
        assert_eq!(meaning(broken), digest(broken));
        assert_ne!(meaning(broken), meaning("def upgrade(:\n# more\n"));
    }

    #[test]
    fn deep_trees_are_no_trouble() {
        let sum = format!("x = {}1", "1 + ".repeat(4_000));
        assert_eq!(meaning(&sum), meaning(&format!("{sum} # long")));
        assert_ne!(meaning(&sum), digest(&sum));
        for hostile in [
            "(".repeat(100_000),
            "-".repeat(200_000) + "1",
            "not ".repeat(100_000),
            "lambda: ".repeat(50_000) + "1",
            format!("f'{{{}", "(".repeat(100_000)),
        ] {
            assert_eq!(meaning(&hostile), digest(&hostile));
        }
        let nested = (0..99).fold("1".to_owned(), |text, _| format!("[{text}]"));
        assert_ne!(meaning(&nested), digest(&nested));
    }
}
