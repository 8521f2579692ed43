//! Predicted probabilities corrected for how confident the model is in each class.

use cleanlab_core::{Float, PredProbs, pairwise_sum};
use ndarray::{Array1, Array2};
use thiserror::Error;

use crate::errors::{CountError, check_finite, check_length};

/// Subtracts each class's confident threshold and rescales a row, one row at a time.
///
/// adjusted\[k\] = (p\[k\] − threshold\[k\] + max threshold) / sum of the row so computed.
///
/// ```
/// use approx::assert_abs_diff_eq;
/// use cleanlab_count::ThresholdAdjustment;
/// use ndarray::array;
///
/// let adjustment = ThresholdAdjustment::new(array![0.9, 0.5])?;
/// let mut row = [0.0; 2];
/// adjustment.adjust_row(&[0.6, 0.4], &mut row).unwrap();
/// assert_abs_diff_eq!(row.as_slice(), [0.6 / 1.4, 0.8 / 1.4].as_slice(), epsilon = 1e-15);
/// # Ok::<(), cleanlab_count::CountError>(())
/// ```
///
/// # Source
///
/// `cleanlab.internal.label_quality_utils._subtract_confident_thresholds`.
#[derive(Debug, Clone, PartialEq)]
pub struct ThresholdAdjustment {
    pub(crate) thresholds: Vec<f64>,
    pub(crate) largest: f64,
}

/// An adjusted row sums to zero, so it cannot be rescaled.
#[derive(Debug, Clone, Copy, PartialEq, Error)]
#[error("the adjusted probabilities sum to {sum}, so the row cannot be rescaled")]
#[non_exhaustive]
pub struct ZeroRowSum {
    /// The sum found.
    pub sum: f64,
}

impl ThresholdAdjustment {
    /// Adjusts by these thresholds, one per class.
    ///
    /// # Errors
    ///
    /// [`CountError::NotFinite`] for the first threshold that is not finite.
    pub fn new(thresholds: Array1<f64>) -> Result<Self, CountError> {
        check_finite("thresholds", &thresholds)?;
        let largest = thresholds.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        Ok(Self { thresholds: thresholds.to_vec(), largest })
    }

    /// Writes the adjusted probabilities of one row to `adjusted`.
    ///
    /// # Errors
    ///
    /// [`ZeroRowSum`] when the adjusted values sum to 0, as an all-zero row with equal thresholds does.
    pub fn adjust_row<F: Float>(&self, probs: &[F], adjusted: &mut [f64]) -> Result<(), ZeroRowSum> {
        for ((out, p), threshold) in adjusted.iter_mut().zip(probs).zip(&self.thresholds) {
            *out = (p.to_f64() - threshold) + self.largest;
        }
        let sum = pairwise_sum(adjusted);
        if sum == 0.0 {
            return Err(ZeroRowSum { sum });
        }
        for out in adjusted.iter_mut() {
            *out /= sum;
        }
        Ok(())
    }
}

/// The whole matrix of adjusted probabilities.
///
/// # Shapes
///
/// `pred_probs` N × K, `thresholds` K values; returns N × K, rows summing to 1.
///
/// # Errors
///
/// [`CountError::WrongLength`] or [`CountError::NotFinite`] for the thresholds,
/// [`CountError::UnscalableRow`] naming a row whose adjusted values sum to 0.
///
/// # Example
///
/// ```
/// use cleanlab_core::PredProbs;
/// use cleanlab_count::subtract_confident_thresholds;
/// use ndarray::array;
///
/// let pred_probs = PredProbs::new(array![[0.6, 0.4]])?;
/// let adjusted = subtract_confident_thresholds(&pred_probs, &array![0.9, 0.5])?;
/// assert!(adjusted[[0, 1]] > adjusted[[0, 0]]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Source
///
/// `cleanlab.internal.label_quality_utils._subtract_confident_thresholds`.
pub fn subtract_confident_thresholds<F: Float>(
    pred_probs: &PredProbs<'_, F>,
    thresholds: &Array1<f64>,
) -> Result<Array2<f64>, CountError> {
    check_length("thresholds", thresholds.len(), pred_probs.n_classes())?;
    let adjustment = ThresholdAdjustment::new(thresholds.clone())?;
    let k = pred_probs.n_classes();
    let mut adjusted = vec![0.0; pred_probs.n_rows() * k];
    let mut scratch = Vec::new();
    for (row, out) in adjusted.chunks_exact_mut(k).enumerate() {
        let probs = pred_probs.rows(row..row + 1, &mut scratch);
        adjustment.adjust_row(probs, out).map_err(|_| CountError::UnscalableRow { row })?;
    }
    Array2::from_shape_vec((pred_probs.n_rows(), k), adjusted).map_err(|_| CountError::WrongLength {
        what: "pred_probs",
        found: 0,
        expected: k,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn subtract_confident_thresholds_adjusts_each_row_as_if_alone() {
        let pred_probs = PredProbs::new(array![[0.5, 0.5], [0.75, 0.25], [0.0, 1.0]]).unwrap();
        let thresholds = array![0.75, 0.25];
        let adjusted = subtract_confident_thresholds(&pred_probs, &thresholds).unwrap();
        // Each class less its threshold, plus the larger of the two, over the sum of the row.
        assert_eq!(adjusted, array![[0.5 / 1.5, 1.0 / 1.5], [0.75 / 1.5, 0.75 / 1.5], [0.0, 1.0]]);
    }
}
