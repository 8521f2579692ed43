//! Features that stay in their file, because they need more memory than they may have.

#![deny(
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::unreachable,
    reason = "whatever is in a file, a reader gives a value or an error"
)]

use std::io;
use std::marker::PhantomData;
use std::ops::Range;
use std::path::Path;

use anyhow::{Result, bail};
use cleanlab_neighbors::{
    FeatureSource, FoundGraph, NeighborsError, OutOfCoreOptions, find_knn_graph_out_of_core,
};
use cleanlab_table::{ArrayRows, RowValues};

use crate::in_parts::size_text;
use crate::printable::path;

/// What a row takes beside its features while its neighbours are searched for in memory, about.
const ROW: u64 = 1000;

/// A matrix in an NPY file, of which rows are read when they are needed.
pub(super) struct FeatureFile {
    array: ArrayRows,
    /// The rows that are audited, where those are not all.
    kept: Option<Vec<usize>>,
    is_f32: bool,
    /// Bytes that the search may take.
    allowed: u64,
    /// Why it stays a file.
    pub(super) reason: String,
}

impl FeatureFile {
    /// The file, if it is one of NPY that would need more memory than it may have.
    pub(super) fn too_large(file: &Path, rows: &[usize], allowed: u64) -> Result<Option<Self>> {
        let Ok(array) = ArrayRows::open(file) else { return Ok(None) };
        if array.n_dimensions() != 2 || array.n_columns() == 0 || array.n_rows() == 0 {
            return Ok(None);
        }
        let mut first = RowValues::default();
        array.reader().read_values(0..1, &mut first)?;
        let is_f32 = matches!(first, RowValues::F32(_));
        let value = if is_f32 { 4 } else { 8 };
        // The features, and their codes twice while these are put in order.
        let needed = array.n_rows() as u64 * (array.n_columns() as u64 * (value + 4) + ROW);
        if needed <= allowed {
            return Ok(None);
        }
        let reason = format!(
            "the search among the rows of {} would need about {} of memory, more than the {} that it may have",
            path(file),
            size_text(needed),
            size_text(allowed)
        );
        let kept = (rows.len() != array.n_rows()).then(|| rows.to_vec());
        Ok(Some(Self { array, kept, is_f32, allowed, reason }))
    }

    /// Number of rows of the file.
    pub(super) fn n_file_rows(&self) -> usize {
        self.array.n_rows()
    }

    /// About the nearest neighbours of every row.
    pub(super) fn search(&self, k: usize) -> Result<FoundGraph> {
        let options = OutOfCoreOptions::default().with_k(k).with_memory(self.allowed);
        let found = if self.is_f32 {
            find_knn_graph_out_of_core(&RowsOfFile::<f32>(self, PhantomData), &options)
        } else {
            find_knn_graph_out_of_core(&RowsOfFile::<f64>(self, PhantomData), &options)
        };
        match found {
            Err(NeighborsError::MemoryTooSmall { needed, .. }) => bail!(
                "the neighbours of {} rows need at least {} of memory; allow it with --memory {}M",
                self.kept.as_ref().map_or(self.array.n_rows(), Vec::len),
                size_text(needed),
                needed.div_ceil(1 << 20)
            ),
            found => {
                self.array.check_unchanged()?;
                Ok(found?)
            }
        }
    }
}

/// The file as rows of one type.
struct RowsOfFile<'f, F>(&'f FeatureFile, PhantomData<F>);

/// What differs between the types: which values a reading gives.
macro_rules! rows_of_file {
    ($type:ty, $kind:ident) => {
        impl FeatureSource for RowsOfFile<'_, $type> {
            type Value = $type;

            fn n_rows(&self) -> usize {
                self.0.kept.as_ref().map_or(self.0.array.n_rows(), Vec::len)
            }

            fn n_features(&self) -> usize {
                self.0.array.n_columns()
            }

            fn read_rows(&self, rows: Range<usize>, values: &mut [$type]) -> io::Result<()> {
                let mut reader = self.0.array.reader();
                let mut read = RowValues::default();
                let mut at = 0;
                let mut take = |rows: Range<usize>| {
                    reader.read_values(rows, &mut read).map_err(io::Error::other)?;
                    let RowValues::$kind(read) = &read else {
                        return Err(io::Error::other("its values are of another type than before"));
                    };
                    let end = at + read.len();
                    let Some(values) = values.get_mut(at..end) else {
                        return Err(io::Error::other("it has more columns than before"));
                    };
                    values.copy_from_slice(read);
                    at = end;
                    Ok(())
                };
                let Some(kept) = &self.0.kept else {
                    // Some rows at a time, so that they are not held twice.
                    let len = (READ_VALUES / self.0.array.n_columns().max(1)).max(1);
                    return rows
                        .clone()
                        .step_by(len)
                        .try_for_each(|start| take(start..rows.end.min(start + len)));
                };
                let runs = kept.get(rows).unwrap_or_default().chunk_by(|a, b| a + 1 == *b);
                let mut runs = runs.filter_map(|run| run.first().map(|&first| first..first + run.len()));
                runs.try_for_each(take)
            }
        }
    };
}

/// Values that are read at a time.
const READ_VALUES: usize = 1 << 16;

rows_of_file!(f32, F32);
rows_of_file!(f64, F64);
