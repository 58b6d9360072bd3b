//! Primary keys, which Alembic does not compare: the columns of the key, on databases that can exchange one.

use super::Comparison;
use super::tables::Both;
use crate::{Sided, TableChange};
use limbeck_dialect::DialectName;
use limbeck_schema::{Constraint, KeyConstraint, Table};

fn key(table: &Table) -> Option<&KeyConstraint> {
    table.constraints.iter().find_map(|constraint| match constraint {
        Constraint::PrimaryKey(key) if !key.columns.is_empty() => Some(key),
        _ => None,
    })
}

/// Compares the keys of a table.
pub(super) fn compare(at: &mut Comparison<'_>, both: &Both<'_>, changes: &mut Vec<TableChange>) {
    if at.options.dialect == DialectName::Sqlite {
        return;
    }
    let wanted_table = &both.wanted.settled.table;
    let (have, wanted) = (key(both.have), key(wanted_table));
    let columns = |key: Option<&KeyConstraint>| key.map(|key| key.columns.iter().map(|column| column.text.clone()).collect::<Vec<_>>());
    if columns(have) == columns(wanted) {
        return;
    }
    if let Some(have) = have {
        let constraint = Constraint::PrimaryKey(have.clone());
        changes.push(TableChange::DropConstraint(both.have.name.clone(), Sided::database(constraint)));
    }
    if let Some(wanted) = wanted {
        let constraint = Constraint::PrimaryKey(wanted.clone());
        changes.push(TableChange::AddConstraint(wanted_table.name.clone(), Sided::models(constraint)));
    }
}
