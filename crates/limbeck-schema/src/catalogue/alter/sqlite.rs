//! What SQLite has words for: whole tables, indexes, views and triggers come and go. A table that changes is made anew beside the old one, whose rows it takes over.
//!
//! The new table is made by the very text of the wanted one. Views and triggers that name a table must be out of the way while it is exchanged
//! (`between`), and foreign keys must not be enforced then, which is SQLite's default.

use super::super::differences::{Change, Difference};
use super::super::name::quote_name;
use super::super::object::Kind;
use super::super::{Catalogue, Index, Name, Table, TableKind, Trigger};
use super::Alteration;
use std::collections::BTreeSet;

pub(super) fn alter(from: &Catalogue, to: &Catalogue, changes: &[Change]) -> Alteration {
    let mut way = Alteration::default();
    let whole = |kind: Kind, wanted: fn(&Difference) -> bool| -> BTreeSet<&Name> {
        let chosen = changes
            .iter()
            .filter(|change| change.object.kind == kind && change.object.part.is_none() && wanted(&change.difference));
        chosen.map(|change| &change.object.name).collect()
    };
    let goes = |difference: &Difference| !matches!(difference, Difference::Extra { .. });
    let comes = |difference: &Difference| !matches!(difference, Difference::Missing { .. });
    let parts = |kind: Kind, wanted: fn(&Difference) -> bool| -> BTreeSet<(&Name, &str)> {
        let chosen = changes.iter().filter(|change| change.object.kind == kind && wanted(&change.difference));
        chosen
            .filter_map(|change| Some((&change.object.name, change.object.part.as_deref()?)))
            .collect()
    };
    let drop = |word: &str, name: &str| format!("DROP {word} {}", quote_name(name));
    way.statements.extend(parts(Kind::Trigger, goes).iter().map(|(_, name)| drop("TRIGGER", name)));
    way.statements.extend(whole(Kind::View, goes).iter().map(|name| drop("VIEW", &name.name)));
    way.statements.extend(parts(Kind::Index, goes).iter().map(|(_, name)| drop("INDEX", name)));
    let missing = |difference: &Difference| matches!(difference, Difference::Missing { .. });
    way.statements.extend(whole(Kind::Table, missing).iter().map(|name| drop("TABLE", &name.name)));
    let extra = |difference: &Difference| matches!(difference, Difference::Extra { .. });
    let new_tables = whole(Kind::Table, extra);
    for table in to.tables.iter().filter(|table| new_tables.contains(&table.name)) {
        way.statements.extend(table.sql.clone());
    }
    let rebuilt: BTreeSet<&Name> = changes.iter().filter(|change| rebuilds(change)).map(|change| &change.object.name).collect();
    let (mut anew, mut by_hand) = (BTreeSet::new(), Vec::new());
    for name in rebuilt {
        let old = from.tables.iter().find(|table| table.name == *name);
        let new = to.tables.iter().find(|table| table.name == *name);
        match old.zip(new).and_then(|(old, new)| exchange(old, new)) {
            Some(statements) => {
                anew.insert(name);
                way.statements.extend(statements);
            }
            None => by_hand.push(name.to_string()),
        }
    }
    way.by_hand = by_hand;
    let is_new_table = |name: &Name| new_tables.contains(name) || anew.contains(name);
    let new_indexes = parts(Kind::Index, comes);
    for table in &to.tables {
        let is_new = |index: &&Index| is_new_table(&table.name) || new_indexes.contains(&(&table.name, index.name.as_str()));
        way.statements.extend(table.indexes.iter().filter(is_new).map(|index| index.definition.clone()));
    }
    let new_views = whole(Kind::View, comes);
    way.statements.extend(
        to.views
            .iter()
            .filter(|view| new_views.contains(&view.name))
            .map(|view| view.definition.clone()),
    );
    let new_triggers = parts(Kind::Trigger, comes);
    let mut triggers = |of: &Name, list: &[Trigger]| {
        let whole_is_new = is_new_table(of) || new_views.contains(of);
        let is_new = |trigger: &&Trigger| whole_is_new || new_triggers.contains(&(of, trigger.name.as_str()));
        way.statements.extend(list.iter().filter(is_new).map(|trigger| trigger.definition.clone()));
    };
    to.tables.iter().for_each(|table| triggers(&table.name, &table.triggers));
    to.views.iter().for_each(|view| triggers(&view.name, &view.triggers));
    way
}

/// Whether a change of a table asks for another table.
fn rebuilds(change: &Change) -> bool {
    matches!(change.object.kind, Kind::Column | Kind::Constraint)
        || change.object.kind == Kind::Table && matches!(change.difference, Difference::Changed { .. })
}

/// A new table in the place of an old one, with the rows; indexes and triggers are gone then.
fn exchange(old: &Table, new: &Table) -> Option<Vec<String>> {
    if old.kind == TableKind::Virtual || new.kind == TableKind::Virtual {
        return None;
    }
    let name = quote_name(&old.name.name);
    let beside = quote_name(&format!("_limbeck_new_{}", old.name.name));
    let body = body(new.sql.as_deref()?)?;
    let taken_over = new
        .columns
        .iter()
        .filter(|column| column.generated.is_none() && old.columns.iter().any(|other| other.name.eq_ignore_ascii_case(&column.name)));
    let columns: Vec<String> = taken_over.map(|column| quote_name(&column.name)).collect();
    let mut statements = vec![format!("CREATE TABLE {beside} {body}")];
    if !columns.is_empty() {
        let columns = columns.join(", ");
        statements.push(format!("INSERT INTO {beside} ({columns}) SELECT {columns} FROM {name}"));
    }
    statements.push(format!("DROP TABLE {name}"));
    statements.push(format!("ALTER TABLE {beside} RENAME TO {name}"));
    Some(statements)
}

/// What follows the name in `CREATE TABLE name (…) …`, as `sqlite_schema` holds it.
fn body(sql: &str) -> Option<&str> {
    let rest = sql.trim_start().get("CREATE TABLE".len()..)?.trim_start();
    let end = match rest.chars().next()? {
        open @ ('"' | '`' | '\'') => {
            let mut at = 1;
            loop {
                at += rest[at..].find(open)? + 1;
                if !rest[at..].starts_with(open) {
                    break at;
                }
                at += 1;
            }
        }
        '[' => rest.find(']')? + 1,
        _ => rest.find(|c: char| c.is_whitespace() || c == '(')?,
    };
    Some(rest[end..].trim_start())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_s_text_without_its_name() {
        assert_eq!(body("CREATE TABLE t(a)"), Some("(a)"));
        assert_eq!(body("CREATE TABLE \"a \"\"(b\" (c) STRICT"), Some("(c) STRICT"));
        assert_eq!(body("CREATE TABLE [x y]\n(c)"), Some("(c)"));
    }
}
