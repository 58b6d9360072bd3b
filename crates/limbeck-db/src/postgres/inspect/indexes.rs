//! Indexes that no constraint made.

use indexmap::IndexMap;
use limbeck_expr::{Expr, TableName};
use limbeck_schema::{ConstraintName, Index, OptionValue, Options};

use super::rows::Row;
use super::{option, storage};

pub(super) fn question(oids: &str, version: u32) -> String {
    let key_columns = if version >= 11 { "i.indnkeyatts::int" } else { "i.indnatts::int" };
    let nulls = if version >= 15 { "i.indnullsnotdistinct" } else { "false" };
    let each = |value: &str| format!("ARRAY(SELECT {value} FROM generate_subscripts(i.indkey, 1) s ORDER BY s)");
    format!(
        "SELECT i.indrelid, c.relname, i.indisunique, i.indisvalid, {key_columns}, c.reloptions, NULLIF(am.amname, 'btree'),
                pg_catalog.pg_get_expr(i.indpred, i.indrelid), {nulls}, {elements}, {expressions}, {options}, {classes}
         FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid JOIN pg_catalog.pg_am am ON am.oid = c.relam
         WHERE NOT i.indisprimary AND i.indrelid IN ({oids})
           AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_constraint k WHERE k.conrelid = i.indrelid AND k.conindid = i.indexrelid AND k.contype IN ('p', 'u', 'x'))
         ORDER BY i.indrelid, c.relname",
        elements = each(
            "CASE WHEN i.indkey[s] = 0 THEN pg_catalog.pg_get_indexdef(i.indexrelid, s + 1, true)
                  ELSE (SELECT a.attname::text FROM pg_catalog.pg_attribute a WHERE a.attrelid = i.indrelid AND a.attnum = i.indkey[s]) END"
        ),
        expressions = each("CASE WHEN i.indkey[s] = 0 THEN 1 ELSE 0 END"),
        options = each("COALESCE(i.indoption[s]::int, 0)"),
        classes = each("(SELECT o.opcname::text FROM pg_catalog.pg_opclass o WHERE o.oid = i.indclass[s] AND NOT o.opcdefault)"),
    )
}

pub(super) fn read(row: &Row, table: &TableName) -> Index {
    let keys = usize::try_from(row.number(4)).unwrap_or_default();
    let names = row.texts(9);
    let (expressions, flags, classes) = (row.numbers(10), row.numbers(11), row.optional_texts(12));
    let element = |(at, name): (usize, &String)| {
        let plain = if expressions.get(at) == Some(&1) {
            Expr::LiteralColumn(name.clone())
        } else {
            Expr::Column {
                table: None,
                name: name.as_str().into(),
            }
        };
        sorted(plain, flags.get(at).copied().unwrap_or_default())
    };
    let mut options = Options::new();
    let named = names
        .iter()
        .zip(classes)
        .take(keys)
        .filter_map(|(name, class)| Some((name.clone(), OptionValue::Text(class?))));
    let classes: IndexMap<String, OptionValue> = named.collect();
    option(&mut options, "postgresql_ops", (!classes.is_empty()).then_some(OptionValue::Map(classes)));
    option(&mut options, "postgresql_with", storage(&row.texts(5)));
    option(&mut options, "postgresql_using", row.text(6).map(OptionValue::Text));
    option(
        &mut options,
        "postgresql_where",
        row.text(7).map(|condition| OptionValue::Expr(Expr::LiteralColumn(condition))),
    );
    let included: Vec<OptionValue> = names.iter().skip(keys).cloned().map(OptionValue::Text).collect();
    option(
        &mut options,
        "postgresql_include",
        (!included.is_empty()).then_some(OptionValue::List(included)),
    );
    option(&mut options, "postgresql_nulls_not_distinct", row.flag(8).then_some(OptionValue::Bool(true)));
    option(&mut options, "postgresql_invalid", (!row.flag(3)).then_some(OptionValue::Bool(true)));
    Index {
        name: ConstraintName::Final(row.text(1).unwrap_or_default().into()),
        table: table.clone(),
        elements: names.iter().take(keys).enumerate().map(element).collect(),
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
