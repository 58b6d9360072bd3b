//! Foreign keys, compared by what they say, not by name.

use super::constraint::plain;
use super::tables::Both;
use super::{CONSTRAINTS, Comparison};
use crate::{NameCall, Object, ObjectCall, ObjectKind, Result, Sided, TableChange};
use limbeck_schema::{Constraint, ForeignKey, Ident, Table, TableName};

/// What a key says: two with the same are one.
#[derive(PartialEq, Eq)]
struct Signature<'a> {
    columns: Vec<&'a str>,
    referred: (Option<&'a str>, &'a str),
    referred_columns: Vec<&'a str>,
    onupdate: Option<String>,
    ondelete: Option<String>,
    deferred: &'static str,
}

fn signature<'a>(key: &'a ForeignKey, default_schema: Option<&str>) -> Signature<'a> {
    let action = |action: &Option<String>| {
        action
            .as_ref()
            .map(|text| text.to_lowercase())
            .filter(|text| text != "no action" && !text.is_empty())
    };
    let schema = key.referred_table.schema.as_ref().map(Ident::as_str);
    Signature {
        columns: key.columns.iter().map(Ident::as_str).collect(),
        referred: (schema.filter(|schema| Some(*schema) != default_schema), key.referred_table.name.as_str()),
        referred_columns: key.referred_columns.iter().map(Ident::as_str).collect(),
        onupdate: action(&key.onupdate),
        ondelete: action(&key.ondelete),
        deferred: if key.initially.as_ref().is_some_and(|text| text.eq_ignore_ascii_case("deferred")) {
            "initially deferred"
        } else if key.deferrable == Some(true) {
            "deferrable"
        } else {
            "not deferrable"
        },
    }
}

fn keys(table: &Table) -> impl Iterator<Item = (&Constraint, &ForeignKey)> {
    table.constraints.iter().filter_map(|constraint| match constraint {
        Constraint::ForeignKey(key) => Some((constraint, key)),
        _ => None,
    })
}

/// Compares the foreign keys of a table.
///
/// # Errors
/// A hook failed.
pub(super) fn compare(at: &mut Comparison<'_>, both: &Both<'_>, changes: &mut Vec<TableChange>) -> Result<()> {
    let schema = at.options.default_schema.clone();
    let schema = schema.as_deref();
    let table = &both.wanted.settled.table;
    let mut have = Vec::new();
    for (constraint, key) in keys(both.have) {
        let call = NameCall {
            kind: ObjectKind::ForeignKeyConstraint,
            name: plain(&key.name),
            schema: both.name.schema.as_ref().map(Ident::as_str),
            table: Some(both.name.name.as_str()),
        };
        if at.hooks.include_name(call)? {
            have.push((constraint, key));
        }
    }
    let wanted: Vec<(&Constraint, &ForeignKey)> = keys(table).collect();
    let lacks = |list: &[(&Constraint, &ForeignKey)], key: &ForeignKey| list.iter().all(|(_, other)| signature(other, schema) != signature(key, schema));
    let namesake = |list: &[(&Constraint, &ForeignKey)], key: &ForeignKey, of: &Table| -> Option<Constraint> {
        let name = plain(&key.name)?;
        let _ = of;
        list.iter()
            .find(|(_, other)| plain(&other.name) == Some(name))
            .map(|(constraint, _)| (*constraint).clone())
    };
    for (constraint, key) in have.iter().filter(|(_, key)| lacks(&wanted, key)) {
        let other = namesake(&wanted, key, table);
        let call = ObjectCall {
            kind: ObjectKind::ForeignKeyConstraint,
            name: plain(&key.name),
            reflected: true,
            object: Object::Constraint(both.have, constraint),
            compare_to: other.as_ref().map(|other| Object::Constraint(table, other)),
        };
        if at.hooks.include_object(call)? {
            changes.push(TableChange::DropConstraint(both.have.name.clone(), Sided::database((*constraint).clone())));
            log(at, "removed", key, &both.have.name);
        }
    }
    for (constraint, key) in wanted.iter().filter(|(_, key)| lacks(&have, key)) {
        let other = namesake(&have, key, both.have);
        let call = ObjectCall {
            kind: ObjectKind::ForeignKeyConstraint,
            name: plain(&key.name),
            reflected: false,
            object: Object::Constraint(table, constraint),
            compare_to: other.as_ref().map(|other| Object::Constraint(both.have, other)),
        };
        if at.hooks.include_object(call)? {
            changes.push(TableChange::AddConstraint(table.name.clone(), Sided::models((*constraint).clone())));
            log(at, "added", key, &table.name);
        }
    }
    Ok(())
}

fn log(at: &mut Comparison<'_>, what: &str, key: &ForeignKey, table: &TableName) {
    let list = |names: &[Ident]| names.iter().map(Ident::as_str).collect::<Vec<_>>().join(", ");
    let text = format!(
        "Detected {what} foreign key ({})({}) on table {table}",
        list(&key.columns),
        list(&key.referred_columns)
    );
    at.log(CONSTRAINTS, text);
}
