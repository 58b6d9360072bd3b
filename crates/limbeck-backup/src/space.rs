//! Whether there is room for a backup.

use crate::BackupError;
use std::path::{Path, PathBuf};

/// The bytes a user may still write in the folder of `path`, where the file system tells.
pub fn free_space(path: &Path) -> Option<u64> {
    let facts = rustix::fs::statvfs(folder_of(path)).ok()?;
    Some(facts.f_bavail * facts.f_frsize)
}

/// Refuses when the folder of `path` has no room for `needed` bytes.
///
/// # Errors
/// It has not.
pub fn require_space(path: &Path, needed: u64) -> Result<(), BackupError> {
    match free_space(path) {
        Some(free) if free < needed => Err(BackupError::Space {
            folder: folder_of(path),
            needed,
            free,
        }),
        _ => Ok(()),
    }
}

fn folder_of(path: &Path) -> PathBuf {
    path.parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."))
        .to_owned()
}
