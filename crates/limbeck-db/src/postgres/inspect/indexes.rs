//! Indexes that no constraint made.

use indexmap::IndexMap;
use limbeck_expr::{Expr, Ident};
use limbeck_schema::{ConstraintName, Index, OptionValue, Options};

use super::rows::Row;
use super::{Reading, option, storage};

pub(super) fn question(oids: &str, version: u32) -> String {
    let key_columns = if version >= 11 { "i.indnkeyatts" } else { "i.indnatts" };
    let nulls = if version >= 15 { "i.indnullsnotdistinct" } else { "false" };
    format!(
        "SELECT i.indrelid, c.relname, i.indisunique, i.indisvalid, {key_columns}, c.reloptions, NULLIF(am.amname, 'btree'),
                pg_catalog.pg_get_expr(i.indpred, i.indrelid), {nulls}, i.indkey, i.indexrelid, i.indoption, i.indclass
         FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid JOIN pg_catalog.pg_am am ON am.oid = c.relam
         WHERE NOT i.indisprimary AND i.indrelid IN ({oids})
           AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_constraint k WHERE k.conrelid = i.indrelid AND k.conindid = i.indexrelid AND k.contype IN ('p', 'u', 'x'))"
    )
}

/// Asks for the expressions among the elements of indexes, by the places they have, from 1.
pub(super) fn expressions_question(oids: &str) -> String {
    format!(
        "SELECT i.indexrelid, s + 1, pg_catalog.pg_get_indexdef(i.indexrelid, s + 1, true)
         FROM pg_catalog.pg_index i CROSS JOIN LATERAL pg_catalog.generate_subscripts(i.indkey, 1) s
         WHERE i.indexprs IS NOT NULL AND i.indkey[s] = 0 AND i.indrelid IN ({oids})"
    )
}

pub(super) fn expressions(reading: &mut Reading<'_>, row: &Row<'_>) {
    reading.expressions.insert((row.number(0), row.number(1)), row.text(2).unwrap_or_default());
}

pub(super) fn classes_question() -> String {
    "SELECT o.oid, o.opcname FROM pg_catalog.pg_opclass o WHERE NOT o.opcdefault".to_owned()
}

pub(super) fn classes(reading: &mut Reading<'_>, row: &Row<'_>) {
    reading.classes.insert(row.number(0), row.text(1).unwrap_or_default());
}

/// Adds an index to its table.
pub(super) fn add(reading: &mut Reading<'_>, row: &Row<'_>) {
    if let Some(at) = reading.place(row.number(0)) {
        let index = read(reading, row, at);
        reading.tables[at].table.indexes.push(index);
    }
}

fn read(reading: &Reading<'_>, row: &Row<'_>, at: usize) -> Index {
    let numbered = &reading.tables[at];
    let keys = usize::try_from(row.number(4)).unwrap_or_default();
    let (columns, flags, classes) = (row.numbers(9), row.numbers(11), row.numbers(12));
    let (key, included) = columns.split_at(keys.min(columns.len()));
    let mut options = Options::new();
    let mut named: IndexMap<String, OptionValue> = IndexMap::new();
    let element = |(at, number): (usize, &i64)| {
        let (plain, name) = if *number == 0 {
            let place = (row.number(10), at as i64 + 1);
            let text = reading.expressions.get(&place).cloned().unwrap_or_default();
            (Expr::LiteralColumn(text.clone()), text)
        } else {
            let name = reading.columns(numbered.oid, &[*number]).pop().unwrap_or_else(|| Ident::from(""));
            let text = name.text.clone();
            (Expr::Column { table: None, name }, text)
        };
        if let Some(class) = classes.get(at).and_then(|class| reading.classes.get(class)) {
            named.insert(name, OptionValue::Text(class.clone()));
        }
        sorted(plain, flags.get(at).copied().unwrap_or_default())
    };
    let elements = key.iter().enumerate().map(element).collect();
    option(&mut options, "postgresql_ops", (!named.is_empty()).then_some(OptionValue::Map(named)));
    option(&mut options, "postgresql_with", storage(&row.texts(5)));
    option(&mut options, "postgresql_using", row.text(6).map(OptionValue::Text));
    option(
        &mut options,
        "postgresql_where",
        row.text(7).map(|condition| OptionValue::Expr(Expr::LiteralColumn(condition))),
    );
    let included = reading.columns(numbered.oid, included);
    let included: Vec<OptionValue> = included.into_iter().map(|name| OptionValue::Text(name.text)).collect();
    option(
        &mut options,
        "postgresql_include",
        (!included.is_empty()).then_some(OptionValue::List(included)),
    );
    option(&mut options, "postgresql_nulls_not_distinct", row.flag(8).then_some(OptionValue::Bool(true)));
    option(&mut options, "postgresql_invalid", (!row.flag(3)).then_some(OptionValue::Bool(true)));
    Index {
        name: ConstraintName::Final(row.text(1).unwrap_or_default().into()),
        table: numbered.table.name.clone(),
        elements,
        unique: row.flag(2),
        options,
    }
}

/// Adds the order where it is not PostgreSQL's default; the bits are `INDOPTION_DESC` and `INDOPTION_NULLS_FIRST`.
fn sorted(expr: Expr, flags: i64) -> Expr {
    let postfix = |op: &str, expr: Expr| Expr::Postfix {
        op: op.to_owned(),
        expr: Box::new(expr),
    };
    match (flags & 1 != 0, flags & 2 != 0) {
        (false, false) => expr,
        (false, true) => postfix("NULLS FIRST", expr),
        (true, true) => postfix("DESC", expr),
        (true, false) => postfix("NULLS LAST", postfix("DESC", expr)),
    }
}
