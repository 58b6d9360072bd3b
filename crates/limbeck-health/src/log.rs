//! Where the log is: its current file and the rotated ones behind it.
//!
//! `migration_health.log` is written; `migration_health.log.1` came before it, `.2` before that.

use crate::HealthError;
use std::fs::{self, File};
use std::io::{self, Read, Take};
use std::path::{Path, PathBuf};

/// The size at which a file is rotated, unless configured otherwise.
pub const DEFAULT_MAX_BYTES: u64 = 10 * 1024 * 1024;
/// How many rotated files are kept, unless configured otherwise.
pub const DEFAULT_KEEP: u32 = 5;

/// A health log. Making one touches no file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HealthLog {
    /// The current file.
    pub path: PathBuf,
    /// The size a file may reach.
    pub max_bytes: u64,
    /// How many rotated files are kept, at least one: the chain goes on from there.
    pub keep: u32,
}

impl HealthLog {
    /// The log at `path`, with the usual limits.
    pub fn at(path: impl Into<PathBuf>) -> Self {
        HealthLog {
            path: path.into(),
            max_bytes: DEFAULT_MAX_BYTES,
            keep: DEFAULT_KEEP,
        }
    }

    /// The rotated file of that number.
    pub(crate) fn rotated(&self, number: u32) -> PathBuf {
        let mut name = self.path.as_os_str().to_owned();
        name.push(format!(".{number}"));
        PathBuf::from(name)
    }

    /// The rotated files that are there, newest first.
    pub(crate) fn rotated_files(&self) -> io::Result<Vec<PathBuf>> {
        let folder = self.path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let Some(name) = self.path.file_name().and_then(|name| name.to_str()) else {
            return Ok(Vec::new());
        };
        let mut numbers = Vec::new();
        for entry in fs::read_dir(folder)? {
            let file = entry?.file_name();
            let number = file.to_str().and_then(|file| file.strip_prefix(name)?.strip_prefix('.')?.parse::<u32>().ok());
            numbers.extend(number.filter(|number| *number > 0));
        }
        numbers.sort_unstable();
        Ok(numbers.into_iter().map(|number| self.rotated(number)).collect())
    }

    /// Opens all files for reading, as they are at one moment, oldest first; none where there is no log yet.
    ///
    /// # Errors
    /// A file that is there and cannot be read.
    pub(crate) fn open_all(&self) -> Result<Vec<(PathBuf, Take<File>)>, HealthError> {
        let failed = |path: &Path, source| HealthError::Read { path: path.to_owned(), source };
        loop {
            let current = match File::open(&self.path) {
                Ok(file) => Some(file),
                Err(error) if error.kind() == io::ErrorKind::NotFound => None,
                Err(error) => return Err(failed(&self.path, error)),
            };
            if let Some(file) = &current {
                // Keeps writers from adding and rotating for a moment. A file system without locks is read all the same.
                let _ = file.lock_shared();
                if !is_still(file, &self.path) {
                    continue;
                }
            }
            let rotated = match self.rotated_files() {
                Ok(files) => files,
                Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
                Err(error) => return Err(failed(&self.path, error)),
            };
            let mut files = Vec::new();
            for path in rotated.into_iter().rev() {
                let file = File::open(&path).map_err(|error| failed(&path, error))?;
                files.push((path, file.take(u64::MAX)));
            }
            match current {
                Some(file) => {
                    let length = file.metadata().map_err(|error| failed(&self.path, error))?.len();
                    let _ = file.unlock();
                    files.push((self.path.clone(), file.take(length)));
                }
                // Looked at between a rotation and the first line after it, which is there now.
                None if self.path.exists() => continue,
                None => {}
            }
            return Ok(files);
        }
    }
}

/// Whether an open file is still the one at `path`: another process may have renamed it since.
#[cfg(unix)]
pub(crate) fn is_still(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let id = |data: &fs::Metadata| (data.dev(), data.ino());
    matches!((file.metadata(), fs::metadata(path)), (Ok(ours), Ok(there)) if id(&ours) == id(&there))
}

/// Elsewhere an open file is not renamed away.
#[cfg(not(unix))]
pub(crate) fn is_still(_file: &File, path: &Path) -> bool {
    path.exists()
}
