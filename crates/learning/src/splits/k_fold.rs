//! Folds of about equal size, plain and stratified by class.

use cleanlab_core::RandomState;

use crate::errors::LearningError;
use crate::splits::folds::{Folds, SplitWarning};

/// Whether rows are shuffled before they are divided into folds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum RowOrder {
    /// Rows are taken as they come; scikit-learn's `shuffle=False`.
    #[default]
    Kept,
    /// Rows are shuffled; scikit-learn's `shuffle=True, random_state=seed`.
    Shuffled {
        /// The seed of NumPy's legacy random stream.
        seed: u32,
    },
}

/// Consecutive folds whose sizes differ by at most one.
///
/// ```
/// use cleanlab_learning::{KFold, RowOrder};
///
/// assert_eq!(KFold::new(3).split(7)?.fold_of_row(), [0, 0, 0, 1, 1, 2, 2]);
/// let shuffled = KFold::new(3).with_row_order(RowOrder::Shuffled { seed: 0 }).split(7)?;
/// // sklearn.model_selection.KFold(3, shuffle=True, random_state=0)
/// assert_eq!(shuffled.split(0).test, [1, 2, 6]);
/// # Ok::<(), cleanlab_learning::LearningError>(())
/// ```
///
/// # Source
///
/// `sklearn.model_selection.KFold`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct KFold {
    /// Number of folds, at least 2.
    pub n_splits: usize,
    /// Whether rows are shuffled first. Default [`RowOrder::Kept`].
    pub row_order: RowOrder,
}

impl KFold {
    /// So many folds, rows in the order in which they come.
    #[must_use]
    pub fn new(n_splits: usize) -> Self {
        Self { n_splits, row_order: RowOrder::Kept }
    }

    /// Sets whether rows are shuffled first.
    #[must_use]
    pub fn with_row_order(mut self, row_order: RowOrder) -> Self {
        self.row_order = row_order;
        self
    }

    /// Divides `n_rows` rows.
    ///
    /// # Errors
    ///
    /// [`LearningError::FoldCount`] when there are fewer than 2 folds or more folds than rows.
    pub fn split(&self, n_rows: usize) -> Result<Folds, LearningError> {
        check_fold_count(self.n_splits, n_rows)?;
        let (size, larger) = (n_rows / self.n_splits, n_rows % self.n_splits);
        // The first `larger` folds have a row more.
        let fold_at = |position: usize| match position.checked_sub(larger * (size + 1)) {
            None => position / (size + 1),
            Some(rest) => larger + rest / size,
        };
        let order = match self.row_order {
            RowOrder::Kept => (0..n_rows).collect(),
            RowOrder::Shuffled { seed } => RandomState::new(seed).permutation(n_rows),
        };
        let mut fold_of_row = vec![0; n_rows];
        for (position, row) in order.into_iter().enumerate() {
            fold_of_row[row] = fold_at(position) as u32;
        }
        Ok(Folds::new(fold_of_row, self.n_splits, Vec::new()))
    }
}

/// Folds in which every class has about the same share as in all rows.
///
/// ```
/// use cleanlab_learning::{RowOrder, SplitWarning, StratifiedKFold};
///
/// let labels = [0, 0, 0, 0, 1, 1, 1, 1];
/// assert_eq!(StratifiedKFold::new(2).split(&labels)?.fold_of_row(), [0, 0, 1, 1, 0, 0, 1, 1]);
///
/// let folds = StratifiedKFold::new(3).with_row_order(RowOrder::Shuffled { seed: 1 }).split(&[0, 0, 0, 1])?;
/// assert_eq!(folds.warnings(), [SplitWarning::SmallClass { class: 1, members: 1, n_splits: 3 }]);
/// # Ok::<(), cleanlab_learning::LearningError>(())
/// ```
///
/// # Source
///
/// `sklearn.model_selection.StratifiedKFold`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct StratifiedKFold {
    /// Number of folds, at least 2.
    pub n_splits: usize,
    /// Whether the rows of each class are shuffled first. Default [`RowOrder::Kept`].
    pub row_order: RowOrder,
}

impl StratifiedKFold {
    /// So many folds, rows in the order in which they come.
    #[must_use]
    pub fn new(n_splits: usize) -> Self {
        Self { n_splits, row_order: RowOrder::Kept }
    }

    /// Sets whether the rows of each class are shuffled first.
    #[must_use]
    pub fn with_row_order(mut self, row_order: RowOrder) -> Self {
        self.row_order = row_order;
        self
    }

    /// Divides the rows that have these labels. A class with fewer members than folds is a warning of the result.
    ///
    /// # Errors
    ///
    /// [`LearningError::FoldCount`] when there are fewer than 2 folds or more folds than rows,
    /// [`LearningError::ClassesSmallerThanFolds`] when no class has a member for every fold.
    pub fn split(&self, labels: &[u32]) -> Result<Folds, LearningError> {
        let n_splits = self.n_splits;
        check_fold_count(n_splits, labels.len())?;
        let classes = ClassesByAppearance::new(labels);
        let mut random = match self.row_order {
            RowOrder::Kept => None,
            RowOrder::Shuffled { seed } => Some(RandomState::new(seed)),
        };
        let warnings = classes.check_sizes(n_splits)?;
        let mut fold_of_row = vec![0; labels.len()];
        let mut first = 0;
        for rows in &classes.rows {
            // The members of all classes, one class after the other, are dealt to the folds in turn.
            let mut folds = Vec::with_capacity(rows.len());
            for fold in 0..n_splits {
                let dealt = |before: usize| before.saturating_sub(fold).div_ceil(n_splits);
                let members = dealt(first + rows.len()) - dealt(first);
                folds.extend(std::iter::repeat_n(fold as u32, members));
            }
            first += rows.len();
            if let Some(random) = &mut random {
                random.shuffle(&mut folds);
            }
            for (&row, fold) in rows.iter().zip(folds) {
                fold_of_row[row] = fold;
            }
        }
        Ok(Folds::new(fold_of_row, n_splits, warnings))
    }
}

fn check_fold_count(n_splits: usize, rows: usize) -> Result<(), LearningError> {
    if n_splits < 2 || n_splits > rows {
        return Err(LearningError::FoldCount { n_splits, rows });
    }
    Ok(())
}

/// The rows of every class that occurs, the classes in the order in which they first occur.
///
/// That order makes the folds depend on which labels are equal, not on what they are called.
struct ClassesByAppearance {
    labels: Vec<u32>,
    rows: Vec<Vec<usize>>,
}

impl ClassesByAppearance {
    fn new(labels: &[u32]) -> Self {
        let mut position = std::collections::HashMap::new();
        let mut classes = Self { labels: Vec::new(), rows: Vec::new() };
        for (row, &label) in labels.iter().enumerate() {
            let class = *position.entry(label).or_insert_with(|| {
                classes.labels.push(label);
                classes.rows.push(Vec::new());
                classes.rows.len() - 1
            });
            classes.rows[class].push(row);
        }
        classes
    }

    fn check_sizes(&self, n_splits: usize) -> Result<Vec<SplitWarning>, LearningError> {
        let sizes = || self.labels.iter().zip(&self.rows).map(|(&class, rows)| (rows.len(), class));
        let (members, class) =
            sizes().max_by_key(|&(members, class)| (members, std::cmp::Reverse(class))).unwrap_or_default();
        if members < n_splits {
            return Err(LearningError::ClassesSmallerThanFolds { n_splits, class, members });
        }
        let smallest = sizes().min().filter(|&(members, _)| members < n_splits);
        Ok(smallest
            .map(|(members, class)| SplitWarning::SmallClass { class, members, n_splits })
            .into_iter()
            .collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn split_impossible_fold_counts_are_refused() {
        for n_splits in [0, 1, 4] {
            assert!(matches!(KFold::new(n_splits).split(3), Err(LearningError::FoldCount { rows: 3, .. })));
            assert!(matches!(
                StratifiedKFold::new(n_splits).split(&[0, 0, 1]),
                Err(LearningError::FoldCount { rows: 3, .. })
            ));
        }
    }

    #[test]
    fn split_all_classes_smaller_than_folds_is_refused() {
        let error = StratifiedKFold::new(4).split(&[5, 5, 7, 7, 7]).unwrap_err();
        assert!(matches!(
            error,
            LearningError::ClassesSmallerThanFolds { n_splits: 4, class: 7, members: 3 }
        ));
    }

    #[test]
    fn split_sparse_class_numbers_need_no_table() {
        let folds = StratifiedKFold::new(2).split(&[u32::MAX, 3, u32::MAX, 3]).unwrap();
        assert_eq!(folds.fold_of_row(), [0, 0, 1, 1]);
    }
}
