//! Mako templates, as far as migration environments use them.
//!
//! Text, `${expression | filters}`, control lines (`% if`, `% for`), comments, `<% %>`, `<%! %>`, `<%def>`, `<%text>` and
//! `<%doc>`. Expressions go to [`crate::eval`]; what it does not know is offered to the caller's [`Host`] before it
//! becomes an error with its line.

mod block;
mod lexer;
mod parser;
mod render;

use std::path::{Path, PathBuf};

use indexmap::IndexMap;

use crate::error::ScriptError;
use crate::eval::{Host, Names};

/// A parsed template.
#[derive(Debug)]
pub struct Template {
    path: PathBuf,
    body: Vec<Node>,
    defs: IndexMap<String, Def>,
}

/// A piece of a template; `line` is where it starts.
#[derive(Debug)]
enum Node {
    Text(String),
    Expression {
        source: String,
        filters: Vec<String>,
        line: u32,
    },
    Block {
        source: String,
        line: u32,
    },
    If(Vec<Branch>),
    For {
        targets: Vec<String>,
        items: String,
        line: u32,
        body: Vec<Node>,
    },
}

/// One arm of an `% if`; `% else` has no condition.
#[derive(Debug)]
struct Branch {
    condition: Option<(String, u32)>,
    body: Vec<Node>,
}

/// A `<%def name="f(a, b)">`.
#[derive(Debug)]
struct Def {
    parameters: Vec<String>,
    body: Vec<Node>,
}

impl Template {
    /// Parses a template; `path` is how it is named in errors.
    ///
    /// # Errors
    /// When a tag or block is not closed, or a tag is none that is known.
    pub fn parse(path: &Path, text: &str) -> Result<Template, ScriptError> {
        parser::parse(path, text)
    }

    /// Renders the template with `names`; `host` answers what is not plain Python.
    ///
    /// # Errors
    /// When an expression fails or is more than is known.
    pub fn render(&self, names: Names, host: &dyn Host) -> Result<String, ScriptError> {
        render::render(self, names, host)
    }
}

/// Makes the error for `line` of `path`.
fn error(path: &Path, line: u32, message: impl Into<String>) -> ScriptError {
    ScriptError::Template {
        path: path.to_owned(),
        line,
        message: message.into(),
    }
}

#[cfg(test)]
mod tests;
