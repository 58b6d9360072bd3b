//! Columns that change their type: can PostgreSQL cast at all, and can every value be converted.
//!
//! Values are tried on the server as `ALTER TABLE` would: first all in one query; only where that fails, one by one in a block that catches what each says. Both run
//! in a read-only transaction.

use limbeck_sql::Name;

use super::ask::{NotTold, constant, quoted};
use super::future::Fate;
use super::{Ahead, CONVERSIONS, Site, Violations, new_enum, python};
use crate::Finding;

/// How long values are tried one by one, in seconds; what was found until then is told.
const ONE_BY_ONE: u32 = 3;

/// A type change.
struct Conversion<'a> {
    table: &'a Name,
    column: &'a str,
    from: String,
    to: &'a str,
    /// What is converted: the column or the USING expression.
    value: String,
    /// Whether there is a USING expression.
    using: bool,
}

/// Looks at one.
pub(super) fn look(ahead: &mut Ahead<'_>, site: &Site<'_>, table: &Name, column: &str, type_: &str, using: Option<&str>) -> Result<(), NotTold> {
    let Some(found) = ahead.future.table(&mut ahead.ask, table)? else {
        return Ok(());
    };
    let Some(known) = found.column(column).cloned() else { return Ok(()) };
    let live = found.live.clone();
    ahead.looked(CONVERSIONS);
    if let (true, Some(labels)) = (known.known, new_enum::labels(ahead, type_)) {
        return new_enum::look(ahead, site, (table, column, &known.type_), (type_, &labels), using);
    }
    if !known.known || new_enum::is_pending(ahead, type_) {
        ahead.unknown(
            CONVERSIONS,
            format!("{}: {table}.{column} or its new type is made by an earlier pending revision", site.at()),
        );
        return Ok(());
    }
    let conversion = Conversion {
        table,
        column,
        from: known.type_.clone(),
        to: type_,
        value: using.map_or_else(|| format!("{}.{}", quoted(&table.name), quoted(column)), str::to_owned),
        using: using.is_some(),
    };
    let can_cast = can_cast(ahead, &conversion)?;
    if let (Some(live), Some(number)) = (&live, &known.number) {
        if can_cast {
            default(ahead, site, &conversion, &live.oid, number)?;
        }
        partners(ahead, site, &conversion, &live.oid, number)?;
    }
    let bad = values(ahead, site, &conversion)?;
    if can_cast {
        if let Some(bad) = bad {
            let finding = told(
                &conversion,
                site,
                &bad,
                format!(
                    "{} of {table}.{column} cannot be converted from {} to {type_}: {} fails",
                    values_word(&bad.count),
                    conversion.from,
                    site.revision
                ),
            );
            ahead.found(site, finding);
        }
        return Ok(());
    }
    let cast = format!("{}::{}", python::name(column), type_.to_ascii_lowercase());
    let mut finding = Finding::problem(
        CONVERSIONS,
        format!(
            "{table}.{column} cannot be cast automatically from {} to {type_}: {} fails",
            conversion.from, site.revision
        ),
    )
    .evidence(site.statement())
    .cause("PostgreSQL has no implicit cast between the two types");
    match bad {
        Some(bad) => {
            finding = finding
                .evidence(format!("and {} cannot be converted at all:", values_word(&bad.count)))
                .evidence_all(bad.shown.iter().map(|row| format!("{table}: {row}")));
            finding = finding.note(clean_up(table, column));
        }
        None if ahead.future.blurred(&[table]).is_none() => {
            finding = finding.evidence(format!("every value that is there can be converted by `{cast}`"));
        }
        None => {}
    }
    finding = finding.note(format!("say how: add postgresql_using={} to the op.alter_column", python::string(&cast)));
    ahead.found(site, finding);
    Ok(())
}

fn values_word(count: &str) -> String {
    if count == "1" { "1 value".into() } else { format!("{count} values") }
}

fn told(conversion: &Conversion<'_>, site: &Site<'_>, bad: &Violations, title: String) -> Finding {
    Finding::problem(CONVERSIONS, title)
        .evidence(site.statement())
        .evidence_all(bad.shown.iter().map(|row| format!("{}: {row}", conversion.table)))
        .note(clean_up(conversion.table, conversion.column))
}

/// What to write before a conversion.
pub(super) fn clean_up(table: &Name, column: &str) -> String {
    format!(
        "clean the values up in a revision before it, or at the beginning of this one: {}",
        python::execute(&format!("UPDATE {0} SET {1} = NULL WHERE {1} = …", python::table(table), python::name(column)))
    )
}

/// Whether there is an assignment cast, as `ALTER COLUMN … TYPE` asks of the column or the USING expression.
fn can_cast(ahead: &mut Ahead<'_>, conversion: &Conversion<'_>) -> Result<bool, NotTold> {
    let source = if conversion.using {
        let query = format!(
            "SELECT pg_typeof((SELECT ({}) FROM {} LIMIT 1))::oid::text",
            conversion.value,
            ahead.future.source(conversion.table)
        );
        let query = ahead.future.query(&[conversion.table], &query);
        match ahead.ask.value(&query) {
            Ok(found) => found,
            // The first value cannot be evaluated; that is for those who look at the values to say.
            Err(NotTold::Refused { sqlstate, .. }) if sqlstate.starts_with("22") => return Ok(true),
            Err(error) => return Err(error),
        }
    } else {
        ahead.ask.value(&format!("SELECT {}::regtype::oid::text", constant(&conversion.from)))?
    };
    let Some(source) = source else { return Ok(true) };
    ahead.ask.truth(&format!(
        "WITH asked AS (SELECT s.oid AS source, t.oid AS target FROM pg_type s, pg_type t WHERE s.oid = {source} AND t.oid = {}::regtype), \
         base AS (SELECT CASE s.typtype WHEN 'd' THEN s.typbasetype ELSE s.oid END AS source, CASE t.typtype WHEN 'd' THEN t.typbasetype ELSE t.oid END AS target \
         FROM asked, pg_type s, pg_type t WHERE s.oid = asked.source AND t.oid = asked.target), \
         element AS (SELECT CASE WHEN s.typcategory = 'A' AND t.typcategory = 'A' THEN s.typelem ELSE s.oid END AS source, \
         CASE WHEN s.typcategory = 'A' AND t.typcategory = 'A' THEN t.typelem ELSE t.oid END AS target, t.typcategory AS category, s.typname AS name \
         FROM base, pg_type s, pg_type t WHERE s.oid = base.source AND t.oid = base.target) \
         SELECT (source = target OR category = 'S' OR name = 'unknown' OR EXISTS (SELECT 1 FROM pg_cast WHERE castsource = element.source \
         AND casttarget = element.target AND castcontext IN ('a', 'i')))::text FROM element",
        constant(conversion.to)
    ))
}

/// The values that cannot be converted.
fn values(ahead: &mut Ahead<'_>, site: &Site<'_>, conversion: &Conversion<'_>) -> Result<Option<Violations>, NotTold> {
    let tables = [conversion.table];
    if ahead.future.is_new(conversion.table) {
        return Ok(None);
    }
    if let Some(blurred) = ahead.future.blurred(&tables) {
        ahead.unknown(CONVERSIONS, format!("{}: it cannot be known before, since {blurred}", site.at()));
        return Ok(None);
    }
    let source = ahead.future.source(conversion.table);
    let value = &conversion.value;
    let shown = ahead.shown(conversion.table, &[conversion.column.to_owned()])?;
    // An explicit cast cuts what is too long, where ALTER TABLE refuses.
    let (target, length) = match length_of(conversion.to) {
        Some(length) => ("text", Some(length)),
        None => (conversion.to, None),
    };
    let all = match length {
        None => format!("SELECT count(CAST(({value}) AS {target}))::text FROM {source}"),
        Some(length) => format!("SELECT (count(*) OVER ())::text, {shown} FROM {source} WHERE length(rtrim(CAST(({value}) AS text), ' ')) > {length} LIMIT 3"),
    };
    match ahead.ask.rows(&ahead.future.query(&tables, &all)) {
        Ok(_) if length.is_none() => return Ok(None),
        Ok(rows) => return Ok(super::violations(&rows)),
        Err(NotTold::Refused { sqlstate, .. }) if sqlstate.starts_with("22") || sqlstate == "23514" || sqlstate == "P0001" => {}
        // No cast at all, not even an explicit one: the values are of no importance.
        Err(NotTold::Refused { sqlstate, .. }) if sqlstate == "42846" => return Ok(None),
        Err(error) => {
            ahead.unknown(CONVERSIONS, format!("{}: {}", site.at(), error.why()));
            return Ok(None);
        }
    }
    one_by_one(ahead, site, conversion, &shown)
}

/// The n of `varchar(n)` and `char(n)`.
fn length_of(type_: &str) -> Option<u32> {
    let lower = type_.to_ascii_lowercase();
    let (name, rest) = lower.split_once('(')?;
    if !matches!(name.trim(), "varchar" | "character varying" | "char" | "character" | "bpchar") {
        return None;
    }
    rest.trim_end().strip_suffix(')')?.trim().parse().ok()
}

/// Tries each value by itself, in a block that remembers the first three that fail.
fn one_by_one(ahead: &mut Ahead<'_>, site: &Site<'_>, conversion: &Conversion<'_>, shown: &str) -> Result<Option<Violations>, NotTold> {
    let Some(table) = ahead.future.known(conversion.table) else { return Ok(None) };
    let alias = quoted(&conversion.table.name);
    let row: Vec<String> = table
        .columns
        .iter()
        .map(|column| format!("limbeck_row.{0} AS {0}", quoted(&column.name)))
        .collect();
    let row = format!("(SELECT {}) AS {alias}", row.join(", "));
    let all = ahead
        .future
        .query(&[conversion.table], &format!("SELECT * FROM {}", ahead.future.source(conversion.table)));
    // An assignment in PL/pgSQL refuses what is too long, as ALTER TABLE does; the explicit cast is for types without an assignment cast.
    let value = if length_of(conversion.to).is_some() {
        conversion.value.clone()
    } else {
        format!("CAST(({}) AS {})", conversion.value, conversion.to)
    };
    let block = format!(
        "DO $limbeck_probe$\n#variable_conflict use_column\nDECLARE limbeck_row record; limbeck_value {type_}; limbeck_bad bigint := 0; limbeck_seen bigint := 0; \
         limbeck_partial boolean := false; limbeck_line text; limbeck_shown text[] := '{{}}'; limbeck_start timestamptz := clock_timestamp();\n\
         BEGIN\n FOR limbeck_row IN {all} LOOP\n  limbeck_seen := limbeck_seen + 1;\n  BEGIN\n   limbeck_value := (SELECT {value} FROM {row});\n\
         EXCEPTION WHEN OTHERS THEN\n   limbeck_bad := limbeck_bad + 1;\n   IF limbeck_bad <= 3 THEN\n    limbeck_line := (SELECT {shown} FROM {row});\n    \
         limbeck_shown := limbeck_shown || (limbeck_line || ': ' || SQLERRM);\n   END IF;\n  END;\n  \
         IF limbeck_seen % 500 = 0 AND clock_timestamp() - limbeck_start > interval '{ONE_BY_ONE} s' THEN limbeck_partial := true; EXIT; END IF;\n END LOOP;\n \
         PERFORM set_config('limbeck.probe', json_build_object('bad', limbeck_bad, 'seen', limbeck_seen, 'partial', limbeck_partial, 'shown', limbeck_shown)::text, true);\n\
         END $limbeck_probe$",
        type_ = conversion.to,
    );
    let rows = match ahead.ask.rows_after(Some(&block), "SELECT current_setting('limbeck.probe', true)") {
        Ok(rows) => rows,
        Err(error) => {
            ahead.unknown(CONVERSIONS, format!("{}: some values cannot be converted; {}", site.at(), error.why()));
            return Ok(None);
        }
    };
    let told = rows
        .first()
        .and_then(|row| row.first()?.as_deref())
        .and_then(|text| serde_json::from_str::<serde_json::Value>(text).ok())
        .unwrap_or_default();
    let bad = told["bad"].as_u64().unwrap_or_default();
    if bad == 0 {
        if told["partial"] == true {
            ahead.unknown(
                CONVERSIONS,
                format!("{}: some values cannot be converted; finding them takes longer than {ONE_BY_ONE} s", site.at()),
            );
        }
        return Ok(None);
    }
    let shown = told["shown"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|line| line.as_str().map(str::to_owned))
        .collect();
    Ok(Some(Violations {
        count: if told["partial"] == true {
            format!("at least {bad} of the first {}", told["seen"])
        } else {
            bad.to_string()
        },
        shown,
    }))
}

/// A default stays and is cast too.
fn default(ahead: &mut Ahead<'_>, site: &Site<'_>, conversion: &Conversion<'_>, oid: &str, number: &str) -> Result<(), NotTold> {
    let found = ahead.ask.value(&format!(
        "SELECT pg_get_expr(d.adbin, d.adrelid) FROM pg_attrdef d JOIN pg_attribute a ON a.attrelid = d.adrelid AND a.attnum = d.adnum \
         WHERE d.adrelid = {oid} AND d.adnum = {number} AND a.attidentity = ''"
    ))?;
    let Some(expression) = found else { return Ok(()) };
    if ahead.future.is_altered(conversion.table, conversion.column) {
        return Ok(());
    }
    let as_default = Conversion {
        table: conversion.table,
        column: conversion.column,
        from: conversion.from.clone(),
        to: conversion.to,
        value: expression.clone(),
        using: false,
    };
    // The type of the column decides, also with USING.
    if can_cast(ahead, &as_default)? {
        return Ok(());
    }
    let (table, column) = (python::string(&conversion.table.name), python::string(conversion.column));
    let finding = Finding::problem(
        CONVERSIONS,
        format!(
            "the default of {}.{} cannot be cast automatically to {}: {} fails",
            conversion.table, conversion.column, conversion.to, site.revision
        ),
    )
    .evidence(site.statement())
    .evidence(format!("default: {expression}"))
    .cause("USING converts the values, not the default")
    .note(format!("write before it: op.alter_column({table}, {column}, server_default=None)"))
    .note(format!(
        "and after it, with the default of the new type: op.alter_column({table}, {column}, server_default=…)"
    ));
    ahead.found(site, finding);
    Ok(())
}

/// The other side of foreign keys has to stay comparable.
fn partners(ahead: &mut Ahead<'_>, site: &Site<'_>, conversion: &Conversion<'_>, oid: &str, number: &str) -> Result<(), NotTold> {
    let rows = ahead.ask.rows(&format!(
        "SELECT k.conname::text, n.nspname::text, c.relname::text, a.attname::text, format_type(a.atttypid, a.atttypmod), \
         on_n.nspname::text, on_c.relname::text, pg_get_constraintdef(k.oid) \
         FROM pg_constraint k CROSS JOIN LATERAL generate_subscripts(k.conkey, 1) AS i \
         JOIN pg_attribute a ON a.attrelid = CASE WHEN k.conrelid = {oid} AND k.conkey[i] = {number} THEN k.confrelid ELSE k.conrelid END \
         AND a.attnum = CASE WHEN k.conrelid = {oid} AND k.conkey[i] = {number} THEN k.confkey[i] ELSE k.conkey[i] END \
         JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace \
         JOIN pg_class on_c ON on_c.oid = k.conrelid JOIN pg_namespace on_n ON on_n.oid = on_c.relnamespace \
         WHERE k.contype = 'f' AND ((k.conrelid = {oid} AND k.conkey[i] = {number}) OR (k.confrelid = {oid} AND k.confkey[i] = {number}))"
    ))?;
    for row in rows {
        let [
            Some(key),
            Some(schema),
            Some(table),
            Some(column),
            Some(type_),
            Some(on_schema),
            Some(on_table),
            Some(definition),
        ] = row.as_slice()
        else {
            continue;
        };
        let partner = Name {
            schema: Some(schema.clone()),
            name: table.clone(),
        };
        let owner = Name {
            schema: Some(on_schema.clone()),
            name: on_table.clone(),
        };
        if ahead.future.constraint(&owner, key) == Some(Fate::Gone) || ahead.future.is_gone(&owner) {
            continue;
        }
        let type_ = ahead
            .future
            .known(&partner)
            .and_then(|table| table.column(column))
            .map_or_else(|| type_.clone(), |column| column.type_.clone());
        let question = format!("SELECT (CAST(NULL AS {}) = CAST(NULL AS {type_}))::text", conversion.to);
        match ahead.ask.value(&question) {
            Ok(_) => {}
            Err(NotTold::Refused { sqlstate, .. }) if sqlstate == "42883" => {
                let finding = Finding::problem(
                    CONVERSIONS,
                    format!(
                        "foreign key `{key}` of {on_table} cannot stand when {}.{} is {}: {} fails",
                        conversion.table, conversion.column, conversion.to, site.revision
                    ),
                )
                .evidence(site.statement())
                .evidence(format!("{table}.{column} is {type_}"))
                .cause("both sides of a foreign key need types that can be compared")
                .note(format!(
                    "before it: op.drop_constraint({}, {}, type_='foreignkey')",
                    python::string(key),
                    python::string(on_table)
                ))
                .note(format!("then change {table}.{column} in the same way"))
                .note(format!(
                    "and after both: {}",
                    python::execute(&format!(
                        "ALTER TABLE {} ADD CONSTRAINT {} {definition}",
                        python::name(on_table),
                        python::name(key)
                    ))
                ));
                ahead.found(site, finding);
            }
            Err(error) => ahead.unknown(CONVERSIONS, format!("{}: {}", site.at(), error.why())),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::length_of;

    #[test]
    fn types_with_a_length_are_known() {
        assert_eq!(length_of("VARCHAR(5)"), Some(5));
        assert_eq!(length_of("character varying( 12 )"), Some(12));
        assert_eq!(length_of("CHAR(1)"), Some(1));
        assert_eq!(length_of("VARCHAR"), None);
        assert_eq!(length_of("NUMERIC(5, 2)"), None);
        assert_eq!(length_of("VARCHAR(5)[]"), None);
    }
}
