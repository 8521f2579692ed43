//! Outlier scores from a graph of nearest neighbours, and how far away an outlier is.

use cleanlab_core::pairwise_sum;
use cleanlab_neighbors::{KnnGraph, NeighborsError};
use ndarray::parallel::prelude::*;
use ndarray::{Array1, ArrayView1, Axis};

use crate::errors::OutlierError;
use crate::feature_outliers::{FeatureOutlierOptions, scaling_factor, scores};

/// Outlier scores of the rows of a graph, and what they were made of.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct GraphOutliers {
    /// The score of each row, N values in [0, 1]; low ones are outliers.
    pub scores: Array1<f64>,
    /// The mean distance of each row from its neighbours, N values.
    pub mean_distances: Array1<f64>,
    /// What distances were divided by: their median, unless it was given.
    pub scaling_factor: f64,
}

/// Scores the rows of a graph by the mean distance from their neighbours, as
/// [`OutOfDistribution`](crate::OutOfDistribution) scores the examples that it is fitted to.
///
/// Neighbours are the first `k`, or by default all of the graph. Where the metric of the graph is given, mean distances
/// that may be what rounding leaves of 0 score 1.
///
/// # Shapes
///
/// A graph of N rows gives N scores.
///
/// # Errors
///
/// [`OutlierError::InvalidOption`] for a `t` or a scaling factor that is not a finite number of at least 0;
/// [`NeighborsError::NeighborCount`] unless 1 ≤ k ≤ [`KnnGraph::k`].
///
/// # Example
///
/// ```
/// use cleanlab_neighbors::KnnGraph;
/// use cleanlab_outlier::{FeatureOutlierOptions, score_knn_graph};
/// use ndarray::array;
///
/// let graph = KnnGraph::new(array![[1, 2], [0, 2], [1, 0]], array![[1.0, 3.0], [1.0, 2.0], [2.0, 3.0]])?;
/// let outliers = score_knn_graph(&graph, &FeatureOutlierOptions::default())?;
/// assert_eq!(outliers.mean_distances, array![2.0, 1.5, 2.5]);
/// assert_eq!(outliers.scaling_factor, 2.0);
/// assert_eq!(outliers.scores, array![(-1.0_f64).exp(), (-0.75_f64).exp(), (-1.25_f64).exp()]);
/// # Ok::<(), cleanlab_outlier::OutlierError>(())
/// ```
///
/// # Source
///
/// `OutlierIssueManager.find_issues` of cleanlab's Datalab with a `knn_graph`, which counts all neighbours of the graph.
pub fn score_knn_graph(
    graph: &KnnGraph,
    options: &FeatureOutlierOptions,
) -> Result<GraphOutliers, OutlierError> {
    options.check()?;
    let k = options.k.unwrap_or(graph.k());
    if k == 0 || k > graph.k() {
        return Err(NeighborsError::NeighborCount { k, largest: graph.k() }.into());
    }
    let distances = graph.distances();
    let mean = |row: ArrayView1<'_, f64>| {
        let nearest: Vec<f64> = row.iter().take(k).copied().collect();
        pairwise_sum(&nearest) / k as f64
    };
    let means: Vec<f64> = distances.axis_iter(Axis(0)).into_par_iter().with_min_len(1024).map(mean).collect();
    let mean_distances = Array1::from(means);
    let scaling_factor = options.scaling_factor.unwrap_or_else(|| scaling_factor(mean_distances.view()));
    let scores = scores(mean_distances.clone(), options.metric, options.t, scaling_factor);
    Ok(GraphOutliers { scores, mean_distances, scaling_factor })
}

/// The mean distance above which an example counts as an outlier.
///
/// It is Q₃ + (1/threshold − 1)·(Q₃ − Q₁), with the quartiles of the mean distances. cleanlab's threshold is 0.37037, that
/// is 1.7 times the distance between the quartiles. At a threshold of 0 nothing is an outlier.
///
/// # Shapes
///
/// N mean distances, at least one.
///
/// # Errors
///
/// [`OutlierError::InvalidOption`] for a threshold outside [0, 1], no distances, or the first that is negative or not
/// finite.
///
/// # Example
///
/// ```
/// use cleanlab_outlier::distance_issue_threshold;
/// use ndarray::array;
///
/// let mean_distances = array![1.0, 2.0, 3.0, 4.0, 20.0];
/// let threshold = distance_issue_threshold(mean_distances.view(), 0.5)?;
/// assert_eq!(threshold, 6.0);
/// assert!(mean_distances[4] > threshold);
/// # Ok::<(), cleanlab_outlier::OutlierError>(())
/// ```
///
/// # Source
///
/// `OutlierIssueManager._compute_threshold_and_issue_column_from_distances` of cleanlab's Datalab.
pub fn distance_issue_threshold(
    mean_distances: ArrayView1<'_, f64>,
    threshold: f64,
) -> Result<f64, OutlierError> {
    if !(0.0..=1.0).contains(&threshold) {
        let (option, value) = ("threshold", threshold);
        return Err(OutlierError::InvalidOption { option, value, bound: "between 0 and 1" });
    }
    let is_bad = |distance: &&f64| !distance.is_finite() || **distance < 0.0;
    let bad = if mean_distances.is_empty() { Some(f64::NAN) } else { None };
    if let Some(value) = bad.or_else(|| mean_distances.iter().find(is_bad).copied()) {
        let bound = "at least one number, finite and at least 0";
        return Err(OutlierError::InvalidOption { option: "mean_distances", value, bound });
    }
    if threshold == 0.0 {
        return Ok(f64::INFINITY);
    }
    let mut sorted = mean_distances.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let (first, third) = (quantile(&sorted, 0.25), quantile(&sorted, 0.75));
    Ok(third + (1.0 / threshold - 1.0) * (third - first))
}

/// A quantile of sorted values by NumPy's linear interpolation, from the end that is nearer.
fn quantile(sorted: &[f64], share: f64) -> f64 {
    let position = (sorted.len() - 1) as f64 * share;
    let below = position.floor();
    let (low, high) = (sorted[below as usize], sorted[position.ceil() as usize]);
    let part = position - below;
    if part >= 0.5 { high - (high - low) * (1.0 - part) } else { low + (high - low) * part }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn score_knn_graph_bad_options_are_refused() {
        let graph = KnnGraph::new(array![[1], [0]], array![[0.5], [0.5]]).unwrap();
        let refused = |options| score_knn_graph(&graph, &options).unwrap_err();
        for k in [0, 2] {
            let error = OutlierError::Neighbors(NeighborsError::NeighborCount { k, largest: 1 });
            assert_eq!(refused(FeatureOutlierOptions::default().with_k(k)), error);
        }
        assert!(matches!(
            refused(FeatureOutlierOptions::default().with_t(-1.0)),
            OutlierError::InvalidOption { option: "t", .. }
        ));
    }

    #[test]
    fn distance_issue_threshold_bad_input_is_refused() {
        let refused =
            |distances: Array1<f64>, threshold| match distance_issue_threshold(distances.view(), threshold) {
                Err(OutlierError::InvalidOption { option, .. }) => option,
                other => panic!("{other:?}"),
            };
        for threshold in [-0.1, 1.1, f64::NAN] {
            assert_eq!(refused(array![1.0], threshold), "threshold");
        }
        for distances in [array![], array![1.0, f64::NAN], array![-1.0], array![f64::INFINITY]] {
            assert_eq!(refused(distances, 0.5), "mean_distances");
        }
    }

    #[test]
    fn distance_issue_threshold_of_zero_flags_nothing() {
        assert_eq!(distance_issue_threshold(array![2.0, 2.0].view(), 0.0), Ok(f64::INFINITY));
        assert_eq!(distance_issue_threshold(array![2.0].view(), 0.3), Ok(2.0));
    }
}
