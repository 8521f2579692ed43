//! How many labels to prune for each pair of classes.

use cleanlab_core::{pairwise_sum, pairwise_sum_by, round_preserving_sum};
use cleanlab_count::{ConfidentJoint, SelectionKey, SelectionPlan};
use ndarray::{Array2, ArrayView1};

use crate::errors::FilterError;
use crate::label_issues::LabelIssuesWarning;
use crate::options::FindLabelIssuesOptions;

/// How many labels the three pruning methods remove from each class.
///
/// Follows from a confident joint, the number of labels of each class, and the options `frac_noise`,
/// `min_examples_per_class` and `num_to_remove_per_class`; the other options play no part.
///
/// ```
/// use cleanlab_count::ConfidentJoint;
/// use cleanlab_filter::{FindLabelIssuesOptions, PruneCounts};
/// use ndarray::array;
///
/// let confident_joint = ConfidentJoint::from_counts(array![[10, 4], [3, 9]])?;
/// let counts = PruneCounts::new(&confident_joint, vec![14, 12], &FindLabelIssuesOptions::default())?;
/// assert_eq!(counts.n_confused(0, 1), 4);
/// assert_eq!(counts.n_wrong(1), 3);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Source
///
/// `prune_count_matrix` in `cleanlab.filter.find_label_issues`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PruneCounts {
    /// Axis 0 the given class, axis 1 the true class; what is left of each class on the diagonal. The reference's matrix
    /// is the transposed one.
    counts: Array2<i64>,
    label_counts: Vec<u64>,
    min_examples_per_class: u64,
}

impl PruneCounts {
    /// The counts for `label_counts[k]` labels of each class k.
    ///
    /// # Errors
    ///
    /// [`FilterError::ConfidentJointShape`] or [`FilterError::NumToRemoveLength`] for another number of classes.
    pub fn new(
        confident_joint: &ConfidentJoint,
        label_counts: Vec<u64>,
        options: &FindLabelIssuesOptions,
    ) -> Result<Self, FilterError> {
        let (found, expected) = (confident_joint.n_classes(), label_counts.len());
        if found != expected {
            return Err(FilterError::ConfidentJointShape { found, expected });
        }
        let min_examples_per_class = options.min_examples_per_class;
        let mut counts =
            keep_at_least_n_per_class(confident_joint, min_examples_per_class, options.frac_noise);
        if let Some(num_to_remove) = &options.num_to_remove_per_class {
            if num_to_remove.len() != label_counts.len() {
                let (found, expected) = (num_to_remove.len(), label_counts.len());
                return Err(FilterError::NumToRemoveLength { found, expected });
            }
            counts = with_num_to_remove(&counts, num_to_remove, &label_counts);
        }
        Ok(Self { counts, label_counts, min_examples_per_class })
    }

    /// Classes that pruning leaves alone because they have too few examples.
    #[must_use]
    pub fn classes_left_alone(&self) -> Vec<usize> {
        (0..self.label_counts.len()).filter(|&class| self.too_few_examples(class)).collect()
    }

    /// The warning that pruning leaves classes alone, where it does.
    #[must_use]
    pub fn warning(&self) -> Option<LabelIssuesWarning> {
        let (classes, min_examples_per_class) = (self.classes_left_alone(), self.min_examples_per_class);
        let any = !classes.is_empty();
        any.then_some(LabelIssuesWarning::TooFewExamples { classes, min_examples_per_class })
    }

    /// How many rows labelled `given` are to be flagged as `other`; 0 for classes that are left alone.
    ///
    /// # Panics
    ///
    /// If a class is not below the number of classes.
    #[must_use]
    pub fn n_confused(&self, given: usize, other: usize) -> u64 {
        if given == other || !self.is_pruned(given) { 0 } else { self.counts[[given, other]].max(0) as u64 }
    }

    /// How many rows labelled `given` are to be flagged; 0 for classes that are left alone.
    ///
    /// # Panics
    ///
    /// If the class is not below the number of classes.
    #[must_use]
    pub fn n_wrong(&self, given: usize) -> u64 {
        let n_labels = i64::try_from(self.label_counts[given]).unwrap_or(i64::MAX);
        // Counts to remove are the caller's own and as large as they like.
        let n_wrong = n_labels.saturating_sub(self.counts[[given, given]]);
        if self.is_pruned(given) { n_wrong.max(0) as u64 } else { 0 }
    }

    fn too_few_examples(&self, class: usize) -> bool {
        self.label_counts[class] <= self.min_examples_per_class
    }

    /// cleanlab never applies the mask of a class with a single example.
    fn is_pruned(&self, class: usize) -> bool {
        !self.too_few_examples(class) && self.label_counts[class] > 1
    }

    /// The rows with the largest margins of each pair of classes, [`PruneCounts::n_confused`] each.
    ///
    /// # Source
    ///
    /// `cleanlab.filter._prune_by_count`.
    #[must_use]
    pub fn by_noise_rate(&self) -> SelectionPlan {
        let k = self.label_counts.len();
        let pairs = (0..k).flat_map(|given| {
            let others = (0..k).filter(move |&other| other != given);
            others.map(move |other| ((given * k + other) as u64, self.n_confused(given, other)))
        });
        SelectionPlan::new(SelectionKey::MarginOfPair, k, pairs)
    }

    /// The rows of each class with the lowest self-confidence, [`PruneCounts::n_wrong`] each.
    ///
    /// # Source
    ///
    /// `cleanlab.filter._prune_by_class`.
    #[must_use]
    pub fn by_class(&self) -> SelectionPlan {
        let k = self.label_counts.len();
        let classes = (0..k).map(|class| (class as u64, self.n_wrong(class)));
        SelectionPlan::new(SelectionKey::LowSelfConfidenceOfClass, k, classes)
    }
}

/// Raises the diagonal to `n`, takes what that costs evenly from the other counts of the row, and scales those by
/// `frac_noise`; everything is truncated to whole numbers.
///
/// Sums run in NumPy's order for the layout that the reference's matrices have: one ulp decides a truncation.
///
/// Source: `cleanlab.filter._keep_at_least_n_per_class` and `_reduce_prune_counts`.
fn keep_at_least_n_per_class(confident_joint: &ConfidentJoint, n: u64, frac_noise: f64) -> Array2<i64> {
    let joint = confident_joint.counts();
    let k = joint.nrows();
    let n = n as f64;
    let column_major = k > 1 && joint.strides()[0] < joint.strides()[1];
    let mut pruned = Array2::<i64>::zeros((k, k));
    let mut kept = vec![0.0; k];
    for (j, mut pruned) in pruned.rows_mut().into_iter().enumerate() {
        let counts = joint.row(j);
        let diagonal = counts[j] as f64;
        let new_diagonal = diagonal.max(n);
        let nonzero = counts.iter().filter(|&&count| count != 0).count() as f64;
        let cost = (new_diagonal - diagonal) / (nonzero - 1.0).max(1.0);
        for (i, (kept, &count)) in kept.iter_mut().zip(&counts).enumerate() {
            *kept = if i == j { new_diagonal } else { (count as f64 - cost).max(0.0) };
        }
        let scaled = |i: usize| if i == j { kept[j] } else { kept[i] * frac_noise };
        let spared = |i: usize| kept[i] - scaled(i);
        let given_back = if column_major { (0..k).map(spared).sum() } else { pairwise_sum_by(k, &spared) };
        for (i, pruned) in pruned.iter_mut().enumerate() {
            *pruned = if i == j { (kept[j] + given_back) as i64 } else { scaled(i) as i64 };
        }
    }
    pruned
}

/// Rescales the counts so that each class loses the given number of labels.
///
/// Source: the `num_to_remove_per_class` branch of `cleanlab.filter.find_label_issues`.
fn with_num_to_remove(counts: &Array2<i64>, num_to_remove: &[u64], label_counts: &[u64]) -> Array2<i64> {
    let k = label_counts.len();
    let sum = |column: ArrayView1<'_, i64>| column.iter().map(|&count| count as f64).sum::<f64>();
    let true_sums: Vec<f64> = counts.columns().into_iter().map(sum).collect();
    let mut scaled = Array2::<i64>::zeros((k, k));
    for i in 0..k {
        let shares: Vec<f64> = (0..k).map(|j| counts[[j, i]] as f64 / true_sums[j]).collect();
        let noise = pairwise_sum(&shares) - shares[i];
        let mut row: Vec<f64> = shares.iter().map(|share| share * num_to_remove[i] as f64 / noise).collect();
        row[i] = label_counts[i] as f64 - num_to_remove[i] as f64;
        for (j, value) in round_preserving_sum(&row).into_iter().enumerate() {
            scaled[[j, i]] = value;
        }
    }
    scaled
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::{ShapeBuilder, array};

    #[test]
    fn keep_at_least_n_sums_in_the_order_that_numpy_has_for_the_layout() {
        // What goes back to the diagonal adds up to 36 or to the number below it.
        let given_0 = [20, 6, 4, 4, 5, 3, 9, 7, 2];
        let mut rows = Array2::<u64>::eye(9);
        rows.row_mut(0).assign(&ArrayView1::from(&given_0));
        let mut columns = Array2::zeros((9, 9).f());
        columns.assign(&rows);
        let kept = |counts| {
            let joint = ConfidentJoint::from_counts(counts).unwrap();
            keep_at_least_n_per_class(&joint, 1, 0.1)[[0, 0]]
        };
        assert_eq!([kept(rows), kept(columns)], [56, 55]);
    }

    #[test]
    fn a_class_with_a_single_example_is_never_pruned() {
        let joint = ConfidentJoint::from_counts(array![[10, 4], [1, 0]]).unwrap();
        let options = FindLabelIssuesOptions::default().with_min_examples_per_class(0);
        let wrong = |n_labels| PruneCounts::new(&joint, vec![14, n_labels], &options).unwrap().n_wrong(1);
        assert_eq!([wrong(1), wrong(2)], [0, 2]);
        let confused =
            |n_labels| PruneCounts::new(&joint, vec![14, n_labels], &options).unwrap().n_confused(1, 0);
        assert_eq!([confused(1), confused(2)], [0, 1]);
    }

    #[test]
    fn keep_at_least_n_raises_the_diagonal_at_the_cost_of_the_row() {
        let joint = ConfidentJoint::from_counts(array![[1, 2, 2], [0, 5, 1], [3, 0, 4]]).unwrap();
        // Given class 0 keeps 3: its other counts lose 1 each.
        let kept = keep_at_least_n_per_class(&joint, 3, 1.0);
        assert_eq!(kept, array![[3, 1, 1], [0, 5, 1], [3, 0, 4]]);
    }

    #[test]
    fn with_num_to_remove_adds_up_counts_beyond_a_whole_number_of_64_bits() {
        let large = 1 << 62;
        let counts = array![[large, 1, 1], [large, 1, 1], [large, 1, 1]];
        let scaled = with_num_to_remove(&counts, &[1, 1, 1], &[5, 5, 5]);
        assert_eq!(scaled.diag().to_vec(), [4, 4, 4]);
    }

    #[test]
    fn keep_at_least_n_half_of_the_noise_goes_back_to_the_diagonal() {
        let joint = ConfidentJoint::from_counts(array![[10, 4], [3, 9]]).unwrap();
        assert_eq!(keep_at_least_n_per_class(&joint, 1, 0.5), array![[12, 2], [1, 10]]);
    }
}
