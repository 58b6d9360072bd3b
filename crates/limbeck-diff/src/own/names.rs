//! Indexes and constraints that only get another name: PostgreSQL renames them, where dropping and making them anew would read the whole table and leave it
//! without its key meanwhile. That is what follows a renamed table or column under a naming convention.

use super::Rename;
use crate::{Sided, Step, TableChange, lower};
use limbeck_dialect::{DialectName, quote_ident};
use limbeck_ops::{CreateConstraint, CreateIndex, Operation};
use limbeck_schema::{Constraint, ConstraintName, Ident, Index, Table, TableName};
use std::collections::BTreeSet;

/// Takes pairs of a drop and a creation that differ in the name only out of the steps and returns what renames instead; also for primary and foreign
/// keys of what was renamed: nothing else compares their names. `wanted` is settled.
pub fn with_names(steps: &mut Vec<Step>, have: &[Table], wanted: &[Table], renames: &[Rename]) -> Vec<Step> {
    let mut taken: BTreeSet<(Option<String>, String)> = have.iter().flat_map(names).collect();
    let mut out = Vec::new();
    for step in steps.iter_mut() {
        let Step::Modify(modify) = step else { continue };
        let mut at = 0;
        while at < modify.changes.len() {
            let other = (0..modify.changes.len()).find_map(|other| Some((other, pair(&modify.table, &modify.changes[at], &modify.changes[other])?)));
            match other {
                Some((other, found)) if taken.insert((schema(&modify.table), found.new.clone())) => {
                    out.push(found.step(&modify.table));
                    for gone in [at.max(other), at.min(other)] {
                        modify.changes.remove(gone);
                    }
                    at = 0;
                }
                _ => at += 1,
            }
        }
    }
    steps.retain(|step| !matches!(step, Step::Modify(modify) if modify.changes.is_empty()));
    for table in have.iter().filter(|table| is_renamed(&table.name, renames)) {
        let Some(wanted) = wanted.iter().find(|other| other.name == table.name) else {
            continue;
        };
        for old in &table.constraints {
            let Some((what, new)) = wanted.constraints.iter().find_map(|new| Some((uncompared(old, new)?, new))) else {
                continue;
            };
            if let (Some(old), Some(new)) = (final_name(old.name()), final_name(new.name()))
                && old != new
                && taken.insert((schema(&table.name), new.to_owned()))
            {
                let found = Found {
                    what,
                    old: old.to_owned(),
                    new: new.to_owned(),
                    is_index: false,
                };
                out.push(found.step(&table.name));
            }
        }
    }
    out
}

/// Whether two constraints are one whose name nothing else compares.
fn uncompared(one: &Constraint, other: &Constraint) -> Option<&'static str> {
    match (one, other) {
        (Constraint::PrimaryKey(one), Constraint::PrimaryKey(other)) => (one.columns == other.columns).then_some("Primary key"),
        (Constraint::ForeignKey(one), Constraint::ForeignKey(other)) => {
            let same = one.columns == other.columns && one.referred_table.name == other.referred_table.name && one.referred_columns == other.referred_columns;
            same.then_some("Foreign key")
        }
        _ => None,
    }
}

/// Something of a table that gets another name.
struct Found {
    what: &'static str,
    old: String,
    new: String,
    is_index: bool,
}

impl Found {
    fn step(&self, table: &TableName) -> Step {
        let quoted = |name: &str| quote_ident(DialectName::Postgresql, &Ident::new(name));
        let schema = table.schema.as_ref().map_or_else(String::new, |schema| format!("{}.", quoted(schema.as_str())));
        let sql = |from: &str, to: &str| {
            if self.is_index {
                format!("ALTER INDEX {schema}{} RENAME TO {}", quoted(from), quoted(to))
            } else {
                let table = quoted(table.name.as_str());
                format!("ALTER TABLE {schema}{table} RENAME CONSTRAINT {} TO {}", quoted(from), quoted(to))
            }
        };
        Step::Sql {
            about: format!("{} {} of {table} is called {} in the model", self.what, self.old, self.new),
            up: vec![sql(&self.old, &self.new)],
            down: vec![sql(&self.new, &self.old)],
        }
    }
}

/// Whether two changes drop something and make the same under another name.
fn pair(table: &TableName, gone: &TableChange, come: &TableChange) -> Option<Found> {
    let (old, new, what, is_index) = match (gone, come) {
        (TableChange::DropIndex(gone), TableChange::CreateIndex(come)) => {
            let same = index_sql(&gone.item)? == index_sql(&come.item)?;
            same.then_some((&gone.item.name, &come.item.name, "Index", true))?
        }
        (TableChange::DropConstraint(_, gone), TableChange::AddConstraint(_, come)) => {
            let same = constraint_sql(table, gone)? == constraint_sql(table, come)?;
            let what = match &gone.item {
                Constraint::PrimaryKey(_) => "Primary key",
                Constraint::Unique(_) => "Unique constraint",
                Constraint::ForeignKey(_) => "Foreign key",
                Constraint::Check(_) => "Check constraint",
                Constraint::Exclude(_) => return None,
            };
            same.then_some((gone.item.name(), come.item.name(), what, false))?
        }
        _ => return None,
    };
    let (old, new) = (final_name(old)?.to_owned(), final_name(new)?.to_owned());
    (old != new).then_some(Found { what, old, new, is_index })
}

fn index_sql(index: &Index) -> Option<Vec<String>> {
    let mut index = index.clone();
    index.name = ConstraintName::Final("n".into());
    let operation = Operation::CreateIndex(CreateIndex { index, if_not_exists: false });
    lower::sql(DialectName::Postgresql, &operation).ok()
}

fn constraint_sql(table: &TableName, constraint: &Sided<Constraint>) -> Option<Vec<String>> {
    let mut constraint = constraint.item.clone();
    super::constraints::set_name(&mut constraint, "n".to_owned());
    let operation = Operation::CreateConstraint(CreateConstraint {
        table: table.clone(),
        constraint,
    });
    lower::sql(DialectName::Postgresql, &operation).ok()
}

fn final_name(name: &ConstraintName) -> Option<&str> {
    name.ident().map(Ident::as_str)
}

fn schema(table: &TableName) -> Option<String> {
    table.schema.as_ref().map(|schema| schema.text.clone())
}

/// Every name in use by a table's indexes and constraints: those of indexes are shared by a whole schema.
fn names(table: &Table) -> impl Iterator<Item = (Option<String>, String)> + '_ {
    let constraints = table.constraints.iter().map(Constraint::name);
    let indexes = table.indexes.iter().map(|index| &index.name);
    constraints
        .chain(indexes)
        .filter_map(|name| Some((schema(&table.name), final_name(name)?.to_owned())))
}

/// Whether a table or a column of it gets another name.
fn is_renamed(table: &TableName, renames: &[Rename]) -> bool {
    let name = &table.name.text;
    renames
        .iter()
        .any(|rename| if rename.column.is_some() { rename.table == *name } else { rename.to == *name })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Modify, reversed};
    use limbeck_schema::KeyConstraint;

    fn key(name: &str) -> Constraint {
        Constraint::Unique(KeyConstraint {
            name: ConstraintName::Final(name.into()),
            columns: vec!["mail".into()],
            ..KeyConstraint::default()
        })
    }

    #[test]
    fn what_only_gets_another_name_is_renamed() {
        let table = TableName::new("people");
        let index = |name: &str| Index {
            name: ConstraintName::Final(name.into()),
            table: table.clone(),
            elements: vec![limbeck_expr::Expr::Column {
                table: None,
                name: "mail".into(),
            }],
            unique: false,
            options: limbeck_schema::Options::new(),
        };
        let mut steps = vec![Step::Modify(Modify {
            table: table.clone(),
            changes: vec![
                TableChange::DropIndex(Sided::database(index("ix_person_mail"))),
                TableChange::DropConstraint(table.clone(), Sided::database(key("uq_person_mail"))),
                TableChange::CreateIndex(Sided::models(index("ix_people_mail"))),
                TableChange::AddConstraint(table.clone(), Sided::models(key("uq_people_mail"))),
            ],
        })];
        let found = with_names(&mut steps, &[], &[], &[]);
        assert!(steps.is_empty(), "{steps:?}");
        let sql = |steps: &[Step]| crate::statements(DialectName::Postgresql, steps, false).unwrap();
        assert_eq!(
            sql(&found),
            [
                "ALTER INDEX ix_person_mail RENAME TO ix_people_mail",
                "ALTER TABLE people RENAME CONSTRAINT uq_person_mail TO uq_people_mail"
            ]
        );
        assert_eq!(
            sql(&reversed(&found))[0],
            "ALTER TABLE people RENAME CONSTRAINT uq_people_mail TO uq_person_mail"
        );
    }

    #[test]
    fn a_name_that_is_in_use_is_not_taken() {
        let table = TableName::new("t");
        let mut have = Table::new(table.clone());
        have.constraints = vec![key("a"), key("b")];
        let mut steps = vec![Step::Modify(Modify {
            table: table.clone(),
            changes: vec![
                TableChange::DropConstraint(table.clone(), Sided::database(key("a"))),
                TableChange::AddConstraint(table.clone(), Sided::models(key("b"))),
            ],
        })];
        assert!(with_names(&mut steps, &[have], &[], &[]).is_empty());
        assert_eq!(steps.len(), 1);
    }
}
