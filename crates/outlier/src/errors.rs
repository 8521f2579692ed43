//! Everything that can go wrong with outlier scores.

use cleanlab_core::InputError;
use cleanlab_count::CountError;
use cleanlab_neighbors::{Metric, NeighborsError};
use thiserror::Error;

/// Why outlier scores were refused.
///
/// ```
/// use cleanlab_outlier::{FeatureOutlierOptions, OutOfDistribution, OutlierError};
/// use ndarray::array;
/// let options = FeatureOutlierOptions::default().with_t(-1.0);
/// let error = OutOfDistribution::fit(array![[0.0], [1.0]], &options).unwrap_err();
/// assert!(matches!(error, OutlierError::InvalidOption { option: "t", value: -1.0, .. }));
/// ```
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum OutlierError {
    /// Labels or predicted probabilities are not valid.
    #[error(transparent)]
    Input(#[from] InputError),
    /// Confident thresholds do not fit the predicted probabilities, or cannot be subtracted from them.
    #[error(transparent)]
    Count(#[from] CountError),
    /// Features or a number of neighbours were refused.
    #[error(transparent)]
    Neighbors(#[from] NeighborsError),
    /// An index measures by another metric than the one asked for.
    #[error(
        "the metric is {asked:?}, but the index was made with {index:?}; leave the metric out or make another index"
    )]
    OtherMetric {
        /// The metric of the index.
        index: Metric,
        /// The metric asked for.
        asked: Metric,
    },
    /// An option has a value outside its range.
    #[error("option `{option}` is {value}, but must be {bound}")]
    InvalidOption {
        /// Name of the option.
        option: &'static str,
        /// The value found.
        value: f64,
        /// What values it may have.
        bound: &'static str,
    },
}
