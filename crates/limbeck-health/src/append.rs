//! Adding a line: many processes may do so at once, each may be killed at any moment, and the disk may be full.

use crate::line::{self, Tail};
use crate::log::is_still;
use crate::{HealthError, HealthLog, Record};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};

/// How much of a file's end is read at first, in search of the last line.
const TAIL: u64 = 8 * 1024;

impl HealthLog {
    /// Adds a record and returns its line, without the line end. A line is added wholly or not at all, unless the process is killed meanwhile.
    ///
    /// # Errors
    /// The folder cannot be made, the file cannot be opened, the disk is full.
    pub fn append(&self, record: &Record) -> Result<String, HealthError> {
        let mut file = self.open_locked()?;
        let failed = |source| HealthError::Write {
            path: self.path.clone(),
            source,
        };
        let length = file.metadata().map_err(failed)?.len();
        let (tail, unfinished) = self.tail(&mut file, length).map_err(failed)?;
        let line = line::write(record, &tail);
        // One write: readers see all of it or nothing.
        let text = format!("{}{line}\n", if unfinished { "\n" } else { "" });
        if let Err(error) = file.write_all(text.as_bytes()) {
            // What was written of it before the disk was full would look like a torn line.
            let _ = file.set_len(length);
            return Err(failed(error));
        }
        Ok(line)
    }

    /// Waits until what was appended is on the disk.
    ///
    /// # Errors
    /// What the operating system says.
    pub fn sync(&self) -> Result<(), HealthError> {
        OpenOptions::new()
            .append(true)
            .open(&self.path)
            .and_then(|file| file.sync_data())
            .map_err(|source| HealthError::Write {
                path: self.path.clone(),
                source,
            })
    }

    /// Opens the current file with an exclusive lock, which ends with the returned file; rotates before where it is full.
    fn open_locked(&self) -> Result<File, HealthError> {
        let failed = |source| HealthError::Open {
            path: self.path.clone(),
            source,
        };
        loop {
            let file = match self.open_for_append() {
                Err(error) if error.kind() == io::ErrorKind::NotFound => {
                    if let Some(folder) = self.path.parent() {
                        fs::create_dir_all(folder).map_err(failed)?;
                    }
                    self.open_for_append()
                }
                other => other,
            }
            .map_err(failed)?;
            file.lock().map_err(failed)?;
            // While we waited for the lock another process may have rotated this file away.
            if !is_still(&file, &self.path) {
                continue;
            }
            if file.metadata().map_err(failed)?.len() < self.max_bytes {
                return Ok(file);
            }
            self.rotate().map_err(failed)?;
        }
    }

    fn open_for_append(&self) -> io::Result<File> {
        OpenOptions::new().read(true).append(true).create(true).open(&self.path)
    }

    /// Moves every file one number up; the last one falls off. The lock on the current file is held meanwhile, and it is renamed last.
    fn rotate(&self) -> io::Result<()> {
        for number in (1..self.keep.max(1)).rev() {
            match fs::rename(self.rotated(number), self.rotated(number + 1)) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        fs::rename(&self.path, self.rotated(1))
    }

    /// What the next line follows, and whether the file ends within a line.
    fn tail(&self, file: &mut File, length: u64) -> io::Result<(Tail, bool)> {
        if let Some(found) = last_lines(file, length)? {
            return Ok(found);
        }
        // A new file: the chain goes on from the last line of the one before.
        for path in self.rotated_files()? {
            let mut file = File::open(&path)?;
            let length = file.metadata()?.len();
            if let Some((tail, _)) = last_lines(&mut file, length)? {
                return Ok((tail, false));
            }
        }
        Ok((Tail::default(), false))
    }
}

/// Reads the end of a file up to its last readable line; `None` for an empty file.
fn last_lines(file: &mut File, length: u64) -> io::Result<Option<(Tail, bool)>> {
    if length == 0 {
        return Ok(None);
    }
    let mut size = TAIL;
    loop {
        let start = length.saturating_sub(size);
        file.seek(SeekFrom::Start(start))?;
        let mut bytes = Vec::new();
        Read::by_ref(file).take(length - start).read_to_end(&mut bytes)?;
        if let Some(found) = end_of(&bytes, start == 0) {
            return Ok(Some(found));
        }
        size *= 8;
    }
}

/// What the end of a file says; `None` where more of it must be read.
fn end_of(bytes: &[u8], whole_file: bool) -> Option<(Tail, bool)> {
    let unfinished = bytes.last() != Some(&b'\n');
    let body = if unfinished { bytes } else { &bytes[..bytes.len() - 1] };
    let mut lines = body.rsplit(|byte| *byte == b'\n').peekable();
    let last = lines.next()?;
    if lines.peek().is_none() && !whole_file {
        return None;
    }
    let hash = line::hash(last);
    if let Some(line) = line::parse(last) {
        let seq = line.seq;
        return Some((Tail { seq, hash, torn: false }, unfinished));
    }
    // The last line is torn, or was damaged: the number goes on from the last one that can be read.
    while let Some(before) = lines.next() {
        if lines.peek().is_none() && !whole_file {
            return None;
        }
        if let Some(line) = line::parse(before) {
            let seq = line.seq;
            return Some((Tail { seq, hash, torn: true }, unfinished));
        }
    }
    Some((Tail { seq: 0, hash, torn: true }, unfinished))
}
