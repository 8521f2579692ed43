//! An NPY file whose rows are read in parts, at any place, by several threads.

use std::ops::Range;
use std::path::Path;

use cleanlab_core::{ClassIndex, InputError};
use half::f16;

use super::npy_header::{Header, Kind};
use crate::errors::TableError;
use crate::positioned::PositionedFile;
use crate::row_values::RowValues;

/// A matrix or vector of numbers in an NPY file that stays on disk: any rows of it are read on request.
///
/// Rows are read into a buffer rather than mapped into memory: a mapped file that shrinks ends the process, a read is an
/// error; and in parts that a processor's cache holds it takes no longer.
///
/// # Example
///
/// ```
/// use cleanlab_table::{ArrayRows, Content, RowValues, write_file};
/// use ndarray::array;
/// # let folder = tempfile::tempdir()?;
/// let path = folder.path().join("p.npy");
/// write_file(&path, &Content::NpyMatrix(array![[0.9, 0.1], [0.2, 0.8], [0.5, 0.5]].view()))?;
///
/// let array = ArrayRows::open(&path)?;
/// assert_eq!((array.n_rows(), array.n_columns()), (3, 2));
/// let mut values = RowValues::default();
/// array.reader().read_values(1..3, &mut values)?;
/// assert_eq!(values, RowValues::F64(vec![0.2, 0.8, 0.5, 0.5]));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct ArrayRows {
    file: PositionedFile,
    header: Header,
    n_rows: usize,
    n_columns: usize,
}

impl ArrayRows {
    /// Opens a file and holds the shape that it declares against its size. A vector counts as a matrix of one column.
    ///
    /// # Errors
    ///
    /// [`TableError::UnsupportedDtype`] for strings, [`TableError::WrongDimensions`] for more than two dimensions, and
    /// those of [`read_array`](crate::read_array).
    pub fn open(path: impl AsRef<Path>) -> Result<Self, TableError> {
        let file = PositionedFile::open(path.as_ref())?;
        let mut start = vec![0; usize::try_from(file.len()).map_or(MOST_HEADER, |len| len.min(MOST_HEADER))];
        file.read_exact_at(&mut start, 0)?;
        let header = Header::read(file.name(), &mut start.as_slice(), file.len())?;
        header.checked_len(file.name(), file.len().saturating_sub(header.len))?;
        if matches!(header.dtype.kind, Kind::Unicode | Kind::Bytes) {
            let dtype = "of strings".to_owned();
            return Err(TableError::UnsupportedDtype { file: file.name().into(), dtype });
        }
        let (n_rows, n_columns) = match *header.shape {
            [n_rows] => (n_rows, 1),
            [n_rows, n_columns] => (n_rows, n_columns),
            _ => {
                return Err(TableError::WrongDimensions {
                    what: "an array that is read in parts",
                    expected: "a vector or a matrix",
                    shape: header.shape,
                });
            }
        };
        Ok(Self { file, header, n_rows, n_columns })
    }

    /// The path.
    #[must_use]
    pub fn name(&self) -> &str {
        self.file.name()
    }

    /// Number of rows.
    #[must_use]
    pub fn n_rows(&self) -> usize {
        self.n_rows
    }

    /// Number of columns; 1 of a vector.
    #[must_use]
    pub fn n_columns(&self) -> usize {
        self.n_columns
    }

    /// Number of dimensions in the file: 1 or 2.
    #[must_use]
    pub fn n_dimensions(&self) -> usize {
        self.header.shape.len()
    }

    /// Whether values are booleans, which stand for the classes `False` and `True`.
    #[must_use]
    pub fn is_boolean(&self) -> bool {
        self.header.dtype.kind == Kind::Bool
    }

    /// Refuses a file that was written to since it was opened, as far as its length and its clock tell.
    ///
    /// # Errors
    ///
    /// [`TableError::Changed`], [`TableError::Io`].
    pub fn check_unchanged(&self) -> Result<(), TableError> {
        self.file.check_unchanged()
    }

    /// Reads rows on one thread.
    #[must_use]
    pub fn reader(&self) -> ArrayReader<'_> {
        ArrayReader { array: self, bytes: Vec::new() }
    }
}

/// The longest header that is read, with what stands before it.
const MOST_HEADER: usize = 64 * 1024 + 12;

/// Reads rows of an [`ArrayRows`], with buffers that are used again.
#[derive(Debug)]
pub struct ArrayReader<'a> {
    array: &'a ArrayRows,
    bytes: Vec<u8>,
}

/// Reads values of a type, of either byte order, into a slice of floats. The closures are written out so that each is
/// compiled into its loop.
macro_rules! decoded {
    ($reader:expr, $rows:expr, $out:expr, $type:ty => $float:ty) => {
        if $reader.array.header.dtype.big_endian {
            $reader.decode($rows, $out, |bytes| <$type>::from_be_bytes(bytes) as $float)
        } else {
            $reader.decode($rows, $out, |bytes| <$type>::from_le_bytes(bytes) as $float)
        }
    };
}

/// Reads labels of a type, of either byte order.
macro_rules! labels {
    ($reader:expr, $rows:expr, $out:expr, $type:ty => $wide:ty) => {
        if $reader.array.header.dtype.big_endian {
            $reader.labels($rows, $out, |bytes| <$wide>::from(<$type>::from_be_bytes(bytes)))
        } else {
            $reader.labels($rows, $out, |bytes| <$wide>::from(<$type>::from_le_bytes(bytes)))
        }
    };
}

impl ArrayReader<'_> {
    /// The values of some rows, row-major whatever the layout in the file. Whole numbers and booleans become floats of 8
    /// bytes.
    ///
    /// # Errors
    ///
    /// [`TableError::NoSuchRow`] beyond the last row, [`TableError::Changed`] when the file has become shorter,
    /// [`TableError::Io`].
    pub fn read_values(&mut self, rows: Range<usize>, out: &mut RowValues) -> Result<(), TableError> {
        self.check_rows(&rows)?;
        let dtype = self.array.header.dtype;
        let len = rows.len() * self.array.n_columns;
        let is_native = dtype.big_endian == cfg!(target_endian = "big");
        let is_contiguous = !self.array.header.fortran_order || self.array.n_columns == 1;
        match (dtype.kind, dtype.size) {
            (Kind::Float, 4) if is_native && is_contiguous => {
                self.read_bytes(&rows, bytemuck::cast_slice_mut(out.as_f32(len)))
            }
            (Kind::Float, 8) if is_native && is_contiguous => {
                self.read_bytes(&rows, bytemuck::cast_slice_mut(out.as_f64(len)))
            }
            (Kind::Float, 4) => decoded!(self, &rows, out.as_f32(len), f32 => f32),
            (Kind::Float, 8) => decoded!(self, &rows, out.as_f64(len), f64 => f64),
            (Kind::Float, _) if dtype.big_endian => {
                self.decode(&rows, out.as_f32(len), |bytes| f16::from_be_bytes(bytes).to_f32())
            }
            (Kind::Float, _) => {
                self.decode(&rows, out.as_f32(len), |bytes| f16::from_le_bytes(bytes).to_f32())
            }
            (Kind::Int, 1) => decoded!(self, &rows, out.as_f64(len), i8 => f64),
            (Kind::Int, 2) => decoded!(self, &rows, out.as_f64(len), i16 => f64),
            (Kind::Int, 4) => decoded!(self, &rows, out.as_f64(len), i32 => f64),
            (Kind::Int, _) => decoded!(self, &rows, out.as_f64(len), i64 => f64),
            (Kind::UInt, 2) => decoded!(self, &rows, out.as_f64(len), u16 => f64),
            (Kind::UInt, 4) => decoded!(self, &rows, out.as_f64(len), u32 => f64),
            (Kind::UInt, 8) => decoded!(self, &rows, out.as_f64(len), u64 => f64),
            (Kind::Bool, _) => {
                self.decode(&rows, out.as_f64(len), |[byte]: [u8; 1]| f64::from(u8::from(byte != 0)))
            }
            _ => decoded!(self, &rows, out.as_f64(len), u8 => f64),
        }
    }

    /// The values of some rows as class indices.
    ///
    /// # Errors
    ///
    /// [`TableError::BadLabels`] with the row of the whole array, [`TableError::WrongDimensions`] for a matrix of several
    /// columns, and as [`ArrayReader::read_values`].
    pub fn read_labels(&mut self, rows: Range<usize>, out: &mut Vec<u32>) -> Result<(), TableError> {
        self.check_rows(&rows)?;
        if self.array.n_columns != 1 {
            return Err(TableError::WrongDimensions {
                what: "labels",
                expected: "a vector with one label per example",
                shape: self.array.header.shape.clone(),
            });
        }
        let dtype = self.array.header.dtype;
        match (dtype.kind, dtype.size) {
            (Kind::Float, 2) if dtype.big_endian => {
                self.labels(&rows, out, |bytes| f16::from_be_bytes(bytes).to_f32())
            }
            (Kind::Float, 2) => self.labels(&rows, out, |bytes| f16::from_le_bytes(bytes).to_f32()),
            (Kind::Float, 4) => labels!(self, &rows, out, f32 => f32),
            (Kind::Float, _) => labels!(self, &rows, out, f64 => f64),
            (Kind::Int, 1) => labels!(self, &rows, out, i8 => i64),
            (Kind::Int, 2) => labels!(self, &rows, out, i16 => i64),
            (Kind::Int, 4) => labels!(self, &rows, out, i32 => i64),
            (Kind::Int, _) => labels!(self, &rows, out, i64 => i64),
            (Kind::UInt, 2) => labels!(self, &rows, out, u16 => i64),
            (Kind::UInt, 4) => labels!(self, &rows, out, u32 => i64),
            (Kind::UInt, 8) => labels!(self, &rows, out, u64 => u64),
            (Kind::Bool, _) => self.labels(&rows, out, |[byte]: [u8; 1]| byte != 0),
            _ => labels!(self, &rows, out, u8 => i64),
        }
    }

    fn check_rows(&self, rows: &Range<usize>) -> Result<(), TableError> {
        if rows.start <= rows.end && rows.end <= self.array.n_rows {
            return Ok(());
        }
        Err(TableError::NoSuchRow { row: rows.end.saturating_sub(1), n_rows: self.array.n_rows })
    }

    fn read_bytes(&self, rows: &Range<usize>, bytes: &mut [u8]) -> Result<(), TableError> {
        let row_bytes = self.array.n_columns * self.array.header.dtype.size;
        self.array.file.read_exact_at(bytes, self.array.header.len + (rows.start * row_bytes) as u64)
    }

    fn decode<const SIZE: usize, T>(
        &mut self,
        rows: &Range<usize>,
        out: &mut [T],
        decode: impl Fn([u8; SIZE]) -> T,
    ) -> Result<(), TableError> {
        let mut bytes = std::mem::take(&mut self.bytes);
        let k = self.array.n_columns;
        let read = if self.array.header.fortran_order && k > 1 {
            // A column at a time, each of which lies in one piece.
            bytes.resize(rows.len() * SIZE, 0);
            (0..k).try_for_each(|column| {
                let at = self.array.header.len + ((column * self.array.n_rows + rows.start) * SIZE) as u64;
                self.array.file.read_exact_at(&mut bytes, at)?;
                let values = bytes.as_chunks::<SIZE>().0;
                out.iter_mut()
                    .skip(column)
                    .step_by(k)
                    .zip(values)
                    .for_each(|(out, &value)| *out = decode(value));
                Ok(())
            })
        } else {
            bytes.resize(rows.len() * k * SIZE, 0);
            self.read_bytes(rows, &mut bytes).map(|()| {
                let values = bytes.as_chunks::<SIZE>().0;
                out.iter_mut().zip(values).for_each(|(out, &value)| *out = decode(value));
            })
        };
        self.bytes = bytes;
        read
    }

    fn labels<const SIZE: usize, T: ClassIndex>(
        &mut self,
        rows: &Range<usize>,
        out: &mut Vec<u32>,
        decode: impl Fn([u8; SIZE]) -> T,
    ) -> Result<(), TableError> {
        let mut bytes = std::mem::take(&mut self.bytes);
        bytes.resize(rows.len() * SIZE, 0);
        self.read_bytes(rows, &mut bytes)?;
        let values: Vec<T> = bytes.as_chunks::<SIZE>().0.iter().map(|&value| decode(value)).collect();
        self.bytes = bytes;
        let bad = |error: InputError| TableError::BadLabels {
            file: self.array.name().into(),
            error: error.after_rows(rows.start),
        };
        out.clear();
        out.extend_from_slice(&T::to_indices(&values).map_err(bad)?);
        Ok(())
    }
}
