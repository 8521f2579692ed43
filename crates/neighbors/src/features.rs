//! Checking features.

use cleanlab_core::Float;
use ndarray::{CowArray, Ix2};
use rayon::prelude::*;

use crate::errors::NeighborsError;

/// The largest absolute value of a feature: the square of a difference still is finite.
pub(crate) const LARGEST_FEATURE: f64 = 1e150;

/// The most rows that there can be: they are numbered by `u32`, of which one is no row.
pub(crate) const LARGEST_ROW_COUNT: usize = u32::MAX as usize - 1;

/// Rows that one task checks.
const CHECK_ROWS: usize = 4096;

/// Features in row-major order, all finite and none huge; names the first that is not.
pub(crate) fn check_features<F: Float>(
    features: CowArray<'_, F, Ix2>,
) -> Result<CowArray<'_, F, Ix2>, NeighborsError> {
    let (rows, columns) = features.dim();
    if rows == 0 || columns == 0 {
        return Err(NeighborsError::EmptyFeatures { rows, columns });
    }
    if rows > LARGEST_ROW_COUNT {
        return Err(NeighborsError::TooManyRows { rows, bound: LARGEST_ROW_COUNT });
    }
    let features = in_row_order(features);
    let values = Rows::new(&features).values;
    // Without a way out of the loop it vectorises, which a search for the first bad value does not.
    let is_bad =
        |chunk: &[F]| !chunk.iter().fold(true, |fine, &x| fine & (x.to_f64().abs() <= LARGEST_FEATURE));
    let chunk_values = CHECK_ROWS * columns;
    if let Some(chunk) = values.par_chunks(chunk_values).position_first(is_bad) {
        for (at, value) in values.iter().enumerate().skip(chunk * chunk_values) {
            let (row, column, value) = (at / columns, at % columns, value.to_f64());
            if !value.is_finite() {
                return Err(NeighborsError::NonFiniteFeature { row, column, value });
            }
            if value.abs() > LARGEST_FEATURE {
                return Err(NeighborsError::HugeFeature { row, column, value, bound: LARGEST_FEATURE });
            }
        }
    }
    Ok(features)
}

fn in_row_order<F: Float>(features: CowArray<'_, F, Ix2>) -> CowArray<'_, F, Ix2> {
    if features.is_standard_layout() { features } else { features.as_standard_layout().into_owned().into() }
}

/// Checked features, seen as rows.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rows<'f, F> {
    values: &'f [F],
    columns: usize,
}

impl<'f, F: Float> Rows<'f, F> {
    /// The rows of features that [`check_features`] gave.
    pub(crate) fn new(features: &'f CowArray<'_, F, Ix2>) -> Self {
        Self { values: features.as_slice().unwrap_or_default(), columns: features.ncols() }
    }

    pub(crate) fn len(self) -> usize {
        self.values.len() / self.columns
    }

    pub(crate) fn columns(self) -> usize {
        self.columns
    }

    pub(crate) fn row(self, row: usize) -> &'f [F] {
        &self.values[row * self.columns..(row + 1) * self.columns]
    }
}
