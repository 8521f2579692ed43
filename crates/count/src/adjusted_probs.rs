//! Predicted probabilities corrected for how confident the model is in each class.

use cleanlab_core::{BLOCK_ROWS, Batch, Float, PredProbs, RowBlock};
use ndarray::{Array1, Array2};
use pulp::{Arch, Simd, WithSimd};
use thiserror::Error;

use crate::errors::{CountError, check_finite, check_length};
use crate::row_kernels::{larger, largest_other, margin_over};

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
    thresholds: Array1<f64>,
    largest: f64,
}

/// An adjusted row sums to zero, so it cannot be rescaled.
#[derive(Debug, Clone, Copy, PartialEq, Error)]
#[error("the adjusted probabilities sum to {sum}, so the row cannot be rescaled")]
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
        Ok(Self { thresholds, largest })
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
        let sum: f64 = adjusted.iter().sum();
        if sum == 0.0 {
            return Err(ZeroRowSum { sum });
        }
        for out in adjusted.iter_mut() {
            *out /= sum;
        }
        Ok(())
    }
}

/// What the scores of a label need of its row of adjusted probabilities.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct AdjustedLabel {
    /// The adjusted probability of the given label.
    pub own: f64,
    /// The largest one of any other class.
    pub largest_other: f64,
}

impl AdjustedLabel {
    /// The normalized margin of the adjusted probabilities: (own − largest other + 1) / 2.
    ///
    /// Source: `cleanlab.rank.get_normalized_margin_for_each_label`.
    #[must_use]
    #[inline]
    pub fn margin(self) -> f64 {
        margin_over(self.own, self.largest_other)
    }
}

impl ThresholdAdjustment {
    /// Calls `visit` with the position of each row of a batch and what [`ThresholdAdjustment::adjust_row`] makes of it.
    ///
    /// ```
    /// use cleanlab_core::Batch;
    /// use cleanlab_count::ThresholdAdjustment;
    /// use ndarray::array;
    ///
    /// let adjustment = ThresholdAdjustment::new(array![0.9, 0.5])?;
    /// let mut row = [0.0; 2];
    /// adjustment.adjust_row(&[0.6, 0.4], &mut row)?;
    /// adjustment.adjust_labels(&Batch::new(&[1], &[0.6, 0.4], 2, 0)?, |_, label| {
    ///     assert_eq!(label.map(|label| [label.largest_other, label.own]), Ok(row));
    /// });
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Panics
    ///
    /// If the batch has another number of classes than there are thresholds.
    pub fn adjust_labels<F: Float>(
        &self,
        batch: &Batch<'_, F>,
        visit: impl FnMut(usize, Result<AdjustedLabel, ZeroRowSum>),
    ) {
        assert_eq!(self.thresholds.len(), batch.n_classes(), "one threshold per class");
        Arch::new().dispatch(AdjustLabels { adjustment: self, batch, visit });
    }
}

struct AdjustLabels<'a, 'b, F: Float, V> {
    adjustment: &'a ThresholdAdjustment,
    batch: &'a Batch<'b, F>,
    visit: V,
}

impl<F: Float, V: FnMut(usize, Result<AdjustedLabel, ZeroRowSum>)> WithSimd for AdjustLabels<'_, '_, F, V> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, _: S) {
        let batch = self.batch;
        for (number, block) in RowBlock::of_rows(batch.pred_probs(), batch.n_classes()).enumerate() {
            self.adjust_block(number * BLOCK_ROWS, &block);
        }
        let rest = batch.len() / BLOCK_ROWS * BLOCK_ROWS;
        (rest..batch.len()).for_each(|position| self.adjust_one(position));
    }
}

impl<F: Float, V: FnMut(usize, Result<AdjustedLabel, ZeroRowSum>)> AdjustLabels<'_, '_, F, V> {
    /// Eight rows side by side, each summed in the order of its classes. A division by a positive sum keeps the order of
    /// numbers, so that only two of each row are to be divided.
    #[inline(always)]
    fn adjust_block(&mut self, first: usize, block: &RowBlock<'_, F>) {
        let ThresholdAdjustment { thresholds, largest: added } = self.adjustment;
        let labels = &self.batch.labels()[first..first + BLOCK_ROWS];
        let mut sums = [0.0; BLOCK_ROWS];
        let (mut largest, mut second) = ([f64::NEG_INFINITY; BLOCK_ROWS], [f64::NEG_INFINITY; BLOCK_ROWS]);
        for (class, threshold) in thresholds.iter().enumerate() {
            let probs = block.column(class);
            for lane in 0..BLOCK_ROWS {
                let p = (probs[lane].to_f64() - threshold) + added;
                sums[lane] += p;
                second[lane] = larger(second[lane], if p > largest[lane] { largest[lane] } else { p });
                largest[lane] = larger(largest[lane], p);
            }
        }
        for lane in 0..BLOCK_ROWS {
            let (position, sum) = (first + lane, sums[lane]);
            if sum <= 0.0 {
                self.adjust_one(position);
                continue;
            }
            let class = labels[lane] as usize;
            let (_, probs) = self.batch.row(position);
            let own = (probs[class].to_f64() - thresholds[class]) + added;
            let other = if own == largest[lane] { second[lane] } else { largest[lane] };
            (self.visit)(position, Ok(AdjustedLabel { own: own / sum, largest_other: other / sum }));
        }
    }

    fn adjust_one(&mut self, position: usize) {
        let (label, probs) = self.batch.row(position);
        let mut adjusted = vec![0.0; probs.len()];
        let result = self
            .adjustment
            .adjust_row(probs, &mut adjusted)
            .map(|()| AdjustedLabel { own: adjusted[label], largest_other: largest_other(&adjusted, label) });
        (self.visit)(position, result);
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
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn labels_of_any_row_equal_its_adjusted_row(
            k in 2_usize..80,
            labels in prop::collection::vec(any::<prop::sample::Index>(), 1..20),
            // Few different values, so that ties are common.
            steps in prop::collection::vec(0_u8..10, 80 * 20),
            thresholds in prop::collection::vec(0.0..1.0_f64, 80),
        ) {
            let labels: Vec<u32> = labels.iter().map(|label| label.index(k) as u32).collect();
            let probs: Vec<f64> = steps[..labels.len() * k].iter().map(|&step| f64::from(step) / 9.0).collect();
            let adjustment = ThresholdAdjustment::new(Array1::from(thresholds[..k].to_vec())).unwrap();
            let batch = Batch::new(&labels, &probs, k, 0).unwrap();
            let mut n_visited = 0;
            adjustment.adjust_labels(&batch, |position, found| {
                n_visited += 1;
                let (label, probs) = batch.row(position);
                let mut row = vec![0.0; k];
                let expected = adjustment
                    .adjust_row(probs, &mut row)
                    .map(|()| AdjustedLabel { own: row[label], largest_other: largest_other(&row, label) });
                assert_eq!(found, expected, "row {position} of {k} classes");
            });
            prop_assert_eq!(n_visited, labels.len());
        }
    }
}
