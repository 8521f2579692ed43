//! How much of the variation of labels is explained by predictions.

use cleanlab_core::pairwise_sum_by;
use ndarray::ArrayView1;

use crate::errors::RegressionError;
use crate::regression_set::{check_length, check_not_negative, check_values};

/// R², the share of the variation of labels that predictions explain.
///
/// 1 − Σ w(y − ŷ)² / Σ w(y − ȳ)², where ȳ is the weighted mean of the labels. Where all labels are equal it is 1 if all
/// predictions equal them, and 0 otherwise.
///
/// # Shapes
///
/// N labels, N predictions, N weights if any. The result is at most 1, and negative when a constant would do better.
///
/// # Errors
///
/// [`RegressionError::NoLabels`], [`RegressionError::WrongLength`], [`RegressionError::InvalidValue`],
/// [`RegressionError::NegativeValue`] for weights, [`RegressionError::ZeroWeights`].
///
/// # Example
///
/// ```
/// use cleanlab_regression::r2_score;
/// use ndarray::array;
/// assert_eq!(r2_score(array![1.0, 2.0, 3.0].view(), array![1.0, 2.0, 2.0].view(), None)?, 0.5);
/// # Ok::<(), cleanlab_regression::RegressionError>(())
/// ```
///
/// # Source
///
/// `sklearn.metrics.r2_score`.
///
/// # Differences
///
/// scikit-learn gives NaN for a single row.
pub fn r2_score(
    labels: ArrayView1<'_, f64>,
    predictions: ArrayView1<'_, f64>,
    sample_weight: Option<ArrayView1<'_, f64>>,
) -> Result<f64, RegressionError> {
    if labels.is_empty() {
        return Err(RegressionError::NoLabels);
    }
    check_length("predictions", predictions.len(), labels.len())?;
    check_values("labels", labels)?;
    check_values("predictions", predictions)?;
    if let Some(weights) = sample_weight {
        check_length("sample_weight", weights.len(), labels.len())?;
        check_values("sample_weight", weights)?;
        check_not_negative("sample_weight", weights)?;
        if weights.iter().all(|&weight| weight == 0.0) {
            return Err(RegressionError::ZeroWeights);
        }
    }
    Ok(r_squared(labels, predictions, sample_weight))
}

/// R² of values that were checked.
pub(crate) fn r_squared(
    labels: ArrayView1<'_, f64>,
    predictions: ArrayView1<'_, f64>,
    sample_weight: Option<ArrayView1<'_, f64>>,
) -> f64 {
    let n = labels.len();
    let weight = |row: usize| sample_weight.map_or(1.0, |weights| weights[row]);
    let total = sample_weight.map_or(n as f64, |weights| pairwise_sum_by(n, &|row| weights[row]));
    let mean = pairwise_sum_by(n, &|row| labels[row] * weight(row)) / total;
    let unexplained = pairwise_sum_by(n, &|row| weight(row) * (labels[row] - predictions[row]).powi(2));
    let variation = pairwise_sum_by(n, &|row| weight(row) * (labels[row] - mean).powi(2));
    if variation == 0.0 {
        return if unexplained == 0.0 { 1.0 } else { 0.0 };
    }
    1.0 - unexplained / variation
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::{Array1, array};

    #[test]
    fn r2_score_equal_labels_is_0_or_1() {
        let labels = array![2.0, 2.0];
        assert_eq!(r2_score(labels.view(), labels.view(), None).unwrap(), 1.0);
        assert_eq!(r2_score(labels.view(), array![2.0, 2.5].view(), None).unwrap(), 0.0);
    }

    #[test]
    fn r2_score_a_weight_of_two_is_a_row_twice() {
        let (labels, predictions) = (array![1.0, 2.0, 4.0], array![1.5, 2.0, 3.0]);
        let weighted =
            r2_score(labels.view(), predictions.view(), Some(array![1.0, 1.0, 2.0].view())).unwrap();
        let repeated = r2_score(array![1.0, 2.0, 4.0, 4.0].view(), array![1.5, 2.0, 3.0, 3.0].view(), None);
        approx::assert_abs_diff_eq!(weighted, repeated.unwrap(), epsilon = 1e-15);
    }

    #[test]
    fn r2_score_bad_input_is_refused() {
        let labels = array![1.0, 2.0];
        let score = |weights: &Array1<f64>| r2_score(labels.view(), labels.view(), Some(weights.view()));
        assert!(matches!(score(&array![0.0, 0.0]), Err(RegressionError::ZeroWeights)));
        assert!(matches!(score(&array![0.0, -1.0]), Err(RegressionError::NegativeValue { row: 1, .. })));
        assert!(matches!(score(&array![1.0]), Err(RegressionError::WrongLength { .. })));
        assert!(matches!(r2_score(array![].view(), array![].view(), None), Err(RegressionError::NoLabels)));
    }
}
