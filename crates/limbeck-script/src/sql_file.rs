//! Revisions written in SQL: one file, its header in comments, a section for each direction.
//!
//! ```sql
//! -- add users
//! -- revision: ab12
//! -- down_revision: 9c11
//!
//! -- limbeck:up
//! CREATE TABLE users (id integer PRIMARY KEY);
//!
//! -- limbeck:down
//! DROP TABLE users;
//! ```
//!
//! `down_revision` and `depends_on` take `none`, one id, or several with commas; `branch_labels` likewise. Other comments before the first section are the
//! message. A `.sql` file without `-- revision:` is none of ours. Without a section `down` the revision cannot be undone; an empty one does nothing.

use std::path::Path;

use crate::error::ScriptError;
use crate::header::Header;

/// A revision written in SQL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SqlFile<'a> {
    /// What it says about itself.
    pub header: Header,
    /// What runs forwards.
    pub up: Section<'a>,
    /// What runs back, where there is a way.
    pub down: Option<Section<'a>>,
}

/// The text of one direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Section<'a> {
    /// The statements.
    pub text: &'a str,
    /// The line of the file that the text begins on.
    pub line: u32,
}

/// Whether a path is that of a SQL file.
pub fn is_sql(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "sql")
}

/// Whether a text is a revision: its first comments hold `-- revision:`.
pub fn is_revision(source: &str) -> bool {
    let head = source.lines().take_while(|line| line.trim().is_empty() || comment(line).is_some());
    head.filter_map(comment).any(|text| key(text).is_some_and(|(name, _)| name == "revision"))
}

/// Reads a revision.
///
/// # Errors
/// A header or section that is missing, twice there or unknown.
pub fn read<'a>(path: &Path, source: &'a str) -> Result<SqlFile<'a>, ScriptError> {
    let wrong = |line: u32, message: String| ScriptError::SqlFile {
        path: path.to_owned(),
        line,
        message,
    };
    let mut head = Head::default();
    let (mut up, mut down): (Option<Section<'a>>, Option<Section<'a>>) = (None, None);
    let mut open: Option<(&str, usize, u32)> = None;
    let mut at = 0;
    let mut number = 0;
    let close = |open: Option<(&str, usize, u32)>, end: usize, up: &mut Option<Section<'a>>, down: &mut Option<Section<'a>>| {
        if let Some((name, start, line)) = open {
            let section = Section {
                text: &source[start..end],
                line,
            };
            *(if name == "up" { up } else { down }) = Some(section);
        }
    };
    for line in source.split_inclusive('\n') {
        number += 1;
        let next = at + line.len();
        let text = comment(line);
        if let Some(name) = text.and_then(|text| text.strip_prefix("limbeck:")).map(str::trim) {
            let name = match name {
                "up" => "up",
                "down" => "down",
                _ => {
                    return Err(wrong(
                        number,
                        format!("`-- limbeck:{name}` is no section; there are `-- limbeck:up` and `-- limbeck:down`"),
                    ));
                }
            };
            close(open, at, &mut up, &mut down);
            if (if name == "up" { &up } else { &down }).is_some() {
                return Err(wrong(number, format!("the section `-- limbeck:{name}` is there twice")));
            }
            open = Some((name, next, number + 1));
        } else if open.is_none() {
            match text {
                Some(text) => head.line(text),
                None if line.trim().is_empty() => {}
                None => return Err(wrong(number, "a statement stands before the first section".to_owned())),
            }
        }
        at = next;
    }
    close(open, source.len(), &mut up, &mut down);
    let up = up.ok_or_else(|| wrong(1, "there is no section `-- limbeck:up`".to_owned()))?;
    let revision = head.revision.filter(|id| !id.is_empty());
    let down_revisions = head.down_revision.ok_or_else(|| {
        wrong(
            1,
            "there is no line `-- down_revision:`; write `-- down_revision: none` for a first revision".to_owned(),
        )
    })?;
    Ok(SqlFile {
        header: Header {
            revision: revision.ok_or_else(|| wrong(1, "there is no line `-- revision:` with an id".to_owned()))?,
            down_revisions,
            depends_on: head.depends_on,
            branch_labels: head.branch_labels,
            doc: head.doc.join("\n").trim().to_owned(),
            has_upgrade: true,
            has_downgrade: down.is_some(),
        },
        up,
        down,
    })
}

/// What the comments before the first section say.
#[derive(Default)]
struct Head {
    revision: Option<String>,
    down_revision: Option<Vec<String>>,
    depends_on: Vec<String>,
    branch_labels: Vec<String>,
    doc: Vec<String>,
}

impl Head {
    fn line(&mut self, text: &str) {
        match key(text) {
            Some(("revision", value)) => self.revision = Some(value.to_owned()),
            Some(("down_revision", value)) => self.down_revision = Some(list(value)),
            Some(("depends_on", value)) => self.depends_on = list(value),
            Some(("branch_labels", value)) => self.branch_labels = list(value),
            _ => {
                // A date right below the message is none of it.
                if text.starts_with("Create Date:") && self.doc.last().is_some_and(|last| !last.is_empty()) {
                    self.doc.push(String::new());
                }
                self.doc.push(text.to_owned());
            }
        }
    }
}

/// The text of a line that is a comment from its first column on.
fn comment(line: &str) -> Option<&str> {
    line.strip_prefix("--").map(str::trim)
}

fn key(text: &str) -> Option<(&str, &str)> {
    let (name, value) = text.split_once(':')?;
    let name = name.trim();
    crate::header::NAMES.contains(&name).then_some((name, value.trim()))
}

fn list(value: &str) -> Vec<String> {
    let items = value.split(',').map(str::trim).filter(|item| !item.is_empty());
    items.filter(|item| !item.eq_ignore_ascii_case("none")).map(str::to_owned).collect()
}

/// What a revision does, as a text without its header, empty lines and blanks at line ends.
pub(crate) fn essence(source: &str) -> Option<String> {
    if !is_revision(source) {
        return None;
    }
    let file = read(Path::new("revision.sql"), source).ok()?;
    let plain = |section: Section<'_>| {
        let lines = section.text.lines().map(str::trim_end).filter(|line| !line.is_empty());
        lines.collect::<Vec<_>>().join("\n")
    };
    Some(format!(
        "{}\n-- limbeck:down {}\n{}",
        plain(file.up),
        file.down.is_some(),
        file.down.map(plain).unwrap_or_default()
    ))
}

/// The text of a new revision.
pub fn text(header: &Header, up: &str, down: &str) -> String {
    let ids = |ids: &[String]| if ids.is_empty() { "none".to_owned() } else { ids.join(", ") };
    let mut out: String = header.doc.lines().map(|line| format!("{}\n", format!("-- {line}").trim_end())).collect();
    out += &format!("-- revision: {}\n-- down_revision: {}\n", header.revision, ids(&header.down_revisions));
    if !header.depends_on.is_empty() {
        out += &format!("-- depends_on: {}\n", ids(&header.depends_on));
    }
    if !header.branch_labels.is_empty() {
        out += &format!("-- branch_labels: {}\n", ids(&header.branch_labels));
    }
    let section = |name: &str, text: &str| {
        format!(
            "\n-- limbeck:{name}\n{}{}",
            text,
            if text.is_empty() || text.ends_with('\n') { "" } else { "\n" }
        )
    };
    out + &section("up", up) + &section("down", down)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "-- add users\n-- revision: ab12\n-- down_revision: 9c11, 77\n-- depends_on: x\n\n-- limbeck:up\nCREATE TABLE a ();\n\n-- limbeck:down\nDROP TABLE a;\n";

    #[test]
    fn a_file_is_read() {
        assert!(is_revision(FILE));
        let file = read(Path::new("a.sql"), FILE).unwrap();
        assert_eq!(file.header.revision, "ab12");
        assert_eq!(file.header.down_revisions, ["9c11", "77"]);
        assert_eq!(file.header.depends_on, ["x"]);
        assert_eq!(file.header.message(), "add users");
        assert_eq!((file.up.text, file.up.line), ("CREATE TABLE a ();\n\n", 7));
        assert_eq!(file.down.map(|section| (section.text, section.line)), Some(("DROP TABLE a;\n", 10)));
        assert_eq!(text(&file.header, "CREATE TABLE a ();\n", "DROP TABLE a;"), FILE);
    }

    #[test]
    fn the_date_is_no_part_of_the_message() {
        let of = |head: &str| {
            let source = format!("{head}-- revision: a\n-- down_revision: none\n-- limbeck:up\n-- limbeck:down\n");
            read(Path::new("a.sql"), &source).unwrap().header
        };
        for head in ["-- add users\n-- Create Date: 2026-01-01\n", "-- add users\n--\n-- Create Date: 2026-01-01\n"] {
            assert_eq!(of(head).message(), "add users");
            assert_eq!(of(head).create_date(), Some("2026-01-01"));
        }
        assert!(text(&of("-- a\n-- Create Date: b\n"), "", "").starts_with("-- a\n--\n-- Create Date: b\n-- revision: a\n"));
        assert_eq!(of("-- two\n-- lines\n").message(), "two\nlines");
    }

    #[test]
    fn what_is_wrong_is_said_with_its_line() {
        let line = |source: &str| match read(Path::new("a.sql"), source) {
            Err(ScriptError::SqlFile { line, message, .. }) => (line, message),
            other => panic!("{other:?}"),
        };
        let head = "-- revision: a\n-- down_revision: none\n";
        assert_eq!(line(head).1, "there is no section `-- limbeck:up`");
        assert_eq!(line(&format!("{head}SELECT 1;\n-- limbeck:up\n")).0, 3);
        assert_eq!(line(&format!("{head}-- limbeck:up\n-- limbeck:up\n")).0, 4);
        assert_eq!(line(&format!("{head}-- limbeck:left\n")).0, 3);
        assert!(line("-- revision: a\n-- limbeck:up\n").1.contains("down_revision"));
        assert!(!is_revision("SELECT 1;\n-- revision: a\n"));
    }

    #[test]
    fn what_it_does_is_not_its_header() {
        let moved = FILE.replace("9c11, 77", "none").replace("add users", "Add users").replace("();\n", "();  \n\n");
        assert_eq!(essence(FILE), essence(&moved));
        assert_ne!(essence(FILE), essence(&FILE.replace("DROP TABLE a;\n", "")));
    }
}
