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
    fn ends_here(&mut self) -> bool {
        let ends = match self.head {
            Head::Trigger => self.previous == Previous::SemicolonEnd,
            _ => self.parentheses == 0 && self.body <= 0,
        };
        self.previous = Previous::Semicolon;
        ends
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
            Previous::Semicolon if is("end") => Previous::SemicolonEnd,
            _ if is("begin") => Previous::Begin,
            _ if is("end") => Previous::End,
            _ => Previous::Other,
        };
    }

    fn read_body(&mut self, flavour: Flavour, is: &dyn Fn(&str) -> bool) {
        match flavour {
            // CREATE FUNCTION … BEGIN ATOMIC …; END. Inside, only CASE has an END of its own.
            Flavour::Postgresql if self.body == 0 => self.body = i32::from(self.previous == Previous::Begin && is("atomic")),
            Flavour::Postgresql if is("case") => self.body += 1,
            Flavour::Postgresql if is("end") => self.body -= 1,
            // Blocks nest; END IF, END LOOP, END WHILE and END REPEAT close what was not counted, END CASE what was.
            Flavour::Mysql if self.previous == Previous::End => {
                if is("if") || is("loop") || is("while") || is("repeat") {
                    self.body += 1;
                }
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
