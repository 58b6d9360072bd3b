//! Tables that only go by another name: dropping one and making the other would lose its rows.

use super::super::name::quote_name;
use super::super::table::{Index, Rule, Table, Trigger};
use super::super::{Catalogue, Column, Name};
use std::collections::BTreeSet;

/// The statements that rename tables, and the catalogue after them. A table is taken for another one where all is the same, and no third is.
pub(super) fn tables(from: &Catalogue, to: &Catalogue) -> (Vec<String>, Catalogue) {
    let names = |catalogue: &Catalogue| -> BTreeSet<Name> { catalogue.tables.iter().map(|table| table.name.clone()).collect() };
    let (before, after) = (names(from), names(to));
    let gone: Vec<&Table> = from.tables.iter().filter(|table| !after.contains(&table.name)).collect();
    let come: Vec<&Table> = to.tables.iter().filter(|table| !before.contains(&table.name)).collect();
    let (mut statements, mut out) = (Vec::new(), from.clone());
    for old in &gone {
        let twins: Vec<&&Table> = come.iter().filter(|new| is_same(old, new)).collect();
        let [new] = twins.as_slice() else { continue };
        if gone.iter().filter(|other| is_same(other, new)).count() > 1 {
            continue;
        }
        statements.push(format!("ALTER TABLE {} RENAME TO {}", old.name.quoted(), quote_name(&new.name.name)));
        rename(&mut out, &old.name, &new.name);
    }
    (statements, out)
}

/// RENAME leaves all that belongs to a table under its old name, where another table has names of its own. Into another schema a table takes along what it
/// owns; that is not followed here.
fn is_same(old: &Table, new: &Table) -> bool {
    let column = |column: &Column| Column {
        comment: None,
        ..column.clone()
    };
    let columns = |table: &Table| table.columns.iter().map(column).collect::<Vec<_>>();
    let parts = |table: &Table| -> BTreeSet<String> {
        let constraints = table.constraints.iter().filter_map(|item| item.name.clone());
        constraints.chain(table.indexes.iter().map(|item| item.name.clone())).collect()
    };
    !old.columns.is_empty()
        && (&old.name.schema, old.kind, &old.of_type, &old.inherits) == (&new.name.schema, new.kind, &new.of_type, &new.inherits)
        && (&old.bound, &old.partition_key) == (&new.bound, &new.partition_key)
        && columns(old) == columns(new)
        && parts(old) == parts(new)
}

/// Writes the new name wherever the server would. The texts of functions are the user's own.
fn rename(catalogue: &mut Catalogue, old: &Name, new: &Name) {
    let (old_text, new_text) = (old.quoted(), new.quoted());
    let text = |text: &mut String| *text = replaced(text, &old_text, &new_text);
    let indexes = |items: &mut Vec<Index>| items.iter_mut().for_each(|item| text(&mut item.definition));
    let triggers = |items: &mut Vec<Trigger>| items.iter_mut().for_each(|item| text(&mut item.definition));
    let rules = |items: &mut Vec<Rule>| items.iter_mut().for_each(|item| text(&mut item.definition));
    for table in &mut catalogue.tables {
        if table.name == *old {
            table.name = new.clone();
        }
        table
            .inherits
            .iter_mut()
            .filter(|parent| **parent == *old)
            .for_each(|parent| *parent = new.clone());
        for column in &mut table.columns {
            text(&mut column.type_);
            column.default.iter_mut().for_each(text);
        }
        table.constraints.iter_mut().for_each(|item| text(&mut item.definition));
        table.policies.iter_mut().for_each(|item| text(&mut item.definition));
        indexes(&mut table.indexes);
        triggers(&mut table.triggers);
        rules(&mut table.rules);
    }
    for view in &mut catalogue.views {
        indexes(&mut view.indexes);
        triggers(&mut view.triggers);
        rules(&mut view.rules);
    }
    catalogue.others.iter_mut().for_each(|item| text(&mut item.definition));
    for sequence in &mut catalogue.sequences {
        if let Some((table, _)) = &mut sequence.owned_by
            && *table == *old
        {
            *table = new.clone();
        }
    }
    for (one, other) in &mut catalogue.needs {
        for reference in [one, other] {
            if reference.name == *old {
                reference.name = new.clone();
            }
        }
    }
}

/// Every place of a name that is not part of a longer one.
fn replaced(text: &str, old: &str, new: &str) -> String {
    let is_word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '$' | '"');
    let mut out = String::new();
    let mut rest = 0;
    for (at, found) in text.match_indices(old) {
        let before = text[..at].chars().next_back().is_some_and(|c| is_word(c) || c == '.');
        let after = text[at + found.len()..].chars().next().is_some_and(is_word);
        if !before && !after {
            out.push_str(&text[rest..at]);
            out.push_str(new);
            rest = at + found.len();
        }
    }
    out + &text[rest..]
}

#[cfg(test)]
mod tests {
    use super::super::super::{Constraint, ConstraintKind};
    use super::super::alter;
    use super::*;

    fn table(name: &str, columns: &[&str]) -> Table {
        let column = |name: &&str| Column {
            name: (*name).to_owned(),
            type_: "integer".to_owned(),
            ..Column::default()
        };
        Table {
            name: Name::new("public", name),
            columns: columns.iter().map(column).collect(),
            ..Table::default()
        }
    }

    fn with(tables: Vec<Table>) -> Catalogue {
        Catalogue {
            tables,
            ..Catalogue::default()
        }
    }

    #[test]
    fn a_table_with_another_name_keeps_its_rows_and_who_refers_to_it() {
        let referring = |to: &str| {
            let mut table = table("b", &["y"]);
            table.constraints.push(Constraint {
                name: Some("k".to_owned()),
                kind: ConstraintKind::ForeignKey,
                definition: format!("FOREIGN KEY (y) REFERENCES {to}(x)"),
                inherited: false,
                part_of: None,
                extras: Vec::new(),
                comment: None,
            });
            table
        };
        let old = with(vec![table("a", &["x", "z"]), referring("public.a")]);
        let new = with(vec![table("c", &["x", "z"]), referring("public.c")]);
        assert_eq!(alter(&old, &new).statements, ["ALTER TABLE public.a RENAME TO c"]);
    }

    #[test]
    fn of_two_that_look_alike_none_is_taken_for_the_other() {
        let (old, new) = (with(vec![table("a", &["x"])]), with(vec![table("c", &["x"]), table("d", &["x"])]));
        assert!(alter(&old, &new).statements.iter().all(|sql| !sql.contains("RENAME")));
    }

    #[test]
    fn names_inside_longer_ones_stay() {
        assert_eq!(
            replaced("public.a, public.ab, x.public.a, public.a[]", "public.a", "public.c"),
            "public.c, public.ab, x.public.a, public.c[]"
        );
    }
}
