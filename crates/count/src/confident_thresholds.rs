//! How confident a model is, on average, in the examples of each class.

use cleanlab_core::constants::{CONFIDENT_THRESHOLDS_LOWER_BOUND, MISSING_CLASS_THRESHOLD};
use cleanlab_core::{
    Accumulator, AccumulatorError, Batch, FixedPointHalves, FixedPointSum, Float, LabeledProbs, accumulate,
};
use ndarray::Array1;
use pulp::{Arch, Simd, WithSimd};
use serde::{Deserialize, Serialize};

use crate::batch_kernels::given_probs;
use crate::errors::CountError;
use crate::row_counts::{check_counts, merge_counts};

/// The confident threshold of every class: the mean predicted probability of class k among the examples labelled k.
///
/// An example is confidently in class k when its probability of k reaches the threshold of k (up to 1e-6). A class
/// without examples has threshold 2, which nothing reaches; any other threshold is at least 2e-6.
///
/// # Shapes
///
/// Returns K values in [2e-6, 1] ∪ {2}.
///
/// # Errors
///
/// Only if the pass cannot be merged, which would be a defect of this library.
///
/// # Example
///
/// ```
/// use cleanlab_core::{LabeledProbs, Labels, PredProbs};
/// use cleanlab_count::get_confident_thresholds;
/// use ndarray::array;
///
/// let pred_probs = array![[0.9, 0.1, 0.0], [0.7, 0.3, 0.0], [0.2, 0.8, 0.0]];
/// let data = LabeledProbs::new(Labels::new(&[0, 0, 1])?, PredProbs::new(pred_probs)?)?;
/// assert_eq!(get_confident_thresholds(&data)?.to_vec(), [0.8, 0.8, 2.0]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Source
///
/// Northcutt, Jiang and Chuang 2021, equation 2; `cleanlab.count.get_confident_thresholds`.
pub fn get_confident_thresholds<F: Float>(data: &LabeledProbs<'_, F>) -> Result<Array1<f64>, CountError> {
    Ok(accumulate(data, || ThresholdAccumulator::new(data.n_classes()))?.finish())
}

/// The pass that [`get_confident_thresholds`] makes, for data that comes in batches.
///
/// ```
/// use cleanlab_core::{Accumulator, Batch};
/// use cleanlab_count::ThresholdAccumulator;
///
/// let mut pass = ThresholdAccumulator::new(2);
/// pass.update(&Batch::new(&[0, 1], &[0.9, 0.1, 0.2, 0.8], 2, 0)?)?;
/// pass.update(&Batch::new(&[0], &[0.7, 0.3], 2, 2)?)?;
/// assert_eq!(pass.label_counts(), [2, 1]);
/// assert_eq!(pass.finish().to_vec(), [0.8, 0.8]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ThresholdAccumulator {
    sums: Vec<FixedPointSum>,
    counts: Vec<u64>,
}

impl ThresholdAccumulator {
    /// A pass over data with `n_classes` classes that has seen no row yet.
    #[must_use]
    pub fn new(n_classes: usize) -> Self {
        Self { sums: vec![FixedPointSum::default(); n_classes], counts: vec![0; n_classes] }
    }

    /// How many examples of each class have been seen.
    #[must_use]
    pub fn label_counts(&self) -> &[u64] {
        &self.counts
    }
}

/// Adds many rows per class. Rows take turns with several sums of their class, so that one addition need not wait for
/// another one.
struct AddMany<'a, 'b, F: Float> {
    pass: &'a mut ThresholdAccumulator,
    batch: &'a Batch<'b, F>,
    /// The probability of each row's label.
    given: &'a [f64],
}

impl<F: Float> WithSimd for AddMany<'_, '_, F> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        /// Rows after which no sum of halves has had too many terms.
        const ROWS: usize = TURNS * FixedPointHalves::MAX_TERMS;
        let Self { pass, batch, given } = self;
        let mut sums = vec![[FixedPointHalves::default(); TURNS]; batch.n_classes()];
        for (labels, probs) in batch.labels().chunks(ROWS).zip(given.chunks(ROWS)) {
            let ((labels, last_labels), (probs, last_probs)) =
                (labels.as_chunks::<TURNS>(), probs.as_chunks::<TURNS>());
            for (labels, probs) in labels.iter().zip(probs) {
                for turn in 0..TURNS {
                    let label = labels[turn] as usize;
                    sums[label][turn].add(probs[turn]);
                    pass.counts[label] += 1;
                }
            }
            for (turn, (&label, &p)) in last_labels.iter().zip(last_probs).enumerate() {
                sums[label as usize][turn].add(p);
                pass.counts[label as usize] += 1;
            }
            for (sum, turns) in pass.sums.iter_mut().zip(&mut sums) {
                for halves in turns {
                    sum.settle(std::mem::take(halves));
                }
            }
        }
    }
}

/// Sums of one class that are added to side by side.
const TURNS: usize = 4;

/// Rows per class from which on several sums per class pay.
const ROWS_PER_CLASS: usize = 8;

impl Accumulator for ThresholdAccumulator {
    const NAME: &'static str = "confident thresholds";
    type Output = Array1<f64>;

    fn update<F: Float>(&mut self, batch: &Batch<'_, F>) -> Result<(), AccumulatorError> {
        check_classes(self.counts.len(), batch.n_classes())?;
        if batch.len() >= ROWS_PER_CLASS * batch.n_classes() {
            Arch::new().dispatch(AddMany { pass: self, batch, given: &given_probs(batch) });
            return Ok(());
        }
        for (_, label, probs) in batch.iter() {
            self.sums[label].add(probs[label].to_f64());
            self.counts[label] += 1;
        }
        Ok(())
    }

    fn merge(&mut self, other: Self) -> Result<(), AccumulatorError> {
        check_classes(self.counts.len(), other.counts.len())?;
        merge_counts(&mut self.counts, &other.counts)?;
        self.sums.iter_mut().zip(other.sums).for_each(|(sum, theirs)| sum.merge(theirs));
        Ok(())
    }

    fn finish(self) -> Array1<f64> {
        let threshold = |(sum, count): (&FixedPointSum, &u64)| match count {
            0 => MISSING_CLASS_THRESHOLD,
            _ => (sum.to_f64() / *count as f64).max(CONFIDENT_THRESHOLDS_LOWER_BOUND),
        };
        self.sums.iter().zip(&self.counts).map(threshold).collect()
    }

    fn check(&self) -> Result<(), AccumulatorError> {
        check_classes(self.counts.len(), self.sums.len())?;
        check_counts(&self.counts)?;
        match self.sums.iter().zip(&self.counts).find(|(sum, count)| !sum.can_be_of(**count)) {
            None => Ok(()),
            Some((sum, count)) => Err(AccumulatorError::Corrupt {
                reason: format!("{count} probabilities cannot add up to {}", sum.to_f64()),
            }),
        }
    }
}

pub(crate) fn check_classes(expected: usize, found: usize) -> Result<(), AccumulatorError> {
    if expected == found { Ok(()) } else { Err(AccumulatorError::Classes { expected, found }) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cleanlab_core::RandomState;

    #[test]
    fn thresholds_are_means_of_the_given_classes_in_any_parts() {
        let mut random = RandomState::new(3);
        for (n, k) in [(7, 3), (23, 3), (24, 3), (25, 3), (5001, 3), (300, 40)] {
            let labels: Vec<u32> = (0..n).map(|_| random.randint(0, k as i64 - 1).unwrap() as u32).collect();
            // Sums of these are exact.
            let probs: Vec<f64> = (0..n * k).map(|_| random.randint(0, 65).unwrap() as f64 / 64.0).collect();
            let mut pass = ThresholdAccumulator::new(k);
            pass.update(&Batch::new(&labels, &probs, k, 0).unwrap()).unwrap();
            let own = |class: usize| {
                let rows = labels.iter().enumerate().filter(move |&(_, &label)| label as usize == class);
                rows.map(|(row, _)| probs[row * k + class]).collect::<Vec<_>>()
            };
            let counts: Vec<u64> = (0..k).map(|class| own(class).len() as u64).collect();
            assert_eq!(pass.label_counts(), counts);
            let half = n / 2;
            let mut later = ThresholdAccumulator::new(k);
            later.update(&Batch::new(&labels[half..], &probs[half * k..], k, half as u64).unwrap()).unwrap();
            let mut earlier = ThresholdAccumulator::new(k);
            earlier.update(&Batch::new(&labels[..half], &probs[..half * k], k, 0).unwrap()).unwrap();
            later.merge(earlier).unwrap();
            assert_eq!(later, pass);
            assert!(pass.check().is_ok());
            let means = (0..k).map(|class| match own(class) {
                values if values.is_empty() => MISSING_CLASS_THRESHOLD,
                values => {
                    (values.iter().sum::<f64>() / values.len() as f64).max(CONFIDENT_THRESHOLDS_LOWER_BOUND)
                }
            });
            assert_eq!(pass.finish().to_vec(), means.collect::<Vec<_>>(), "{n} rows of {k} classes");
        }
    }

    #[test]
    fn a_state_whose_sums_cannot_be_of_its_counts_is_refused() {
        let mut pass = ThresholdAccumulator::new(2);
        pass.update(&Batch::new(&[0, 1], &[0.5, 0.5, 0.25, 0.75], 2, 0).unwrap()).unwrap();
        let other_classes = ThresholdAccumulator::new(3);
        assert!(matches!(
            pass.clone().merge(other_classes),
            Err(AccumulatorError::Classes { expected: 2, found: 3 })
        ));
        pass.counts[1] = 0;
        assert!(matches!(pass.check(), Err(AccumulatorError::Corrupt { .. })));
        pass.counts.pop();
        assert!(matches!(pass.check(), Err(AccumulatorError::Classes { expected: 1, found: 2 })));
    }
}
