//! The seven ways to flag labels.

use cleanlab_core::{Accumulator, Float, LabeledProbs, RowSums, accumulate, fill_rows};
use cleanlab_count::{
    Calibration, CollisionRule, ConfidentJointOptions, CountError, IssueCountAccumulator, LabelSurvey,
    SelectionKey, SelectionPlan, calibrate_confident_joint, compute_confident_joint, find_confident_issues,
    flag_unpredicted, select_mask, select_mask_of_unpredicted,
};
use cleanlab_rank::{LabelQualityMethod, order_label_issues};
use ndarray::Array1;

use crate::errors::FilterError;
use crate::options::{FilterBy, FindLabelIssuesOptions};
use crate::prune_counts::PruneCounts;

/// Flagged labels, with what the caller should know about how they were found.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct LabelIssues {
    /// For each example, whether its label is flagged.
    pub mask: Array1<bool>,
    /// What may have kept labels from being flagged, or was ignored.
    pub warnings: Vec<LabelIssuesWarning>,
}

/// Something the caller should know about flagged labels.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum LabelIssuesWarning {
    /// Some classes were left alone because they have too few examples.
    #[error(
        "not all label issues may be flagged in classes {classes:?}: they have {min_examples_per_class} examples or fewer (min_examples_per_class)"
    )]
    TooFewExamples {
        /// The classes left alone.
        classes: Vec<usize>,
        /// The limit.
        min_examples_per_class: u64,
    },
    /// An option was given that the method does not use.
    #[error("{option} has no effect with filter_by {filter_by}")]
    OptionIgnored {
        /// The option.
        option: &'static str,
        /// The method chosen.
        filter_by: FilterBy,
    },
    /// Some rows of probabilities do not sum to 1.
    #[error(
        "{n_rows} rows of pred_probs do not sum to 1; the first is row {first_row}, which sums to {first_sum}"
    )]
    RowsDoNotSumToOne {
        /// Number of such rows.
        n_rows: usize,
        /// The first of them.
        first_row: usize,
        /// Its sum.
        first_sum: f64,
    },
}

impl LabelIssues {
    /// Number of flagged labels.
    #[must_use]
    pub fn n_issues(&self) -> usize {
        self.mask.iter().filter(|&&issue| issue).count()
    }

    /// The flagged rows, in ascending order.
    #[must_use]
    pub fn indices(&self) -> Vec<usize> {
        self.mask.iter().enumerate().filter_map(|(row, &issue)| issue.then_some(row)).collect()
    }

    /// The flagged rows, worst first; equal scores in order of row. `data` is what the labels were flagged in.
    ///
    /// # Errors
    ///
    /// As [`order_label_issues`].
    ///
    /// # Source
    ///
    /// `cleanlab.filter.find_label_issues(return_indices_ranked_by=…)`.
    #[doc(alias = "return_indices_ranked_by")]
    pub fn ranked_by<F: Float>(
        &self,
        data: &LabeledProbs<'_, F>,
        method: LabelQualityMethod,
    ) -> Result<Vec<usize>, FilterError> {
        Ok(order_label_issues(self.mask.view(), data, method)?)
    }
}

/// Flags the labels that are probably wrong.
///
/// # Shapes
///
/// Returns a mask of N flags.
///
/// # Errors
///
/// [`FilterError::FracNoise`], [`FilterError::NotAPruningMethod`], [`FilterError::NumToRemoveLength`] or
/// [`FilterError::ConfidentJointShape`] for an option out of its bounds.
///
/// # Example
///
/// ```
/// use cleanlab_core::{LabeledProbs, Labels, PredProbs};
/// use cleanlab_filter::{FilterBy, FindLabelIssuesOptions, find_label_issues};
/// use ndarray::array;
///
/// let pred_probs = array![[0.9, 0.1], [0.8, 0.2], [0.1, 0.9], [0.2, 0.8], [0.95, 0.05]];
/// let data = LabeledProbs::new(Labels::new(&[0, 0, 1, 1, 1])?, PredProbs::new(pred_probs)?)?;
/// for filter_by in FilterBy::ALL {
///     let options = FindLabelIssuesOptions::default().with_filter_by(filter_by);
///     assert_eq!(find_label_issues(&data, &options)?.indices(), [4], "{filter_by}");
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Source
///
/// Northcutt, Jiang and Chuang 2021, section 3.2; `cleanlab.filter.find_label_issues`, with stable sorts.
pub fn find_label_issues<F: Float>(
    data: &LabeledProbs<'_, F>,
    options: &FindLabelIssuesOptions,
) -> Result<LabelIssues, FilterError> {
    let mut warnings = options.check(data.n_classes())?;
    warnings.extend(LabelIssuesWarning::of_row_sums(data.pred_probs().row_sums()));
    let mask = match options.filter_by {
        FilterBy::PruneByNoiseRate | FilterBy::PruneByClass | FilterBy::Both => {
            pruned(data, options, &mut warnings)?
        }
        FilterBy::ConfidentLearning => {
            let joint_options = ConfidentJointOptions::default().with_collision(options.collision);
            Array1::from(find_confident_issues(data, &joint_options)?)
        }
        FilterBy::PredictedNeqGiven => {
            let mut mask = vec![false; data.len()];
            fill_rows(data, &mut mask, flag_unpredicted);
            Array1::from(mask)
        }
        FilterBy::LowNormalizedMargin => {
            lowest_scores(data, SelectionKey::LowNormalizedMargin, options.collision)?
        }
        FilterBy::LowSelfConfidence => {
            lowest_scores(data, SelectionKey::LowSelfConfidence, options.collision)?
        }
    };
    Ok(LabelIssues { mask, warnings })
}

impl LabelIssuesWarning {
    /// The warning that rows do not sum to 1, where some do not: for those who read probabilities without filtering.
    ///
    /// ```
    /// use cleanlab_core::PredProbs;
    /// use cleanlab_filter::LabelIssuesWarning;
    /// use ndarray::array;
    ///
    /// let pred_probs = PredProbs::new(array![[0.9, 0.1], [0.2, 0.2]])?;
    /// let warning = LabelIssuesWarning::of_row_sums(pred_probs.row_sums()).map(|warning| warning.to_string());
    /// assert!(warning.is_some_and(|text| text.contains("row 1")));
    /// # Ok::<(), cleanlab_core::InputError>(())
    /// ```
    #[must_use]
    pub fn of_row_sums(sums: RowSums) -> Option<Self> {
        sums.first_row.map(|first_row| Self::RowsDoNotSumToOne {
            n_rows: sums.n_off_one,
            first_row,
            first_sum: sums.first_sum,
        })
    }
}

fn pruned<F: Float>(
    data: &LabeledProbs<'_, F>,
    options: &FindLabelIssuesOptions,
    warnings: &mut Vec<LabelIssuesWarning>,
) -> Result<Array1<bool>, FilterError> {
    let (counts, surveys) = match &options.confident_joint {
        Some(confident_joint) => {
            (PruneCounts::new(confident_joint, data.label_counts(), options)?, Vec::new())
        }
        None => {
            let keys: &[SelectionKey] = match options.filter_by {
                FilterBy::PruneByNoiseRate => &[SelectionKey::MarginOfPair],
                FilterBy::PruneByClass => &[SelectionKey::LowSelfConfidenceOfClass],
                _ => &[SelectionKey::MarginOfPair, SelectionKey::LowSelfConfidenceOfClass],
            };
            let survey = LabelSurvey::new(data, keys)?;
            let joint_options = ConfidentJointOptions::default()
                .with_thresholds(survey.thresholds)
                .with_collision(options.collision)
                .with_calibration(Calibration::Uncalibrated);
            // With very many classes a matrix of them is a part of the input that counts, so the raw one goes at once.
            let confident_joint = calibrate_confident_joint(
                &compute_confident_joint(data, &joint_options)?,
                &survey.label_counts,
            )?;
            (PruneCounts::new(&confident_joint, survey.label_counts, options)?, survey.keys)
        }
    };
    warnings.extend(counts.warning());
    // A row is never flagged when its given label is predicted, but it counts among those that are taken.
    let mask = match options.filter_by {
        FilterBy::PruneByNoiseRate => select_mask_of_unpredicted(data, &counts.by_noise_rate(), &surveys)?,
        FilterBy::PruneByClass => select_mask_of_unpredicted(data, &counts.by_class(), &surveys)?,
        _ => {
            // One of the two masks waits in an eighth of its memory.
            let by_class = packed(&select_mask(data, &counts.by_class(), &surveys)?);
            let mut mask = select_mask_of_unpredicted(data, &counts.by_noise_rate(), &surveys)?;
            for (mask, bits) in mask.chunks_mut(8).zip(by_class) {
                mask.iter_mut().enumerate().for_each(|(place, issue)| *issue &= bits >> place & 1 == 1);
            }
            mask
        }
    };
    Ok(Array1::from(mask))
}

/// Eight flags in a byte.
fn packed(mask: &[bool]) -> Vec<u8> {
    let byte = |flags: &[bool]| flags.iter().rev().fold(0, |bits, &flag| bits << 1 | u8::from(flag));
    mask.chunks(8).map(byte).collect()
}

/// The lowest-scoring rows, as many as are confidently in another class.
fn lowest_scores<F: Float>(
    data: &LabeledProbs<'_, F>,
    key: SelectionKey,
    collision: CollisionRule,
) -> Result<Array1<bool>, FilterError> {
    let survey = LabelSurvey::new(data, &[key])?;
    let n_issues = accumulate(data, || IssueCountAccumulator::new(&survey.thresholds, collision))
        .map_err(CountError::from)?
        .finish();
    let plan = SelectionPlan::new(key, data.n_classes(), [(0, n_issues)]);
    Ok(Array1::from(select_mask(data, &plan, &survey.keys)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use cleanlab_core::{Labels, PredProbs};
    use ndarray::array;

    #[test]
    fn find_label_issues_follow_the_collision_rule_wherever_confident_rows_count() {
        // Thresholds 0.2, 0.1 and 0.475: row 2 is confidently in its own class 0 and in 1, and likeliest in 2.
        let pred_probs = array![
            [0.0, 0.2, 0.8],
            [0.0, 0.2, 0.8],
            [0.3, 0.3, 0.4],
            [0.3, 0.5, 0.2],
            [0.3, 0.4, 0.3],
            [0.0, 0.1, 0.9],
            [0.0, 0.2, 0.8],
            [0.1, 0.8, 0.1],
        ];
        let labels = Labels::new(&[2, 2, 0, 2, 0, 1, 0, 2]).unwrap();
        let data = LabeledProbs::new(labels, PredProbs::new(pred_probs).unwrap()).unwrap();
        let found = |filter_by, collision| {
            let options =
                FindLabelIssuesOptions::default().with_filter_by(filter_by).with_collision(collision);
            find_label_issues(&data, &options).unwrap()
        };
        let [cleanlabs, papers] = [CollisionRule::LargestOfAll, CollisionRule::LargestOfConfident];
        assert_eq!(found(FilterBy::ConfidentLearning, cleanlabs).indices(), [2, 3, 4, 5, 6, 7]);
        assert_eq!(found(FilterBy::ConfidentLearning, papers).indices(), [3, 4, 5, 6, 7]);
        for filter_by in [FilterBy::LowNormalizedMargin, FilterBy::LowSelfConfidence] {
            assert_eq!(found(filter_by, cleanlabs).n_issues(), 6, "{filter_by}");
            assert_eq!(found(filter_by, papers).n_issues(), 5, "{filter_by}");
        }
    }

    #[test]
    fn of_row_sums_names_the_first_row_that_is_off() {
        let pred_probs = PredProbs::new(array![[0.9, 0.1], [0.2, 0.2], [0.3, 0.3]]).unwrap();
        let warning = LabelIssuesWarning::of_row_sums(pred_probs.row_sums());
        assert!(matches!(
            warning,
            Some(LabelIssuesWarning::RowsDoNotSumToOne { n_rows: 2, first_row: 1, first_sum: 0.4 })
        ));
        let fine = PredProbs::new(array![[0.9, 0.1], [0.2, 0.8]]).unwrap();
        assert_eq!(LabelIssuesWarning::of_row_sums(fine.row_sums()), None);
    }
}
