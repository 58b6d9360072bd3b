//! Rebuilds of tables written as plain statements: a table is made, takes over the rows of another, and the other is dropped. So do revisions in SQL, and
//! scripts that follow SQLite's instructions by `op.execute`.

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
    let mut tokens = tokens(sql);
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

fn skip(tokens: &mut std::iter::Peekable<Tokens<'_>>, words: &[&str]) {
    while tokens.next_if(|token| words.contains(&token.as_str())).is_some() {}
}

/// A name, perhaps behind that of its schema.
fn name(tokens: &mut std::iter::Peekable<Tokens<'_>>) -> Option<String> {
    let first = tokens.next()?;
    if tokens.next_if(|token| token == ".").is_some() {
        tokens.next()
    } else {
        Some(first)
    }
}

struct Tokens<'a>(&'a str);

fn tokens(sql: &str) -> std::iter::Peekable<Tokens<'_>> {
    Tokens(sql).peekable()
}

impl Iterator for Tokens<'_> {
    type Item = String;

    /// Words and quoted names without their quotes, in lower case; any other character by itself.
    fn next(&mut self) -> Option<String> {
        loop {
            self.0 = self.0.trim_start();
            let end = match self.0 {
                comment if comment.starts_with("--") => comment.find('\n'),
                comment if comment.starts_with("/*") => comment.find("*/").map(|at| at + 2),
                _ => break,
            };
            self.0 = &self.0[end.unwrap_or(self.0.len())..];
        }
        let first = self.0.chars().next()?;
        let (token, length) = match first {
            '"' | '`' | '\'' | '[' => {
                let close = if first == '[' { ']' } else { first };
                let end = self.0[1..].find(close).map_or(self.0.len(), |at| at + 2);
                (self.0[1..end].trim_end_matches(close), end)
            }
            first if first.is_alphanumeric() || first == '_' => {
                let end = self.0.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '$')).unwrap_or(self.0.len());
                (&self.0[..end], end)
            }
            first => (&self.0[..first.len_utf8()], first.len_utf8()),
        };
        let token = token.to_lowercase();
        self.0 = &self.0[length..];
        Some(token)
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
