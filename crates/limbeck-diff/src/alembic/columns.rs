//! Columns: added, removed, and what of a column changes, in the order of Alembic's comparators.

use super::tables::Both;
use super::{CONSTRAINTS, Comparison, TABLES, comments, defaults, types};
use crate::{Alteration, NameCall, Object, ObjectCall, ObjectKind, Result, Sided, TableChange};
use limbeck_schema::Column;

/// One column on both sides.
pub(super) struct Pair<'a> {
    pub both: &'a Both<'a>,
    pub have: &'a Column,
    pub wanted: &'a Column,
}

impl Pair<'_> {
    /// `table.column`, as the log lines of column comparators name it: without the schema.
    pub fn label(&self) -> String {
        format!("{}.{}", self.both.name.name, self.wanted.name)
    }
}

/// The database's columns that take part.
///
/// # Errors
/// A hook failed.
pub(super) fn present<'a>(at: &mut Comparison<'_>, both: &Both<'a>) -> Result<Vec<&'a Column>> {
    let mut out = Vec::new();
    for column in &both.have.columns {
        let call = NameCall {
            kind: ObjectKind::Column,
            name: Some(column.name.as_str()),
            schema: both.name.schema.as_ref().map(|schema| schema.as_str()),
            table: Some(both.name.name.as_str()),
        };
        if at.hooks.include_name(call)? {
            out.push(column);
        }
    }
    Ok(out)
}

/// Columns only in the models, then those on both sides, in the order of the models.
///
/// # Errors
/// A hook failed, or an expression cannot be written.
pub(super) fn added_and_altered(at: &mut Comparison<'_>, both: &Both<'_>, present: &[&Column], changes: &mut Vec<TableChange>) -> Result<()> {
    let table = &both.wanted.settled.table;
    let columns = || table.columns.iter().filter(|column| !column.system);
    let find = |column: &Column| present.iter().copied().find(|have| have.name.text == column.name.text);
    for column in columns().filter(|column| find(column).is_none()) {
        let call = ObjectCall {
            kind: ObjectKind::Column,
            name: Some(column.name.as_str()),
            reflected: false,
            object: Object::Column(table, column),
            compare_to: None,
        };
        if at.hooks.include_object(call)? {
            changes.push(TableChange::AddColumn(Sided::models(column.clone())));
            at.log(TABLES, format!("Detected added column '{}.{}'", both.name, column.name));
        }
    }
    for wanted in columns() {
        let Some(have) = find(wanted) else { continue };
        let call = ObjectCall {
            kind: ObjectKind::Column,
            name: Some(wanted.name.as_str()),
            reflected: false,
            object: Object::Column(table, wanted),
            compare_to: Some(Object::Column(both.have, have)),
        };
        if !at.hooks.include_object(call)? {
            continue;
        }
        let alteration = altered(at, &Pair { both, have, wanted })?;
        if alteration.changes() {
            changes.push(TableChange::AlterColumn(Box::new(alteration)));
        }
    }
    Ok(())
}

fn altered(at: &mut Comparison<'_>, pair: &Pair<'_>) -> Result<Alteration> {
    let plugins = at.options.plugins;
    let mut out = Alteration::new(pair.wanted.name.clone());
    // A comparator that settled its subject ends the others on that subject.
    let mut type_open = plugins.types && types::by_hook(at, pair, &mut out)?;
    let mut default_open = plugins.defaults && defaults::by_hook(at, pair, &mut out)?;
    if plugins.constraints {
        nullable(at, pair, &mut out);
    }
    if default_open {
        default_open = defaults::generated(at, pair, &mut out)?;
    }
    if plugins.comments {
        comments::of_column(at, pair, &mut out);
    }
    if type_open {
        type_open = types::by_rules(at, pair, &mut out)?;
    }
    if default_open {
        defaults::by_rules(at, pair, &mut out)?;
    }
    let _ = type_open;
    Ok(out)
}

fn nullable(at: &mut Comparison<'_>, pair: &Pair<'_>, out: &mut Alteration) {
    let (have, wanted) = (pair.have.is_nullable(), pair.wanted.is_nullable());
    out.existing_nullable = Some(have);
    if have == wanted {
        return;
    }
    let written = pair.both.wanted.written.column(pair.wanted.name.as_str());
    let unsaid = written.is_none_or(|column| column.nullable.is_none());
    let computed = pair.have.computed.is_some() || pair.wanted.computed.is_some();
    let identity = pair.have.identity.is_some() || pair.wanted.identity.is_some();
    if computed && unsaid || identity {
        at.log(CONSTRAINTS, format!("Ignoring nullable change on identity column '{}'", pair.label()));
        return;
    }
    out.nullable = Some(wanted);
    let word = if wanted { "NULL" } else { "NOT NULL" };
    at.log(CONSTRAINTS, format!("Detected {word} on column '{}'", pair.label()));
}

/// Columns only in the database.
///
/// # Errors
/// A hook failed.
pub(super) fn removed(at: &mut Comparison<'_>, both: &Both<'_>, present: &[&Column], changes: &mut Vec<TableChange>) -> Result<()> {
    let table = &both.wanted.settled.table;
    for column in present {
        if table.columns.iter().any(|wanted| !wanted.system && wanted.name.text == column.name.text) {
            continue;
        }
        let call = ObjectCall {
            kind: ObjectKind::Column,
            name: Some(column.name.as_str()),
            reflected: true,
            object: Object::Column(both.have, column),
            compare_to: None,
        };
        if at.hooks.include_object(call)? {
            changes.push(TableChange::DropColumn(Sided::database((*column).clone())));
            at.log(TABLES, format!("Detected removed column '{}.{}'", both.name, column.name));
        }
    }
    Ok(())
}
