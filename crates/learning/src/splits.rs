//! Which rows to train on and which to predict, with scikit-learn's rows for the same seed.

mod folds;
mod k_fold;
mod train_test_split;

pub use folds::{Folds, Split, SplitWarning};
pub use k_fold::{KFold, RowOrder, StratifiedKFold};
pub use train_test_split::{TestRows, TestSize, train_test_split};
