//! A file or folder that gets its name when it is whole: written beside as `NAME.partial`, brought to the disk, renamed.
//!
//! A lock on the half-written one tells a killed backup (its remains are taken over) from one that is at work. Programs that write it for us inherit the lock, so that it holds
//! for as long as they live.

use crate::BackupError;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// Something that is being written; removed with the value unless finished.
#[derive(Debug)]
pub(crate) struct Partial {
    target: PathBuf,
    path: PathBuf,
    /// Holds the lock.
    handle: File,
    overwrite: bool,
    /// Whether a killed run had left one.
    pub(crate) stale: bool,
    finished: bool,
}

impl Partial {
    /// Begins a file.
    pub(crate) fn file(target: &Path, overwrite: bool) -> Result<Self, BackupError> {
        Self::begin(target, overwrite, |path| {
            OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).open(path)
        })
        .and_then(|partial| {
            partial.handle.set_len(0).map_err(|error| BackupError::file("written", &partial.path, error))?;
            Ok(partial)
        })
    }

    /// Begins a folder.
    pub(crate) fn folder(target: &Path, overwrite: bool) -> Result<Self, BackupError> {
        let partial = Self::begin(target, overwrite, |path| {
            match fs::DirBuilder::new().mode(0o700).create(path) {
                Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => return Err(error),
                _ => {}
            }
            File::open(path)
        })?;
        let emptied = fs::read_dir(&partial.path).and_then(|mut entries| entries.try_for_each(|entry| fs::remove_file(entry?.path())));
        emptied.map_err(|error| BackupError::file("written", &partial.path, error))?;
        Ok(partial)
    }

    fn begin(target: &Path, overwrite: bool, open: impl Fn(&Path) -> std::io::Result<File>) -> Result<Self, BackupError> {
        if !overwrite && target.symlink_metadata().is_ok() {
            return Err(BackupError::Exists { path: target.to_owned() });
        }
        let path = beside(target);
        let failed = |error| BackupError::file("written", &path, error);
        loop {
            let there = path.symlink_metadata().is_ok();
            let handle = open(&path).map_err(failed)?;
            match handle.try_lock() {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => return Err(BackupError::Busy { path: target.to_owned() }),
                Err(TryLockError::Error(error)) => return Err(failed(error)),
            }
            // Whoever had it may have finished between our two steps: then the name leads elsewhere now.
            let ours = handle.metadata().map_err(failed)?.ino();
            if fs::symlink_metadata(&path).is_ok_and(|facts| facts.ino() == ours) {
                return Ok(Partial {
                    target: target.to_owned(),
                    path,
                    handle,
                    overwrite,
                    stale: there,
                    finished: false,
                });
            }
        }
    }

    /// The name it will have.
    pub(crate) fn target(&self) -> &Path {
        &self.target
    }

    /// Where it is written.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// A second handle with the same lock.
    pub(crate) fn handle(&self) -> Result<File, BackupError> {
        self.handle.try_clone().map_err(|error| BackupError::file("written", &self.path, error))
    }

    /// Brings it to the disk.
    pub(crate) fn sync(&self) -> Result<(), BackupError> {
        self.handle.sync_all().map_err(|error| BackupError::file("written", &self.path, error))
    }

    /// Gives it its name.
    pub(crate) fn finish(mut self) -> Result<(), BackupError> {
        let failed = |error| BackupError::file("written", &self.target, error);
        self.sync()?;
        if self.overwrite && self.target.is_dir() {
            // A folder cannot be put in place of one with files in it.
            fs::remove_dir_all(&self.target).map_err(failed)?;
        }
        fs::rename(&self.path, &self.target).map_err(failed)?;
        sync_folder_of(&self.target);
        self.finished = true;
        Ok(())
    }
}

impl Drop for Partial {
    fn drop(&mut self) {
        if self.finished {
            return;
        }
        if self.path.is_dir() {
            let _ = fs::remove_dir_all(&self.path);
        } else {
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// `NAME.partial`.
pub(crate) fn beside(target: &Path) -> PathBuf {
    let mut name = target.file_name().unwrap_or_default().to_owned();
    name.push(".partial");
    target.with_file_name(name)
}

/// Brings a new name to the disk; where the file system cannot, it has to do without.
pub(crate) fn sync_folder_of(path: &Path) {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if let Ok(folder) = File::open(folder) {
        let _ = folder.sync_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    #[test]
    fn a_file_gets_its_name_when_it_is_whole() {
        let place = tempfile::tempdir().expect("a folder");
        let target = place.path().join("b.sql");
        let partial = Partial::file(&target, false).expect("a file");
        assert!(matches!(Partial::file(&target, false), Err(BackupError::Busy { .. })));
        partial.handle().expect("a handle").write_all(b"x").expect("room");
        assert!(!target.exists());
        partial.finish().expect("done");
        assert_eq!(fs::read(&target).expect("the file"), b"x");
        assert!(matches!(Partial::file(&target, false), Err(BackupError::Exists { .. })));
        drop(Partial::file(&target, true).expect("may be overwritten"));
        assert_eq!(fs::read(&target).expect("the old file"), b"x");
        assert_eq!(fs::read_dir(place.path()).expect("a folder").count(), 1);
    }

    #[test]
    fn what_a_killed_run_left_is_taken_over() {
        let place = tempfile::tempdir().expect("a folder");
        let target = place.path().join("b.sql");
        fs::write(place.path().join("b.sql.partial"), "half").expect("a file");
        let partial = Partial::file(&target, false).expect("a file");
        assert!(partial.stale);
        partial.finish().expect("done");
        assert_eq!(fs::read(&target).expect("the file"), b"");
        let folder = place.path().join("d");
        fs::create_dir(place.path().join("d.partial")).expect("a folder");
        fs::write(place.path().join("d.partial/toc.dat"), "half").expect("a file");
        let partial = Partial::folder(&folder, false).expect("a folder");
        assert!(partial.stale && !partial.path().join("toc.dat").exists());
        partial.finish().expect("done");
        assert!(folder.is_dir());
    }
}
