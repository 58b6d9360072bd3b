//! Reads a plain dump line by line and knows of each line whether it is data, SQL, a command for psql, or one that begins or ends a transaction.
//!
//! A text may hold anything: `COMMIT;` in a row, in a function's body, in a string. What counts is what psql would take it for, so quotes, dollar quotes, comments, `COPY` data and
//! bodies of `BEGIN ATOMIC` are followed as psql follows them.

use std::io::{self, BufRead, BufReader, Read};

const BLOCK: usize = 1 << 18;
/// pg_dump's first and last words.
const HEAD: &[u8] = b"-- PostgreSQL database dump";
const TAIL: &[u8] = b"-- PostgreSQL database dump complete";
/// How much of a statement's beginning is kept.
const BEGINNING: usize = 64;

/// What a line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Line {
    /// Rows between `COPY` and `\.`, that line included.
    Data,
    /// Statements or parts of them, comments, nothing.
    Sql,
    /// A whole statement that says whose something is, or who may use it.
    Roles,
    /// `BEGIN;` alone.
    Begin,
    /// `COMMIT;` alone.
    Commit,
    /// Something else that ends a transaction, or does so between other statements.
    Control,
    /// `\restrict` or `\unrestrict`.
    Restrict,
    /// Another command for psql.
    Meta,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum State {
    Plain,
    Single { escapes: bool },
    Double,
    Dollar(Vec<u8>),
    Comment(u32),
    Copy,
}

/// A dump that is being read.
pub(super) struct Lines<R> {
    source: BufReader<R>,
    line: Vec<u8>,
    state: State,
    number: u64,
    /// The statement's first words in upper case.
    beginning: Vec<u8>,
    /// Whether it began on an earlier line.
    continued: bool,
    /// Depth of `BEGIN ATOMIC … END` in a function.
    atomic: u32,
    by_pg_dump: bool,
    complete: bool,
    statements: u64,
}

impl<R: Read> Lines<R> {
    pub(super) fn new(source: R) -> Self {
        Lines {
            source: BufReader::with_capacity(BLOCK, source),
            line: Vec::new(),
            state: State::Plain,
            number: 0,
            beginning: Vec::new(),
            continued: false,
            atomic: 0,
            by_pg_dump: false,
            complete: false,
            statements: 0,
        }
    }

    /// The number of the last line, from 1.
    pub(super) fn number(&self) -> u64 {
        self.number
    }

    /// Whether pg_dump wrote it, by its first words.
    pub(super) fn by_pg_dump(&self) -> bool {
        self.by_pg_dump
    }

    /// Whether it ended as pg_dump ends one: nothing after its last words.
    pub(super) fn complete(&self) -> bool {
        self.complete
    }

    /// Whether it stopped inside a statement, a quote or rows.
    pub(super) fn cut_short(&self) -> bool {
        self.state != State::Plain || !self.beginning.is_empty()
    }

    /// Statements so far.
    pub(super) fn statements(&self) -> u64 {
        self.statements
    }

    /// Reads the next line.
    pub(super) fn next(&mut self) -> io::Result<Option<(Line, &[u8])>> {
        self.line.clear();
        if self.source.read_until(b'\n', &mut self.line)? == 0 {
            return Ok(None);
        }
        self.number += 1;
        let line = std::mem::take(&mut self.line);
        let kind = if self.state == State::Copy {
            if matches!(line.as_slice(), b"\\.\n" | b"\\.\r\n" | b"\\.") {
                self.state = State::Plain;
            }
            Line::Data
        } else {
            let between = self.between();
            match self.sql(&line) {
                Line::Sql if between && self.between() && about_roles(&line) => Line::Roles,
                kind => kind,
            }
        };
        self.line = line;
        Ok(Some((kind, &self.line)))
    }

    /// Whether no statement is open.
    fn between(&self) -> bool {
        self.state == State::Plain && self.beginning.is_empty()
    }

    fn sql(&mut self, line: &[u8]) -> Line {
        if self.state == State::Plain && line.starts_with(b"-- PostgreSQL database dump") {
            let words = line.trim_ascii_end();
            self.by_pg_dump |= words == HEAD;
            self.complete = words == TAIL;
            return Line::Sql;
        }
        self.continued = !self.beginning.is_empty();
        let mut found = Line::Sql;
        let mut statements_here = 0;
        let mut at = 0;
        while at < line.len() {
            let rest = &line[at..];
            at += match &mut self.state {
                State::Single { escapes } => match rest[0] {
                    b'\\' if *escapes => 2,
                    b'\'' => {
                        // A doubled quote begins the next piece of the same text.
                        if rest.get(1) == Some(&b'\'') {
                            2
                        } else {
                            self.state = State::Plain;
                            1
                        }
                    }
                    _ => 1,
                },
                State::Double => {
                    if rest[0] == b'"' {
                        self.state = State::Plain;
                    }
                    1
                }
                State::Dollar(tag) => {
                    if rest.starts_with(tag) {
                        let length = tag.len();
                        self.state = State::Plain;
                        length
                    } else {
                        1
                    }
                }
                State::Comment(depth) => match rest {
                    [b'*', b'/', ..] => {
                        *depth -= 1;
                        if *depth == 0 {
                            self.state = State::Plain;
                        }
                        2
                    }
                    [b'/', b'*', ..] => {
                        *depth += 1;
                        2
                    }
                    _ => 1,
                },
                State::Plain | State::Copy => match self.plain(line, at, &mut statements_here) {
                    Step::On(length) => length,
                    Step::Rest => break,
                    Step::Found(kind) => {
                        if found == Line::Sql || kind == Line::Meta {
                            found = kind;
                        }
                        1
                    }
                    Step::Command(kind) => return kind,
                },
            };
        }
        if self.state == State::Plain && !self.beginning.is_empty() && !self.beginning.ends_with(b" ") {
            self.keep(b' ');
        }
        if statements_here > 1 && matches!(found, Line::Begin | Line::Commit) {
            Line::Control
        } else {
            found
        }
    }

    /// One piece of SQL outside of quotes.
    fn plain(&mut self, line: &[u8], at: usize, statements_here: &mut u32) -> Step {
        let rest = &line[at..];
        match rest {
            [b'-', b'-', ..] => Step::Rest,
            [b'/', b'*', ..] => {
                self.state = State::Comment(1);
                Step::On(2)
            }
            [b'\\', ..] => {
                let word = rest.split(u8::is_ascii_whitespace).next().unwrap_or_default();
                if at == 0 && self.beginning.is_empty() && matches!(word, b"\\restrict" | b"\\unrestrict") {
                    return Step::Command(Line::Restrict);
                }
                Step::Command(Line::Meta)
            }
            [b'\'', ..] => {
                let escapes = at > 0 && matches!(line[at - 1], b'E' | b'e') && (at < 2 || !is_word(line[at - 2]));
                self.begin(b'\'');
                self.state = State::Single { escapes };
                Step::On(1)
            }
            [b'"', ..] => {
                self.begin(b'"');
                self.state = State::Double;
                Step::On(1)
            }
            [b'$', ..] => {
                self.begin(b'$');
                let name = rest[1..].iter().position(|byte| !is_word(*byte)).map_or(rest.len(), |end| end + 1);
                let inside_a_word = at > 0 && is_word(line[at - 1]);
                if !inside_a_word && rest.get(name) == Some(&b'$') && !rest.get(1).is_some_and(u8::is_ascii_digit) {
                    self.state = State::Dollar(rest[..=name].to_vec());
                    return Step::On(name + 1);
                }
                Step::On(1)
            }
            [b';', ..] => self.semicolon(line, at, statements_here),
            [byte, ..] if byte.is_ascii_whitespace() => {
                if !self.beginning.is_empty() && !self.beginning.ends_with(b" ") {
                    self.keep(b' ');
                }
                Step::On(1)
            }
            _ if is_word(rest[0]) => {
                let end = rest.iter().position(|byte| !is_word(*byte)).unwrap_or(rest.len());
                self.word(&rest[..end]);
                Step::On(end)
            }
            _ => {
                self.begin(rest[0]);
                Step::On(1)
            }
        }
    }

    fn word(&mut self, word: &[u8]) {
        for byte in word {
            self.keep(byte.to_ascii_uppercase());
        }
        // Something follows pg_dump's last words: they were not the last.
        self.complete = false;
        if !self.is_function() {
            return;
        }
        let upper = word.to_ascii_uppercase();
        match upper.as_slice() {
            b"BEGIN" => self.atomic += 1,
            b"CASE" if self.atomic > 0 => self.atomic += 1,
            b"END" => self.atomic = self.atomic.saturating_sub(1),
            _ => {}
        }
    }

    fn is_function(&self) -> bool {
        let words = self.beginning.strip_prefix(b"CREATE ").unwrap_or_default();
        let words = words.strip_prefix(b"OR REPLACE ").unwrap_or(words);
        words.starts_with(b"FUNCTION ") || words.starts_with(b"PROCEDURE ")
    }

    fn begin(&mut self, byte: u8) {
        self.complete = false;
        self.keep(byte);
    }

    fn keep(&mut self, byte: u8) {
        if self.beginning.len() < BEGINNING {
            self.beginning.push(byte);
        }
    }

    fn semicolon(&mut self, line: &[u8], at: usize, statements_here: &mut u32) -> Step {
        if self.atomic > 0 {
            return Step::On(1);
        }
        let beginning = std::mem::take(&mut self.beginning);
        let continued = std::mem::take(&mut self.continued);
        if beginning.is_empty() {
            return Step::On(1);
        }
        self.statements += 1;
        *statements_here += 1;
        let before = line[..at].trim_ascii_end().to_ascii_uppercase();
        if beginning.starts_with(b"COPY ") && before.ends_with(b"FROM STDIN") {
            self.state = State::Copy;
            return Step::Rest;
        }
        let words = beginning.trim_ascii_end();
        let alone = !continued && line[at + 1..].trim_ascii().is_empty() && before.trim_ascii() == words;
        let first = words.split(|byte| *byte == b' ').next().unwrap_or_default();
        match (first, words) {
            (_, b"BEGIN" | b"BEGIN TRANSACTION" | b"START TRANSACTION") if alone => Step::Found(Line::Begin),
            (_, b"COMMIT" | b"COMMIT TRANSACTION" | b"END" | b"END TRANSACTION") if alone => Step::Found(Line::Commit),
            (b"BEGIN" | b"START" | b"COMMIT" | b"END" | b"ROLLBACK" | b"ABORT", _) if !words.starts_with(b"ROLLBACK TO") => Step::Found(Line::Control),
            (b"PREPARE", _) if words.starts_with(b"PREPARE TRANSACTION") => Step::Found(Line::Control),
            _ => Step::On(1),
        }
    }
}

enum Step {
    /// So many bytes on.
    On(usize),
    /// Nothing more on this line.
    Rest,
    /// The line has something to it.
    Found(Line),
    /// The whole line is a command.
    Command(Line),
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

/// Statements about owners and rights, as pg_dump writes them.
fn about_roles(line: &[u8]) -> bool {
    let text = String::from_utf8_lossy(line);
    let text = text.trim();
    let begins = |words: &[&str]| words.iter().any(|word| text.starts_with(word));
    if begins(&["GRANT ", "REVOKE ", "ALTER DEFAULT PRIVILEGES ", "SET SESSION AUTHORIZATION "]) {
        return true;
    }
    let Some((_, role)) = text
        .strip_suffix(';')
        .filter(|_| text.starts_with("ALTER "))
        .and_then(|text| text.rsplit_once(" OWNER TO "))
    else {
        return false;
    };
    // Anything else is a part of a text.
    role.bytes().all(is_word) || (role.len() > 2 && role.starts_with('"') && role.ends_with('"'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(text: &str) -> (Vec<Line>, Lines<&[u8]>) {
        let mut lines = Lines::new(text.as_bytes());
        let mut kinds = Vec::new();
        while let Some((kind, _)) = lines.next().expect("memory") {
            kinds.push(kind);
        }
        (kinds, lines)
    }

    #[test]
    fn what_looks_like_a_command_counts_only_outside_of_data_and_quotes() {
        use Line::*;
        let cases: &[(&str, &[Line])] = &[
            ("BEGIN;\nSELECT 1;\nCOMMIT;\n", &[Begin, Sql, Commit]),
            (
                "COPY public.t (a) FROM stdin;\nCOMMIT;\n\\connect x\n\\.\nCOMMIT;\n",
                &[Sql, Data, Data, Data, Commit],
            ),
            (
                "CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql AS $_$\nBEGIN\n  COMMIT;\nEND;\n$_$;\nCOMMIT;\n",
                &[Sql, Sql, Sql, Sql, Sql, Commit],
            ),
            (
                "CREATE FUNCTION f(a int) RETURNS int LANGUAGE sql\n    BEGIN ATOMIC\n SELECT CASE WHEN a > 1 THEN 1 ELSE 2 END;\nEND;\nCOMMIT;\n",
                &[Sql, Sql, Sql, Sql, Commit],
            ),
            ("SELECT 'it''s\nCOMMIT;\n';\n", &[Sql, Sql, Sql]),
            ("SELECT E'\\'\nCOMMIT;\n';\nSELECT '\\';\nCOMMIT;\n", &[Sql, Sql, Sql, Sql, Commit]),
            ("CREATE TABLE \"a\nCOMMIT;\n\" (b int);\n", &[Sql, Sql, Sql]),
            ("/* a /* b */\nCOMMIT;\n*/ SELECT 1;\n", &[Sql, Sql, Sql]),
            (
                "\\restrict abc\n\\unrestrict abc\n\\connect other\nSELECT 1 \\g file\n",
                &[Restrict, Restrict, Meta, Meta],
            ),
            ("BEGIN; INSERT INTO t VALUES (1); COMMIT;\n", &[Control]),
            ("ROLLBACK;\nBEGIN ISOLATION LEVEL SERIALIZABLE;\nend;\n", &[Control, Control, Commit]),
            ("PREPARE TRANSACTION 'x';\nSAVEPOINT a;\nROLLBACK TO a;\n", &[Control, Sql, Sql]),
            ("-- COMMIT;\nSELECT 1; -- COMMIT;\nCOMMIT\n;\n", &[Sql, Sql, Sql, Control]),
            ("SELECT a$b$c FROM t;\nCOMMIT;\n", &[Sql, Commit]),
        ];
        for (text, wanted) in cases {
            assert_eq!(kinds(text).0, *wanted, "{text}");
        }
    }

    #[test]
    fn the_end_is_known() {
        let whole = "--\n-- PostgreSQL database dump\n--\n\nSELECT 1;\n\n--\n-- PostgreSQL database dump complete\n--\n\n\\unrestrict abc\n\n";
        let (_, lines) = kinds(whole);
        assert!(lines.by_pg_dump() && lines.complete() && !lines.cut_short() && lines.statements() == 1);
        for (cut, _) in whole.char_indices().skip(30) {
            let (_, lines) = kinds(&whole[..cut]);
            // Half a comment's beginning is taken for something that follows.
            let wanted = cut >= whole.find(" complete").expect("it is there") + 9 && !whole[..cut].ends_with("\n-");
            assert_eq!(lines.complete(), wanted, "{cut}");
        }
        let longer = format!("{whole}SELECT 2;\n");
        assert!(!kinds(&longer).1.complete());
        assert!(kinds("COPY t FROM stdin;\n1\n").1.cut_short());
        assert!(kinds("SELECT 'a").1.cut_short());
    }

    #[test]
    fn statements_about_roles_are_told_from_texts_about_them() {
        let about = |text: &str| {
            let mut lines = Lines::new(text.as_bytes());
            let mut found = Vec::new();
            while let Some((kind, _)) = lines.next().expect("a text") {
                found.push(kind == Line::Roles);
            }
            found
        };
        assert_eq!(
            about("ALTER TABLE public.t OWNER TO app;\nALTER FUNCTION f(a text) OWNER TO \"my app\";\nGRANT SELECT ON t TO x;\nREVOKE ALL ON t FROM y;\n"),
            [true; 4]
        );
        assert_eq!(about("ALTER DEFAULT PRIVILEGES FOR ROLE a IN SCHEMA s GRANT SELECT ON TABLES TO b;\n"), [true]);
        assert_eq!(
            about("ALTER TABLE ONLY t ALTER COLUMN c SET DEFAULT ' OWNER TO x';\nCOMMENT ON TABLE t IS '\nGRANT all;\n';\nALTER TABLE t\n    OWNER TO x;\n"),
            [false; 6]
        );
        assert_eq!(about("COPY t (a) FROM stdin;\nGRANT it TO me;\n\\.\n"), [false; 3]);
    }
}
