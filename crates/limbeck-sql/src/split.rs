//! Where statements begin and end.

use crate::Flavour;
use crate::token::{Next, Token, TokenKind, scan};
use std::ops::Range;

/// Returns the byte ranges of the statements of a text, without their `;`.
///
/// Blanks and comments between two statements belong to the second. Empty statements are left out, with their comments, and so is what follows the
/// last statement. What is not closed (a string, a parenthesis, a body) reaches to the end of the text: the server will say what is wrong with it.
/// A psql line (`\connect x`) is not interpreted; it stays in front of the statement that follows.
pub fn split(flavour: Flavour, sql: &str) -> Vec<Range<usize>> {
    let mut ranges = Vec::new();
    let mut start = 0;
    let mut statement = Statement::default();
    scan(flavour, sql, |token| {
        if !token.is_significant() {
            return Next::Go;
        }
        if token.kind == TokenKind::Semicolon && statement.ends_here() {
            if statement.tokens > 0 {
                ranges.push(start..token.start);
            }
            start = token.end;
            statement = Statement::default();
            return Next::Go;
        }
        if flavour == Flavour::Postgresql && statement.only_lines && token.text(sql) == "\\" {
            statement.tokens += 1;
            let line = memchr::memchr(b'\n', &sql.as_bytes()[token.start..]);
            return line.map_or(Next::Stop, |length| Next::Jump(token.start + length));
        }
        statement.only_lines = false;
        statement.read(flavour, sql, token);
        Next::Go
    });
    if statement.tokens > 0 {
        ranges.push(start..sql.len());
    }
    ranges
}

/// What has been read of one statement.
struct Statement {
    tokens: usize,
    /// Nothing but psql lines so far.
    only_lines: bool,
    parentheses: usize,
    head: Head,
    /// How many bodies are open: `BEGIN ATOMIC`, and each `CASE` inside.
    body: i32,
    previous: Previous,
}

/// What the statement turned out to be, as far as its body matters.
#[derive(Clone, Copy, PartialEq)]
enum Head {
    Start,
    Create,
    /// May have a body with statements in it.
    Routine,
    /// A SQLite trigger: ends only at the `;` behind `; END`.
    Trigger,
    Plain,
}

#[derive(Clone, Copy, PartialEq)]
enum Previous {
    Begin,
    End,
    Semicolon,
    SemicolonEnd,
    /// `AS` or a dot: what follows is a name, even if it is a keyword.
    Naming,
    Other,
}

impl Default for Statement {
    fn default() -> Self {
        Statement {
            tokens: 0,
            only_lines: true,
            parentheses: 0,
            head: Head::Start,
            body: 0,
            previous: Previous::Other,
        }
    }
}

impl Statement {
    fn ends_here(&self) -> bool {
        match self.head {
            Head::Trigger => self.previous == Previous::SemicolonEnd,
            _ => self.parentheses == 0 && self.body <= 0,
        }
    }

    fn read(&mut self, flavour: Flavour, sql: &str, token: Token) {
        self.tokens += 1;
        match token.kind {
            // SQLite and MySQL end a statement at any `;`, open parenthesis or not.
            TokenKind::Open if flavour == Flavour::Postgresql => self.parentheses += 1,
            TokenKind::Close => self.parentheses = self.parentheses.saturating_sub(1),
            _ => {}
        }
        let is = |word: &str| token.is_word(sql, word);
        match self.head {
            Head::Start => self.head = if is("create") { Head::Create } else { not_create(flavour, &is) },
            Head::Create => self.head = after_create(flavour, &is),
            Head::Routine => self.read_body(flavour, &is),
            Head::Trigger | Head::Plain => {}
        }
        self.previous = match self.previous {
            _ if token.kind == TokenKind::Semicolon => Previous::Semicolon,
            Previous::Semicolon if is("end") => Previous::SemicolonEnd,
            _ if is("as") || token.kind == TokenKind::Dot => Previous::Naming,
            _ if is("begin") => Previous::Begin,
            _ if is("end") => Previous::End,
            _ => Previous::Other,
        };
    }

    fn read_body(&mut self, flavour: Flavour, is: &dyn Fn(&str) -> bool) {
        match flavour {
            // CREATE FUNCTION … BEGIN ATOMIC …; END. Inside, only CASE has an END of its own.
            Flavour::Postgresql if self.body == 0 => self.body = i32::from(self.previous == Previous::Begin && is("atomic")),
            Flavour::Postgresql if self.previous == Previous::Naming => {}
            Flavour::Postgresql if is("case") => self.body += 1,
            Flavour::Postgresql if is("end") => self.body -= 1,
            // Blocks nest; END IF, END LOOP, END WHILE and END REPEAT close what was not counted, END CASE what was.
            Flavour::Mysql if matches!(self.previous, Previous::End | Previous::SemicolonEnd) => {
                self.body += i32::from(["if", "loop", "while", "repeat"].into_iter().any(is));
            }
            Flavour::Mysql if is("begin") || (is("case") && self.body > 0) => self.body += 1,
            Flavour::Mysql if is("end") => self.body -= 1,
            _ => {}
        }
    }
}

/// What a statement is whose first word is not CREATE: SQLite's `EXPLAIN [QUERY PLAN] CREATE TRIGGER …` has a body too.
fn not_create(flavour: Flavour, is: &dyn Fn(&str) -> bool) -> Head {
    match flavour {
        Flavour::Sqlite if is("explain") || is("query") || is("plan") => Head::Start,
        _ => Head::Plain,
    }
}

/// What a statement that begins with CREATE is, by the word that comes next; the words that may stand between are stepped over.
fn after_create(flavour: Flavour, is: &dyn Fn(&str) -> bool) -> Head {
    let any = |words: &[&str]| words.iter().any(|word| is(word));
    match flavour {
        Flavour::Postgresql if any(&["or", "replace"]) => Head::Create,
        Flavour::Postgresql if any(&["function", "procedure"]) => Head::Routine,
        Flavour::Sqlite if any(&["temp", "temporary"]) => Head::Create,
        Flavour::Sqlite if is("trigger") => Head::Trigger,
        Flavour::Mysql if any(&["table", "index", "unique", "view", "database", "schema", "user", "role"]) => Head::Plain,
        Flavour::Mysql if any(&["function", "procedure", "trigger", "event"]) => Head::Routine,
        // OR REPLACE, DEFINER = `a`@`b`, AGGREGATE and whatever else.
        Flavour::Mysql => Head::Create,
        _ => Head::Plain,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The statements of a text, trimmed.
    fn pieces(flavour: Flavour, sql: &str) -> Vec<&str> {
        split(flavour, sql).into_iter().map(|range| sql[range].trim()).collect()
    }

    #[test]
    fn a_postgresql_text_is_split_where_the_server_splits_it() {
        let cases: &[(&str, &[&str])] = &[
            ("", &[]),
            (" ; ;; -- nothing\n", &[]),
            ("select 1", &["select 1"]),
            ("select 1;select 2;", &["select 1", "select 2"]),
            ("select ';' ; select \";\"", &["select ';'", "select \";\""]),
            ("select 'a'';b';select 2", &["select 'a'';b'", "select 2"]),
            ("select E'a\\';b'; select 2", &["select E'a\\';b'", "select 2"]),
            ("select 'a\\';select 2", &["select 'a\\'", "select 2"]),
            ("select U&'\\0061;', B'1;', N';'; select 2", &["select U&'\\0061;', B'1;', N';'", "select 2"]),
            ("select $$;$$, $a$;$$;$a$; select 2", &["select $$;$$, $a$;$$;$a$", "select 2"]),
            ("select a$b$;select $1;", &["select a$b$", "select $1"]),
            ("/* ; /* ; */ ; */ select 1; -- ;\nselect 2", &["/* ; /* ; */ ; */ select 1", "-- ;\nselect 2"]),
            (
                "create rule r as on insert to t do also (select 1; select 2); select 3",
                &["create rule r as on insert to t do also (select 1; select 2)", "select 3"],
            ),
            (
                "create function f() returns int begin atomic select 1; select case when true then 1 else 2 end; end; select 2",
                &[
                    "create function f() returns int begin atomic select 1; select case when true then 1 else 2 end; end",
                    "select 2",
                ],
            ),
            (
                "CREATE OR REPLACE PROCEDURE p() LANGUAGE sql BEGIN /* x */ ATOMIC INSERT INTO t VALUES (1); END; SELECT 2",
                &[
                    "CREATE OR REPLACE PROCEDURE p() LANGUAGE sql BEGIN /* x */ ATOMIC INSERT INTO t VALUES (1); END",
                    "SELECT 2",
                ],
            ),
            ("begin; select 1; end; select 2", &["begin", "select 1", "end", "select 2"]),
            ("begin; atomic; select 1", &["begin", "atomic", "select 1"]),
            ("create table function (a int); select 1", &["create table function (a int)", "select 1"]),
            // A part of an E string on the next line is one too.
            ("select E'a'\n'b\\'; c'; select 2", &["select E'a'\n'b\\'; c'", "select 2"]),
            (
                "select E'a' -- x\n  'b\\'; c' 'd'; select 2",
                &["select E'a' -- x\n  'b\\'; c' 'd'", "select 2"],
            ),
            ("select E'a' 'b\\'; select 2", &["select E'a' 'b\\'", "select 2"]),
            // Not closed: all the rest is one statement.
            ("select 'a; select 2", &["select 'a; select 2"]),
            ("select (1; select 2", &["select (1; select 2"]),
            ("select 1); select 2", &["select 1)", "select 2"]),
            // psql's lines are left alone, whatever they hold.
            ("\\echo it's; fine\nselect 1; select 2", &["\\echo it's; fine\nselect 1", "select 2"]),
            ("select 1; \\connect x\n\\echo ';\n", &["select 1", "\\connect x\n\\echo ';"]),
        ];
        for (sql, wanted) in cases {
            assert_eq!(pieces(Flavour::Postgresql, sql), *wanted, "{sql}");
        }
    }

    #[test]
    fn a_sqlite_text_is_split_where_the_library_splits_it() {
        let cases: &[(&str, &[&str])] = &[
            ("select ';', \";\", [;], `;`; select 2", &["select ';', \";\", [;], `;`", "select 2"]),
            ("select 'a\\'; select 2", &["select 'a\\'", "select 2"]),
            ("/* ; /* */ select 1; select 2", &["/* ; /* */ select 1", "select 2"]),
            (
                "create temp trigger x after insert on t begin select case when 1 then 2 end; delete from u; end; select 2",
                &[
                    "create temp trigger x after insert on t begin select case when 1 then 2 end; delete from u; end",
                    "select 2",
                ],
            ),
            (
                "CREATE TRIGGER IF NOT EXISTS x DELETE ON t BEGIN DELETE FROM u; /* ; */ END -- x\n; SELECT 2",
                &["CREATE TRIGGER IF NOT EXISTS x DELETE ON t BEGIN DELETE FROM u; /* ; */ END -- x", "SELECT 2"],
            ),
            (
                "explain create trigger x insert on t begin select 1; end; select 2",
                &["explain create trigger x insert on t begin select 1; end", "select 2"],
            ),
            ("create table trigger_ (a); select 2", &["create table trigger_ (a)", "select 2"]),
            ("begin; end; select 1", &["begin", "end", "select 1"]),
        ];
        for (sql, wanted) in cases {
            assert_eq!(pieces(Flavour::Sqlite, sql), *wanted, "{sql}");
        }
    }

    #[test]
    fn a_mysql_text_is_split_with_its_quotes_comments_and_bodies() {
        let cases: &[(&str, &[&str])] = &[
            ("select 'a\\';', \";\\\";\", `;`; select 2", &["select 'a\\';', \";\\\";\", `;`", "select 2"]),
            (
                "select 1 # ;\n; select 2 -- ;\n; select 3--;4",
                &["select 1 # ;", "select 2 -- ;", "select 3--", "4"],
            ),
            ("/*!40101 set names utf8; */; select 2", &["/*!40101 set names utf8; */", "select 2"]),
            (
                "create definer=`a`@`b` procedure p() begin if a then b; end if; case x when 1 then c; end case; begin d; end; end; select 2",
                &[
                    "create definer=`a`@`b` procedure p() begin if a then b; end if; case x when 1 then c; end case; begin d; end; end",
                    "select 2",
                ],
            ),
            (
                "create table procedure_ (a int); begin; select 1; commit",
                &["create table procedure_ (a int)", "begin", "select 1", "commit"],
            ),
        ];
        for (sql, wanted) in cases {
            assert_eq!(pieces(Flavour::Mysql, sql), *wanted, "{sql}");
        }
    }

    #[test]
    fn comments_belong_to_the_statement_behind_them() {
        let sql = "-- a\nselect 1; -- b\n select 2; -- c\n";
        assert_eq!(split(Flavour::Postgresql, sql), [0..13, 14..29]);
    }
}
