//! Check constraints: as Alembic's plugin `alembic.ext.checkconstraint_byname` compares them, by name only, and by what they say.

use super::constraint::{plain, shown, sql_name};
use super::tables::Both;
use super::{CHECKS, Comparison};
use crate::render::python::repr;
use crate::{NameCall, Object, ObjectCall, ObjectKind, Result, Sided, TableChange};
use limbeck_dialect::expression_sql;
use limbeck_schema::{CheckConstraint, Constraint, ConstraintName, Ident};
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

/// Compares checks by what they say. One without a name in the models is any that says the same.
///
/// # Errors
/// A hook failed, or a condition cannot be written.
pub(super) fn by_meaning(at: &mut Comparison<'_>, both: &Both<'_>, changes: &mut Vec<TableChange>) -> Result<()> {
    let settled = &both.wanted.settled;
    let of_table = settled.table.constraints.iter().filter_map(|constraint| match constraint {
        Constraint::Check(check) => Some(check),
        _ => None,
    });
    let of_columns = settled.table.columns.iter().flat_map(|column| &column.checks);
    let wanted: Vec<&CheckConstraint> = of_table.chain(of_columns).chain(&settled.type_bound).collect();
    let mut have: Vec<(&Constraint, &CheckConstraint)> = Vec::new();
    for constraint in &both.have.constraints {
        if let Constraint::Check(check) = constraint {
            have.push((constraint, check));
        }
    }
    if have.is_empty() && wanted.is_empty() {
        return Ok(());
    }
    let written: Vec<String> = wanted
        .iter()
        .map(|check| expression_sql(at.options.dialect, &check.condition))
        .collect::<Result<_>>()?;
    let mut columns = both.have.columns.clone();
    let new = settled.table.columns.iter().filter(|column| both.have.column(column.name.as_str()).is_none());
    columns.extend(new.cloned());
    let Some(kept) = at.hooks.checks_as_kept(&columns, &written)? else {
        return Ok(());
    };
    let says = |check: &CheckConstraint| expression_sql(at.options.dialect, &check.condition).map(|sql| squeezed(&sql));
    let have_says: Vec<String> = have.iter().map(|(_, check)| says(check)).collect::<Result<_>>()?;
    let mut matched = vec![false; have.len()];
    let mut added = Vec::new();
    // Those with a name find theirs first; the others take what is left.
    let mut order: Vec<usize> = (0..wanted.len()).collect();
    order.sort_by_key(|number| wanted[*number].name == ConstraintName::Unnamed);
    for number in order {
        let name = sql_name(at.options.dialect, &wanted[number].name);
        let condition = squeezed(&kept[number]);
        let found = (0..have.len()).find(|place| {
            let same_name = name.is_none() || plain(&have[*place].1.name) == name.as_deref();
            !matched[*place] && same_name && have_says[*place] == condition
        });
        match found {
            Some(place) => matched[place] = true,
            None => added.push(number),
        }
    }
    // What says the same under another name is written in the same words, so that a rename can be seen in it.
    let mut same_words: BTreeMap<usize, CheckConstraint> = BTreeMap::new();
    let mut left: Vec<usize> = (0..have.len()).filter(|place| !matched[*place]).collect();
    for number in &added {
        let condition = squeezed(&kept[*number]);
        if let Some(at) = left.iter().position(|place| have_says[*place] == condition) {
            let mut check = wanted[*number].clone();
            check.condition = have[left.remove(at)].1.condition.clone();
            same_words.insert(*number, check);
        }
    }
    for (_, (constraint, check)) in matched.iter().zip(&have).filter(|(matched, _)| !**matched) {
        let call = ObjectCall {
            kind: ObjectKind::CheckConstraint,
            name: plain(&check.name),
            reflected: true,
            object: Object::Constraint(both.have, constraint),
            compare_to: None,
        };
        if at.hooks.include_object(call)? {
            changes.push(TableChange::DropConstraint(both.have.name.clone(), Sided::database((*constraint).clone())));
        }
    }
    added.sort_unstable();
    for number in added {
        let constraint = Constraint::Check(same_words.remove(&number).unwrap_or_else(|| wanted[number].clone()));
        let call = ObjectCall {
            kind: ObjectKind::CheckConstraint,
            name: plain(constraint.name()),
            reflected: false,
            object: Object::Constraint(&settled.table, &constraint),
            compare_to: None,
        };
        if at.hooks.include_object(call)? {
            changes.push(TableChange::AddConstraint(settled.table.name.clone(), Sided::models(constraint)));
        }
    }
    Ok(())
}

/// The text with every run of blanks one blank.
fn squeezed(sql: &str) -> String {
    sql.split_whitespace().collect::<Vec<_>>().join(" ")
}
