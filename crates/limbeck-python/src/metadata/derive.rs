//! The tables of model classes that were not evaluated, made from those of their exemplars (`crate::alike`).
//!
//! Returns `None` wherever it cannot be sure; then everything is evaluated.

use super::TypeSpelling;
use super::order::key;
use crate::alike::{Item, Member, ModelClass, Shape};
use limbeck_schema::{Column, ColumnType, Constraint, ConstraintName, Expr, Ident, Table, TableName};
use serde::Deserialize;
use std::collections::{HashMap, HashSet};

/// What `alike.collected()` tells of one `MetaData`.
#[derive(Deserialize)]
pub(super) struct Collected {
    groups: Vec<Group>,
    exemplars: Vec<Exemplar>,
}

impl Collected {
    /// How many classes there are.
    pub(super) fn count(&self) -> usize {
        self.groups.iter().map(|group| group.classes.len()).sum()
    }
}

#[derive(Deserialize)]
struct Group {
    /// Places in `Collected::exemplars`, in the order of `ModelClass::like`.
    exemplars: Vec<usize>,
    classes: Vec<usize>,
}

#[derive(Deserialize)]
struct Exemplar {
    table: TableName,
    /// Where the column of an attribute is in the table.
    columns: HashMap<String, usize>,
    /// `sort_order` of each column.
    orders: Vec<i64>,
    /// Columns without a type of their own, which have that of the column they refer to.
    untyped: Vec<usize>,
    /// Names that bases declare.
    inherited: HashSet<String>,
}

/// A table with the spellings of its columns' types, by column.
pub(super) struct Spelt {
    pub table: Table,
    pub spellings: HashMap<String, TypeSpelling>,
}

/// Adds the tables of the classes that were not evaluated to those that were; sorted by key.
pub(super) fn add(mut tables: Vec<Spelt>, collected: &Collected, classes: &[ModelClass]) -> Option<Vec<Spelt>> {
    let mut untyped = untyped_columns(&tables);
    let places: HashMap<String, usize> = tables.iter().enumerate().map(|(place, spelt)| (key(&spelt.table.name), place)).collect();
    let of_exemplar = |place: &usize| {
        let exemplar = collected.exemplars.get(*place)?;
        Some((exemplar, tables.get(*places.get(&key(&exemplar.table))?)?))
    };
    let mut made = Vec::new();
    for group in &collected.groups {
        let exemplars: Vec<(&Exemplar, &Spelt)> = group.exemplars.iter().map(of_exemplar).collect::<Option<_>>()?;
        for number in &group.classes {
            let class = classes.get(*number)?;
            let written: Vec<&ModelClass> = class.like.iter().map(|number| classes.get(*number)).collect::<Option<_>>()?;
            if written.len() != exemplars.len() {
                return None;
            }
            let (spelt, without_type) = derive(class, &exemplars, &written)?;
            untyped.extend(without_type.into_iter().map(|column| (key(&spelt.table.name), column)));
            made.push(spelt);
        }
    }
    tables.extend(made);
    tables.sort_by_key(|spelt| key(&spelt.table.name));
    if tables.windows(2).any(|pair| pair[0].table.name == pair[1].table.name) {
        return None;
    }
    take_types(&mut tables, &untyped);
    Some(tables)
}

/// Makes the table of a class; and the names of its columns that have no type of their own.
fn derive(class: &ModelClass, exemplars: &[(&Exemplar, &Spelt)], written: &[&ModelClass]) -> Option<(Spelt, Vec<String>)> {
    let (frame, frame_spelt) = exemplars.first()?;
    let declared = |class: &ModelClass, inherited: &HashSet<String>| class.members.iter().any(|member| inherited.contains(&member.name));
    if declared(class, &frame.inherited)
        || exemplars
            .iter()
            .zip(written)
            .any(|((exemplar, _), written)| declared(written, &exemplar.inherited))
    {
        return None;
    }
    // (sort_order, column, spelling, whether it has no type)
    let mut columns: Vec<(i64, Column, Option<TypeSpelling>, bool)> = Vec::new();
    for member in in_order(&class.members) {
        let Some(shape) = &member.column else { continue };
        let (exemplar, spelt) = exemplars.get(shape.like.0)?;
        let Some(place) = exemplar.columns.get(&shape.like.1) else { continue };
        let column = spelt.table.columns.get(*place)?;
        let spelling = spelt.spellings.get(column.name.as_str()).cloned();
        if !same_kind_of_string(column, shape, written.get(shape.like.0)?, spelling.is_some()) {
            return None;
        }
        let column = renamed(column.clone(), member, shape)?;
        columns.push((*exemplar.orders.get(*place)?, column, spelling, exemplar.untyped.contains(place)));
    }
    // What the bases bring is what the exemplar's own attributes do not account for.
    let own: HashSet<usize> = written
        .first()?
        .members
        .iter()
        .filter_map(|member| frame.columns.get(&member.name).copied())
        .collect();
    for (place, column) in frame_spelt.table.columns.iter().enumerate().filter(|(place, _)| !own.contains(place)) {
        let inherited = frame.columns.iter().any(|(name, at)| *at == place && frame.inherited.contains(name));
        if !inherited || column.foreign_keys.iter().any(|foreign_key| foreign_key.referred_table == frame.table) {
            return None;
        }
        let spelling = frame_spelt.spellings.get(column.name.as_str()).cloned();
        columns.push((*frame.orders.get(place)?, column.clone(), spelling, frame.untyped.contains(&place)));
    }
    columns.sort_by_key(|(order, ..)| *order);
    let distinct: HashSet<&str> = columns.iter().map(|(_, column, ..)| column.name.as_str()).collect();
    if distinct.len() != columns.len() || !columns.iter().any(|(_, column, ..)| column.primary_key) {
        return None;
    }
    let name = TableName {
        schema: frame.table.schema.clone(),
        name: Ident::new(class.table.as_str()),
    };
    let mut table = Table {
        name: name.clone(),
        columns: Vec::with_capacity(columns.len()),
        ..frame_spelt.table_without_columns()
    };
    let known: HashMap<&str, &Ident> = columns.iter().map(|(_, column, ..)| (column.name.as_str(), &column.name)).collect();
    for item in &class.items {
        let (spelt, written) = (exemplars.get(item.like.0)?.1, written.get(item.like.0)?);
        add_item(&mut table, item, written, &spelt.table, &known)?;
    }
    let mut spellings = HashMap::new();
    let mut without_type = Vec::new();
    for (_, column, spelling, untyped) in columns {
        let column_name = column.name.as_str().to_owned();
        if let Some(spelling) = spelling {
            let spelling = TypeSpelling {
                table: name.clone(),
                column: column_name.clone(),
                ..spelling
            };
            spellings.insert(column_name.clone(), spelling);
        }
        if untyped {
            without_type.push(column_name);
        }
        table.columns.push(column);
    }
    Some((Spelt { table, spellings }, without_type))
}

/// Adds a constraint or an index: the exemplar's with other names.
fn add_item(table: &mut Table, item: &Item, written: &ModelClass, exemplar: &Table, columns: &HashMap<&str, &Ident>) -> Option<()> {
    let model = written.items.get(item.like.1)?;
    let place = written.items[..item.like.1].iter().filter(|other| other.index == item.index).count();
    // A column is found by its key, which without `key=` is its name.
    let column = |text: &String| columns.get(text.as_str()).map(|name| (*name).clone());
    let same_name = |name: &ConstraintName| match (&model.name, name) {
        (Some(text), ConstraintName::Given(found)) => found.as_str() == text && found.quote.is_none(),
        (None, _) => true,
        _ => false,
    };
    let name_of = |name: ConstraintName| match &item.name {
        Some(text) => ConstraintName::Given(Ident::new(text.as_str())),
        None => name,
    };
    if item.index {
        let mut index = exemplar.indexes.get(place)?.clone();
        if !same_name(&index.name) || index.elements.len() != item.columns.len() || index.table != exemplar.name {
            return None;
        }
        for (element, text) in index.elements.iter_mut().zip(&item.columns) {
            let Some(text) = text else { continue };
            let Expr::Column { name, .. } = element else { return None };
            *name = column(text)?;
        }
        index.name = name_of(index.name);
        index.table = table.name.clone();
        table.indexes.push(index);
        return Some(());
    }
    let mut constraint = exemplar.constraints.get(place)?.clone();
    if !same_name(constraint.name()) {
        return None;
    }
    match &mut constraint {
        Constraint::Unique(unique) => {
            if unique.columns.len() != item.columns.len() {
                return None;
            }
            for (name, text) in unique.columns.iter_mut().zip(&item.columns) {
                *name = column(text.as_ref()?)?;
            }
            unique.name = name_of(std::mem::take(&mut unique.name));
        }
        Constraint::Check(check) => check.name = name_of(std::mem::take(&mut check.name)),
        _ => return None,
    }
    table.constraints.push(constraint);
    Some(())
}

impl Spelt {
    fn table_without_columns(&self) -> Table {
        Table {
            name: self.table.name.clone(),
            columns: Vec::new(),
            constraints: Vec::new(),
            indexes: Vec::new(),
            comment: self.table.comment.clone(),
            prefixes: self.table.prefixes.clone(),
            options: self.table.options.clone(),
            info: self.table.info.clone(),
        }
    }
}

/// Whether `String(20)` in the exemplar is SQLAlchemy's own, so that another length makes the type that the class has.
fn same_kind_of_string(column: &Column, shape: &Shape, exemplar: &ModelClass, spelt: bool) -> bool {
    if shape.length.is_none() {
        return true;
    }
    let written = exemplar
        .members
        .iter()
        .find(|member| member.name == shape.like.1)
        .and_then(|member| member.column.as_ref());
    let length = written.and_then(|shape| shape.length);
    !spelt && column.type_ == ColumnType::String { length, collation: None }
}

/// The column with what is the class's own put in.
fn renamed(mut column: Column, member: &Member, shape: &Shape) -> Option<Column> {
    let exemplars_name = &shape.like.1;
    if !shape.named && column.name.as_str() == exemplars_name {
        column.name = Ident::new(member.name.as_str());
    }
    if column.foreign_keys.len() != shape.targets.len() {
        return None;
    }
    for (foreign_key, target) in column.foreign_keys.iter_mut().zip(&shape.targets) {
        let Some(target) = target else {
            if foreign_key.referred_columns.iter().any(|column| column.as_str() == exemplars_name) {
                // It may stand for "the column of the same name".
                return None;
            }
            continue;
        };
        let (table, referred) = target.rsplit_once('.')?;
        match table.rsplit_once('.') {
            Some((schema, table)) => foreign_key.referred_table = TableName::in_schema(Some(schema), table),
            // Without a schema it is the metadata's, as the exemplar's is.
            None => foreign_key.referred_table.name = Ident::new(table),
        }
        foreign_key.referred_columns = vec![Ident::new(referred)];
    }
    if let (Some(own), ColumnType::String { length, .. }) = (shape.length, &mut column.type_) {
        *length = Some(own);
    }
    if let Some(comment) = &shape.comment {
        column.comment = Some(comment.clone());
    }
    Some(column)
}

/// The members in the order in which the mapper meets them: names with a value and annotated names are two lists, and one is walked up to a name that both
/// have, then the other.
fn in_order(members: &[Member]) -> Vec<&Member> {
    let bound: Vec<&Member> = members.iter().filter(|member| member.bound).collect();
    let annotated: Vec<&Member> = members.iter().filter(|member| member.annotated).collect();
    let mut shared: HashSet<&str> = members
        .iter()
        .filter(|member| member.bound && member.annotated)
        .map(|member| member.name.as_str())
        .collect();
    let mut found: Vec<&Member> = Vec::with_capacity(members.len());
    let mut have: HashSet<&str> = HashSet::new();
    let (mut current, mut other) = (bound.into_iter(), annotated.into_iter());
    'walk: loop {
        for member in current.by_ref() {
            if shared.remove(member.name.as_str()) {
                std::mem::swap(&mut current, &mut other);
                continue 'walk;
            }
            if have.insert(&member.name) {
                found.push(member);
            }
        }
        found.extend(other.filter(|member| !have.contains(member.name.as_str())));
        return found;
    }
}

/// Columns of evaluated tables whose type is that of a column they refer to, and that may be one of a class that was not evaluated.
fn untyped_columns(tables: &[Spelt]) -> HashSet<(String, String)> {
    let mut found = HashSet::new();
    for spelt in tables {
        for column in &spelt.table.columns {
            if column.type_ == ColumnType::Null && !column.foreign_keys.is_empty() {
                found.insert((key(&spelt.table.name), column.name.as_str().to_owned()));
            }
        }
    }
    found
}

/// Gives columns without a type that of the column they refer to.
fn take_types(tables: &mut [Spelt], untyped: &HashSet<(String, String)>) {
    let places: HashMap<String, usize> = tables.iter().enumerate().map(|(place, spelt)| (key(&spelt.table.name), place)).collect();
    for (table, column) in untyped {
        let source = referred(tables, &places, untyped, table, column, 0);
        let type_ = source.map_or(ColumnType::Null, |(at, place)| tables[at].table.columns[place].type_.clone());
        let spelling = source.and_then(|(at, place)| {
            let spelt = &tables[at];
            spelt.spellings.get(spelt.table.columns[place].name.as_str()).cloned()
        });
        let target = &mut tables[places[table]];
        let name = target.table.name.clone();
        let Some(found) = target.table.columns.iter_mut().find(|found| found.name.as_str() == column) else {
            continue;
        };
        found.type_ = type_;
        target.spellings.remove(column);
        if let Some(spelling) = spelling {
            let spelling = TypeSpelling {
                table: name,
                column: column.clone(),
                ..spelling
            };
            target.spellings.insert(column.clone(), spelling);
        }
    }
}

/// The place of the column, with a type, that a chain of references ends at.
fn referred(
    tables: &[Spelt],
    places: &HashMap<String, usize>,
    untyped: &HashSet<(String, String)>,
    table: &str,
    column: &str,
    depth: usize,
) -> Option<(usize, usize)> {
    let at = *places.get(table)?;
    let place = tables[at].table.columns.iter().position(|found| found.name.as_str() == column)?;
    if !untyped.contains(&(table.to_owned(), column.to_owned())) {
        return Some((at, place));
    }
    if depth > places.len() {
        return None;
    }
    tables[at].table.columns[place].foreign_keys.iter().find_map(|foreign_key| {
        let target = foreign_key.referred_columns.first()?;
        referred(tables, places, untyped, &key(&foreign_key.referred_table), target.as_str(), depth + 1)
    })
}
