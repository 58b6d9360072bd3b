//! Constraints of PostgreSQL's statements, of tables and of columns.

use squawk_syntax::ast::{self, AstNode};

use super::node::{has_word, name, plain, text};
use super::{Change, NewColumn, NewConstraint, NewConstraintKind, UniqueKey};
use crate::Name;

/// A table's constraint.
pub(super) fn of_table(constraint: &ast::Constraint) -> Option<NewConstraint> {
    let kind = match constraint {
        ast::Constraint::CheckConstraint(check) => NewConstraintKind::Check(text(&check.expr()?)),
        ast::Constraint::ExcludeConstraint(_) => NewConstraintKind::Exclude,
        ast::Constraint::ForeignKeyConstraint(key) => NewConstraintKind::ForeignKey {
            columns: key.from_columns().map(|list| columns_of(list.syntax())).unwrap_or_default(),
            referred: name(&key.table_name_ref()?)?,
            referred_columns: key.to_columns().map(|list| columns_of(list.syntax())).unwrap_or_default(),
            match_full: matches!(key.match_type(), Some(ast::MatchType::MatchFull(_))),
        },
        ast::Constraint::PrimaryKeyConstraint(key) if key.using_index().is_some() => NewConstraintKind::UsingIndex,
        ast::Constraint::UniqueConstraint(key) if key.using_index().is_some() => NewConstraintKind::UsingIndex,
        ast::Constraint::PrimaryKeyConstraint(key) => NewConstraintKind::PrimaryKey(unique(key.index_parameters())),
        ast::Constraint::UniqueConstraint(key) => NewConstraintKind::Unique(unique(key.index_parameters())),
        ast::Constraint::NotNullConstraint(not_null) => NewConstraintKind::NotNull(plain(&not_null.column_name_ref()?)?),
        ast::Constraint::DefaultConstraint(_)
        | ast::Constraint::GeneratedConstraint(_)
        | ast::Constraint::NullConstraint(_)
        | ast::Constraint::ReferencesConstraint(_) => return None,
    };
    Some(NewConstraint {
        name: constraint.constraint_name().and_then(|name| plain(&name)),
        kind,
        not_valid: constraint.is_not_valid(),
    })
}

fn unique(parameters: Option<ast::IndexParameters>) -> UniqueKey {
    UniqueKey {
        elements: parameters
            .as_ref()
            .and_then(ast::IndexParameters::column_list)
            .map(|list| columns_as_written(list.syntax()))
            .unwrap_or_default(),
        nulls_not_distinct: matches!(
            parameters.and_then(|parameters| parameters.nulls_distinct_option()),
            Some(ast::NullsDistinctOption::NullsNotDistinct(_))
        ),
        where_: None,
    }
}

/// The names of a list of columns.
pub(super) fn columns_of(list: &squawk_syntax::SyntaxNode) -> Vec<String> {
    columns_as_written(list).iter().map(|column| crate::name::identifier(column)).collect()
}

fn columns_as_written(list: &squawk_syntax::SyntaxNode) -> Vec<String> {
    list.descendants().filter_map(ast::ColumnNameRef::cast).map(|column| text(&column)).collect()
}

/// A column with its constraints; those that ask something of rows come as constraints of the table.
pub(super) fn column(name_: String, type_: String, constraints: impl Iterator<Item = ast::Constraint>) -> (NewColumn, Vec<NewConstraint>) {
    let serial = ["serial", "bigserial", "smallserial", "serial4", "serial8", "serial2"];
    let mut column = NewColumn {
        not_null: false,
        filled: serial.contains(&type_.to_ascii_lowercase().as_str()),
        type_,
        name: name_,
        default: None,
    };
    let mut others = Vec::new();
    for constraint in constraints {
        let kind = match &constraint {
            ast::Constraint::NotNullConstraint(_) => {
                column.not_null = true;
                continue;
            }
            ast::Constraint::DefaultConstraint(default) => {
                column.default = default.expr().map(|expr| text(&expr));
                column.filled |= column.default.as_ref().is_some_and(|default| !default.to_ascii_lowercase().starts_with("null"));
                continue;
            }
            ast::Constraint::GeneratedConstraint(_) => {
                column.filled = true;
                continue;
            }
            ast::Constraint::PrimaryKeyConstraint(_) => {
                column.not_null = true;
                NewConstraintKind::PrimaryKey(own(&column))
            }
            ast::Constraint::UniqueConstraint(key) => NewConstraintKind::Unique(UniqueKey {
                nulls_not_distinct: unique(key.index_parameters()).nulls_not_distinct,
                ..own(&column)
            }),
            ast::Constraint::ReferencesConstraint(key) => {
                let Some(referred) = key.table().and_then(|table| name(&table)) else {
                    continue;
                };
                NewConstraintKind::ForeignKey {
                    columns: vec![column.name.clone()],
                    referred,
                    referred_columns: key.column().and_then(|column| plain(&column)).into_iter().collect(),
                    match_full: false,
                }
            }
            ast::Constraint::CheckConstraint(check) => {
                let Some(expr) = check.expr() else { continue };
                NewConstraintKind::Check(text(&expr))
            }
            ast::Constraint::ExcludeConstraint(_) | ast::Constraint::ForeignKeyConstraint(_) | ast::Constraint::NullConstraint(_) => continue,
        };
        others.push(NewConstraint {
            name: constraint.constraint_name().and_then(|name| plain(&name)),
            kind,
            not_valid: constraint.is_not_valid(),
        });
    }
    (column, others)
}

fn own(column: &NewColumn) -> UniqueKey {
    UniqueKey {
        elements: vec![quoted(&column.name)],
        ..UniqueKey::default()
    }
}

/// Quotes a name.
pub(super) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// The changes of a column that is added to a table.
pub(super) fn added(table: &Name, add: &ast::AddColumn) -> Option<Vec<Change>> {
    let (column, constraints) = column(plain(&add.column_name()?)?, text(&add.ty()?), add.constraints());
    let mut changes = vec![Change::AddColumn {
        table: table.clone(),
        column,
        if_not_exists: add.if_not_exists().is_some(),
    }];
    changes.extend(constraints.into_iter().map(|constraint| Change::AddConstraint {
        table: table.clone(),
        constraint,
    }));
    Some(changes)
}

/// The columns and constraints of `CREATE TABLE`.
pub(super) fn table_body(list: &ast::TableArgList) -> (Vec<NewColumn>, Vec<NewConstraint>) {
    let (mut columns, mut constraints) = (Vec::new(), Vec::new());
    for arg in list.args() {
        match arg {
            ast::TableArg::Column(node) => {
                let Some(name) = node.name().and_then(|name| plain(&name)) else { continue };
                let type_ = node.ty().map(|ty| text(&ty)).unwrap_or_default();
                let of_column = node.clauses().filter_map(|clause| ast::Constraint::cast(clause.syntax().clone()));
                let (column, others) = column(name, type_, of_column);
                columns.push(column);
                constraints.extend(others);
            }
            ast::TableArg::TableConstraint(constraint) => {
                constraints.extend(ast::Constraint::cast(constraint.syntax().clone()).as_ref().and_then(of_table));
            }
            ast::TableArg::LikeClause(_) => {}
        }
    }
    (columns, constraints)
}

/// Whether a statement ends with CASCADE.
pub(super) fn cascades(behaviour: Option<ast::DropBehavior>) -> bool {
    matches!(behaviour, Some(ast::DropBehavior::Cascade(_)))
}

/// Whether a table lives only as long as the session.
pub(super) fn temporary(persistence: Option<ast::Persistence>) -> bool {
    persistence.is_some_and(|persistence| has_word(persistence.syntax(), "temp") || has_word(persistence.syntax(), "temporary"))
}
