//! Least squares by LAPACK's singular values.

use faer::Mat;
use ndarray::{Array1, Array2, ShapeBuilder};
use ndarray_linalg::{JobSvd, SVDDCInto};

use crate::errors::RegressionError;

/// As the function above this module, with LAPACK's `gesdd`.
pub(super) fn by_lapack(
    a: &Mat<f64>,
    b: &Mat<f64>,
    tolerance: f64,
) -> Result<(Array1<f64>, usize), RegressionError> {
    let not_converged = |_| RegressionError::NotConverged;
    // LAPACK may not return from infinite values.
    let is_finite = |matrix: &Mat<f64>| {
        let (rows, columns) = matrix.shape();
        (0..columns).all(|column| (0..rows).all(|row| matrix[(row, column)].is_finite()))
    };
    if !is_finite(a) || !is_finite(b) {
        return Err(RegressionError::NotConverged);
    }
    let matrix = Array2::from_shape_fn(a.shape().f(), |(row, column)| a[(row, column)]);
    let (u, values, vt) = matrix.svddc_into(JobSvd::Some).map_err(not_converged)?;
    let (Some(u), Some(vt)) = (u, vt) else {
        return Err(RegressionError::NotConverged);
    };
    let smallest = tolerance * values.first().copied().unwrap_or_default();
    let rank = values.iter().take_while(|&&value| value > smallest).count();
    let mut x = Array1::zeros(a.ncols());
    for at in 0..rank {
        let share = (0..a.nrows()).map(|row| u[[row, at]] * b[(row, 0)]).sum::<f64>() / values[at];
        x.scaled_add(share, &vt.row(at));
    }
    Ok((x, rank))
}

#[cfg(test)]
mod tests {
    use super::super::by_faer;
    use super::*;
    use approx::assert_abs_diff_eq;
    use cleanlab_core::RandomState;

    /// Tall, square and wide matrices, of full rank and with columns that follow from others.
    #[test]
    fn least_squares_by_lapack_and_by_faer_are_the_same() {
        let mut random = RandomState::new(3);
        for (rows, columns) in [(1, 1), (30, 4), (200, 25), (12, 12), (5, 17), (80, 80)] {
            for dependent in [false, true] {
                let mut a = Mat::from_fn(rows, columns, |_, _| random.standard_normal());
                if dependent && columns > 2 {
                    for row in 0..rows {
                        a[(row, 2)] = a[(row, 0)] - 2.0 * a[(row, 1)];
                    }
                }
                let b = Mat::from_fn(rows, 1, |_, _| random.standard_normal());
                let (x, rank) = by_lapack(&a, &b, 1e-6).unwrap();
                let (expected, expected_rank) = by_faer(&a, b, 1e-6).unwrap();
                assert_eq!(rank, expected_rank, "{rows} x {columns}");
                assert_abs_diff_eq!(x, expected, epsilon = 1e-9);
            }
        }
    }

    #[test]
    fn least_squares_by_lapack_of_infinite_values_is_refused() {
        let a = Mat::from_fn(3, 2, |row, _| if row == 1 { f64::INFINITY } else { 1.0 });
        let outcome = by_lapack(&a, &Mat::zeros(3, 1), 1e-6);
        assert!(matches!(outcome, Err(RegressionError::NotConverged)));
    }
}
