//! Columns that come, go or change.

use super::super::Name;
use super::super::ddl::column_definition;
use super::super::differences::{Change, Difference, FactChange};
use super::super::name::quote_name;
use super::super::object::Kind;
use super::super::table::{Column, Table, TableKind};
use super::{Way, comment_or_none};
use std::collections::BTreeSet;

/// Whether views on its table stand in the way of a change.
pub(super) fn disturbs(change: &Change) -> bool {
    match &change.difference {
        Difference::Missing { .. } => true,
        Difference::Extra { .. } => false,
        Difference::Changed { facts } => facts
            .iter()
            .any(|fact| matches!(fact.what, "type" | "collation") || fact.what.starts_with("generated")),
    }
}

/// Columns that only go by another name: the same in all that is said of them, in the same place. Dropping one and adding the other would lose its values.
fn renamed(way: &mut Way<'_>) -> BTreeSet<(Name, String)> {
    let mut done = BTreeSet::new();
    for new in &way.to.tables {
        let Some(old) = way.from.tables.iter().find(|table| table.name == new.name) else {
            continue;
        };
        if old.columns.len() != new.columns.len() {
            continue;
        }
        let known = |table: &Table, name: &str| table.columns.iter().any(|column| column.name == name);
        for (before, after) in old.columns.iter().zip(&new.columns) {
            let is_same = Column {
                name: after.name.clone(),
                comment: after.comment.clone(),
                ..before.clone()
            } == *after;
            if before.name == after.name || !is_same || known(new, &before.name) || known(old, &after.name) {
                continue;
            }
            let (table, name) = (new.name.quoted(), quote_name(&after.name));
            if !after.inherited {
                way.middle
                    .push(format!("ALTER TABLE {table} RENAME COLUMN {} TO {name}", quote_name(&before.name)));
            }
            if before.comment != after.comment {
                way.middle.push(comment_or_none(&format!("COLUMN {table}.{name}"), after.comment.as_deref()));
            }
            done.insert((new.name.clone(), before.name.clone()));
            done.insert((new.name.clone(), after.name.clone()));
        }
    }
    done
}

pub(super) fn all(way: &mut Way<'_>) {
    let renamed = renamed(way);
    // The columns of a typed table come and go with its type.
    let (from, to) = (way.from, way.to);
    let is_typed = |name: &Name| from.tables.iter().chain(&to.tables).any(|table| table.name == *name && table.of_type.is_some());
    let is_own = |change: &Change| matches!(change.difference, Difference::Changed { .. }) || !is_typed(&change.object.name);
    let is_other = |change: &&Change| !renamed.contains(&(change.object.name.clone(), change.object.part.clone().unwrap_or_default())) && is_own(change);
    let changes: Vec<&Change> = way.of(Kind::Column).filter(is_other).collect();
    for change in changes {
        let part = change.object.part.clone().unwrap_or_default();
        let find = |tables: &'_ [Table]| -> Option<Column> {
            let table = tables.iter().find(|table| table.name == change.object.name)?;
            table.columns.iter().find(|column| column.name == part).cloned()
        };
        let (old, new) = (find(&way.from.tables), find(&way.to.tables));
        let table = change.object.name.quoted();
        let name = quote_name(&part);
        match (&change.difference, old, new) {
            (Difference::Missing { .. }, Some(old), _) if !old.inherited => way.last.push(format!("ALTER TABLE {table} DROP COLUMN {name}")),
            (Difference::Extra { .. }, _, Some(new)) if !new.inherited => {
                if let Some(owner) = way.table(&change.object.name) {
                    way.middle.push(format!("ALTER TABLE {table} ADD COLUMN {}", column_definition(owner, &new)));
                }
                if new.comment.is_some() {
                    way.middle.push(comment_or_none(&format!("COLUMN {table}.{name}"), new.comment.as_deref()));
                }
            }
            // What is computed is lost for nobody.
            (Difference::Changed { facts }, Some(_), Some(new)) if facts.iter().any(|fact| fact.what.starts_with("generated")) && new.generated.is_some() => {
                way.middle.push(format!("ALTER TABLE {table} DROP COLUMN {name}"));
                if let Some(owner) = way.table(&change.object.name) {
                    way.middle.push(format!("ALTER TABLE {table} ADD COLUMN {}", column_definition(owner, &new)));
                }
            }
            (Difference::Changed { facts }, Some(old), Some(new)) => changed(way, change, facts, &old, &new, &table, &name),
            _ => {}
        }
    }
}

fn changed(way: &mut Way<'_>, change: &Change, facts: &[FactChange], old: &Column, new: &Column, table: &str, name: &str) {
    let has = |what: &str| facts.iter().any(|fact| fact.what == what);
    let alter = |what: &str| format!("ALTER TABLE {table} ALTER COLUMN {name} {what}");
    // Neither a default nor NULL goes with an identity: it leaves first and comes last.
    if old.identity.is_some() && new.identity.is_none() {
        way.middle.push(alter("DROP IDENTITY"));
    }
    let retyped = has("type") || has("collation");
    if retyped {
        if old.default.is_some() {
            way.middle.push(alter("DROP DEFAULT"));
        }
        let collation = new.collation.as_ref().map(|collation| format!(" COLLATE {collation}")).unwrap_or_default();
        // Everything becomes a string by assignment, and too long a value is an error then; a cast would cut it off.
        let is_string = ["character", "text", "bit", "\"char\""].iter().any(|word| new.type_.starts_with(word));
        let using = if is_string { String::new() } else { format!(" USING {name}::{}", new.type_) };
        way.middle.push(alter(&format!("TYPE {}{collation}{using}", new.type_)));
    }
    if retyped || has("default") {
        match &new.default {
            Some(default) => way.middle.push(alter(&format!("SET DEFAULT {default}"))),
            None if !retyped => way.middle.push(alter("DROP DEFAULT")),
            None => {}
        }
    }
    for fact in facts {
        match fact.what {
            "type" | "collation" | "default" => {}
            "not null" => way.middle.push(alter(if new.not_null { "SET NOT NULL" } else { "DROP NOT NULL" })),
            "statistics" => way.middle.push(alter(&format!("SET STATISTICS {}", new.statistics.unwrap_or(-1)))),
            "compression" => way
                .middle
                .push(alter(&format!("SET COMPRESSION {}", new.compression.as_deref().unwrap_or("default")))),
            "comment" => way.middle.push(comment_or_none(&format!("COLUMN {table}.{name}"), new.comment.as_deref())),
            "generated, stored" => way.middle.push(alter("DROP EXPRESSION")),
            "storage" if new.storage.is_some() => way.middle.push(alter(&format!("SET STORAGE {}", new.storage.as_deref().unwrap_or_default()))),
            "identity" | "identity sequence" | "identity numbers" => {}
            "options" if way.table(&change.object.name).is_some_and(|table| table.kind != TableKind::Foreign) => {
                let names: Vec<&str> = old.options.iter().filter_map(|option| option.split('=').next()).collect();
                if !names.is_empty() {
                    way.middle.push(alter(&format!("RESET ({})", names.join(", "))));
                }
                if !new.options.is_empty() {
                    way.middle.push(alter(&format!("SET ({})", new.options.join(", "))));
                }
            }
            // The server sees to it when the table joins or leaves a parent.
            "inherited" if way.has_other_parents(&change.object.name) => {}
            what => way.by_hand.push(format!("{}: {what}", change.object)),
        }
    }
    if has("identity") || has("identity numbers") {
        identity(way, old, new, &alter);
    } else if has("identity sequence") {
        way.by_hand.push(format!("{}: identity sequence", change.object));
    }
}

/// An identity that comes, goes or changes.
fn identity(way: &mut Way<'_>, old: &Column, new: &Column, alter: &dyn Fn(&str) -> String) {
    let word = |always: bool| if always { "ALWAYS" } else { "BY DEFAULT" };
    match (&old.identity, &new.identity) {
        (None, Some(new)) => way.middle.push(alter(&format!(
            "ADD GENERATED {} AS IDENTITY (SEQUENCE NAME {} {})",
            word(new.always),
            new.sequence.quoted(),
            new.numbers.options()
        ))),
        (Some(_), None) => {}
        (Some(old), Some(new)) => {
            if old.always != new.always {
                way.middle.push(alter(&format!("SET GENERATED {}", word(new.always))));
            }
            if old.numbers != new.numbers {
                let cycle = if new.numbers.cycle { "" } else { " NO CYCLE" };
                way.middle
                    .push(format!("ALTER SEQUENCE {} {}{cycle}", old.sequence.quoted(), new.numbers.options()));
            }
        }
        (None, None) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::Catalogue;
    use super::super::alter;
    use super::*;

    fn with(columns: &[(&str, &str)]) -> Catalogue {
        let column = |(name, type_): &(&str, &str)| Column {
            name: (*name).to_owned(),
            type_: (*type_).to_owned(),
            ..Column::default()
        };
        Catalogue {
            tables: vec![Table {
                name: Name::new("public", "t"),
                columns: columns.iter().map(column).collect(),
                ..Table::default()
            }],
            ..Catalogue::default()
        }
    }

    #[test]
    fn a_column_with_another_name_in_the_same_place_keeps_its_values() {
        let old = with(&[("a", "integer"), ("b", "text")]);
        assert_eq!(
            alter(&old, &with(&[("c", "integer"), ("b", "text")])).statements,
            ["ALTER TABLE public.t RENAME COLUMN a TO c"]
        );
        assert_eq!(
            alter(&old, &with(&[("b", "text"), ("c", "integer")])).statements,
            ["ALTER TABLE public.t ADD COLUMN c integer", "ALTER TABLE public.t DROP COLUMN a"]
        );
        assert_eq!(alter(&old, &with(&[("c", "bigint"), ("b", "text")])).statements.len(), 2);
    }
}
