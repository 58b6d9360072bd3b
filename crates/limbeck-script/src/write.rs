//! Writes files so that they are whole or not there: beside their place, synced, then renamed.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

use crate::error::ScriptError;
use crate::progress::{Progress, during};

/// Writes a new file: beside its place, synced, then renamed.
///
/// # Errors
/// When there already is such a file ([`io::ErrorKind::AlreadyExists`]), or it cannot be written; then nothing is left of it.
pub fn new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    Ok(beside(path, bytes)?.persist_noclobber(path).map(drop)?)
}

/// Writes a file in one step, over the one that may be there: whoever reads it sees the old one or the new one.
///
/// # Errors
/// When it cannot be written; then the old one is still there.
pub fn over(path: &Path, bytes: &[u8]) -> io::Result<()> {
    Ok(beside(path, bytes)?.persist(path).map(drop)?)
}

fn beside(path: &Path, bytes: &[u8]) -> io::Result<tempfile::NamedTempFile> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let mut builder = tempfile::Builder::new();
    builder.prefix(".limbeck-").suffix(".tmp");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // As any new file: all may read and write, as far as the umask lets them.
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    let mut file = builder.tempfile_in(folder.unwrap_or(Path::new(".")))?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    Ok(file)
}

/// [`new`], for a file of the project.
pub(crate) fn write_new(path: &Path, bytes: &[u8]) -> Result<(), ScriptError> {
    new(path, bytes).map_err(|source| match source.kind() {
        io::ErrorKind::AlreadyExists => ScriptError::FileExists { path: path.to_owned() },
        _ => unwritable(path, source),
    })
}

/// [`over`], for a file of the project that the caller has read.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> Result<(), ScriptError> {
    over(path, bytes).map_err(|source| unwritable(path, source))
}

/// Makes a folder and those above it, and says so, unless it is there.
pub(crate) fn ensure_folder(path: &Path, progress: &mut dyn Progress) -> Result<(), ScriptError> {
    if path.exists() {
        return Ok(());
    }
    create_folder(path, progress)
}

/// Makes a folder and those above it, and says so.
pub(crate) fn create_folder(path: &Path, progress: &mut dyn Progress) -> Result<(), ScriptError> {
    let what = format!("Creating directory {}", path.display());
    during(progress, &what, false, |_| fs::create_dir_all(path).map_err(|source| unwritable(path, source)))
}

fn unwritable(path: &Path, source: io::Error) -> ScriptError {
    ScriptError::Write { path: path.to_owned(), source }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_never_overwritten() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("a.py");
        write_new(&path, b"one").unwrap();
        assert_eq!(write_new(&path, b"two").unwrap_err().code(), "E0803");
        assert_eq!(fs::read(&path).unwrap(), b"one");
        replace(&path, b"three").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"three");
        assert_eq!(fs::read_dir(root.path()).unwrap().count(), 1);
    }
}
