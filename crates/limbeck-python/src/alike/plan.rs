//! Decides which classes of a module are evaluated, and puts calls in the place of the others.

use super::ModelClass;
use super::class::{self, Read};
use super::names::Names;
use crate::guard::Lines;
use rustpython_ruff_text_size::{Ranged, TextRange};
use rustpython_vm::compiler::ast::name::Name;
use rustpython_vm::compiler::ast::{
    Arguments, AtomicNodeIndex, Expr, ExprCall, ExprContext, ExprName, ExprNumberLiteral, ExprTuple, Int, ModModule, Number, Stmt, StmtAssign,
};
use std::collections::HashMap;
use std::rc::Rc;

/// The function that stands in the place of a class, among Python's own names.
pub(crate) const FUNCTION: &str = "__limbeck_alike__";

/// Where words were seen before: the class's number and the attribute or the place in its `__table_args__`.
#[derive(Default)]
struct Seen {
    columns: HashMap<String, (usize, String)>,
    items: HashMap<String, (usize, usize)>,
}

/// Replaces the statements of classes that are like others, and adds every class that was understood to `known`. Whether the module's code can be trusted
/// not to look at all classes there are.
pub(crate) fn replace(module: &mut ModModule, path: &str, source: &str, lines: &Lines, known: &mut Vec<ModelClass>) -> bool {
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
        let number = known.len();
        let mut found = ModelClass {
            name: class.name.to_string(),
            path: Rc::clone(&path),
            line: lines.line(class.start()),
            range: class.range,
            table: read.table.clone(),
            members: read.members.clone(),
            items: read.items.clone(),
            like: Vec::new(),
        };
        if like_others(&mut found, &read, &seen) {
            let call = call(number, &found, known, class.arguments.as_deref(), class.range);
            known.push(found);
            module.body[at] = call;
        } else {
            for (member, words) in read.members.iter().zip(&read.words) {
                if let Some(words) = words {
                    seen.columns.entry(key(&read.frame, words)).or_insert_with(|| (number, member.name.clone()));
                }
            }
            for (place, words) in read.item_words.iter().enumerate() {
                seen.items.entry(key(&read.frame, words)).or_insert((number, place));
            }
            known.push(found);
        }
    }
    true
}

fn key(frame: &str, words: &str) -> String {
    format!("{frame}\u{1}{words}")
}

/// Finds an exemplar for every column and every item of `__table_args__`.
fn like_others(class: &mut ModelClass, read: &Read, seen: &Seen) -> bool {
    let mut like = Vec::new();
    let mut place_of = |number: usize| {
        like.iter().position(|known| *known == number).unwrap_or_else(|| {
            like.push(number);
            like.len() - 1
        })
    };
    for (member, words) in class.members.iter_mut().zip(&read.words) {
        let (Some(shape), Some(words)) = (&mut member.column, words) else { continue };
        let Some((number, name)) = seen.columns.get(&key(&read.frame, words)) else {
            return false;
        };
        shape.like = (place_of(*number), name.clone());
    }
    for (item, words) in class.items.iter_mut().zip(&read.item_words) {
        let Some((number, place)) = seen.items.get(&key(&read.frame, words)) else {
            return false;
        };
        item.like = (place_of(*number), *place);
    }
    class.like = like;
    true
}

/// `Name = __limbeck_alike__(number, (exemplars…), bases…)`, in the place of the class.
fn call(number: usize, class: &ModelClass, known: &[ModelClass], bases: Option<&Arguments>, range: TextRange) -> Stmt {
    let name = |text: &str, ctx: ExprContext| {
        Expr::Name(ExprName {
            node_index: AtomicNodeIndex::NONE,
            range,
            id: Name::new(text),
            ctx,
        })
    };
    let exemplars = class.like.iter().map(|number| name(&known[*number].name, ExprContext::Load)).collect();
    let mut arguments = vec![
        Expr::NumberLiteral(ExprNumberLiteral {
            node_index: AtomicNodeIndex::NONE,
            range,
            value: Number::Int(Int::from(u32::try_from(number).unwrap_or(u32::MAX))),
        }),
        Expr::Tuple(ExprTuple {
            node_index: AtomicNodeIndex::NONE,
            range,
            elts: exemplars,
            ctx: ExprContext::Load,
            parenthesized: true,
        }),
    ];
    arguments.extend(bases.into_iter().flat_map(|bases| bases.args.iter().cloned()));
    Stmt::Assign(StmtAssign {
        node_index: AtomicNodeIndex::NONE,
        range,
        targets: vec![name(&class.name, ExprContext::Store)],
        value: Box::new(Expr::Call(ExprCall {
            node_index: AtomicNodeIndex::NONE,
            range,
            func: Box::new(name(FUNCTION, ExprContext::Load)),
            arguments: Arguments {
                range,
                node_index: AtomicNodeIndex::NONE,
                args: arguments.into(),
                keywords: Box::default(),
            },
        })),
    })
}
