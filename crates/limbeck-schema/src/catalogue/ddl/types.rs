//! Types and sequences.

use super::super::name::{literal, quote_name};
use super::super::object::{Composite, Domain, DomainCheck, EnumType, Range, Sequence};

pub(super) fn an_enum(item: &EnumType) -> String {
    let values: Vec<String> = item.values.iter().map(|value| literal(value)).collect();
    format!("CREATE TYPE {} AS ENUM ({})", item.name.quoted(), values.join(", "))
}

pub(super) fn a_domain(item: &Domain) -> Vec<String> {
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
    // One that does not hold for what is there cannot be said in CREATE DOMAIN.
    let (later, now): (Vec<&DomainCheck>, Vec<&DomainCheck>) = item.checks.iter().partition(|check| check.definition.ends_with(" NOT VALID"));
    for check in now {
        sql.push_str(&format!(" CONSTRAINT {} {}", quote_name(&check.name), check.definition));
    }
    let mut statements = vec![sql];
    statements.extend(later.into_iter().map(|check| {
        format!(
            "ALTER DOMAIN {} ADD CONSTRAINT {} {}",
            item.name.quoted(),
            quote_name(&check.name),
            check.definition
        )
    }));
    statements
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
