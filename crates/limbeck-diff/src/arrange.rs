//! An order in which steps run on a server that minds foreign keys. Alembic drops tables before the keys that refer to them, and creates tables before
//! what they refer to is there; here keys go first and come last.

use crate::{Modify, Sided, Step, TableChange};
use limbeck_schema::{Constraint, ForeignKey, Table, TableName};
use std::collections::HashSet;

/// Arranges steps: keys are dropped, then tables; tables are created, then changed; keys are added at the end. What depends on nothing keeps its place.
pub fn arranged(steps: Vec<Step>) -> Vec<Step> {
    let changed: HashSet<TableName> = steps
        .iter()
        .filter_map(|step| match step {
            Step::Modify(modify) => Some(modify.table.clone()),
            _ => None,
        })
        .collect();
    let mut out = Parts::default();
    let mut there = HashSet::new();
    let dropped: Vec<TableName> = steps
        .iter()
        .filter_map(|step| match step {
            Step::DropTable(table) => Some(table.item.name.clone()),
            _ => None,
        })
        .collect();
    let created: HashSet<TableName> = steps
        .iter()
        .filter_map(|step| match step {
            Step::CreateTable(table) => Some(table.item.name.clone()),
            _ => None,
        })
        .collect();
    for step in steps {
        match step {
            Step::CreateTable(table) => {
                there.insert(table.item.name.clone());
                let ready = |key: &ForeignKey| {
                    let referred = &key.referred_table;
                    there.contains(referred) || !created.contains(referred) && !changed.contains(referred)
                };
                let (table, waiting) = without_keys(table, |key| !key.use_alter && ready(key));
                let changes = waiting.into_iter().map(|(side, constraint)| {
                    let name = table.item.name.clone();
                    TableChange::AddConstraint(name, Sided { side, item: constraint })
                });
                out.keys_added.push((table.item.name.clone(), changes.collect()));
                out.created.push(Step::CreateTable(table));
            }
            Step::DropTable(table) => {
                // A key to a table that was dropped before this one is in its way.
                let place = dropped.iter().position(|name| *name == table.item.name).unwrap_or_default();
                let gone = |key: &ForeignKey| dropped[..place].contains(&key.referred_table);
                let (table, first) = without_keys(table, |key| !gone(key));
                let changes = first.into_iter().map(|(side, constraint)| {
                    let name = table.item.name.clone();
                    TableChange::DropConstraint(name, Sided { side, item: constraint })
                });
                out.keys_dropped.push((table.item.name.clone(), changes.collect()));
                out.dropped.push(Step::DropTable(table));
            }
            Step::Modify(modify) => out.modify(modify, &dropped),
            step => out.others.push(step),
        }
    }
    out.joined()
}

/// A table without those keys that `keeps` does not want, and these.
fn without_keys(table: Sided<Table>, keeps: impl Fn(&ForeignKey) -> bool) -> (Sided<Table>, Vec<(crate::Side, Constraint)>) {
    let Sided { side, item: mut table } = table;
    let mut out = Vec::new();
    let own = table.name.clone();
    table.constraints.retain(|constraint| {
        let stays = match constraint {
            Constraint::ForeignKey(key) => key.referred_table == own || keeps(key),
            _ => true,
        };
        if !stays {
            out.push((side, constraint.clone()));
        }
        stays
    });
    (Sided { side, item: table }, out)
}

#[derive(Default)]
struct Parts {
    keys_dropped: Vec<(TableName, Vec<TableChange>)>,
    dropped: Vec<Step>,
    others: Vec<Step>,
    created: Vec<Step>,
    modified: Vec<Step>,
    keys_added: Vec<(TableName, Vec<TableChange>)>,
}

impl Parts {
    fn modify(&mut self, modify: Modify, dropped: &[TableName]) {
        let Modify { table, changes } = modify;
        let is_key = |constraint: &Constraint| matches!(constraint, Constraint::ForeignKey(_));
        let (mut first, mut rest, mut last) = (Vec::new(), Vec::new(), Vec::new());
        for change in changes {
            match &change {
                TableChange::DropConstraint(_, constraint) if is_key(&constraint.item) => first.push(change),
                TableChange::AddConstraint(_, constraint) if is_key(&constraint.item) => last.push(change),
                _ => rest.push(change),
            }
        }
        self.keys_dropped.push((table.clone(), first));
        let indexes_of_dropped = dropped.contains(&table);
        let indexes_of_created = self
            .created
            .iter()
            .any(|step| matches!(step, Step::CreateTable(created) if created.item.name.name == table.name));
        let step = Step::Modify(Modify {
            table: table.clone(),
            changes: rest,
        });
        if indexes_of_dropped {
            self.dropped.push(step);
        } else if indexes_of_created {
            self.created.push(step);
        } else {
            self.modified.push(step);
        }
        self.keys_added.push((table, last));
    }

    fn joined(self) -> Vec<Step> {
        let keys = |list: Vec<(TableName, Vec<TableChange>)>| list.into_iter().map(|(table, changes)| Step::Modify(Modify { table, changes }));
        keys(self.keys_dropped)
            .chain(self.dropped)
            .chain(self.others)
            .chain(self.created)
            .chain(self.modified)
            .chain(keys(self.keys_added))
            .filter(|step| !matches!(step, Step::Modify(modify) if modify.changes.is_empty()))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use limbeck_schema::{ConstraintName, Options};

    fn key(to: &str) -> Constraint {
        Constraint::ForeignKey(ForeignKey {
            name: ConstraintName::Given(format!("to_{to}").into()),
            columns: vec!["a".into()],
            referred_table: TableName::new(to),
            referred_columns: vec!["id".into()],
            onupdate: None,
            ondelete: None,
            deferrable: None,
            initially: None,
            match_: None,
            use_alter: false,
            options: Options::new(),
        })
    }

    fn table(name: &str, to: &[&str]) -> Table {
        let mut table = Table::new(TableName::new(name));
        table.constraints = to.iter().map(|to| key(to)).collect();
        table
    }

    fn words(steps: &[Step]) -> Vec<String> {
        steps
            .iter()
            .map(|step| match step {
                Step::CreateTable(table) => format!("create {} with {}", table.item.name, table.item.constraints.len()),
                Step::DropTable(table) => format!("drop {} with {}", table.item.name, table.item.constraints.len()),
                Step::Modify(modify) => format!("modify {} by {}", modify.table, modify.changes.len()),
                _ => String::new(),
            })
            .collect()
    }

    #[test]
    fn keys_go_first_and_come_last() {
        let drop_key = TableChange::DropConstraint(TableName::new("stays"), Sided::database(key("gone")));
        let steps = vec![
            Step::CreateTable(Sided::models(table("x", &["y"]))),
            Step::CreateTable(Sided::models(table("y", &["x"]))),
            Step::DropTable(Sided::database(table("gone", &[]))),
            Step::Modify(Modify {
                table: TableName::new("stays"),
                changes: vec![drop_key],
            }),
        ];
        assert_eq!(
            words(&arranged(steps)),
            ["modify stays by 1", "drop gone with 0", "create x with 0", "create y with 1", "modify x by 1"]
        );
    }

    #[test]
    fn a_circle_is_cut_before_its_tables_go() {
        let steps = vec![
            Step::DropTable(Sided::database(table("x", &["y"]))),
            Step::DropTable(Sided::database(table("y", &["x"]))),
        ];
        assert_eq!(words(&arranged(steps)), ["modify y by 1", "drop x with 1", "drop y with 0"]);
    }
}
