//! Reads `.ini` files by the rules of Python's `ConfigParser` with its basic interpolation.
//!
//! Alembic reads `alembic.ini` with it, so every rule is kept: `key = value` and `key: value`, keys without case,
//! deeper indented lines continue a value, comments only as whole lines, `[DEFAULT]` shows through everywhere, and
//! `%(name)s` and `%%` are resolved when a value is asked for, not when the file is read.

use indexmap::IndexMap;
use thiserror::Error;

/// The section whose values every other section inherits.
const DEFAULT_SECTION: &str = "DEFAULT";
/// How deep one value may refer to another, as in Python.
const MAX_DEPTH: usize = 10;

/// What can be wrong in an `.ini` file.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[allow(missing_docs)]
pub enum IniError {
    #[error("line {line} stands before any section header: {text:?}")]
    NoSection { line: u32, text: String },
    #[error("section [{section}] already exists")]
    DuplicateSection { line: u32, section: String },
    #[error("option `{option}` in section [{section}] already exists")]
    DuplicateOption { line: u32, section: String, option: String },
    #[error("line {line} is neither a section header nor `key = value`: {text:?}")]
    NotAnOption { line: u32, text: String },
    #[error("option `{option}` in section [{section}] refers to %({key})s, which is not a valid option name; write %% for a plain percent sign")]
    MissingReference {
        section: String,
        option: String,
        key: String,
        line: Option<u32>,
    },
    #[error("option `{option}` in section [{section}]: '%' must be followed by '%' or '(', found {found:?}")]
    BadPercent {
        section: String,
        option: String,
        found: String,
        line: Option<u32>,
    },
    #[error("option `{option}` in section [{section}] refers to itself or nests deeper than {MAX_DEPTH} references")]
    TooDeep { section: String, option: String, line: Option<u32> },
}

impl IniError {
    /// Returns the line the error is about, counted from 1.
    pub fn line(&self) -> Option<u32> {
        match self {
            IniError::NoSection { line, .. }
            | IniError::DuplicateSection { line, .. }
            | IniError::DuplicateOption { line, .. }
            | IniError::NotAnOption { line, .. } => Some(*line),
            IniError::MissingReference { line, .. } | IniError::BadPercent { line, .. } | IniError::TooDeep { line, .. } => *line,
        }
    }
}

/// A value as written, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Entry {
    value: String,
    line: Option<u32>,
}

type Section = IndexMap<String, Entry>;

/// A parsed `.ini` file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ini {
    defaults: Section,
    sections: IndexMap<String, Section>,
}

impl Ini {
    /// Makes an empty file in which `defaults` can be referred to.
    pub fn with_defaults<'a>(defaults: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let mut ini = Ini::default();
        for (name, value) in defaults {
            ini.defaults.insert(
                option_name(name),
                Entry {
                    value: value.to_owned(),
                    line: None,
                },
            );
        }
        ini
    }

    /// Parses `text` on its own.
    ///
    /// # Errors
    /// The first thing that Python's parser would refuse.
    pub fn parse(text: &str) -> Result<Self, IniError> {
        let mut ini = Ini::default();
        ini.read(text)?;
        Ok(ini)
    }

    /// Reads `text` into this file, on top of what is there.
    ///
    /// # Errors
    /// The first thing that Python's parser would refuse.
    pub fn read(&mut self, text: &str) -> Result<(), IniError> {
        Reader::new(self).read(text.strip_prefix('\u{feff}').unwrap_or(text))
    }

    /// Returns the section names in file order, without `DEFAULT`.
    pub fn sections(&self) -> impl Iterator<Item = &str> {
        self.sections.keys().map(String::as_str)
    }

    /// Says whether there is such a section; `DEFAULT` is none.
    pub fn has_section(&self, section: &str) -> bool {
        self.sections.contains_key(section)
    }

    /// Says whether a section holds or inherits an option.
    pub fn has_option(&self, section: &str, option: &str) -> bool {
        self.entry(section, option).is_some()
    }

    /// Returns a value as written, without interpolation.
    pub fn raw(&self, section: &str, option: &str) -> Option<&str> {
        self.entry(section, option).map(|entry| entry.value.as_str())
    }

    /// Returns the line on which an option stands.
    pub fn line_of(&self, section: &str, option: &str) -> Option<u32> {
        self.entry(section, option).and_then(|entry| entry.line)
    }

    /// Returns an interpolated value, or `None` when section or option are missing.
    ///
    /// # Errors
    /// When the value holds a reference that cannot be resolved.
    pub fn get(&self, section: &str, option: &str) -> Result<Option<String>, IniError> {
        match self.entry(section, option) {
            Some(entry) => self.interpolate(section, option, entry).map(Some),
            None => Ok(None),
        }
    }

    /// Returns all values of a section, the inherited ones first.
    ///
    /// # Errors
    /// When a value holds a reference that cannot be resolved.
    pub fn items(&self, section: &str) -> Result<Option<IndexMap<String, String>>, IniError> {
        let Some(own) = self.sections.get(section) else {
            return Ok(None);
        };
        let mut all: IndexMap<&str, &Entry> = IndexMap::new();
        for (name, entry) in self.defaults.iter().chain(own) {
            all.insert(name, entry);
        }
        let mut items = IndexMap::with_capacity(all.len());
        for (name, entry) in all {
            items.insert(name.to_owned(), self.interpolate(section, name, entry)?);
        }
        Ok(Some(items))
    }

    /// Sets a value as written, making the section where it is missing.
    pub fn set(&mut self, section: &str, option: &str, value: impl Into<String>) {
        self.sections.entry(section.to_owned()).or_default().insert(
            option_name(option),
            Entry {
                value: value.into(),
                line: None,
            },
        );
    }

    fn entry(&self, section: &str, option: &str) -> Option<&Entry> {
        let option = option_name(option);
        if section.is_empty() || section == DEFAULT_SECTION {
            return self.defaults.get(&option);
        }
        let own = self.sections.get(section)?;
        own.get(&option).or_else(|| self.defaults.get(&option))
    }

    fn interpolate(&self, section: &str, option: &str, entry: &Entry) -> Result<String, IniError> {
        if !entry.value.contains('%') {
            return Ok(entry.value.clone());
        }
        let mut text = String::with_capacity(entry.value.len());
        let place = Place {
            section,
            option,
            line: entry.line,
        };
        self.interpolate_into(&mut text, &entry.value, place, 1)?;
        Ok(text)
    }

    fn interpolate_into(&self, text: &mut String, mut rest: &str, place: Place<'_>, depth: usize) -> Result<(), IniError> {
        if depth > MAX_DEPTH {
            return Err(place.too_deep());
        }
        while let Some(at) = rest.find('%') {
            text.push_str(&rest[..at]);
            rest = &rest[at..];
            let after = &rest[1..];
            if after.starts_with('%') {
                text.push('%');
                rest = &rest[2..];
                continue;
            }
            let Some((key, tail)) = reference(after) else {
                return Err(place.bad_percent(rest));
            };
            let Some(found) = self.entry(place.section, key) else {
                return Err(place.missing(key));
            };
            if found.value.contains('%') {
                self.interpolate_into(text, &found.value, place, depth + 1)?;
            } else {
                text.push_str(&found.value);
            }
            rest = tail;
        }
        text.push_str(rest);
        Ok(())
    }
}

/// Which value is being resolved, for errors.
#[derive(Clone, Copy)]
struct Place<'a> {
    section: &'a str,
    option: &'a str,
    line: Option<u32>,
}

impl Place<'_> {
    fn too_deep(self) -> IniError {
        IniError::TooDeep {
            section: self.section.to_owned(),
            option: self.option.to_owned(),
            line: self.line,
        }
    }

    fn bad_percent(self, found: &str) -> IniError {
        IniError::BadPercent {
            section: self.section.to_owned(),
            option: self.option.to_owned(),
            found: found.to_owned(),
            line: self.line,
        }
    }

    fn missing(self, key: &str) -> IniError {
        IniError::MissingReference {
            section: self.section.to_owned(),
            option: self.option.to_owned(),
            key: option_name(key),
            line: self.line,
        }
    }
}

/// Splits `(name)s rest` into the name and the rest.
fn reference(after_percent: &str) -> Option<(&str, &str)> {
    let inner = after_percent.strip_prefix('(')?;
    let close = inner.find(')')?;
    let tail = inner[close + 1..].strip_prefix('s')?;
    (close > 0).then(|| (&inner[..close], tail))
}

/// Reads lines into an [`Ini`].
struct Reader<'a> {
    ini: &'a mut Ini,
    /// The section being filled; `None` before the first header.
    section: Option<String>,
    /// The option being filled, for continuation lines.
    option: Option<String>,
    indent: usize,
    /// What this text has added, to find doubles.
    added: IndexMap<(String, String), ()>,
    added_sections: Vec<String>,
}

impl<'a> Reader<'a> {
    fn new(ini: &'a mut Ini) -> Self {
        Reader {
            ini,
            section: None,
            option: None,
            indent: 0,
            added: IndexMap::new(),
            added_sections: Vec::new(),
        }
    }

    fn read(mut self, text: &str) -> Result<(), IniError> {
        let mut first_bad = None;
        for (index, line) in lines(text).enumerate() {
            match self.line(line, index as u32 + 1) {
                // Python goes on after such a line and refuses the file at its end; a graver error may follow.
                Err(error @ IniError::NotAnOption { .. }) => {
                    first_bad.get_or_insert(error);
                }
                other => other?,
            }
        }
        for entry in self
            .ini
            .defaults
            .values_mut()
            .chain(self.ini.sections.values_mut().flat_map(|s| s.values_mut()))
        {
            let kept = strip_end(&entry.value).len();
            entry.value.truncate(kept);
        }
        first_bad.map_or(Ok(()), Err)
    }

    fn line(&mut self, line: &str, number: u32) -> Result<(), IniError> {
        let value = strip(line);
        if value.starts_with(['#', ';']) {
            return Ok(());
        }
        if value.is_empty() {
            if let Some(entry) = self.current() {
                entry.value.push('\n');
            }
            return Ok(());
        }
        let indent = line.chars().take_while(|c| is_space(*c)).count();
        if indent > self.indent
            && let Some(entry) = self.current()
        {
            entry.value.push('\n');
            entry.value.push_str(value);
            return Ok(());
        }
        self.indent = indent;
        if let Some(name) = header(value) {
            return self.open(name, number);
        }
        if self.section.is_none() {
            return Err(IniError::NoSection {
                line: number,
                text: value.to_owned(),
            });
        }
        self.option(value, number)
    }

    fn open(&mut self, name: &str, line: u32) -> Result<(), IniError> {
        if name != DEFAULT_SECTION {
            if self.added_sections.iter().any(|known| known == name) {
                return Err(IniError::DuplicateSection {
                    line,
                    section: name.to_owned(),
                });
            }
            self.added_sections.push(name.to_owned());
            self.ini.sections.entry(name.to_owned()).or_default();
        }
        self.section = Some(name.to_owned());
        self.option = None;
        Ok(())
    }

    fn option(&mut self, text: &str, line: u32) -> Result<(), IniError> {
        let not_an_option = || IniError::NotAnOption { line, text: text.to_owned() };
        let at = text.find(['=', ':']).ok_or_else(not_an_option)?;
        let name = option_name(strip_end(&text[..at]));
        if name.is_empty() {
            return Err(not_an_option());
        }
        let section = self.section.clone().unwrap_or_default();
        let key = (section.clone(), name.clone());
        if self.added.insert(key, ()).is_some() {
            return Err(IniError::DuplicateOption { line, section, option: name });
        }
        let entry = Entry {
            value: strip(&text[at + 1..]).to_owned(),
            line: Some(line),
        };
        if let Some(map) = self.map() {
            map.insert(name.clone(), entry);
        }
        self.option = Some(name);
        Ok(())
    }

    fn map(&mut self) -> Option<&mut Section> {
        match self.section.as_deref() {
            None => None,
            Some(DEFAULT_SECTION) => Some(&mut self.ini.defaults),
            Some(name) => self.ini.sections.get_mut(name),
        }
    }

    fn current(&mut self) -> Option<&mut Entry> {
        let option = self.option.clone()?;
        self.map()?.get_mut(&option)
    }
}

/// Returns the name in `[name]`; what follows the last bracket is ignored, as in Python.
fn header(value: &str) -> Option<&str> {
    let inner = value.strip_prefix('[')?;
    let close = inner.rfind(']')?;
    (close > 0).then(|| &inner[..close])
}

/// Splits at `\n`, `\r\n` and `\r`, as Python does when it reads text.
fn lines(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let text = rest.filter(|text| !text.is_empty())?;
        let Some(at) = text.find(['\n', '\r']) else {
            rest = None;
            return Some(text);
        };
        let skip = if text[at..].starts_with("\r\n") { 2 } else { 1 };
        rest = Some(&text[at + skip..]);
        Some(&text[..at])
    })
}

fn option_name(name: &str) -> String {
    name.to_lowercase()
}

/// Python's idea of white space: Unicode's, and the four information separators.
fn is_space(c: char) -> bool {
    c.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&c)
}

fn strip(text: &str) -> &str {
    text.trim_matches(is_space)
}

fn strip_end(text: &str) -> &str {
    text.trim_end_matches(is_space)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn get(text: &str, option: &str) -> Option<String> {
        let mut ini = Ini::with_defaults([("here", "/srv/app")]);
        ini.read(text).unwrap();
        ini.get("a", option).unwrap()
    }

    #[track_caller]
    fn assert_value(text: &str, option: &str, expected: &str) {
        assert_eq!(get(text, option).as_deref(), Some(expected), "{text:?}");
    }

    #[test]
    fn keys_and_delimiters() {
        assert_value("[a]\nx = 1\n", "x", "1");
        assert_value("[a]\nx:1\n", "x", "1");
        assert_value("[a]\nX = 1\n", "x", "1");
        assert_value("[a]\nx = 1\n", "X", "1");
        assert_value("[a]\nurl = sqlite:///x=y:z\n", "url", "sqlite:///x=y:z");
        assert_value("[a]\nx =\n", "x", "");
        assert_value("[a] trailing\r\nx = 1\r\n", "x", "1");
        assert_value("\u{feff}[a]\nx = 1", "x", "1");
    }

    #[test]
    fn comments_are_whole_lines() {
        assert_value("[a]\nx = 1 # not a comment\n", "x", "1 # not a comment");
        assert_value("[a]\nx = 1 ; neither\n", "x", "1 ; neither");
        assert_value("[a]\n  # comment\n; comment\nx = 1\n", "x", "1");
        assert_value("[a]\nx = 1\n   # in between\n   2\n", "x", "1\n2");
    }

    #[test]
    fn deeper_lines_continue_a_value() {
        assert_value("[a]\nx = 1\n    2\n    3\ny = 4\n", "x", "1\n2\n3");
        assert_value("[a]\nx = 1\n\n    3\n\n\ny = 4\n", "x", "1\n\n3");
        assert_value("[a]\nx =\n    1\n    [b]\n", "x", "\n1\n[b]");
        assert_value("[a]\n  x = 1\n  y = 2\n", "y", "2");
    }

    #[test]
    fn defaults_show_through() {
        assert_value("[DEFAULT]\nx = 1\n[a]\ny = 2\n", "x", "1");
        assert_value("[a]\ny = %(here)s/m\n", "y", "/srv/app/m");
        assert_value("[DEFAULT]\nhere = /else\n[a]\ny = %(here)s/m\n", "y", "/else/m");
        let mut ini = Ini::with_defaults([("here", "/srv")]);
        ini.read("[b]\nx=1\n[a]\ny=2\n[DEFAULT]\nd=0\n").unwrap();
        assert_eq!(ini.sections().collect::<Vec<_>>(), ["b", "a"]);
        let items = ini.items("a").unwrap().unwrap();
        let items: Vec<_> = items.iter().map(|(k, v)| format!("{k}={v}")).collect();
        assert_eq!(items, ["here=/srv", "d=0", "y=2"]);
        assert_eq!(ini.items("none").unwrap(), None);
    }

    #[test]
    fn interpolation() {
        assert_value("[a]\nx = 100%%\n", "x", "100%");
        assert_value("[a]\nx = %%(year)d_%%(rev)s\n", "x", "%(year)d_%(rev)s");
        assert_value("[a]\nhost = h\nx = //%(HOST)s/%(host)s\n", "x", "//h/h");
        assert_value("[a]\nb = %(c)s\nc = %(d)s%%\nd = z\nx = <%(b)s>\n", "x", "<z%>");
        let ini = Ini::parse("[a]\nx = 5%\ny = %(nope)s\nz = %(z)s\nw = %(no\n").unwrap();
        for (option, line) in [("x", 2), ("y", 3), ("z", 4), ("w", 5)] {
            let error = ini.get("a", option).unwrap_err();
            assert_eq!(error.line(), Some(line), "{error}");
        }
        assert_eq!(ini.raw("a", "x"), Some("5%"));
    }

    #[test]
    fn errors_say_the_line() {
        for (text, line) in [
            ("x = 1\n", 1),
            ("[a]\nx = 1\n[a]\n", 3),
            ("[a]\nx = 1\nX : 2\n", 3),
            ("[a]\n\nnonsense\n", 3),
            ("[a]\n= 3\n", 2),
        ] {
            let error = Ini::parse(text).unwrap_err();
            assert_eq!(error.line(), Some(line), "{text:?}: {error}");
        }
    }

    proptest::proptest! {
        #[test]
        fn never_panics(text in "[\\[\\]a-bA=:%()s#; \\n\\r\\té\u{2003}]{0,60}") {
            if let Ok(ini) = Ini::parse(&text) {
                for section in ini.sections() {
                    let _ = ini.items(section);
                }
            }
        }
    }
}
