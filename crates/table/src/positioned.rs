//! A file that is read at any place, by any number of threads at once.
//!
//! A mapped file that shrinks kills the process that reads it; a read that finds nothing is an error like any other. Read
//! in blocks that fit a processor's cache, a file that the system holds in memory already is read as fast as a mapped one.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;
use std::sync::Arc;
use std::time::SystemTime;

use bytes::Bytes;
use parquet::errors::ParquetError;
use parquet::file::reader::{ChunkReader, Length};

use crate::errors::TableError;

/// An open file, as it was when it was opened.
#[derive(Debug)]
pub(crate) struct PositionedFile {
    name: String,
    file: File,
    len: u64,
    modified: Option<SystemTime>,
}

impl PositionedFile {
    pub(crate) fn open(path: &Path) -> Result<Self, TableError> {
        let name = path.display().to_string();
        let file = File::open(path).map_err(TableError::io(&name, "read"))?;
        let metadata = file.metadata().map_err(TableError::io(&name, "read"))?;
        if !metadata.is_file() {
            let error = io::Error::other("only a regular file can be read in parts");
            return Err(TableError::io(&name, "read")(error));
        }
        Ok(Self { name, file, len: metadata.len(), modified: metadata.modified().ok() })
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn len(&self) -> u64 {
        self.len
    }

    /// Refuses a file that was written to since it was opened, as far as its length and its clock tell.
    pub(crate) fn check_unchanged(&self) -> Result<(), TableError> {
        let metadata = self.file.metadata().map_err(TableError::io(&self.name, "read"))?;
        if metadata.len() == self.len && metadata.modified().ok() == self.modified {
            return Ok(());
        }
        Err(TableError::Changed { file: self.name.clone() })
    }

    /// Fills `bytes` from the file at `offset`.
    pub(crate) fn read_exact_at(&self, bytes: &mut [u8], offset: u64) -> Result<(), TableError> {
        self.fill_at(bytes, offset).map_err(|error| match error.kind() {
            // What is asked for was there when the file was opened.
            io::ErrorKind::UnexpectedEof => TableError::Changed { file: self.name.clone() },
            _ => TableError::io(&self.name, "read")(error),
        })
    }

    fn fill_at(&self, mut bytes: &mut [u8], mut offset: u64) -> io::Result<()> {
        while !bytes.is_empty() {
            match read_at(&self.file, bytes, offset) {
                Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Ok(n) => {
                    bytes = bytes.get_mut(n..).unwrap_or_default();
                    offset += n as u64;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

#[cfg(unix)]
fn read_at(file: &File, bytes: &mut [u8], offset: u64) -> io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, bytes, offset)
}

#[cfg(windows)]
fn read_at(file: &File, bytes: &mut [u8], offset: u64) -> io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, bytes, offset)
}

#[cfg(not(any(unix, windows)))]
fn read_at(_: &File, _: &mut [u8], _: u64) -> io::Result<usize> {
    Err(io::Error::new(io::ErrorKind::Unsupported, "files cannot be read in parts on this system"))
}

/// A file that the parquet crate reads pages from. Unlike its own way, which moves one position of the file to and fro,
/// it serves several threads.
#[derive(Debug, Clone)]
pub(crate) struct SharedFile(pub(crate) Arc<PositionedFile>);

impl Length for SharedFile {
    fn len(&self) -> u64 {
        self.0.len
    }
}

impl ChunkReader for SharedFile {
    type T = BufReader<ReadFrom>;

    fn get_read(&self, start: u64) -> parquet::errors::Result<Self::T> {
        /// Page headers are read this way, of a few dozen bytes.
        const BUFFER: usize = 512;
        Ok(BufReader::with_capacity(BUFFER, ReadFrom { file: Arc::clone(&self.0), at: start }))
    }

    fn get_bytes(&self, start: u64, length: usize) -> parquet::errors::Result<Bytes> {
        let end = start.checked_add(length as u64).filter(|&end| end <= self.0.len);
        if end.is_none() {
            return Err(ParquetError::EOF(format!("{length} bytes at byte {start} of {}", self.0.len)));
        }
        let mut bytes = vec![0; length];
        self.0.fill_at(&mut bytes, start).map_err(|error| ParquetError::External(Box::new(error)))?;
        Ok(Bytes::from(bytes))
    }
}

/// A file read from some place on.
#[derive(Debug)]
pub(crate) struct ReadFrom {
    file: Arc<PositionedFile>,
    at: u64,
}

impl Read for ReadFrom {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let n = read_at(&self.file.file, bytes, self.at)?;
        self.at += n as u64;
        Ok(n)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn read_exact_at_file_that_shrank_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("shrinking");
        std::fs::write(&path, [7; 100]).unwrap();
        let file = PositionedFile::open(&path).unwrap();
        let mut bytes = [0; 10];
        file.read_exact_at(&mut bytes, 90).unwrap();
        assert_eq!(bytes, [7; 10]);
        assert!(file.check_unchanged().is_ok());
        File::options().write(true).open(&path).unwrap().set_len(95).unwrap();
        assert!(matches!(file.read_exact_at(&mut bytes, 90), Err(TableError::Changed { .. })));
        assert!(matches!(file.check_unchanged(), Err(TableError::Changed { .. })));
    }

    #[test]
    fn open_folder_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        assert!(matches!(PositionedFile::open(folder.path()), Err(TableError::Io { .. })));
    }
}
