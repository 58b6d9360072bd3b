//! The head of a revision script, read without running it: ids, labels, message.
//!
//! Two readers give the same answers. `scan.rs` looks only at statements in the first column and knows plain values; it
//! is what makes ten thousand scripts cheap. Whatever it does not know goes to `parse.rs`, which has the whole syntax
//! tree and evaluates constant expressions. A value that neither knows is [`Outcome::Computed`]: only running the
//! script tells.

mod literal;
mod parse;
mod scan;

use std::path::{Path, PathBuf};

use crate::error::ScriptError;
use crate::value::Value;

/// The names that Alembic reads from a script.
pub const NAMES: [&str; 4] = ["revision", "down_revision", "depends_on", "branch_labels"];
const REVISION: usize = 0;
const DOWN_REVISION: usize = 1;
const DEPENDS_ON: usize = 2;
const BRANCH_LABELS: usize = 3;

/// What a script says about itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Header {
    /// The revision id.
    pub revision: String,
    /// The parents, in file order; none for a base.
    pub down_revisions: Vec<String>,
    /// What must have run before, besides the parents.
    pub depends_on: Vec<String>,
    /// The labels of the branch that starts here.
    pub branch_labels: Vec<String>,
    /// The docstring, without the blanks around it.
    pub doc: String,
    /// Whether there is an `upgrade`.
    pub has_upgrade: bool,
    /// Whether there is a `downgrade`.
    pub has_downgrade: bool,
}

impl Header {
    /// Returns the message: the docstring up to its first empty line.
    pub fn message(&self) -> &str {
        self.doc.split_once("\n\n").map_or(self.doc.as_str(), |(message, _)| message)
    }

    /// Returns the creation date as the docstring gives it.
    pub fn create_date(&self) -> Option<&str> {
        self.doc
            .lines()
            .find_map(|line| line.trim_start().strip_prefix("Create Date:"))
            .map(str::trim)
            .filter(|date| !date.is_empty())
    }
}

/// What one name is bound to after the module has run.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) enum Binding {
    /// Nothing.
    #[default]
    Unbound,
    /// A known value.
    Known(Value),
    /// A value that only running the script tells, and its line.
    Computed(u32),
}

/// The module as far as it concerns Alembic.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Module {
    doc: Option<String>,
    names: [Binding; 4],
    upgrade: bool,
    downgrade: bool,
}

/// What reading a script gave.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// All that Alembic asks for is known.
    Static(Header),
    /// Some values are computed.
    Computed(Box<ComputedHeader>),
}

/// A header of which some values are only known by running the script.
#[derive(Debug, Clone, PartialEq)]
pub struct ComputedHeader {
    path: PathBuf,
    module: Module,
}

impl ComputedHeader {
    /// Returns the script's path.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns the names that are computed, each with its line.
    pub fn names(&self) -> impl Iterator<Item = (&'static str, u32)> {
        NAMES.iter().zip(&self.module.names).filter_map(|(name, binding)| match binding {
            Binding::Computed(line) => Some((*name, *line)),
            _ => None,
        })
    }

    /// Completes the header with the values that running the script gave; `None` means that the name is not bound.
    ///
    /// # Errors
    /// When a value is none that Alembic takes.
    pub fn complete(mut self, mut value: impl FnMut(&'static str) -> Option<Value>) -> Result<Header, ScriptError> {
        for (name, binding) in NAMES.iter().zip(&mut self.module.names) {
            if matches!(binding, Binding::Computed(_)) {
                *binding = value(name).map_or(Binding::Unbound, Binding::Known);
            }
        }
        header(&self.path, self.module)
    }

    /// Returns the error that says what is computed, for callers that cannot run the script.
    pub fn refuse(&self) -> ScriptError {
        let (name, line) = self.names().next().unwrap_or((NAMES[REVISION], 1));
        ScriptError::ComputedHeader {
            path: self.path.clone(),
            name,
            line,
        }
    }
}

/// Reads the header of the script at `path` from its `source`.
///
/// # Errors
/// When the script is no revision, or when it cannot be parsed and its head is not plain.
pub fn read(path: &Path, source: &str) -> Result<Outcome, ScriptError> {
    if crate::sql_file::is_sql(path) {
        return crate::sql_file::read(path, source).map(|file| Outcome::Static(file.header));
    }
    let module = match scan::scan(source) {
        Some(module) => module,
        None => parse::parse(path, source)?,
    };
    if module.names.iter().any(|binding| matches!(binding, Binding::Computed(_))) {
        return Ok(Outcome::Computed(Box::new(ComputedHeader { path: path.to_owned(), module })));
    }
    header(path, module).map(Outcome::Static)
}

/// Turns the bytes of a script into text as Python would: byte order mark, line ends, coding cookie.
///
/// # Errors
/// When the bytes are neither UTF-8 nor in the encoding that the file names.
pub fn decode(path: &Path, bytes: Vec<u8>) -> Result<String, ScriptError> {
    let mut text = match String::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => {
            let bytes = error.into_bytes();
            if !names_latin_1(&bytes) {
                return Err(ScriptError::Encoding { path: path.to_owned() });
            }
            bytes.into_iter().map(char::from).collect()
        }
    };
    if text.starts_with('\u{feff}') {
        text.drain(..'\u{feff}'.len_utf8());
    }
    if memchr::memchr(b'\r', text.as_bytes()).is_some() {
        text = text.replace("\r\n", "\n").replace('\r', "\n");
    }
    Ok(text)
}

/// Says whether [`decode`] would change nothing.
pub(crate) fn is_plain(text: &str) -> bool {
    !text.starts_with('\u{feff}') && memchr::memchr(b'\r', text.as_bytes()).is_none()
}

/// Says whether one of the first two lines is a coding cookie for Latin-1.
fn names_latin_1(bytes: &[u8]) -> bool {
    bytes.split(|byte| *byte == b'\n').take(2).any(|line| {
        let line = String::from_utf8_lossy(line).to_lowercase();
        let Some((_, name)) = line.strip_prefix('#').and_then(|comment| comment.split_once("coding")) else {
            return false;
        };
        let name = name.trim_start_matches([':', '=', ' ', '\t']);
        ["latin-1", "latin1", "iso-8859-1", "iso8859-1", "l1"]
            .iter()
            .any(|known| name.starts_with(known))
    })
}

fn header(path: &Path, module: Module) -> Result<Header, ScriptError> {
    let [revision, down_revision, depends_on, branch_labels] = module.names;
    let revision = match revision {
        Binding::Known(Value::Str(id)) => id,
        Binding::Known(other) => {
            return Err(bad(path, REVISION, "a text", &other));
        }
        _ => legacy_id(path).ok_or_else(|| ScriptError::NoRevision { path: path.to_owned() })?,
    };
    if down_revision == Binding::Unbound {
        return Err(ScriptError::NoDownRevision { path: path.to_owned() });
    }
    Ok(Header {
        revision,
        down_revisions: texts(path, DOWN_REVISION, down_revision)?,
        depends_on: texts(path, DEPENDS_ON, depends_on)?,
        branch_labels: texts(path, BRANCH_LABELS, branch_labels)?,
        doc: module.doc.map_or_else(String::new, strip),
        has_upgrade: module.upgrade,
        has_downgrade: module.downgrade,
    })
}

/// Files of very old Alembic are named by their id.
fn legacy_id(path: &Path) -> Option<String> {
    let id = path.file_name()?.to_str()?.strip_suffix(".py")?;
    let hex = |c: char| matches!(c, 'a'..='f' | '0'..='9');
    (!id.is_empty() && id.chars().all(hex)).then(|| id.to_owned())
}

fn texts(path: &Path, name: usize, binding: Binding) -> Result<Vec<String>, ScriptError> {
    const EXPECTED: &str = "None, a text, or a list or tuple of texts";
    let Binding::Known(value) = binding else {
        return Ok(Vec::new());
    };
    match value {
        Value::None => Ok(Vec::new()),
        Value::Str(text) => Ok(vec![text]),
        Value::Tuple(items) | Value::List(items) | Value::Set(items) => items
            .into_iter()
            .map(|item| match item {
                Value::Str(text) => Ok(text),
                other => Err(bad(path, name, EXPECTED, &other)),
            })
            .collect(),
        other => Err(bad(path, name, EXPECTED, &other)),
    }
}

fn bad(path: &Path, name: usize, expected: &'static str, found: &Value) -> ScriptError {
    ScriptError::BadHeader {
        path: path.to_owned(),
        name: NAMES[name],
        expected,
        found: found.repr(),
    }
}

fn strip(text: String) -> String {
    let stripped = text.trim();
    if stripped.len() == text.len() {
        return text;
    }
    stripped.to_owned()
}

/// Returns the place of a name among [`NAMES`].
fn index_of(name: &str) -> Option<usize> {
    NAMES.iter().position(|known| *known == name)
}

#[cfg(test)]
mod tests;
