//! What PostgreSQL's statements about rows write, read and call.

use crate::Name;
use squawk_syntax::SyntaxNode;
use squawk_syntax::ast::{self, AstNode};
use std::collections::BTreeSet;

use super::node::text;
use super::node::{name, plain};
use super::{Change, Plain, RowChange};

/// The changes of a statement about rows; `None` if it is none.
pub(super) fn of_rows(statement: &ast::Stmt) -> Option<Vec<Change>> {
    let written = match statement {
        ast::Stmt::Insert(insert) => Some((
            name(&insert.relation_name_ref()?)?,
            RowChange::Insert,
            insert
                .column_target_list()
                .map(|list| super::constraint::columns_of(list.syntax()))
                .unwrap_or_default(),
        )),
        ast::Stmt::Update(update) => Some((name(&update.relation_name()?)?, RowChange::Update, set_columns(update))),
        ast::Stmt::Delete(delete) => Some((name(&delete.relation_name()?)?, RowChange::Delete, Vec::new())),
        ast::Stmt::Merge(merge) => Some((name(&merge.table_relation_name()?)?, RowChange::Any, Vec::new())),
        ast::Stmt::Copy(copy) => match copy.copy_direction()? {
            ast::CopyDirection::CopyFrom(_) => Some((name(&copy.copy_table()?.table_name_ref()?)?, RowChange::Insert, Vec::new())),
            ast::CopyDirection::CopyTo(_) => None,
        },
        ast::Stmt::Select(_) | ast::Stmt::CompoundSelect(_) | ast::Stmt::ParenSelect(_) | ast::Stmt::Values(_) | ast::Stmt::Table(_) => None,
        ast::Stmt::Truncate(truncate) => {
            return Some(
                truncate
                    .table_list()?
                    .table_relation_names()
                    .filter_map(|table| name(&table))
                    .map(|table| Change::Rows {
                        table,
                        how: RowChange::Truncate,
                        columns: Vec::new(),
                        plain: None,
                    })
                    .collect(),
            );
        }
        _ => return None,
    };
    let mut changes: Vec<Change> = written
        .into_iter()
        .map(|(table, how, columns)| Change::Rows {
            table,
            how,
            columns,
            plain: plain_text(statement).map(Box::new),
        })
        .collect();
    changes.extend(inner(statement.syntax()));
    changes.extend(reads(statement.syntax()));
    Some(changes)
}

/// Statements that write inside of `WITH`.
fn inner(node: &SyntaxNode) -> Vec<Change> {
    let mut found = Vec::new();
    for below in node.descendants().skip(1) {
        let written = if let Some(insert) = ast::Insert::cast(below.clone()) {
            insert
                .relation_name_ref()
                .and_then(|table| name(&table))
                .map(|table| (table, RowChange::Insert))
        } else if let Some(update) = ast::Update::cast(below.clone()) {
            update.relation_name().and_then(|table| name(&table)).map(|table| (table, RowChange::Update))
        } else if let Some(delete) = ast::Delete::cast(below) {
            delete.relation_name().and_then(|table| name(&table)).map(|table| (table, RowChange::Delete))
        } else {
            None
        };
        found.extend(written.map(|(table, how)| Change::Rows {
            table,
            how,
            columns: Vec::new(),
            plain: None,
        }));
    }
    found
}

/// The tables that stand in FROM, and the functions that are called, below a node.
pub(super) fn reads(node: &SyntaxNode) -> Vec<Change> {
    let with: BTreeSet<String> = node
        .descendants()
        .filter_map(ast::WithTable::cast)
        .filter_map(|with| plain(&with.name()?))
        .collect();
    let mut tables = BTreeSet::new();
    let mut functions = BTreeSet::new();
    for below in node.descendants() {
        if let Some(item) = ast::RelationFromItem::cast(below.clone()) {
            tables.extend(item.relation_name_ref().and_then(|table| name(&table)));
        } else if let Some(call) = ast::CallExpr::cast(below) {
            functions.extend(call.expr().and_then(|function| name(&function)));
        }
    }
    tables
        .into_iter()
        .filter(|table: &Name| table.schema.is_some() || !with.contains(&table.name))
        .map(|table| Change::Reads { table })
        .chain(functions.into_iter().map(|function| Change::Calls { function }))
        .collect()
}

/// The parts of an UPDATE or DELETE of one table by itself.
fn plain_text(statement: &ast::Stmt) -> Option<Plain> {
    let (alias, set, where_) = match statement {
        ast::Stmt::Update(update) => {
            let alone = update.with_clause().is_none() && update.for_portion_of().is_none() && update.from_clause().is_none();
            (alone.then(|| update.alias())?, assignments(update)?, update.where_clause_or_current_of())
        }
        ast::Stmt::Delete(delete) => {
            let alone = delete.with_clause().is_none() && delete.for_portion_of().is_none() && delete.using_clause().is_none();
            (alone.then(|| delete.alias())?, Vec::new(), delete.where_clause_or_current_of())
        }
        _ => return None,
    };
    let where_ = match where_ {
        None => None,
        Some(ast::WhereClauseOrCurrentOf::WhereClause(clause)) => Some(text(&clause.expr()?)),
        Some(ast::WhereClauseOrCurrentOf::WhereCurrentOf(_)) => return None,
    };
    Some(Plain {
        alias: alias.and_then(|alias| plain(&alias.name()?)),
        set,
        where_,
    })
}

/// The columns an UPDATE sets and their values as written; `None` where they are not simple.
fn assignments(update: &ast::Update) -> Option<Vec<(String, String)>> {
    update
        .set_clause()?
        .set_column_list()?
        .set_columns()
        .map(|column| {
            let ast::SetColumn::SetSingleColumn(single) = column else { return None };
            let target = single.column_target()?;
            // `a[1] = …` and `a.b = …` change a part of a value.
            if target.accessors().next().is_some() {
                return None;
            }
            Some((plain(&target.name()?)?, text(&single.set_expr()?.expr()?)))
        })
        .collect()
}

/// The columns an UPDATE sets; none where they are not simple, which stands for every column.
fn set_columns(update: &ast::Update) -> Vec<String> {
    assignments(update).into_iter().flatten().map(|(column, _)| column).collect()
}
