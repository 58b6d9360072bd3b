//! Primary keys, foreign keys, unique constraints and checks, in this order and by name.

use limbeck_expr::{Expr, Ident, TableName};
use limbeck_schema::{CheckConstraint, Constraint, ConstraintName, ForeignKey, KeyConstraint, OptionValue, Options};

use super::rows::Row;
use super::{Reading, option};

pub(super) fn question(oids: &str, version: u32) -> String {
    let key_columns = if version >= 11 { "i.indnkeyatts" } else { "i.indnatts" };
    let nulls = if version >= 15 { "i.indnullsnotdistinct" } else { "false" };
    // PostgreSQL 15 can set only some columns of a key to NULL.
    let set_columns = if version >= 15 { "k.confdelsetcols" } else { "NULL" };
    format!(
        "SELECT k.conrelid, k.contype::text, k.conname, k.conkey, k.condeferrable, k.condeferred,
                CASE WHEN k.contype = 'c' THEN pg_catalog.pg_get_constraintdef(k.oid, true) END,
                r.relname, rn.nspname, CASE WHEN k.contype = 'f' THEN pg_catalog.pg_table_is_visible(k.confrelid) END, k.confkey,
                k.confupdtype::text, k.confdeltype::text, k.confmatchtype::text, {set_columns},
                CASE WHEN i.indnatts > {key_columns} THEN i.indkey END, {key_columns},
                CASE WHEN k.contype = 'u' THEN {nulls} END, k.confrelid
         FROM pg_catalog.pg_constraint k
         LEFT JOIN pg_catalog.pg_class r ON r.oid = k.confrelid LEFT JOIN pg_catalog.pg_namespace rn ON rn.oid = r.relnamespace
         LEFT JOIN pg_catalog.pg_index i ON k.contype IN ('p', 'u') AND i.indexrelid = k.conindid
         WHERE k.contype IN ('p', 'f', 'u', 'c') AND k.conrelid IN ({oids})"
    )
}

/// Asks for the columns that foreign keys refer to in tables that are not read themselves.
pub(super) fn elsewhere_question(oids: &str) -> String {
    format!(
        "SELECT DISTINCT a.attrelid, a.attnum, a.attname
         FROM pg_catalog.pg_constraint k JOIN pg_catalog.pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = ANY (k.confkey)
         WHERE k.contype = 'f' AND k.conrelid IN ({oids}) AND k.confrelid NOT IN ({oids})"
    )
}

pub(super) fn elsewhere(reading: &mut Reading<'_>, row: &Row<'_>) {
    let name = row.text(2).unwrap_or_default();
    reading.elsewhere.insert((row.number(0), row.number(1)), name.into());
}

/// Adds a constraint to its table.
pub(super) fn add(reading: &mut Reading<'_>, row: &Row<'_>) {
    let Some(at) = reading.place(row.number(0)) else { return };
    let constraint = read(reading, row);
    let table = &mut reading.tables[at].table;
    if let Constraint::PrimaryKey(key) = &constraint {
        for column in &mut table.columns {
            column.primary_key = key.columns.contains(&column.name);
        }
    }
    table.constraints.push(constraint);
}

fn read(reading: &Reading<'_>, row: &Row<'_>) -> Constraint {
    let named = |at: usize| reading.columns(row.number(0), &row.numbers(at));
    let name = ConstraintName::Final(row.text(2).unwrap_or_default().into());
    let columns = || named(3);
    let deferrable = row.flag(4).then_some(true);
    let initially = row.flag(5).then(|| "DEFERRED".to_owned());
    match row.as_str(1).as_deref() {
        Some(kind @ ("p" | "u")) => {
            let mut options = Options::new();
            let behind_the_key = usize::try_from(row.number(16)).unwrap_or_default();
            let included: Vec<i64> = row.numbers(15).into_iter().skip(behind_the_key).collect();
            let included = reading.columns(row.number(0), &included);
            let included: Vec<OptionValue> = included.into_iter().map(|name| OptionValue::Text(name.text)).collect();
            option(
                &mut options,
                "postgresql_include",
                (!included.is_empty()).then_some(OptionValue::List(included)),
            );
            option(&mut options, "postgresql_nulls_not_distinct", row.flag(17).then_some(OptionValue::Bool(true)));
            let key = KeyConstraint {
                name,
                columns: columns(),
                deferrable,
                initially,
                options,
            };
            if kind == "p" { Constraint::PrimaryKey(key) } else { Constraint::Unique(key) }
        }
        Some("f") => Constraint::ForeignKey(ForeignKey {
            name,
            columns: columns(),
            referred_table: referred(row, reading.schema),
            referred_columns: reading.columns(row.number(18), &row.numbers(10)),
            onupdate: action(row.as_str(11).as_deref(), &[]),
            ondelete: action(row.as_str(12).as_deref(), &named(14)),
            deferrable,
            initially,
            match_: (row.as_str(13).as_deref() == Some("f")).then(|| "FULL".to_owned()),
            use_alter: false,
            options: Options::new(),
        }),
        _ => {
            let definition = row.text(6).unwrap_or_default();
            let (condition, flags) = check(&definition);
            let mut options = Options::new();
            for flag in flags {
                options.insert(format!("postgresql_{flag}"), OptionValue::Bool(true));
            }
            Constraint::Check(CheckConstraint {
                name,
                condition: Expr::LiteralColumn(condition.to_owned()),
                deferrable: None,
                initially: None,
                options,
            })
        }
    }
}

/// The referred table: with its schema where it cannot be seen without, or where the table's own was named.
fn referred(row: &Row<'_>, schema: Option<&str>) -> TableName {
    let (name, its_schema, visible) = (row.text(7).unwrap_or_default(), row.text(8), row.flag(9));
    let named = if visible {
        its_schema.filter(|its_schema| Some(its_schema.as_str()) == schema)
    } else {
        its_schema
    };
    TableName::in_schema(named, name)
}

fn action(code: Option<&str>, columns: &[Ident]) -> Option<String> {
    let action = match code? {
        "r" => "RESTRICT",
        "c" => "CASCADE",
        "n" => "SET NULL",
        "d" => "SET DEFAULT",
        _ => return None,
    };
    Some(if columns.is_empty() {
        action.to_owned()
    } else {
        let columns: Vec<&str> = columns.iter().map(Ident::as_str).collect();
        format!("{action} ({})", columns.join(", "))
    })
}

/// The condition of `CHECK (…) NO INHERIT NOT VALID` and the flags behind it.
fn check(definition: &str) -> (&str, Vec<&'static str>) {
    let mut rest = definition.trim_end();
    let mut flags = Vec::new();
    for (suffix, flag) in [(" NOT VALID", "not_valid"), (" NOT ENFORCED", "not_enforced"), (" NO INHERIT", "no_inherit")] {
        if let Some(shorter) = rest.strip_suffix(suffix) {
            rest = shorter;
            flags.push(flag);
        }
    }
    let inner = rest
        .strip_prefix("CHECK")
        .map(str::trim_start)
        .and_then(|rest| rest.strip_prefix('('))
        .and_then(|rest| rest.strip_suffix(')'));
    (inner.map_or("", without_outer_parentheses), flags)
}

/// Takes one pair of parentheses away if it holds everything.
fn without_outer_parentheses(text: &str) -> &str {
    let trimmed = text.trim();
    let Some(inner) = trimmed.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) else {
        return text;
    };
    let (mut depth, mut quote) = (0i32, None);
    for c in inner.chars() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (None, '\'' | '"') => quote = Some(c),
            (None, '(') => depth += 1,
            (None, ')') => depth -= 1,
            _ => {}
        }
        if depth < 0 {
            return text;
        }
    }
    inner
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_are_sqlalchemys() {
        for (definition, condition, flags) in [
            ("CHECK (a > 1 AND a < 5)", "a > 1 AND a < 5", vec![]),
            ("CHECK ((a > 1) OR (a < 5))", "(a > 1) OR (a < 5)", vec![]),
            ("CHECK ((a IS NOT NULL))", "a IS NOT NULL", vec![]),
            ("CHECK ((a = '('::text))", "a = '('::text", vec![]),
            ("CHECK (f(a)) NO INHERIT NOT VALID", "f(a)", vec!["not_valid", "no_inherit"]),
        ] {
            assert_eq!(check(definition), (condition, flags), "{definition}");
        }
    }
}
