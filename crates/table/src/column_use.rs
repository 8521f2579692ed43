//! What became of each column when features were made.

use std::fmt;

use crate::errors::quoted;

/// What became of one column of a table.
///
/// ```
/// use cleanlab_table::{ColumnAction, ColumnUse, FeatureOptions, ReadOptions, SkipReason, Source, Table};
///
/// let csv = "id,size\n1,2.5\n2,3.5\n3,2.5\n";
/// let table = Table::read(Source::from_bytes(csv, "t.csv"), &ReadOptions::default())?;
/// let columns = table.features(&FeatureOptions::default())?.columns;
/// assert_eq!(columns[0].action, ColumnAction::Skipped { reason: SkipReason::Identifier });
/// assert_eq!(columns[0].to_string(), "\"id\" is left out: it only numbers the rows");
/// assert!(matches!(columns[1].action, ColumnAction::Standardised { n_missing: 0, .. }));
/// # Ok::<(), cleanlab_table::TableError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct ColumnUse {
    /// The column.
    pub column: String,
    /// What was done with it.
    pub action: ColumnAction,
}

/// What was done with a column.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum ColumnAction {
    /// One feature with mean 0 and standard deviation 1.
    Standardised {
        /// The mean of the values that are there.
        mean: f64,
        /// The population's standard deviation, missing values counted as the mean.
        std: f64,
        /// Number of values that were missing and became the mean.
        n_missing: usize,
    },
    /// One feature with the numbers as they are.
    Unscaled {
        /// The mean of the values that are there.
        mean: f64,
        /// Number of values that were missing and became the mean.
        n_missing: usize,
    },
    /// One feature that is 0 in every row, because all values are the same.
    Constant {
        /// Number of values that were missing.
        n_missing: usize,
    },
    /// One feature of 0 and 1 per category.
    OneHot {
        /// The categories, in the order of the features.
        categories: Vec<String>,
        /// Number of values that were missing and are 0 in all features.
        n_missing: usize,
    },
    /// It holds the labels.
    Label,
    /// The caller left it out.
    Excluded,
    /// It cannot be used.
    Skipped {
        /// Why not.
        reason: SkipReason,
    },
}

/// Why a column cannot be used as a feature.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum SkipReason {
    /// It has no values.
    AllMissing,
    /// It only numbers the rows.
    Identifier,
    /// It is text with more different values than categories could have.
    TooManyCategories {
        /// The most it may have.
        limit: usize,
    },
    /// It is text that is the same in every row.
    ConstantText,
    /// It is of a type that is not read.
    Unsupported {
        /// The type in the file.
        data_type: String,
    },
}

impl ColumnAction {
    /// Whether the column gave a feature that differs between rows.
    pub(crate) fn is_informative(&self) -> bool {
        matches!(self, Self::Standardised { .. } | Self::Unscaled { .. } | Self::OneHot { .. })
    }
}

impl fmt::Display for ColumnUse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", quoted(&self.column), self.action)
    }
}

impl fmt::Display for ColumnAction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let missing = |n_missing: &usize, becomes: &str| match n_missing {
            0 => String::new(),
            n_missing => format!(" ({n_missing} missing, {becomes})"),
        };
        match self {
            Self::Standardised { n_missing, .. } => {
                write!(f, "is standardised{}", missing(n_missing, "filled with the mean"))
            }
            Self::Unscaled { n_missing, .. } => {
                write!(f, "stays as it is{}", missing(n_missing, "filled with the mean"))
            }
            Self::Constant { .. } => write!(f, "is constant, so it is all zeros"),
            Self::OneHot { categories, n_missing } => {
                let n_categories = categories.len();
                let missing = missing(n_missing, "zero in each");
                write!(f, "becomes {n_categories} features, one per category{missing}")
            }
            Self::Label => write!(f, "holds the labels"),
            Self::Excluded => write!(f, "is excluded"),
            Self::Skipped { reason } => write!(f, "is left out: {reason}"),
        }
    }
}

impl fmt::Display for SkipReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AllMissing => write!(f, "it has no values"),
            Self::Identifier => write!(f, "it only numbers the rows"),
            Self::TooManyCategories { limit } => {
                write!(f, "it is text with more than {limit} different values")
            }
            Self::ConstantText => write!(f, "it is the same in every row"),
            Self::Unsupported { data_type } => write!(f, "its type {data_type} is not read"),
        }
    }
}
