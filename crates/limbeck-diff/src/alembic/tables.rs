//! Which tables come, go and stay.

use super::{Changes, Comparison, Options, TABLES, checks, columns, comments, foreign_keys, indexes, primary_key};
use crate::render::python::repr;
use crate::{Hooks, Modify, NameCall, Object, ObjectCall, ObjectKind, Result, Sided, Step};
use limbeck_dialect::{Settled, settle};
use limbeck_schema::{Constraint, Ident, Table, TableName};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// A table of the models, as written and settled.
pub(super) struct Wanted<'a> {
    /// As written: whether `nullable` was given is only known here.
    pub written: &'a Table,
    pub settled: Settled,
}

/// A table that is on both sides.
pub(super) struct Both<'a> {
    /// The name as the database has it: without the default schema.
    pub name: TableName,
    pub have: &'a Table,
    pub wanted: &'a Wanted<'a>,
}

/// Compares the tables of a database with those of the models, which come in the order in which they can be created.
///
/// # Errors
/// A hook failed, or a model cannot be: a column twice, a convention that cannot be followed.
pub fn compare(have: &[Table], wanted: &[Table], options: &Options, hooks: &mut dyn Hooks) -> Result<Changes> {
    let mut at = Comparison {
        options,
        hooks,
        log: Vec::new(),
        warnings: Vec::new(),
    };
    let mut steps = Vec::new();
    if options.plugins.tables {
        at.all(have, wanted, &mut steps)?;
    }
    Ok(Changes {
        steps,
        log: at.log,
        warnings: at.warnings,
    })
}

/// A table's place in comparisons: its schema unless that is the default one, and its name.
type Key = (Option<String>, String);

impl Comparison<'_> {
    fn key(&self, name: &TableName) -> Key {
        let schema = name.schema.as_ref().map(|schema| schema.text.clone());
        (
            schema.filter(|schema| Some(schema) != self.options.default_schema.as_ref()),
            name.name.text.clone(),
        )
    }

    fn all(&mut self, have: &[Table], wanted: &[Table], steps: &mut Vec<Step>) -> Result<()> {
        let versions: HashSet<Key> = self.options.version_tables.iter().map(|name| self.key(name)).collect();
        let mut in_database: HashMap<Key, &Table> = HashMap::new();
        let mut order: Vec<Key> = Vec::new();
        for table in have {
            let key = self.key(&table.name);
            let call = NameCall {
                kind: ObjectKind::Table,
                name: Some(&key.1),
                schema: key.0.as_deref(),
                table: None,
            };
            if !versions.contains(&key) && self.hooks.include_name(call)? && in_database.insert(key.clone(), table).is_none() {
                order.push(key);
            }
        }
        let mut in_models: HashMap<Key, &Table> = HashMap::new();
        let mut wanted_order: Vec<Key> = Vec::new();
        for table in wanted {
            let key = self.key(&table.name);
            if versions.contains(&key) || in_models.contains_key(&key) {
                continue;
            }
            in_models.insert(key.clone(), table);
            wanted_order.push(key);
        }

        for key in wanted_order.iter().filter(|key| !in_database.contains_key(*key)) {
            self.added(key, &self.settled(in_models[key])?, steps)?;
        }
        let removed: Vec<&Table> = order.iter().filter(|key| !in_models.contains_key(*key)).map(|key| in_database[key]).collect();
        for table in dependants_first(&removed) {
            self.removed(table, steps)?;
        }
        let both: BTreeMap<(String, String), (&Table, &Table)> = in_models
            .iter()
            .filter_map(|(key, wanted)| Some(((key.0.clone().unwrap_or_default(), key.1.clone()), (*in_database.get(key)?, *wanted))))
            .collect();
        for ((schema, name), (have, wanted)) in both {
            let schema = Some(schema).filter(|schema| !schema.is_empty());
            let both = Both {
                name: TableName::in_schema(schema, name),
                have,
                wanted: &self.settled(wanted)?,
            };
            self.changed(&both, steps)?;
        }
        Ok(())
    }

    /// A table of the models is settled when its turn comes: all of them at once would be the models a second time.
    fn settled<'t>(&self, table: &'t Table) -> Result<Wanted<'t>> {
        let naming = self.options.other_naming.get(&table.name).unwrap_or(&self.options.naming);
        let settled = settle(table, naming, self.options.dialect)?;
        Ok(Wanted { written: table, settled })
    }

    fn added(&mut self, key: &Key, wanted: &Wanted<'_>, steps: &mut Vec<Step>) -> Result<()> {
        let table = &wanted.settled.table;
        let call = ObjectCall {
            kind: ObjectKind::Table,
            name: Some(&key.1),
            reflected: false,
            object: Object::Table(table),
            compare_to: None,
        };
        if !self.hooks.include_object(call)? {
            return Ok(());
        }
        steps.push(Step::CreateTable(Sided::models(table.clone())));
        let name = TableName::in_schema(key.0.clone(), key.1.clone());
        self.log(TABLES, format!("Detected added table {}", repr(&name.to_string())));
        let mut changes = Vec::new();
        if self.options.plugins.constraints {
            indexes::of_added(self, table, &mut changes)?;
        }
        push(steps, name, changes);
        Ok(())
    }

    fn removed(&mut self, table: &Table, steps: &mut Vec<Step>) -> Result<()> {
        let key = self.key(&table.name);
        let call = ObjectCall {
            kind: ObjectKind::Table,
            name: Some(&key.1),
            reflected: true,
            object: Object::Table(table),
            compare_to: None,
        };
        if !self.hooks.include_object(call)? {
            return Ok(());
        }
        let name = TableName::in_schema(key.0, key.1);
        let mut changes = Vec::new();
        if self.options.plugins.constraints {
            indexes::of_removed(self, table, &mut changes)?;
        }
        push(steps, name.clone(), changes);
        steps.push(Step::DropTable(Sided::database(table.clone())));
        self.log(TABLES, format!("Detected removed table {}", repr(&name.to_string())));
        Ok(())
    }

    fn changed(&mut self, both: &Both<'_>, steps: &mut Vec<Step>) -> Result<()> {
        let call = ObjectCall {
            kind: ObjectKind::Table,
            name: Some(both.name.name.as_str()),
            reflected: false,
            object: Object::Table(&both.wanted.settled.table),
            compare_to: Some(Object::Table(both.have)),
        };
        if !self.hooks.include_object(call)? {
            return Ok(());
        }
        let mut changes = Vec::new();
        let present = columns::present(self, both)?;
        columns::added_and_altered(self, both, &present, &mut changes)?;
        if self.options.plugins.constraints {
            indexes::of_changed(self, both, &mut changes)?;
            foreign_keys::compare(self, both, &mut changes)?;
        }
        if self.options.plugins.comments {
            comments::of_table(self, both, &mut changes);
        }
        if self.options.strict {
            primary_key::compare(self, both, &mut changes);
            checks::by_meaning(self, both, &mut changes)?;
        } else if self.options.plugins.checks {
            checks::compare(self, both, &mut changes)?;
        }
        columns::removed(self, both, &present, &mut changes)?;
        push(steps, both.name.clone(), changes);
        Ok(())
    }
}

fn push(steps: &mut Vec<Step>, table: TableName, changes: Vec<crate::TableChange>) {
    if !changes.is_empty() {
        steps.push(Step::Modify(Modify { table, changes }));
    }
}

/// Tables so that each comes before those it refers to, by name where nothing else decides; the members of a circle come as they are.
fn dependants_first<'a>(tables: &[&'a Table]) -> Vec<&'a Table> {
    let mut by_name = tables.to_vec();
    by_name.sort_by_key(|table| (table.name.schema.as_ref().map(Ident::as_str), table.name.name.as_str()));
    let places: HashMap<&TableName, usize> = by_name.iter().enumerate().map(|(at, table)| (&table.name, at)).collect();
    let refers = |at: usize| -> BTreeSet<usize> {
        let keys = by_name[at].constraints.iter().filter_map(|constraint| match constraint {
            Constraint::ForeignKey(key) => places.get(&key.referred_table).copied(),
            _ => None,
        });
        keys.filter(|referred| *referred != at).collect()
    };
    // How many of those that wait refer to each.
    let mut dependants = vec![0_usize; by_name.len()];
    for referred in (0..by_name.len()).flat_map(refers) {
        dependants[referred] += 1;
    }
    let mut out = Vec::with_capacity(tables.len());
    let mut free: BTreeSet<usize> = (0..by_name.len()).filter(|at| dependants[*at] == 0).collect();
    let mut waiting: BTreeSet<usize> = (0..by_name.len()).filter(|at| dependants[*at] > 0).collect();
    while !free.is_empty() {
        out.extend(free.iter().map(|at| by_name[*at]));
        let mut next = BTreeSet::new();
        for referred in free.into_iter().flat_map(refers) {
            dependants[referred] -= 1;
            if dependants[referred] == 0 && waiting.remove(&referred) {
                next.insert(referred);
            }
        }
        free = next;
    }
    out.extend(waiting.into_iter().map(|at| by_name[at]));
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use limbeck_schema::{ConstraintName, ForeignKey, Options as Arguments};

    fn table(name: &str, refers: &[&str]) -> Table {
        let mut table = Table::new(TableName::new(name));
        for referred in refers {
            table.constraints.push(Constraint::ForeignKey(ForeignKey {
                name: ConstraintName::Unnamed,
                columns: vec!["a".into()],
                referred_table: TableName::new(*referred),
                referred_columns: vec!["id".into()],
                onupdate: None,
                ondelete: None,
                deferrable: None,
                initially: None,
                match_: None,
                use_alter: false,
                options: Arguments::new(),
            }));
        }
        table
    }

    #[test]
    fn dependants_are_dropped_first() {
        let tables = [
            table("a", &[]),
            table("b", &["a"]),
            table("c", &["b", "c"]),
            table("x", &["y"]),
            table("y", &["x"]),
        ];
        let all: Vec<&Table> = tables.iter().collect();
        let names: Vec<&str> = dependants_first(&all).iter().map(|table| table.name.name.as_str()).collect();
        assert_eq!(names, ["c", "b", "a", "x", "y"]);
    }

    #[test]
    fn tables_take_the_convention_of_their_metadata() {
        let naming = |name: &str| {
            let mut naming = limbeck_schema::NamingConvention::default();
            naming.patterns.insert("pk".to_owned(), name.to_owned());
            naming
        };
        let keyed = |name: &str| {
            let mut table = table(name, &[]);
            let mut column = limbeck_schema::Column::new("id", limbeck_schema::ColumnType::Integer);
            column.primary_key = true;
            table.columns.push(column);
            table
        };
        let options = Options {
            naming: naming("first"),
            other_naming: [(TableName::new("b"), naming("second"))].into(),
            ..Options::new(limbeck_dialect::DialectName::Sqlite)
        };
        let changes = compare(&[], &[keyed("a"), keyed("b")], &options, &mut crate::NoHooks).unwrap();
        let names = changes.steps.iter().map(|step| match step {
            Step::CreateTable(table) => table.item.constraints[0].name().ident().unwrap().text.clone(),
            other => panic!("{other:?}"),
        });
        assert_eq!(names.collect::<Vec<_>>(), ["first", "second"]);
    }
}
