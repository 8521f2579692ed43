//! Keeping estimated rates and priors inside their bounds.

use ndarray::{Array1, Array2, ArrayView1, ArrayView2};

use crate::constants::{MAX_NOISE_RATE, TINY_VALUE};
use crate::summation::pairwise_sum_by;

/// Clips off-diagonal noise rates to [0, 0.9999], keeps the diagonal, and makes every column sum to 1.
///
/// ```
/// use approx::assert_abs_diff_eq;
/// use ndarray::array;
/// let clipped = cleanlab_core::clip_noise_rates(array![[0.8, -0.1], [0.2, 0.9]].view());
/// assert_abs_diff_eq!(clipped, array![[0.8, 0.0], [0.2, 1.0]], epsilon = 1e-15);
/// ```
///
/// # Shapes
///
/// K × K; column j holds p(given label = i | true label = j).
///
/// # Source
///
/// `cleanlab.internal.util.clip_noise_rates`.
#[must_use]
pub fn clip_noise_rates(noise_matrix: ArrayView2<'_, f64>) -> Array2<f64> {
    let mut clipped = noise_matrix.to_owned();
    for ((i, j), rate) in clipped.indexed_iter_mut() {
        if i != j {
            *rate = rate.clamp(0.0, MAX_NOISE_RATE);
        }
    }
    for mut column in clipped.columns_mut() {
        let total = column.sum().max(TINY_VALUE);
        column.mapv_inplace(|rate| rate / total);
    }
    clipped
}

/// Clips values to [`low`, `high`] and rescales them to sum to `new_sum`.
///
/// ```
/// use approx::assert_abs_diff_eq;
/// use ndarray::array;
/// let py = cleanlab_core::clip_values(array![-0.2, 1.0].view(), 1e-6, 1.0, 1.0);
/// assert_abs_diff_eq!(py.sum(), 1.0, epsilon = 1e-15);
/// assert!(py[0] > 0.0);
/// ```
///
/// # Source
///
/// `cleanlab.internal.util.clip_values`.
#[must_use]
pub fn clip_values(values: ArrayView1<'_, f64>, low: f64, high: f64, new_sum: f64) -> Array1<f64> {
    let clipped = values.mapv(|value| value.max(low).min(high));
    let total = pairwise_sum_by(clipped.len(), &|i| clipped[i]).max(TINY_VALUE);
    clipped.mapv(|value| value * new_sum / total)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn rates_off_the_diagonal_are_clipped_and_columns_sum_to_one() {
        let clipped = clip_noise_rates(array![[3.0, -0.5, 0.0], [1.5, 0.25, 0.0], [-1.0, 0.25, 0.0]].view());
        let first = 3.0 + MAX_NOISE_RATE;
        let expected = array![[3.0 / first, 0.0, 0.0], [MAX_NOISE_RATE / first, 0.5, 0.0], [0.0, 0.5, 0.0]];
        assert_eq!(clipped, expected);
    }

    #[test]
    fn values_are_clipped_and_sum_to_what_is_asked_for() {
        let clipped = |new_sum| clip_values(array![-1.0, 0.5, 2.0].view(), 0.25, 1.0, new_sum);
        assert_eq!(clipped(1.75), array![0.25, 0.5, 1.0]);
        assert_eq!(clipped(7.0), array![1.0, 2.0, 4.0]);
        assert_eq!(clip_values(array![0.0, 0.0].view(), 0.0, 1.0, 1.0), array![0.0, 0.0]);
    }
}
