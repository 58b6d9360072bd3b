//! What a backup is before it is used, and what was restored after it.

use crate::{BackupError, Compression, Format, Kind, Manifest, Watch, hash, kind_of};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// A backup that was taken.
#[derive(Debug, Clone)]
pub struct Taken {
    /// Where it is.
    pub path: PathBuf,
    /// What is in it.
    pub manifest: Manifest,
}

/// A backup that was looked at.
#[derive(Debug, Clone)]
pub struct Checked {
    /// Where it is.
    pub path: PathBuf,
    /// What it is by its content.
    pub kind: Kind,
    /// What should be in it; its size and hash fit.
    pub manifest: Option<Manifest>,
}

/// What the restored database was found to hold.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Comparison {
    /// Tables whose rows were counted.
    pub tables: usize,
    /// Their rows.
    pub rows: u64,
    /// The version rows, sorted; nothing without a version table.
    pub revisions: Option<Vec<String>>,
    /// Whether there was a manifest to compare with.
    pub compared: bool,
}

/// Looks whether a backup is what was written, as far as that can be told without restoring it.
///
/// # Errors
/// It is not, or cannot be read.
pub fn check_file(path: &Path, watch: &mut Watch<'_>) -> Result<Checked, BackupError> {
    watch.phase("checking the backup");
    let manifest = Manifest::of(path)?;
    if let Some(manifest) = &manifest {
        // Before the content is looked at: what is damaged may look like anything.
        let (size, sha256) = hash::of_path(path, watch)?;
        if size != manifest.size {
            let (is, was) = (size, manifest.size);
            return Err(BackupError::damaged(path, format!("it has {is} bytes, and {was} were written")));
        }
        if sha256 != manifest.sha256 {
            return Err(BackupError::damaged(
                path,
                "its SHA-256 is not the manifest's: bytes were changed since it was written",
            ));
        }
    }
    let kind = kind_of(path)?;
    if let Some(manifest) = &manifest
        && (manifest.format, manifest.compression) != (kind.format, kind.compression)
        && !(manifest.format == Format::Plain && manifest.compression != Compression::None)
    {
        return Err(BackupError::damaged(path, "the manifest is of a backup of another format"));
    }
    Ok(Checked {
        path: path.to_owned(),
        kind,
        manifest,
    })
}

/// What counts and version rows differ in.
pub(crate) fn differences(manifest: &Manifest, rows: Option<&BTreeMap<String, u64>>, revisions: Option<&[String]>, large_objects: Option<u64>) -> Vec<String> {
    let mut found = Vec::new();
    if let (Some(wanted), Some(have)) = (&manifest.rows, rows) {
        for (table, count) in wanted {
            match have.get(table) {
                None => found.push(format!("table {table} is missing ({count} rows)")),
                Some(rows) if rows != count => found.push(format!("table {table} has {rows} rows, and {count} were backed up")),
                Some(_) => {}
            }
        }
        for table in have.keys().filter(|table| !wanted.contains_key(*table)) {
            found.push(format!("table {table} was not in the backup"));
        }
    }
    if let (Some(wanted), Some(have)) = (manifest.large_objects, large_objects)
        && wanted != have
    {
        found.push(format!("there are {have} large objects, and {wanted} were backed up"));
    }
    if !manifest.schema_only && manifest.revisions.as_deref() != revisions {
        let words = |rows: Option<&[String]>| match rows {
            None => "without a version table".to_owned(),
            Some([]) => "at base".to_owned(),
            Some(rows) => format!("at {}", rows.join(", ")),
        };
        found.push(format!(
            "the database is {}, and was {}",
            words(revisions),
            words(manifest.revisions.as_deref())
        ));
    }
    found
}
