//! The inverse of a small square matrix.

use ndarray::{Array2, ArrayView2};
use thiserror::Error;

/// A matrix has no inverse.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the matrix has no inverse: column {column} depends on the columns before it")]
#[non_exhaustive]
pub struct SingularMatrix {
    /// The first column without a pivot.
    pub column: usize,
}

/// The inverse by Gauss–Jordan elimination with partial pivoting.
///
/// Meant for noise matrices, which have one row and column per class.
///
/// ```
/// use approx::assert_abs_diff_eq;
/// use ndarray::array;
/// let inverse = cleanlab_core::invert(array![[2.0, 1.0], [1.0, 1.0]].view())?;
/// assert_abs_diff_eq!(inverse, array![[1.0, -1.0], [-1.0, 2.0]], epsilon = 1e-15);
/// assert!(cleanlab_core::invert(array![[1.0, 2.0], [2.0, 4.0]].view()).is_err());
/// # Ok::<(), cleanlab_core::SingularMatrix>(())
/// ```
///
/// # Errors
///
/// [`SingularMatrix`] when a column has no pivot other than zero.
///
/// # Panics
///
/// If the matrix is not square.
pub fn invert(matrix: ArrayView2<'_, f64>) -> Result<Array2<f64>, SingularMatrix> {
    let n = matrix.nrows();
    assert_eq!(n, matrix.ncols(), "only a square matrix has an inverse");
    let mut left = matrix.to_owned();
    let mut right = Array2::eye(n);
    for column in 0..n {
        let pivot = (column..n)
            .max_by(|&a, &b| left[[a, column]].abs().total_cmp(&left[[b, column]].abs()).then(b.cmp(&a)))
            .filter(|&row| left[[row, column]] != 0.0 && left[[row, column]].is_finite())
            .ok_or(SingularMatrix { column })?;
        for j in 0..n {
            left.swap([pivot, j], [column, j]);
            right.swap([pivot, j], [column, j]);
        }
        let scale = left[[column, column]];
        left.row_mut(column).mapv_inplace(|value| value / scale);
        right.row_mut(column).mapv_inplace(|value| value / scale);
        for row in (0..n).filter(|&row| row != column) {
            let factor = left[[row, column]];
            if factor != 0.0 {
                for j in 0..n {
                    left[[row, j]] -= factor * left[[column, j]];
                    right[[row, j]] -= factor * right[[column, j]];
                }
            }
        }
    }
    Ok(right)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn the_inverse_undoes_the_matrix() {
        // The first column has no pivot in its place, and the largest is the last one.
        let matrix = array![[0.0, 2.0, 1.0], [1.0, 0.0, 3.0], [4.0, 1.0, 0.0]];
        let inverse = invert(matrix.view()).unwrap();
        for product in [matrix.dot(&inverse), inverse.dot(&matrix)] {
            assert!(product.iter().all(|value| value.is_finite()), "{product}");
            let most = (&product - &Array2::<f64>::eye(3)).mapv(f64::abs).fold(0.0, |a: f64, &b| a.max(b));
            assert!(most < 1e-15, "{product}");
        }
        assert_eq!(invert(array![[4.0]].view()), Ok(array![[0.25]]));
        // Every number of these is exact, whatever the order of the steps, if the larger pivot comes first.
        assert_eq!(invert(array![[1e-20, 1.0], [1.0, 0.0]].view()).unwrap()[[0, 0]], 0.0);
    }

    #[test]
    fn columns_that_depend_on_others_are_named() {
        let singular = [
            (array![[1.0, 2.0, 0.0], [2.0, 4.0, 1.0], [0.0, 0.0, 1.0]], 1),
            (array![[0.0, 1.0, 0.0], [0.0, 0.0, 1.0], [0.0, 1.0, 1.0]], 0),
            (array![[1.0, 0.0, 1.0], [0.0, 1.0, 1.0], [1.0, 1.0, 2.0]], 2),
            (array![[1.0, 0.0, 0.0], [0.0, f64::INFINITY, 0.0], [0.0, 0.0, 1.0]], 1),
        ];
        for (matrix, column) in singular {
            assert_eq!(invert(matrix.view()), Err(SingularMatrix { column }));
        }
    }

    #[test]
    #[should_panic(expected = "only a square matrix has an inverse")]
    fn a_matrix_that_is_not_square_is_refused() {
        _ = invert(array![[1.0, 2.0]].view());
    }
}
