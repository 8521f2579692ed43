//! Scores of numeric labels by their predictions.

use cleanlab_core::pairwise_sum_by;
use cleanlab_neighbors::{ExactIndex, Metric};
use cleanlab_outlier::transform_distances_to_scores;
use ndarray::{Array1, Array2, ArrayView1};
use serde::{Deserialize, Serialize};

use crate::errors::RegressionError;
use crate::regression_set::{check_length, check_values};

/// How much residuals count beside labels; cleanlab's `residual_scale`.
const RESIDUAL_SCALE: f64 = 5.0;

/// The share of all rows that are taken for neighbours; cleanlab's `frac_neighbors`.
const NEIGHBOR_SHARE: f64 = 0.5;

/// What keeps divisors above 0; cleanlab's `TINY_VALUE`.
pub(crate) const TINY_VALUE: f64 = 1e-100;

/// How a numeric label is scored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum LabelQualityMethod {
    /// How usual the pair of label and residual is among all rows: the outlier score of (z(label), 5 · z(residual)),
    /// where z subtracts the mean and divides by the standard deviation, by the ⌈N/2⌉ nearest rows.
    #[default]
    Outre,
    /// exp(−|prediction − label|).
    Residual,
}

/// A quality score for every label of a regression data set: between 0 and 1, low for labels that are likely wrong.
///
/// Predictions should be out-of-sample: by models that had not seen the label that they predict.
///
/// # Shapes
///
/// N labels and N predictions give N scores.
///
/// # Errors
///
/// [`RegressionError::NoLabels`]; [`RegressionError::WrongLength`]; [`RegressionError::InvalidValue`] for the first label
/// or prediction that is not finite, or beyond ±1e150; [`RegressionError::Neighbors`] for a single row with
/// [`LabelQualityMethod::Outre`].
///
/// # Example
///
/// ```
/// use approx::assert_abs_diff_eq;
/// use cleanlab_regression::{LabelQualityMethod, get_label_quality_scores};
/// use ndarray::array;
///
/// let (labels, predictions) = (array![1.0, 2.0, 3.0, 4.0], array![2.0, 2.0, 5.0, 4.1]);
/// let scores = get_label_quality_scores(labels.view(), predictions.view(), LabelQualityMethod::Outre)?;
/// let expected = array![0.2162406, 0.62585509, 0.20275104, 0.62585509];
/// assert_abs_diff_eq!(scores, expected, epsilon = 1e-8);
/// # Ok::<(), cleanlab_regression::RegressionError>(())
/// ```
///
/// # Source
///
/// Zhou, Mueller et al. 2023; `cleanlab.regression.rank.get_label_quality_scores`.
///
/// # Differences
///
/// Above 100 rows cleanlab computes distances as √(‖x‖² − 2x·y + ‖y‖²), whose rounding errors move its scores by
/// some 1e-14, and up to some 1e-8 where many rows are close together. Here distances are those of the definition, as cleanlab's are up to 100 rows.
pub fn get_label_quality_scores(
    labels: ArrayView1<'_, f64>,
    predictions: ArrayView1<'_, f64>,
    method: LabelQualityMethod,
) -> Result<Array1<f64>, RegressionError> {
    if labels.is_empty() {
        return Err(RegressionError::NoLabels);
    }
    check_length("predictions", predictions.len(), labels.len())?;
    check_values("labels", labels)?;
    check_values("predictions", predictions)?;
    let residuals = &predictions - &labels;
    match method {
        LabelQualityMethod::Residual => Ok(residuals.mapv_into(|residual| (-residual.abs()).exp())),
        LabelQualityMethod::Outre => outre_scores(labels, residuals.view()),
    }
}

fn outre_scores(
    labels: ArrayView1<'_, f64>,
    residuals: ArrayView1<'_, f64>,
) -> Result<Array1<f64>, RegressionError> {
    let n_rows = labels.len();
    let mut features = Array2::zeros((n_rows, 2));
    features.column_mut(0).assign(&standardized(labels));
    features.column_mut(1).assign(&(RESIDUAL_SCALE * standardized(residuals)));
    let k = (NEIGHBOR_SHARE * n_rows as f64).ceil() as usize;
    if k >= n_rows {
        return Err(cleanlab_neighbors::NeighborsError::TooFewRows { rows: n_rows }.into());
    }
    let index = ExactIndex::new(features.view(), Metric::Euclidean)?;
    // Every row is its own nearest neighbour here, as in cleanlab.
    let distances = index.mean_distances_of(features.view(), k)?;
    Ok(transform_distances_to_scores(distances.view(), Metric::Euclidean, 1.0)?)
}

/// Values less their mean, over their standard deviation.
fn standardized(values: ArrayView1<'_, f64>) -> Array1<f64> {
    let n = values.len();
    let mean = pairwise_sum_by(n, &|row| values[row]) / n as f64;
    let variance = pairwise_sum_by(n, &|row| (values[row] - mean).powi(2)) / n as f64;
    let deviation = variance.sqrt() + TINY_VALUE;
    values.mapv(|value| (value - mean) / deviation)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn get_label_quality_scores_bad_input_is_refused() {
        let score = |labels: Array1<f64>, predictions: Array1<f64>| {
            get_label_quality_scores(labels.view(), predictions.view(), LabelQualityMethod::Outre)
                .unwrap_err()
        };
        assert!(matches!(score(array![], array![]), RegressionError::NoLabels));
        assert!(matches!(
            score(array![1.0], array![1.0, 2.0]),
            RegressionError::WrongLength { what: "predictions", found: 2, expected: 1 }
        ));
        assert!(matches!(
            score(array![1.0, f64::NAN], array![1.0, 2.0]),
            RegressionError::InvalidValue { what: "labels", row: 1, .. }
        ));
        assert!(matches!(
            score(array![1.0, 2.0], array![f64::INFINITY, 2.0]),
            RegressionError::InvalidValue { what: "predictions", row: 0, .. }
        ));
        assert!(matches!(score(array![1.0], array![1.0]), RegressionError::Neighbors(_)));
    }

    #[test]
    fn get_label_quality_scores_equal_labels_and_predictions_score_one() {
        for labels in [array![0.1, 0.1, 0.1], array![3.0, 3.0, 3.0]] {
            for method in [LabelQualityMethod::Outre, LabelQualityMethod::Residual] {
                let scores = get_label_quality_scores(labels.view(), labels.view(), method).unwrap();
                assert_eq!(scores, array![1.0, 1.0, 1.0]);
            }
        }
    }
}
