//! Results that are written some rows at a time, whole or not at all.

use std::fmt;
use std::io::Write;
use std::marker::PhantomData;
use std::path::{Path, PathBuf};

use crate::errors::TableError;
use crate::output::{Stage, Staged};
use crate::result_table::ResultTable;
use crate::writers::Content;
use crate::writers::parquet::{BATCH_ROWS, ParquetRowWriter};
use crate::writers::{csv as csv_rows, json, npy};

/// A format of results that can be written row by row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RowFormat {
    /// As [`Content::Csv`](crate::Content::Csv).
    Csv,
    /// As [`Content::Json`](crate::Content::Json): an array with one object per row and line.
    Json,
    /// One JSON object per line.
    JsonLines,
    /// As [`Content::Parquet`](crate::Content::Parquet).
    Parquet,
}

impl RowFormat {
    /// The format that the ending of a file name stands for.
    ///
    /// ```
    /// use cleanlab_table::RowFormat;
    /// assert_eq!(RowFormat::of_ending("issues.jsonl"), Some(RowFormat::JsonLines));
    /// assert_eq!(RowFormat::of_ending("issues.npy"), None);
    /// ```
    #[must_use]
    pub fn of_ending(name: &str) -> Option<Self> {
        let (_, ending) = name.rsplit_once('.')?;
        Some(match ending.to_ascii_lowercase().as_str() {
            "csv" => Self::Csv,
            "json" => Self::Json,
            "jsonl" | "ndjson" => Self::JsonLines,
            "parquet" | "pq" => Self::Parquet,
            _ => return None,
        })
    }
}

/// Writes a table some rows at a time, under a temporary name until it is [published](WrittenFile::publish).
///
/// Byte by byte the file is the one that [`write_file`](crate::write_file) writes of the whole table, as long as parts
/// of Parquet files have [`RowWriter::PART_ROWS`] rows (the last one fewer). A writer that is dropped leaves nothing.
///
/// # Example
///
/// ```
/// use cleanlab_table::{ResultColumn, ResultTable, RowFormat, RowWriter};
/// # let folder = tempfile::tempdir()?;
/// let path = folder.path().join("scores.csv");
/// let mut writer = RowWriter::create(&path, RowFormat::Csv)?;
/// for part in [[0.5, 0.25], [1.0, 0.75]] {
///     let mut rows = ResultTable::default();
///     rows.push("score", ResultColumn::floats(part))?;
///     writer.write(&rows)?;
/// }
/// let written = writer.finish()?;
/// assert!(!path.exists());
/// written.publish()?;
/// assert_eq!(std::fs::read_to_string(&path)?, "score\n0.5\n0.25\n1.0\n0.75\n");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct RowWriter {
    name: String,
    path: PathBuf,
    form: Form,
    n_rows: u64,
}

enum Form {
    Csv(Box<csv::Writer<Stage>>),
    Json(Stage),
    JsonLines(Stage),
    /// Before the first rows, which tell the types of the columns.
    NewParquet(Stage),
    Parquet(Box<ParquetRowWriter<Stage>>),
    Failed,
}

impl fmt::Debug for RowWriter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RowWriter")
            .field("name", &self.name)
            .field("n_rows", &self.n_rows)
            .finish_non_exhaustive()
    }
}

impl RowWriter {
    /// Rows that are best written at a time.
    pub const PART_ROWS: usize = BATCH_ROWS;

    /// Begins a file.
    ///
    /// # Errors
    ///
    /// [`TableError::Io`].
    pub fn create(path: impl AsRef<Path>, format: RowFormat) -> Result<Self, TableError> {
        let path = path.as_ref().to_owned();
        let name = path.display().to_string();
        let mut stage = Stage::create(&path)?;
        let form = match format {
            RowFormat::Csv => Form::Csv(Box::new(csv::Writer::from_writer(stage))),
            RowFormat::Json => {
                stage.write_all(json::START).map_err(TableError::io(&name, "write"))?;
                Form::Json(stage)
            }
            RowFormat::JsonLines => Form::JsonLines(stage),
            RowFormat::Parquet => Form::NewParquet(stage),
        };
        Ok(Self { name, path, form, n_rows: 0 })
    }

    /// Writes the next rows. All parts have the same columns.
    ///
    /// # Errors
    ///
    /// [`TableError::Io`], [`TableError::CannotEncode`].
    pub fn write(&mut self, rows: &ResultTable) -> Result<(), TableError> {
        let name = &self.name;
        let io = |written: std::io::Result<()>| written.map_err(TableError::io(name, "write"));
        let is_first = self.n_rows == 0;
        if let Form::NewParquet(_) = &self.form {
            let Form::NewParquet(stage) = std::mem::replace(&mut self.form, Form::Failed) else {
                return Ok(());
            };
            self.form = Form::Parquet(Box::new(ParquetRowWriter::new(stage, name, rows)?));
        }
        match &mut self.form {
            Form::Csv(csv) => csv_rows::write_rows(csv, name, rows, is_first)?,
            Form::Json(stage) => {
                io(json::write_rows(stage, rows, if is_first { b"\n" } else { b",\n" }, b",\n"))?;
            }
            Form::JsonLines(stage) => {
                io(json::write_rows(stage, rows, if is_first { b"" } else { b"\n" }, b"\n"))?;
            }
            Form::Parquet(parquet) => parquet.write_rows(name, rows)?,
            Form::NewParquet(_) | Form::Failed => return Err(self.failed()),
        }
        self.n_rows += rows.n_rows() as u64;
        Ok(())
    }

    fn failed(&self) -> TableError {
        let reason = "an earlier part failed".to_owned();
        TableError::CannotEncode { file: self.name.clone(), format: "Parquet", reason }
    }

    /// Ends the file and makes sure that it is on disk.
    ///
    /// # Errors
    ///
    /// [`TableError::Io`], [`TableError::CannotEncode`].
    pub fn finish(self) -> Result<WrittenFile, TableError> {
        let name = &self.name;
        let io = |written: std::io::Result<()>| written.map_err(TableError::io(name, "write"));
        let stage = match self.form {
            Form::Csv(csv) => {
                csv.into_inner().map_err(|error| TableError::io(name, "write")(error.into_error()))?
            }
            Form::Json(mut stage) => {
                io(stage.write_all(json::END))?;
                stage
            }
            Form::JsonLines(mut stage) => {
                if self.n_rows > 0 {
                    io(stage.write_all(b"\n"))?;
                }
                stage
            }
            Form::Parquet(parquet) => parquet.finish(name)?,
            Form::NewParquet(stage) => {
                ParquetRowWriter::new(stage, name, &ResultTable::default())?.finish(name)?
            }
            Form::Failed => {
                let reason = "an earlier part failed".to_owned();
                return Err(TableError::CannotEncode { file: self.name, format: "Parquet", reason });
            }
        };
        Ok(WrittenFile { staged: stage.finish(name)?, path: self.path })
    }
}

/// A value of a vector that is written as NPY: `bool`, `u32`, `i64` or `f64`.
pub trait NpyValue: sealed::Sealed + Copy + Send {
    /// What NumPy calls the type.
    const DESCR: &'static str;

    /// Adds the bytes of a value.
    fn push(self, bytes: &mut Vec<u8>);
}

mod sealed {
    pub trait Sealed {}
}

macro_rules! npy_value {
    ($($type:ty, $descr:literal);*) => {$(
        impl sealed::Sealed for $type {}
        impl NpyValue for $type {
            const DESCR: &'static str = $descr;

            fn push(self, bytes: &mut Vec<u8>) {
                bytes.extend_from_slice(&self.to_le_bytes());
            }
        }
    )*};
}
npy_value!(u32, "<u4"; i64, "<i8"; f64, "<f8");

impl sealed::Sealed for bool {}
impl NpyValue for bool {
    const DESCR: &'static str = "|b1";

    fn push(self, bytes: &mut Vec<u8>) {
        bytes.push(u8::from(self));
    }
}

/// Writes a vector of known length as NPY, some values at a time, under a temporary name until it is
/// [published](WrittenFile::publish). A writer that is dropped leaves nothing.
///
/// # Example
///
/// ```
/// use cleanlab_table::{ArrayOptions, ArrayWriter, read_array};
/// # let folder = tempfile::tempdir()?;
/// let path = folder.path().join("mask.npy");
/// let mut writer = ArrayWriter::create(&path, 3)?;
/// writer.write(&[true, false])?;
/// writer.write(&[true])?;
/// writer.finish()?.publish()?;
/// assert_eq!(read_array(&path, &ArrayOptions::default())?.shape(), [3]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct ArrayWriter<T> {
    name: String,
    path: PathBuf,
    stage: Stage,
    n_left: usize,
    len: usize,
    bytes: Vec<u8>,
    values: PhantomData<fn(T)>,
}

impl<T> fmt::Debug for ArrayWriter<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ArrayWriter")
            .field("name", &self.name)
            .field("len", &self.len)
            .finish_non_exhaustive()
    }
}

impl<T: NpyValue> ArrayWriter<T> {
    /// Begins a file of `len` values.
    ///
    /// # Errors
    ///
    /// [`TableError::Io`].
    pub fn create(path: impl AsRef<Path>, len: usize) -> Result<Self, TableError> {
        let path = path.as_ref().to_owned();
        let name = path.display().to_string();
        let mut stage = Stage::create(&path)?;
        npy::write_header(&mut stage, T::DESCR, &format!("({len},)"))
            .map_err(TableError::io(&name, "write"))?;
        Ok(Self { name, path, stage, n_left: len, len, bytes: Vec::new(), values: PhantomData })
    }

    /// Writes the next values.
    ///
    /// # Errors
    ///
    /// [`TableError::ColumnLength`] when there are more than was said, [`TableError::Io`].
    pub fn write(&mut self, values: &[T]) -> Result<(), TableError> {
        self.n_left = self.n_left.checked_sub(values.len()).ok_or_else(|| self.wrong_length(values.len()))?;
        self.bytes.clear();
        for value in values {
            value.push(&mut self.bytes);
        }
        self.stage.write_all(&self.bytes).map_err(TableError::io(&self.name, "write"))
    }

    fn wrong_length(&self, more: usize) -> TableError {
        let found = self.len - self.n_left + more;
        TableError::ColumnLength { column: self.name.clone(), found, expected: self.len }
    }

    /// Ends the file and makes sure that it is on disk.
    ///
    /// # Errors
    ///
    /// [`TableError::ColumnLength`] when values are lacking, [`TableError::Io`].
    pub fn finish(self) -> Result<WrittenFile, TableError> {
        if self.n_left > 0 {
            return Err(self.wrong_length(0));
        }
        Ok(WrittenFile { staged: self.stage.finish(&self.name)?, path: self.path })
    }
}

/// A file that is written but not yet in its place; dropped, it is gone.
pub struct WrittenFile {
    staged: Staged,
    path: PathBuf,
}

impl fmt::Debug for WrittenFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WrittenFile").field("path", &self.path).finish_non_exhaustive()
    }
}

impl WrittenFile {
    /// Writes a file that is whole already.
    ///
    /// # Errors
    ///
    /// As [`write_file`](crate::write_file).
    pub fn write(path: impl AsRef<Path>, content: &Content<'_>) -> Result<Self, TableError> {
        let path = path.as_ref().to_owned();
        Ok(Self { staged: Staged::write(&path, content)?, path })
    }

    /// Puts the file in its place, where an older one of its name is replaced.
    ///
    /// # Errors
    ///
    /// [`TableError::Io`].
    pub fn publish(self) -> Result<PathBuf, TableError> {
        self.staged.publish()?;
        Ok(self.path)
    }
}

/// Puts several files in their places, once all of them are written.
///
/// # Errors
///
/// [`TableError::Io`]; then some files may be new and some old, each of them whole.
pub fn publish_all(files: impl IntoIterator<Item = WrittenFile>) -> Result<Vec<PathBuf>, TableError> {
    files.into_iter().map(WrittenFile::publish).collect()
}
