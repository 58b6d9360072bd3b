//! Reads the statement of a class, if it is of a form that leaves no doubt about what it declares.

use super::names::{Names, names_in_text, read_by};
use super::text::{self, is_dotted, is_literal, last_word, string};
use super::{Item, Member, Shape};
use rustpython_ruff_text_size::Ranged;
use rustpython_vm::compiler::ast::{Expr, Stmt, StmtClassDef, StmtFunctionDef};
use std::collections::HashSet;

/// What the statement of a class says.
pub(super) struct Read {
    pub table: String,
    pub members: Vec<Member>,
    /// The words of each member's column, next to `members`.
    pub words: Vec<Option<String>>,
    pub items: Vec<Item>,
    /// The words of each item, next to `items`.
    pub item_words: Vec<String>,
    /// Names that the words use.
    pub reads: Vec<String>,
    /// Words of what the class shares with its exemplars: its bases and the arguments of its table.
    pub frame: String,
}

/// Calls that make a column.
const COLUMNS: &[&str] = &["mapped_column", "Column"];
/// Calls that make an attribute without a column.
const NO_COLUMNS: &[&str] = &["relationship", "relation", "association_proxy", "synonym", "dynamic_loader"];
/// Calls within those that make nothing of a table.
const WITHIN: &[&str] = &[
    "backref",
    "and_",
    "or_",
    "not_",
    "foreign",
    "remote",
    "desc",
    "asc",
    "attribute_keyed_dict",
    "attribute_mapped_collection",
];
/// Decorators of methods that say nothing about columns.
const DECORATORS: &[&str] = &[
    "property",
    "staticmethod",
    "classmethod",
    "hybrid_property",
    "hybrid_method",
    "validates",
    "setter",
    "getter",
    "deleter",
    "expression",
    "comparator",
    "update_expression",
    "inplace",
    "cached_property",
    "reconstructor",
    "override",
    "abstractmethod",
];
/// Special methods that act on objects, not on the class.
const METHODS: &[&str] = &[
    "__repr__",
    "__str__",
    "__init__",
    "__eq__",
    "__ne__",
    "__hash__",
    "__lt__",
    "__le__",
    "__gt__",
    "__ge__",
    "__len__",
    "__bool__",
    "__iter__",
    "__contains__",
    "__getitem__",
    "__setitem__",
    "__post_init__",
    "__copy__",
    "__deepcopy__",
    "__html__",
    "__unicode__",
    "__int__",
    "__json__",
    "__call__",
];

/// Reads a class; `None` where anything is unusual.
pub(super) fn read(class: &StmtClassDef, names: &Names, source: &str) -> Option<Read> {
    let arguments = class.arguments.as_deref()?;
    let plain = class.decorator_list.is_empty() && class.type_params.is_none() && arguments.keywords.is_empty();
    if !plain || arguments.args.is_empty() || !arguments.args.iter().all(is_dotted) {
        return None;
    }
    let mut reading = Reading {
        source,
        table: None,
        has_arguments: false,
        arguments: "",
        members: Vec::new(),
        words: Vec::new(),
        items: Vec::new(),
        item_words: Vec::new(),
        words_read: HashSet::new(),
        read: read_by(&arguments.args),
    };
    for statement in &class.body {
        reading.statement(statement)?;
    }
    let own: HashSet<&str> = reading.members.iter().map(|member| member.name.as_str()).collect();
    let twice = own.len() != reading.members.len();
    let has_columns = reading.words.iter().any(Option::is_some);
    let bases_stable = read_by(&arguments.args).iter().all(|name| names.is_stable(name));
    let same_everywhere = reading.words_read.iter().all(|name| names.is_stable(name) && !own.contains(name));
    let known = reading.read.iter().all(|name| names.is_known(name) || own.contains(name));
    if twice || !has_columns || !bases_stable || !same_everywhere || !known || !names.is_stable(class.name.as_str()) {
        return None;
    }
    let mut reads: Vec<String> = reading.words_read.iter().map(|name| (*name).to_owned()).collect();
    reads.sort_unstable();
    // A class without `__table_args__` has those of its bases, one with them has no others.
    let own = if reading.has_arguments { "own" } else { "bases'" };
    let frame = format!("{}|{own}|{}", text::slice(source, arguments.range()), reading.arguments);
    Some(Read {
        table: reading.table?.to_owned(),
        members: reading.members,
        words: reading.words,
        items: reading.items,
        item_words: reading.item_words,
        reads,
        frame,
    })
}

struct Reading<'a> {
    source: &'a str,
    table: Option<&'a str>,
    /// Whether there is `__table_args__`.
    has_arguments: bool,
    /// Its dictionary.
    arguments: &'a str,
    members: Vec<Member>,
    words: Vec<Option<String>>,
    items: Vec<Item>,
    item_words: Vec<String>,
    /// Names that the words of columns use: they must mean the same at the exemplar and here.
    words_read: HashSet<&'a str>,
    /// Names that the class uses besides.
    read: HashSet<&'a str>,
}

impl<'a> Reading<'a> {
    fn statement(&mut self, statement: &'a Stmt) -> Option<()> {
        match statement {
            Stmt::Pass(_) => Some(()),
            Stmt::Expr(inner) => (inner.value.is_string_literal_expr() || inner.value.is_ellipsis_literal_expr()).then_some(()),
            Stmt::FunctionDef(function) => self.function(function),
            Stmt::Assign(assign) => {
                let [Expr::Name(target)] = assign.targets.as_slice() else { return None };
                self.attribute(target.id.as_str(), None, Some(&assign.value))
            }
            Stmt::AnnAssign(assign) => {
                let Expr::Name(target) = &*assign.target else { return None };
                self.attribute(target.id.as_str(), Some(&assign.annotation), assign.value.as_deref())
            }
            _ => None,
        }
    }

    fn attribute(&mut self, name: &'a str, annotation: Option<&'a Expr>, value: Option<&'a Expr>) -> Option<()> {
        if name.starts_with("__") {
            return self.special(name, value?);
        }
        if name == "metadata" || name == "registry" || name == "type_annotation_map" {
            return None;
        }
        let made = match value {
            Some(Expr::Call(call)) => last_word(&call.func).filter(|_| is_dotted(&call.func)),
            _ => None,
        };
        let column = match (value, made) {
            // The annotation alone may make a column.
            (None, _) => true,
            (Some(_), Some(word)) if COLUMNS.contains(&word) => true,
            (Some(value), Some(word)) if NO_COLUMNS.contains(&word) => {
                if !only_words_within(value) {
                    return None;
                }
                self.read.extend(read_by([value]));
                false
            }
            (Some(value), _) if annotation.is_none() && is_literal(value) => false,
            _ => return None,
        };
        let (shape, words) = if column {
            let call = value.and_then(Expr::as_call_expr);
            if call.is_some_and(|call| {
                call.arguments.args.iter().any(Expr::is_starred_expr) || call.arguments.keywords.iter().any(|keyword| keyword.arg.is_none())
            }) {
                return None;
            }
            // With a key of its own a column is known to constraints by another name.
            if value.is_some_and(has_doubtful_part) || call.is_some_and(|call| call.arguments.find_keyword("key").is_some()) {
                return None;
            }
            self.words_read.extend(read_by(annotation.into_iter().chain(value)));
            self.words_read.extend(annotation.into_iter().flat_map(names_in_text));
            let words = text::words(annotation, call, self.source);
            let named = call
                .is_some_and(|call| call.arguments.args.first().is_some_and(|first| string(first).is_some()) || call.arguments.find_keyword("name").is_some());
            let shape = Shape {
                named,
                targets: words.targets,
                comment: words.comment,
                length: words.length,
                ..Shape::default()
            };
            (Some(shape), Some(words.key))
        } else {
            (None, None)
        };
        self.members.push(Member {
            name: name.to_owned(),
            bound: value.is_some(),
            annotated: annotation.is_some(),
            column: shape,
        });
        self.words.push(words);
        Some(())
    }

    fn special(&mut self, name: &str, value: &'a Expr) -> Option<()> {
        match name {
            "__tablename__" if self.table.is_none() => {
                self.table = Some(string(value)?);
                Some(())
            }
            "__table_args__" if !self.has_arguments => self.table_arguments(value),
            "__mapper_args__" if value.is_dict_expr() && is_literal(value) => Some(()),
            "__allow_unmapped__" if is_literal(value) => Some(()),
            _ => None,
        }
    }

    fn table_arguments(&mut self, value: &'a Expr) -> Option<()> {
        self.has_arguments = true;
        let parts = match value {
            Expr::Tuple(tuple) => tuple.elts.as_slice(),
            other => std::slice::from_ref(other),
        };
        for (place, part) in parts.iter().enumerate() {
            match part {
                Expr::Dict(_) if is_literal(part) && place + 1 == parts.len() => self.arguments = text::slice(self.source, part.range()),
                Expr::Call(call) if value.is_tuple_expr() && is_dotted(&call.func) && !has_doubtful_part(part) => {
                    let (words, item) = text::item_words(call, self.source)?;
                    self.words_read.extend(read_by([part]));
                    self.items.push(item);
                    self.item_words.push(words);
                }
                _ => return None,
            }
        }
        Some(())
    }

    fn function(&mut self, function: &'a StmtFunctionDef) -> Option<()> {
        let name = function.name.as_str();
        if name.starts_with("__") && !METHODS.contains(&name) {
            return None;
        }
        for decorator in &function.decorator_list {
            let (called, arguments) = match &decorator.expression {
                Expr::Call(call) => (&*call.func, Some(&call.arguments)),
                other => (other, None),
            };
            let known = is_dotted(called) && last_word(called).is_some_and(|word| DECORATORS.contains(&word));
            let literal = arguments.is_none_or(|arguments| {
                arguments.args.iter().all(is_literal) && arguments.keywords.iter().all(|keyword| keyword.arg.is_some() && is_literal(&keyword.value))
            });
            if !known || !literal {
                return None;
            }
            self.read.extend(read_by([called]));
        }
        for parameter in function.parameters.iter_non_variadic_params() {
            if let Some(default) = parameter.default.as_deref() {
                if !is_literal(default) && !is_dotted(default) {
                    return None;
                }
                self.read.extend(read_by([default]));
            }
        }
        // A property with its setter binds one name twice.
        if !self
            .members
            .iter()
            .any(|member| member.name == name && member.column.is_none() && !member.annotated)
        {
            self.members.push(Member {
                name: name.to_owned(),
                bound: true,
                annotated: false,
                column: None,
            });
            self.words.push(None);
        }
        Some(())
    }
}

/// Whether a relationship's arguments make nothing that could be a part of a table.
fn only_words_within(value: &Expr) -> bool {
    let mut calls = Calls::default();
    visit(&mut calls, value);
    !calls.doubtful && calls.words.iter().skip(1).all(|word| WITHIN.contains(word))
}

/// Whether a column's expression binds names, waits or yields, or has calls that are no plain calls of a class or function by name.
fn has_doubtful_part(value: &Expr) -> bool {
    let mut calls = Calls::default();
    visit(&mut calls, value);
    // A sequence may register itself with the metadata; a function of the project with a small name may count its calls.
    calls.doubtful || calls.words.contains(&"Sequence")
}

fn visit<'a>(calls: &mut Calls<'a>, value: &'a Expr) {
    use rustpython_vm::compiler::ast::visitor::Visitor;
    calls.visit_expr(value);
}

/// What is called in an expression, lambdas left out.
#[derive(Default)]
struct Calls<'a> {
    words: Vec<&'a str>,
    doubtful: bool,
}

impl<'a> rustpython_vm::compiler::ast::visitor::Visitor<'a> for Calls<'a> {
    fn visit_expr(&mut self, expr: &'a Expr) {
        match expr {
            Expr::Lambda(_) => {}
            Expr::Named(_)
            | Expr::Await(_)
            | Expr::Yield(_)
            | Expr::YieldFrom(_)
            | Expr::ListComp(_)
            | Expr::SetComp(_)
            | Expr::DictComp(_)
            | Expr::Generator(_) => {
                self.doubtful = true;
            }
            Expr::Call(call) => {
                match last_word(&call.func) {
                    Some(word) => self.words.push(word),
                    None => self.doubtful = true,
                }
                rustpython_vm::compiler::ast::visitor::walk_expr(self, expr);
            }
            _ => rustpython_vm::compiler::ast::visitor::walk_expr(self, expr),
        }
    }
}
