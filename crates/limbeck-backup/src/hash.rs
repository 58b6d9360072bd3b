//! SHA-256 of what is read and written, on the way.

use crate::{BackupError, Watch};
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

const BLOCK: usize = 1 << 18;

/// Counts and hashes what goes through `inner`.
pub(crate) struct Hashing<T> {
    inner: T,
    hash: Sha256,
    bytes: u64,
}

impl<T> Hashing<T> {
    pub(crate) fn new(inner: T) -> Self {
        Hashing {
            inner,
            hash: Sha256::new(),
            bytes: 0,
        }
    }

    pub(crate) fn count(&self) -> u64 {
        self.bytes
    }

    /// The inner one, the number of bytes and their hash.
    pub(crate) fn finish(self) -> (T, u64, String) {
        (self.inner, self.bytes, hex(&self.hash.finalize()))
    }
}

impl<W: Write> Write for Hashing<W> {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        let written = self.inner.write(buffer)?;
        self.hash.update(&buffer[..written]);
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

impl<R: Read> Read for Hashing<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.hash.update(&buffer[..read]);
        self.bytes += read as u64;
        Ok(read)
    }
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Size and hash of a file, or of all files of a folder: their names, sizes and contents in order of their names.
pub(crate) fn of_path(path: &Path, watch: &mut Watch<'_>) -> Result<(u64, String), BackupError> {
    let unreadable = |source| BackupError::file("read", path, source);
    if !path.is_dir() {
        let mut file = Hashing::new(File::open(path).map_err(unreadable)?);
        let total = file.inner.metadata().ok().map(|facts| facts.len());
        drain(&mut file, path, total, watch)?;
        let (_, size, hash) = file.finish();
        return Ok((size, hash));
    }
    let mut names: Vec<PathBuf> = std::fs::read_dir(path)
        .and_then(|entries| entries.map(|entry| entry.map(|entry| entry.path())).collect::<io::Result<_>>())
        .map_err(unreadable)?;
    names.sort();
    let mut hash = Sha256::new();
    let mut size = 0;
    for name in names {
        let (bytes, of_file) = of_path(&name, watch)?;
        let short = name.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        hash.update(format!("{of_file} {bytes} {short}\n"));
        size += bytes;
    }
    Ok((size, hex(&hash.finalize())))
}

/// Reads what is left.
pub(crate) fn drain<R: Read>(source: &mut Hashing<R>, path: &Path, total: Option<u64>, watch: &mut Watch<'_>) -> Result<(), BackupError> {
    let mut block = vec![0; BLOCK];
    loop {
        watch.check()?;
        match source.read(&mut block) {
            Ok(0) => return Ok(()),
            Ok(_) => watch.bytes(source.count(), total),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(BackupError::file("read", path, error)),
        }
    }
}
