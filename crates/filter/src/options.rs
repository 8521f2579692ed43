//! How labels are flagged.

use std::fmt;

use cleanlab_count::{CollisionRule, ConfidentJoint};
use serde::{Deserialize, Serialize};

use crate::errors::FilterError;
use crate::label_issues::LabelIssuesWarning;

/// The rule that flags labels.
///
/// All but the two `Low…` methods finally drop every row whose given label is also the predicted class.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum FilterBy {
    /// For each pair of a given class i and another class j, the rows labelled i with the largest p(j) − p(i), as
    /// many as the confident joint estimates to be mislabelled that way.
    #[default]
    PruneByNoiseRate,
    /// For each class, the rows with the lowest p(given), as many as the confident joint estimates to be mislabelled.
    PruneByClass,
    /// Rows that both of the above flag.
    Both,
    /// Rows that are confidently in a class other than their given one.
    ConfidentLearning,
    /// Rows whose predicted class is not the given one.
    PredictedNeqGiven,
    /// The rows with the lowest normalized margin, as many as `ConfidentLearning` flags.
    LowNormalizedMargin,
    /// The rows with the lowest self-confidence, as many as `ConfidentLearning` flags.
    LowSelfConfidence,
}

impl FilterBy {
    /// All methods, in cleanlab's order.
    pub const ALL: [Self; 7] = [
        Self::PruneByNoiseRate,
        Self::PruneByClass,
        Self::Both,
        Self::ConfidentLearning,
        Self::PredictedNeqGiven,
        Self::LowNormalizedMargin,
        Self::LowSelfConfidence,
    ];

    /// cleanlab's name of the method.
    ///
    /// ```
    /// assert_eq!(cleanlab_filter::FilterBy::PruneByNoiseRate.name(), "prune_by_noise_rate");
    /// ```
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::PruneByNoiseRate => "prune_by_noise_rate",
            Self::PruneByClass => "prune_by_class",
            Self::Both => "both",
            Self::ConfidentLearning => "confident_learning",
            Self::PredictedNeqGiven => "predicted_neq_given",
            Self::LowNormalizedMargin => "low_normalized_margin",
            Self::LowSelfConfidence => "low_self_confidence",
        }
    }

    /// Whether the method prunes by counts, so that `frac_noise`, `num_to_remove_per_class` and
    /// `min_examples_per_class` apply.
    #[must_use]
    pub fn prunes_by_counts(self) -> bool {
        matches!(self, Self::PruneByNoiseRate | Self::PruneByClass | Self::Both)
    }
}

impl fmt::Display for FilterBy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Options of [`find_label_issues`](crate::find_label_issues). The defaults are cleanlab's.
///
/// ```
/// use cleanlab_filter::{FilterBy, FindLabelIssuesOptions};
/// let options = FindLabelIssuesOptions::default().with_filter_by(FilterBy::Both).with_frac_noise(0.5);
/// assert_eq!(options.filter_by, FilterBy::Both);
/// assert_eq!(options.min_examples_per_class, 1);
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct FindLabelIssuesOptions {
    /// The rule that flags labels.
    pub filter_by: FilterBy,
    /// Which share of the estimated wrong labels to flag, in [0, 1]. Pruning methods only.
    pub frac_noise: f64,
    /// How many labels to flag in each class, in place of the estimate. Pruning methods only.
    pub num_to_remove_per_class: Option<Vec<u64>>,
    /// Classes with this many examples or fewer are left alone. Pruning methods only.
    pub min_examples_per_class: u64,
    /// Counts to prune by, in place of those estimated from the data. Ignored by `ConfidentLearning`.
    pub confident_joint: Option<ConfidentJoint>,
    /// What a row counts as that is confidently in several classes.
    pub collision: CollisionRule,
}

impl Default for FindLabelIssuesOptions {
    fn default() -> Self {
        Self {
            filter_by: FilterBy::default(),
            frac_noise: 1.0,
            num_to_remove_per_class: None,
            min_examples_per_class: 1,
            confident_joint: None,
            collision: CollisionRule::default(),
        }
    }
}

impl FindLabelIssuesOptions {
    /// Holds the options against each other and the number of classes; gives the warnings of those without effect.
    ///
    /// ```
    /// use cleanlab_filter::{FilterBy, FindLabelIssuesOptions};
    /// let options = FindLabelIssuesOptions::default().with_filter_by(FilterBy::LowSelfConfidence).with_frac_noise(0.5);
    /// assert_eq!(options.check(10)?.len(), 1);
    /// assert!(options.with_frac_noise(1.5).check(10).is_err());
    /// # Ok::<(), cleanlab_filter::FilterError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`find_label_issues`](crate::find_label_issues).
    pub fn check(&self, n_classes: usize) -> Result<Vec<LabelIssuesWarning>, FilterError> {
        let filter_by = self.filter_by;
        let mut warnings = Vec::new();
        if !(0.0..=1.0).contains(&self.frac_noise) {
            return Err(FilterError::FracNoise { value: self.frac_noise });
        }
        if !filter_by.prunes_by_counts() {
            if self.num_to_remove_per_class.is_some() {
                return Err(FilterError::NotAPruningMethod { filter_by });
            }
            if self.frac_noise != 1.0 {
                warnings.push(LabelIssuesWarning::OptionIgnored { option: "frac_noise", filter_by });
            }
            if self.confident_joint.is_some() {
                warnings.push(LabelIssuesWarning::OptionIgnored { option: "confident_joint", filter_by });
            }
        }
        if let Some(confident_joint) = &self.confident_joint {
            let (found, expected) = (confident_joint.n_classes(), n_classes);
            if found != expected {
                return Err(FilterError::ConfidentJointShape { found, expected });
            }
        }
        Ok(warnings)
    }

    /// Chooses the rule that flags labels.
    #[must_use]
    pub fn with_filter_by(mut self, filter_by: FilterBy) -> Self {
        self.filter_by = filter_by;
        self
    }

    /// Flags only this share of the estimated wrong labels, in [0, 1].
    #[must_use]
    pub fn with_frac_noise(mut self, frac_noise: f64) -> Self {
        self.frac_noise = frac_noise;
        self
    }

    /// Flags this many labels per class, in place of the estimate.
    #[must_use]
    pub fn with_num_to_remove_per_class(mut self, num_to_remove_per_class: Vec<u64>) -> Self {
        self.num_to_remove_per_class = Some(num_to_remove_per_class);
        self
    }

    /// Leaves classes with this many examples or fewer alone.
    #[must_use]
    pub fn with_min_examples_per_class(mut self, min_examples_per_class: u64) -> Self {
        self.min_examples_per_class = min_examples_per_class;
        self
    }

    /// Prunes by these counts, in place of those estimated from the data.
    #[must_use]
    pub fn with_confident_joint(mut self, confident_joint: ConfidentJoint) -> Self {
        self.confident_joint = Some(confident_joint);
        self
    }

    /// Chooses the rule for rows that are confidently in several classes.
    #[must_use]
    pub fn with_collision(mut self, collision: CollisionRule) -> Self {
        self.collision = collision;
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn prunes_by_counts_is_so_of_the_three_pruning_methods() {
        let pruning: Vec<FilterBy> =
            FilterBy::ALL.into_iter().filter(|filter_by| filter_by.prunes_by_counts()).collect();
        assert_eq!(pruning, [FilterBy::PruneByNoiseRate, FilterBy::PruneByClass, FilterBy::Both]);
    }

    #[test]
    fn check_warns_of_options_without_effect_alone() {
        let joint = ConfidentJoint::from_counts(array![[10, 4], [3, 9]]).unwrap();
        for filter_by in FilterBy::ALL {
            let options = || FindLabelIssuesOptions::default().with_filter_by(filter_by);
            let warnings = |options: FindLabelIssuesOptions| options.check(2).unwrap();
            let ignored = |option| {
                let warning = LabelIssuesWarning::OptionIgnored { option, filter_by };
                if filter_by.prunes_by_counts() { vec![] } else { vec![warning] }
            };
            assert_eq!(warnings(options()), []);
            assert_eq!(warnings(options().with_frac_noise(0.5)), ignored("frac_noise"));
            assert_eq!(warnings(options().with_confident_joint(joint.clone())), ignored("confident_joint"));
        }
    }

    #[test]
    fn check_refuses_what_is_out_of_bounds_or_fits_nothing() {
        let options = FindLabelIssuesOptions::default;
        for value in [-0.1, 1.1, f64::NAN] {
            assert!(matches!(options().with_frac_noise(value).check(2), Err(FilterError::FracNoise { .. })));
        }
        for value in [0.0, 1.0] {
            assert_eq!(options().with_frac_noise(value).check(2), Ok(vec![]));
        }
        let low = options().with_filter_by(FilterBy::LowSelfConfidence);
        assert_eq!(
            low.with_num_to_remove_per_class(vec![1, 1]).check(2),
            Err(FilterError::NotAPruningMethod { filter_by: FilterBy::LowSelfConfidence })
        );
        assert_eq!(options().with_num_to_remove_per_class(vec![1, 1]).check(2), Ok(vec![]));
        let joint = ConfidentJoint::from_counts(array![[10, 4], [3, 9]]).unwrap();
        assert_eq!(
            options().with_confident_joint(joint).check(3),
            Err(FilterError::ConfidentJointShape { found: 2, expected: 3 })
        );
    }
}
