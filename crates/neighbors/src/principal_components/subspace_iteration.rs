//! The first components of large data, from products of the covariance with few directions.

use cleanlab_core::{Float, RandomState};
use faer::MatRef;
use rayon::prelude::*;

use super::Directions;
use super::centered_features::{CenteredFeatures, add_product, product};
use super::eigenvectors::symmetric_eigenvectors;
use super::orthonormal::orthonormalize;
use crate::errors::NeighborsError;

/// Directions beside the components that are asked for: with them the components settle the faster, as the variance
/// behind the last direction counts and not that of the next component (Halko, Martinsson and Tropp 2011, section 4.2).
const MORE_DIRECTIONS: usize = 10;

/// Passes over the rows, at most.
const MOST_PASSES: usize = 20;

/// Variances that change by less than this share of the largest have settled.
const SETTLED: f64 = 1e-10;

/// Multiplies some directions by the covariance until the variances of the components settle.
pub(super) fn subspace_iteration<F: Float>(
    centered: &CenteredFeatures<'_, F>,
    n_components: usize,
) -> Result<Directions, NeighborsError> {
    let n_features = centered.n_features();
    let n_directions = (n_components + MORE_DIRECTIONS).min(n_features);
    let mut random = RandomState::new(0);
    let mut directions: Vec<Vec<f64>> =
        (0..n_directions).map(|_| (0..n_features).map(|_| random.standard_normal()).collect()).collect();
    orthonormalize(&mut directions);
    let (mut before, mut total) = (vec![f64::INFINITY; n_components], 0.0);
    for pass in 1..=MOST_PASSES {
        // Directions are the rows of a row-major matrix, and the columns of its transpose.
        let flat: Vec<f64> = directions.iter().flatten().copied().collect();
        let basis = MatRef::from_row_major_slice(&flat, n_directions, n_features).transpose();
        let mut images = vec![0.0; n_features * n_directions];
        centered.for_each_block(|block| {
            if pass == 1 {
                total += sum_of_squares(block);
            }
            let along = product(block, basis);
            let along = MatRef::from_row_major_slice(&along, block.nrows(), n_directions);
            add_product(&mut images, block.transpose(), along);
        });
        // The covariance as the directions see it.
        let images = MatRef::from_row_major_slice(&images, n_features, n_directions);
        let seen = product(basis.transpose(), images);
        let found = symmetric_eigenvectors(&seen, n_directions)?;
        let (variances, weights): (Vec<f64>, Vec<Vec<f64>>) = found.largest(n_components).unzip();
        let change = variances.iter().zip(&before).map(|(now, before)| (now - before).abs());
        let settled = change.fold(0.0, f64::max) <= SETTLED * variances[0].abs();
        if settled || pass == MOST_PASSES {
            let mut components: Vec<Vec<f64>> = weights
                .iter()
                .map(|weights| {
                    let mut component = vec![0.0; n_features];
                    for (direction, weight) in directions.iter().zip(weights) {
                        component.iter_mut().zip(direction).for_each(|(sum, value)| *sum += weight * value);
                    }
                    component
                })
                .collect();
            orthonormalize(&mut components);
            return Ok(Directions { components, variances, total });
        }
        before = variances;
        directions = (0..n_directions).map(|at| images.col(at).iter().copied().collect()).collect();
        orthonormalize(&mut directions);
    }
    Err(NeighborsError::NoEigenvectors)
}

/// Row by row, so that the order of additions depends on the shape alone.
fn sum_of_squares(block: MatRef<'_, f64>) -> f64 {
    let rows: Vec<f64> = (0..block.nrows())
        .into_par_iter()
        .map(|row| block.row(row).iter().map(|value| value * value).sum())
        .collect();
    rows.iter().sum()
}
