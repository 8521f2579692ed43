//! The three label quality scores of one model.

use std::sync::atomic::{AtomicUsize, Ordering};

use cleanlab_core::constants::CLIPPING_LOWER_BOUND;
use cleanlab_core::{Batch, Float, LabeledProbs, fill_rows};
use cleanlab_count::{CountError, ThresholdAdjustment, get_confident_thresholds, normalized_margin};
use ndarray::Array1;
use serde::{Deserialize, Serialize};

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
    match method {
        LabelQualityMethod::SelfConfidence => Ok(get_self_confidence_for_each_label(data)),
        LabelQualityMethod::NormalizedMargin => Ok(get_normalized_margin_for_each_label(data)),
        LabelQualityMethod::ConfidenceWeightedEntropy => {
            Ok(get_confidence_weighted_entropy_for_each_label(data))
        }
        LabelQualityMethod::AdjustedSelfConfidence => adjusted_scores(data, |probs, label| probs[label]),
        LabelQualityMethod::AdjustedNormalizedMargin => adjusted_scores(data, normalized_margin),
    }
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
    score_rows(data, |probs, label| probs[label].to_f64())
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
    score_rows(data, normalized_margin)
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
    let log_k = (data.n_classes() as f64).ln();
    score_rows(data, |probs, label| confidence_weighted_entropy(probs, label, log_k))
}

/// ln(1 + x) / x for one row, where x = entropy(p) / `log_n_classes` / p(given).
///
/// ```
/// use cleanlab_rank::confidence_weighted_entropy;
/// assert_eq!(confidence_weighted_entropy(&[1.0, 0.0], 0, 2.0_f64.ln()), 1.0);
/// ```
///
/// # Panics
///
/// If `label` is not below the number of classes.
///
/// # Source
///
/// As [`get_confidence_weighted_entropy_for_each_label`], with its differences.
#[must_use]
#[inline]
pub fn confidence_weighted_entropy<F: Float>(probs: &[F], label: usize, log_n_classes: f64) -> f64 {
    let entropy = -probs.iter().map(|p| x_log_x(p.to_f64())).sum::<f64>() / log_n_classes;
    let x = entropy / probs[label].to_f64().max(CLIPPING_LOWER_BOUND);
    if x >= CLIPPING_LOWER_BOUND {
        // Not ln_1p: the reference rounds 1 + x first.
        (x + 1.0).ln() / x
    } else if x > 0.0 {
        x.ln_1p() / x
    } else {
        1.0
    }
}

fn x_log_x(p: f64) -> f64 {
    let p = p.min(1.0);
    if p > 0.0 { p * p.ln() } else { 0.0 }
}

fn score_rows<F: Float>(
    data: &LabeledProbs<'_, F>,
    score: impl Fn(&[F], usize) -> f64 + Sync,
) -> Array1<f64> {
    let mut scores = vec![0.0; data.len()];
    fill_rows(data, &mut scores, |batch, out| {
        for ((_, label, probs), out) in batch.iter().zip(out) {
            *out = score(probs, label);
        }
    });
    Array1::from(scores)
}

fn adjusted_scores<F: Float>(
    data: &LabeledProbs<'_, F>,
    score: impl Fn(&[f64], usize) -> f64 + Sync,
) -> Result<Array1<f64>, RankError> {
    let adjustment = ThresholdAdjustment::new(get_confident_thresholds(data)?)?;
    let first_bad_row = AtomicUsize::new(usize::MAX);
    let mut scores = vec![0.0; data.len()];
    fill_rows(data, &mut scores, |batch: &Batch<'_, F>, out: &mut [f64]| {
        let mut adjusted = vec![0.0; batch.n_classes()];
        for ((row, label, probs), out) in batch.iter().zip(out) {
            match adjustment.adjust_row(probs, &mut adjusted) {
                Ok(()) => *out = score(&adjusted, label),
                Err(_) => {
                    first_bad_row.fetch_min(row as usize, Ordering::Relaxed);
                }
            }
        }
    });
    match first_bad_row.into_inner() {
        usize::MAX => Ok(Array1::from(scores)),
        row => Err(CountError::UnscalableRow { row }.into()),
    }
}
