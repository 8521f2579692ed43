//! Eigenvectors by LAPACK's `syev`.

use ndarray::{Array2, ShapeBuilder};
use ndarray_linalg::{Eigh, UPLO};

use super::Eigenvectors;
use crate::errors::NeighborsError;

/// As the function above this module, by LAPACK.
pub(super) fn by_lapack(matrix: &[f64], size: usize) -> Result<Eigenvectors, NeighborsError> {
    // LAPACK may not return from values that are not finite.
    if !matrix.iter().all(|value| value.is_finite()) {
        return Err(NeighborsError::NoEigenvectors);
    }
    let lower = |row: usize, column: usize| matrix[row.min(column) * size + row.max(column)];
    let matrix = Array2::from_shape_fn((size, size).f(), |(row, column)| lower(row, column));
    let (values, vectors) = matrix.eigh(UPLO::Lower).map_err(|_| NeighborsError::NoEigenvectors)?;
    Ok(Eigenvectors {
        values: values.to_vec(),
        vectors: vectors.columns().into_iter().flat_map(|vector| vector.to_vec()).collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::super::by_faer;
    use super::*;
    use approx::assert_abs_diff_eq;
    use cleanlab_core::RandomState;

    #[test]
    fn symmetric_eigenvectors_by_lapack_and_by_faer_are_the_same() {
        let mut random = RandomState::new(5);
        for size in [1, 2, 3, 10, 64, 150] {
            // The diagonal keeps eigenvalues apart, so that each has one direction.
            let mut matrix: Vec<f64> = (0..size * size).map(|_| 0.3 * random.standard_normal()).collect();
            for at in 0..size {
                matrix[at * size + at] = 2.0 * at as f64;
            }
            let (ours, theirs) = (by_faer(&matrix, size).unwrap(), by_lapack(&matrix, size).unwrap());
            for ((value, vector), (their_value, their_vector)) in ours.largest(size).zip(theirs.largest(size))
            {
                assert_abs_diff_eq!(value, their_value, epsilon = 1e-9);
                let products = vector.iter().zip(&their_vector).map(|(x, y)| x * y);
                let sign = products.sum::<f64>().signum();
                for (x, y) in vector.iter().zip(&their_vector) {
                    assert_abs_diff_eq!(*x, sign * y, epsilon = 1e-9);
                }
            }
        }
    }

    #[test]
    fn symmetric_eigenvectors_by_lapack_of_values_that_are_not_finite_are_refused() {
        let outcome = by_lapack(&[1.0, f64::NAN, 0.0, 1.0], 2);
        assert!(matches!(outcome, Err(NeighborsError::NoEigenvectors)));
    }
}
