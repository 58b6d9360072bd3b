//! Primary keys, foreign keys, unique constraints and checks, in this order and by name.

use limbeck_expr::{Expr, TableName};
use limbeck_schema::{CheckConstraint, Constraint, ConstraintName, ForeignKey, KeyConstraint, OptionValue, Options, Table};

use super::option;
use super::rows::Row;

pub(super) fn question(oids: &str, version: u32) -> String {
    let key_columns = if version >= 11 { "i.indnkeyatts::int" } else { "i.indnatts::int" };
    let nulls = if version >= 15 { "i.indnullsnotdistinct" } else { "false" };
    // PostgreSQL 15 can set only some columns of a key to NULL.
    let set_columns = if version >= 15 {
        "ARRAY(SELECT a.attname::text FROM unnest(k.confdelsetcols) x JOIN pg_catalog.pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = x)"
    } else {
        "NULL::text[]"
    };
    let names = |relation: &str, numbers: &str| {
        format!(
            "ARRAY(SELECT a.attname::text FROM unnest({numbers}) WITH ORDINALITY u (n, o)
                   JOIN pg_catalog.pg_attribute a ON a.attrelid = {relation} AND a.attnum = u.n ORDER BY u.o)"
        )
    };
    let included = format!(
        "CASE WHEN i.indnatts > {key_columns} THEN ARRAY(SELECT a.attname::text FROM unnest(i.indkey) WITH ORDINALITY u (n, o)
              JOIN pg_catalog.pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.n WHERE u.o > {key_columns} ORDER BY u.o) END"
    );
    format!(
        "SELECT k.conrelid, k.contype::text, k.conname, {own}, k.condeferrable, k.condeferred,
                CASE WHEN k.contype = 'c' THEN pg_catalog.pg_get_constraintdef(k.oid, true) END,
                r.relname, rn.nspname, pg_catalog.pg_table_is_visible(k.confrelid), {referred},
                k.confupdtype::text, k.confdeltype::text, k.confmatchtype::text, {set_columns},
                {included}, CASE WHEN k.contype = 'u' THEN {nulls} END
         FROM pg_catalog.pg_constraint k
         LEFT JOIN pg_catalog.pg_class r ON r.oid = k.confrelid LEFT JOIN pg_catalog.pg_namespace rn ON rn.oid = r.relnamespace
         LEFT JOIN pg_catalog.pg_index i ON i.indexrelid = k.conindid AND k.contype IN ('p', 'u')
         WHERE k.contype IN ('p', 'f', 'u', 'c') AND k.conrelid IN ({oids})
         ORDER BY k.conrelid, strpos('pfuc', k.contype::text), k.conname",
        own = names("k.conrelid", "k.conkey"),
        referred = names("k.confrelid", "k.confkey"),
    )
}

/// Adds a constraint to its table.
pub(super) fn read(row: &Row, table: &mut Table, schema: Option<&str>) {
    let name = ConstraintName::Final(row.text(2).unwrap_or_default().into());
    let columns = || row.texts(3).into_iter().map(Into::into).collect();
    let deferrable = row.flag(4).then_some(true);
    let initially = row.flag(5).then(|| "DEFERRED".to_owned());
    let constraint = match row.text(1).as_deref() {
        Some(kind @ ("p" | "u")) => {
            let mut options = Options::new();
            let included: Vec<OptionValue> = row.texts(15).into_iter().map(OptionValue::Text).collect();
            option(
                &mut options,
                "postgresql_include",
                (!included.is_empty()).then_some(OptionValue::List(included)),
            );
            option(&mut options, "postgresql_nulls_not_distinct", row.flag(16).then_some(OptionValue::Bool(true)));
            let key = KeyConstraint {
                name,
                columns: columns(),
                deferrable,
                initially,
                options,
            };
            if kind == "p" {
                for column in &mut table.columns {
                    column.primary_key = key.columns.contains(&column.name);
                }
                Constraint::PrimaryKey(key)
            } else {
                Constraint::Unique(key)
            }
        }
        Some("f") => Constraint::ForeignKey(ForeignKey {
            name,
            columns: columns(),
            referred_table: referred(row, schema),
            referred_columns: row.texts(10).into_iter().map(Into::into).collect(),
            onupdate: action(row.text(11).as_deref(), &[]),
            ondelete: action(row.text(12).as_deref(), &row.texts(14)),
            deferrable,
            initially,
            match_: (row.text(13).as_deref() == Some("f")).then(|| "FULL".to_owned()),
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
    };
    table.constraints.push(constraint);
}

/// The referred table: with its schema where it cannot be seen without, or where the table's own was named.
fn referred(row: &Row, schema: Option<&str>) -> TableName {
    let (name, its_schema, visible) = (row.text(7).unwrap_or_default(), row.text(8), row.flag(9));
    let named = if visible {
        its_schema.filter(|its_schema| Some(its_schema.as_str()) == schema)
    } else {
        its_schema
    };
    TableName::in_schema(named, name)
}

fn action(code: Option<&str>, columns: &[String]) -> Option<String> {
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
