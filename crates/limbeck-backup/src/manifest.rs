//! What stands beside a backup: `FILE.manifest.json` says what is in it, so that damage and loss are found.

use crate::partial::{Partial, beside};
use crate::{BackupError, Compression, Format};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};

/// The version of the manifest's own form.
pub const MANIFEST_VERSION: u32 = 1;

/// What is in a backup.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    /// The version of this form.
    pub manifest: u32,
    /// The Limbeck that wrote it.
    pub limbeck: String,
    /// When the backup was begun, RFC 3339 in UTC.
    pub taken_at: String,
    /// How long it took.
    pub seconds: f64,
    /// The run it was taken before: `upgrade`, `downgrade`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
    /// `postgresql` or `sqlite`.
    pub backend: String,
    /// The database's name, or its file's.
    pub database: String,
    /// Where it was, without password.
    pub label: String,
    /// `15.18`
    pub server_version: String,
    /// `pg_dump 15.18`
    pub tool: String,
    /// How it is written.
    pub format: Format,
    /// How that is compressed.
    pub compression: Compression,
    /// Whether it is the schema alone.
    #[serde(default)]
    pub schema_only: bool,
    /// The file's bytes (a folder's: of all its files).
    pub size: u64,
    /// Their SHA-256.
    pub sha256: String,
    /// The version table; absent where there was none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version_table: Option<String>,
    /// Its rows, sorted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revisions: Option<Vec<String>>,
    /// The hash of the history's graph at the time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub graph: Option<String>,
    /// The applied scripts' hashes by meaning.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub scripts: BTreeMap<String, String>,
    /// Rows of each table, counted in the snapshot that was copied.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rows: Option<BTreeMap<String, u64>>,
    /// PostgreSQL's large objects, counted likewise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub large_objects: Option<u64>,
    /// What belongs to the database as a whole and stands in no dump of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub properties: Option<Properties>,
    /// When `backup verify` last restored it and found it whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verified_at: Option<String>,
}

/// A PostgreSQL database's own properties.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Properties {
    /// Owner.
    pub owner: String,
    /// `UTF8`
    pub encoding: String,
    /// LC_COLLATE.
    pub collate: String,
    /// LC_CTYPE.
    pub ctype: String,
    /// `c` libc, `i` icu, `b` builtin.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider: Option<String>,
    /// ICU's or the builtin provider's locale.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locale: Option<String>,
    /// ICU's rules.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub icu_rules: Option<String>,
    /// Tablespace, where it is not the usual one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tablespace: Option<String>,
    /// -1 for none.
    pub connection_limit: i64,
    /// COMMENT ON DATABASE.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
    /// ALTER DATABASE SET and ALTER ROLE IN DATABASE SET.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub settings: Vec<RoleSetting>,
    /// GRANT and REVOKE statements, with `@DATABASE@` for its name; nothing where the usual rights hold.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub grants: Vec<String>,
}

/// A setting that holds in a database.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoleSetting {
    /// For one role only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// `search_path`
    pub name: String,
    /// Its value as the catalogue has it.
    pub value: String,
}

/// Where the manifest of a backup is.
pub fn manifest_path(backup: &Path) -> PathBuf {
    let mut name = backup.file_name().unwrap_or_default().to_owned();
    name.push(".manifest.json");
    backup.with_file_name(name)
}

impl Manifest {
    /// Reads the manifest of a backup; `None` where it has none.
    ///
    /// # Errors
    /// It cannot be read or understood.
    pub fn of(backup: &Path) -> Result<Option<Self>, BackupError> {
        let named = manifest_path(backup);
        let waiting = beside(&named);
        // A run that was killed between the two renames left the backup under its name and its manifest not yet.
        if waiting.is_file()
            && !beside(backup).exists()
            && let Ok(Some(manifest)) = Self::read(&waiting)
        {
            return Ok(Some(manifest));
        }
        Self::read(&named)
    }

    /// Reads a manifest by its own name.
    pub(crate) fn read(path: &Path) -> Result<Option<Self>, BackupError> {
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(BackupError::file("read", path, error)),
        };
        let wrong = |reason: String| BackupError::Manifest { path: path.to_owned(), reason };
        let manifest: Manifest = serde_json::from_str(&text).map_err(|error| wrong(error.to_string()))?;
        if manifest.manifest > MANIFEST_VERSION {
            return Err(wrong(format!(
                "it is of form {}, written by limbeck {}; this one knows form {MANIFEST_VERSION}",
                manifest.manifest, manifest.limbeck
            )));
        }
        Ok(Some(manifest))
    }

    /// Writes the manifest anew, for what became known later.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn rewrite(&self, backup: &Path) -> Result<(), BackupError> {
        self.prepare(backup)?.finish()
    }

    /// Writes the manifest beside its place; it gets its name after the backup got its own.
    pub(crate) fn prepare(&self, backup: &Path) -> Result<Partial, BackupError> {
        let partial = Partial::file(&manifest_path(backup), true)?;
        let mut text = serde_json::to_string_pretty(self).expect("a manifest is plain data");
        text.push('\n');
        partial
            .handle()?
            .write_all(text.as_bytes())
            .map_err(|error| BackupError::file("written", partial.path(), error))?;
        partial.sync()?;
        Ok(partial)
    }
}
