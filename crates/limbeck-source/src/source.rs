//! Source texts and places in them.

use std::fmt;
use std::sync::Arc;

use serde::Serialize;

/// A range of byte offsets, `start..end`, in one source file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize)]
pub struct Span {
    /// The first byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// Makes a span from two byte offsets.
    pub fn new(start: usize, end: usize) -> Self {
        Self {
            start: start as u32,
            end: end as u32,
        }
    }

    /// Makes an empty span at one byte offset.
    pub fn at(offset: usize) -> Self {
        Self::new(offset, offset)
    }
}

/// A source text with its path and an index of its lines. Cloning is cheap.
#[derive(Debug, Clone)]
pub struct SourceFile {
    path: Arc<str>,
    text: Arc<str>,
    line_starts: Arc<[u32]>,
}

impl SourceFile {
    /// Indexes `text`; `path` is how the file is named to the user.
    pub fn new(path: impl Into<Arc<str>>, text: impl Into<Arc<str>>) -> Self {
        let text: Arc<str> = text.into();
        let line_starts = std::iter::once(0)
            .chain(text.bytes().enumerate().filter(|(_, b)| *b == b'\n').map(|(at, _)| at as u32 + 1))
            .collect();
        Self {
            path: path.into(),
            text,
            line_starts,
        }
    }

    /// Returns the path as given.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Returns the whole text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Returns the number of lines; a final newline opens an empty last line.
    pub fn line_count(&self) -> usize {
        self.line_starts.len()
    }

    /// Returns a line (from 1) without its line end, or `None` past the end.
    pub fn line(&self, number: u32) -> Option<&str> {
        let index = (number as usize).checked_sub(1)?;
        let start = *self.line_starts.get(index)? as usize;
        let end = self.line_starts.get(index + 1).map_or(self.text.len(), |next| *next as usize);
        Some(self.text[start..end].trim_end_matches(['\n', '\r']))
    }

    /// Returns the line and column (both from 1) of a byte offset; offsets past the end mean the end.
    pub fn line_column(&self, offset: u32) -> (u32, u32) {
        let mut offset = (offset as usize).min(self.text.len());
        while !self.text.is_char_boundary(offset) {
            offset -= 1;
        }
        let line = self.line_starts.partition_point(|start| *start as usize <= offset);
        let start = self.line_starts[line - 1] as usize;
        let column = self.text[start..offset].chars().count();
        (line as u32, column as u32 + 1)
    }

    /// Returns the place of `span`, carrying the text of its first line.
    pub fn location(&self, span: Span) -> Location {
        let (line, column) = self.line_column(span.start);
        let (last_line, last_column) = self.line_column(span.end);
        let text = self.line(line).unwrap_or_default();
        let end_column = if last_line == line { last_column } else { text.chars().count() as u32 + 1 };
        Location {
            path: self.path.to_string(),
            line,
            column,
            end_column: Some(end_column).filter(|end| *end > column),
            text: Some(text.to_owned()),
        }
    }

    /// Returns the place of a whole line (from 1), as tracebacks give it.
    pub fn line_location(&self, line: u32) -> Location {
        let text = self.line(line).unwrap_or_default();
        let indent = text.chars().take_while(|c| c.is_whitespace()).count() as u32;
        Location {
            path: self.path.to_string(),
            line,
            column: indent + 1,
            end_column: None,
            text: Some(text.to_owned()),
        }
    }
}

/// A place that can be shown without its file: path, line, column and the text of the line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Location {
    /// The file, as named to the user.
    pub path: String,
    /// The line, from 1; 0 when only the file is known.
    pub line: u32,
    /// The column in characters, from 1; 0 when only the line is known.
    pub column: u32,
    /// One past the last column, when a range on this line is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end_column: Option<u32>,
    /// The text of the line, when known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

impl Location {
    /// Makes the place of a whole file.
    pub fn file(path: impl Into<String>) -> Self {
        Self::new(path, 0, 0)
    }

    /// Makes a place without the text of its line.
    pub fn new(path: impl Into<String>, line: u32, column: u32) -> Self {
        Self {
            path: path.into(),
            line,
            column,
            end_column: None,
            text: None,
        }
    }

    /// Adds the text of the line.
    pub fn with_text(mut self, text: impl Into<String>) -> Self {
        self.text = Some(text.into());
        self
    }
}

impl fmt::Display for Location {
    /// Writes `path:line:column`, leaving out what is not known.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.path)?;
        if self.line > 0 {
            write!(f, ":{}", self.line)?;
            if self.column > 0 {
                write!(f, ":{}", self.column)?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_become_lines_and_columns() {
        let file = SourceFile::new("a.py", "one\nzwölf x\r\n\nend");
        assert_eq!(file.line_column(0), (1, 1));
        assert_eq!(file.line_column(3), (1, 4));
        assert_eq!(file.line_column(4), (2, 1));
        let x = file.text().find('x').expect("an x is there") as u32;
        assert_eq!(file.line_column(x), (2, 7), "columns count characters, not bytes");
        assert_eq!(file.line_column(999), (4, 4));
        assert_eq!(file.line(2), Some("zwölf x"));
        assert_eq!(file.line(3), Some(""));
        assert_eq!(file.line(5), None);
        assert_eq!(file.line(0), None);
    }

    #[test]
    fn a_span_over_lines_ends_with_its_first_line() {
        let file = SourceFile::new("a.py", "call(\n  1)\n");
        let place = file.location(Span::new(0, 9));
        assert_eq!((place.line, place.column, place.end_column), (1, 1, Some(6)));
        assert_eq!(place.to_string(), "a.py:1:1");
        assert_eq!(file.line_location(2).column, 3);
    }

    #[test]
    fn an_offset_inside_a_character_is_its_start() {
        let file = SourceFile::new("a.py", "ö!");
        assert_eq!(file.line_column(1), (1, 1));
    }
}
