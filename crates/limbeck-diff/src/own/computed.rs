//! Computed columns around changes of the columns they are computed from: PostgreSQL changes no type below one.

use crate::{Sided, Step, TableChange};
use limbeck_dialect::{DialectName, expression_sql, mentioned_columns};
use limbeck_schema::{Column, Index, Table, TableName};

/// Takes computed columns away before the type of a column below them changes and puts them back afterwards; new ones come after such changes.
pub fn with_computed(steps: &mut [Step], have: &[Table], wanted: &[Table]) {
    for step in steps {
        let Step::Modify(modify) = step else { continue };
        let retyped: Vec<String> = modify.changes.iter().filter_map(retyped).collect();
        if retyped.is_empty() {
            continue;
        }
        let (mut first, mut last) = (Vec::new(), Vec::new());
        for (old, new) in pairs(&modify.table, have, wanted) {
            if retyped.iter().any(|name| stands_on(old, name)) {
                first.push(TableChange::DropColumn(Sided::database(old.clone())));
                last.push(TableChange::AddColumn(Sided::models(new.clone())));
                last.extend(indexes(&modify.table, new, wanted).map(|index| TableChange::CreateIndex(Sided::models(index.clone()))));
            }
        }
        let mut rest = Vec::with_capacity(modify.changes.len());
        for change in std::mem::take(&mut modify.changes) {
            match change {
                TableChange::AddColumn(column) if column.item.computed.is_some() => last.insert(0, TableChange::AddColumn(column)),
                other => rest.push(other),
            }
        }
        let known: Vec<TableChange> = rest.iter().filter(|change| matches!(change, TableChange::CreateIndex(_))).cloned().collect();
        last.retain(|change| !known.contains(change));
        let after = rest.iter().rposition(retyped_at).map_or(rest.len(), |at| at + 1);
        let tail = rest.split_off(after);
        modify.changes = first.into_iter().chain(rest).chain(last).chain(tail).collect();
    }
}

fn retyped(change: &TableChange) -> Option<String> {
    match change {
        TableChange::AlterColumn(alteration) if alteration.type_.is_some() => Some(alteration.column.text.clone()),
        _ => None,
    }
}

fn retyped_at(change: &TableChange) -> bool {
    retyped(change).is_some()
}

/// Whether a computed column's expression names a column; said too often rather than too seldom.
fn stands_on(column: &Column, name: &str) -> bool {
    let Some(computed) = &column.computed else { return false };
    let text = expression_sql(DialectName::Postgresql, &computed.expr).unwrap_or_default();
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices(name).any(|(at, found)| {
        let before = text[..at].chars().next_back().is_some_and(is_word);
        let after = text[at + found.len()..].chars().next().is_some_and(is_word);
        !before && !after
    })
}

/// The computed columns that both sides have.
fn pairs<'a>(table: &TableName, have: &'a [Table], wanted: &'a [Table]) -> Vec<(&'a Column, &'a Column)> {
    let find = |side: &'a [Table]| side.iter().find(|candidate| candidate.name == *table);
    let Some((have, wanted)) = find(have).zip(find(wanted)) else {
        return Vec::new();
    };
    let computed = have.columns.iter().filter(|column| column.computed.is_some());
    computed
        .filter_map(|column| Some((column, wanted.column(column.name.as_str())?)))
        .filter(|(_, new)| new.computed.is_some())
        .collect()
}

/// The indexes that go away with a column.
fn indexes<'a>(table: &TableName, column: &'a Column, wanted: &'a [Table]) -> impl Iterator<Item = &'a Index> + use<'a> {
    let table = wanted.iter().find(|candidate| candidate.name == *table);
    let on_column = |index: &&Index| {
        let names = index.elements.iter().flat_map(mentioned_columns);
        names.into_iter().any(|name| name == column.name)
    };
    table.into_iter().flat_map(|table| &table.indexes).filter(on_column)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Alteration, Modify};
    use limbeck_schema::{ColumnType, Computed, Expr};

    #[test]
    fn a_computed_column_is_away_while_what_it_stands_on_changes() {
        let mut table = Table::new(TableName::new("t"));
        table.columns.push(Column::new("total", ColumnType::SqlInteger));
        let mut twice = Column::new("twice", ColumnType::SqlInteger);
        twice.computed = Some(Box::new(Computed {
            expr: Expr::Column {
                table: None,
                name: "total".into(),
            },
            persisted: Some(true),
        }));
        table.columns.push(twice);
        let mut alteration = Alteration::new("total".into());
        alteration.type_ = Some(Sided::models(ColumnType::SqlBigint));
        let mut steps = vec![Step::Modify(Modify {
            table: table.name.clone(),
            changes: vec![TableChange::AlterColumn(Box::new(alteration))],
        })];
        with_computed(&mut steps, std::slice::from_ref(&table), std::slice::from_ref(&table));
        let Step::Modify(modify) = &steps[0] else { panic!("{steps:?}") };
        assert!(matches!(
            modify.changes.as_slice(),
            [TableChange::DropColumn(_), TableChange::AlterColumn(_), TableChange::AddColumn(_)]
        ));
    }
}
