//! The backups of a folder, and which of them may go.

use crate::partial::beside;
use crate::{BackupError, Manifest, manifest_path};
use serde::Serialize;
use std::fs;
use std::path::{Path, PathBuf};

/// One backup of a folder.
#[derive(Debug, Clone, Serialize)]
pub struct Listed {
    /// Where it is.
    pub path: PathBuf,
    /// What is in it.
    pub manifest: Manifest,
    /// What is plain at a look: its file is gone, or of another size.
    pub fault: Option<String>,
}

/// Reads a folder's manifests, the newest backup first; a folder that is not there has none. What has no manifest is not listed.
///
/// # Errors
/// The folder cannot be read.
pub fn list(folder: &Path) -> Result<Vec<Listed>, BackupError> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(BackupError::file("read", folder, error)),
    };
    let mut found = Vec::new();
    for entry in entries.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let backup = name.strip_suffix(".manifest.json").or_else(|| name.strip_suffix(".manifest.json.partial"));
        let Some(path) = backup.map(|backup| folder.join(backup)) else { continue };
        if found.iter().any(|listed: &Listed| listed.path == path) {
            continue;
        }
        let Ok(Some(manifest)) = Manifest::of(&path) else { continue };
        let fault = match size_of(&path) {
            None => Some("the file is gone".to_owned()),
            Some(size) if size != manifest.size => Some(format!("{size} bytes, and {} were written", manifest.size)),
            Some(_) => None,
        };
        found.push(Listed { path, manifest, fault });
    }
    found.sort_by(|a, b| b.manifest.taken_at.cmp(&a.manifest.taken_at).then_with(|| b.path.cmp(&a.path)));
    Ok(found)
}

fn size_of(path: &Path) -> Option<u64> {
    let facts = fs::metadata(path).ok()?;
    if !facts.is_dir() {
        return Some(facts.len());
    }
    let files = fs::read_dir(path).ok()?.flatten();
    Some(files.filter_map(|file| file.metadata().ok()).map(|facts| facts.len()).sum())
}

/// Removes all but the newest `keep` backups of a database from a folder; only what has our manifest, only of that database. Returns what went.
///
/// # Errors
/// One cannot be removed.
pub fn prune(folder: &Path, of: &Manifest, keep: usize) -> Result<Vec<PathBuf>, BackupError> {
    let same = |listed: &Listed| (&listed.manifest.backend, &listed.manifest.label) == (&of.backend, &of.label) && listed.fault.is_none();
    let old: Vec<Listed> = list(folder)?.into_iter().filter(same).skip(keep.max(1)).collect();
    let mut gone = Vec::new();
    for listed in old {
        let removed = if listed.path.is_dir() {
            fs::remove_dir_all(&listed.path)
        } else {
            fs::remove_file(&listed.path)
        };
        removed.map_err(|error| BackupError::file("removed", &listed.path, error))?;
        let manifest = manifest_path(&listed.path);
        let _ = fs::remove_file(beside(&manifest));
        let _ = fs::remove_file(manifest);
        gone.push(listed.path);
    }
    Ok(gone)
}
