//! Features less their means, a block at a time, and what is summed over the blocks.

use std::ops::Range;

use cleanlab_core::Float;
use faer::linalg::matmul::matmul;
use faer::{Accum, MatMut, MatRef, Par};
use ndarray::parallel::prelude::*;
use ndarray::{Array2, Axis};
use rayon::slice::ParallelSliceMut;

use crate::features::Rows;

/// Rows whose values are summed one after the other for the means.
const SUM_ROWS: usize = 4096;

/// Values in a block, some 4 MiB.
const BLOCK_VALUES: usize = 1 << 19;

/// Columns of a product that one task computes.
const PANEL: usize = 64;

/// Features, their means, and the power of two that makes the largest difference from them about 1, so that no square
/// overflows.
pub(super) struct CenteredFeatures<'f, F> {
    rows: Rows<'f, F>,
    mean: Vec<f64>,
    scale: f64,
}

impl<'f, F: Float> CenteredFeatures<'f, F> {
    pub(super) fn new(rows: Rows<'f, F>) -> Self {
        let (n_rows, n_features) = (rows.len(), rows.columns());
        let chunks: Vec<Range<usize>> =
            (0..n_rows).step_by(SUM_ROWS).map(|start| start..n_rows.min(start + SUM_ROWS)).collect();
        let sums = |chunk: &Range<usize>| {
            let mut sums = vec![0.0; n_features];
            for row in chunk.clone() {
                sums.iter_mut().zip(rows.row(row)).for_each(|(sum, value)| *sum += value.to_f64());
            }
            sums
        };
        let sums: Vec<Vec<f64>> = chunks.par_iter().map(sums).collect();
        let mut mean = vec![0.0; n_features];
        for sums in sums {
            mean.iter_mut().zip(sums).for_each(|(mean, sum)| *mean += sum / n_rows as f64);
        }
        let largest_in = |chunk: &Range<usize>| {
            let differences = chunk.clone().flat_map(|row| rows.row(row).iter().zip(&mean));
            differences.fold(0.0, |largest: f64, (value, mean)| largest.max((value.to_f64() - mean).abs()))
        };
        let largest = chunks.par_iter().map(largest_in).reduce(|| 0.0, f64::max);
        let scale = if largest > 0.0 { (-largest.log2().round()).clamp(-1000.0, 1000.0).exp2() } else { 1.0 };
        Self { rows, mean, scale }
    }

    pub(super) fn n_rows(&self) -> usize {
        self.rows.len()
    }

    pub(super) fn n_features(&self) -> usize {
        self.rows.columns()
    }

    pub(super) fn mean(&self) -> &[f64] {
        &self.mean
    }

    /// Some rows, centred and scaled, in row-major order.
    pub(super) fn values(&self, rows: Range<usize>) -> Vec<f64> {
        let mut values = vec![0.0; rows.len() * self.n_features()];
        values.par_chunks_mut(self.n_features()).zip(rows).with_min_len(16).for_each(|(out, row)| {
            for ((out, value), mean) in out.iter_mut().zip(self.rows.row(row)).zip(&self.mean) {
                *out = (value.to_f64() - mean) * self.scale;
            }
        });
        values
    }

    /// Calls `visit` with the centred and scaled rows, in blocks that depend on the number of features alone.
    pub(super) fn for_each_block(&self, mut visit: impl FnMut(MatRef<'_, f64>)) {
        let block_rows = (BLOCK_VALUES / self.n_features()).max(16);
        for start in (0..self.n_rows()).step_by(block_rows) {
            let rows = start..self.n_rows().min(start + block_rows);
            let n_rows = rows.len();
            visit(MatRef::from_row_major_slice(&self.values(rows), n_rows, self.n_features()));
        }
    }

    /// The rows along some components, N × c.
    pub(super) fn coordinates(&self, components: &[Vec<f64>]) -> Array2<f64> {
        let mut coordinates = Array2::zeros((self.n_rows(), components.len()));
        let outputs = coordinates.axis_iter_mut(Axis(0)).into_par_iter().enumerate().with_min_len(64);
        outputs.for_each(|(row, mut outputs)| {
            let row = self.rows.row(row);
            for (out, component) in outputs.iter_mut().zip(components) {
                let terms = row.iter().zip(&self.mean).zip(component);
                *out = terms.map(|((value, mean), loading)| (value.to_f64() - mean) * loading).sum();
            }
        });
        coordinates
    }
}

/// Adds `AᵀA` to the lower triangle of a square column-major matrix.
///
/// Each task computes some columns, on one thread, so that the order of additions depends on the shapes alone.
pub(super) fn add_lower_product(sums: &mut [f64], a: MatRef<'_, f64>) {
    let size = a.ncols();
    sums.par_chunks_mut(PANEL * size).enumerate().for_each(|(panel, sums)| {
        let (first, width) = (panel * PANEL, sums.len() / size);
        let sums = MatMut::from_column_major_slice_mut(sums, size, width).subrows_mut(first, size - first);
        let left = a.subcols(first, size - first).transpose();
        matmul(sums, Accum::Add, left, a.subcols(first, width), 1.0, Par::Seq);
    });
}

/// A row-major product A B, with the rows of A divided among tasks.
pub(super) fn product(a: MatRef<'_, f64>, b: MatRef<'_, f64>) -> Vec<f64> {
    let mut product = vec![0.0; a.nrows() * b.ncols()];
    add_product(&mut product, a, b);
    product
}

/// Adds A B to a row-major matrix, with the rows of A divided among tasks.
pub(super) fn add_product(sums: &mut [f64], a: MatRef<'_, f64>, b: MatRef<'_, f64>) {
    let width = b.ncols();
    sums.par_chunks_mut(PANEL * width).enumerate().for_each(|(panel, sums)| {
        let height = sums.len() / width;
        let sums = MatMut::from_row_major_slice_mut(sums, height, width);
        matmul(sums, Accum::Add, a.subrows(panel * PANEL, height), b, 1.0, Par::Seq);
    });
}
