//! Everything that can go wrong in the estimates of label noise.

use cleanlab_core::{AccumulatorError, InputError, SingularMatrix};
use thiserror::Error;

/// Why an estimate was refused.
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum CountError {
    /// Labels or predicted probabilities are not valid.
    #[error(transparent)]
    Input(#[from] InputError),
    /// A pass over the data could not be merged.
    #[error(transparent)]
    Accumulator(#[from] AccumulatorError),
    /// The equation for `py` has no solution.
    #[error("py cannot be solved for from the noise matrix ({0}); choose another py_method")]
    Singular(#[from] SingularMatrix),
    /// A vector with one entry per class has another length.
    #[error("{what} has {found} entries, but there are {expected} classes; give one per class")]
    WrongLength {
        /// Which vector.
        what: &'static str,
        /// Its length.
        found: usize,
        /// Number of classes.
        expected: usize,
    },
    /// A matrix that must be K × K has another shape.
    #[error(
        "{what} has shape ({rows}, {columns}), expected ({expected}, {expected}): one row and column per class"
    )]
    WrongShape {
        /// Which matrix.
        what: &'static str,
        /// Its number of rows.
        rows: usize,
        /// Its number of columns.
        columns: usize,
        /// Number of classes.
        expected: usize,
    },
    /// Counts add up to more than a 64-bit number holds.
    #[error("the counts of {what} add up to 2^64 or more; they are no counts of examples")]
    TooManyCounts {
        /// Which matrix.
        what: &'static str,
    },
    /// A matrix with a row and a column for each of so many classes is larger than memory.
    #[error(
        "counts of {n_classes} given and {n_classes} true classes do not fit into memory; are these columns of \
         pred_probs classes? Score the labels with `rank` if they are, which needs no such matrix"
    )]
    TooManyClasses {
        /// Number of classes.
        n_classes: usize,
    },
    /// A number is NaN or infinite.
    #[error("{what} has the value {value} at index {index}; every entry must be finite")]
    NotFinite {
        /// Which vector or matrix (row-major).
        what: &'static str,
        /// Index of the entry.
        index: usize,
        /// The value found.
        value: f64,
    },
    /// A label or group names a class that does not exist.
    #[error(
        "there is no class {class}: classes are from 0 to {}; add its row and column or correct the labels",
        .n_classes.saturating_sub(1)
    )]
    NoSuchClass {
        /// The class index found.
        class: usize,
        /// Number of classes.
        n_classes: usize,
    },
    /// A row of threshold-adjusted probabilities sums to 0, so it cannot be rescaled.
    #[error("row {row}: probabilities minus confident thresholds sum to 0; score it without adjustment")]
    UnscalableRow {
        /// The row.
        row: usize,
    },
}

pub(crate) fn check_finite<'a>(
    what: &'static str,
    values: impl IntoIterator<Item = &'a f64>,
) -> Result<(), CountError> {
    match values.into_iter().enumerate().find(|(_, value)| !value.is_finite()) {
        Some((index, &value)) => Err(CountError::NotFinite { what, index, value }),
        None => Ok(()),
    }
}

pub(crate) fn check_square(
    what: &'static str,
    (rows, columns): (usize, usize),
    expected: usize,
) -> Result<(), CountError> {
    if rows == expected && columns == expected {
        Ok(())
    } else {
        Err(CountError::WrongShape { what, rows, columns, expected })
    }
}

/// Whether counts can be added up.
pub(crate) fn check_sum<'a>(
    what: &'static str,
    counts: impl IntoIterator<Item = &'a u64>,
) -> Result<(), CountError> {
    let sum = counts.into_iter().try_fold(0_u64, |sum, &count| sum.checked_add(count));
    sum.map(drop).ok_or(CountError::TooManyCounts { what })
}

pub(crate) fn check_length(what: &'static str, found: usize, expected: usize) -> Result<(), CountError> {
    if found == expected { Ok(()) } else { Err(CountError::WrongLength { what, found, expected }) }
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;
    use crate::ConfidentJoint;

    #[test]
    fn from_counts_sum_beyond_64_bits_is_refused() {
        let of = |largest: u64| {
            ConfidentJoint::from_counts(array![[largest, 1], [0, 1]]).map(|joint| joint.n_off_diagonal())
        };
        assert_eq!(of(u64::MAX - 2), Ok(1));
        assert_eq!(of(u64::MAX - 1), Err(CountError::TooManyCounts { what: "confident_joint" }));
    }
}
