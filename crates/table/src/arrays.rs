//! NumPy arrays: NPY and NPZ files.

mod any_array;
mod array_rows;
mod npy;
mod npy_header;
mod npz;

pub use any_array::{AnyArray, ProbsMatrix};
pub use array_rows::{ArrayReader, ArrayRows};

use std::io::{BufReader, Read};

use crate::errors::TableError;
use crate::format::{Format, detect};
use crate::source::{Content, OpenSource, Source};

/// Which array of a file to read.
///
/// ```
/// let options = cleanlab_table::ArrayOptions::default().with_key("pred_probs");
/// assert_eq!(options.key.as_deref(), Some("pred_probs"));
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ArrayOptions {
    /// The array of an NPZ archive, or the column of a table of labels. `None`: the only one; else, of an archive,
    /// the one called `pred_probs`, `labels`, `y` or `arr_0`, if exactly one of these is there. ([`read_labels`] takes
    /// `labels` or `y` there, and [`read_pred_probs`] takes `pred_probs`.)
    ///
    /// [`read_labels`]: crate::read_labels
    /// [`read_pred_probs`]: crate::read_pred_probs
    pub key: Option<String>,
}

impl ArrayOptions {
    /// Sets the array of an NPZ archive, or the column of a table of labels.
    #[must_use]
    pub fn with_key(mut self, key: impl Into<String>) -> Self {
        self.key = Some(key.into());
        self
    }
}

/// Reads an array from an NPY or NPZ file.
///
/// Booleans, integers, floats (of 2, 4 and 8 bytes) and strings are read, of either byte order and memory layout, and
/// of any version of the format. The declared shape is held against the size of the file before anything is allocated.
/// Arrays of Python objects are refused: reading them means running code from the file.
///
/// # Example
///
/// ```
/// use cleanlab_table::{ArrayOptions, Content, Source, TableError, read_array, write_to};
/// use ndarray::array;
///
/// let mut npy = Vec::new();
/// write_to(&mut npy, "p.npy", &Content::NpyMatrix(array![[0.9, 0.1], [0.2, 0.8]].view()))?;
/// let array = read_array(Source::from_bytes(npy, "p.npy"), &ArrayOptions::default())?;
/// assert_eq!(array.shape(), [2, 2]);
/// # Ok::<(), TableError>(())
/// ```
///
/// # Errors
///
/// [`TableError::NotAnArray`] for a table, [`TableError::ObjectArray`], [`TableError::UnsupportedDtype`],
/// [`TableError::TooLarge`] when the shape and the size of the file disagree, [`TableError::NoSuchEntry`] and
/// [`TableError::AmbiguousEntry`] for archives, [`TableError::Damaged`] for anything else that is no array.
pub fn read_array(source: impl Into<Source>, options: &ArrayOptions) -> Result<AnyArray, TableError> {
    let source = source.into().open()?;
    let format = detect(&source.name, &source.prefix()?, None)?;
    read_array_called(source, format, options, &["pred_probs", "labels", "y", "arr_0"])
}

/// Reads the array of the wanted key; without one, an archive's only array, or the only one with one of these names.
pub(crate) fn read_array_called(
    source: OpenSource,
    format: Format,
    options: &ArrayOptions,
    names: &[&str],
) -> Result<AnyArray, TableError> {
    let name = source.name;
    let key = options.key.as_deref();
    match (format, source.content) {
        (Format::Npy, Content::File(file, len)) => npy::read(&name, &mut BufReader::new(file), len),
        (Format::Npy, Content::Bytes(bytes)) => npy::read(&name, &mut bytes.as_ref(), bytes.len() as u64),
        (Format::Npz, Content::File(file, len)) => npz::read(&name, BufReader::new(file), len, key, names),
        (Format::Npz, Content::Bytes(bytes)) => {
            let len = bytes.len() as u64;
            npz::read(&name, std::io::Cursor::new(bytes), len, key, names)
        }
        (format, _) => Err(TableError::NotAnArray { file: name, format }),
    }
}

/// Whether a read failed because the bytes ended; anything else is the operating system's.
fn read_exact(name: &str, reader: &mut impl Read, bytes: &mut [u8]) -> Result<(), TableError> {
    reader.read_exact(bytes).map_err(|error| match error.kind() {
        std::io::ErrorKind::UnexpectedEof => damaged(name, &"it ends too early"),
        _ => TableError::io(name, "read")(error),
    })
}

fn damaged(name: &str, reason: &dyn std::fmt::Display) -> TableError {
    TableError::Damaged { file: name.into(), format: Format::Npy, reason: reason.to_string() }
}
