//! Putting the worst labels first.

use cleanlab_core::{Float, LabeledProbs};
use ndarray::ArrayView1;

use crate::errors::RankError;
use crate::scores::{LabelQualityMethod, get_label_quality_scores};

/// The indices of the `top` lowest scores, lowest first; equal scores in order of index.
///
/// ```
/// use cleanlab_rank::find_top_issues;
/// use ndarray::array;
/// assert_eq!(find_top_issues(array![0.5, 0.1, 0.5, 0.1].view(), 3), [1, 3, 0]);
/// ```
///
/// # Shapes
///
/// Returns min(`top`, N) indices.
///
/// # Source
///
/// `cleanlab.rank.find_top_issues`, with a stable sort. NaN comes last, as in NumPy.
#[must_use]
pub fn find_top_issues(quality_scores: ArrayView1<'_, f64>, top: usize) -> Vec<usize> {
    let mut order: Vec<usize> = (0..quality_scores.len()).collect();
    let by_score = |a: &usize, b: &usize| {
        comparable(quality_scores[*a]).total_cmp(&comparable(quality_scores[*b])).then(a.cmp(b))
    };
    if top < order.len() {
        if top > 0 {
            order.select_nth_unstable_by(top - 1, by_score);
        }
        order.truncate(top);
    }
    order.sort_unstable_by(by_score);
    order
}

/// Makes −0 equal 0 and every NaN the largest, as NumPy orders them.
fn comparable(score: f64) -> f64 {
    if score.is_nan() { f64::NAN.abs() } else { score + 0.0 }
}

/// The rows of a mask, ordered by label quality, worst first; equal scores in order of row.
///
/// # Errors
///
/// [`RankError::MaskLength`] when the mask does not have one entry per example, and as [`get_label_quality_scores`].
///
/// # Example
///
/// ```
/// use cleanlab_core::{LabeledProbs, Labels, PredProbs};
/// use cleanlab_rank::{LabelQualityMethod, order_label_issues};
/// use ndarray::array;
///
/// let pred_probs = array![[0.4, 0.6], [0.2, 0.8], [0.7, 0.3]];
/// let data = LabeledProbs::new(Labels::new(&[0, 1, 1])?, PredProbs::new(pred_probs)?)?;
/// let mask = array![true, false, true];
/// assert_eq!(order_label_issues(mask.view(), &data, LabelQualityMethod::SelfConfidence)?, [2, 0]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Source
///
/// `cleanlab.rank.order_label_issues`, with a stable sort.
pub fn order_label_issues<F: Float>(
    label_issues_mask: ArrayView1<'_, bool>,
    data: &LabeledProbs<'_, F>,
    rank_by: LabelQualityMethod,
) -> Result<Vec<usize>, RankError> {
    if label_issues_mask.len() != data.len() {
        return Err(RankError::MaskLength { mask: label_issues_mask.len(), labels: data.len() });
    }
    let scores = get_label_quality_scores(data, rank_by)?;
    let rows: Vec<usize> =
        label_issues_mask.iter().enumerate().filter_map(|(row, &issue)| issue.then_some(row)).collect();
    let scores_of_rows: ndarray::Array1<f64> = rows.iter().map(|&row| scores[row]).collect();
    Ok(find_top_issues(scores_of_rows.view(), rows.len())
        .into_iter()
        .map(|position| rows[position])
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn find_top_issues_takes_both_zeros_for_equal() {
        let scores = array![0.0, -0.0, f64::NAN, -0.0];
        assert_eq!(find_top_issues(scores.view(), 4), [0, 1, 3, 2]);
        assert_eq!(find_top_issues(scores.view(), 1), [0]);
    }

    #[test]
    fn find_top_issues_of_none_or_more_than_there_are() {
        let scores = array![0.5, 0.1];
        assert!(find_top_issues(scores.view(), 0).is_empty());
        assert_eq!(find_top_issues(scores.view(), 3), [1, 0]);
    }
}
