//! The script directory: every revision file of a project, with its header.

use std::borrow::Cow;
use std::collections::HashSet;
use std::fs;
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

use crate::error::ScriptError;
use crate::header::{self, ComputedHeader, Header, Outcome};
use crate::project::{Notice, Project};
use crate::sql_file;

/// A revision file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScriptFile {
    /// Its path, absolute and without symbolic links.
    pub path: PathBuf,
    /// What it says about itself.
    pub header: Header,
}

/// All revision files of a project, in the order in which Alembic reads them.
#[derive(Debug, Clone, Default)]
pub struct ScriptDirectory {
    /// The files.
    pub scripts: Vec<ScriptFile>,
    /// What Alembic would warn about while reading.
    pub notices: Vec<Notice>,
}

impl ScriptDirectory {
    /// Reads the headers of all revision files; a computed header is an error.
    ///
    /// # Errors
    /// When a file cannot be read, is no revision, or only running it would tell its header.
    pub fn load(project: &Project) -> Result<ScriptDirectory, ScriptError> {
        Self::load_with(project, |computed, _| Err(computed.refuse()))
    }

    /// Reads the headers of all revision files; `resolve` completes the computed ones from the script's source.
    ///
    /// # Errors
    /// When a file cannot be read or is no revision, and what `resolve` returns.
    pub fn load_with(project: &Project, resolve: impl FnMut(ComputedHeader, &str) -> Result<Header, ScriptError>) -> Result<ScriptDirectory, ScriptError> {
        Self::load_or(project, resolve, Err)
    }

    /// As [`ScriptDirectory::load_with`], but goes on after a file that is no revision; returns why each was left out.
    ///
    /// # Errors
    /// When a folder cannot be read.
    pub fn load_all(
        project: &Project,
        resolve: impl FnMut(ComputedHeader, &str) -> Result<Header, ScriptError>,
    ) -> Result<(ScriptDirectory, Vec<ScriptError>), ScriptError> {
        let mut left_out = Vec::new();
        let directory = Self::load_or(project, resolve, |error| {
            left_out.push(error);
            Ok(())
        })?;
        Ok((directory, left_out))
    }

    /// Reads the headers; `fault` decides whether a file that is no revision stops the reading.
    fn load_or(
        project: &Project,
        mut resolve: impl FnMut(ComputedHeader, &str) -> Result<Header, ScriptError>,
        mut fault: impl FnMut(ScriptError) -> Result<(), ScriptError>,
    ) -> Result<ScriptDirectory, ScriptError> {
        let files = list(project)?;
        let mut directory = ScriptDirectory {
            scripts: Vec::with_capacity(files.paths.len()),
            notices: files.notices,
        };
        // One buffer for all files: ten thousand of them are a matter of milliseconds.
        let mut buffer = vec![0; FIRST_READ];
        for path in files.paths {
            let read = read_into(&mut buffer, &path).and_then(|source| {
                if sql_file::is_sql(&path) && !sql_file::is_revision(&source) {
                    return Ok(None);
                }
                match header::read(&path, &source)? {
                    Outcome::Static(header) => Ok(Some(header)),
                    Outcome::Computed(computed) => resolve(*computed, &source).map(Some),
                }
            });
            match read {
                Ok(header) => directory.scripts.extend(header.map(|header| ScriptFile { path, header })),
                Err(error) => fault(error)?,
            }
        }
        Ok(directory)
    }
}

/// A script longer than this takes more than one read.
const FIRST_READ: usize = 64 * 1024;

/// Reads a script; most are taken from the buffer as they are.
fn read_into<'b>(buffer: &'b mut Vec<u8>, path: &Path) -> Result<Cow<'b, str>, ScriptError> {
    let unreadable = |source| ScriptError::Read { path: path.to_owned(), source };
    let mut file = fs::File::open(path).map_err(unreadable)?;
    let mut length = 0;
    loop {
        let room = buffer.len() - length;
        let got = match file.read(&mut buffer[length..]) {
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            other => other.map_err(unreadable)?,
        };
        length += got;
        // A regular file that gives less than there is room for has ended.
        if got < room {
            break;
        }
        buffer.resize(buffer.len() * 2, 0);
    }
    let bytes = &buffer[..length];
    match std::str::from_utf8(bytes) {
        Ok(text) if header::is_plain(text) => Ok(Cow::Borrowed(text)),
        _ => header::decode(path, bytes.to_vec()).map(Cow::Owned),
    }
}

/// Reads a script as text, as Python would.
///
/// # Errors
/// When it cannot be read or its encoding is not understood.
pub fn read_source(path: &Path) -> Result<String, ScriptError> {
    let bytes = fs::read(path).map_err(|source| ScriptError::Read { path: path.to_owned(), source })?;
    header::decode(path, bytes)
}

/// The revision files of a project.
struct Listing {
    paths: Vec<PathBuf>,
    notices: Vec<Notice>,
}

fn list(project: &Project) -> Result<Listing, ScriptError> {
    let mut listing = Listing {
        paths: Vec::new(),
        notices: Vec::new(),
    };
    let mut linked = false;
    for location in project.version_locations() {
        if let Some(folder) = canonical(location)? {
            walk(project, &folder, &mut listing.paths, &mut linked)?;
        }
    }
    // Without links, one folder holds no file twice.
    if linked || project.version_locations().len() > 1 {
        listing.drop_doubles();
    }
    Ok(listing)
}

impl Listing {
    fn drop_doubles(&mut self) {
        let mut seen = HashSet::new();
        let notices = &mut self.notices;
        self.paths.retain(|path| {
            let is_new = seen.insert(path.as_os_str().to_owned());
            if !is_new {
                notices.push(Notice::user(format!(
                    "File {} loaded twice! ignoring. Please ensure version_locations is unique.",
                    path.display()
                )));
            }
            is_new
        });
    }
}

/// Lists the revision files of a folder, by name, then those of its folders if they count too.
fn walk(project: &Project, folder: &Path, found: &mut Vec<PathBuf>, linked: &mut bool) -> Result<(), ScriptError> {
    let unreadable = |source| ScriptError::Read {
        path: folder.to_owned(),
        source,
    };
    // Names are compared, not paths: comparing paths takes them apart each time.
    let mut files = Vec::new();
    let mut folders = Vec::new();
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        let kind = entry.file_type().map_err(unreadable)?;
        let Ok(name) = entry.file_name().into_string() else {
            continue;
        };
        let is_link = kind.is_symlink();
        // A link counts as what it points to; links to folders are not followed, as in Alembic.
        if kind.is_dir() || (is_link && entry.path().is_dir()) {
            if !is_link && name != "__pycache__" {
                folders.push(name);
            }
        } else if project.sourceless() && is_compiled_alone(folder, &name) {
            return Err(ScriptError::Sourceless { path: entry.path() });
        } else if is_revision_file(&name) || project.reads_sql() && is_sql_file(&name) {
            files.push((name, is_link));
        }
    }
    if project.sourceless() {
        refuse_cached(folder)?;
    }
    files.sort();
    for (name, is_link) in files {
        let path = folder.join(name);
        if is_link {
            *linked = true;
            found.push(path.canonicalize().map_err(|source| ScriptError::Read { path, source })?);
        } else {
            found.push(path);
        }
    }
    if project.recursive() {
        folders.sort();
        for name in folders {
            walk(project, &folder.join(name), found, linked)?;
        }
    }
    Ok(())
}

/// Alembic's rule: `.py`, but not `__init__*` nor an editor's lock file.
fn is_revision_file(name: &str) -> bool {
    name.ends_with(".py") && !name.starts_with("__init__") && !name.starts_with(".#")
}

/// Our own: SQL files may be revisions. Alembic passes them over.
fn is_sql_file(name: &str) -> bool {
    name.ends_with(".sql") && !name.starts_with('.')
}

fn is_compiled_alone(folder: &Path, name: &str) -> bool {
    let Some(source) = name.strip_suffix(['c', 'o']) else {
        return false;
    };
    is_revision_file(source) && !folder.join(source).exists()
}

/// With `sourceless`, scripts in `__pycache__` whose source is gone count; we cannot read them and say so.
fn refuse_cached(folder: &Path) -> Result<(), ScriptError> {
    let Ok(entries) = fs::read_dir(folder.join("__pycache__")) else {
        return Ok(());
    };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let Some(name) = name.to_str() else { continue };
        let stem = name.split('.').next().unwrap_or_default();
        let is_compiled = name.ends_with(".pyc") || name.ends_with(".pyo");
        let source = format!("{stem}.py");
        if is_compiled && is_revision_file(&source) && !folder.join(source).exists() {
            return Err(ScriptError::Sourceless { path: entry.path() });
        }
    }
    Ok(())
}

/// Resolves symbolic links; `None` when there is nothing.
fn canonical(path: &Path) -> Result<Option<PathBuf>, ScriptError> {
    match path.canonicalize() {
        Ok(path) => Ok(Some(path)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(source) => Err(ScriptError::Read { path: path.to_owned(), source }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::discover::ConfigRequest;

    fn tree(ini: &str, files: &[&str]) -> (tempfile::TempDir, Project) {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir_all(root.path().join("m/versions")).unwrap();
        let ini = format!("[alembic]\nscript_location = m\npath_separator = os\n{ini}");
        fs::write(root.path().join("alembic.ini"), ini).unwrap();
        for file in files {
            let path = root.path().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            let id = path.file_stem().unwrap().to_str().unwrap();
            fs::write(&path, format!("revision = '{id}'\ndown_revision = None\n")).unwrap();
        }
        let project = Project::find(&ConfigRequest {
            cwd: root.path().to_owned(),
            ..ConfigRequest::default()
        });
        (root, project.unwrap())
    }

    fn ids(project: &Project) -> Vec<String> {
        let directory = ScriptDirectory::load(project).unwrap();
        let scripts = directory.scripts.into_iter();
        scripts.map(|script| script.header.revision).collect()
    }

    #[test]
    fn only_revision_files_count() {
        let (_root, project) = tree(
            "",
            &[
                "m/versions/b.py",
                "m/versions/a.py",
                "m/versions/__init__.py",
                "m/versions/.#c.py",
                "m/versions/README.txt",
                "m/versions/sub/d.py",
                "m/versions/__pycache__/e.py",
            ],
        );
        assert_eq!(ids(&project), ["a", "b"]);
    }

    #[test]
    fn folders_below_count_when_asked() {
        let (_root, project) = tree(
            "recursive_version_locations = true\n",
            &["m/versions/z.py", "m/versions/b/d.py", "m/versions/a/e.py", "m/versions/a/__pycache__/f.py"],
        );
        assert_eq!(ids(&project), ["z", "e", "d"]);
    }

    #[test]
    fn sql_files_with_a_header_are_revisions() {
        let (root, project) = tree("", &["m/versions/a.py"]);
        fs::write(
            root.path().join("m/versions/b.sql"),
            "-- revision: b\n-- down_revision: a\n-- limbeck:up\nSELECT 1;\n",
        )
        .unwrap();
        fs::write(root.path().join("m/versions/seed.sql"), "SELECT 1;\n").unwrap();
        assert_eq!(ids(&project), ["a", "b"]);
        let as_alembic = Project::find(&ConfigRequest {
            cwd: root.path().to_owned(),
            as_alembic: true,
            ..ConfigRequest::default()
        });
        assert_eq!(ids(&as_alembic.unwrap()), ["a"]);
    }

    #[test]
    fn several_locations_and_doubles() {
        let (_root, project) = tree("version_locations = %(here)s/b:%(here)s/a:%(here)s/b:%(here)s/none\n", &["a/x.py", "b/y.py"]);
        assert_eq!(ids(&project), ["y", "x"]);
        let notices = ScriptDirectory::load(&project).unwrap().notices;
        assert!(
            notices[0]
                .message
                .ends_with("b/y.py loaded twice! ignoring. Please ensure version_locations is unique.")
        );
    }

    #[test]
    fn compiled_scripts_are_refused_only_when_they_count() {
        let (root, project) = tree("sourceless = true\n", &["m/versions/a.py"]);
        fs::write(root.path().join("m/versions/a.pyc"), "").unwrap();
        assert_eq!(ids(&project), ["a"]);
        fs::write(root.path().join("m/versions/b.pyc"), "").unwrap();
        assert_eq!(ScriptDirectory::load(&project).unwrap_err().code(), "E0307");
    }
}
