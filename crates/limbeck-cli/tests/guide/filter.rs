//! What is printed, without what differs from run to run: paths, times, random ids, numbers of processes.

use regex_lite::{Captures, Regex};
use std::cell::RefCell;

/// Ids for random ones, in the order in which they appear.
const IDS: [&str; 4] = ["a1b2c3d4e5f6", "b2c3d4e5f6a7", "c3d4e5f6a7b8", "d4e5f6a7b8c9"];

/// What replaces what.
#[derive(Default)]
pub struct Filter {
    texts: Vec<(String, String)>,
    /// The random ids seen so far.
    ids: RefCell<Vec<String>>,
}

impl Filter {
    /// From now on `text` is shown as `shown`.
    pub fn replace(&mut self, text: &str, shown: &str) {
        self.texts.push((text.to_owned(), shown.to_owned()));
    }

    /// The text as the guide shows it.
    pub fn of(&self, text: &str) -> String {
        let mut shown = String::new();
        let mut lines = text.split_inclusive('\n').peekable();
        while let Some(line) = lines.next() {
            if !line.starts_with("TIME (UTC) ") && !line.starts_with("BACKUP ") {
                shown.push_str(&self.plain(line));
                continue;
            }
            let mut table = vec![line];
            while let Some(row) = lines.next_if(|row| !row.trim().is_empty()) {
                table.push(row);
            }
            shown.push_str(&self.table(&table));
        }
        shown
    }

    /// A table whose columns are as wide as what is shown in them. An indented line belongs to the row above it.
    fn table(&self, lines: &[&str]) -> String {
        let head = lines[0];
        let after_a_gap = |at: &usize| head.as_bytes()[at - 2..*at] == *b"  " && head.as_bytes()[*at] != b' ';
        let starts: Vec<usize> = std::iter::once(0).chain((2..head.len()).filter(after_a_gap)).collect();
        let cells = |line: &str| -> Vec<String> {
            let letters: Vec<char> = line.trim_end().chars().collect();
            let end = |column: usize| starts.get(column + 1).copied().unwrap_or(letters.len()).min(letters.len());
            let cell = |column: usize| letters[starts[column].min(letters.len())..end(column)].iter().collect::<String>();
            (0..starts.len()).map(|column| self.plain(cell(column).trim_end())).collect()
        };
        let is_row = |line: &str| !line.starts_with("   ");
        let rows: Vec<Vec<String>> = lines.iter().filter(|line| is_row(line)).map(|line| cells(line)).collect();
        let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or_default();
        let mut rows = rows.iter();
        let mut text = String::new();
        for line in lines {
            if !is_row(line) {
                text.push_str(&self.plain(line));
                continue;
            }
            let row = rows.next().into_iter().flatten().enumerate();
            let padded: Vec<String> = row.map(|(column, cell)| format!("{cell:<width$}", width = width(column))).collect();
            text.push_str(padded.join("  ").trim_end());
            text.push('\n');
        }
        text
    }

    fn plain(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for (from, to) in &self.texts {
            text = text.replace(from.as_str(), to);
        }
        let rules = [
            (r"\d{8}T\d{6}Z", "20260310T081500Z"),
            (r"_before_\d{14}", "_before_20260310081500"),
            (r"and \d+ were written", "and 10800 were written"),
            (r"\b\d+(\.\d+)? kB", "3 kB"),
            (r"\b\d{4}-\d\d-\d\d([ T_])\d\d:\d\d(:\d\d)?(\.\d+)?", "2026-03-10${1}08:15$2"),
            (r"(:\d\d):\d\d( UTC|Z|\b)", "$1:00$2"),
            (r"\b\d+(\.\d+)? m?s\b", "0.1 s"),
            (r"\b\d+\.\d+s\b", "0.1s"),
            (r"\b(pid|process|Process) \d+", "$1 4711"),
            (r"terminate_backend\(\d+\)", "terminate_backend(4711)"),
            (r"\b[0-9a-f]{64}\b", "9c1f4e5d…"),
            (r"\d+(\.\d+)? [kMGT]B free", "20 GB free"),
            (r"supported until \d{4}-\d\d-\d\d", "supported until 2027-11-11"),
            (r"pg_dump \d+(\.\d+)?", "pg_dump 15"),
            (r"PostgreSQL \d+(\.\d+)?( \([^)]*\))?", "PostgreSQL 15"),
        ];
        for (pattern, shown) in rules {
            let pattern = Regex::new(pattern).expect("a pattern");
            text = pattern.replace_all(&text, shown).into_owned();
        }
        self.with_known_ids(&text)
    }

    fn with_known_ids(&self, text: &str) -> String {
        // In names of files `_` follows.
        let pattern = Regex::new(r"\b([0-9a-f]{12})(_|\b)").expect("a pattern");
        let mut ids = self.ids.borrow_mut();
        let shown = pattern.replace_all(text, |found: &Captures<'_>| {
            let id = &found[1];
            let at = ids.iter().position(|known| known == id).unwrap_or_else(|| {
                ids.push(id.to_owned());
                ids.len() - 1
            });
            format!("{}{}", IDS[at % IDS.len()], &found[2])
        });
        shown.into_owned()
    }
}

#[test]
fn what_differs_from_run_to_run_is_not_shown() {
    let mut filter = Filter::default();
    filter.replace("/tmp/x", "/srv/ultra");
    let cases = [
        ("/tmp/x/a.py in 0.06 s", "/srv/ultra/a.py in 0.1 s"),
        ("Generated 9f8e7d6c5b4a after 0a1b2c", "Generated a1b2c3d4e5f6 after 0a1b2c"),
        ("ffffffffffff 9f8e7d6c5b4a", "b2c3d4e5f6a7 a1b2c3d4e5f6"),
        ("v/9f8e7d6c5b4a_add_email.py", "v/a1b2c3d4e5f6_add_email.py"),
        (
            "x\nTIME (UTC)           WHO      TOOK    OUTCOME\n2026-11-23 06:53:10  root@vm  139 ms  ok\n    in /tmp/x\n2026-11-23 06:53:10  root@vm          no\n",
            "x\nTIME (UTC)           WHO      TOOK   OUTCOME\n2026-03-10 08:15:00  root@vm  0.1 s  ok\n    in /srv/ultra\n2026-03-10 08:15:00  root@vm         no\n",
        ),
        ("since 2026-11-23 06:53:10 UTC (pid 12)", "since 2026-03-10 08:15:00 UTC (pid 4711)"),
    ];
    for (text, shown) in cases {
        assert_eq!(filter.of(text), shown);
    }
}
