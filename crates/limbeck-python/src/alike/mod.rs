//! Model classes that are like others: columns written with the same words under the same bases come to the same columns.
//!
//! Evaluating a class of models costs the engine milliseconds, and a project has thousands. Here the module's syntax tree is looked at before it is compiled:
//! a class whose every column is written, word for word, like a column of an earlier class with the same bases (its *exemplar*) need not be evaluated. Its
//! statement becomes a call that leaves a stand-in (`alembic/_alike.py`); what its table is follows from the exemplars' tables (`metadata::derive`), with its
//! own names, foreign keys' targets and comments put in. Everything that an exemplar's columns are made of (types, defaults, mixins, the base's type map)
//! is evaluated as ever, so that nothing here knows what a type is.
//!
//! Only classes of a form that leaves no doubt are taken (`class`), in modules where every name that they use is bound once (`names`). A stand-in that
//! somebody touches becomes the real class at that moment. Whatever goes wrong on the way, the caller evaluates everything again without this.

mod class;
mod names;
mod plan;
mod text;

pub(crate) use plan::{FUNCTION, replace};

use rustpython_ruff_text_size::TextRange;
use std::collections::HashMap;
use std::rc::Rc;

/// A class of models, as far as its text tells.
#[derive(Debug, Clone)]
pub(crate) struct ModelClass {
    pub name: String,
    /// Its file.
    pub path: Rc<str>,
    /// 1-based line of `class`.
    pub line: u32,
    /// Where its statement is in the text.
    pub range: TextRange,
    /// `__tablename__`.
    pub table: String,
    /// What its body binds, in the order written.
    pub members: Vec<Member>,
    /// What `__table_args__` lists.
    pub items: Vec<Item>,
    /// Names that the words of its columns use.
    pub reads: Vec<String>,
    /// The exemplars: numbers of earlier classes. Empty for a class that is evaluated.
    pub like: Vec<usize>,
}

/// Classes with the same exemplars, whose words use the same names.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Group {
    pub like: Vec<usize>,
    pub reads: Vec<String>,
}

/// What was read so far.
#[derive(Default)]
pub(crate) struct Known {
    /// Every class that was understood, by its number.
    pub classes: Vec<ModelClass>,
    /// The groups of those that are like others, by number.
    pub groups: Vec<Group>,
    group_numbers: HashMap<Group, usize>,
    seen: Seen,
}

/// Where words were seen before: the class's number and the attribute or the place in its `__table_args__`.
#[derive(Default)]
struct Seen {
    columns: HashMap<String, (usize, String)>,
    items: HashMap<String, (usize, usize)>,
}

/// One name that a class's body binds or annotates.
#[derive(Debug, Clone)]
pub(crate) struct Member {
    pub name: String,
    /// Whether it has a value.
    pub bound: bool,
    /// Whether it has an annotation.
    pub annotated: bool,
    /// What it is, where it may be a column.
    pub column: Option<Shape>,
}

/// How a column is written.
#[derive(Debug, Clone, Default)]
pub(crate) struct Shape {
    /// Which of the class's exemplars has it, and under which name; meaningless in a class that is evaluated.
    pub like: (usize, String),
    /// Whether the column's own name is written down.
    pub named: bool,
    /// The targets of its foreign keys that are plain strings of two or more parts, in order; `None` for one that is part of the words compared.
    pub targets: Vec<Option<String>>,
    /// `comment=`, where it is a plain string.
    pub comment: Option<String>,
    /// The length in `String(length)`.
    pub length: Option<u32>,
}

/// A constraint or index in `__table_args__`.
#[derive(Debug, Clone)]
pub(crate) struct Item {
    /// Whether it is an index.
    pub index: bool,
    /// Which of the class's exemplars has it, and at which place of its own list; meaningless in a class that is evaluated.
    pub like: (usize, usize),
    /// Its name, where that is a plain string.
    pub name: Option<String>,
    /// Its columns, where they are plain strings.
    pub columns: Vec<Option<String>>,
}
