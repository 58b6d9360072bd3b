//! Compression on the way in and out.

use crate::hash::Hashing;
use crate::{BackupError, Compression};
use flate2::read::MultiGzDecoder;
use flate2::write::GzEncoder;
use std::fs::File;
use std::io::{self, BufReader, Read, Write};
use std::path::Path;

const BLOCK: usize = 1 << 18;
/// zstd's own default.
const ZSTD_LEVEL: i32 = 3;

/// Opens a backup file for what is in it.
pub(crate) fn open(path: &Path) -> Result<Box<dyn Read + Send>, BackupError> {
    let file = File::open(path).map_err(|error| BackupError::file("read", path, error))?;
    decoder(file, path)
}

/// What `source` holds when it is unpacked; `path` is for messages.
pub(crate) fn decoder<R: Read + Send + 'static>(source: R, path: &Path) -> Result<Box<dyn Read + Send>, BackupError> {
    let failed = |error| BackupError::file("read", path, error);
    let mut source = BufReader::with_capacity(BLOCK, source);
    let compression = Compression::of_magic(io::BufRead::fill_buf(&mut source).map_err(failed)?);
    Ok(match compression {
        Compression::None => Box::new(source),
        Compression::Gzip => Box::new(MultiGzDecoder::new(source)),
        Compression::Zstd => Box::new(zstd::stream::read::Decoder::with_buffer(source).map_err(failed)?),
    })
}

/// A file that is compressed and hashed while it is written.
pub(crate) enum Packer {
    None(Hashing<File>),
    Gzip(GzEncoder<Hashing<File>>),
    Zstd(zstd::stream::write::Encoder<'static, Hashing<File>>),
}

impl Packer {
    pub(crate) fn new(file: File, compression: Compression) -> io::Result<Self> {
        let file = Hashing::new(file);
        Ok(match compression {
            Compression::None => Packer::None(file),
            Compression::Gzip => Packer::Gzip(GzEncoder::new(file, flate2::Compression::default())),
            Compression::Zstd => {
                let mut encoder = zstd::stream::write::Encoder::new(file, ZSTD_LEVEL)?;
                encoder.include_checksum(true)?;
                encoder.multithread(std::thread::available_parallelism().map_or(1, |cores| u32::try_from(cores.get()).unwrap_or(1)))?;
                Packer::Zstd(encoder)
            }
        })
    }

    /// Bytes in the file so far.
    pub(crate) fn written(&self) -> u64 {
        match self {
            Packer::None(file) => file.count(),
            Packer::Gzip(encoder) => encoder.get_ref().count(),
            Packer::Zstd(encoder) => encoder.get_ref().count(),
        }
    }

    /// Ends the file; returns its size and hash.
    pub(crate) fn finish(self) -> io::Result<(u64, String)> {
        let file = match self {
            Packer::None(file) => file,
            Packer::Gzip(encoder) => encoder.finish()?,
            Packer::Zstd(encoder) => encoder.finish()?,
        };
        let (mut file, size, hash) = file.finish();
        file.flush()?;
        Ok((size, hash))
    }
}

impl Write for Packer {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        match self {
            Packer::None(file) => file.write(buffer),
            Packer::Gzip(encoder) => encoder.write(buffer),
            Packer::Zstd(encoder) => encoder.write(buffer),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Packer::None(file) => file.flush(),
            Packer::Gzip(encoder) => encoder.flush(),
            Packer::Zstd(encoder) => encoder.flush(),
        }
    }
}
