//! The files of a state: written with their checksums, read only if these are right.

use std::collections::{HashMap, HashSet};
use std::fs::{self, File};
use std::io::{BufWriter, Read, Write};
use std::path::{Component, Path, PathBuf};

use cleanlab_core::stopping::stop_if_told;
use ndarray::{Array1, Array2, ArrayView2};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::errors::SavedAuditError;
use super::manifest::FileEntry;
use super::npy::{self, Dtype, Value};
use crate::row_keys::hex;

/// Values that become bytes at a time.
const BATCH: usize = 8192;
/// Characters of a file's name that tell what is in it.
const MAX_NAME: usize = 60;

/// An array in a file of the state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct StoredArray {
    pub(super) file: String,
    pub(super) dtype: Dtype,
    pub(super) shape: Vec<usize>,
}

/// Writes the files of a state into its folder, which is there and empty.
pub(super) struct StateWriter {
    folder: PathBuf,
    pub(super) files: Vec<FileEntry>,
}

impl StateWriter {
    pub(super) fn new(folder: PathBuf) -> Self {
        Self { folder, files: Vec::new() }
    }

    /// Writes a vector; `what` says what is in it.
    pub(super) fn vector<T: Value>(
        &mut self,
        what: &str,
        values: impl ExactSizeIterator<Item = T>,
    ) -> Result<StoredArray, SavedAuditError> {
        let shape = vec![values.len()];
        self.array(what, shape, values)
    }

    pub(super) fn matrix<T: Value>(
        &mut self,
        what: &str,
        matrix: ArrayView2<'_, T>,
    ) -> Result<StoredArray, SavedAuditError> {
        self.array(what, matrix.shape().to_vec(), matrix.iter().copied())
    }

    fn array<T: Value>(
        &mut self,
        what: &str,
        shape: Vec<usize>,
        mut values: impl Iterator<Item = T>,
    ) -> Result<StoredArray, SavedAuditError> {
        let mut bytes = npy::header(T::DTYPE, &shape);
        let file = self.file(what, "npy", |write| {
            loop {
                for value in values.by_ref().take(BATCH) {
                    value.push_to(&mut bytes);
                }
                if bytes.is_empty() {
                    return Ok(());
                }
                // The state is taken away with its folder.
                stop_if_told();
                write(&bytes)?;
                bytes.clear();
            }
        })?;
        Ok(StoredArray { file, dtype: T::DTYPE, shape })
    }

    /// Writes a file of bytes and gives its name.
    pub(super) fn bytes(
        &mut self,
        what: &str,
        ending: &str,
        bytes: &[u8],
    ) -> Result<String, SavedAuditError> {
        self.file(what, ending, |write| write(bytes))
    }

    fn file(
        &mut self,
        what: &str,
        ending: &str,
        content: impl FnOnce(&mut dyn FnMut(&[u8]) -> std::io::Result<()>) -> std::io::Result<()>,
    ) -> Result<String, SavedAuditError> {
        // Names of checks are whatever their authors want.
        let plain = |c: char| if c.is_ascii_alphanumeric() || c == '.' || c == '-' { c } else { '_' };
        let what: String = what.chars().map(plain).take(MAX_NAME).collect();
        let name = format!("{:04}_{what}.{ending}", self.files.len());
        let path = self.folder.join(&name);
        let file = File::create_new(&path).map_err(SavedAuditError::io("create", &path))?;
        let mut writer = BufWriter::new(file);
        let mut checksum = Sha256::new();
        let mut length = 0;
        stop_if_told();
        let written = content(&mut |bytes: &[u8]| {
            checksum.update(bytes);
            length += bytes.len() as u64;
            writer.write_all(bytes)
        });
        written.and_then(|()| writer.flush()).map_err(SavedAuditError::io("write", &path))?;
        writer.get_ref().sync_all().map_err(SavedAuditError::io("write", &path))?;
        let sha256 = hex(&checksum.finalize());
        self.files.push(FileEntry { name: name.clone(), bytes: length, sha256 });
        Ok(name)
    }
}

/// Reads the files of a state.
pub(super) struct StateReader<'a> {
    folder: PathBuf,
    /// The manifest, which is at fault where it asks for what cannot be.
    manifest: &'a Path,
    entries: HashMap<&'a str, &'a FileEntry>,
    read: HashSet<String>,
}

/// Whether a text is the name of a file and nothing else.
pub(super) fn is_plain_name(name: &str) -> bool {
    let mut components = Path::new(name).components();
    matches!((components.next(), components.next()), (Some(Component::Normal(_)), None))
        && !name.contains(['/', '\\'])
}

impl<'a> StateReader<'a> {
    /// Checks that the folder has the files of the manifest, of the right lengths, and no others.
    pub(super) fn new(
        folder: PathBuf,
        manifest: &'a Path,
        files: &'a [FileEntry],
    ) -> Result<Self, SavedAuditError> {
        let entries: HashMap<&str, &FileEntry> =
            files.iter().map(|file| (file.name.as_str(), file)).collect();
        if entries.len() < files.len() || !files.iter().all(|file| is_plain_name(&file.name)) {
            return Err(SavedAuditError::invalid(manifest, "its names of files are not plain and distinct"));
        }
        let listing = fs::read_dir(&folder).map_err(SavedAuditError::read(&folder))?;
        for entry in listing {
            let entry = entry.map_err(SavedAuditError::io("read", &folder))?;
            if !entry.file_name().to_str().is_some_and(|name| entries.contains_key(name)) {
                return Err(SavedAuditError::UnexpectedFile { path: entry.path() });
            }
        }
        for file in files {
            let path = folder.join(&file.name);
            let metadata = fs::symlink_metadata(&path).map_err(SavedAuditError::read(&path))?;
            if !metadata.is_file() {
                return Err(SavedAuditError::UnexpectedFile { path });
            }
            if metadata.len() != file.bytes {
                return Err(SavedAuditError::WrongLength {
                    path,
                    found: metadata.len(),
                    expected: file.bytes,
                });
            }
        }
        Ok(Self { folder, manifest, entries, read: HashSet::new() })
    }

    pub(super) fn invalid(&self, reason: impl Into<String>) -> SavedAuditError {
        SavedAuditError::invalid(self.manifest, reason)
    }

    /// What all files hold.
    pub(super) fn n_bytes(&self) -> u64 {
        self.entries.values().fold(0, |sum, entry| sum.saturating_add(entry.bytes))
    }

    pub(super) fn path(&self, file: &str) -> PathBuf {
        self.folder.join(file)
    }

    /// The content of a file, checked.
    pub(super) fn bytes(&mut self, name: &str) -> Result<Vec<u8>, SavedAuditError> {
        let entry = *self
            .entries
            .get(name)
            .ok_or_else(|| self.invalid(format!("it refers to {name:?}, but does not list it")))?;
        if !self.read.insert(name.to_owned()) {
            return Err(self.invalid(format!("it refers to {name:?} twice")));
        }
        let path = self.folder.join(name);
        let file = File::open(&path).map_err(SavedAuditError::read(&path))?;
        // The length was found to be that of the file, so that no more is allocated than there is.
        let mut bytes = Vec::with_capacity(entry.bytes as usize);
        let n_read = file.take(entry.bytes + 1).read_to_end(&mut bytes);
        n_read.map_err(SavedAuditError::read(&path))?;
        if bytes.len() as u64 != entry.bytes {
            let (found, expected) = (bytes.len() as u64, entry.bytes);
            return Err(SavedAuditError::WrongLength { path, found, expected });
        }
        if hex(&Sha256::digest(&bytes)) != entry.sha256 {
            return Err(SavedAuditError::WrongChecksum { path });
        }
        Ok(bytes)
    }

    pub(super) fn vector<T: Value>(&mut self, array: &StoredArray) -> Result<Vec<T>, SavedAuditError> {
        if array.shape.len() != 1 {
            return Err(self.invalid(format!("{} is not a vector", array.file)));
        }
        self.values(array)
    }

    pub(super) fn array<T: Value>(&mut self, array: &StoredArray) -> Result<Array1<T>, SavedAuditError> {
        Ok(Array1::from_vec(self.vector(array)?))
    }

    pub(super) fn matrix<T: Value>(&mut self, array: &StoredArray) -> Result<Array2<T>, SavedAuditError> {
        let &[rows, columns] = array.shape.as_slice() else {
            return Err(self.invalid(format!("{} is not a matrix", array.file)));
        };
        let values = self.values(array)?;
        let path = self.path(&array.file);
        Array2::from_shape_vec((rows, columns), values)
            .map_err(|error| SavedAuditError::invalid(&path, error.to_string()))
    }

    fn values<T: Value>(&mut self, array: &StoredArray) -> Result<Vec<T>, SavedAuditError> {
        if array.dtype != T::DTYPE {
            return Err(self.invalid(format!("{} has values of another type", array.file)));
        }
        let expected = npy::n_value_bytes(array.dtype, &array.shape);
        let bytes = self.bytes(&array.file)?;
        let path = self.path(&array.file);
        let values = bytes.strip_prefix(npy::header(array.dtype, &array.shape).as_slice());
        let values = values.filter(|values| Some(values.len()) == expected);
        values
            .and_then(npy::decoded)
            .ok_or_else(|| SavedAuditError::invalid(&path, "it is not the array that the manifest tells of"))
    }

    /// Refuses files that nothing refers to.
    pub(super) fn finish(self) -> Result<(), SavedAuditError> {
        match self.entries.keys().find(|name| !self.read.contains(**name)) {
            Some(name) => Err(SavedAuditError::UnexpectedFile { path: self.folder.join(name) }),
            None => Ok(()),
        }
    }
}
