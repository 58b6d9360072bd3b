//! Enums that both have, with other values: values are added; where some go or change places, the type is exchanged under its columns.

use super::super::differences::{Change, Difference, FactChange};
use super::super::name::{literal, quote_name};
use super::super::object::{EnumType, Kind};
use super::super::table::{Column, Table};
use super::super::{Catalogue, Name};
use super::{Way, comment_or_none};

pub(super) fn an_enum(way: &mut Way<'_>, change: &Change, facts: &[FactChange]) {
    let name = &change.object.name;
    let find = |catalogue: &Catalogue| catalogue.enums.iter().find(|item| item.name == *name).cloned();
    let (Some(old), Some(new)) = (find(way.from), find(way.to)) else { return };
    if old.values != new.values {
        let statements = if let Some(statements) = renamed(&old, &new) {
            statements
        } else if only_adds(&old, &new) {
            added(&old, &new)
        } else {
            exchanged(way.from, &new)
        };
        way.middle.extend(statements);
    }
    if facts.iter().any(|fact| fact.what == "comment") || !only_adds(&old, &new) && renamed(&old, &new).is_none() && new.comment.is_some() {
        way.middle.push(comment_or_none(&format!("TYPE {}", name.quoted()), new.comment.as_deref()));
    }
}

/// The tables whose columns get the exchanged type.
pub(super) fn disturbed(from: &Catalogue, changes: &[Change]) -> Vec<Name> {
    let mut out = Vec::new();
    for change in changes.iter().filter(|change| change.object.kind == Kind::Enum) {
        let Difference::Changed { facts } = &change.difference else { continue };
        let Some(fact) = facts.iter().find(|fact| fact.what == "values") else {
            continue;
        };
        let list = |text: &Option<String>| -> Vec<String> { text.iter().flat_map(|text| text.split(", ")).map(str::to_owned).collect() };
        let (old, new) = (list(&fact.wanted), list(&fact.have));
        if !is_subsequence(&old, &new) && in_place(&old, &new).is_none() {
            out.extend(users(from, &change.object.name).map(|(table, _)| table.name.clone()));
        }
    }
    out
}

/// Pairs of values that only go by another name: as many as before, each known one where it was.
fn in_place<'a>(old: &'a [String], new: &'a [String]) -> Option<Vec<(&'a String, &'a String)>> {
    let pairs: Vec<_> = old.iter().zip(new).filter(|(old, new)| old != new).collect();
    let is_new = |(before, after): &(&String, &String)| !new.contains(before) && !old.contains(after);
    (old.len() == new.len() && pairs.iter().all(is_new)).then_some(pairs)
}

fn renamed(old: &EnumType, new: &EnumType) -> Option<Vec<String>> {
    let rename = |(before, after): (&String, &String)| format!("ALTER TYPE {} RENAME VALUE {} TO {}", new.name.quoted(), literal(before), literal(after));
    Some(in_place(&old.values, &new.values)?.into_iter().map(rename).collect())
}

fn only_adds(old: &EnumType, new: &EnumType) -> bool {
    is_subsequence(&old.values, &new.values)
}

fn is_subsequence(old: &[String], new: &[String]) -> bool {
    let mut rest = new.iter();
    old.iter().all(|value| rest.any(|other| other == value))
}

fn added(old: &EnumType, new: &EnumType) -> Vec<String> {
    let name = new.name.quoted();
    let mut out = Vec::new();
    for (at, value) in new.values.iter().enumerate().filter(|(_, value)| !old.values.contains(value)) {
        let place = match (at.checked_sub(1).map(|before| &new.values[before]), old.values.first()) {
            (Some(before), _) => format!(" AFTER {}", literal(before)),
            (None, Some(first)) => format!(" BEFORE {}", literal(first)),
            (None, None) => String::new(),
        };
        out.push(format!("ALTER TYPE {name} ADD VALUE {}{place}", literal(value)));
    }
    out
}

/// The columns of a type and of lists of it.
fn users<'a>(from: &'a Catalogue, name: &Name) -> impl Iterator<Item = (&'a Table, &'a Column)> + use<'a> {
    let (one, list) = (name.quoted(), format!("{}[]", name.quoted()));
    from.tables.iter().flat_map(move |table| {
        let of_type: Vec<(&Table, &Column)> = table
            .columns
            .iter()
            .filter(|column| (column.type_ == one || column.type_ == list) && !column.inherited)
            .map(|column| (table, column))
            .collect();
        of_type
    })
}

/// A type of that name with other values, taken over by every column; a row with a value that is no more stops it.
fn exchanged(from: &Catalogue, new: &EnumType) -> Vec<String> {
    let name = new.name.quoted();
    let old = Name {
        schema: new.name.schema.clone(),
        name: format!("{}__old", new.name.name),
    };
    let values: Vec<String> = new.values.iter().map(|value| literal(value)).collect();
    let mut out = vec![
        format!("ALTER TYPE {name} RENAME TO {}", quote_name(&old.name)),
        format!("CREATE TYPE {name} AS ENUM ({})", values.join(", ")),
    ];
    for (table, column) in users(from, &new.name) {
        let list = if column.type_.ends_with("[]") { "[]" } else { "" };
        let part = quote_name(&column.name);
        let at = format!("ALTER TABLE {} ALTER COLUMN {part}", table.name.quoted());
        if column.default.is_some() {
            out.push(format!("{at} DROP DEFAULT"));
        }
        out.push(format!("{at} TYPE {name}{list} USING {part}::text{list}::{name}{list}"));
        out.extend(column.default.as_ref().map(|default| format!("{at} SET DEFAULT {default}")));
    }
    out.push(format!("DROP TYPE {}", old.quoted()));
    out
}

#[cfg(test)]
mod tests {
    use super::super::alter;
    use super::*;

    #[test]
    fn a_value_that_goes_exchanges_the_type() {
        let with = |values: &[&str]| Catalogue {
            enums: vec![EnumType {
                name: Name::new("public", "mood"),
                values: values.iter().map(|value| (*value).to_owned()).collect(),
                comment: None,
            }],
            tables: vec![Table {
                name: Name::new("public", "t"),
                columns: vec![Column {
                    name: "m".to_owned(),
                    type_: "public.mood".to_owned(),
                    default: Some("'ok'::public.mood".to_owned()),
                    ..Column::default()
                }],
                ..Table::default()
            }],
            ..Catalogue::default()
        };
        assert_eq!(
            alter(&with(&["sad", "ok"]), &with(&["sad", "fine"])).statements[0],
            "ALTER TYPE public.mood RENAME VALUE 'ok' TO 'fine'"
        );
        assert_eq!(
            alter(&with(&["sad", "ok"]), &with(&["ok", "glad"])).statements,
            [
                "ALTER TYPE public.mood RENAME TO mood__old",
                "CREATE TYPE public.mood AS ENUM ('ok', 'glad')",
                "ALTER TABLE public.t ALTER COLUMN m DROP DEFAULT",
                "ALTER TABLE public.t ALTER COLUMN m TYPE public.mood USING m::text::public.mood",
                "ALTER TABLE public.t ALTER COLUMN m SET DEFAULT 'ok'::public.mood",
                "DROP TYPE public.mood__old"
            ]
        );
        assert_eq!(
            alter(&with(&["ok"]), &with(&["sad", "ok"])).statements,
            ["ALTER TYPE public.mood ADD VALUE 'sad' BEFORE 'ok'"]
        );
    }
}
