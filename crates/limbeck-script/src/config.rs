//! The configuration of a project: `alembic.ini`, `[tool.alembic]` in `pyproject.toml`, and Limbeck's own keys.
//!
//! Keys of Alembic's are looked up as Alembic does: the section of the ini first, then `[tool.alembic]`; behind both
//! stands `limbeck.toml`, where the same keys may be written without any `%`. Keys of Limbeck's own come from
//! `limbeck.toml`, `[tool.limbeck]` or the `[limbeck]` section of the ini. Finding the files is [`crate::discover`]'s job.

use std::path::{Path, PathBuf};

use indexmap::IndexMap;

use crate::error::ScriptError;
use crate::ini::Ini;
use crate::percent::{self, Argument};

/// The section that holds Limbeck's own keys in an ini file.
pub(crate) const OWN_SECTION: &str = "limbeck";

/// A value of a configuration key; the ini only knows texts.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum OptionValue {
    Text(String),
    Integer(i64),
    Boolean(bool),
    List(Vec<String>),
    Table(IndexMap<String, String>),
    Tables(Vec<IndexMap<String, String>>),
}

/// The configuration files of one project, read.
#[derive(Debug, Clone)]
pub struct Config {
    /// The ini as named to the user; under Alembic's rules it may not exist.
    pub(crate) ini_path: Option<PathBuf>,
    pub(crate) ini_exists: bool,
    pub(crate) ini: Ini,
    /// `pyproject.toml` as named to the user, whether or not it exists.
    pub(crate) toml_path: Option<PathBuf>,
    pub(crate) toml: toml::Table,
    /// `limbeck.toml`, if there is one.
    pub(crate) own_path: Option<PathBuf>,
    /// Keys of `limbeck.toml` or `[tool.limbeck]`.
    pub(crate) own: toml::Table,
    /// The section of the ini that counts, `-n NAME`.
    pub(crate) section: String,
    pub(crate) cwd: PathBuf,
    /// Where relative paths in the files may start; the first one in which they exist is taken.
    pub(crate) bases: Vec<PathBuf>,
    /// Whether Alembic's rules hold to the letter.
    pub(crate) as_alembic: bool,
}

impl Config {
    /// Returns the ini's path as it was given, for `config.config_file_name`.
    pub fn ini_path(&self) -> Option<&Path> {
        self.ini_path.as_deref()
    }

    /// Returns whether the ini could be read.
    pub fn ini_exists(&self) -> bool {
        self.ini_exists
    }

    /// Returns the path of `pyproject.toml` as it was given.
    pub fn toml_path(&self) -> Option<&Path> {
        self.toml_path.as_deref()
    }

    /// Returns the path of `limbeck.toml`, if there is one.
    pub fn own_path(&self) -> Option<&Path> {
        self.own_path.as_deref()
    }

    /// Returns the ini with all its sections.
    pub fn ini(&self) -> &Ini {
        &self.ini
    }

    /// Returns the name of the section that counts, `config.config_ini_section`.
    pub fn section_name(&self) -> &str {
        &self.section
    }

    /// Returns the working directory of the command.
    pub fn working_directory(&self) -> &Path {
        &self.cwd
    }

    /// Returns the file that the user would edit, for messages.
    pub fn main_file(&self) -> Option<&Path> {
        if self.ini_exists {
            self.ini_path.as_deref()
        } else if self.own_path.is_some() {
            self.own_path.as_deref()
        } else {
            self.toml_path.as_deref().filter(|_| !self.toml.is_empty())
        }
    }

    /// Returns a key of the main section of the ini, as `config.get_main_option(name)` does.
    ///
    /// # Errors
    /// When the section is missing or the value cannot be interpolated.
    pub fn main_option(&self, name: &str) -> Result<Option<String>, ScriptError> {
        if !self.ini.has_section(&self.section) {
            return Err(ScriptError::NoSection {
                config: self.ini_path.clone(),
                section: self.section.clone(),
            });
        }
        self.ini_option(name)
    }

    /// Returns a whole section of the ini, as `config.get_section(name)` does.
    ///
    /// # Errors
    /// When a value cannot be interpolated.
    pub fn section(&self, name: &str) -> Result<Option<IndexMap<String, String>>, ScriptError> {
        self.ini.items(name).map_err(|source| self.ini_error(source))
    }

    /// Returns a key from the ini, `[tool.alembic]` or `limbeck.toml`, as `config.get_alembic_option(name)` does.
    ///
    /// # Errors
    /// When the value cannot be interpolated or has a type that means nothing here.
    pub fn option(&self, name: &str) -> Result<Option<OptionValue>, ScriptError> {
        if let Some(text) = self.ini_option(name)? {
            return Ok(Some(OptionValue::Text(text)));
        }
        self.toml_option(name)
    }

    /// Returns a key as [`Config::option`] does, where only a text makes sense.
    ///
    /// # Errors
    /// As [`Config::option`], and when the value is not a text.
    pub fn text_option(&self, name: &str) -> Result<Option<String>, ScriptError> {
        match self.option(name)? {
            None => Ok(None),
            Some(OptionValue::Text(text)) => Ok(Some(text)),
            Some(OptionValue::Integer(number)) => Ok(Some(number.to_string())),
            Some(_) => Err(self.bad_toml(format!("text expected for TOML parameter '{name}'"))),
        }
    }

    /// Returns a key that is either `true` or not: in the ini the very word, in TOML a boolean.
    ///
    /// # Errors
    /// When the TOML value is not a boolean.
    pub fn boolean_option(&self, name: &str) -> Result<bool, ScriptError> {
        if let Some(text) = self.ini_option(name)? {
            return Ok(text == "true");
        }
        match self.toml.get(name).or_else(|| self.own.get(name)) {
            None => Ok(false),
            Some(toml::Value::Boolean(value)) => Ok(*value),
            Some(_) => Err(self.bad_toml(format!("boolean value expected for TOML parameter '{name}'"))),
        }
    }

    /// Returns a key of Limbeck's own, such as `python`.
    ///
    /// # Errors
    /// When the value cannot be interpolated.
    pub fn own_option(&self, name: &str) -> Result<Option<String>, ScriptError> {
        if let Some(value) = self.own.get(name) {
            return Ok(plain_text(value));
        }
        self.ini.get(OWN_SECTION, name).map_err(|source| self.ini_error(source))
    }

    /// Returns a table of Limbeck's own, such as `naming_convention`; in the ini its keys are `table.key`.
    ///
    /// # Errors
    /// When a value cannot be interpolated.
    pub fn own_table(&self, name: &str) -> Result<IndexMap<String, String>, ScriptError> {
        if let Some(toml::Value::Table(table)) = self.own.get(name) {
            return Ok(table.iter().filter_map(|(key, value)| Some((key.clone(), plain_text(value)?))).collect());
        }
        let prefix = format!("{name}.");
        let section = self.section(OWN_SECTION)?.unwrap_or_default();
        Ok(section
            .into_iter()
            .filter_map(|(key, value)| Some((key.strip_prefix(&prefix)?.to_owned(), value)))
            .collect())
    }

    /// Returns a key of the main section of the ini, or `None` when section or key are missing.
    pub(crate) fn ini_option(&self, name: &str) -> Result<Option<String>, ScriptError> {
        self.ini.get(&self.section, name).map_err(|source| self.ini_error(source))
    }

    /// Returns a key of `[tool.alembic]` with `%(here)s` filled in, or of `limbeck.toml` as it is.
    pub(crate) fn toml_option(&self, name: &str) -> Result<Option<OptionValue>, ScriptError> {
        if let Some(value) = self.toml.get(name) {
            let here = self.toml_here();
            return self.option_value(name, value, &|text| self.fill_here(text, &here)).map(Some);
        }
        match self.own.get(name) {
            Some(value) => self.option_value(name, value, &|text| Ok(text.to_owned())).map(Some),
            None => Ok(None),
        }
    }

    /// Makes a relative path from the files absolute.
    pub(crate) fn resolve(&self, path: &Path) -> PathBuf {
        if path.is_absolute() {
            return clean(path);
        }
        let mut candidates = self.bases.iter().map(|base| clean(&base.join(path)));
        let first = candidates.next().unwrap_or_else(|| clean(path));
        if first.exists() {
            return first;
        }
        candidates.find(|path| path.exists()).unwrap_or(first)
    }

    fn option_value(&self, name: &str, value: &toml::Value, fill: &dyn Fn(&str) -> Result<String, ScriptError>) -> Result<OptionValue, ScriptError> {
        let unsupported = || self.bad_toml(format!("unsupported TOML value type for key: '{name}'"));
        let table = |table: &toml::Table| -> Result<IndexMap<String, String>, ScriptError> {
            table
                .iter()
                .map(|(key, value)| match value {
                    toml::Value::String(text) => Ok((key.clone(), fill(text)?)),
                    _ => Err(unsupported()),
                })
                .collect()
        };
        Ok(match value {
            toml::Value::String(text) => OptionValue::Text(fill(text)?),
            toml::Value::Integer(number) => OptionValue::Integer(*number),
            toml::Value::Boolean(value) => OptionValue::Boolean(*value),
            toml::Value::Table(value) => OptionValue::Table(table(value)?),
            toml::Value::Array(items) if items.first().is_some_and(toml::Value::is_table) => OptionValue::Tables(
                items
                    .iter()
                    .map(|item| item.as_table().ok_or_else(unsupported).and_then(table))
                    .collect::<Result<_, _>>()?,
            ),
            toml::Value::Array(items) => OptionValue::List(
                items
                    .iter()
                    .map(|item| item.as_str().ok_or_else(unsupported).and_then(fill))
                    .collect::<Result<_, _>>()?,
            ),
            toml::Value::Float(_) | toml::Value::Datetime(_) => return Err(unsupported()),
        })
    }

    fn fill_here(&self, text: &str, here: &str) -> Result<String, ScriptError> {
        percent::format(text, |name| (name == "here").then(|| Argument::Text(here.to_owned()))).map_err(|error| self.bad_toml(format!("{text:?}: {error}")))
    }

    fn toml_here(&self) -> String {
        let path = self.toml_path.as_deref().unwrap_or(Path::new(""));
        here(&self.cwd, path)
    }

    pub(crate) fn bad_toml(&self, message: String) -> ScriptError {
        ScriptError::BadOption {
            path: self.toml_path.clone().or_else(|| self.own_path.clone()),
            line: None,
            exception: None,
            message,
        }
    }

    pub(crate) fn ini_error(&self, source: crate::ini::IniError) -> ScriptError {
        ScriptError::Ini {
            path: self.ini_path.clone().unwrap_or_default(),
            source,
        }
    }
}

/// Returns the folder of `file`, seen from `cwd`, as `%(here)s` shows it.
pub(crate) fn here(cwd: &Path, file: &Path) -> String {
    let path = clean(&cwd.join(file));
    path.parent().unwrap_or(cwd).display().to_string()
}

/// Drops `.` parts and doubled slashes, keeps `..`, as Python's `Path` does.
pub(crate) fn clean(path: &Path) -> PathBuf {
    path.components().filter(|part| !matches!(part, std::path::Component::CurDir)).collect()
}

fn plain_text(value: &toml::Value) -> Option<String> {
    match value {
        toml::Value::String(text) => Some(text.clone()),
        toml::Value::Integer(number) => Some(number.to_string()),
        toml::Value::Boolean(value) => Some(value.to_string()),
        toml::Value::Float(value) => Some(value.to_string()),
        _ => None,
    }
}
