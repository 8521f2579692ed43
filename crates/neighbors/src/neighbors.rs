//! The answer to a search.

use ndarray::parallel::prelude::*;
use ndarray::{Array2, Axis};

/// The nearest rows of each query, in order of distance and, at the same distance, of their index.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Neighbors {
    /// Which rows they are, M × k.
    pub indices: Array2<u32>,
    /// How far they are, M × k, ascending within a row.
    pub distances: Array2<f64>,
}

impl Neighbors {
    pub(crate) fn zeros(n_queries: usize, k: usize) -> Self {
        Self { indices: Array2::zeros((n_queries, k)), distances: Array2::zeros((n_queries, k)) }
    }

    /// Has `fill` write the neighbours of each query.
    pub(crate) fn par_fill(&mut self, fill: impl Fn(usize, &mut [u32], &mut [f64]) + Sync + Send) {
        let indices = self.indices.axis_iter_mut(Axis(0)).into_par_iter();
        let distances = self.distances.axis_iter_mut(Axis(0)).into_par_iter();
        indices.zip(distances).enumerate().with_min_len(64).for_each(|(query, (indices, distances))| {
            if let (Some(indices), Some(distances)) = (indices.into_slice(), distances.into_slice()) {
                fill(query, indices, distances);
            }
        });
    }
}
