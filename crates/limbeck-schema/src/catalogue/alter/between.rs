//! The halfway house between two catalogues: what a database is to have while its tables are changed by other means than these statements.
//!
//! Whatever would stand in the way is gone (views and triggers on tables that change), and what new tables need is there (types, sequences, functions
//! of their defaults). The way from there to the end is measured, not planned: whoever changed the tables looks at what came of it.

use super::super::differences::{Change, Difference, Rules, differences};
use super::super::object::{Kind, Reference};
use super::super::table::Table;
use super::super::{Catalogue, Dialect, Name};
use super::{column, enums, views_in_the_way};
use std::collections::BTreeSet;

/// Returns what `from` is to be before its tables become those of `to`.
pub fn between(from: &Catalogue, to: &Catalogue) -> Catalogue {
    let changes = differences(to, from, Rules::default());
    match from.dialect {
        Dialect::Postgresql => postgresql(from, to, &changes),
        Dialect::Sqlite => sqlite(from, &changes),
    }
}

fn goes(change: &Change) -> bool {
    !matches!(change.difference, Difference::Extra { .. })
}

fn postgresql(from: &Catalogue, to: &Catalogue, changes: &[Change]) -> Catalogue {
    let mut out = from.clone();
    let views = views_in_the_way(from, changes);
    out.views.retain(|view| !views.contains(&view.name));
    let mut disturbed: BTreeSet<Name> = changes
        .iter()
        .filter(|change| change.object.kind == Kind::Column && column::disturbs(change))
        .map(|change| change.object.name.clone())
        .collect();
    disturbed.extend(enums::disturbed(from, changes));
    for table in &mut out.tables {
        let all = disturbed.contains(&table.name);
        let name = table.name.clone();
        let stays = |kind: Kind, part: &str| {
            let is_it = |change: &&Change| change.object.kind == kind && change.object.name == name && change.object.part.as_deref() == Some(part);
            !all && !changes.iter().filter(is_it).any(goes)
        };
        table.triggers.retain(|item| stays(Kind::Trigger, &item.name));
        table.policies.retain(|item| stays(Kind::Policy, &item.name));
        table.rules.retain(|item| stays(Kind::Rule, &item.name));
    }
    let gone = routines_on_tables(from, to);
    out.routines.retain(|routine| !gone.contains(&routine.name));
    add(&mut out, from, to, changes);
    out
}

/// Routines that are gone in the end and would keep a table, type or view from going.
fn routines_on_tables(from: &Catalogue, to: &Catalogue) -> BTreeSet<Name> {
    let is_gone = |name: &Name| !to.routines.iter().any(|routine| routine.name == *name);
    let on_a_table = from.needs.iter().filter(|(one, other)| {
        one.kind == Kind::Routine && is_gone(&one.name) && matches!(other.kind, Kind::Table | Kind::View | Kind::MaterializedView | Kind::Composite)
    });
    let used = |name: &Name| from.needs.iter().any(|(_, other)| other.kind == Kind::Routine && other.name == *name);
    on_a_table.map(|(one, _)| one.name.clone()).filter(|name| !used(name)).collect()
}

/// What the tables of `to` need and `from` has not, but for tables and views themselves.
fn add(out: &mut Catalogue, from: &Catalogue, to: &Catalogue, changes: &[Change]) {
    let is_new = |kind: Kind, name: &Name| {
        let is_it = |change: &&Change| change.object.kind == kind && change.object.part.is_none() && change.object.name == *name;
        changes.iter().filter(is_it).any(|change| matches!(change.difference, Difference::Extra { .. }))
    };
    let tables: BTreeSet<Reference> = to.tables.iter().map(Table::reference).collect();
    let mut needed: BTreeSet<Reference> = BTreeSet::new();
    let mut edge: Vec<Reference> = tables.iter().cloned().collect();
    while let Some(one) = edge.pop() {
        for (_, other) in to.needs.iter().filter(|(from, _)| *from == one) {
            let by_itself = matches!(other.kind, Kind::Table | Kind::View | Kind::MaterializedView);
            // A table brings its enums along; another type or a routine does not.
            let with_table = other.kind == Kind::Enum && one.kind == Kind::Table;
            if !by_itself && !with_table && is_new(other.kind, &other.name) && !waits(from, to, other) && needed.insert(other.clone()) {
                edge.push(other.clone());
            }
        }
    }
    let wants = |kind: Kind, name: &Name| needed.contains(&Reference { kind, name: name.clone() });
    let schema_name = |name: &str| Name::new(name, name);
    out.schemas
        .extend(to.schemas.iter().filter(|item| is_new(Kind::Schema, &schema_name(&item.name))).cloned());
    out.extensions
        .extend(to.extensions.iter().filter(|item| is_new(Kind::Extension, &Name::bare(&item.name))).cloned());
    out.enums.extend(to.enums.iter().filter(|item| wants(Kind::Enum, &item.name)).cloned());
    out.domains.extend(to.domains.iter().filter(|item| wants(Kind::Domain, &item.name)).cloned());
    out.composites
        .extend(to.composites.iter().filter(|item| wants(Kind::Composite, &item.name)).cloned());
    out.ranges.extend(to.ranges.iter().filter(|item| wants(Kind::Range, &item.name)).cloned());
    out.routines.extend(to.routines.iter().filter(|item| wants(Kind::Routine, &item.name)).cloned());
    out.others.extend(to.others.iter().filter(|item| wants(Kind::Other, &item.name)).cloned());
    for sequence in to
        .sequences
        .iter()
        .filter(|item| wants(Kind::Sequence, &item.name) && !is_serial(to, item.owned_by.as_ref()))
    {
        let mut sequence = sequence.clone();
        sequence.owned_by = None;
        out.sequences.push(sequence);
    }
    out.needs.extend(to.needs.iter().cloned());
}

/// Whether something needs, directly or not, a table or view that is still to come.
fn waits(from: &Catalogue, to: &Catalogue, what: &Reference) -> bool {
    let mut seen = BTreeSet::new();
    let mut edge = vec![what];
    while let Some(one) = edge.pop() {
        for (_, other) in to.needs.iter().filter(|(from, _)| from == one) {
            let there = match other.kind {
                Kind::Table => from.tables.iter().any(|table| table.name == other.name),
                Kind::View | Kind::MaterializedView => false,
                _ => true,
            };
            if !there {
                return true;
            }
            if other.kind != Kind::Table && seen.insert(other) {
                edge.push(other);
            }
        }
    }
    false
}

/// A sequence that comes with its column: of a type that tables make SERIAL by themselves.
fn is_serial(to: &Catalogue, owner: Option<&(Name, String)>) -> bool {
    owner.is_some_and(|(table, column)| {
        let table = to.tables.iter().find(|candidate| candidate.name == *table);
        let column = table.and_then(|table| table.columns.iter().find(|candidate| candidate.name == *column));
        column.is_some_and(|column| matches!(column.type_.as_str(), "integer" | "bigint"))
    })
}

/// A table that is rebuilt loses its triggers, and views and other triggers that name it stop it from getting its name back.
fn sqlite(from: &Catalogue, changes: &[Change]) -> Catalogue {
    let mut out = from.clone();
    let mut touched: BTreeSet<String> = changes
        .iter()
        .filter(|change| matches!(change.object.kind, Kind::Column | Kind::Constraint | Kind::Table) && (goes(change) || change.object.part.is_some()))
        .map(|change| change.object.name.name.to_lowercase())
        .collect();
    let changed: BTreeSet<&str> = changes
        .iter()
        .filter(|change| change.object.kind == Kind::View && goes(change))
        .map(|change| change.object.name.name.as_str())
        .collect();
    loop {
        let before = out.views.len();
        out.views
            .retain(|view| !changed.contains(view.name.name.as_str()) && !touched.iter().any(|name| names(&view.definition, name)));
        let kept: BTreeSet<String> = out.views.iter().map(|view| view.name.name.to_lowercase()).collect();
        touched.extend(from.views.iter().map(|view| view.name.name.to_lowercase()).filter(|name| !kept.contains(name)));
        if out.views.len() == before {
            break;
        }
    }
    let stays = |of: &Name, name: &str, definition: &str| {
        let is_it = |change: &&Change| change.object.kind == Kind::Trigger && change.object.name == *of && change.object.part.as_deref() == Some(name);
        !touched.iter().any(|table| names(definition, table)) && !changes.iter().filter(is_it).any(goes)
    };
    for table in &mut out.tables {
        let of = table.name.clone();
        table.triggers.retain(|trigger| stays(&of, &trigger.name, &trigger.definition));
    }
    for view in &mut out.views {
        let of = view.name.clone();
        view.triggers.retain(|trigger| stays(&of, &trigger.name, &trigger.definition));
    }
    out
}

/// Whether a text may name something; `name` is in lower case. Said too often rather than too seldom.
fn names(text: &str, name: &str) -> bool {
    let text = text.to_lowercase();
    let is_word = |c: char| c.is_alphanumeric() || c == '_' || c == '$';
    text.match_indices(name).any(|(at, found)| {
        let before = text[..at].chars().next_back().is_some_and(is_word);
        let after = text[at + found.len()..].chars().next().is_some_and(is_word);
        !before && !after
    })
}

#[cfg(test)]
mod tests {
    use super::super::super::{Column, Domain, View};
    use super::*;

    fn table(name: &str, columns: &[(&str, &str)]) -> Table {
        let column = |(name, type_): &(&str, &str)| Column {
            name: (*name).to_owned(),
            type_: (*type_).to_owned(),
            ..Column::default()
        };
        Table {
            name: Name::new("public", name),
            columns: columns.iter().map(column).collect(),
            ..Table::default()
        }
    }

    fn view(name: &str, definition: &str) -> View {
        View::new(Name::new("public", name), definition)
    }

    #[test]
    fn views_on_what_changes_are_gone_and_types_of_new_tables_there() {
        let reference = |kind, name: &str| Reference {
            kind,
            name: Name::new("public", name),
        };
        let from = Catalogue {
            tables: vec![table("t", &[("a", "integer")]), table("u", &[("a", "integer")])],
            views: vec![view("on_t", "SELECT a FROM t"), view("on_u", "SELECT a FROM u")],
            needs: vec![
                (reference(Kind::View, "on_t"), reference(Kind::Table, "t")),
                (reference(Kind::View, "on_u"), reference(Kind::Table, "u")),
            ],
            ..Catalogue::default()
        };
        let mut to = from.clone();
        to.tables[0] = table("t", &[("a", "bigint")]);
        to.tables.push(table("w", &[("d", "public.d")]));
        to.domains.push(Domain {
            name: Name::new("public", "d"),
            type_: "text".to_owned(),
            not_null: false,
            default: None,
            collation: None,
            checks: Vec::new(),
            comment: None,
        });
        to.needs.push((reference(Kind::Table, "w"), reference(Kind::Domain, "d")));
        let middle = between(&from, &to);
        assert_eq!(middle.views.iter().map(|view| view.name.name.as_str()).collect::<Vec<_>>(), ["on_u"]);
        assert_eq!(middle.domains.len(), 1);
        assert_eq!(middle.tables, from.tables);
    }

    #[test]
    fn sqlite_s_views_are_found_by_their_words() {
        assert!(names("SELECT * FROM \"Order\" o", "order"));
        assert!(!names("SELECT * FROM orders", "order"));
    }
}
