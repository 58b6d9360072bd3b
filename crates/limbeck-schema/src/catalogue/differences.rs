//! What two catalogues differ in.

use super::objects::{Fact, Key, Object};
use super::{Catalogue, Dialect, Kind};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

/// What is not compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Rules {
    /// Whether the order of a table's columns counts; dropping a column and adding it again changes it.
    pub column_order: bool,
    /// Whether the versions of extensions count.
    pub extension_versions: bool,
}

/// One object that is not the same on both sides.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    /// Which.
    pub object: Key,
    /// How.
    #[serde(flatten)]
    pub difference: Difference,
}

/// How an object differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "difference", rename_all = "snake_case")]
pub enum Difference {
    /// Only what there is has it.
    Extra {
        /// Its facts.
        facts: Vec<Fact>,
    },
    /// Only what was wanted has it.
    Missing {
        /// Its facts.
        facts: Vec<Fact>,
    },
    /// Both have it, with other facts.
    Changed {
        /// The facts that differ.
        facts: Vec<FactChange>,
    },
}

/// A fact that is not the same on both sides.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FactChange {
    /// What is told.
    pub what: &'static str,
    /// How it is.
    pub have: Option<String>,
    /// How it should be.
    pub wanted: Option<String>,
}

/// Compares what there is with what is wanted. Parts of a table that only one side has are not told apart from it.
pub fn differences(have: &Catalogue, wanted: &Catalogue, rules: Rules) -> Vec<Change> {
    let (have_objects, wanted_objects) = (by_key(have), by_key(wanted));
    let mut changes = Vec::new();
    let all: BTreeSet<&Key> = have_objects.keys().chain(wanted_objects.keys()).collect();
    for key in all {
        let difference = match (have_objects.get(key), wanted_objects.get(key)) {
            (Some(have), Some(wanted)) => {
                let facts = changed(have, wanted, rules);
                if facts.is_empty() {
                    continue;
                }
                Difference::Changed { facts }
            }
            (Some(object), None) if !whole_is_missing(key, &wanted_objects) => Difference::Extra { facts: object.facts.clone() },
            (None, Some(object)) if !whole_is_missing(key, &have_objects) => Difference::Missing { facts: object.facts.clone() },
            _ => continue,
        };
        changes.push(Change {
            object: key.clone(),
            difference,
        });
    }
    pair_renamed(&mut changes, have.dialect);
    if rules.column_order {
        changes.extend(column_orders(have, wanted));
    }
    if let (Some(have), Some(wanted)) = (&have.access, &wanted.access) {
        changes.extend(super::grants::differences(have, wanted));
    }
    changes.sort_by_key(|change| (change.object.name.clone(), change.object.kind, change.object.part.clone()));
    changes
}

/// A constraint that only goes by another name is one change, not two.
fn pair_renamed(changes: &mut Vec<Change>, dialect: Dialect) {
    let essence = |change: &Change| match &change.difference {
        Difference::Extra { facts } | Difference::Missing { facts } if change.object.kind == Kind::Constraint => {
            let facts: Vec<(&str, String)> = facts.iter().map(|fact| (fact.what, fact.essence().to_owned())).collect();
            Some((change.object.name.clone(), facts))
        }
        _ => None,
    };
    let name = |change: &Change| {
        let part = change.object.part.clone().unwrap_or_default();
        let is_definition =
            matches!(&change.difference, Difference::Extra { facts } | Difference::Missing { facts } if facts.iter().any(|fact| fact.value == part));
        // SQLite's constraints need no name; they go by their definition then.
        if dialect == Dialect::Sqlite && is_definition {
            "(none)".to_owned()
        } else {
            part
        }
    };
    let mut at = 0;
    while at < changes.len() {
        let twin = match (&changes[at].difference, essence(&changes[at])) {
            (Difference::Extra { .. }, Some(mine)) => changes
                .iter()
                .position(|other| matches!(other.difference, Difference::Missing { .. }) && essence(other).is_some_and(|other| other == mine)),
            _ => None,
        };
        if let Some(twin) = twin {
            let fact = FactChange {
                what: "name",
                have: Some(name(&changes[at])),
                wanted: Some(name(&changes[twin])),
            };
            changes[at].difference = Difference::Changed { facts: vec![fact] };
            changes.remove(twin);
            if twin < at {
                continue;
            }
        }
        at += 1;
    }
}

fn by_key(catalogue: &Catalogue) -> BTreeMap<Key, Object> {
    catalogue.objects().into_iter().map(|object| (object.key.clone(), object)).collect()
}

/// Whether a key is a part of something that the other side has not at all.
fn whole_is_missing(key: &Key, other: &BTreeMap<Key, Object>) -> bool {
    if key.part.is_none() {
        return false;
    }
    let has = |kind| {
        other.contains_key(&Key {
            name: key.name.clone(),
            kind,
            part: None,
            what: None,
        })
    };
    !has(Kind::Table) && !has(Kind::View) && !has(Kind::MaterializedView)
}

fn changed(have: &Object, wanted: &Object, rules: Rules) -> Vec<FactChange> {
    let mut changes = Vec::new();
    let skip = |what: &str| have.key.kind == Kind::Extension && what == "version" && !rules.extension_versions;
    let mut left: Vec<&Fact> = wanted.facts.iter().collect();
    for fact in &have.facts {
        if skip(fact.what) {
            left.retain(|other| other.what != fact.what);
            continue;
        }
        if let Some(at) = left.iter().position(|other| other.what == fact.what && other.essence() == fact.essence()) {
            left.remove(at);
            continue;
        }
        // The same kind of fact with another value; of several (the checks of a domain) the first that matches nothing.
        let unmatched = |other: &&Fact| other.what == fact.what && !have.facts.iter().any(|mine| mine.what == other.what && mine.essence() == other.essence());
        let other = left.iter().position(unmatched).map(|at| left.remove(at));
        changes.push(FactChange {
            what: fact.what,
            have: Some(fact.value.clone()),
            wanted: other.map(|other| other.value.clone()),
        });
    }
    changes.extend(left.into_iter().map(|fact| FactChange {
        what: fact.what,
        have: None,
        wanted: Some(fact.value.clone()),
    }));
    changes
}

fn column_orders(have: &Catalogue, wanted: &Catalogue) -> Vec<Change> {
    let wanted: BTreeMap<_, _> = wanted.tables.iter().map(|table| (&table.name, table)).collect();
    let mut changes = Vec::new();
    for table in &have.tables {
        let Some(other) = wanted.get(&table.name) else { continue };
        let mine: Vec<&str> = table.columns.iter().map(|column| column.name.as_str()).collect();
        let others: Vec<&str> = other.columns.iter().map(|column| column.name.as_str()).collect();
        let same_set = mine.iter().collect::<BTreeSet<_>>() == others.iter().collect::<BTreeSet<_>>();
        if same_set && mine != others {
            changes.push(Change {
                object: Key {
                    name: table.name.clone(),
                    kind: Kind::Table,
                    part: None,
                    what: None,
                },
                difference: Difference::Changed {
                    facts: vec![FactChange {
                        what: "order of columns",
                        have: Some(mine.join(", ")),
                        wanted: Some(others.join(", ")),
                    }],
                },
            });
        }
    }
    changes
}

impl Change {
    /// The change as lines for people: `+` is what there is, `-` what was wanted.
    pub fn text(&self) -> String {
        let mut text = String::new();
        match &self.difference {
            Difference::Extra { facts } => whole(&mut text, '+', &self.object, facts),
            Difference::Missing { facts } => whole(&mut text, '-', &self.object, facts),
            Difference::Changed { facts } => {
                let _ = writeln!(text, "~ {}", self.object);
                for fact in facts {
                    fact_change(&mut text, fact);
                }
            }
        }
        text
    }
}

fn whole(text: &mut String, sign: char, key: &Key, facts: &[Fact]) {
    // One fact that says everything stands on the same line, and a constraint without a name goes by what it says.
    if let [only] = facts
        && only.what == "definition"
        && !only.value.contains('\n')
    {
        let _ = match &key.part {
            Some(part) if *part == only.value => writeln!(text, "{sign} {key}"),
            _ => writeln!(text, "{sign} {key}: {}", only.value),
        };
        return;
    }
    let _ = writeln!(text, "{sign} {key}");
    for fact in facts {
        let _ = writeln!(text, "    {sign} {}: {}", fact.what, indented(&fact.value, sign));
    }
}

fn fact_change(text: &mut String, fact: &FactChange) {
    let (have, wanted) = (fact.have.as_deref(), fact.wanted.as_deref());
    let long = [have, wanted].iter().flatten().any(|value| value.contains('\n'));
    if let (true, Some(have), Some(wanted)) = (long, have, wanted) {
        let _ = writeln!(text, "    {}:", fact.what);
        for (sign, line) in line_difference(wanted, have) {
            let _ = writeln!(text, "    {sign}   {line}");
        }
        return;
    }
    if let Some(value) = wanted {
        let _ = writeln!(text, "    - {}: {}", fact.what, indented(value, '-'));
    }
    if let Some(value) = have {
        let _ = writeln!(text, "    + {}: {}", fact.what, indented(value, '+'));
    }
}

fn indented(value: &str, sign: char) -> String {
    value.trim_end().replace('\n', &format!("\n    {sign}     "))
}

/// The lines of two texts by their longest common part, with one line around what differs.
fn line_difference<'a>(wanted: &'a str, have: &'a str) -> Vec<(char, &'a str)> {
    let (old, new): (Vec<&str>, Vec<&str>) = (wanted.trim_end().lines().collect(), have.trim_end().lines().collect());
    // Longest common subsequence; texts too long for its table are told whole.
    if old.len() * new.len() > 4_000_000 {
        return old.into_iter().map(|line| ('-', line)).chain(new.into_iter().map(|line| ('+', line))).collect();
    }
    let mut length = vec![vec![0_u32; new.len() + 1]; old.len() + 1];
    for i in (0..old.len()).rev() {
        for j in (0..new.len()).rev() {
            length[i][j] = if old[i] == new[j] {
                length[i + 1][j + 1] + 1
            } else {
                length[i + 1][j].max(length[i][j + 1])
            };
        }
    }
    let (mut i, mut j) = (0, 0);
    let mut lines = Vec::new();
    while i < old.len() || j < new.len() {
        if i < old.len() && j < new.len() && old[i] == new[j] {
            lines.push((' ', old[i]));
            (i, j) = (i + 1, j + 1);
        } else if i < old.len() && (j == new.len() || length[i + 1][j] >= length[i][j + 1]) {
            lines.push(('-', old[i]));
            i += 1;
        } else {
            lines.push(('+', new[j]));
            j += 1;
        }
    }
    let near = |at: usize| (at.saturating_sub(1)..=at + 1).any(|other| lines.get(other).is_some_and(|(sign, _)| *sign != ' '));
    (0..lines.len()).filter(|at| near(*at)).map(|at| lines[at]).collect()
}

#[cfg(test)]
mod tests {
    use super::super::{Column, Constraint, ConstraintKind, EnumType, Name, Table};
    use super::*;

    fn with_column(type_: &str) -> Catalogue {
        let column = Column {
            name: "a".into(),
            type_: type_.into(),
            ..Column::default()
        };
        Catalogue {
            tables: vec![Table {
                name: Name::new("public", "t"),
                columns: vec![column],
                ..Table::default()
            }],
            ..Catalogue::default()
        }
    }

    #[test]
    fn equal_catalogues_do_not_differ() {
        assert_eq!(differences(&with_column("integer"), &with_column("integer"), Rules::default()), []);
    }

    #[test]
    fn a_type_that_differs_is_told_once() {
        let found = differences(&with_column("bigint"), &with_column("integer"), Rules::default());
        let text: String = found.iter().map(Change::text).collect();
        assert_eq!(text, "~ column public.t.a\n    - type: integer\n    + type: bigint\n");
    }

    #[test]
    fn the_parts_of_a_missing_table_are_not_told() {
        let found = differences(&Catalogue::default(), &with_column("integer"), Rules::default());
        assert_eq!(found.iter().map(Change::text).collect::<String>(), "- table public.t\n");
        let found = differences(&with_column("integer"), &Catalogue::default(), Rules::default());
        assert_eq!(found.iter().map(Change::text).collect::<String>(), "+ table public.t\n");
    }

    #[test]
    fn the_order_of_columns_counts_only_when_asked() {
        let mut one = with_column("integer");
        one.tables[0].columns.push(Column {
            name: "b".into(),
            ..Column::default()
        });
        let mut other = one.clone();
        other.tables[0].columns.reverse();
        assert_eq!(differences(&one, &other, Rules::default()), []);
        let asked = differences(
            &one,
            &other,
            Rules {
                column_order: true,
                ..Rules::default()
            },
        );
        assert!(asked[0].text().contains("order of columns: b, a"), "{asked:?}");
    }

    #[test]
    fn an_enum_that_is_left_over_is_extra() {
        let item = EnumType {
            name: Name::new("public", "state"),
            values: vec!["a".into(), "b".into()],
            comment: None,
        };
        let have = Catalogue {
            enums: vec![item],
            ..Catalogue::default()
        };
        let found = differences(&have, &Catalogue::default(), Rules::default());
        assert_eq!(found[0].text(), "+ enum public.state\n    + values: 'a', 'b'\n");
    }

    #[test]
    fn a_constraint_with_another_name_is_one_change() {
        let with = |name: Option<&str>| {
            let mut catalogue = with_column("integer");
            catalogue.dialect = Dialect::Sqlite;
            catalogue.tables[0].constraints.push(Constraint {
                name: name.map(str::to_owned),
                kind: ConstraintKind::Unique,
                definition: "UNIQUE (a)".into(),
                inherited: false,
                part_of: None,
                extras: Vec::new(),
                comment: None,
            });
            catalogue
        };
        let found = differences(&with(Some("u")), &with(None), Rules::default());
        assert_eq!(
            found.iter().map(Change::text).collect::<String>(),
            "~ constraint u on public.t\n    - name: (none)\n    + name: u\n"
        );
    }

    #[test]
    fn long_texts_are_compared_by_lines() {
        assert_eq!(
            line_difference("a\nb\nc\nd\ne", "a\nb\nx\nd\ne"),
            [(' ', "b"), ('-', "c"), ('+', "x"), (' ', "d")]
        );
    }
}
