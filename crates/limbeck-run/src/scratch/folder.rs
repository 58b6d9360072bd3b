//! A temporary folder of this process; folders of dead ones are removed on the way.

use std::fs;
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};

use super::name;

/// A folder; removed with the value.
#[derive(Debug)]
pub(super) struct Folder(PathBuf);

impl Folder {
    /// Makes one that only this user can read.
    pub(super) fn new() -> io::Result<Self> {
        let home = super::temporary();
        remove_left_over(&home);
        let path = home.join(name::new());
        fs::DirBuilder::new().mode(0o700).create(&path)?;
        Ok(Folder(path))
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// What cannot be removed is somebody else's business.
fn remove_left_over(home: &Path) {
    let mine = fs::metadata("/proc/self").map(|found| found.uid()).ok();
    for entry in fs::read_dir(home).into_iter().flatten().flatten() {
        let gone = entry.file_name().to_str().and_then(name::maker).is_some_and(|maker| maker.is_gone());
        if gone && entry.metadata().is_ok_and(|found| found.is_dir() && Some(found.uid()) == mine) {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}
