//! What the pragmas do not tell: constraint names, checks, generated columns, table options, read from the text of CREATE TABLE.
//!
//! SQLAlchemy finds these with patterns and misses some on purpose or by accident; a table rebuild must see what Alembic's sees, or two tools
//! make two schemas of one history. So the same things are found here, and no others:
//!
//! - a UNIQUE inside a column only where nothing but words stands between the column's name and it (`a INTEGER UNIQUE`, not `a VARCHAR(5) UNIQUE`),
//!   and never its name;
//! - a FOREIGN KEY with its name and actions only as a table constraint that lists the columns it refers to.

/// A piece of SQL text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Token {
    pub kind: Kind,
    pub start: usize,
    pub end: usize,
    /// Whether a line ends between the token before and this one.
    pub after_newline: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Word,
    /// A name in double quotes, backticks or brackets.
    Quoted,
    /// A text in single quotes.
    Literal,
    Symbol,
}

impl Token {
    /// The name or word without quotes.
    pub(super) fn text(self, sql: &str) -> String {
        let raw = &sql[self.start..self.end];
        match self.kind {
            Kind::Quoted | Kind::Literal if raw.len() >= 2 => {
                let quote = &raw[raw.len() - 1..];
                raw[1..raw.len() - 1].replace(&quote.repeat(2), quote)
            }
            _ => raw.to_owned(),
        }
    }

    fn is(self, sql: &str, word: &str) -> bool {
        self.kind == Kind::Word && sql[self.start..self.end].eq_ignore_ascii_case(word)
    }

    fn is_symbol(self, sql: &str, symbol: &str) -> bool {
        self.kind == Kind::Symbol && &sql[self.start..self.end] == symbol
    }

    fn is_name(self) -> bool {
        matches!(self.kind, Kind::Word | Kind::Quoted)
    }
}

/// Cuts a text into tokens; white space and comments go.
pub(super) fn tokens(sql: &str) -> impl Iterator<Item = Token> + '_ {
    let mut at = 0;
    std::iter::from_fn(move || {
        let mut after_newline = false;
        loop {
            let rest = &sql[at..];
            let first = rest.chars().next()?;
            if first.is_whitespace() {
                after_newline |= first == '\n';
                at += first.len_utf8();
            } else if rest.starts_with("--") {
                at += rest.find('\n').unwrap_or(rest.len());
            } else if rest.starts_with("/*") {
                at += rest.find("*/").map_or(rest.len(), |end| end + 2);
            } else {
                let (kind, length) = one(rest, first);
                let start = at;
                at += length;
                return Some(Token {
                    kind,
                    start,
                    end: at,
                    after_newline,
                });
            }
        }
    })
}

fn one(rest: &str, first: char) -> (Kind, usize) {
    let quoted = |kind, close: char| (kind, closing(rest, close));
    match first {
        '"' | '`' => quoted(Kind::Quoted, first),
        '[' => (Kind::Quoted, rest.find(']').map_or(rest.len(), |end| end + 1)),
        '\'' => quoted(Kind::Literal, '\''),
        c if c.is_alphanumeric() || c == '_' => {
            let end = rest.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '$')).unwrap_or(rest.len());
            (Kind::Word, end)
        }
        c => (Kind::Symbol, c.len_utf8()),
    }
}

/// The length of a quoted text; a doubled quote is part of it.
fn closing(rest: &str, quote: char) -> usize {
    let mut chars = rest.char_indices().skip(1).peekable();
    while let Some((at, c)) = chars.next() {
        if c == quote && chars.next_if(|(_, next)| *next == quote).is_none() {
            return at + 1;
        }
    }
    rest.len()
}

/// A table constraint of several columns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Unique {
    pub name: Option<String>,
    pub columns: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Check {
    pub name: Option<String>,
    pub sql: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Foreign {
    pub name: Option<String>,
    pub columns: Vec<String>,
    pub referred_table: String,
    pub referred_columns: Vec<String>,
    pub ondelete: Option<String>,
    pub onupdate: Option<String>,
    pub deferrable: Option<bool>,
    pub initially: Option<String>,
}

/// What was found in one CREATE TABLE.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Found {
    pub primary_key: Option<String>,
    /// Table constraints first, then columns.
    pub uniques: Vec<Unique>,
    pub checks: Vec<Check>,
    pub foreign_keys: Vec<Foreign>,
    /// Expressions of generated columns, by column.
    pub generated: Vec<(String, String)>,
    pub without_rowid: bool,
    pub strict: bool,
}

/// Reads a CREATE TABLE.
pub(super) fn parse(sql: &str) -> Found {
    let list: Vec<Token> = tokens(sql).collect();
    let reader = Reader { sql, list: &list };
    let mut found = Found::default();
    let mut inline = Vec::new();
    // Everything before the first parenthesis is the table's name.
    let begin = list.iter().position(|token| token.is_symbol(sql, "(")).unwrap_or(list.len());
    for at in begin..list.len() {
        let name = reader.name_before(at);
        if reader.words(at, &["PRIMARY", "KEY"]) && found.primary_key.is_none() {
            found.primary_key = name;
        } else if reader.words(at, &["UNIQUE"]) {
            if let Some((columns, _)) = reader.names_in_parentheses(at + 1) {
                found.uniques.push(Unique { name, columns });
            } else {
                inline.extend(reader.column_of_inline_unique(at).map(|column| Unique {
                    name: None,
                    columns: vec![column],
                }));
            }
        } else if reader.words(at, &["CHECK"]) {
            if let Some(inner) = reader.parentheses(at + 1) {
                found.checks.push(Check {
                    name,
                    sql: sql[inner].trim().to_owned(),
                });
            }
        } else if reader.words(at, &["FOREIGN", "KEY"]) {
            found.foreign_keys.extend(reader.foreign_key(at, name));
        } else if reader.words(at, &["GENERATED", "ALWAYS", "AS"])
            && let (Some(column), Some(inner)) = (reader.column_at(at, begin), reader.parentheses(at + 3))
        {
            found.generated.push((column, sql[inner].trim().to_owned()));
        }
    }
    found.uniques.extend(inline);
    let tail = list.iter().rposition(|token| token.is_symbol(sql, ")")).map_or(list.len(), |at| at + 1);
    found.strict = list[tail..].iter().any(|token| token.is(sql, "STRICT"));
    found.without_rowid = (tail..list.len()).any(|at| reader.words(at, &["WITHOUT", "ROWID"]));
    // SQLAlchemy reports checks by name, those without one last.
    found
        .checks
        .sort_by(|one, other| one.name.as_deref().unwrap_or("~").cmp(other.name.as_deref().unwrap_or("~")));
    found
}

struct Reader<'a> {
    sql: &'a str,
    list: &'a [Token],
}

impl Reader<'_> {
    fn get(&self, at: usize) -> Option<Token> {
        self.list.get(at).copied()
    }

    fn words(&self, at: usize, words: &[&str]) -> bool {
        words
            .iter()
            .enumerate()
            .all(|(index, word)| self.get(at + index).is_some_and(|token| token.is(self.sql, word)))
    }

    fn symbol(&self, at: usize, symbol: &str) -> bool {
        self.get(at).is_some_and(|token| token.is_symbol(self.sql, symbol))
    }

    /// The name in `CONSTRAINT name` right before a place.
    fn name_before(&self, at: usize) -> Option<String> {
        let name = self.get(at.checked_sub(1)?)?;
        (self.words(at.checked_sub(2)?, &["CONSTRAINT"]) && name.kind != Kind::Symbol).then(|| name.text(self.sql))
    }

    /// The index of the parenthesis that closes the one at a place.
    fn close(&self, at: usize) -> Option<usize> {
        if !self.symbol(at, "(") {
            return None;
        }
        let mut depth = 0usize;
        for index in at..self.list.len() {
            if self.symbol(index, "(") {
                depth += 1;
            } else if self.symbol(index, ")") {
                depth -= 1;
                if depth == 0 {
                    return Some(index);
                }
            }
        }
        None
    }

    /// The text inside the parentheses that open at a place.
    fn parentheses(&self, at: usize) -> Option<std::ops::Range<usize>> {
        let close = self.close(at)?;
        Some(self.list[at].end..self.list[close].start)
    }

    /// The names listed in the parentheses that open at a place, and the place behind them.
    fn names_in_parentheses(&self, at: usize) -> Option<(Vec<String>, usize)> {
        let close = self.close(at)?;
        let names = self.list[at + 1..close]
            .iter()
            .filter(|token| token.is_name())
            .map(|token| token.text(self.sql))
            .collect();
        Some((names, close + 1))
    }

    /// The first of the words before UNIQUE, if there are at least two and nothing else on the line.
    fn column_of_inline_unique(&self, unique: usize) -> Option<String> {
        let mut first = unique;
        while first > 0 && !self.list[first].after_newline && self.list[first - 1].kind == Kind::Word {
            first -= 1;
        }
        // A quoted name may stand before the words, but not among them.
        let quoted = first > 0 && !self.list[first].after_newline && self.list[first - 1].kind == Kind::Quoted;
        let first = if quoted { first - 1 } else { first };
        (unique - first >= 2).then(|| self.list[first].text(self.sql))
    }

    /// The name of the column whose definition holds a place: the first token after the last comma or parenthesis of the list.
    fn column_at(&self, at: usize, begin: usize) -> Option<String> {
        let mut depth = 0usize;
        for index in (begin..at).rev() {
            if self.symbol(index, ")") {
                depth += 1;
            } else if depth > 0 {
                depth -= usize::from(self.symbol(index, "("));
            } else if self.symbol(index, ",") || self.symbol(index, "(") {
                return self.get(index + 1).map(|token| token.text(self.sql));
            }
        }
        None
    }

    fn foreign_key(&self, at: usize, name: Option<String>) -> Option<Foreign> {
        let (columns, next) = self.names_in_parentheses(at + 2)?;
        let table = self.get(next + 1).filter(|token| self.words(next, &["REFERENCES"]) && token.is_name())?;
        let (referred_columns, mut next) = self.names_in_parentheses(next + 2)?;
        let mut key = Foreign {
            name,
            columns,
            referred_table: table.text(self.sql),
            referred_columns,
            ..Foreign::default()
        };
        while self.words(next, &["ON"]) {
            let deleted = self.words(next + 1, &["DELETE"]);
            if !deleted && !self.words(next + 1, &["UPDATE"]) {
                return Some(key);
            }
            let actions: [&[&str]; 5] = [&["SET", "NULL"], &["SET", "DEFAULT"], &["CASCADE"], &["RESTRICT"], &["NO", "ACTION"]];
            let Some(action) = actions.into_iter().find(|words| self.words(next + 2, words)) else {
                return Some(key);
            };
            next += 2 + action.len();
            let action = action.join(" ");
            let kept = (action != "NO ACTION").then_some(action);
            *(if deleted { &mut key.ondelete } else { &mut key.onupdate }) = kept;
        }
        if self.words(next, &["NOT", "DEFERRABLE"]) {
            key.deferrable = Some(false);
            next += 2;
        } else if self.words(next, &["DEFERRABLE"]) {
            key.deferrable = Some(true);
            next += 1;
        }
        if self.words(next, &["INITIALLY"]) {
            let word = self.get(next + 1).map(|token| token.text(self.sql).to_uppercase());
            key.initially = word.filter(|word| word == "DEFERRED" || word == "IMMEDIATE");
        }
        Some(key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_options_are_found() {
        let found = parse(
            "CREATE TABLE \"t CHECK (x)\" (\n  id INTEGER NOT NULL, -- CHECK (comment)\n  \"a b\" VARCHAR(5) DEFAULT 'CHECK (x)',\n  g INTEGER GENERATED ALWAYS AS (id + (1)) STORED,\n\
             CONSTRAINT pk PRIMARY KEY (id),\n  CONSTRAINT \"u 1\" UNIQUE (\"a b\", id),\n  UNIQUE (g),\n  CONSTRAINT ck CHECK (id > (0) AND ')' <> ''),\n  CHECK (g<9),\n\
             CONSTRAINT fk FOREIGN KEY(id) REFERENCES other (x) ON DELETE SET NULL ON UPDATE NO ACTION NOT DEFERRABLE INITIALLY immediate,\n FOREIGN KEY(g) REFERENCES \"o 2\" (\"y z\")) STRICT, WITHOUT ROWID",
        );
        assert_eq!(found.primary_key.as_deref(), Some("pk"));
        let uniques: Vec<_> = found.uniques.iter().map(|unique| (unique.name.as_deref(), unique.columns.join(","))).collect();
        assert_eq!(uniques, [(Some("u 1"), "a b,id".to_owned()), (None, "g".to_owned())]);
        let checks: Vec<_> = found.checks.iter().map(|check| (check.name.as_deref(), check.sql.as_str())).collect();
        assert_eq!(checks, [(Some("ck"), "id > (0) AND ')' <> ''"), (None, "g<9")]);
        assert_eq!(found.generated, [("g".to_owned(), "id + (1)".to_owned())]);
        assert!(found.strict && found.without_rowid);
        let key = &found.foreign_keys[0];
        assert_eq!(
            (key.name.as_deref(), key.ondelete.as_deref(), key.onupdate.as_deref()),
            (Some("fk"), Some("SET NULL"), None)
        );
        assert_eq!((key.deferrable, key.initially.as_deref()), (Some(false), Some("IMMEDIATE")));
        assert_eq!(
            (found.foreign_keys[1].referred_table.as_str(), found.foreign_keys[1].referred_columns.join("")),
            ("o 2", "y z".to_owned())
        );
    }

    #[test]
    fn an_inline_unique_is_found_where_sqlalchemy_finds_it() {
        let columns = |sql: &str| parse(sql).uniques.into_iter().map(|unique| unique.columns.join(",")).collect::<Vec<_>>();
        assert_eq!(
            columns("CREATE TABLE t (a INTEGER UNIQUE, \"b\" TEXT NOT NULL UNIQUE, c INTEGER CONSTRAINT u UNIQUE)"),
            ["a", "b", "c"]
        );
        assert!(columns("CREATE TABLE t (a VARCHAR(5) UNIQUE)").is_empty());
        assert!(columns("CREATE TABLE t (a\nINTEGER\nUNIQUE)").is_empty());
    }

    #[test]
    fn broken_text_is_no_panic() {
        for sql in [
            "",
            "CREATE TABLE t",
            "CREATE TABLE t (",
            "CREATE TABLE t (a CHECK (",
            "\"",
            "'",
            "[",
            "CREATE TABLE t (CONSTRAINT",
            "x FOREIGN KEY (a) REFERENCES",
            "é ( UNIQUE",
        ] {
            parse(sql);
        }
    }
}
