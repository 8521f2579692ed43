//! One writer per file format.

#![allow(
    clippy::indexing_slicing,
    reason = "what is written are tables of our own, whose columns are of one length"
)]

pub(crate) mod csv;
pub(crate) mod json;
pub(crate) mod npy;
pub(crate) mod parquet;

use std::io::Write;

use ndarray::ArrayView2;

use crate::errors::TableError;
use crate::result_table::ResultTable;

/// What to write, and in which format.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum Content<'a> {
    /// A table as CSV. Text that a spreadsheet would take for a formula (it begins with `=`, `+`, `-`, `@`, or their wide
    /// forms, a tab or a line break) gets an apostrophe in front; numbers stay as they are, and read back as the same numbers.
    Csv(&'a ResultTable),
    /// A table as a JSON array with one object per row and line. Numbers read back as the same numbers; JSON has no
    /// NaN and no infinities, so these become `null`.
    Json(&'a ResultTable),
    /// A table as Parquet, compressed with Snappy.
    Parquet(&'a ResultTable),
    /// A matrix of floats as NPY.
    NpyMatrix(ArrayView2<'a, f64>),
    /// A vector of integers as NPY.
    NpyVector(&'a [i64]),
    /// Bytes as they are, such as a report.
    Bytes(&'a [u8]),
}

/// Writes to anything; `name` stands in messages.
///
/// ```
/// use cleanlab_table::{Content, write_to};
/// let mut out = Vec::new();
/// write_to(&mut out, "labels.npy", &Content::NpyVector(&[0, 2, 1]))?;
/// assert!(out.starts_with(b"\x93NUMPY"));
/// # Ok::<(), cleanlab_table::TableError>(())
/// ```
///
/// # Errors
///
/// [`TableError::Io`] when the writer fails, [`TableError::CannotEncode`] when the format cannot hold the values.
pub fn write_to(
    writer: &mut (impl Write + Send),
    name: &str,
    content: &Content<'_>,
) -> Result<(), TableError> {
    let failed = |written: std::io::Result<()>| written.map_err(TableError::io(name, "write"));
    match content {
        Content::Csv(table) => csv::write(writer, name, table)?,
        Content::Json(table) => failed(json::write(writer, table))?,
        Content::Parquet(table) => parquet::write(writer, name, table)?,
        Content::NpyMatrix(matrix) => failed(npy::write_matrix(writer, matrix))?,
        Content::NpyVector(vector) => failed(npy::write_vector(writer, vector))?,
        Content::Bytes(bytes) => failed(writer.write_all(bytes))?,
    }
    failed(writer.flush())
}
