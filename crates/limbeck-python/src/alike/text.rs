//! The words that a column is written with: its text without what may differ between two columns that are alike.

use super::Item;
use rustpython_ruff_text_size::{Ranged, TextRange};
use rustpython_vm::compiler::ast::visitor::{self, Visitor};
use rustpython_vm::compiler::ast::{Expr, ExprCall};

/// The last part of a dotted name.
pub(super) fn last_word(expr: &Expr) -> Option<&str> {
    match expr {
        Expr::Name(name) => Some(name.id.as_str()),
        Expr::Attribute(attribute) => Some(attribute.attr.as_str()),
        _ => None,
    }
}

/// Whether an expression is a dotted name.
pub(super) fn is_dotted(expr: &Expr) -> bool {
    match expr {
        Expr::Name(_) => true,
        Expr::Attribute(attribute) => is_dotted(&attribute.value),
        _ => false,
    }
}

/// A plain string.
pub(super) fn string(expr: &Expr) -> Option<&str> {
    match expr {
        Expr::StringLiteral(text) => Some(text.value.to_str()),
        _ => None,
    }
}

/// Whether an expression is a constant, or a collection of constants.
pub(super) fn is_literal(expr: &Expr) -> bool {
    match expr {
        Expr::StringLiteral(_) | Expr::NumberLiteral(_) | Expr::BooleanLiteral(_) | Expr::NoneLiteral(_) | Expr::BytesLiteral(_) | Expr::EllipsisLiteral(_) => {
            true
        }
        Expr::Tuple(tuple) => tuple.elts.iter().all(is_literal),
        Expr::List(list) => list.elts.iter().all(is_literal),
        Expr::Set(set) => set.elts.iter().all(is_literal),
        Expr::Dict(dict) => dict
            .items
            .iter()
            .all(|item| item.key.as_ref().is_some_and(is_literal) && is_literal(&item.value)),
        Expr::UnaryOp(unary) => is_literal(&unary.operand),
        _ => false,
    }
}

/// The words of a column, and what was taken out of them.
#[derive(Default)]
pub(super) struct Words {
    /// What two columns that are alike have in common.
    pub key: String,
    pub targets: Vec<Option<String>>,
    pub comment: Option<String>,
    pub length: Option<u32>,
}

/// Takes the words of an annotation and a value out of the module's text.
pub(super) fn words(annotation: Option<&Expr>, value: Option<&ExprCall>, text: &str) -> Words {
    let mut words = Words::default();
    if let Some(annotation) = annotation {
        words.key.push_str(slice(text, annotation.range()));
    }
    words.key.push('=');
    let Some(call) = value else { return words };
    let mut holes = Holes::default();
    holes.visit_arguments(&call.arguments);
    for keyword in &call.arguments.keywords {
        let name = keyword.arg.as_ref().map(|name| name.as_str());
        if let (Some("comment"), Some(comment)) = (name, string(&keyword.value)) {
            words.comment = Some(comment.to_owned());
            holes.ranges.push((keyword.value.range(), "\u{1}comment".to_owned()));
        }
    }
    for argument in call.arguments.args.iter().take(2) {
        if let Expr::Call(type_) = argument
            && last_word(&type_.func) == Some("String")
            && let ([Expr::NumberLiteral(number)], []) = (&*type_.arguments.args, &*type_.arguments.keywords)
            && let Some(length) = number.value.as_int().and_then(rustpython_vm::compiler::ast::Int::as_u32)
        {
            words.length = Some(length);
            holes.ranges.push((number.range(), "\u{1}length".to_owned()));
        }
    }
    holes.ranges.sort_by_key(|(range, _)| range.start());
    let mut at = call.range.start();
    for (range, mark) in &holes.ranges {
        words.key.push_str(slice(text, TextRange::new(at, range.start())));
        words.key.push_str(mark);
        at = range.end();
    }
    words.key.push_str(slice(text, TextRange::new(at, call.range.end())));
    words.targets = holes.targets;
    words
}

/// Takes the words of an index or a constraint out of the module's text; names that are plain strings are no part of them.
pub(super) fn item_words(call: &ExprCall, text: &str) -> Option<(String, Item)> {
    let arguments = &call.arguments;
    let index = match last_word(&call.func)? {
        "Index" => true,
        "UniqueConstraint" | "CheckConstraint" => false,
        _ => return None,
    };
    let check = last_word(&call.func) == Some("CheckConstraint");
    if arguments.args.iter().any(Expr::is_starred_expr) || arguments.keywords.iter().any(|keyword| keyword.arg.is_none()) {
        return None;
    }
    let mut item = Item {
        index,
        like: (0, 0),
        name: None,
        columns: Vec::new(),
    };
    let mut holes: Vec<(TextRange, &str)> = Vec::new();
    let mut positional = arguments.args.iter();
    if index && let Some(name) = positional.next().filter(|name| string(name).is_some()) {
        item.name = string(name).map(str::to_owned);
        holes.push((name.range(), "\u{1}name"));
    }
    for argument in positional.filter(|_| !check) {
        item.columns.push(string(argument).map(str::to_owned));
        if string(argument).is_some() {
            holes.push((argument.range(), "\u{1}column"));
        }
    }
    if let Some(keyword) = arguments.find_keyword("name")
        && let Some(name) = string(&keyword.value)
    {
        item.name = Some(name.to_owned());
        holes.push((keyword.value.range(), "\u{1}name"));
    }
    holes.sort_by_key(|(range, _)| range.start());
    let mut key = String::new();
    let mut at = call.range.start();
    for (range, mark) in holes {
        key.push_str(slice(text, TextRange::new(at, range.start())));
        key.push_str(mark);
        at = range.end();
    }
    key.push_str(slice(text, TextRange::new(at, call.range.end())));
    Some((key, item))
}

pub(super) fn slice(text: &str, range: TextRange) -> &str {
    text.get(range.start().to_usize()..range.end().to_usize()).unwrap_or_default()
}

/// Targets of foreign keys, in the order in which they are evaluated.
#[derive(Default)]
struct Holes {
    ranges: Vec<(TextRange, String)>,
    targets: Vec<Option<String>>,
}

impl<'a> Visitor<'a> for Holes {
    fn visit_expr(&mut self, expr: &'a Expr) {
        if let Expr::Call(call) = expr
            && last_word(&call.func) == Some("ForeignKey")
        {
            let target = call.arguments.args.first();
            let parts = |text: &str| text.split('.').count();
            match target.and_then(string).filter(|text| parts(text) > 1) {
                Some(target_text) => {
                    self.targets.push(Some(target_text.to_owned()));
                    let range = target.map(Ranged::range).unwrap_or_default();
                    self.ranges
                        .push((range, format!("\u{1}{}", if parts(target_text) > 2 { "schema" } else { "table" })));
                }
                None => self.targets.push(None),
            }
        }
        visitor::walk_expr(self, expr);
    }
}
