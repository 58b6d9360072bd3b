//! Rebuilds of tables written as plain statements: a table is made, takes over the rows of another, and the other is dropped. So do revisions in SQL, and
//! scripts that follow SQLite's instructions by `op.execute`.

use limbeck_sql::Flavour;
use std::iter::Peekable;
use std::vec::IntoIter;

/// What a statement does that may be part of one. Names are in lower case: SQLite tells no other difference.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Made(String),
    /// With every name that stands after the table.
    Filled(String, Vec<String>),
    MadeAndFilled(String, Vec<String>),
    Dropped(String),
}

/// The tables made in a revision, each with the names that its rows come from.
#[derive(Debug, Default)]
pub(crate) struct Copied(Vec<(String, Vec<String>)>);

impl Copied {
    /// Looks at a statement before it runs; tells the table that it drops, if another one took over its rows.
    pub(crate) fn seen(&mut self, sql: &str) -> Option<String> {
        match part(sql)? {
            Part::Made(table) => self.0.push((table, Vec::new())),
            Part::MadeAndFilled(table, from) => self.0.push((table, from)),
            Part::Filled(table, from) => {
                let filled = self.0.iter_mut().find(|(made, _)| *made == table)?;
                filled.1.extend(from);
            }
            Part::Dropped(table) => {
                let is_copied = self.0.iter().any(|(made, from)| *made != table && from.contains(&table));
                return is_copied.then_some(table);
            }
        }
        None
    }
}

fn part(sql: &str) -> Option<Part> {
    let mut tokens = limbeck_sql::lexemes(Flavour::Sqlite, sql).into_iter().peekable();
    match tokens.next()?.as_str() {
        "create" => {
            skip(&mut tokens, &["temp", "temporary"]);
            tokens.next_if(|token| token == "table")?;
            skip(&mut tokens, &["if", "not", "exists"]);
            let table = name(&mut tokens)?;
            let rest: Vec<String> = tokens.collect();
            let is_copy = rest.first().is_some_and(|word| word == "as");
            Some(if is_copy { Part::MadeAndFilled(table, rest) } else { Part::Made(table) })
        }
        "insert" | "replace" => {
            skip(&mut tokens, &["or", "abort", "fail", "ignore", "replace", "rollback"]);
            tokens.next_if(|token| token == "into")?;
            let table = name(&mut tokens)?;
            let rest: Vec<String> = tokens.collect();
            rest.iter().any(|word| word == "select").then_some(Part::Filled(table, rest))
        }
        "drop" => {
            tokens.next_if(|token| token == "table")?;
            skip(&mut tokens, &["if", "exists"]);
            name(&mut tokens).map(Part::Dropped)
        }
        _ => None,
    }
}

fn skip(tokens: &mut Peekable<IntoIter<String>>, words: &[&str]) {
    while tokens.next_if(|token| words.contains(&token.as_str())).is_some() {}
}

/// A name, perhaps behind that of its schema.
fn name(tokens: &mut Peekable<IntoIter<String>>) -> Option<String> {
    let first = tokens.next()?;
    if tokens.next_if(|token| token == ".").is_some() {
        tokens.next()
    } else {
        Some(first)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(statements: &[&str]) -> Vec<Option<String>> {
        let mut copied = Copied::default();
        statements.iter().map(|sql| copied.seen(sql)).collect()
    }

    #[test]
    fn a_table_whose_rows_were_taken_over_is_told() {
        let rebuilds = [
            [
                "CREATE TABLE \"_limbeck_new_p\" (id INTEGER)",
                "INSERT INTO \"_limbeck_new_p\" (id) SELECT id FROM \"P\"",
                "DROP TABLE p",
            ],
            [
                "-- why\ncreate table n(id)",
                "insert or replace into main.n select * from [p] where id > 0",
                "drop table if exists `p`",
            ],
            ["CREATE TEMP TABLE n AS SELECT * FROM p", "SELECT 1", "/* x */ DROP TABLE main.p;"],
            ["CREATE TABLE 日本 (id)", "INSERT INTO 日本 SELECT * FROM p", "DROP TABLE p -- gone"],
        ];
        for statements in rebuilds {
            assert_eq!(seen(&statements), [None, None, Some("p".to_owned())], "{statements:?}");
        }
    }

    #[test]
    fn a_table_that_only_goes_is_not() {
        assert_eq!(seen(&["CREATE TABLE n (id)", "INSERT INTO n VALUES ('p')", "DROP TABLE p"]), [None, None, None]);
        assert_eq!(seen(&["INSERT INTO n SELECT * FROM p", "DROP TABLE p"]), [None, None]);
        assert_eq!(seen(&["CREATE TABLE n AS SELECT 1 AS n", "DROP TABLE n", "DROP", ""]), [None, None, None, None]);
    }
}
