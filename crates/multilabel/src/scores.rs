//! How likely each annotation, and each row's set of classes, is right.

use std::ops::Range;

use cleanlab_core::stopping::StopCheck;
use cleanlab_core::{Float, row_chunks};
use cleanlab_count::{ThresholdAdjustment, normalized_margin};
use cleanlab_rank::{LabelQualityMethod, confidence_weighted_entropy};
use ndarray::{Array1, Array2};
use rayon::prelude::*;

use crate::aggregation::Aggregator;
use crate::errors::MultilabelError;
use crate::multi_labels::given;
use crate::multilabel_probs::{MultilabelProbs, complement_pair};
use crate::row_passes::confident_thresholds;

/// Options of [`get_label_quality_scores`]. The defaults are cleanlab's.
///
/// ```
/// use cleanlab_multilabel::{Aggregator, MultilabelScoreOptions};
/// let options = MultilabelScoreOptions::default().with_aggregator(Aggregator::softmin());
/// assert_eq!(options.method, cleanlab_rank::LabelQualityMethod::SelfConfidence);
/// ```
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct MultilabelScoreOptions {
    /// What an annotation's quality is measured by, one class against the rest.
    pub method: LabelQualityMethod,
    /// How the scores of a row's classes become one.
    pub aggregator: Aggregator,
}

impl MultilabelScoreOptions {
    /// Chooses what an annotation's quality is measured by.
    #[must_use]
    pub fn with_method(mut self, method: LabelQualityMethod) -> Self {
        self.method = method;
        self
    }

    /// Chooses how the scores of a row's classes become one.
    #[must_use]
    pub fn with_aggregator(mut self, aggregator: Aggregator) -> Self {
        self.aggregator = aggregator;
        self
    }
}

/// The quality of every row's set of classes: a score in [0, 1], lower for sets more likely wrong.
///
/// Each class is scored on its own, as in [`get_label_quality_scores_per_class`]; the scores of a row are then
/// aggregated.
///
/// # Shapes
///
/// Returns N scores.
///
/// # Errors
///
/// [`MultilabelError::Alpha`], [`MultilabelError::Temperature`] or [`MultilabelError::BadAggregate`] for the
/// aggregator.
///
/// # Example
///
/// ```
/// use approx::assert_abs_diff_eq;
/// use cleanlab_multilabel::{MultilabelProbs, MultilabelScoreOptions, get_label_quality_scores};
/// use ndarray::array;
///
/// let data = MultilabelProbs::from_lists(&[vec![1], vec![0, 2]], array![[0.1, 0.9, 0.1], [0.4, 0.1, 0.9]])?;
/// let scores = get_label_quality_scores(&data, &MultilabelScoreOptions::default())?;
/// assert_abs_diff_eq!(scores, array![0.9, 0.5], epsilon = 1e-12);
/// # Ok::<(), cleanlab_multilabel::MultilabelError>(())
/// ```
///
/// # Source
///
/// `cleanlab.multilabel_classification.rank.get_label_quality_scores`,
/// `cleanlab.internal.multilabel_scorer.MultilabelScorer`.
///
/// # Differences
///
/// Of confidence-weighted entropy: see [`cleanlab_rank::get_label_quality_scores`]. A single class, and data in which
/// no row has a class or every row has all, are scored; cleanlab fails.
pub fn get_label_quality_scores<F: Float>(
    data: &MultilabelProbs<'_, F>,
    options: &MultilabelScoreOptions,
) -> Result<Array1<f64>, MultilabelError> {
    let k = data.n_classes();
    let scorer = RowScorer::new(data, options.method)?;
    let aggregator = options.aggregator.for_classes(k)?;
    let chunks = row_chunks(data.len(), k);
    let chunk_rows = chunks[0].len();
    let mut scores = vec![0.0; data.len()];
    let stop = StopCheck::of_this_thread();
    let score_chunk = |(scratch, of_classes): &mut (Vec<F>, Vec<f64>),
                       (rows, out): (&Range<usize>, &mut [f64])| {
        stop.stop_if_told();
        of_classes.resize(rows.len() * k, 0.0);
        scorer.score_rows(rows.clone(), scratch, of_classes);
        aggregator.aggregate_rows(of_classes, rows.start, out)
    };
    // Collected in order, so that the first row at fault is named.
    let results: Vec<Result<(), MultilabelError>> = chunks
        .par_iter()
        .zip(scores.par_chunks_mut(chunk_rows))
        .map_init(|| (Vec::new(), Vec::new()), score_chunk)
        .collect();
    results.into_iter().collect::<Result<(), _>>()?;
    Ok(Array1::from(scores))
}

/// The quality of every annotation: how likely it is right that the row has the class, or lacks it.
///
/// The score that [`cleanlab_rank::get_label_quality_scores`] gives on [`MultilabelProbs::one_vs_rest`].
///
/// # Shapes
///
/// Returns N × K scores.
///
/// # Errors
///
/// None for valid data.
///
/// # Example
///
/// ```
/// use cleanlab_multilabel::{MultilabelProbs, get_label_quality_scores_per_class};
/// use cleanlab_rank::LabelQualityMethod;
/// use ndarray::array;
///
/// let data = MultilabelProbs::from_lists(&[vec![1], vec![0]], array![[0.25, 0.5], [0.75, 0.0]])?;
/// let scores = get_label_quality_scores_per_class(&data, LabelQualityMethod::SelfConfidence)?;
/// assert_eq!(scores, array![[0.75, 0.5], [0.75, 1.0]]);
/// # Ok::<(), cleanlab_multilabel::MultilabelError>(())
/// ```
///
/// # Source
///
/// `cleanlab.multilabel_classification.rank.get_label_quality_scores_per_class`.
///
/// # Differences
///
/// As [`get_label_quality_scores`].
pub fn get_label_quality_scores_per_class<F: Float>(
    data: &MultilabelProbs<'_, F>,
    method: LabelQualityMethod,
) -> Result<Array2<f64>, MultilabelError> {
    let k = data.n_classes();
    let scorer = RowScorer::new(data, method)?;
    let chunks = row_chunks(data.len(), k);
    let chunk_values = chunks[0].len() * k;
    let mut scores = Array2::zeros((data.len(), k));
    if let Some(values) = scores.as_slice_mut() {
        let scored = chunks.par_iter().zip(values.par_chunks_mut(chunk_values));
        scored.for_each_init(Vec::new, |scratch, (rows, out)| scorer.score_rows(rows.clone(), scratch, out));
    }
    Ok(scores)
}

/// Scores annotations by one method, with what it needs to know of the whole data.
pub(crate) struct RowScorer<'d, 'a, F: Float> {
    data: &'d MultilabelProbs<'a, F>,
    method: LabelQualityMethod,
    /// One per class, for the adjusted methods alone.
    adjustments: Vec<ThresholdAdjustment>,
}

impl<'d, 'a, F: Float> RowScorer<'d, 'a, F> {
    pub(crate) fn new(
        data: &'d MultilabelProbs<'a, F>,
        method: LabelQualityMethod,
    ) -> Result<Self, MultilabelError> {
        let adjusts = matches!(
            method,
            LabelQualityMethod::AdjustedSelfConfidence | LabelQualityMethod::AdjustedNormalizedMargin
        );
        let adjustments = if adjusts {
            let thresholds = confident_thresholds(data);
            let of_class = |row: ndarray::ArrayView1<'_, f64>| ThresholdAdjustment::new(row.to_owned());
            thresholds.rows().into_iter().map(of_class).collect::<Result<_, _>>()?
        } else {
            Vec::new()
        };
        Ok(Self { data, method, adjustments })
    }

    pub(crate) fn score(&self, row: usize, class: usize) -> f64 {
        let probs = complement_pair(self.data.pred_probs().view()[[row, class]]);
        self.score_annotation(class, given(self.data.labels().words_of(row), class), probs)
    }

    /// Writes the K scores of a row to `out`.
    pub(crate) fn score_row(&self, row: usize, out: &mut [f64]) {
        for (class, out) in out.iter_mut().enumerate() {
            *out = self.score(row, class);
        }
    }

    /// Writes the scores of some rows to `out`, row-major.
    fn score_rows(&self, rows: Range<usize>, scratch: &mut Vec<F>, out: &mut [f64]) {
        let k = self.data.n_classes();
        let probs = self.data.pred_probs().rows(rows.clone(), scratch);
        for ((row, probs), out) in rows.zip(probs.chunks_exact(k)).zip(out.chunks_exact_mut(k)) {
            let words = self.data.labels().words_of(row);
            for (class, (&p, out)) in probs.iter().zip(out).enumerate() {
                *out = self.score_annotation(class, given(words, class), complement_pair(p));
            }
        }
    }

    #[inline(always)]
    fn score_annotation(&self, class: usize, given: usize, probs: [f64; 2]) -> f64 {
        match self.method {
            LabelQualityMethod::NormalizedMargin => normalized_margin(&probs, given),
            LabelQualityMethod::ConfidenceWeightedEntropy => {
                confidence_weighted_entropy(&probs, given, std::f64::consts::LN_2)
            }
            LabelQualityMethod::AdjustedSelfConfidence => self.adjusted(class, probs)[given],
            LabelQualityMethod::AdjustedNormalizedMargin => {
                normalized_margin(&self.adjusted(class, probs), given)
            }
            // `LabelQualityMethod` is open; what it has besides is self-confidence.
            _ => probs[given],
        }
    }

    fn adjusted(&self, class: usize, probs: [f64; 2]) -> [f64; 2] {
        let mut adjusted = [0.0; 2];
        // Never fails: the sum is 1 − t₀ − t₁ + 2 · max(t₀, t₁) ≥ 1.
        let _ = self.adjustments[class].adjust_row(&probs, &mut adjusted);
        adjusted
    }
}
