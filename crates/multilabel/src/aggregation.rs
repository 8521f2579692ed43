//! One score for a row from the scores of its classes.

use std::fmt;
use std::sync::Arc;

use ndarray::{Array1, ArrayView2};
use pulp::{Arch, WithSimd};

use crate::errors::MultilabelError;

/// How the scores of a row's classes become one score.
///
/// Write s₁ ≥ s₂ ≥ … ≥ sₖ for the K scores of a row in descending order.
///
/// ```
/// use cleanlab_multilabel::Aggregator;
/// use ndarray::array;
///
/// let scores = array![[0.5, 1.0, 0.75]];
/// let worst = Aggregator::custom(|scores| scores.iter().copied().fold(1.0, f64::min));
/// assert_eq!(worst.aggregate(scores.view())?, array![0.5]);
/// # Ok::<(), cleanlab_multilabel::MultilabelError>(())
/// ```
///
/// # Source
///
/// `cleanlab.internal.multilabel_scorer.Aggregator`.
#[derive(Clone)]
#[non_exhaustive]
pub enum Aggregator {
    /// e₁ = s₁, eₜ = α · sₜ + (1 − α) · eₜ₋₁; the score is eₖ, in which the lowest scores weigh most.
    ExponentialMovingAverage {
        /// α, in [0, 1]; 2 / (K + 1) when `None`. cleanlab's default is 0.8.
        alpha: Option<f64>,
    },
    /// Σ wₜ · sₜ with wₜ proportional to exp((1 − sₜ) / temperature).
    Softmin {
        /// At least 0; below 1e-6 it counts as 1e-6. cleanlab's default is 0.1.
        temperature: f64,
    },
    /// A function of the caller's own, of the K scores of a row in the order of the classes.
    Custom(RowFunction),
}

/// A function of the scores of a row that may be called on several threads.
pub type RowFunction = Arc<dyn Fn(&[f64]) -> f64 + Send + Sync>;

/// cleanlab's choice where none is made.
const DEFAULT_ALPHA: f64 = 0.8;

/// The lowest temperature of a softmin; cleanlab's `EPSILON`.
const LOWEST_TEMPERATURE: f64 = 1e-6;

impl Default for Aggregator {
    fn default() -> Self {
        Self::ExponentialMovingAverage { alpha: Some(DEFAULT_ALPHA) }
    }
}

impl fmt::Debug for Aggregator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ExponentialMovingAverage { alpha } => {
                f.debug_struct("ExponentialMovingAverage").field("alpha", alpha).finish()
            }
            Self::Softmin { temperature } => {
                f.debug_struct("Softmin").field("temperature", temperature).finish()
            }
            Self::Custom(_) => f.write_str("Custom"),
        }
    }
}

impl Aggregator {
    /// A softmin at cleanlab's temperature of 0.1.
    #[must_use]
    pub fn softmin() -> Self {
        Self::Softmin { temperature: 0.1 }
    }

    /// A function of the caller's own, from the K scores of a row to its score.
    #[must_use]
    pub fn custom(function: impl Fn(&[f64]) -> f64 + Send + Sync + 'static) -> Self {
        Self::Custom(Arc::new(function))
    }

    /// One score for every row of `scores`.
    ///
    /// # Shapes
    ///
    /// `scores` N × K, K ≥ 1; returns N values.
    ///
    /// # Errors
    ///
    /// [`MultilabelError::Alpha`] or [`MultilabelError::Temperature`] for a parameter out of its bounds,
    /// [`MultilabelError::BadScore`] for a score that is not finite, [`MultilabelError::BadAggregate`] when the caller's
    /// function gives one, and [`MultilabelError::Empty`] for no columns.
    pub fn aggregate(&self, scores: ArrayView2<'_, f64>) -> Result<Array1<f64>, MultilabelError> {
        let aggregator = self.for_classes(scores.ncols())?;
        if let Some(((row, column), &value)) = scores.indexed_iter().find(|(_, score)| !score.is_finite()) {
            return Err(MultilabelError::BadScore { row, column, value });
        }
        let mut aggregated = Array1::zeros(scores.nrows());
        let scores = scores.as_standard_layout();
        if let (Some(scores), Some(out)) = (scores.as_slice(), aggregated.as_slice_mut()) {
            aggregator.aggregate_rows(scores, 0, out)?;
        }
        Ok(aggregated)
    }

    /// Checks the parameters and prepares what rows of `n_classes` scores need.
    pub(crate) fn for_classes(&self, n_classes: usize) -> Result<RowAggregator<'_>, MultilabelError> {
        if n_classes == 0 {
            return Err(MultilabelError::Empty { rows: 0, n_classes });
        }
        let kind = match self {
            Self::ExponentialMovingAverage { alpha } => {
                let alpha = alpha.unwrap_or(2.0 / (n_classes as f64 + 1.0));
                if !(0.0..=1.0).contains(&alpha) {
                    return Err(MultilabelError::Alpha { value: alpha });
                }
                RowKind::MovingAverage { alpha, exchanges: sorting_network(n_classes) }
            }
            &Self::Softmin { temperature } => {
                if !temperature.is_finite() || temperature < 0.0 {
                    return Err(MultilabelError::Temperature { value: temperature });
                }
                RowKind::Softmin { temperature: temperature.max(LOWEST_TEMPERATURE) }
            }
            Self::Custom(function) => RowKind::Custom(function),
        };
        Ok(RowAggregator { n_classes, kind })
    }
}

/// An [`Aggregator`] with its parameters checked, for a fixed number of classes.
pub(crate) struct RowAggregator<'f> {
    n_classes: usize,
    kind: RowKind<'f>,
}

enum RowKind<'f> {
    MovingAverage { alpha: f64, exchanges: Vec<(usize, usize)> },
    Softmin { temperature: f64 },
    Custom(&'f RowFunction),
}

/// Rows that are sorted and averaged side by side, so that the processor's vectors are filled.
const LANES: usize = 8;

impl RowAggregator<'_> {
    /// One score per row of `scores`, row-major; the first is row `first_row` of the data set.
    pub(crate) fn aggregate_rows(
        &self,
        scores: &[f64],
        first_row: usize,
        out: &mut [f64],
    ) -> Result<(), MultilabelError> {
        let k = self.n_classes;
        match &self.kind {
            RowKind::MovingAverage { alpha, exchanges } => {
                let mut sorted = vec![[0.0; LANES]; k];
                let averages = MovingAverages { scores, alpha: *alpha, exchanges, sorted: &mut sorted, out };
                Arch::new().dispatch(averages);
            }
            RowKind::Softmin { temperature } => {
                let mut weights = vec![0.0; k];
                for (row, out) in scores.chunks_exact(k).zip(out) {
                    *out = softmin_of(row, *temperature, &mut weights);
                }
            }
            RowKind::Custom(function) => {
                for (offset, (row, out)) in scores.chunks_exact(k).zip(out).enumerate() {
                    *out = function(row);
                    if !out.is_finite() {
                        return Err(MultilabelError::BadAggregate { row: first_row + offset, value: *out });
                    }
                }
            }
        }
        Ok(())
    }
}

/// The moving averages of rows, [`LANES`] at a time; compiled once for each kind of processor.
struct MovingAverages<'r> {
    scores: &'r [f64],
    alpha: f64,
    exchanges: &'r [(usize, usize)],
    sorted: &'r mut [[f64; LANES]],
    out: &'r mut [f64],
}

impl WithSimd for MovingAverages<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, _: S) {
        let Self { scores, alpha, exchanges, sorted, out } = self;
        let k = sorted.len();
        let others = 1.0 - alpha;
        for (scores, out) in scores.chunks(k * LANES).zip(out.chunks_mut(LANES)) {
            for (lane, row) in scores.chunks_exact(k).enumerate() {
                for (lanes, &score) in sorted.iter_mut().zip(row) {
                    lanes[lane] = score;
                }
            }
            for &(first, second) in exchanges {
                let (a, b) = (sorted[first], sorted[second]);
                sorted[first] = std::array::from_fn(|lane| if a[lane] > b[lane] { a[lane] } else { b[lane] });
                sorted[second] =
                    std::array::from_fn(|lane| if a[lane] > b[lane] { b[lane] } else { a[lane] });
            }
            let mut average = sorted[0];
            for scores in &sorted[1..] {
                for lane in 0..LANES {
                    average[lane] = alpha * scores[lane] + others * average[lane];
                }
            }
            let n = out.len();
            out.copy_from_slice(&average[..n]);
        }
    }
}

/// Pairs of positions to put in order, the larger value first, that together sort `len` values: the same for any
/// values, so that several rows are sorted at once.
///
/// Source: Batcher's merge exchange, Knuth, The Art of Computer Programming 3, 5.2.2, algorithm M.
fn sorting_network(len: usize) -> Vec<(usize, usize)> {
    let mut exchanges = Vec::new();
    let top = len.next_power_of_two() / 2;
    let mut p = top;
    while p > 0 {
        let (mut q, mut r, mut d) = (top, 0, p);
        loop {
            let pairs = (0..len.saturating_sub(d)).filter(|i| i & p == r);
            exchanges.extend(pairs.map(|i| (i, i + d)));
            if q == p {
                break;
            }
            (d, q, r) = (q - p, q / 2, p);
        }
        p /= 2;
    }
    exchanges
}

fn softmin_of(scores: &[f64], temperature: f64, weights: &mut [f64]) -> f64 {
    for (weight, score) in weights.iter_mut().zip(scores) {
        *weight = (1.0 - score) / temperature;
    }
    let largest = weights.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    for weight in weights.iter_mut() {
        *weight = (*weight - largest).exp();
    }
    let total: f64 = weights.iter().sum();
    weights.iter().zip(scores).map(|(weight, score)| score * (weight / total)).sum()
}

/// The exponential moving average of the scores of each row, from the largest down to the smallest.
///
/// `alpha` is the weight of each further score, 2 / (K + 1) when `None`.
///
/// # Shapes
///
/// `scores` N × K, K ≥ 1; returns N values.
///
/// # Errors
///
/// As [`Aggregator::aggregate`].
///
/// # Example
///
/// ```
/// use cleanlab_multilabel::exponential_moving_average;
/// use ndarray::array;
///
/// let average = exponential_moving_average(array![[0.25, 0.5, 1.0]].view(), Some(0.5))?;
/// assert_eq!(average, array![0.5]); // (1 + 0.5) / 2 = 0.75, (0.75 + 0.25) / 2 = 0.5
/// # Ok::<(), cleanlab_multilabel::MultilabelError>(())
/// ```
///
/// # Source
///
/// `cleanlab.internal.multilabel_scorer.exponential_moving_average`.
pub fn exponential_moving_average(
    scores: ArrayView2<'_, f64>,
    alpha: Option<f64>,
) -> Result<Array1<f64>, MultilabelError> {
    Aggregator::ExponentialMovingAverage { alpha }.aggregate(scores)
}

/// The mean of the scores of each row, weighted towards the lowest.
///
/// # Shapes
///
/// `scores` N × K, K ≥ 1; returns N values.
///
/// # Errors
///
/// As [`Aggregator::aggregate`].
///
/// # Example
///
/// ```
/// use cleanlab_multilabel::softmin;
/// use ndarray::array;
///
/// let scores = softmin(array![[0.2, 0.9], [0.5, 0.5]].view(), 0.1)?;
/// assert!(scores[0] > 0.2 && scores[0] < 0.21);
/// assert_eq!(scores[1], 0.5);
/// # Ok::<(), cleanlab_multilabel::MultilabelError>(())
/// ```
///
/// # Source
///
/// `cleanlab.internal.multilabel_scorer.softmin`.
pub fn softmin(scores: ArrayView2<'_, f64>, temperature: f64) -> Result<Array1<f64>, MultilabelError> {
    Aggregator::Softmin { temperature }.aggregate(scores)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::{Array2, array};

    #[test]
    fn sorting_network_sorts_every_sequence_of_zeros_and_ones() {
        // Enough for all sequences: the 0-1 principle.
        for len in 1..=12_usize {
            let exchanges = sorting_network(len);
            for bits in 0..1_u32 << len {
                let mut values: Vec<u32> = (0..len).map(|i| bits >> i & 1).collect();
                for &(first, second) in &exchanges {
                    if values[second] > values[first] {
                        values.swap(first, second);
                    }
                }
                assert!(values.is_sorted_by(|a, b| a >= b), "{len} values, {bits:b}");
            }
        }
    }

    #[test]
    fn exponential_moving_average_any_number_of_rows_equals_the_definition() {
        for (n, k) in [(1, 1), (7, 3), (8, 5), (9, 20), (30, 70)] {
            let scores = Array2::from_shape_fn((n, k), |(i, j)| ((i * 31 + j * 17) % 23) as f64 / 22.0);
            let expected = scores.rows().into_iter().map(|row| {
                let mut sorted = row.to_vec();
                sorted.sort_by(|a, b| b.total_cmp(a));
                sorted[1..].iter().fold(sorted[0], |average, score| 0.8 * score + (1.0 - 0.8) * average)
            });
            let expected: Array1<f64> = expected.collect();
            assert_eq!(Aggregator::default().aggregate(scores.view()).unwrap(), expected, "{n} x {k}");
        }
    }

    #[test]
    fn aggregate_parameter_out_of_bounds_is_refused() {
        let scores = array![[0.5, 0.2]];
        for alpha in [-0.1, 1.1, f64::NAN] {
            let error = exponential_moving_average(scores.view(), Some(alpha)).unwrap_err();
            assert!(matches!(error, MultilabelError::Alpha { .. }));
        }
        for temperature in [-0.1, f64::INFINITY, f64::NAN] {
            let error = softmin(scores.view(), temperature).unwrap_err();
            assert!(matches!(error, MultilabelError::Temperature { .. }));
        }
        assert_eq!(softmin(scores.view(), 0.0).unwrap(), array![0.2]);
    }

    #[test]
    fn aggregate_score_that_is_not_finite_is_refused() {
        let error = softmin(array![[0.5, 0.2], [0.1, f64::INFINITY]].view(), 0.1).unwrap_err();
        assert_eq!(error, MultilabelError::BadScore { row: 1, column: 1, value: f64::INFINITY });
        let error = Aggregator::custom(|scores| 0.0 / scores[0]).aggregate(array![[0.5], [0.0]].view());
        assert!(matches!(error, Err(MultilabelError::BadAggregate { row: 1, .. })));
        assert_eq!(
            softmin(Array2::zeros((3, 0)).view(), 0.1),
            Err(MultilabelError::Empty { rows: 0, n_classes: 0 })
        );
    }
}
