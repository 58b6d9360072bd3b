//! What is lost with what is dropped: rows of tables, values of columns.

use super::Candidate;
use crate::{Step, TableChange};
use limbeck_schema::TableName;

/// Something that is dropped, and how much was in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Loss {
    /// The table.
    pub table: TableName,
    /// The column, if not the whole table.
    pub column: Option<String>,
    /// How many rows, or rows with a value; none where that was not found out.
    pub rows: Option<u64>,
    /// Whether there are more than were counted.
    pub more: bool,
}

impl Loss {
    /// The loss in words, or nothing where nothing is lost.
    pub fn words(&self) -> Option<String> {
        let rows = self.rows.filter(|rows| *rows > 0)?;
        let more = if self.more { "more than " } else { "" };
        let noun = if rows == 1 { "row" } else { "rows" };
        Some(match &self.column {
            None => format!("table {} is dropped with {more}{rows} {noun}", self.table),
            Some(column) => format!("column {}.{column} is dropped with its values in {more}{rows} {noun}", self.table),
        })
    }
}

/// What steps drop, still uncounted.
pub fn losses(steps: &[Step]) -> Vec<Loss> {
    let loss = |table: &TableName, column: Option<String>| Loss {
        table: table.clone(),
        column,
        rows: None,
        more: false,
    };
    let mut out = Vec::new();
    for step in steps {
        match step {
            Step::DropTable(table) => out.push(loss(&table.item.name, None)),
            Step::Modify(modify) => out.extend(modify.changes.iter().filter_map(|change| match change {
                // What is computed can be computed again.
                TableChange::DropColumn(column) if column.item.computed.is_some() => None,
                TableChange::DropColumn(column) => Some(loss(&modify.table, Some(column.item.name.text.clone()))),
                _ => None,
            })),
            _ => {}
        }
    }
    out
}

/// The steps with a note before each that loses something, and before each that may be a rename.
pub fn annotated(steps: Vec<Step>, losses: &[Loss], hints: &[Candidate]) -> Vec<Step> {
    let lost = |table: &TableName, column: Option<&str>| {
        losses
            .iter()
            .find(|loss| loss.table == *table && loss.column.as_deref() == column)
            .and_then(Loss::words)
    };
    let hint = |table: &TableName, dropped: Option<&str>| {
        let is_it = |hint: &&Candidate| hint.table == *table && hint.column.as_deref() == dropped;
        hints.iter().find(is_it).map(Candidate::words)
    };
    let mut out = Vec::with_capacity(steps.len());
    for step in steps {
        match step {
            Step::DropTable(table) => {
                let name = &table.item.name;
                out.extend(lost(name, None).into_iter().chain(hint(name, None)).map(Step::Note));
                out.push(Step::DropTable(table));
            }
            Step::Modify(mut modify) => {
                let mut changes = Vec::with_capacity(modify.changes.len());
                for change in modify.changes {
                    if let TableChange::DropColumn(column) = &change {
                        let name = column.item.name.as_str();
                        let notes = lost(&modify.table, Some(name)).into_iter().chain(hint(&modify.table, Some(name)));
                        changes.extend(notes.map(TableChange::Note));
                    }
                    changes.push(change);
                }
                modify.changes = changes;
                out.push(Step::Modify(modify));
            }
            step => out.push(step),
        }
    }
    out
}
