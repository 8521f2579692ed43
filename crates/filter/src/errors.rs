//! Everything that can go wrong when labels are flagged.

use cleanlab_count::CountError;
use cleanlab_rank::RankError;
use thiserror::Error;

use crate::options::FilterBy;

/// Why no labels were flagged.
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum FilterError {
    /// The noise estimates failed.
    #[error(transparent)]
    Count(#[from] CountError),
    /// The ranking failed.
    #[error(transparent)]
    Rank(#[from] RankError),
    /// `frac_noise` is not a share.
    #[error("frac_noise is {value}; it must lie in [0, 1]")]
    FracNoise {
        /// The value given.
        value: f64,
    },
    /// `num_to_remove_per_class` was given for a method that does not prune.
    #[error(
        "num_to_remove_per_class cannot be used with filter_by {filter_by}; \
         choose prune_by_noise_rate, prune_by_class or both"
    )]
    NotAPruningMethod {
        /// The method chosen.
        filter_by: FilterBy,
    },
    /// `num_to_remove_per_class` does not have one entry per class.
    #[error("num_to_remove_per_class has {found} entries for {expected} classes; give one per class")]
    NumToRemoveLength {
        /// Number of entries.
        found: usize,
        /// Number of classes.
        expected: usize,
    },
    /// The confident joint does not have one row and column per class.
    #[error("confident_joint has {found} rows for {expected} classes; give one row and column per class")]
    ConfidentJointShape {
        /// Its number of rows.
        found: usize,
        /// Number of classes.
        expected: usize,
    },
}
