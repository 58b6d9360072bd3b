//! The quick reader of headers: statements in the first column, plain values, nothing else.
//!
//! It must never be wrong, only modest: `None` means "ask the parser". Text inside strings and brackets is skipped
//! properly, so that SQL in a script cannot be taken for a header.

use super::literal::Cursor;
use super::{Binding, Module, index_of};

/// Reads what a module says about itself, or `None` when it holds anything unusual.
pub(super) fn scan(text: &str) -> Option<Module> {
    let mut module = Module::default();
    let mut cursor = Cursor { text, at: 0 };
    let mut first = true;
    while let Some(byte) = cursor.peek() {
        match byte {
            b'\n' => cursor.at += 1,
            b'#' => cursor.skip_comment(),
            b' ' | b'\t' | b'@' => skip_line(&mut cursor)?,
            b'"' | b'\'' => {
                docstring(&mut cursor, &mut module, first)?;
                first = false;
            }
            b'a'..=b'z' | b'A'..=b'Z' | b'_' => {
                statement(&mut cursor, &mut module, first)?;
                first = false;
            }
            _ => return None,
        }
    }
    // What is missing may come from a star import; the parser knows.
    let complete = module.names[..2].iter().all(|binding| *binding != Binding::Unbound);
    complete.then_some(module)
}

/// Reads a statement that is a string: the docstring, if it is the first.
fn docstring(cursor: &mut Cursor<'_>, module: &mut Module, first: bool) -> Option<()> {
    let text = cursor.string()?;
    end_of_statement(cursor)?;
    if first {
        module.doc = Some(text);
    }
    Some(())
}

fn statement(cursor: &mut Cursor<'_>, module: &mut Module, first: bool) -> Option<()> {
    let start = cursor.at;
    let name = cursor.name();
    match name {
        "def" => return function(cursor, module),
        "class" => {
            cursor.skip_blanks();
            let name = cursor.name();
            if index_of(name).is_some() || is_step(name) {
                return None;
            }
            return skip_line(cursor);
        }
        "import" | "from" | "pass" | "assert" | "raise" => {
            return skip_foreign(cursor, start);
        }
        "if" | "elif" | "else" | "for" | "while" | "try" | "except" | "finally" | "with" | "match" | "async" | "del" | "global" | "globals" | "locals"
        | "vars" | "exec" | "eval" | "setattr" | "return" | "not" | "lambda" | "await" | "yield" | "None" | "True" | "False" | "type" | "__doc__" => {
            return None;
        }
        _ => {}
    }
    if matches!(cursor.peek(), Some(b'"' | b'\'')) {
        cursor.at = start;
        return docstring(cursor, module, first);
    }
    let Some(index) = index_of(name) else {
        if is_step(name) {
            return None;
        }
        return skip_foreign(cursor, start);
    };
    cursor.skip_blanks();
    if cursor.eat(b':') {
        skip_annotation(cursor)?;
    }
    // `==`, `+=`, `.` and `,` are left to the parser, as is everything but one plain value.
    if !cursor.eat(b'=') || cursor.peek() == Some(b'=') {
        return None;
    }
    cursor.skip_blanks();
    let value = cursor.value(false)?;
    end_of_statement(cursor)?;
    module.names[index] = Binding::Known(value);
    Some(())
}

fn function(cursor: &mut Cursor<'_>, module: &mut Module) -> Option<()> {
    cursor.skip_blanks();
    match cursor.name() {
        "upgrade" => module.upgrade = true,
        "downgrade" => module.downgrade = true,
        name if index_of(name).is_some() => return None,
        _ => {}
    }
    skip_line(cursor)
}

fn is_step(name: &str) -> bool {
    matches!(name, "upgrade" | "downgrade")
}

/// Skips a statement that has nothing to do with headers; one that mentions their names is left to the parser.
fn skip_foreign(cursor: &mut Cursor<'_>, start: usize) -> Option<()> {
    skip_line(cursor)?;
    let line = &cursor.text[start..cursor.at];
    let mentioned = ["revision", "depends_on", "branch_labels", "grade"].iter().any(|name| line.contains(name));
    (!mentioned).then_some(())
}

/// Skips the annotation of an assignment, up to its `=`.
fn skip_annotation(cursor: &mut Cursor<'_>) -> Option<()> {
    let mut depth = 0usize;
    loop {
        match cursor.peek()? {
            b'=' if depth == 0 => return Some(()),
            b'[' | b'(' => depth += 1,
            b']' | b')' => depth = depth.checked_sub(1)?,
            b'"' | b'\'' => {
                cursor.skip_string()?;
                continue;
            }
            b'\n' | b'#' | b'\\' | b';' | b'{' => return None,
            _ => {}
        }
        cursor.at += 1;
    }
}

/// Moves past the end of a simple statement: a comment and a line end, or a semicolon.
fn end_of_statement(cursor: &mut Cursor<'_>) -> Option<()> {
    cursor.skip_blanks();
    match cursor.peek() {
        None => Some(()),
        Some(b'\n') => {
            cursor.at += 1;
            Some(())
        }
        Some(b'#') => {
            cursor.skip_comment();
            Some(())
        }
        // The next statement then starts where this one ends, as if it stood in the first column.
        Some(b';') => {
            cursor.at += 1;
            cursor.skip_blanks();
            Some(())
        }
        Some(_) => None,
    }
}

/// Marks the bytes at which [`skip_line`] has to look closer.
const MARKED: [bool; 256] = {
    let mut marked = [false; 256];
    let bytes = b"\n#\"'\\()[]{}";
    let mut index = 0;
    while index < bytes.len() {
        marked[bytes[index] as usize] = true;
        index += 1;
    }
    marked
};

/// Moves past the end of a logical line: brackets, strings and backslashes carry it over line ends.
fn skip_line(cursor: &mut Cursor<'_>) -> Option<()> {
    let bytes = cursor.text.as_bytes();
    let mut depth = 0usize;
    loop {
        while let Some(byte) = bytes.get(cursor.at)
            && !MARKED[*byte as usize]
        {
            cursor.at += 1;
        }
        let Some(byte) = bytes.get(cursor.at) else {
            return Some(());
        };
        match byte {
            b'\n' => {
                cursor.at += 1;
                if depth == 0 {
                    return Some(());
                }
            }
            b'#' => cursor.skip_comment(),
            b'"' | b'\'' => cursor.skip_string()?,
            b'\\' => cursor.at += 2,
            b'(' | b'[' | b'{' => {
                depth += 1;
                cursor.at += 1;
            }
            _ => {
                depth = depth.checked_sub(1)?;
                cursor.at += 1;
            }
        }
        if cursor.at > bytes.len() {
            return None;
        }
    }
}
