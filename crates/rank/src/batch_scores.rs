//! Scores of rows that come in batches.

use cleanlab_core::{Batch, Float};
use cleanlab_count::{CountError, ThresholdAdjustment, normalized_margins};
use ndarray::Array1;

use crate::entropy::score_batch;
use crate::errors::RankError;
use crate::scores::LabelQualityMethod;

impl LabelQualityMethod {
    /// Whether probabilities are adjusted by the confident thresholds, so that these must be known first.
    #[must_use]
    pub fn needs_thresholds(self) -> bool {
        matches!(self, Self::AdjustedSelfConfidence | Self::AdjustedNormalizedMargin)
    }
}

/// Scores the labels of batches: [`get_label_quality_scores`](crate::get_label_quality_scores) for data that do not come
/// as a whole.
///
/// ```
/// use cleanlab_core::Batch;
/// use cleanlab_rank::{LabelQualityMethod, LabelQualityScorer};
///
/// let scorer = LabelQualityScorer::new(LabelQualityMethod::SelfConfidence, None)?;
/// let mut scores = [0.0; 2];
/// scorer.score(&Batch::new(&[0, 1], &[0.9, 0.1, 0.2, 0.8], 2, 0)?, &mut scores)?;
/// assert_eq!(scores, [0.9, 0.8]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct LabelQualityScorer {
    method: LabelQualityMethod,
    adjustment: Option<ThresholdAdjustment>,
    n_thresholds: usize,
}

impl LabelQualityScorer {
    /// Scores by this method, with the confident thresholds of all data for those that
    /// [need them](LabelQualityMethod::needs_thresholds).
    ///
    /// # Errors
    ///
    /// [`CountError::WrongLength`] when thresholds are needed and not given, [`CountError::NotFinite`] for one that is
    /// not finite.
    pub fn new(method: LabelQualityMethod, thresholds: Option<&Array1<f64>>) -> Result<Self, RankError> {
        let adjustment = match (method.needs_thresholds(), thresholds) {
            (false, _) => None,
            (true, Some(thresholds)) => Some(ThresholdAdjustment::new(thresholds.clone())?),
            (true, None) => {
                return Err(CountError::WrongLength { what: "thresholds", found: 0, expected: 2 }.into());
            }
        };
        Ok(Self { method, adjustment, n_thresholds: thresholds.map_or(0, Array1::len) })
    }

    /// Writes the score of every row of a batch.
    ///
    /// # Errors
    ///
    /// [`CountError::UnscalableRow`] naming the row of all data whose adjusted probabilities sum to 0;
    /// [`CountError::WrongLength`] when there is not one score per row.
    pub fn score<F: Float>(&self, batch: &Batch<'_, F>, scores: &mut [f64]) -> Result<(), RankError> {
        if scores.len() != batch.len() {
            let (found, expected) = (scores.len(), batch.len());
            return Err(CountError::WrongLength { what: "scores", found, expected }.into());
        }
        if let Some(adjustment) = &self.adjustment {
            let (found, expected) = (self.n_thresholds, batch.n_classes());
            if found != expected {
                return Err(CountError::WrongLength { what: "thresholds", found, expected }.into());
            }
            let mut first_bad = None;
            adjustment.adjust_labels(batch, |position, label| match label {
                Ok(label) if self.method == LabelQualityMethod::AdjustedNormalizedMargin => {
                    scores[position] = label.margin();
                }
                Ok(label) => scores[position] = label.own,
                Err(_) => first_bad = Some(first_bad.map_or(position, |first: usize| first.min(position))),
            });
            return match first_bad {
                None => Ok(()),
                Some(position) => {
                    Err(CountError::UnscalableRow { row: batch.row_id(position) as usize }.into())
                }
            };
        }
        match self.method {
            LabelQualityMethod::NormalizedMargin => normalized_margins(batch, scores),
            LabelQualityMethod::ConfidenceWeightedEntropy => score_batch(batch, scores),
            _ => {
                for ((_, label, probs), score) in batch.iter().zip(scores) {
                    *score = probs[label].to_f64();
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn new_without_thresholds_fails_for_adjusted_methods_alone() {
        for method in [
            LabelQualityMethod::SelfConfidence,
            LabelQualityMethod::NormalizedMargin,
            LabelQualityMethod::ConfidenceWeightedEntropy,
        ] {
            assert!(LabelQualityScorer::new(method, None).is_ok(), "{method:?}");
        }
        for method in
            [LabelQualityMethod::AdjustedSelfConfidence, LabelQualityMethod::AdjustedNormalizedMargin]
        {
            assert!(LabelQualityScorer::new(method, None).is_err(), "{method:?}");
        }
    }
}
