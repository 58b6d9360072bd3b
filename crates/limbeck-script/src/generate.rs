//! Writes new revision files from `script.py.mako`.
//!
//! Which revisions the new one follows is the graph's to say; it arrives here resolved.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use indexmap::IndexMap;

use crate::config::clean;
use crate::date::CreateDate;
use crate::error::ScriptError;
use crate::eval::{EvalError, Host, Names};
use crate::header::{self, Header, Outcome};
use crate::hooks;
use crate::init::STOCK_SCRIPT;
use crate::mako::Template;
use crate::percent::{self, Argument};
use crate::progress::{Progress, during};
use crate::project::Project;
use crate::value::Value;
use crate::write::{ensure_folder, write_new};

/// What Alembic writes when no message is given.
const NO_MESSAGE: &str = "empty message";

/// A revision to be written.
#[derive(Debug, Clone)]
pub struct NewRevision {
    /// Its id; see [`new_revision_id`].
    pub id: String,
    /// Its message.
    pub message: Option<String>,
    /// The ids it follows; none for a base.
    pub down_revisions: Vec<String>,
    /// What it depends on.
    pub depends_on: Vec<String>,
    /// Labels of the branch it starts.
    pub branch_labels: Vec<String>,
    /// The folder it goes to; see [`version_folder`].
    pub folder: PathBuf,
    /// Its date.
    pub created: CreateDate,
    /// Further template variables: `upgrades`, `downgrades`, `imports`, and what env.py adds.
    pub variables: IndexMap<String, Value>,
}

/// A revision file that was written.
#[derive(Debug, Clone)]
pub struct WrittenRevision {
    /// Where it is, absolute.
    pub path: PathBuf,
    /// What it says about itself; `None` when its template computes that.
    pub header: Option<Header>,
}

/// Returns a fresh revision id: twelve hexadecimal digits.
pub fn new_revision_id() -> String {
    let id = uuid::Uuid::new_v4().simple().to_string();
    id[id.len() - 12..].to_owned()
}

/// Chooses the folder of a new revision: as asked, beside the first of its parents, or the only one there is.
///
/// # Errors
/// When there are several and nothing says which, or the one asked for is none of the project's.
pub fn version_folder(project: &Project, asked: Option<&Path>, parents: &[PathBuf]) -> Result<PathBuf, ScriptError> {
    let locations = project.version_locations();
    let (folder, shown) = match (asked, locations) {
        (Some(asked), _) => (project.config().resolve(asked), asked.to_owned()),
        (None, [only]) => (only.clone(), only.clone()),
        (None, _) => match parents.first().and_then(|path| path.parent()) {
            Some(folder) => (folder.to_owned(), folder.to_owned()),
            None => {
                return Err(ScriptError::VersionPath {
                    message: "Multiple version locations present, please specify --version-path".to_owned(),
                });
            }
        },
    };
    let same = |location: &&PathBuf| {
        **location == folder
            || location.canonicalize().ok().is_some_and(|real| {
                folder.canonicalize().ok().is_some_and(|folder| {
                    // A parent in a sub-folder of a recursive location keeps its place.
                    folder == real || (asked.is_none() && project.recursive() && folder.starts_with(&real))
                })
            })
    };
    if locations.iter().find(same).is_some() {
        return Ok(folder);
    }
    Err(ScriptError::VersionPath {
        message: format!("Path {} is not represented in current version locations", shown.display()),
    })
}

/// Returns the path a new revision gets by `file_template`.
///
/// # Errors
/// When the template names a token that is not there.
pub fn revision_path(project: &Project, revision: &NewRevision) -> Result<PathBuf, ScriptError> {
    path_with(project, revision, ".py")
}

fn path_with(project: &Project, revision: &NewRevision, ending: &str) -> Result<PathBuf, ScriptError> {
    let message = revision.message.as_deref().unwrap_or_default();
    let slug = slug(message, project.truncate_slug_length());
    let at = revision.created.civil();
    let name = percent::format(project.file_template(), |token| {
        Some(match token {
            "rev" => Argument::Text(revision.id.clone()),
            "slug" => Argument::Text(slug.clone()),
            "epoch" => Argument::Number(revision.created.epoch()),
            "year" => Argument::Number(at.year().into()),
            "month" => Argument::Number(at.month().into()),
            "day" => Argument::Number(at.day().into()),
            "hour" => Argument::Number(at.hour().into()),
            "minute" => Argument::Number(at.minute().into()),
            "second" => Argument::Number(at.second().into()),
            _ => return None,
        })
    })
    .map_err(|error| ScriptError::FileTemplate { message: error.to_string() })?;
    Ok(clean(&revision.folder.join(format!("{name}{ending}"))))
}

/// Writes a new revision file, runs the hooks on it and reads it back.
///
/// `host` answers what the template asks beyond plain Python; [`crate::eval::NoHost`] will do for stock templates.
///
/// # Errors
/// When the template cannot be rendered, the file cannot be written or is already there, or a hook cannot be run.
pub fn write_revision(project: &Project, revision: &NewRevision, host: &dyn Host, progress: &mut dyn Progress) -> Result<WrittenRevision, ScriptError> {
    if project.has_configured_version_locations() {
        ensure_folder(&revision.folder, progress)?;
    }
    let path = revision_path(project, revision)?;
    if let Some(folder) = path.parent() {
        ensure_folder(folder, progress)?;
    }
    let what = format!("Generating {}", path.display());
    during(progress, &what, false, |_| {
        let text = render(project, revision, host)?;
        let bytes = encode(project, &path, &text)?;
        write_new(&path, &bytes)
    })?;
    hooks::run_all(project, &path, progress)?;
    read_back(&path, revision)
}

/// Writes a new revision in SQL.
///
/// # Errors
/// The file cannot be written or is already there.
pub fn write_sql_revision(
    project: &Project,
    revision: &NewRevision,
    up: &str,
    down: &str,
    progress: &mut dyn Progress,
) -> Result<WrittenRevision, ScriptError> {
    let path = path_with(project, revision, ".sql")?;
    if let Some(folder) = path.parent() {
        ensure_folder(folder, progress)?;
    }
    let header = Header {
        revision: revision.id.clone(),
        down_revisions: revision.down_revisions.clone(),
        depends_on: revision.depends_on.clone(),
        branch_labels: revision.branch_labels.clone(),
        doc: format!("{}\n\nCreate Date: {}", revision.message.as_deref().unwrap_or(NO_MESSAGE), revision.created),
        has_upgrade: true,
        has_downgrade: true,
    };
    write_new(&path, crate::sql_file::text(&header, up, down).as_bytes())?;
    read_back(&path, revision)
}

/// Renders the text of a new revision.
///
/// # Errors
/// When the template cannot be read or rendered.
pub fn render(project: &Project, revision: &NewRevision, host: &dyn Host) -> Result<String, ScriptError> {
    let template = script_template(project)?;
    let mut names: Names = revision.variables.clone();
    for (name, value) in [
        ("message", message(revision)),
        ("up_revision", Value::Str(revision.id.clone())),
        ("down_revision", scalar(&revision.down_revisions, Value::Tuple)),
        ("branch_labels", Value::tuple_or_none(&revision.branch_labels)),
        ("depends_on", scalar(&revision.depends_on, Value::List)),
        ("create_date", Value::Date(revision.created.clone())),
        ("config", Value::Named("config")),
    ] {
        names.insert(name.to_owned(), value);
    }
    template.render(names, &RevisionHost { project, host })
}

fn message(revision: &NewRevision) -> Value {
    revision.message.as_deref().unwrap_or(NO_MESSAGE).into()
}

/// `None`, one text, or several in a sequence.
fn scalar(ids: &[String], several: impl Fn(Vec<Value>) -> Value) -> Value {
    match ids {
        [] => Value::None,
        [one] => one.as_str().into(),
        many => several(many.iter().map(|id| id.as_str().into()).collect()),
    }
}

fn script_template(project: &Project) -> Result<Template, ScriptError> {
    let path = project.script_folder().join("script.py.mako");
    match fs::read(&path) {
        Ok(bytes) => {
            let text = String::from_utf8(bytes).map_err(|_| ScriptError::Encoding { path: path.clone() })?;
            Template::parse(&path, text.strip_prefix('\u{feff}').unwrap_or(&text))
        }
        // A project without its own template gets the stock one.
        Err(error) if error.kind() == ErrorKind::NotFound => Template::parse(&path, STOCK_SCRIPT),
        Err(source) => Err(ScriptError::Read { path, source }),
    }
}

/// What a revision template sees: `comma`, `config`, and what the caller's host adds.
struct RevisionHost<'a> {
    project: &'a Project,
    host: &'a dyn Host,
}

impl Host for RevisionHost<'_> {
    fn call(&self, callee: &str, arguments: &[Value], names: &Names) -> Result<Option<Value>, EvalError> {
        let config = self.project.config();
        let text = |value: Result<Option<String>, ScriptError>, default: Option<&Value>| {
            value
                .map(|value| {
                    let default = default.cloned().unwrap_or(Value::None);
                    Some(value.map_or(default, Value::Str))
                })
                .map_err(|error| EvalError::Failed(error.to_string()))
        };
        match (callee, arguments) {
            ("comma", [value]) => comma(value).map(Some),
            ("config.get_main_option", [Value::Str(name), default @ ..]) => text(config.main_option(name), default.first()),
            ("config.get_alembic_option", [Value::Str(name), default @ ..]) => text(config.text_option(name), default.first()),
            ("config.get_section_option", [Value::Str(section), Value::Str(name), default @ ..]) => {
                let value = config
                    .section(section)
                    .map(|items| items.and_then(|items| items.get(&name.to_lowercase()).cloned()));
                text(value, default.first())
            }
            ("config.get_section", [Value::Str(section), default @ ..]) => {
                let items = config.section(section).map_err(|error| EvalError::Failed(error.to_string()))?;
                let default = default.first().cloned().unwrap_or(Value::None);
                Ok(Some(items.map_or(default, |items| {
                    Value::Dict(items.into_iter().map(|(key, value)| (key, Value::Str(value))).collect())
                })))
            }
            _ => self.host.call(callee, arguments, names),
        }
    }

    fn unbound(&self, name: &str) -> Option<Value> {
        self.host.unbound(name)
    }

    fn hides_names(&self) -> bool {
        self.host.hides_names()
    }

    fn expression(&self, source: &str, names: &Names) -> Option<Result<Value, String>> {
        self.host.expression(source, names)
    }

    fn statements(&self, source: &str, names: &mut Names) -> Option<Result<(), String>> {
        self.host.statements(source, names)
    }
}

/// Joins ids by commas; `None` is empty.
fn comma(value: &Value) -> Result<Value, EvalError> {
    let text = match value {
        Value::None => String::new(),
        Value::Str(text) => text.clone(),
        value => match value.items() {
            Some(items) => {
                let items: Vec<_> = items.iter().map(Value::to_string).collect();
                items.join(", ")
            }
            None => {
                return Err(EvalError::Failed(format!("Don't know how to comma-format {}", value.repr())));
            }
        },
    };
    Ok(Value::Str(text))
}

/// Makes a file name part of a message: its words joined by `_`, cut before a word.
fn slug(message: &str, longest: usize) -> String {
    let words: Vec<&str> = message
        .split(|c: char| !(c.is_alphanumeric() || c == '_'))
        .filter(|word| !word.is_empty())
        .collect();
    let slug = words.join("_").to_lowercase();
    if slug.chars().count() <= longest {
        return slug;
    }
    let cut: String = slug.chars().take(longest).collect();
    let kept = cut.rsplit_once('_').map_or(cut.as_str(), |(kept, _)| kept);
    format!("{kept}_")
}

fn encode(project: &Project, path: &Path, text: &str) -> Result<Vec<u8>, ScriptError> {
    let name = project.output_encoding();
    let plain: String = name.to_lowercase().chars().filter(char::is_ascii_alphanumeric).collect();
    let limit = match plain.as_str() {
        "utf8" | "u8" | "utf" => return Ok(text.as_bytes().to_vec()),
        "utf8sig" => return Ok([b"\xef\xbb\xbf", text.as_bytes()].concat()),
        "ascii" | "usascii" => 0x7f,
        "latin1" | "iso88591" | "l1" => 0xff,
        _ => {
            return Err(ScriptError::BadOption {
                path: project.config().main_file().map(Path::to_owned),
                line: None,
                exception: Some("LookupError"),
                message: format!("unknown encoding: {name}"),
            });
        }
    };
    text.chars()
        .map(|c| u8::try_from(u32::from(c)).ok().filter(|byte| *byte <= limit))
        .collect::<Option<Vec<u8>>>()
        .ok_or_else(|| ScriptError::Write {
            path: path.to_owned(),
            source: std::io::Error::new(ErrorKind::InvalidData, format!("the text does not fit the output encoding {name}")),
        })
}

fn read_back(path: &Path, revision: &NewRevision) -> Result<WrittenRevision, ScriptError> {
    let source = crate::directory::read_source(path)?;
    let header = match header::read(path, &source)? {
        Outcome::Static(header) => Some(header),
        Outcome::Computed(_) => None,
    };
    if let Some(header) = &header
        && header.branch_labels.is_empty()
        && !revision.branch_labels.is_empty()
    {
        return Err(ScriptError::LabelsLost {
            revision: header.revision.clone(),
            labels: revision.branch_labels.join(", "),
            path: path.to_owned(),
        });
    }
    Ok(WrittenRevision { path: path.to_owned(), header })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::discover::ConfigRequest;
    use crate::eval::NoHost;
    use crate::progress::Silent;

    fn project(ini: &str) -> (tempfile::TempDir, Project) {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir_all(root.path().join("m/versions")).unwrap();
        let ini = format!("[alembic]\nscript_location = m\npath_separator = os\n{ini}");
        fs::write(root.path().join("alembic.ini"), ini).unwrap();
        let project = Project::find(&ConfigRequest {
            cwd: root.path().to_owned(),
            ..ConfigRequest::default()
        });
        (root, project.unwrap())
    }

    fn revision(project: &Project) -> NewRevision {
        NewRevision {
            id: "nn01".into(),
            message: Some("Add User's Café table".into()),
            down_revisions: vec!["dd04".into()],
            depends_on: vec![],
            branch_labels: vec![],
            folder: project.version_locations()[0].clone(),
            created: CreateDate::at("2024-02-03T04:05:06Z".parse().unwrap(), Some("UTC")).unwrap(),
            variables: IndexMap::new(),
        }
    }

    #[test]
    fn slugs() {
        assert_eq!(slug("Add User's Café table; with", 40), "add_user_s_café_table_with");
        assert_eq!(slug("Add User's Café table; with", 20), "add_user_s_café_");
        assert_eq!(slug("abcdefghij", 4), "abcd_");
        assert_eq!(slug("", 40), "");
    }

    #[test]
    fn file_names() {
        let (root, project) = project("file_template = %%(year)d/%%(month).2d_%%(rev)s-%%(slug)s_%%(epoch)s\n");
        let path = revision_path(&project, &revision(&project)).unwrap();
        let expected = "m/versions/2024/02_nn01-add_user_s_café_table_1706933106.py";
        assert_eq!(path, root.path().join(expected));
    }

    #[test]
    fn the_stock_template() {
        let (_root, project) = project("");
        let mut new = revision(&project);
        new.branch_labels = vec!["lbl".into()];
        new.depends_on = vec!["p2".into(), "p1".into()];
        let written = write_revision(&project, &new, &NoHost, &mut Silent).unwrap();
        let text = fs::read_to_string(&written.path).unwrap();
        for line in [
            "\"\"\"Add User's Café table",
            "Revises: dd04",
            "Create Date: 2024-02-03 04:05:06+00:00",
            "down_revision: Union[str, Sequence[str], None] = 'dd04'",
            "branch_labels: Union[str, Sequence[str], None] = ('lbl',)",
            "depends_on: Union[str, Sequence[str], None] = ['p2', 'p1']",
        ] {
            assert!(text.lines().any(|found| found == line), "{line}\n{text}");
        }
        let header = written.header.unwrap();
        assert_eq!(header.message(), "Add User's Café table");
        assert!(header.has_upgrade && header.has_downgrade);
        let again = write_revision(&project, &new, &NoHost, &mut Silent).unwrap_err();
        assert_eq!(again.code(), "E0803");
    }

    #[test]
    fn a_template_of_the_projects_own() {
        let (root, project) = project("databases = a, b\noutput_encoding = latin-1\n");
        fs::write(
            root.path().join("m/script.py.mako"),
            "\"\"\"${message}\"\"\"\n# coding: latin-1\nrevision = ${repr(up_revision)}\ndown_revision = ${repr(down_revision)}\n<%\n    names = config.get_main_option('databases').split(', ')\n%>\n% for name in names:\n# ${name} ${upgrades if upgrades else 'pass'}\n% endfor\n",
        )
        .unwrap();
        let mut new = revision(&project);
        new.down_revisions = vec!["a".into(), "b".into()];
        new.variables.insert("upgrades".into(), "op.x()".into());
        let text = render(&project, &new, &NoHost).unwrap();
        assert_eq!(
            text,
            "\"\"\"Add User's Café table\"\"\"\n# coding: latin-1\nrevision = 'nn01'\ndown_revision = ('a', 'b')\n\n# a op.x()\n# b op.x()\n"
        );
        new.branch_labels = vec!["lost".into()];
        let error = write_revision(&project, &new, &NoHost, &mut Silent).unwrap_err();
        assert_eq!(error.code(), "E0810");
    }

    #[test]
    fn folders() {
        let (root, several) = project("version_locations = %(here)s/a:%(here)s/b\n");
        let at = |path: &str| root.path().join(path);
        let message = |result: Result<PathBuf, ScriptError>| result.unwrap_err().to_string();
        assert_eq!(
            message(version_folder(&several, None, &[])),
            "Multiple version locations present, please specify --version-path"
        );
        assert_eq!(version_folder(&several, None, &[at("b/x.py")]).unwrap(), at("b"));
        assert_eq!(version_folder(&several, Some(Path::new("a")), &[]).unwrap(), at("a"));
        assert_eq!(
            message(version_folder(&several, Some(Path::new("elsewhere")), &[])),
            "Path elsewhere is not represented in current version locations"
        );
        let (root, one) = project("");
        let only = root.path().join("m/versions");
        assert_eq!(version_folder(&one, None, &[at("b/x.py")]).unwrap(), only);
    }

    #[test]
    fn ids_are_twelve_hexadecimal_digits() {
        let id = new_revision_id();
        assert!(id.len() == 12 && id.chars().all(|c| c.is_ascii_hexdigit()), "{id}");
        assert_ne!(id, new_revision_id());
    }
}
