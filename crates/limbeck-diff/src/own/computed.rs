//! Computed columns: another expression, where the server has a word for it or by a new column under the old name; and such columns around changes of the
//! columns they are computed from, since PostgreSQL changes no type below one.

use crate::{Modify, Sided, Step, TableChange, lower};
use limbeck_dialect::{DialectName, expression_sql, mentioned_columns, quote_ident};
use limbeck_schema::{Column, Constraint, Ident, Index, ServerDefault, Table, TableName};

/// Both sides, and what the server can do.
#[derive(Debug, Clone, Copy)]
pub struct Computing<'a> {
    /// The database's tables.
    pub have: &'a [Table],
    /// The models', every flag settled.
    pub wanted: &'a [Table],
    /// The database's dialect.
    pub dialect: DialectName,
    /// The server's major version.
    pub version: u32,
}

/// Makes changed expressions what the server understands. Takes computed columns away before the type of a column below them changes and puts them back
/// afterwards; new ones come after such changes, and what stands on changed columns and goes, goes before.
pub fn with_computed(steps: Vec<Step>, computing: Computing<'_>) -> Vec<Step> {
    let mut out = Vec::with_capacity(steps.len());
    for step in steps {
        match step {
            Step::Modify(modify) => {
                let (modify, after) = computing.exchanged(modify);
                out.push(Step::Modify(if computing.dialect == DialectName::Postgresql {
                    computing.ordered(modify)
                } else {
                    modify
                }));
                out.extend(after);
            }
            step => out.push(step),
        }
    }
    out.retain(|step| !matches!(step, Step::Modify(modify) if modify.changes.is_empty()));
    out
}

impl Computing<'_> {
    /// Changes of an expression as statements of their own, or as a column that is dropped and added.
    fn exchanged(&self, modify: Modify) -> (Modify, Vec<Step>) {
        let is_alone = !modify.changes.iter().any(|change| {
            let is_retyped = retyped(change).is_some();
            is_retyped || matches!(change, TableChange::AddColumn(_) | TableChange::DropColumn(_))
        });
        let mut after = Vec::new();
        let mut changes = Vec::with_capacity(modify.changes.len());
        for change in modify.changes {
            let TableChange::AlterColumn(mut alteration) = change else {
                changes.push(change);
                continue;
            };
            let is_computed = |default: &Option<crate::Default>| matches!(default, Some(Some(ServerDefault::Computed(_))));
            let columns = self
                .column(self.have, &modify.table, &alteration.column)
                .zip(self.column(self.wanted, &modify.table, &alteration.column));
            let (Some((have, wanted)), true) = (columns, is_computed(&alteration.default) || is_computed(&alteration.existing_default)) else {
                changes.push(TableChange::AlterColumn(alteration));
                continue;
            };
            let statements = if is_alone { self.in_place(&modify.table, have, wanted) } else { None };
            match statements {
                Some(step) => {
                    alteration.default = None;
                    alteration.existing_default = None;
                    if alteration.changes() {
                        changes.push(TableChange::AlterColumn(alteration));
                    }
                    after.push(step);
                }
                None => {
                    let place = format!("{}.{}", modify.table, wanted.name);
                    let note = match (&have.computed, &wanted.computed) {
                        (Some(_), Some(_)) => {
                            format!("column {place} is computed otherwise: it is dropped and added again, as the last column, and computed for every row")
                        }
                        (Some(_), None) => format!("column {place} is no longer computed: it is dropped, with its values, and added again as a plain one"),
                        _ => format!("column {place} becomes a computed one: it is dropped, with its values, and added again"),
                    };
                    changes.push(TableChange::Note(note));
                    changes.push(TableChange::DropColumn(Sided::database(have.clone())));
                    changes.push(TableChange::AddColumn(Sided::models(wanted.clone())));
                    if self.dialect == DialectName::Postgresql {
                        changes.extend(self.company(&modify.table, &wanted.name));
                    }
                }
            }
        }
        (Modify { changes, ..modify }, after)
    }

    /// The server's own words for another expression, or for none.
    fn in_place(&self, table: &TableName, have: &Column, wanted: &Column) -> Option<Step> {
        if self.dialect != DialectName::Postgresql {
            return None;
        }
        let quoted = |name: &Ident| quote_ident(self.dialect, name);
        let full = match &table.schema {
            Some(schema) => format!("{}.{}", quoted(schema), quoted(&table.name)),
            None => quoted(&table.name),
        };
        let at = format!("ALTER TABLE {full} ALTER COLUMN {}", quoted(&wanted.name));
        let sql = |column: &Column| {
            column
                .computed
                .as_deref()
                .and_then(|computed| expression_sql(self.dialect, &computed.expr).ok())
        };
        let place = format!("Column {table}.{}", wanted.name);
        match (sql(have), sql(wanted)) {
            (Some(old), Some(new)) if self.version >= 17 => Some(Step::Sql {
                about: format!("{place} is computed as {old} in the database but computed as {new} in the model"),
                up: vec![format!("{at} SET EXPRESSION AS ({new})")],
                down: vec![format!("{at} SET EXPRESSION AS ({old})")],
            }),
            (Some(old), None) if self.version >= 13 => {
                let mut back = vec![
                    TableChange::DropColumn(Sided::models(wanted.clone())),
                    TableChange::AddColumn(Sided::database(have.clone())),
                ];
                let table_now = self.have.iter().find(|candidate| candidate.name == *table);
                back.extend(company(table_now, &have.name));
                let back = Step::Modify(Modify {
                    table: table.clone(),
                    changes: back,
                });
                Some(Step::Sql {
                    about: format!("{place} is computed as {old} in the database but not computed in the model"),
                    up: vec![format!("{at} DROP EXPRESSION")],
                    down: lower::statements(self.dialect, &[back], false).ok()?,
                })
            }
            _ => None,
        }
    }

    /// An order that PostgreSQL can follow around changes of types and computed columns.
    fn ordered(&self, mut modify: Modify) -> Modify {
        let retyped: Vec<String> = modify.changes.iter().filter_map(retyped).collect();
        let dropped_and_added = modify
            .changes
            .iter()
            .any(|change| matches!(change, TableChange::DropColumn(column) if column.item.computed.is_some()));
        if retyped.is_empty() && !dropped_and_added {
            return modify;
        }
        let known: Vec<TableChange> = modify.changes.clone();
        let goes = |name: &Ident| {
            known
                .iter()
                .any(|change| matches!(change, TableChange::DropColumn(column) if column.item.name == *name))
        };
        let (mut loose, mut first, mut last) = (Vec::new(), Vec::new(), Vec::new());
        for (old, new) in self.pairs(&modify.table) {
            if !goes(&old.name) && retyped.iter().any(|name| stands_on(old, name)) {
                first.push(TableChange::DropColumn(Sided::database(old.clone())));
                last.push(TableChange::AddColumn(Sided::models(new.clone())));
                last.extend(self.company(&modify.table, &new.name));
            }
        }
        last.retain(|change| !known.contains(change));
        let mut rest = Vec::with_capacity(modify.changes.len());
        let mut added = Vec::new();
        for change in std::mem::take(&mut modify.changes) {
            match change {
                TableChange::AddColumn(column) if column.item.computed.is_some() => added.push(TableChange::AddColumn(column)),
                TableChange::DropColumn(column) if column.item.computed.is_some() => {
                    // Its note goes along.
                    let note = rest.pop_if(|change| matches!(change, TableChange::Note(_)));
                    first.extend(note);
                    first.push(TableChange::DropColumn(column));
                }
                TableChange::DropIndex(_) | TableChange::DropConstraint(..) => loose.push(change),
                other => rest.push(other),
            }
        }
        let is_place = |change: &TableChange| retyped_at(change) || matches!(change, TableChange::AddColumn(_));
        let after = rest.iter().rposition(is_place).map_or(0, |at| at + 1);
        let tail = rest.split_off(after);
        modify.changes = loose.into_iter().chain(first).chain(rest).chain(added).chain(last).chain(tail).collect();
        modify
    }

    fn column<'t>(&self, side: &'t [Table], table: &TableName, name: &Ident) -> Option<&'t Column> {
        side.iter().find(|candidate| candidate.name == *table)?.column(name.as_str())
    }

    /// What goes away with a column and comes back after it.
    fn company(&self, table: &TableName, column: &Ident) -> Vec<TableChange> {
        company(self.wanted.iter().find(|candidate| candidate.name == *table), column)
    }

    /// The computed columns that both sides have.
    fn pairs(&self, table: &TableName) -> Vec<(&Column, &Column)> {
        let find = |side: &'_ [Table]| side.iter().position(|candidate| candidate.name == *table);
        let Some((have, wanted)) = find(self.have).zip(find(self.wanted)) else {
            return Vec::new();
        };
        let computed = self.have[have].columns.iter().filter(|column| column.computed.is_some());
        computed
            .filter_map(|column| Some((column, self.wanted[wanted].column(column.name.as_str())?)))
            .filter(|(_, new)| new.computed.is_some())
            .collect()
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

/// The indexes and unique constraints of a table that a column takes along when it is dropped.
fn company(table: Option<&Table>, column: &Ident) -> Vec<TableChange> {
    let Some(table) = table else { return Vec::new() };
    let on_column = |index: &&Index| index.elements.iter().flat_map(mentioned_columns).any(|name| name == *column);
    let indexes = table.indexes.iter().filter(on_column);
    let unique = table
        .constraints
        .iter()
        .filter(|constraint| matches!(constraint, Constraint::Unique(key) if key.columns.contains(column)));
    let indexes = indexes.map(|index| TableChange::CreateIndex(Sided::models(index.clone())));
    indexes
        .chain(unique.map(|constraint| TableChange::AddConstraint(table.name.clone(), Sided::models(constraint.clone()))))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Alteration, reversed};
    use limbeck_schema::{ColumnType, Computed, Expr};

    fn twice(expr: &str) -> Column {
        let mut column = Column::new("twice", ColumnType::SqlInteger);
        column.computed = Some(Box::new(Computed {
            expr: Expr::LiteralColumn(expr.into()),
            persisted: Some(true),
        }));
        column
    }

    fn table(columns: &[Column]) -> Table {
        let mut table = Table::new(TableName::new("t"));
        table.columns.push(Column::new("total", ColumnType::SqlInteger));
        table.columns.extend(columns.iter().cloned());
        table
    }

    fn changed(changes: Vec<TableChange>, have: &[Column], wanted: &[Column], version: u32) -> Vec<Step> {
        let (have, wanted) = ([table(have)], [table(wanted)]);
        let computing = Computing {
            have: &have,
            wanted: &wanted,
            dialect: DialectName::Postgresql,
            version,
        };
        let modify = Modify {
            table: TableName::new("t"),
            changes,
        };
        with_computed(vec![Step::Modify(modify)], computing)
    }

    fn sql(steps: &[Step]) -> Vec<String> {
        crate::statements(DialectName::Postgresql, steps, false).unwrap()
    }

    fn retyping() -> TableChange {
        let mut alteration = Alteration::new("total".into());
        alteration.type_ = Some(Sided::models(ColumnType::SqlBigint));
        TableChange::AlterColumn(Box::new(alteration))
    }

    fn recomputing(have: &Column, wanted: &Column) -> TableChange {
        let mut alteration = Alteration::new("twice".into());
        alteration.existing_default = Some(crate::alembic::alembic_default(have));
        alteration.default = Some(crate::alembic::alembic_default(wanted));
        TableChange::AlterColumn(Box::new(alteration))
    }

    #[test]
    fn a_computed_column_is_away_while_what_it_stands_on_changes() {
        let column = twice("total * 2");
        let steps = changed(vec![retyping()], std::slice::from_ref(&column), std::slice::from_ref(&column), 15);
        let Step::Modify(modify) = &steps[0] else { panic!("{steps:?}") };
        assert!(matches!(
            modify.changes.as_slice(),
            [TableChange::DropColumn(_), TableChange::AlterColumn(_), TableChange::AddColumn(_)]
        ));
    }

    #[test]
    fn one_that_goes_goes_before() {
        let column = twice("total * 2");
        let steps = changed(vec![retyping(), TableChange::DropColumn(Sided::database(column.clone()))], &[column], &[], 15);
        assert_eq!(sql(&steps), ["ALTER TABLE t DROP COLUMN twice", "ALTER TABLE t ALTER COLUMN total TYPE BIGINT"]);
    }

    #[test]
    fn another_expression_is_set_in_place_or_by_a_new_column() {
        let (old, new) = (twice("total * 2"), twice("total * 3"));
        let columns = (std::slice::from_ref(&old), std::slice::from_ref(&new));
        let steps = changed(vec![recomputing(&old, &new)], columns.0, columns.1, 17);
        assert_eq!(sql(&steps), ["ALTER TABLE t ALTER COLUMN twice SET EXPRESSION AS (total * 3)"]);
        assert_eq!(sql(&reversed(&steps)), ["ALTER TABLE t ALTER COLUMN twice SET EXPRESSION AS (total * 2)"]);
        let steps = changed(vec![recomputing(&old, &new)], columns.0, columns.1, 15);
        assert_eq!(
            sql(&steps),
            [
                "ALTER TABLE t DROP COLUMN twice",
                "ALTER TABLE t ADD COLUMN twice INTEGER GENERATED ALWAYS AS (total * 3) STORED"
            ]
        );
        let words: Vec<String> = crate::words::differences(&steps);
        assert_eq!(
            words,
            ["Column t.twice is computed as total * 2 in the database but computed as total * 3 in the model"]
        );
    }

    #[test]
    fn values_stay_where_a_column_is_no_longer_computed() {
        let (old, new) = (twice("total * 2"), Column::new("twice", ColumnType::SqlInteger));
        let columns = (std::slice::from_ref(&old), std::slice::from_ref(&new));
        let steps = changed(vec![recomputing(&old, &new)], columns.0, columns.1, 15);
        assert_eq!(sql(&steps), ["ALTER TABLE t ALTER COLUMN twice DROP EXPRESSION"]);
        assert_eq!(
            sql(&reversed(&steps)),
            [
                "ALTER TABLE t DROP COLUMN twice",
                "ALTER TABLE t ADD COLUMN twice INTEGER GENERATED ALWAYS AS (total * 2) STORED"
            ]
        );
        let steps = changed(vec![recomputing(&old, &new)], columns.0, columns.1, 12);
        assert_eq!(sql(&steps).len(), 2);
    }
}
