//! Named check constraints, as Alembic's plugin `alembic.ext.checkconstraint_byname` compares them: by name only.

use super::constraint::{plain, shown, sql_name};
use super::tables::Both;
use super::{CHECKS, Comparison};
use crate::render::python::repr;
use crate::{NameCall, Object, ObjectCall, ObjectKind, Result, Sided, TableChange};
use limbeck_schema::{Constraint, Ident};
use std::collections::BTreeMap;

/// Compares the named checks of a table.
///
/// # Errors
/// A hook failed.
pub(super) fn compare(at: &mut Comparison<'_>, both: &Both<'_>, changes: &mut Vec<TableChange>) -> Result<()> {
    let dialect = at.options.dialect;
    let settled = &both.wanted.settled;
    let mut have: BTreeMap<String, &Constraint> = BTreeMap::new();
    for constraint in &both.have.constraints {
        let Constraint::Check(check) = constraint else { continue };
        let Some(name) = plain(&check.name) else { continue };
        let call = NameCall {
            kind: ObjectKind::CheckConstraint,
            name: Some(name),
            schema: both.name.schema.as_ref().map(Ident::as_str),
            table: Some(both.name.name.as_str()),
        };
        if at.hooks.include_name(call)? {
            have.insert(name.to_owned(), constraint);
        }
    }
    let of_columns = settled.table.columns.iter().flat_map(|column| &column.checks);
    let wanted: BTreeMap<String, Constraint> = settled
        .table
        .constraints
        .iter()
        .filter_map(|constraint| match constraint {
            Constraint::Check(check) => Some(check),
            _ => None,
        })
        .chain(of_columns)
        .chain(&settled.type_bound)
        .filter_map(|check| Some((sql_name(dialect, &check.name)?, Constraint::Check(check.clone()))))
        .collect();
    for (_, constraint) in have.iter().filter(|(name, _)| !wanted.contains_key(*name)) {
        let call = ObjectCall {
            kind: ObjectKind::CheckConstraint,
            name: plain(constraint.name()),
            reflected: true,
            object: Object::Constraint(both.have, constraint),
            compare_to: None,
        };
        if at.hooks.include_object(call)? {
            changes.push(TableChange::DropConstraint(both.have.name.clone(), Sided::database((*constraint).clone())));
            at.log(
                CHECKS,
                format!(
                    "Detected removed check constraint {} on table {}",
                    shown(constraint.name()),
                    repr(both.name.name.as_str())
                ),
            );
        }
    }
    for (_, constraint) in wanted.iter().filter(|(name, _)| !have.contains_key(*name)) {
        let call = ObjectCall {
            kind: ObjectKind::CheckConstraint,
            name: plain(constraint.name()),
            reflected: false,
            object: Object::Constraint(&settled.table, constraint),
            compare_to: None,
        };
        if at.hooks.include_object(call)? {
            changes.push(TableChange::AddConstraint(settled.table.name.clone(), Sided::models(constraint.clone())));
            at.log(
                CHECKS,
                format!(
                    "Detected added check constraint {} on table {}",
                    shown(constraint.name()),
                    repr(both.name.name.as_str())
                ),
            );
        }
    }
    Ok(())
}
