//! The order in which tables can be created: first those that need no other, then those that need only these, and so on; within a step by name, as
//! `MetaData.sorted_tables` has them.

use limbeck_schema::{Constraint, ForeignKey, Table, TableName};
use std::collections::HashMap;

/// A table's key in its `MetaData`.
pub(super) fn key(name: &TableName) -> String {
    match &name.schema {
        Some(schema) => format!("{}.{}", schema.as_str(), name.name.as_str()),
        None => name.name.as_str().to_owned(),
    }
}

/// The places of `tables` in the order in which they can be created. `tables` are sorted by their keys. Foreign keys of tables in a cycle count for nothing,
/// as those with `use_alter`.
pub(super) fn sorted(tables: &[Table]) -> Vec<usize> {
    let places: HashMap<String, usize> = tables.iter().enumerate().map(|(place, table)| (key(&table.name), place)).collect();
    let mut parents: Vec<Vec<usize>> = tables
        .iter()
        .enumerate()
        .map(|(child, table)| {
            let mut found: Vec<usize> = foreign_keys(table)
                .filter(|foreign_key| !foreign_key.use_alter)
                .filter_map(|foreign_key| places.get(&key(&foreign_key.referred_table)).copied())
                .filter(|parent| *parent != child)
                .collect();
            found.sort_unstable();
            found.dedup();
            found
        })
        .collect();
    let (order, left) = levels(tables.len(), &parents);
    if left.is_empty() {
        return order;
    }
    for child in in_cycles(&left, &parents) {
        parents[child].clear();
    }
    let (mut order, left) = levels(tables.len(), &parents);
    order.extend(left);
    order
}

fn foreign_keys(table: &Table) -> impl Iterator<Item = &ForeignKey> {
    let of_columns = table.columns.iter().flat_map(|column| &column.foreign_keys);
    of_columns.chain(table.constraints.iter().filter_map(|constraint| match constraint {
        Constraint::ForeignKey(foreign_key) => Some(foreign_key),
        _ => None,
    }))
}

/// The places step by step, and those that wait for each other.
fn levels(count: usize, parents: &[Vec<usize>]) -> (Vec<usize>, Vec<usize>) {
    let mut children: Vec<Vec<usize>> = vec![Vec::new(); count];
    let mut open: Vec<usize> = parents.iter().map(Vec::len).collect();
    for (child, parents) in parents.iter().enumerate() {
        for parent in parents {
            children[*parent].push(child);
        }
    }
    let mut order = Vec::with_capacity(count);
    let mut ready: Vec<usize> = (0..count).filter(|place| open[*place] == 0).collect();
    while !ready.is_empty() {
        let mut next = Vec::new();
        for place in &ready {
            for child in &children[*place] {
                open[*child] -= 1;
                if open[*child] == 0 {
                    next.push(*child);
                }
            }
        }
        order.append(&mut ready);
        next.sort_unstable();
        ready = next;
    }
    let left = (0..count).filter(|place| open[*place] > 0).collect();
    (order, left)
}

/// Those of `left` that a way leads back to.
fn in_cycles(left: &[usize], parents: &[Vec<usize>]) -> Vec<usize> {
    let leads_back = |start: usize| {
        let mut seen = vec![false; parents.len()];
        let mut open = parents[start].clone();
        while let Some(place) = open.pop() {
            if place == start {
                return true;
            }
            if !std::mem::replace(&mut seen[place], true) {
                open.extend(&parents[place]);
            }
        }
        false
    };
    left.iter().copied().filter(|place| leads_back(*place)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use limbeck_schema::{Column, ColumnType};

    fn order(tables: &[(&str, &[&str])]) -> String {
        let mut made: Vec<Table> = tables
            .iter()
            .map(|(name, parents)| {
                let mut table = Table::new(TableName::new(*name));
                let mut column = Column::new("c", ColumnType::Integer);
                column.foreign_keys = parents
                    .iter()
                    .map(|parent| ForeignKey {
                        name: Default::default(),
                        columns: Vec::new(),
                        referred_table: TableName::new(parent.trim_end_matches('!')),
                        referred_columns: Vec::new(),
                        onupdate: None,
                        ondelete: None,
                        deferrable: None,
                        initially: None,
                        match_: None,
                        use_alter: parent.ends_with('!'),
                        options: Default::default(),
                    })
                    .collect();
                table.columns = vec![column];
                table
            })
            .collect();
        made.sort_by_key(|table| key(&table.name));
        let names: Vec<String> = sorted(&made).into_iter().map(|place| key(&made[place].name)).collect();
        names.join(" ")
    }

    #[test]
    fn parents_come_first_and_names_decide_within_a_step() {
        assert_eq!(order(&[("c", &[]), ("a", &["c"]), ("b", &[])]), "b c a");
        assert_eq!(order(&[("a", &["b"]), ("b", &["c"]), ("c", &[]), ("d", &["c", "nowhere", "d"])]), "c b d a");
    }

    #[test]
    fn cycles_do_not_count() {
        assert_eq!(order(&[("a", &["b"]), ("b", &["a"]), ("c", &["a"]), ("d", &[])]), "a b d c");
        assert_eq!(order(&[("a", &["b!"]), ("b", &["a"])]), "a b");
    }
}
