//! Outlier scores from predicted probabilities.

use std::ops::Range;

use cleanlab_core::{Float, LabeledProbs, PredProbs, pairwise_sum, row_chunks};
use cleanlab_count::{CountError, ThresholdAdjustment, get_confident_thresholds};
use ndarray::Array1;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::errors::OutlierError;

/// What makes predicted probabilities look like those of an outlier.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum OodMethod {
    /// 1 − entropy / ln K: a model that finds all classes equally likely has not seen the like.
    #[default]
    Entropy,
    /// The largest probability.
    LeastConfidence,
    /// 1 − Σ qᵞ(1 − q)ᵞ / M over the M largest values q of the softmax of the probabilities (Liu, Lochman and Zach 2023).
    ///
    /// Not meant for adjusted probabilities, and for data with many classes.
    Gen {
        /// M, how many of the largest values count; all, where there are fewer. cleanlab's default is 100.
        top_classes: usize,
        /// γ, above 0. cleanlab's default is 0.1.
        gamma: f64,
    },
}

impl OodMethod {
    /// [`OodMethod::Gen`] with cleanlab's M = 100 and γ = 0.1.
    ///
    /// ```
    /// use cleanlab_outlier::OodMethod;
    /// assert_eq!(OodMethod::gen_score(), OodMethod::Gen { top_classes: 100, gamma: 0.1 });
    /// ```
    #[must_use]
    pub fn gen_score() -> Self {
        Self::Gen { top_classes: 100, gamma: 0.1 }
    }
}

/// How [`get_ood_predictions_scores`] scores. The defaults are cleanlab's, without adjustment.
///
/// ```
/// use cleanlab_outlier::{OodMethod, PredictionOutlierOptions};
/// let options = PredictionOutlierOptions::default().with_method(OodMethod::LeastConfidence);
/// assert_eq!(options.confident_thresholds, None);
/// ```
#[derive(Debug, Clone, PartialEq, Default)]
#[non_exhaustive]
pub struct PredictionOutlierOptions {
    /// What is taken for a sign of an outlier. Default [`OodMethod::Entropy`].
    pub method: OodMethod,
    /// Thresholds by which probabilities are adjusted first, one per class, such as those that
    /// [`fit_score_predictions`] gives. Default: no adjustment.
    pub confident_thresholds: Option<Array1<f64>>,
}

impl PredictionOutlierOptions {
    /// Sets what is taken for a sign of an outlier.
    #[must_use]
    pub fn with_method(mut self, method: OodMethod) -> Self {
        self.method = method;
        self
    }

    /// Has probabilities adjusted by these thresholds first.
    #[must_use]
    pub fn with_confident_thresholds(mut self, thresholds: Array1<f64>) -> Self {
        self.confident_thresholds = Some(thresholds);
        self
    }
}

/// Outlier scores and the thresholds by which probabilities were adjusted for them.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct PredictionOutliers {
    /// The score of each example, N values in [0, 1]; low ones are outliers.
    pub scores: Array1<f64>,
    /// The confident threshold of each class, K values: give them to [`get_ood_predictions_scores`] for other examples.
    pub confident_thresholds: Array1<f64>,
}

/// Outlier scores from labels and predicted probabilities that are adjusted for how confident the model is in each class.
///
/// # Shapes
///
/// N labels and N × K probabilities give N scores and K thresholds.
///
/// # Errors
///
/// As [`get_ood_predictions_scores`].
///
/// # Example
///
/// ```
/// use cleanlab_core::{LabeledProbs, Labels, PredProbs};
/// use cleanlab_outlier::{OodMethod, PredictionOutlierOptions, fit_score_predictions, get_ood_predictions_scores};
/// use ndarray::array;
///
/// let pred_probs = PredProbs::new(array![[0.9, 0.1], [0.1, 0.9], [0.5, 0.5]])?;
/// let data = LabeledProbs::new(Labels::new(&[0, 1, 1])?, pred_probs)?;
/// let fitted = fit_score_predictions(&data, OodMethod::Entropy)?;
/// assert!(fitted.scores[2] < fitted.scores[0]);
///
/// // Other examples, by the same thresholds.
/// let options = PredictionOutlierOptions::default().with_confident_thresholds(fitted.confident_thresholds);
/// let scores = get_ood_predictions_scores(&PredProbs::new(array![[0.9, 0.1]])?, &options)?;
/// assert_eq!(scores[0], fitted.scores[0]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Source
///
/// `cleanlab.outlier.OutOfDistribution.fit_score` with `pred_probs` and `labels`.
pub fn fit_score_predictions<F: Float>(
    data: &LabeledProbs<'_, F>,
    method: OodMethod,
) -> Result<PredictionOutliers, OutlierError> {
    let confident_thresholds = get_confident_thresholds(data)?;
    let options =
        PredictionOutlierOptions { method, confident_thresholds: Some(confident_thresholds.clone()) };
    let scores = get_ood_predictions_scores(data.pred_probs(), &options)?;
    Ok(PredictionOutliers { scores, confident_thresholds })
}

/// Outlier scores from predicted probabilities alone.
///
/// # Shapes
///
/// N × K probabilities give N scores in [0, 1]; low ones are outliers.
///
/// # Errors
///
/// [`OutlierError::InvalidOption`] for M = 0 or a γ that is not above 0; [`OutlierError::Count`] when thresholds are not
/// K finite numbers, or when adjusted probabilities sum to 0.
///
/// # Example
///
/// ```
/// use cleanlab_core::PredProbs;
/// use cleanlab_outlier::{OodMethod, PredictionOutlierOptions, get_ood_predictions_scores};
/// use ndarray::array;
///
/// let pred_probs = PredProbs::new(array![[1.0, 0.0], [0.5, 0.5]])?;
/// let scores = get_ood_predictions_scores(&pred_probs, &PredictionOutlierOptions::default())?;
/// assert_eq!(scores, array![1.0, 0.0]);
/// let options = PredictionOutlierOptions::default().with_method(OodMethod::LeastConfidence);
/// assert_eq!(get_ood_predictions_scores(&pred_probs, &options)?, array![1.0, 0.5]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Source
///
/// `cleanlab.outlier.OutOfDistribution.score` with `pred_probs`.
///
/// # Differences
///
/// For the entropy, values outside [0, 1] within the tolerance of 1e-6 are clipped; cleanlab refuses them.
pub fn get_ood_predictions_scores<F: Float>(
    pred_probs: &PredProbs<'_, F>,
    options: &PredictionOutlierOptions,
) -> Result<Array1<f64>, OutlierError> {
    let n_classes = pred_probs.n_classes();
    if let OodMethod::Gen { top_classes, gamma } = options.method {
        if top_classes == 0 {
            return Err(OutlierError::InvalidOption {
                option: "top_classes",
                value: 0.0,
                bound: "at least 1",
            });
        }
        if !gamma.is_finite() || gamma <= 0.0 {
            return Err(OutlierError::InvalidOption {
                option: "gamma",
                value: gamma,
                bound: "finite and above 0",
            });
        }
    }
    let adjustment = match &options.confident_thresholds {
        Some(thresholds) if thresholds.len() != n_classes => {
            let (what, found, expected) = ("confident_thresholds", thresholds.len(), n_classes);
            return Err(CountError::WrongLength { what, found, expected }.into());
        }
        Some(thresholds) => Some(ThresholdAdjustment::new(thresholds.clone())?),
        None => None,
    };
    let mut scores = Array1::zeros(pred_probs.n_rows());
    let chunks = row_chunks(pred_probs.n_rows(), n_classes);
    let outputs: Vec<&mut [f64]> =
        scores.as_slice_mut().map_or_else(Vec::new, |scores| scores.chunks_mut(chunks[0].len()).collect());
    let fill = |(rows, scores): (&Range<usize>, &mut [f64])| -> Result<(), OutlierError> {
        let mut scratch = Vec::new();
        let mut probs = vec![0.0; n_classes];
        let given = pred_probs.rows(rows.clone(), &mut scratch).chunks_exact(n_classes);
        for ((row, given), score) in rows.clone().zip(given).zip(scores) {
            match &adjustment {
                Some(adjustment) => {
                    adjustment
                        .adjust_row(given, &mut probs)
                        .map_err(|_| CountError::UnscalableRow { row })?;
                }
                None => probs.iter_mut().zip(given).for_each(|(out, p)| *out = p.to_f64()),
            }
            *score = score_row(&mut probs, options.method);
        }
        Ok(())
    };
    // All chunks run, so that the error is that of the first row at fault on any number of threads.
    let outcomes: Vec<Result<(), OutlierError>> = chunks.par_iter().zip(outputs).map(fill).collect();
    outcomes.into_iter().collect::<Result<(), OutlierError>>()?;
    Ok(scores)
}

/// The score of one row, which is overwritten.
fn score_row(probs: &mut [f64], method: OodMethod) -> f64 {
    match method {
        OodMethod::Entropy => {
            let n_classes = probs.len() as f64;
            for p in probs.iter_mut() {
                let clipped = p.clamp(0.0, 1.0);
                *p = if clipped == 0.0 { 0.0 } else { clipped * clipped.ln() };
            }
            1.0 + pairwise_sum(probs) / n_classes.ln()
        }
        OodMethod::LeastConfidence => probs.iter().copied().fold(f64::NEG_INFINITY, f64::max),
        OodMethod::Gen { top_classes, gamma } => {
            for p in probs.iter_mut() {
                *p = p.exp();
            }
            let sum = pairwise_sum(probs);
            for p in probs.iter_mut() {
                *p /= sum;
            }
            probs.sort_unstable_by(f64::total_cmp);
            let first = probs.len().saturating_sub(top_classes);
            let top = &mut probs[first..];
            for q in top.iter_mut() {
                *q = q.powf(gamma) * (1.0 - *q).powf(gamma);
            }
            1.0 - pairwise_sum(top) / top_classes as f64
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn get_ood_predictions_scores_bad_options_are_refused() {
        let pred_probs = PredProbs::new(array![[0.9, 0.1]]).unwrap();
        let refused = |options: PredictionOutlierOptions| {
            get_ood_predictions_scores(&pred_probs, &options).unwrap_err()
        };
        let with = |method| PredictionOutlierOptions::default().with_method(method);
        assert!(matches!(
            refused(with(OodMethod::Gen { top_classes: 0, gamma: 0.1 })),
            OutlierError::InvalidOption { option: "top_classes", .. }
        ));
        assert!(matches!(
            refused(with(OodMethod::Gen { top_classes: 1, gamma: f64::NAN })),
            OutlierError::InvalidOption { option: "gamma", .. }
        ));
        let thresholds =
            |thresholds| PredictionOutlierOptions::default().with_confident_thresholds(thresholds);
        assert_eq!(
            refused(thresholds(array![0.5])),
            OutlierError::Count(CountError::WrongLength {
                what: "confident_thresholds",
                found: 1,
                expected: 2
            })
        );
        assert!(matches!(
            refused(thresholds(array![0.5, f64::NAN])),
            OutlierError::Count(CountError::NotFinite { .. })
        ));
        let zeros = PredProbs::new(array![[0.5, 0.5], [0.0, 0.0]]).unwrap();
        assert_eq!(
            get_ood_predictions_scores(&zeros, &thresholds(array![0.5, 0.5])).unwrap_err(),
            OutlierError::Count(CountError::UnscalableRow { row: 1 })
        );
    }

    #[test]
    fn get_ood_predictions_scores_values_within_tolerance_are_clipped() {
        let pred_probs = PredProbs::new(array![[1.0 + 9e-7, -9e-7]]).unwrap();
        let scores = get_ood_predictions_scores(&pred_probs, &PredictionOutlierOptions::default()).unwrap();
        assert_eq!(scores[0], 1.0);
    }
}
