//! Draws from a normal distribution in several dimensions.

use ndarray::{Array2, ArrayView1, ArrayView2};

use super::right_singular_vectors::{RightSingularVectors, right_singular_vectors};
use super::{RandomError, RandomState};

/// Relative and absolute tolerance of the checks of a covariance, as in `RandomState.multivariate_normal`.
const TOLERANCE: f64 = 1e-8;

impl RandomState {
    /// `size` draws from the normal distribution with the given mean and covariance, one per row.
    ///
    /// With the singular values s and right singular vectors V (rows) of the covariance, and z a row of
    /// [`RandomState::standard_normal`] draws, a row is `mean + z · diag(√s) · V`.
    ///
    /// # Shapes
    ///
    /// `mean` has length d, `covariance` is d × d, the result `size` × d.
    ///
    /// # Example
    ///
    /// ```
    /// use approx::assert_relative_eq;
    /// use cleanlab_core::RandomState;
    /// use ndarray::array;
    ///
    /// let (mean, covariance) = (array![3.0, 2.0], array![[5.0, -1.5], [-1.5, 1.0]]);
    /// let drawn = RandomState::new(0).multivariate_normal(mean.view(), covariance.view(), 2)?;
    /// assert_relative_eq!(drawn[[0, 0]], -0.835_290_829_837_318_1, max_relative = 1e-12);
    /// # Ok::<(), cleanlab_core::RandomError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`RandomError::InvalidMean`], [`RandomError::CovarianceShape`], [`RandomError::NonFiniteCovariance`],
    /// [`RandomError::NotSymmetric`], [`RandomError::NotPositiveSemidefinite`] or [`RandomError::NoConvergence`].
    ///
    /// # Differences
    ///
    /// NumPy only warns of a covariance that is not symmetric positive semidefinite. It computes in LAPACK and BLAS,
    /// whose rounding depends on the processor; values agree
    ///
    /// - to about 1e-15 of the largest in general, and to 1e-12 in the worst of 480 random covariances,
    /// - to 1e-7 where the covariance is singular: the square root of a rounding error enters the draws,
    /// - not at all where singular values coincide up to about 1e-7 of the largest: a rounding error then decides the
    ///   singular vectors, so that NumPy's own draws change with the last bit of the covariance,
    /// - not necessarily above 25 dimensions, where LAPACK takes another way and a singular vector may come out negated.
    ///
    /// # Source
    ///
    /// `RandomState.multivariate_normal`.
    pub fn multivariate_normal(
        &mut self,
        mean: ArrayView1<'_, f64>,
        covariance: ArrayView2<'_, f64>,
        size: usize,
    ) -> Result<Array2<f64>, RandomError> {
        check_parameters(mean, covariance)?;
        let svd =
            right_singular_vectors(covariance).map_err(|sweeps| RandomError::NoConvergence { sweeps })?;
        check_semidefinite(&svd, covariance)?;
        let spread = Array2::from_shape_fn(covariance.dim(), |(rank, column)| {
            svd.values[rank].sqrt() * svd.vectors[[rank, column]]
        });
        let normals = Array2::from_shape_simple_fn((size, mean.len()), || self.standard_normal());
        Ok(normals.dot(&spread) + mean)
    }
}

fn check_parameters(mean: ArrayView1<'_, f64>, covariance: ArrayView2<'_, f64>) -> Result<(), RandomError> {
    if let Some((index, &value)) = mean.iter().enumerate().find(|(_, value)| !value.is_finite()) {
        return Err(RandomError::InvalidMean { index, value });
    }
    let (rows, columns) = covariance.dim();
    if rows != columns || rows != mean.len() {
        return Err(RandomError::CovarianceShape { rows, columns, mean_len: mean.len() });
    }
    for ((row, column), &value) in covariance.indexed_iter() {
        let mirrored = covariance[[column, row]];
        if !value.is_finite() {
            return Err(RandomError::NonFiniteCovariance { row, column, value });
        }
        // An infinite mirror image is reported when its own turn comes.
        if mirrored.is_finite() && !close(mirrored, value) {
            return Err(RandomError::NotSymmetric { row, column, value, mirrored });
        }
    }
    Ok(())
}

/// Eigenvalues and singular values are the same exactly when none of the former is negative.
fn check_semidefinite(
    svd: &RightSingularVectors,
    covariance: ArrayView2<'_, f64>,
) -> Result<(), RandomError> {
    let v = &svd.vectors;
    for ((row, column), &value) in covariance.indexed_iter() {
        let nearest: f64 =
            (0..svd.values.len()).map(|rank| v[[rank, row]] * svd.values[rank] * v[[rank, column]]).sum();
        if !close(nearest, value) {
            return Err(RandomError::NotPositiveSemidefinite { row, column, value, nearest });
        }
    }
    Ok(())
}

fn close(value: f64, expected: f64) -> bool {
    (value - expected).abs() <= TOLERANCE + TOLERANCE * expected.abs()
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::{Array1, Axis, array};

    fn draw(covariance: &Array2<f64>) -> Result<Array2<f64>, RandomError> {
        let mean = Array1::zeros(covariance.nrows());
        RandomState::new(5).multivariate_normal(mean.view(), covariance.view(), 20_000)
    }

    #[test]
    fn multivariate_normal_many_draws_have_mean_and_covariance() {
        let covariance = array![[2.0, 0.6, -0.3], [0.6, 1.0, 0.2], [-0.3, 0.2, 0.5]];
        let drawn = draw(&covariance).unwrap();
        assert!(drawn.mean_axis(Axis(0)).unwrap().iter().all(|mean| mean.abs() < 0.05));
        let found = drawn.t().dot(&drawn) / drawn.nrows() as f64;
        for (found, expected) in found.iter().zip(&covariance) {
            assert!((found - expected).abs() < 0.08, "{found} for {expected}");
        }
    }

    #[test]
    fn multivariate_normal_bad_parameters_are_named() {
        assert_eq!(
            draw(&array![[1.0, 0.5], [0.2, 1.0]]),
            Err(RandomError::NotSymmetric { row: 0, column: 1, value: 0.5, mirrored: 0.2 })
        );
        assert!(matches!(
            draw(&array![[1.0, 2.0], [2.0, 1.0]]),
            Err(RandomError::NotPositiveSemidefinite { row: 0, column: 0, .. })
        ));
        assert!(matches!(
            draw(&array![[1.0, f64::NAN], [f64::NAN, 1.0]]),
            Err(RandomError::NonFiniteCovariance { row: 0, column: 1, .. })
        ));
        assert_eq!(
            draw(&array![[1.0, 0.0]]),
            Err(RandomError::CovarianceShape { rows: 1, columns: 2, mean_len: 1 })
        );
        let mean = array![0.0, f64::NEG_INFINITY];
        assert!(matches!(
            RandomState::new(0).multivariate_normal(mean.view(), Array2::eye(2).view(), 1),
            Err(RandomError::InvalidMean { index: 1, .. })
        ));
    }

    #[test]
    fn multivariate_normal_zero_covariance_gives_the_mean() {
        let drawn = draw(&Array2::zeros((2, 2))).unwrap();
        assert!(drawn.iter().all(|&value| value == 0.0));
    }

    #[test]
    fn multivariate_normal_allows_rounding_of_the_size_of_the_entries() {
        let asymmetric = |entry: f64, error: f64| draw(&array![[1e3, entry], [entry + error, 1e3]]);
        assert!(matches!(asymmetric(0.5, 1.7e-8), Err(RandomError::NotSymmetric { row: 0, column: 1, .. })));
        assert!(asymmetric(0.5, 1.4e-8).is_ok());
        assert!(asymmetric(100.0, 9e-7).is_ok());
    }
}
