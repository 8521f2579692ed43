//! How labels are flagged.

use cleanlab_filter::FilterBy;

use crate::confident_joint::MultilabelConfidentJoint;

/// Options of [`find_label_issues`](crate::find_label_issues) and
/// [`find_multilabel_issues_per_class`](crate::find_multilabel_issues_per_class). The defaults are cleanlab's.
///
/// ```
/// use cleanlab_filter::FilterBy;
/// use cleanlab_multilabel::FindMultilabelIssuesOptions;
/// let options = FindMultilabelIssuesOptions::default().with_filter_by(FilterBy::Both).with_frac_noise(0.5);
/// assert_eq!(options.filter_by, FilterBy::Both);
/// assert_eq!(options.min_examples_per_class, 1);
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct FindMultilabelIssuesOptions {
    /// The rule that flags annotations, one class against the rest.
    pub filter_by: FilterBy,
    /// Which share of the estimated wrong annotations to flag, in [0, 1]. Pruning methods only.
    pub frac_noise: f64,
    /// For each class, how many rows to flag in place of the estimate. As in cleanlab, `PruneByNoiseRate` takes them
    /// from the rows that have the class, `PruneByClass` from those that lack it, and `Both`, hence, flags none.
    /// Pruning methods only.
    pub num_to_remove_per_class: Option<Vec<u64>>,
    /// A class that no more rows than this have, or lack, is left alone among those. Pruning methods only.
    pub min_examples_per_class: u64,
    /// Counts to prune by, K × 2 × 2, in place of those estimated from the data. Pruning methods only.
    pub confident_joint: Option<MultilabelConfidentJoint>,
}

impl Default for FindMultilabelIssuesOptions {
    fn default() -> Self {
        Self {
            filter_by: FilterBy::default(),
            frac_noise: 1.0,
            num_to_remove_per_class: None,
            min_examples_per_class: 1,
            confident_joint: None,
        }
    }
}

impl FindMultilabelIssuesOptions {
    /// Chooses the rule that flags annotations.
    #[must_use]
    pub fn with_filter_by(mut self, filter_by: FilterBy) -> Self {
        self.filter_by = filter_by;
        self
    }

    /// Flags only this share of the estimated wrong annotations, in [0, 1].
    #[must_use]
    pub fn with_frac_noise(mut self, frac_noise: f64) -> Self {
        self.frac_noise = frac_noise;
        self
    }

    /// Flags this many rows for each class, in place of the estimate.
    #[must_use]
    pub fn with_num_to_remove_per_class(mut self, num_to_remove_per_class: Vec<u64>) -> Self {
        self.num_to_remove_per_class = Some(num_to_remove_per_class);
        self
    }

    /// Leaves a class alone among the rows that have it, or lack it, if those are this many or fewer.
    #[must_use]
    pub fn with_min_examples_per_class(mut self, min_examples_per_class: u64) -> Self {
        self.min_examples_per_class = min_examples_per_class;
        self
    }

    /// Prunes by these counts, in place of those estimated from the data.
    #[must_use]
    pub fn with_confident_joint(mut self, confident_joint: MultilabelConfidentJoint) -> Self {
        self.confident_joint = Some(confident_joint);
        self
    }
}
