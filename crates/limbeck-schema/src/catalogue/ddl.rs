//! The statements that make everything of a catalogue in an empty database, in an order that works.

mod comments;
mod relations;
mod types;

use super::name::{literal, quote_name};
use super::object::{Kind, Reference, RoutineKind};
use super::order::{Placed, ordered};
use super::{Catalogue, Dialect};
use std::collections::BTreeSet;

/// Statements, in order.
pub type Script = Vec<String>;

/// Returns the statements that make a catalogue.
pub fn create_all(catalogue: &Catalogue) -> Script {
    match catalogue.dialect {
        Dialect::Postgresql => postgresql(catalogue),
        Dialect::Sqlite => sqlite(catalogue),
    }
}

fn sqlite(catalogue: &Catalogue) -> Script {
    let mut script: Script = catalogue.tables.iter().filter_map(|table| table.sql.clone()).collect();
    script.extend(catalogue.tables.iter().flat_map(|table| &table.indexes).map(|index| index.definition.clone()));
    script.extend(catalogue.views.iter().map(|view| view.definition.clone()));
    let triggers = catalogue.tables.iter().flat_map(|table| &table.triggers);
    script.extend(
        triggers
            .chain(catalogue.views.iter().flat_map(|view| &view.triggers))
            .map(|trigger| trigger.definition.clone()),
    );
    script
}

fn postgresql(catalogue: &Catalogue) -> Script {
    let mut script = Script::new();
    for schema in catalogue.schemas.iter().filter(|schema| schema.name != "public") {
        script.push(format!("CREATE SCHEMA IF NOT EXISTS {}", quote_name(&schema.name)));
    }
    for extension in &catalogue.extensions {
        script.push(format!(
            "CREATE EXTENSION IF NOT EXISTS {} SCHEMA {}",
            quote_name(&extension.name),
            quote_name(&extension.schema)
        ));
    }
    if !catalogue.routines.is_empty() {
        // Bodies may name tables that come later. Ends with the transaction.
        script.push("SET LOCAL check_function_bodies = off".to_owned());
    }
    let all: BTreeSet<Reference> = references(catalogue)
        .into_iter()
        .filter(|reference| !comes_last(catalogue, reference))
        .collect();
    let order = ordered(&all, &needs(catalogue), &rank);
    // Views may need the primary keys of tables, and some routines and tables need views.
    let late = needing_views(catalogue, &all);
    let (later, early): (Vec<Placed>, Vec<Placed>) = order.into_iter().partition(|placed| late.contains(&placed.reference));
    let mut deferred = Script::new();
    for placed in early {
        make(catalogue, &placed, &mut script, &mut deferred);
    }
    script.append(&mut deferred);
    relations::keys(catalogue, &mut script, &late);
    for placed in later {
        make(catalogue, &placed, &mut script, &mut deferred);
    }
    script.append(&mut deferred);
    relations::rest(catalogue, &mut script, &late);
    for other in catalogue.others.iter().filter(|other| LAST.contains(&other.what.as_str())) {
        script.extend(parts(&other.definition));
    }
    comments::all(catalogue, &mut script);
    script
}

/// Kinds that act on what is made, or list it.
pub(super) const LAST: [&str; 3] = ["statistics", "publication", "event trigger"];

/// What is said of an index beside its definition.
pub(super) fn further(table: &super::Name, index: &str, extras: &[String], script: &mut Script) {
    relations::further(table, index, extras, script);
}

/// A column as `ADD COLUMN` takes it.
pub(super) fn column_definition(table: &super::Table, column: &super::Column) -> String {
    relations::definition(table, column, false)
}

fn comes_last(catalogue: &Catalogue, reference: &Reference) -> bool {
    reference.kind == Kind::Other
        && catalogue
            .others
            .iter()
            .any(|other| other.name == reference.name && LAST.contains(&other.what.as_str()))
}

fn references(catalogue: &Catalogue) -> Vec<Reference> {
    let mut all = Vec::new();
    let mut add = |kind: Kind, name: &super::Name| all.push(Reference { kind, name: name.clone() });
    catalogue.enums.iter().for_each(|item| add(Kind::Enum, &item.name));
    catalogue.domains.iter().for_each(|item| add(Kind::Domain, &item.name));
    catalogue.composites.iter().for_each(|item| add(Kind::Composite, &item.name));
    catalogue.ranges.iter().for_each(|item| add(Kind::Range, &item.name));
    catalogue.sequences.iter().for_each(|item| add(Kind::Sequence, &item.name));
    catalogue.tables.iter().for_each(|item| add(Kind::Table, &item.name));
    catalogue.routines.iter().for_each(|item| add(Kind::Routine, &item.name));
    catalogue.others.iter().for_each(|item| add(Kind::Other, &item.name));
    for view in &catalogue.views {
        add(if view.materialized { Kind::MaterializedView } else { Kind::View }, &view.name);
    }
    all
}

/// What the server says, and that a table needs its parents.
fn needs(catalogue: &Catalogue) -> Vec<(Reference, Reference)> {
    let mut needs = catalogue.needs.clone();
    for table in &catalogue.tables {
        for parent in &table.inherits {
            let parent = Reference {
                kind: Kind::Table,
                name: parent.clone(),
            };
            needs.push((table.reference(), parent));
        }
    }
    needs
}

/// Among objects that need nothing of each other.
fn rank(reference: &Reference) -> u8 {
    match reference.kind {
        Kind::Other => 0,
        Kind::Enum | Kind::Range | Kind::Composite | Kind::Domain => 1,
        Kind::Sequence => 2,
        Kind::Routine => 3,
        Kind::Table => 4,
        _ => 5,
    }
}

/// The views, and everything that needs one.
fn needing_views(catalogue: &Catalogue, all: &BTreeSet<Reference>) -> BTreeSet<Reference> {
    let is_view = |reference: &&Reference| matches!(reference.kind, Kind::View | Kind::MaterializedView);
    let mut late: BTreeSet<Reference> = all.iter().filter(is_view).cloned().collect();
    loop {
        let more: Vec<Reference> = needs(catalogue)
            .into_iter()
            .filter(|(one, other)| late.contains(other) && !late.contains(one) && all.contains(one))
            .map(|(one, _)| one)
            .collect();
        if more.is_empty() {
            return late;
        }
        late.extend(more);
    }
}

/// Makes one object; what of it has to wait goes to `deferred`.
fn make(catalogue: &Catalogue, placed: &Placed, script: &mut Script, deferred: &mut Script) {
    let name = &placed.reference.name;
    match placed.reference.kind {
        Kind::Enum => script.extend(catalogue.enums.iter().filter(|item| item.name == *name).map(types::an_enum)),
        Kind::Domain => script.extend(catalogue.domains.iter().filter(|item| item.name == *name).flat_map(types::a_domain)),
        Kind::Composite => script.extend(catalogue.composites.iter().filter(|item| item.name == *name).map(types::a_composite)),
        Kind::Range => script.extend(catalogue.ranges.iter().filter(|item| item.name == *name).map(types::a_range)),
        Kind::Sequence => script.extend(catalogue.sequences.iter().filter(|item| item.name == *name).map(types::a_sequence)),
        Kind::Table => {
            for table in catalogue.tables.iter().filter(|item| item.name == *name) {
                relations::table(catalogue, table, placed.without_defaults, script, deferred);
            }
        }
        Kind::View | Kind::MaterializedView => script.extend(catalogue.views.iter().filter(|item| item.name == *name).map(relations::view)),
        Kind::Routine => script.extend(
            catalogue
                .routines
                .iter()
                .filter(|item| item.name == *name)
                .map(|item| item.definition.trim_end().to_owned()),
        ),
        Kind::Other => {
            for other in catalogue.others.iter().filter(|item| item.name == *name && !LAST.contains(&item.what.as_str())) {
                script.extend(parts(&other.definition));
            }
        }
        Kind::Schema | Kind::Extension | Kind::Column | Kind::Constraint | Kind::Index | Kind::Trigger | Kind::Policy | Kind::Rule | Kind::Access => {}
    }
}

/// A definition of several statements, as the questions write them.
fn parts(definition: &str) -> impl Iterator<Item = String> + '_ {
    definition.split(";\n").map(str::to_owned)
}

/// The word for a routine in `COMMENT ON` and the like.
pub(super) fn routine_word(kind: RoutineKind) -> &'static str {
    match kind {
        RoutineKind::Function | RoutineKind::Window => "FUNCTION",
        RoutineKind::Procedure => "PROCEDURE",
        RoutineKind::Aggregate => "AGGREGATE",
    }
}

pub(super) fn comment_on(what: &str, comment: Option<&String>) -> Option<String> {
    comment.map(|comment| format!("COMMENT ON {what} IS {}", literal(comment)))
}
