//! What the pending revisions do to the rows of a SQLite database: counted before on the file, after on the copy that they ran on.
//!
//! A table or column that is gone while a new one holds exactly as much was renamed, as far as anybody can tell.

use limbeck_db::Connection;
use limbeck_doctor::{Finding, pending};
use limbeck_expr::Literal;
use std::collections::BTreeMap;

/// Tables whose values are counted; beyond that it takes too long.
const TABLES: usize = 500;

/// How many rows the tables have, and how many values each column.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Counts(BTreeMap<String, Table>);

#[derive(Debug, Default, PartialEq, Eq)]
struct Table {
    rows: i64,
    values: BTreeMap<String, i64>,
}

/// Counts them; nothing where the database refuses or has too many tables.
pub fn count(connection: &mut dyn Connection) -> Option<Counts> {
    let tables = texts(
        connection,
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND sql NOT LIKE 'CREATE VIRTUAL%' ORDER BY 1",
    )?;
    if tables.len() > TABLES {
        return None;
    }
    let mut counts = Counts::default();
    for table in tables {
        let columns = texts(connection, &format!("SELECT name FROM pragma_table_info({})", literal(&table)))?;
        let parts: Vec<String> = std::iter::once("count(*)".to_owned())
            .chain(columns.iter().map(|column| format!("count({})", ident(column))))
            .collect();
        let sql = format!("SELECT {} FROM {}", parts.join(", "), ident(&table));
        let row = connection.query(&sql, &[]).ok()?.rows.into_iter().next()?;
        let mut numbers = row.into_iter().map(|value| if let Literal::Int(number) = value { number } else { 0 });
        let rows = numbers.next()?;
        let values = columns.into_iter().zip(numbers).collect();
        counts.0.insert(table, Table { rows, values });
    }
    Some(counts)
}

/// Tables and columns that are gone afterwards with what they held, and tables that lost rows.
pub fn lost(before: &Counts, after: &Counts) -> Vec<Finding> {
    let new_tables: Vec<&Table> = after
        .0
        .iter()
        .filter(|(name, _)| !before.0.contains_key(*name))
        .map(|(_, table)| table)
        .collect();
    let mut found = Vec::new();
    let mut say = |title: String| {
        found.push(
            Finding::warning(pending::LOSSES, title)
                .note("counted on a copy on which the pending revisions ran")
                .note("a backup first keeps them: `upgrade --backup`"),
        );
    };
    for (name, table) in before.0.iter().filter(|(_, table)| table.rows > 0) {
        let Some(now) = after.0.get(name) else {
            let renamed = new_tables.iter().any(|new| new.rows == table.rows && new.values.len() >= table.values.len());
            if !renamed {
                say(format!("the pending revisions drop {name} with its {}", rows(table.rows)));
            }
            continue;
        };
        if now.rows < table.rows {
            say(format!("the pending revisions delete {} of {name}", rows(table.rows - now.rows)));
        }
        for (column, held) in table.values.iter().filter(|(column, held)| **held > 0 && !now.values.contains_key(*column)) {
            let renamed = now.values.iter().any(|(other, count)| !table.values.contains_key(other) && count == held);
            if !renamed {
                say(format!("the pending revisions drop {name}.{column} with its values in {}", rows(*held)));
            }
        }
    }
    found
}

/// Rows that point to nothing already now: SQLite checks foreign keys only where a connection asks for it.
pub fn dangling(connection: &mut dyn Connection) -> Vec<Finding> {
    let sql = "SELECT c.\"table\", c.parent, count(*), min(c.rowid) FROM pragma_foreign_key_check AS c GROUP BY 1, 2 ORDER BY 1, 2";
    let Ok(found) = connection.query(sql, &[]) else { return Vec::new() };
    let finding = |row: Vec<Literal>| match row.as_slice() {
        [Literal::Text(table), Literal::Text(parent), Literal::Int(count), first] => {
            let mut finding = Finding::warning(
                pending::FOREIGN_KEYS,
                format!(
                    "{} of {table} {} to no row of {parent} already now",
                    rows(*count),
                    if *count == 1 { "refers" } else { "refer" }
                ),
            );
            if let Literal::Int(rowid) = first {
                finding = finding.evidence(format!("{table}: rowid = {rowid}"));
            }
            Some(
                finding
                    .cause("SQLite checks foreign keys only for connections that say `PRAGMA foreign_keys = ON`")
                    .note("see them all: PRAGMA foreign_key_check;")
                    .note("a pending revision does not fail for them: only what it leaves pointing to nothing itself stops it"),
            )
        }
        _ => None,
    };
    found.rows.into_iter().filter_map(finding).collect()
}

fn rows(count: i64) -> String {
    crate::progress::count(usize::try_from(count).unwrap_or_default(), "row")
}

fn texts(connection: &mut dyn Connection, sql: &str) -> Option<Vec<String>> {
    let rows = connection.query(sql, &[]).ok()?.rows;
    let text = |row: Vec<Literal>| match row.into_iter().next() {
        Some(Literal::Text(text)) => Some(text),
        _ => None,
    };
    Some(rows.into_iter().filter_map(text).collect())
}

fn ident(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A table, its rows, and how many values each column holds.
    type Held<'a> = (&'a str, i64, &'a [(&'a str, i64)]);

    fn counts(tables: &[Held<'_>]) -> Counts {
        let table = |(name, rows, values): &Held<'_>| {
            let values = values.iter().map(|(column, count)| ((*column).to_owned(), *count)).collect();
            ((*name).to_owned(), Table { rows: *rows, values })
        };
        Counts(tables.iter().map(table).collect())
    }

    fn titles(before: &Counts, after: &Counts) -> Vec<String> {
        lost(before, after).into_iter().map(|finding| finding.title).collect()
    }

    #[test]
    fn what_held_nothing_is_no_loss() {
        let before = counts(&[("t", 0, &[("a", 0)]), ("u", 2, &[("a", 2), ("b", 0)])]);
        let after = counts(&[("u", 2, &[("a", 2)])]);
        assert_eq!(titles(&before, &after), Vec::<String>::new());
    }

    #[test]
    fn tables_columns_and_rows_that_are_gone_are_told() {
        let before = counts(&[("t", 3, &[("a", 3)]), ("u", 1, &[("a", 1), ("b", 1)]), ("v", 5, &[("a", 5)])]);
        let after = counts(&[("u", 1, &[("a", 1)]), ("v", 1, &[("a", 1)])]);
        assert_eq!(
            titles(&before, &after),
            [
                "the pending revisions drop t with its 3 rows",
                "the pending revisions drop u.b with its values in 1 row",
                "the pending revisions delete 4 rows of v"
            ]
        );
    }

    #[test]
    fn what_has_another_name_is_not_lost() {
        let before = counts(&[("t", 3, &[("a", 3)]), ("u", 2, &[("a", 2), ("b", 1)])]);
        let after = counts(&[("t2", 3, &[("a", 3)]), ("u", 2, &[("a", 2), ("c", 1)])]);
        assert_eq!(titles(&before, &after), Vec::<String>::new());
    }
}
