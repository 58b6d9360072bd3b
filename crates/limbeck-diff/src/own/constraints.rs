//! Constraints that Alembic's text would lose or could not take back: checks written inside columns, and constraints without a name.

use crate::{Side, Step, TableChange};
use limbeck_dialect::{DialectName, fitting_name, mentioned_columns};
use limbeck_schema::{Constraint, ConstraintName, Ident, Table, TableName};
use std::collections::BTreeSet;

/// Makes checks of columns those of their tables, and names constraints that are added without one as PostgreSQL would.
pub fn with_constraints(steps: &mut [Step], have: &[Table], dialect: DialectName) {
    for step in steps {
        match step {
            Step::CreateTable(table) => {
                let table = &mut table.item;
                let checks = table.columns.iter_mut().flat_map(|column| std::mem::take(&mut column.checks));
                table.constraints.extend(checks.map(Constraint::Check));
            }
            Step::Modify(modify) => {
                let mut taken = names(have, &modify.table);
                for change in &modify.changes {
                    if let TableChange::DropConstraint(_, constraint) = change
                        && let Some(name) = constraint.item.name().ident()
                    {
                        taken.remove(name.as_str());
                    }
                }
                for change in &mut modify.changes {
                    match change {
                        // The comparison has them as constraints of their own.
                        TableChange::AddColumn(column) => column.item.checks.clear(),
                        TableChange::AddConstraint(table, constraint)
                            if constraint.side == Side::Models && *constraint.item.name() == ConstraintName::Unnamed =>
                        {
                            let name = free(&usual(table, &constraint.item), &taken, dialect);
                            taken.insert(name.clone());
                            set_name(&mut constraint.item, name);
                        }
                        _ => {}
                    }
                }
            }
            _ => {}
        }
    }
}

/// The names that constraints and indexes of a table have.
fn names(have: &[Table], table: &TableName) -> BTreeSet<String> {
    let Some(table) = have.iter().find(|other| other.name == *table) else {
        return BTreeSet::new();
    };
    let constraints = table.constraints.iter().map(Constraint::name);
    let indexes = table.indexes.iter().map(|index| &index.name);
    constraints
        .chain(indexes)
        .filter_map(|name| name.ident().map(|name| name.text.clone()))
        .collect()
}

/// The name PostgreSQL chooses.
fn usual(table: &TableName, constraint: &Constraint) -> String {
    let (columns, ending): (Vec<Ident>, &str) = match constraint {
        Constraint::PrimaryKey(_) => (Vec::new(), "pkey"),
        Constraint::Unique(key) => (key.columns.clone(), "key"),
        Constraint::ForeignKey(key) => (key.columns.clone(), "fkey"),
        Constraint::Check(check) => (
            Some(mentioned_columns(&check.condition))
                .filter(|columns| columns.len() == 1)
                .unwrap_or_default(),
            "check",
        ),
        Constraint::Exclude(_) => (Vec::new(), "excl"),
    };
    let mut parts = vec![table.name.text.clone()];
    parts.extend(columns.into_iter().map(|column| column.text));
    parts.push(ending.to_owned());
    parts.join("_")
}

fn free(name: &str, taken: &BTreeSet<String>, dialect: DialectName) -> String {
    let fits = |name: &str| fitting_name(dialect, name);
    let mut candidate = fits(name);
    let mut number = 1;
    while taken.contains(&candidate) {
        candidate = fits(&format!("{name}{number}"));
        number += 1;
    }
    candidate
}

pub(super) fn set_name(constraint: &mut Constraint, name: String) {
    let name = ConstraintName::Final(name.into());
    match constraint {
        Constraint::PrimaryKey(key) | Constraint::Unique(key) => key.name = name,
        Constraint::Check(check) => check.name = name,
        Constraint::ForeignKey(key) => key.name = name,
        Constraint::Exclude(exclude) => exclude.name = name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Modify, Sided};
    use limbeck_schema::KeyConstraint;

    #[test]
    fn a_constraint_without_a_name_gets_the_usual_one() {
        let unique = Constraint::Unique(KeyConstraint {
            columns: vec!["a".into(), "b".into()],
            ..KeyConstraint::default()
        });
        let table = TableName::new("t");
        let add = || TableChange::AddConstraint(table.clone(), Sided::models(unique.clone()));
        let mut steps = vec![Step::Modify(Modify {
            table: table.clone(),
            changes: vec![add(), add()],
        })];
        with_constraints(&mut steps, &[], DialectName::Postgresql);
        let Step::Modify(modify) = &steps[0] else { panic!("{steps:?}") };
        let names: Vec<String> = modify
            .changes
            .iter()
            .filter_map(|change| match change {
                TableChange::AddConstraint(_, constraint) => constraint.item.name().ident().map(|name| name.text.clone()),
                _ => None,
            })
            .collect();
        assert_eq!(names, ["t_a_b_key", "t_a_b_key1"]);
    }
}
