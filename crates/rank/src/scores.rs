//! The three label quality scores of one model.

use std::sync::atomic::{AtomicUsize, Ordering};

use cleanlab_core::{Batch, Float, LabeledProbs, fill_rows};
use cleanlab_count::{
    AdjustedLabel, CountError, ThresholdAdjustment, get_confident_thresholds, normalized_margins,
};
use ndarray::Array1;
use serde::{Deserialize, Serialize};

use crate::entropy::score_batch;
use crate::errors::RankError;

/// What a label's quality is measured by.
///
/// Write p for a row of `pred_probs` and y for its given label.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum LabelQualityMethod {
    /// p\[y\].
    #[default]
    SelfConfidence,
    /// (p\[y\] − largest other p + 1) / 2.
    NormalizedMargin,
    /// ln(1 + x) / x, where x is the entropy of p, divided by ln K, over p\[y\].
    ConfidenceWeightedEntropy,
    /// Self-confidence after each class's confident threshold is subtracted from p (`adjust_pred_probs=True`).
    AdjustedSelfConfidence,
    /// Normalized margin after each class's confident threshold is subtracted from p (`adjust_pred_probs=True`).
    AdjustedNormalizedMargin,
}

impl LabelQualityMethod {
    /// All methods, in cleanlab's order.
    ///
    /// ```
    /// use cleanlab_core::{LabeledProbs, Labels, PredProbs};
    /// use cleanlab_rank::{LabelQualityMethod, order_label_issues};
    /// use ndarray::array;
    ///
    /// let pred_probs = PredProbs::new(array![[0.9, 0.1], [0.2, 0.8], [0.7, 0.3], [0.9, 0.1]])?;
    /// let data = LabeledProbs::new(Labels::new(&[0, 1, 1, 0])?, pred_probs)?;
    /// let mask = array![false, true, true, false];
    /// for method in LabelQualityMethod::ALL {
    ///     assert_eq!(order_label_issues(mask.view(), &data, method)?, [2, 1], "{method:?}");
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub const ALL: [Self; 5] = [
        Self::SelfConfidence,
        Self::NormalizedMargin,
        Self::ConfidenceWeightedEntropy,
        Self::AdjustedSelfConfidence,
        Self::AdjustedNormalizedMargin,
    ];
}

/// The quality of every label: a score in [0, 1], lower for labels more likely wrong.
///
/// Adjusted scores can leave [0, 1] where an adjusted probability does.
///
/// # Shapes
///
/// Returns N scores, one per example.
///
/// # Errors
///
/// [`CountError::UnscalableRow`] (in [`RankError::Count`]) names a row whose adjusted probabilities sum to 0.
///
/// # Example
///
/// ```
/// use approx::assert_abs_diff_eq;
/// use cleanlab_core::{LabeledProbs, Labels, PredProbs};
/// use cleanlab_rank::{LabelQualityMethod, get_label_quality_scores};
/// use ndarray::array;
///
/// let pred_probs = array![[0.9, 0.1], [0.2, 0.8], [0.7, 0.3]];
/// let data = LabeledProbs::new(Labels::new(&[0, 1, 1])?, PredProbs::new(pred_probs)?)?;
/// let margins = get_label_quality_scores(&data, LabelQualityMethod::NormalizedMargin)?;
/// assert_abs_diff_eq!(margins, array![0.9, 0.8, 0.3], epsilon = 1e-12);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Source
///
/// Kuan and Mueller 2022; `cleanlab.rank.get_label_quality_scores`.
///
/// # Differences
///
/// cleanlab divides the confidence-weighted entropy by at least 1e-6, so that a certain and correct prediction scores
/// 0, the worst; here it scores 1, the limit of the formula.
pub fn get_label_quality_scores<F: Float>(
    data: &LabeledProbs<'_, F>,
    method: LabelQualityMethod,
) -> Result<Array1<f64>, RankError> {
    let mut scores = vec![0.0; data.len()];
    score_rows_into(data, method, &mut scores, |out, score| *out = score)?;
    Ok(Array1::from(scores))
}

/// The scores of a method that cannot fail.
fn sure_scores<F: Float>(data: &LabeledProbs<'_, F>, method: LabelQualityMethod) -> Array1<f64> {
    get_label_quality_scores(data, method).unwrap_or_default()
}

/// The predicted probability of every given label.
///
/// ```
/// use cleanlab_core::{LabeledProbs, Labels, PredProbs};
/// use cleanlab_rank::get_self_confidence_for_each_label;
/// use ndarray::array;
///
/// let pred_probs = PredProbs::new(array![[0.9, 0.1], [0.2, 0.8]])?;
/// let data = LabeledProbs::new(Labels::new(&[0, 1])?, pred_probs)?;
/// assert_eq!(get_self_confidence_for_each_label(&data).to_vec(), [0.9, 0.8]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Source
///
/// `cleanlab.rank.get_self_confidence_for_each_label`.
#[must_use]
pub fn get_self_confidence_for_each_label<F: Float>(data: &LabeledProbs<'_, F>) -> Array1<f64> {
    sure_scores(data, LabelQualityMethod::SelfConfidence)
}

/// (p(given) − largest other p + 1) / 2 for every example.
///
/// ```
/// use approx::assert_abs_diff_eq;
/// use cleanlab_core::{LabeledProbs, Labels, PredProbs};
/// use cleanlab_rank::get_normalized_margin_for_each_label;
/// use ndarray::array;
///
/// let pred_probs = PredProbs::new(array![[0.5, 0.3, 0.2], [0.2, 0.1, 0.7]])?;
/// let data = LabeledProbs::new(Labels::new(&[0, 1])?, pred_probs)?;
/// assert_abs_diff_eq!(get_normalized_margin_for_each_label(&data), array![0.6, 0.2], epsilon = 1e-12);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Source
///
/// `cleanlab.rank.get_normalized_margin_for_each_label`.
#[must_use]
pub fn get_normalized_margin_for_each_label<F: Float>(data: &LabeledProbs<'_, F>) -> Array1<f64> {
    sure_scores(data, LabelQualityMethod::NormalizedMargin)
}

/// ln(1 + x) / x for every example, where x = entropy(p) / ln K / p(given).
///
/// ```
/// use cleanlab_core::{LabeledProbs, Labels, PredProbs};
/// use cleanlab_rank::get_confidence_weighted_entropy_for_each_label;
/// use ndarray::array;
///
/// let pred_probs = PredProbs::new(array![[1.0, 0.0], [0.5, 0.5], [1.0, 0.0]])?;
/// let data = LabeledProbs::new(Labels::new(&[0, 0, 1])?, pred_probs)?;
/// let scores = get_confidence_weighted_entropy_for_each_label(&data);
/// // Certain and right, undecided: x = 1 / 0.5, certain and wrong.
/// assert_eq!(scores[0], 1.0);
/// assert!((scores[1] - 3.0_f64.ln() / 2.0).abs() < 1e-12);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Source
///
/// `cleanlab.rank.get_confidence_weighted_entropy_for_each_label`.
///
/// # Differences
///
/// As in [`get_label_quality_scores`]. Probabilities that leave [0, 1] within the tolerance are clipped, where
/// cleanlab raises.
#[must_use]
pub fn get_confidence_weighted_entropy_for_each_label<F: Float>(data: &LabeledProbs<'_, F>) -> Array1<f64> {
    sure_scores(data, LabelQualityMethod::ConfidenceWeightedEntropy)
}

/// Writes one score per row: `combine` gets the place of a row and its score.
pub(crate) fn score_rows_into<F: Float>(
    data: &LabeledProbs<'_, F>,
    method: LabelQualityMethod,
    scores: &mut [f64],
    combine: impl Fn(&mut f64, f64) + Sync,
) -> Result<(), RankError> {
    let score_batches = |score: &(dyn Fn(&Batch<'_, F>, &mut [f64]) + Sync), scores: &mut [f64]| {
        fill_rows(data, scores, |batch, out| {
            let mut found = vec![0.0; batch.len()];
            score(batch, &mut found);
            out.iter_mut().zip(found).for_each(|(out, score)| combine(out, score));
        });
    };
    let adjusted = |score: fn(AdjustedLabel) -> f64, scores: &mut [f64]| {
        let adjustment = ThresholdAdjustment::new(get_confident_thresholds(data)?)?;
        let first_bad_row = AtomicUsize::new(usize::MAX);
        let score_batch = |batch: &Batch<'_, F>, out: &mut [f64]| {
            adjustment.adjust_labels(batch, |position, label| match label {
                Ok(label) => out[position] = score(label),
                Err(_) => {
                    first_bad_row.fetch_min(batch.row_id(position) as usize, Ordering::Relaxed);
                }
            });
        };
        score_batches(&score_batch, scores);
        match first_bad_row.into_inner() {
            usize::MAX => Ok(()),
            row => Err(CountError::UnscalableRow { row }.into()),
        }
    };
    match method {
        LabelQualityMethod::SelfConfidence => fill_rows(data, scores, |batch, out| {
            for ((_, label, probs), out) in batch.iter().zip(out) {
                combine(out, probs[label].to_f64());
            }
        }),
        LabelQualityMethod::NormalizedMargin => score_batches(&normalized_margins, scores),
        LabelQualityMethod::ConfidenceWeightedEntropy => score_batches(&score_batch, scores),
        LabelQualityMethod::AdjustedSelfConfidence => return adjusted(|label| label.own, scores),
        LabelQualityMethod::AdjustedNormalizedMargin => return adjusted(AdjustedLabel::margin, scores),
    }
    Ok(())
}
