//! How unlike the rest of the data each example is: outlier scores from features or from predicted probabilities.
//!
//! With features, such as the embeddings of a network, an example is an outlier when its nearest neighbours are far away
//! ([`OutOfDistribution`]). With predicted probabilities it is one when the model cannot decide
//! ([`get_ood_predictions_scores`]). Scores lie between 0 and 1, and low ones are outliers. Numbers are those of
//! `cleanlab.outlier` 2.9.0.
//!
//! # A one-minute example
//!
//! ```
//! use cleanlab_outlier::{FeatureOutlierOptions, OutOfDistribution};
//! use ndarray::array;
//!
//! let features = array![[0.0, 0.1], [0.1, 0.0], [0.0, 0.0], [0.1, 0.1], [9.0, 9.0]];
//! let ood = OutOfDistribution::fit(features, &FeatureOutlierOptions::default().with_k(2))?;
//! assert!(ood.fitted_scores()[4] < 1e-9);
//! assert!(ood.fitted_scores().iter().take(4).all(|&score| score > 0.3));
//!
//! // Examples that were not there before.
//! let scores = ood.score(array![[0.05, 0.05], [3.0, 3.0]].view())?;
//! assert!(scores[0] > 0.4 && scores[1] < 1e-9);
//! # Ok::<(), cleanlab_outlier::OutlierError>(())
//! ```
//!
//! # When not to use it
//!
//! Scores say how unusual an example is, not whether its label is wrong: use `cleanlab-filter` for that. Euclidean
//! distances of features in different units say little; standardise them first.

#![forbid(unsafe_code)]

mod errors;
mod feature_outliers;
mod graph_outliers;
mod prediction_outliers;

pub use errors::OutlierError;
pub use feature_outliers::{FeatureOutlierOptions, OutOfDistribution, transform_distances_to_scores};
pub use graph_outliers::{GraphOutliers, distance_issue_threshold, score_knn_graph};
pub use prediction_outliers::{
    OodMethod, PredictionOutlierOptions, PredictionOutliers, fit_score_predictions,
    get_ood_predictions_scores,
};
