//! Types and sequences.

use super::super::name::{literal, quote_name};
use super::super::object::{Composite, Domain, EnumType, Range, Sequence};

pub(super) fn an_enum(item: &EnumType) -> String {
    let values: Vec<String> = item.values.iter().map(|value| literal(value)).collect();
    format!("CREATE TYPE {} AS ENUM ({})", item.name.quoted(), values.join(", "))
}

pub(super) fn a_domain(item: &Domain) -> String {
    let mut sql = format!("CREATE DOMAIN {} AS {}", item.name.quoted(), item.type_);
    if let Some(collation) = &item.collation {
        sql.push_str(&format!(" COLLATE {collation}"));
    }
    if let Some(default) = &item.default {
        sql.push_str(&format!(" DEFAULT {default}"));
    }
    if item.not_null {
        sql.push_str(" NOT NULL");
    }
    for check in &item.checks {
        sql.push_str(&format!(" CONSTRAINT {} {}", quote_name(&check.name), check.definition));
    }
    sql
}

pub(super) fn a_composite(item: &Composite) -> String {
    format!("CREATE TYPE {} AS ({})", item.name.quoted(), item.attributes.join(", "))
}

pub(super) fn a_range(item: &Range) -> String {
    format!("CREATE TYPE {} AS RANGE ({})", item.name.quoted(), item.definition.join(", "))
}

pub(super) fn a_sequence(item: &Sequence) -> String {
    let unlogged = if item.unlogged { "UNLOGGED " } else { "" };
    format!(
        "CREATE {unlogged}SEQUENCE {} AS {} {}",
        item.name.quoted(),
        item.numbers.type_,
        item.numbers.options()
    )
}
