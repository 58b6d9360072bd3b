//! SELECT, INSERT, UPDATE and DELETE, with the line breaks SQLAlchemy puts into them.

use crate::error::{Result, invalid_request, not_implemented};
use crate::render::Render;
use crate::{DialectName, text};
use limbeck_expr::{
    Assignment, ConflictAction, ConflictTarget, CteDef, Delete, Expr, FromItem, Insert, InsertSource, JoinKind, OnConflict, Query, Select, SetOperation, Update,
};

/// Renders a statement.
///
/// # Errors
/// The dialect has no words for it, or a value cannot be written.
pub(crate) fn render(render: &Render, query: &Query) -> Result<String> {
    match query {
        Query::Text(query) => text::render(render, &query.sql, &query.binds),
        Query::Raw { sql, .. } => Ok(sql.clone()),
        Query::Select(query) => select(render, query),
        Query::Insert(query) => insert(render, query),
        Query::Update(query) => update(render, query),
        Query::Delete(query) => delete(render, query),
    }
}

/// Renders a SELECT.
///
/// # Errors
/// As [`render`].
pub(crate) fn select(render: &Render, query: &Select) -> Result<String> {
    let mut out = ctes(render, &query.ctes)?;
    out += "SELECT ";
    if !query.distinct_on.is_empty() && render.dialect() == DialectName::Postgresql {
        out += &format!("DISTINCT ON ({}) ", render.exprs(&query.distinct_on)?);
    } else if query.distinct || !query.distinct_on.is_empty() {
        out += "DISTINCT ";
    }
    out += &render.exprs(&query.columns)?;
    if !query.from.is_empty() {
        out += &format!(" \nFROM {}", from_list(render, &query.from)?);
    }
    if !query.where_.is_empty() {
        out += &format!(" \nWHERE {}", conjunction(render, &query.where_)?);
    }
    if !query.group_by.is_empty() {
        out += &format!(" GROUP BY {}", render.exprs(&query.group_by)?);
    }
    if !query.having.is_empty() {
        out += &format!(" \nHAVING {}", conjunction(render, &query.having)?);
    }
    for SetOperation { keyword, select: right } in &query.set_operations {
        let right = match right.order_by.is_empty() && right.limit.is_none() && right.offset.is_none() {
            true => select(render, right)?,
            false => format!("({})", select(render, right)?),
        };
        out += &format!(" {keyword} {right}");
    }
    if !query.order_by.is_empty() {
        out += &format!(" ORDER BY {}", render.exprs(&query.order_by)?);
    }
    out += &limit(render, query)?;
    if let Some(for_update) = &query.for_update
        && render.dialect() != DialectName::Sqlite
    {
        out += &format!(" {}", for_update.trim_start());
    }
    Ok(out)
}

fn limit(render: &Render, query: &Select) -> Result<String> {
    let count = query.limit.as_deref().map(|expr| render.expr(expr)).transpose()?;
    let offset = query.offset.as_deref().map(|expr| render.expr(expr)).transpose()?;
    Ok(match (render.dialect(), count, offset) {
        (_, None, None) => String::new(),
        (DialectName::Postgresql, Some(count), None) => format!(" \n LIMIT {count}"),
        (DialectName::Postgresql, Some(count), Some(offset)) => format!(" \n LIMIT {count} OFFSET {offset}"),
        (DialectName::Postgresql, None, Some(offset)) => format!("\n LIMIT ALL OFFSET {offset}"),
        (DialectName::Sqlite, count, offset) => {
            format!(
                "\n LIMIT {} OFFSET {}",
                count.unwrap_or_else(|| "-1".to_string()),
                offset.unwrap_or_else(|| "0".to_string())
            )
        }
        (DialectName::Mysql, Some(count), None) => format!(" \n LIMIT {count}"),
        (DialectName::Mysql, Some(count), Some(offset)) => format!(" \n LIMIT {offset}, {count}"),
        (DialectName::Mysql, None, Some(offset)) => format!(" \n LIMIT {offset}, 18446744073709551615"),
    })
}

fn ctes(render: &Render, ctes: &[CteDef]) -> Result<String> {
    if ctes.is_empty() {
        return Ok(String::new());
    }
    let recursive = if ctes.iter().any(|cte| cte.recursive) { "RECURSIVE " } else { "" };
    let parts = ctes
        .iter()
        .map(|cte| {
            let columns = if cte.columns.is_empty() {
                String::new()
            } else {
                format!("({})", render.quoter.list(&cte.columns))
            };
            Ok(format!("{}{columns} AS \n({})", render.ident(&cte.name), self::render(render, &cte.query)?))
        })
        .collect::<Result<Vec<_>>>()?;
    Ok(format!("WITH {recursive}{}\n ", parts.join(", \n")))
}

fn conjunction(render: &Render, clauses: &[Expr]) -> Result<String> {
    let parts = clauses.iter().map(|clause| render.expr(clause)).collect::<Result<Vec<_>>>()?;
    Ok(parts.join(" AND "))
}

fn from_list(render: &Render, items: &[FromItem]) -> Result<String> {
    Ok(items.iter().map(|item| from_item(render, item)).collect::<Result<Vec<_>>>()?.join(", "))
}

fn from_item(render: &Render, item: &FromItem) -> Result<String> {
    Ok(match item {
        FromItem::Table(name) => render.table(name),
        FromItem::Alias { item, name } => format!("{} AS {}", from_item(render, item)?, render.ident(name)),
        FromItem::Subquery { query, name } => format!("({}) AS {}", select(render, query)?, render.ident(name)),
        FromItem::Join(join) => {
            let right = match &join.right {
                nested @ FromItem::Join(_) => format!("({})", from_item(render, nested)?),
                plain => from_item(render, plain)?,
            };
            let words = match join.kind {
                JoinKind::Inner if render.dialect() == DialectName::Mysql => "INNER JOIN",
                JoinKind::Inner => "JOIN",
                JoinKind::Left => "LEFT OUTER JOIN",
                JoinKind::Full => "FULL OUTER JOIN",
            };
            format!("{} {words} {right} ON {}", from_item(render, &join.left)?, render.expr(&join.on)?)
        }
        FromItem::Cte(name) => render.ident(name),
        FromItem::Text(sql) => render.verbatim(sql),
        FromItem::Func { func, name, columns } => {
            let mut out = render.expr(func)?;
            if let Some(name) = name {
                out += &format!(" AS {}", render.ident(name));
                if !columns.is_empty() {
                    out += &format!("({})", render.quoter.list(columns));
                }
            }
            out
        }
    })
}

fn insert(render: &Render, query: &Insert) -> Result<String> {
    let mut out = ctes(render, &query.ctes)?;
    out += "INSERT ";
    for prefix in &query.prefixes {
        out += &format!("{prefix} ");
    }
    out += &format!("INTO {}", render.table(&query.table));
    let columns = if query.columns.is_empty() {
        String::new()
    } else {
        format!(" ({})", render.quoter.list(&query.columns))
    };
    out += &match &query.source {
        InsertSource::Rows(rows) if rows.is_empty() || rows.iter().all(Vec::is_empty) => defaults(render),
        InsertSource::Defaults => defaults(render),
        InsertSource::Rows(rows) => {
            let rows = rows.iter().map(|row| Ok(format!("({})", values(render, row)?))).collect::<Result<Vec<_>>>()?;
            format!("{columns} VALUES {}", rows.join(", "))
        }
        InsertSource::Select(query) => format!("{columns} {}", self::render(render, query)?),
    };
    if let Some(conflict) = &query.on_conflict {
        out += &format!(" {}", on_conflict(render, conflict)?);
    }
    Ok(out + &returning(render, &query.returning)?)
}

/// The values of a row; an operation among them stands in parentheses.
fn values(render: &Render, row: &[Expr]) -> Result<String> {
    Ok(row.iter().map(|value| render.grouped(value)).collect::<Result<Vec<_>>>()?.join(", "))
}

fn defaults(render: &Render) -> String {
    match render.dialect() {
        DialectName::Mysql => " () VALUES ()".to_string(),
        DialectName::Postgresql | DialectName::Sqlite => " DEFAULT VALUES".to_string(),
    }
}

fn on_conflict(render: &Render, conflict: &OnConflict) -> Result<String> {
    if render.dialect() == DialectName::Mysql {
        return on_duplicate(render, conflict);
    }
    let target = match &conflict.target {
        Some(target) => conflict_target(render, target)?,
        None => String::new(),
    };
    Ok(match &conflict.action {
        ConflictAction::Nothing if target.is_empty() => "ON CONFLICT DO NOTHING".to_string(),
        ConflictAction::Nothing => format!("ON CONFLICT {target} DO NOTHING"),
        ConflictAction::Update { set, where_ } => {
            let set = set
                .iter()
                .map(|item| Ok(format!("{} = {}", render.ident(&item.column), render.grouped(&item.value)?)))
                .collect::<Result<Vec<_>>>()?;
            let mut out = format!("ON CONFLICT {target} DO UPDATE SET {}", set.join(", "));
            if let Some(where_) = where_ {
                out += &format!(" WHERE {}", render.expr(where_)?);
            }
            out
        }
    })
}

fn on_duplicate(render: &Render, conflict: &OnConflict) -> Result<String> {
    let ConflictAction::Update { set, .. } = &conflict.action else {
        return Err(invalid_request("MySQL has no ON CONFLICT DO NOTHING"));
    };
    let set = set
        .iter()
        .map(|item| Ok(format!("{} = {}", render.ident(&item.column), render.expr(&item.value)?)))
        .collect::<Result<Vec<_>>>()?;
    Ok(format!("ON DUPLICATE KEY UPDATE {}", set.join(", ")))
}

fn conflict_target(render: &Render, target: &ConflictTarget) -> Result<String> {
    if let Some(constraint) = &target.constraint {
        return Ok(format!("ON CONSTRAINT {}", render.ident(constraint)));
    }
    if target.elements.is_empty() {
        return Ok(String::new());
    }
    // Index elements are never qualified.
    let bare = target.elements.iter().map(|element| bare(render, element)).collect::<Result<Vec<_>>>()?;
    let mut out = format!("({})", bare.join(", "));
    if let Some(where_) = &target.where_ {
        out += &format!(" WHERE {}", self::bare(render, where_)?);
    }
    Ok(out)
}

fn bare(render: &Render, expr: &Expr) -> Result<String> {
    match expr {
        Expr::Column { name, .. } => Ok(render.ident(name)),
        Expr::Binary { op, left, right, escape } => {
            let inner = Expr::Binary {
                op: op.clone(),
                left: Box::new(unqualified(left)),
                right: Box::new(unqualified(right)),
                escape: escape.clone(),
            };
            render.expr(&inner)
        }
        other => render.expr(other),
    }
}

fn unqualified(expr: &Expr) -> Expr {
    match expr {
        Expr::Column { name, .. } => Expr::Column {
            table: None,
            name: name.clone(),
        },
        other => other.clone(),
    }
}

fn returning(render: &Render, columns: &[Expr]) -> Result<String> {
    if columns.is_empty() {
        return Ok(String::new());
    }
    if render.dialect() == DialectName::Sqlite {
        let columns = columns.iter().map(|column| render.expr(&unqualified(column))).collect::<Result<Vec<_>>>()?;
        return Ok(format!(" RETURNING {}", columns.join(", ")));
    }
    Ok(format!(" RETURNING {}", render.exprs(columns)?))
}

fn update(render: &Render, query: &Update) -> Result<String> {
    let mut out = ctes(render, &query.ctes)?;
    out += &format!("UPDATE {}", aliased(render, &render.table(&query.table), query.alias.as_ref()));
    let mysql = render.dialect() == DialectName::Mysql;
    if mysql && !query.from.is_empty() {
        out += &format!(", {}", from_list(render, &query.from)?);
    }
    let set = query.set.iter().map(|item| assignment(render, query, item)).collect::<Result<Vec<_>>>()?;
    out += &format!(" SET {}", set.join(", "));
    if !mysql && !query.from.is_empty() {
        out += &format!(" FROM {}", from_list(render, &query.from)?);
    }
    if !query.where_.is_empty() {
        out += &format!(" WHERE {}", conjunction(render, &query.where_)?);
    }
    Ok(out + &returning(render, &query.returning)?)
}

fn assignment(render: &Render, query: &Update, item: &Assignment) -> Result<String> {
    let mut column = render.ident(&item.column);
    if render.dialect() == DialectName::Mysql && !query.from.is_empty() {
        column = format!("{}.{column}", render.table(&query.table));
    }
    Ok(format!("{column}={}", render.grouped(&item.value)?))
}

fn delete(render: &Render, query: &Delete) -> Result<String> {
    let mut out = ctes(render, &query.ctes)?;
    let table = render.table(&query.table);
    if render.dialect() == DialectName::Mysql && !query.using.is_empty() {
        out += &format!("DELETE FROM {table} USING {table}, {}", from_list(render, &query.using)?);
    } else {
        out += &format!("DELETE FROM {}", aliased(render, &table, query.alias.as_ref()));
        if !query.using.is_empty() {
            if render.dialect() == DialectName::Sqlite {
                return Err(not_implemented("This backend does not support multiple-table criteria within DELETE"));
            }
            out += &format!(" USING {}", from_list(render, &query.using)?);
        }
    }
    if !query.where_.is_empty() {
        out += &format!(" WHERE {}", conjunction(render, &query.where_)?);
    }
    Ok(out + &returning(render, &query.returning)?)
}

fn aliased(render: &Render, table: &str, alias: Option<&limbeck_expr::Ident>) -> String {
    match alias {
        Some(alias) => format!("{table} AS {}", render.ident(alias)),
        None => table.to_string(),
    }
}
