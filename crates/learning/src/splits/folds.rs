//! A division of rows into folds.

use thiserror::Error;

use crate::errors::LearningError;

/// Rows to train on and rows to hold out.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Split {
    /// Indices of the rows to train on.
    pub train: Vec<usize>,
    /// Indices of the rows to hold out.
    pub test: Vec<usize>,
}

impl Split {
    pub(super) fn new(train: Vec<usize>, test: Vec<usize>) -> Self {
        Self { train, test }
    }
}

/// A division of rows into folds: each row is held out exactly once.
///
/// # Example
///
/// ```
/// use cleanlab_learning::{Folds, KFold};
///
/// let folds = KFold::new(2).split(5)?;
/// assert_eq!(folds.split(1).train, [0, 1, 2]);
/// assert_eq!(folds.split(1).test, [3, 4]);
///
/// // Folds of your own, such as one per patient or per week.
/// let folds = Folds::from_test_folds(vec![0, 1, 1, 2, 0])?;
/// assert_eq!(folds.n_splits(), 3);
/// assert_eq!(folds.split(0).test, [0, 4]);
/// # Ok::<(), cleanlab_learning::LearningError>(())
/// ```
///
/// # Source
///
/// `sklearn.model_selection.PredefinedSplit` for folds of the caller's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Folds {
    fold_of_row: Vec<u32>,
    n_splits: usize,
    warnings: Vec<SplitWarning>,
}

impl Folds {
    /// Folds of the caller's own: in which of the folds 0, 1, 2, … each row is held out.
    ///
    /// # Errors
    ///
    /// [`LearningError::FoldCount`] when there are fewer than two folds, [`LearningError::EmptyFold`] when a number is
    /// left out.
    pub fn from_test_folds(fold_of_row: Vec<u32>) -> Result<Self, LearningError> {
        let rows = fold_of_row.len();
        let n_splits = fold_of_row.iter().max().map_or(0, |&fold| fold as usize + 1);
        if n_splits < 2 {
            return Err(LearningError::FoldCount { n_splits, rows });
        }
        let mut distinct = fold_of_row.clone();
        distinct.sort_unstable();
        distinct.dedup();
        if let Some(fold) = (0..n_splits).find(|&fold| distinct.get(fold) != Some(&(fold as u32))) {
            return Err(LearningError::EmptyFold { fold, n_splits });
        }
        Ok(Self::new(fold_of_row, n_splits, Vec::new()))
    }

    pub(super) fn new(fold_of_row: Vec<u32>, n_splits: usize, warnings: Vec<SplitWarning>) -> Self {
        Self { fold_of_row, n_splits, warnings }
    }

    /// Number of folds.
    #[must_use]
    pub fn n_splits(&self) -> usize {
        self.n_splits
    }

    /// Number of rows.
    #[must_use]
    pub fn n_rows(&self) -> usize {
        self.fold_of_row.len()
    }

    /// The fold in which each row is held out.
    #[must_use]
    pub fn fold_of_row(&self) -> &[u32] {
        &self.fold_of_row
    }

    /// The rows of one fold, both parts in ascending order.
    ///
    /// # Panics
    ///
    /// If `fold` is not below [`Folds::n_splits`].
    #[must_use]
    pub fn split(&self, fold: usize) -> Split {
        assert!(fold < self.n_splits, "fold {fold} of {}", self.n_splits);
        let (test, train) = (0..self.n_rows()).partition(|&row| self.fold_of_row[row] as usize == fold);
        Split::new(train, test)
    }

    /// The rows of every fold in turn.
    #[must_use]
    pub fn iter(&self) -> impl ExactSizeIterator<Item = Split> + '_ {
        (0..self.n_splits).map(|fold| self.split(fold))
    }

    /// What the division into folds has to report.
    #[must_use]
    pub fn warnings(&self) -> &[SplitWarning] {
        &self.warnings
    }
}

/// Something about a division into folds that a user should know.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SplitWarning {
    /// A class has fewer members than there are folds, so that some folds hold none of it out.
    #[error("the smallest class, {class}, has {members} members, fewer than the {n_splits} folds")]
    SmallClass {
        /// The class with the fewest members, the first of several.
        class: u32,
        /// How many it has.
        members: usize,
        /// Number of folds.
        n_splits: usize,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn from_test_folds_gap_or_single_fold_is_refused() {
        assert!(matches!(
            Folds::from_test_folds(vec![0, 2, 0]),
            Err(LearningError::EmptyFold { fold: 1, n_splits: 3 })
        ));
        assert!(matches!(
            Folds::from_test_folds(vec![u32::MAX, 0]),
            Err(LearningError::EmptyFold { fold: 1, .. })
        ));
        assert!(matches!(
            Folds::from_test_folds(vec![0, 0]),
            Err(LearningError::FoldCount { n_splits: 1, rows: 2 })
        ));
        assert!(matches!(
            Folds::from_test_folds(Vec::new()),
            Err(LearningError::FoldCount { n_splits: 0, rows: 0 })
        ));
    }
}
