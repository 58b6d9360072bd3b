//! Indexes and unique constraints, which databases mix up: compared by name, unnamed unique constraints by their columns.

use super::constraint::{plain, shown, sql_name, tuple};
use super::tables::Both;
use super::{CONSTRAINTS, Comparison, index_text};
use crate::render::python::repr;
use crate::{NameCall, Object, ObjectCall, ObjectKind, Result, Side, Sided, TableChange};
use limbeck_dialect::{DialectName, mentioned_columns};
use limbeck_expr::Expr;
use limbeck_schema::{Constraint, ConstraintName, Ident, Index, KeyConstraint, Options, Table};
use std::collections::{BTreeMap, BTreeSet};

/// An index or a unique constraint, with its table.
#[derive(Clone, Copy)]
enum Item<'a> {
    Index(&'a Table, &'a Index),
    Unique(&'a Table, &'a Constraint, &'a KeyConstraint),
}

impl<'a> Item<'a> {
    fn name(self) -> &'a ConstraintName {
        match self {
            Item::Index(_, index) => &index.name,
            Item::Unique(_, _, key) => &key.name,
        }
    }

    fn kind(self) -> ObjectKind {
        match self {
            Item::Index(..) => ObjectKind::Index,
            Item::Unique(..) => ObjectKind::UniqueConstraint,
        }
    }

    fn words(self) -> &'static str {
        match self {
            Item::Index(..) => "index",
            Item::Unique(..) => "unique constraint",
        }
    }

    fn object(self) -> Object<'a> {
        match self {
            Item::Index(table, index) => Object::Index(table, index),
            Item::Unique(table, constraint, _) => Object::Constraint(table, constraint),
        }
    }

    fn columns(self) -> Vec<String> {
        match self {
            Item::Index(_, index) => index_columns(index),
            Item::Unique(_, _, key) => key.columns.iter().map(|column| column.text.clone()).collect(),
        }
    }

    fn create(self, side: Side) -> TableChange {
        match self {
            Item::Index(_, index) => TableChange::CreateIndex(Sided { side, item: index.clone() }),
            Item::Unique(table, constraint, _) => TableChange::AddConstraint(
                table.name.clone(),
                Sided {
                    side,
                    item: constraint.clone(),
                },
            ),
        }
    }

    fn drop(self, side: Side) -> TableChange {
        match self {
            Item::Index(_, index) => TableChange::DropIndex(Sided { side, item: index.clone() }),
            Item::Unique(table, constraint, _) => TableChange::DropConstraint(
                table.name.clone(),
                Sided {
                    side,
                    item: constraint.clone(),
                },
            ),
        }
    }
}

/// The columns an index mentions, in order.
fn index_columns(index: &Index) -> Vec<String> {
    index.elements.iter().flat_map(mentioned_columns).map(|name| name.text).collect()
}

/// A unique constraint without its name: its columns, whatever their order.
fn signature(key: &KeyConstraint) -> BTreeSet<&str> {
    key.columns.iter().map(Ident::as_str).collect()
}

fn uniques(table: &Table) -> impl Iterator<Item = Item<'_>> {
    table.constraints.iter().filter_map(move |constraint| match constraint {
        Constraint::Unique(key) => Some(Item::Unique(table, constraint, key)),
        _ => None,
    })
}

/// Indexes of a table that is created; its unique constraints are part of it.
///
/// # Errors
/// A hook failed.
pub(super) fn of_added(at: &mut Comparison<'_>, table: &Table, changes: &mut Vec<TableChange>) -> Result<()> {
    let dialect = at.options.dialect;
    // `index=True` and an index of the same name are one.
    let by_name: BTreeMap<_, _> = comparable(at, table, &[])
        .into_iter()
        .map(|item| (sql_name(dialect, item.name()), item))
        .collect();
    for item in by_name.into_values() {
        added(at, item, changes)?;
    }
    Ok(())
}

/// Indexes of a table that is dropped.
///
/// # Errors
/// A hook failed.
pub(super) fn of_removed(at: &mut Comparison<'_>, table: &Table, changes: &mut Vec<TableChange>) -> Result<()> {
    let mut items = Vec::new();
    for index in &table.indexes {
        let item = Item::Index(table, index);
        if named(at, table, item)? {
            items.push(item);
        }
    }
    for item in sorted(items) {
        removed(at, table, item, changes)?;
    }
    Ok(())
}

fn sorted(mut items: Vec<Item<'_>>) -> Vec<Item<'_>> {
    items.sort_by(|one, other| plain(one.name()).cmp(&plain(other.name())));
    items
}

/// Whether `include_name` lets something of the database through.
fn named(at: &mut Comparison<'_>, table: &Table, item: Item<'_>) -> Result<bool> {
    let schema = table.name.schema.as_ref().map(Ident::as_str);
    at.hooks.include_name(NameCall {
        kind: item.kind(),
        name: plain(item.name()),
        schema: schema.filter(|schema| Some(*schema) != at.options.default_schema.as_deref()),
        table: Some(table.name.name.as_str()),
    })
}

/// The indexes of the models that can be compared: SQLite does not tell of those with expressions.
fn comparable<'a>(at: &mut Comparison<'_>, table: &'a Table, have: &[Item<'_>]) -> Vec<Item<'a>> {
    let mut out = Vec::new();
    for index in &table.indexes {
        let known = have
            .iter()
            .any(|item| matches!(item, Item::Index(..)) && plain(item.name()) == plain(&index.name));
        if at.options.dialect == DialectName::Sqlite && !known && index.elements.iter().any(is_expression) {
            at.warnings.push(format!(
                "autogenerate skipping metadata-specified expression-based index {}; dialect 'sqlite' under SQLAlchemy 2.1.9 can't reflect these indexes so they can't be compared",
                shown(&index.name)
            ));
            continue;
        }
        out.push(Item::Index(table, index));
    }
    out
}

fn is_expression(element: &Expr) -> bool {
    match element {
        Expr::Postfix { expr, .. } | Expr::Prefix { expr, .. } | Expr::Label { expr, .. } => is_expression(expr),
        Expr::Column { .. } => false,
        _ => true,
    }
}

/// Indexes and unique constraints of a table on both sides.
///
/// # Errors
/// A hook failed, or an expression cannot be written.
pub(super) fn of_changed(at: &mut Comparison<'_>, both: &Both<'_>, changes: &mut Vec<TableChange>) -> Result<()> {
    let dialect = at.options.dialect;
    let table = &both.wanted.settled.table;
    let mut have: Vec<Item<'_>> = Vec::new();
    for item in uniques(both.have).chain(both.have.indexes.iter().map(|index| Item::Index(both.have, index))) {
        if named(at, both.have, item)? {
            have.push(item);
        }
    }
    let indexes = comparable(at, table, &have);
    let wanted_uniques: Vec<Item<'_>> = uniques(table).collect();

    let wanted_by_name: BTreeMap<String, Item<'_>> = wanted_uniques
        .iter()
        .chain(&indexes)
        .filter_map(|item| Some((sql_name(dialect, item.name())?, *item)))
        .collect();
    let have_by_name: BTreeMap<String, Item<'_>> = have.iter().filter_map(|item| Some((plain(item.name())?.to_owned(), *item))).collect();
    let unnamed: Vec<(&KeyConstraint, Item<'_>)> = wanted_uniques
        .iter()
        .filter_map(|item| match item {
            Item::Unique(_, _, key) if key.name == ConstraintName::Unnamed => Some((*key, *item)),
            _ => None,
        })
        .collect();

    for (name, item) in have_by_name.iter().filter(|(name, _)| !wanted_by_name.contains_key(*name)) {
        if let Item::Unique(_, _, key) = item
            && unnamed.iter().any(|(wanted, _)| signature(wanted) == signature(key))
        {
            continue;
        }
        let _ = name;
        removed(at, both.have, *item, changes)?;
    }
    for (name, wanted) in &wanted_by_name {
        if let Some(have) = have_by_name.get(name) {
            compared(at, both, *have, *wanted, changes)?;
        }
    }
    for (_, item) in wanted_by_name.iter().filter(|(name, _)| !have_by_name.contains_key(*name)) {
        added(at, *item, changes)?;
    }
    for (key, item) in unnamed {
        let found = have
            .iter()
            .any(|item| matches!(item, Item::Unique(_, _, have) if signature(have) == signature(key)));
        if !found {
            added(at, item, changes)?;
        }
    }
    Ok(())
}

fn added(at: &mut Comparison<'_>, item: Item<'_>, changes: &mut Vec<TableChange>) -> Result<()> {
    let call = ObjectCall {
        kind: item.kind(),
        name: plain(item.name()),
        reflected: false,
        object: item.object(),
        compare_to: None,
    };
    if at.hooks.include_object(call)? {
        changes.push(item.create(Side::Models));
        let columns = item.columns();
        let text = format!(
            "Detected added {} {} on '{}'",
            item.words(),
            shown(item.name()),
            tuple(columns.iter().map(String::as_str))
        );
        at.log(CONSTRAINTS, text);
    }
    Ok(())
}

fn removed(at: &mut Comparison<'_>, table: &Table, item: Item<'_>, changes: &mut Vec<TableChange>) -> Result<()> {
    let call = ObjectCall {
        kind: item.kind(),
        name: plain(item.name()),
        reflected: true,
        object: item.object(),
        compare_to: None,
    };
    if at.hooks.include_object(call)? {
        changes.push(item.drop(Side::Database));
        let text = format!("Detected removed {} {} on {}", item.words(), shown(item.name()), repr(table.name.name.as_str()));
        at.log(CONSTRAINTS, text);
    }
    Ok(())
}

/// One name on both sides.
fn compared(at: &mut Comparison<'_>, both: &Both<'_>, have: Item<'_>, wanted: Item<'_>, changes: &mut Vec<TableChange>) -> Result<()> {
    let difference = match (have, wanted) {
        (Item::Index(_, have), Item::Index(_, wanted)) => index_difference(at, have, wanted)?,
        (Item::Unique(_, _, have), Item::Unique(_, _, wanted)) => unique_difference(at.options.dialect, have, wanted),
        _ => {
            removed(at, both.have, have, changes)?;
            return added(at, wanted, changes);
        }
    };
    let Some(difference) = difference else { return Ok(()) };
    let call = ObjectCall {
        kind: wanted.kind(),
        name: plain(wanted.name()),
        reflected: false,
        object: wanted.object(),
        compare_to: Some(have.object()),
    };
    if at.hooks.include_object(call)? {
        let text = format!(
            "Detected changed {} {} on {}: {difference}",
            have.words(),
            shown(have.name()),
            repr(both.name.name.as_str())
        );
        at.log(CONSTRAINTS, text);
        changes.push(have.drop(Side::Database));
        changes.push(wanted.create(Side::Models));
    }
    Ok(())
}

fn nulls_not_distinct(options: &Options) -> bool {
    options.get("postgresql_nulls_not_distinct").is_some_and(|value| value.is_truthy())
}

fn nulls_words(is: bool) -> &'static str {
    if is { "('nulls_not_distinct',)" } else { "()" }
}

fn unique_difference(dialect: DialectName, have: &KeyConstraint, wanted: &KeyConstraint) -> Option<String> {
    let (have_columns, wanted_columns) = (signature(have), signature(wanted));
    if have_columns != wanted_columns {
        return Some(format!("expression {} to {}", tuple(have_columns), tuple(wanted_columns)));
    }
    let (have, wanted) = (nulls_not_distinct(&have.options), nulls_not_distinct(&wanted.options));
    (dialect == DialectName::Postgresql && have != wanted).then(|| format!("expression {} to {}", nulls_words(have), nulls_words(wanted)))
}

fn index_difference(at: &mut Comparison<'_>, have: &Index, wanted: &Index) -> Result<Option<String>> {
    let python = |flag: bool| if flag { "True" } else { "False" };
    let mut found = Vec::new();
    if have.unique != wanted.unique {
        found.push(format!("unique={} to unique={}", python(have.unique), python(wanted.unique)));
    }
    if at.options.dialect != DialectName::Postgresql {
        let (have, wanted) = (index_columns(have), index_columns(wanted));
        if have != wanted {
            let shown = |names: &[String]| tuple(names.iter().map(String::as_str));
            found.push(format!("expression {} to {}", shown(&have), shown(&wanted)));
        }
        return Ok(joined(found));
    }
    if have.elements.len() != wanted.elements.len() {
        found.push(format!("expression number {} to {}", have.elements.len(), wanted.elements.len()));
    }
    if !found.is_empty() {
        return Ok(joined(found));
    }
    let mut skipped = Vec::new();
    for (at_element, (have_element, wanted_element)) in have.elements.iter().zip(&wanted.elements).enumerate() {
        let table = wanted.table.name.as_str();
        let (have_text, wanted_text) = (index_text::of(have_element)?, index_text::of(wanted_element)?);
        if index_text::bare(table, &have_text) == index_text::bare(table, &wanted_text) {
            continue;
        }
        let position = at_element + 1;
        if wanted_text.trim().ends_with("_ops") && wanted_text.contains([' ', ')']) {
            skipped.push(format!("expression #{position} {} detected as including operator clause.", repr(&wanted_text)));
        } else {
            found.push(format!("expression #{position} {} to {}", repr(&have_text), repr(&wanted_text)));
        }
    }
    let (have_nulls, wanted_nulls) = (nulls_not_distinct(&have.options), nulls_not_distinct(&wanted.options));
    if have_nulls != wanted_nulls {
        found.push(format!("options {} to {}", nulls_words(have_nulls), nulls_words(wanted_nulls)));
    }
    if found.is_empty() && !skipped.is_empty() {
        at.log(
            CONSTRAINTS,
            format!(
                "Cannot compare index {}, assuming equal and skipping. {}",
                shown(&have.name),
                skipped.join(", ")
            ),
        );
    }
    Ok(joined(found))
}

fn joined(found: Vec<String>) -> Option<String> {
    (!found.is_empty()).then(|| found.join(", "))
}
