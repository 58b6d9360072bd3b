//! The text of CREATE TABLE taken apart: <https://www.sqlite.org/lang_createtable.html>.

use limbeck_schema::catalogue::{Column, Constraint, ConstraintKind, Generated, Table, quote_name};

use super::super::create_table::{Kind, Token, tokens};

/// A text and some of its tokens.
#[derive(Clone, Copy)]
struct Part<'a> {
    sql: &'a str,
    tokens: &'a [Token],
}

impl<'a> Part<'a> {
    fn raw(self) -> &'a str {
        match (self.tokens.first(), self.tokens.last()) {
            (Some(first), Some(last)) => &self.sql[first.start..last.end],
            _ => "",
        }
    }

    fn of(self, from: usize, to: usize) -> Self {
        Part {
            tokens: self.tokens.get(from..to).unwrap_or_default(),
            ..self
        }
    }

    fn is(self, at: usize, word: &str) -> bool {
        self.tokens
            .get(at)
            .is_some_and(|token| token.kind == Kind::Word && self.sql[token.start..token.end].eq_ignore_ascii_case(word))
    }

    fn is_symbol(self, at: usize, symbol: &str) -> bool {
        self.tokens
            .get(at)
            .is_some_and(|token| token.kind == Kind::Symbol && &self.sql[token.start..token.end] == symbol)
    }

    fn name(self, at: usize) -> String {
        self.tokens.get(at).map(|token| token.text(self.sql)).unwrap_or_default()
    }

    /// Where what begins at `at` ends: behind the closing parenthesis, or the one token.
    fn behind(self, at: usize) -> usize {
        if !self.is_symbol(at, "(") {
            return at + 1;
        }
        let mut depth = 0;
        for here in at..self.tokens.len() {
            if self.is_symbol(here, "(") {
                depth += 1;
            } else if self.is_symbol(here, ")") {
                depth -= 1;
                if depth == 0 {
                    return here + 1;
                }
            }
        }
        self.tokens.len()
    }
}

/// Words that begin a constraint of a column.
const COLUMN_WORDS: [&str; 11] = [
    "constraint",
    "primary",
    "not",
    "null",
    "unique",
    "check",
    "default",
    "collate",
    "references",
    "generated",
    "as",
];

/// Reads the statement into a table.
pub(super) fn read(sql: &str, table: &mut Table) {
    let all: Vec<Token> = tokens(sql).collect();
    let whole = Part { sql, tokens: &all };
    let Some(open) = (0..all.len()).find(|at| whole.is_symbol(*at, "(")) else {
        return;
    };
    let close = whole.behind(open);
    let body = whole.of(open + 1, close.saturating_sub(1));
    let mut from = 0;
    let mut at = 0;
    while at <= body.tokens.len() {
        if at == body.tokens.len() || body.is_symbol(at, ",") {
            let item = body.of(from, at);
            if !item.tokens.is_empty() {
                one(item, table);
            }
            (from, at) = (at + 1, at + 1);
        } else {
            at = body.behind(at);
        }
    }
    for at in close..all.len() {
        if whole.is(at, "strict") {
            table.options.push("STRICT".to_owned());
        } else if whole.is(at, "without") {
            table.options.push("WITHOUT ROWID".to_owned());
        }
    }
    table.options.sort();
    // Names of columns are not case-sensitive; a key refuses NULL only where it is said, or without rowid.
    table
        .constraints
        .sort_by(|one, other| (&one.name, one.kind, &one.definition).cmp(&(&other.name, other.kind, &other.definition)));
}

fn one(item: Part<'_>, table: &mut Table) {
    let words = ["constraint", "primary", "unique", "check", "foreign"];
    let is_constraint = item.tokens[0].kind == Kind::Word && words.iter().any(|word| item.is(0, word)) && !item.is_symbol(1, ",");
    if !is_constraint {
        return column(item, table);
    }
    let (name, rest) = if item.is(0, "constraint") {
        (Some(item.name(1)), item.of(2, item.tokens.len()))
    } else {
        (None, item)
    };
    let kind = if rest.is(0, "primary") {
        ConstraintKind::PrimaryKey
    } else if rest.is(0, "unique") {
        ConstraintKind::Unique
    } else if rest.is(0, "foreign") {
        ConstraintKind::ForeignKey
    } else {
        ConstraintKind::Check
    };
    add(table, name, kind, rest.raw().to_owned());
}

fn add(table: &mut Table, name: Option<String>, kind: ConstraintKind, definition: String) {
    table.constraints.push(Constraint {
        name,
        kind,
        definition,
        inherited: false,
        part_of: None,
        extras: Vec::new(),
        comment: None,
    });
}

fn column(item: Part<'_>, table: &mut Table) {
    let mut column = Column {
        name: item.name(0),
        ..Column::default()
    };
    let quoted = quote_name(&column.name);
    let count = item.tokens.len();
    let begins = |at: usize| COLUMN_WORDS.iter().any(|word| item.is(at, word));
    let mut at = 1;
    while at < count && !begins(at) {
        at = item.behind(at);
    }
    column.type_ = type_text(item.of(1, at));
    let mut name = None;
    while at < count {
        let start = at;
        // A constraint goes on to the next word that begins one; NOT NULL and DEFAULT NULL hold such words themselves.
        at = match () {
            () if item.is(at, "constraint") || item.is(at, "collate") => at + 2,
            () if item.is(at, "not") || item.is(at, "primary") => at + 2,
            () if item.is(at, "default") => item.behind(at + 1 + usize::from(item.is_symbol(at + 1, "-") || item.is_symbol(at + 1, "+"))),
            () if item.is(at, "check") || item.is(at, "as") => item.behind(at + 1),
            () if item.is(at, "generated") => item.behind(at + 3),
            () => at + 1,
        };
        at = at.min(count);
        let head = at;
        // NOT [DEFERRABLE], ON DELETE SET NULL / SET DEFAULT belong to a reference.
        let reference = item.is(start, "references");
        while at < count {
            let belongs = !begins(at) || reference && (item.is(at, "not") && item.is(at + 1, "deferrable") || item.is(at - 1, "set"));
            if !belongs {
                break;
            }
            at = item.behind(at);
        }
        let tail = item.of(head, at).raw();
        let more = if tail.is_empty() { String::new() } else { format!(" {tail}") };
        if item.is(start, "constraint") {
            name = Some(item.name(start + 1));
            continue;
        }
        let name = name.take();
        if item.is(start, "not") {
            column.not_null = true;
            column.not_null_constraint = name
                .map(|name| format!("{name} NOT NULL{more}"))
                .or((!more.is_empty()).then(|| format!("NOT NULL{more}")));
        } else if item.is(start, "primary") {
            // ASC, DESC, the conflict clause, AUTOINCREMENT: the order is inside the list, the rest behind it.
            let order = if item.is(head, "desc") { " DESC" } else { "" };
            let skip = usize::from(item.is(head, "asc") || item.is(head, "desc"));
            let rest = item.of(head + skip, at).raw();
            let rest = if rest.is_empty() { String::new() } else { format!(" {rest}") };
            add(table, name, ConstraintKind::PrimaryKey, format!("PRIMARY KEY ({quoted}{order}){rest}"));
        } else if item.is(start, "unique") {
            add(table, name, ConstraintKind::Unique, format!("UNIQUE ({quoted}){more}"));
        } else if item.is(start, "check") {
            add(table, name, ConstraintKind::Check, item.of(start, at).raw().to_owned());
        } else if item.is(start, "references") {
            let text = item.of(start, at).raw();
            add(table, name, ConstraintKind::ForeignKey, format!("FOREIGN KEY ({quoted}) {text}"));
        } else if item.is(start, "default") {
            column.default = Some(item.of(start + 1, at).raw().to_owned());
        } else if item.is(start, "collate") {
            column.collation = Some(item.name(start + 1));
        } else if item.is(start, "generated") || item.is(start, "as") {
            let open = if item.is(start, "as") { start + 1 } else { start + 3 };
            column.generated = Some(Generated {
                expression: item.of(open, item.behind(open)).raw().to_owned(),
                stored: item.is(head, "stored"),
            });
        }
    }
    table.columns.push(column);
}

/// A declared type: its words in upper case, its numbers without blanks.
fn type_text(part: Part<'_>) -> String {
    let mut text = String::new();
    for token in part.tokens {
        let piece = &part.sql[token.start..token.end];
        if token.kind != Kind::Symbol && !text.is_empty() && !text.ends_with(['(', ',']) {
            text.push(' ');
        }
        text.push_str(&if token.kind == Kind::Word { piece.to_uppercase() } else { piece.to_owned() });
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(sql: &str) -> Table {
        let mut table = Table::default();
        read(sql, &mut table);
        table
    }

    fn constraints(sql: &str) -> Vec<String> {
        let text = |constraint: &Constraint| format!("{}: {}", constraint.name.as_deref().unwrap_or("-"), constraint.definition);
        table(sql).constraints.iter().map(text).collect()
    }

    #[test]
    fn columns_have_their_facts() {
        let found = table(
            "CREATE TABLE t (a INTEGER NOT NULL, \"b c\" varchar( 10 ) DEFAULT 'x,y' COLLATE NOCASE, c NUMERIC(10, 2) DEFAULT -1 NOT NULL, \
             d INT GENERATED ALWAYS AS (a + 1) STORED, e, f TEXT DEFAULT (lower('A')) NULL, g INT AS (a)) STRICT",
        );
        let facts: Vec<String> = found
            .columns
            .iter()
            .map(|column| {
                format!(
                    "{}|{}|{}|{}",
                    column.name,
                    column.type_,
                    column.not_null,
                    column.default.as_deref().unwrap_or("-")
                )
            })
            .collect();
        assert_eq!(
            facts,
            [
                "a|INTEGER|true|-",
                "b c|VARCHAR(10)|false|'x,y'",
                "c|NUMERIC(10,2)|true|-1",
                "d|INT|false|-",
                "e||false|-",
                "f|TEXT|false|(lower('A'))",
                "g|INT|false|-"
            ]
        );
        assert_eq!(found.columns[1].collation.as_deref(), Some("NOCASE"));
        assert!(
            found.columns[3]
                .generated
                .as_ref()
                .is_some_and(|generated| generated.stored && generated.expression == "(a + 1)")
        );
        assert!(found.columns[6].generated.as_ref().is_some_and(|generated| !generated.stored));
        assert_eq!(found.options, ["STRICT"]);
    }

    #[test]
    fn constraints_inside_of_columns_read_as_those_behind_them() {
        assert_eq!(
            constraints(
                "CREATE TABLE t (a INTEGER PRIMARY KEY AUTOINCREMENT, b INT CONSTRAINT u UNIQUE REFERENCES o (id) ON DELETE SET NULL NOT DEFERRABLE CHECK (b > 1))"
            ),
            [
                "-: PRIMARY KEY (a) AUTOINCREMENT",
                "-: CHECK (b > 1)",
                "-: FOREIGN KEY (b) REFERENCES o (id) ON DELETE SET NULL NOT DEFERRABLE",
                "u: UNIQUE (b)"
            ]
        );
        assert_eq!(
            constraints("CREATE TABLE t (a INT, b INT, CONSTRAINT pk PRIMARY KEY (a, b), UNIQUE (b) ON CONFLICT IGNORE, FOREIGN KEY(a) REFERENCES o)"),
            ["-: UNIQUE (b) ON CONFLICT IGNORE", "-: FOREIGN KEY(a) REFERENCES o", "pk: PRIMARY KEY (a, b)"]
        );
    }

    #[test]
    fn odd_texts_make_no_panic() {
        for sql in [
            "",
            "CREATE TABLE t (",
            "CREATE TABLE t (a INT CHECK (",
            "CREATE TABLE t (a DEFAULT",
            "CREATE TABLE t (a CONSTRAINT",
            "CREATE TABLE t (,,)",
        ] {
            table(sql);
        }
    }
}
