//! The migration lock of a SQLite file: a file beside it, `app.db.limbeck-lock`, locked by the operating system, which lets go of it however we end.
//!
//! The file is removed while it is still locked. Who waits may therefore have opened a file that is gone when its lock comes free; so the lock counts
//! only if the name still leads to the locked file.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

use super::{Place, place};
use crate::{Companion, DatabaseUrl, DbError, Identity, LockHolder, LockKey};

/// The lock file of one database.
pub(crate) struct LockFile {
    path: PathBuf,
    card: Card,
    held: Option<File>,
}

/// What the holder writes into the file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Card {
    host: String,
    pid: u32,
    user: String,
    /// Seconds since 1970.
    since: u64,
    doing: String,
}

impl LockFile {
    /// The lock file of the database that the URL names; `None` for a database in memory.
    ///
    /// # Errors
    /// The URL names no SQLite database.
    pub(crate) fn beside(url: &DatabaseUrl, identity: &Identity) -> Result<Option<Self>, DbError> {
        let database = match place(url)? {
            Place::Memory => return Ok(None),
            Place::File(path) => path,
            Place::Uri(uri) => match path_of_uri(&uri) {
                Some(path) => path,
                None => return Ok(None),
            },
        };
        let mut path = canonical(&database).into_os_string();
        path.push(".limbeck-lock");
        Ok(Some(LockFile {
            path: path.into(),
            card: Card {
                host: identity.host.clone(),
                pid: identity.pid,
                user: identity.user.clone(),
                since: 0,
                doing: identity.command.clone(),
            },
            held: None,
        }))
    }

    fn failed(&self, error: &io::Error) -> DbError {
        let words = if self.path.is_symlink() {
            "it is a symbolic link".to_owned()
        } else {
            error.to_string().split(" (os error").next().unwrap_or_default().to_owned()
        };
        DbError::operational("E0622", format!("the lock file `{}` cannot be used", self.path.display()))
            .cause(words)
            .hint("a run locks a file beside the database, so its directory must be writable; remove what is in the way")
    }

    fn open(&self) -> io::Result<File> {
        // A symbolic link that somebody left in a shared directory would lead our writing elsewhere.
        let no_links = rustix::fs::OFlags::NOFOLLOW.bits().cast_signed();
        let open = |write: bool| OpenOptions::new().read(true).write(write).create(write).custom_flags(no_links).open(&self.path);
        match open(true) {
            // Another user's file that a killed run left: it can be locked, but not written to.
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied && self.path.exists() => open(false),
            other => other,
        }
    }

    /// Whether the name still leads to this file.
    fn is_current(&self, file: &File) -> bool {
        let identity = |metadata: std::fs::Metadata| (metadata.dev(), metadata.ino());
        match (file.metadata(), std::fs::symlink_metadata(&self.path)) {
            (Ok(open), Ok(named)) => identity(open) == identity(named),
            _ => false,
        }
    }

    fn read_holder(&self) -> Result<Option<LockHolder>, DbError> {
        let mut file = match OpenOptions::new().read(true).open(&self.path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(self.failed(&error)),
        };
        match file.try_lock_shared() {
            // What a killed run left behind: nobody holds it.
            Ok(()) => return Ok(None),
            Err(TryLockError::WouldBlock) => {}
            Err(TryLockError::Error(error)) => return Err(self.failed(&error)),
        }
        let mut text = String::new();
        let read = file.read_to_string(&mut text);
        let card = read.ok().and_then(|_| serde_json::from_str(text.lines().next().unwrap_or_default()).ok());
        Ok(Some(card.map(holder_of).unwrap_or_default()))
    }

    fn write_card(&self, file: &File) -> io::Result<()> {
        let mut line = serde_json::to_vec(&self.card)?;
        line.push(b'\n');
        let mut file = file;
        file.rewind()?;
        file.write_all(&line)?;
        file.set_len(line.len() as u64)
    }
}

/// Who holds the lock file beside the SQLite database that the URL names; one file serves all version tables.
///
/// # Errors
/// The URL names no SQLite database, or the file cannot be read.
pub fn file_lock_holder(url: &DatabaseUrl) -> Result<Option<LockHolder>, DbError> {
    match LockFile::beside(url, &Identity::of_process("look"))? {
        Some(file) => file.read_holder(),
        None => Ok(None),
    }
}

impl Companion for LockFile {
    fn try_lock(&mut self, _key: &LockKey) -> Result<bool, DbError> {
        if self.still_held() {
            return Ok(true);
        }
        self.held = None;
        loop {
            let file = self.open().map_err(|error| self.failed(&error))?;
            match file.try_lock() {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => return Ok(false),
                Err(TryLockError::Error(error)) => return Err(self.failed(&error)),
            }
            if !self.is_current(&file) {
                continue;
            }
            self.card.since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
            // The lock holds without the words; a full disk is no reason to stop here.
            let _ = self.write_card(&file);
            self.held = Some(file);
            return Ok(true);
        }
    }

    fn holder(&mut self, _key: &LockKey) -> Result<Option<LockHolder>, DbError> {
        if self.held.is_some() {
            return Ok(Some(holder_of(self.card.clone())));
        }
        self.read_holder()
    }

    fn announce(&mut self, doing: &str) -> Result<(), DbError> {
        if self.card.doing == doing {
            return Ok(());
        }
        doing.clone_into(&mut self.card.doing);
        match &self.held {
            Some(file) => self.write_card(file).map_err(|error| self.failed(&error)),
            None => Ok(()),
        }
    }

    fn still_held(&mut self) -> bool {
        self.held.as_ref().is_some_and(|file| self.is_current(file))
    }

    fn unlock(&mut self) {
        if self.still_held() {
            let _ = std::fs::remove_file(&self.path);
        }
        self.held = None;
    }
}

impl Drop for LockFile {
    fn drop(&mut self) {
        self.unlock();
    }
}

fn holder_of(card: Card) -> LockHolder {
    let since = UNIX_EPOCH + Duration::from_secs(card.since);
    LockHolder {
        host: Some(card.host),
        pid: Some(card.pid),
        server_pid: None,
        user: Some(card.user),
        since: SystemTime::now().duration_since(since).ok().filter(|_| card.since > 0),
        doing: Some(card.doing),
    }
}

/// The file of a `file:` URI, as SQLite reads it; `None` for one in memory.
fn path_of_uri(uri: &str) -> Option<PathBuf> {
    let (path, query) = uri.split_once('?').unwrap_or((uri, ""));
    let in_memory = query.split(['&', '#']).any(|pair| pair == "mode=memory" || pair == "vfs=memdb");
    let path = match path.strip_prefix("file:") {
        // `file:///x`, `file://localhost/x`, `file:/x`, `file:x`.
        Some(rest) => rest.strip_prefix("//localhost").or_else(|| rest.strip_prefix("//")).unwrap_or(rest),
        None => path,
    };
    let path = path.split('#').next().unwrap_or_default();
    let path = percent_encoding::percent_decode_str(path).decode_utf8_lossy().into_owned();
    (!in_memory && !path.is_empty() && path != ":memory:").then(|| PathBuf::from(path))
}

/// One path for every way to a file, whether the file is there yet or not.
fn canonical(path: &Path) -> PathBuf {
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    if let Ok(real) = path.canonicalize() {
        return real;
    }
    let parent = path.parent().and_then(|parent| parent.canonicalize().ok());
    match (parent, path.file_name()) {
        (Some(parent), Some(name)) => parent.join(name),
        _ => path,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uris_lead_to_files() {
        for (uri, path) in [
            ("file:a.db?mode=ro", Some("a.db")),
            ("file:///x/a%20b.db", Some("/x/a b.db")),
            ("file://localhost/x.db#f", Some("/x.db")),
            ("plain.db", Some("plain.db")),
            ("file::memory:?cache=shared", None),
            ("file:x?mode=memory&cache=shared", None),
            ("file:", None),
        ] {
            assert_eq!(path_of_uri(uri), path.map(PathBuf::from), "{uri}");
        }
    }

    #[test]
    fn every_way_to_a_file_has_one_lock() {
        let directory = tempfile::tempdir().unwrap();
        let real = directory.path().join("real.db");
        let link = directory.path().join("link.db");
        std::os::unix::fs::symlink(&real, &link).unwrap();
        let dotted = directory.path().join("./sub/../real.db");
        std::fs::create_dir(directory.path().join("sub")).unwrap();
        assert_eq!(canonical(&dotted), canonical(&real));
        std::fs::write(&real, "").unwrap();
        assert_eq!(canonical(&link), canonical(&real));
        assert_eq!(canonical(&dotted), canonical(&real));
    }
}
