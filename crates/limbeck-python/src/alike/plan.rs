//! Decides which classes of a module are evaluated, and puts calls in the place of the others.

use super::class::{self, Read};
use super::names::Names;
use super::{Group, Known, ModelClass, Seen};
use crate::guard::Lines;
use rustpython_ruff_text_size::{Ranged, TextRange};
use rustpython_vm::compiler::ast::name::Name;
use rustpython_vm::compiler::ast::{
    Arguments, AtomicNodeIndex, Expr, ExprCall, ExprContext, ExprName, ExprNumberLiteral, Int, ModModule, Number, Stmt, StmtAssign,
};
use std::rc::Rc;

/// The function that stands in the place of a class, among Python's own names.
pub(crate) const FUNCTION: &str = "__limbeck_alike__";

/// Replaces the statements of classes that are like others, and adds every class that was understood to `known`. Whether the module's code can be trusted
/// not to look at all classes there are.
pub(crate) fn replace(module: &mut ModModule, path: &str, source: &str, lines: &Lines, known: &mut Known) -> bool {
    let names = Names::of(&module.body);
    if names.dynamic {
        return false;
    }
    let path: Rc<str> = path.into();
    let mut seen = Seen::default();
    for at in 0..module.body.len() {
        let Stmt::ClassDef(class) = &module.body[at] else {
            // A star in between might change what words mean.
            if matches!(&module.body[at], Stmt::ImportFrom(import) if import.names.iter().any(|alias| alias.name.as_str() == "*")) {
                seen = Seen::default();
            }
            continue;
        };
        let Some(read) = class::read(class, &names, source) else { continue };
        let number = known.classes.len();
        let mut found = ModelClass {
            name: class.name.to_string(),
            path: Rc::clone(&path),
            line: lines.line(class.start()),
            range: class.range,
            table: read.table.clone(),
            members: read.members.clone(),
            items: read.items.clone(),
            reads: read.reads.clone(),
            like: Vec::new(),
        };
        if like_others(&mut found, &read, &[&seen, &known.seen]) {
            let group = known.group(&found);
            let call = call([number, group], &found.name, class.arguments.as_deref(), class.range);
            known.classes.push(found);
            module.body[at] = call;
        } else {
            seen.add(number, &read);
            known.seen.add(number, &read);
            known.classes.push(found);
        }
    }
    true
}

impl Seen {
    fn add(&mut self, number: usize, read: &Read) {
        for (member, words) in read.members.iter().zip(&read.words) {
            if let Some(words) = words {
                self.columns.entry(key(&read.frame, words)).or_insert_with(|| (number, member.name.clone()));
            }
        }
        for (place, words) in read.item_words.iter().enumerate() {
            self.items.entry(key(&read.frame, words)).or_insert((number, place));
        }
    }
}

impl Known {
    fn group(&mut self, class: &ModelClass) -> usize {
        let group = Group {
            like: class.like.clone(),
            reads: class.reads.clone(),
        };
        *self.group_numbers.entry(group).or_insert_with_key(|group| {
            self.groups.push(group.clone());
            self.groups.len() - 1
        })
    }
}

fn key(frame: &str, words: &str) -> String {
    format!("{frame}\u{1}{words}")
}

/// Finds an exemplar for every column and every item of `__table_args__`: in the same module, else in another, where names may mean other things, which
/// is looked at when the class's turn comes.
fn like_others(class: &mut ModelClass, read: &Read, seen: &[&Seen]) -> bool {
    let mut like = Vec::new();
    let mut place_of = |number: usize| {
        like.iter().position(|known| *known == number).unwrap_or_else(|| {
            like.push(number);
            like.len() - 1
        })
    };
    for (member, words) in class.members.iter_mut().zip(&read.words) {
        let (Some(shape), Some(words)) = (&mut member.column, words) else { continue };
        let key = key(&read.frame, words);
        let Some((number, name)) = seen.iter().find_map(|seen| seen.columns.get(&key)) else {
            return false;
        };
        shape.like = (place_of(*number), name.clone());
    }
    for (item, words) in class.items.iter_mut().zip(&read.item_words) {
        let key = key(&read.frame, words);
        let Some((number, place)) = seen.iter().find_map(|seen| seen.items.get(&key)) else {
            return false;
        };
        item.like = (place_of(*number), *place);
    }
    class.like = like;
    true
}

/// `Name = __limbeck_alike__(number, group, bases…)`, in the place of the class.
fn call(numbers: [usize; 2], class: &str, bases: Option<&Arguments>, range: TextRange) -> Stmt {
    let name = |text: &str, ctx: ExprContext| {
        Expr::Name(ExprName {
            node_index: AtomicNodeIndex::NONE,
            range,
            id: Name::new(text),
            ctx,
        })
    };
    let number = |number: usize| {
        Expr::NumberLiteral(ExprNumberLiteral {
            node_index: AtomicNodeIndex::NONE,
            range,
            value: Number::Int(Int::from(u32::try_from(number).unwrap_or(u32::MAX))),
        })
    };
    let arguments = numbers
        .into_iter()
        .map(number)
        .chain(bases.into_iter().flat_map(|bases| bases.args.iter().cloned()));
    Stmt::Assign(StmtAssign {
        node_index: AtomicNodeIndex::NONE,
        range,
        targets: vec![name(class, ExprContext::Store)],
        value: Box::new(Expr::Call(ExprCall {
            node_index: AtomicNodeIndex::NONE,
            range,
            func: Box::new(name(FUNCTION, ExprContext::Load)),
            arguments: Arguments {
                range,
                node_index: AtomicNodeIndex::NONE,
                args: arguments.collect(),
                keywords: Box::default(),
            },
        })),
    })
}
