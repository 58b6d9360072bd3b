//! Which kinds of backups there are, by what was asked for and by what a file holds.

use crate::BackupError;
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io::Read;
use std::path::Path;

/// How a backup is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// SQL text.
    Plain,
    /// `pg_dump --format=custom`.
    Custom,
    /// `pg_dump --format=directory`.
    Directory,
    /// A SQLite file.
    Sqlite,
}

impl Format {
    /// The word for people.
    pub fn word(self) -> &'static str {
        match self {
            Format::Plain => "plain",
            Format::Custom => "custom",
            Format::Directory => "directory",
            Format::Sqlite => "sqlite",
        }
    }
}

/// How a backup is compressed as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Compression {
    /// Not at all (custom and directory formats compress by themselves).
    None,
    /// `.gz`
    Gzip,
    /// `.zst`
    Zstd,
}

impl Compression {
    /// What a file's name asks for.
    pub fn of_name(path: &Path) -> Self {
        match path.extension().and_then(|extension| extension.to_str()) {
            Some("gz") => Compression::Gzip,
            Some("zst" | "zstd") => Compression::Zstd,
            _ => Compression::None,
        }
    }

    /// What a file's first bytes tell.
    pub(crate) fn of_magic(magic: &[u8]) -> Self {
        match magic {
            [0x1f, 0x8b, ..] => Compression::Gzip,
            [0x28, 0xb5, 0x2f, 0xfd, ..] => Compression::Zstd,
            _ => Compression::None,
        }
    }
}

/// What a file or folder is, by its content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kind {
    /// Its format.
    pub format: Format,
    /// Its compression.
    pub compression: Compression,
}

/// Looks at a backup. What is nothing else is taken for SQL text.
///
/// # Errors
/// It cannot be read, or is empty.
pub fn kind_of(path: &Path) -> Result<Kind, BackupError> {
    let unreadable = |source| BackupError::file("read", path, source);
    let compression = Compression::None;
    if std::fs::metadata(path).map_err(unreadable)?.is_dir() {
        if !path.join("toc.dat").is_file() {
            return Err(BackupError::damaged(path, "it is a folder without `toc.dat`, which pg_dump writes into one"));
        }
        return Ok(Kind {
            format: Format::Directory,
            compression,
        });
    }
    let mut magic = Vec::new();
    File::open(path).and_then(|file| file.take(16).read_to_end(&mut magic)).map_err(unreadable)?;
    let compression = Compression::of_magic(&magic);
    let mut head = magic;
    if compression != Compression::None {
        head = Vec::new();
        crate::stream::open(path)?
            .take(16)
            .read_to_end(&mut head)
            .map_err(|error| BackupError::damaged(path, error.to_string()))?;
    }
    let format = match head.as_slice() {
        [] => return Err(BackupError::damaged(path, "it is empty")),
        [b'P', b'G', b'D', b'M', b'P', ..] => Format::Custom,
        head if head.starts_with(b"SQLite format 3\0") => Format::Sqlite,
        _ => Format::Plain,
    };
    Ok(Kind { format, compression })
}
