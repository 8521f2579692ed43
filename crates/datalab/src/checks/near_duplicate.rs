//! Rows that are nearly equal.

use cleanlab_core::pairwise_sum;
use cleanlab_neighbors::{Metric, neighbors_within_radius};
use ndarray::Array1;
use serde::{Deserialize, Serialize};

use super::graph_facts::{insert_nearest_neighbors, metric_value};
use super::order_statistics::median;
use crate::check_context::CheckContext;
use crate::column_values::ColumnValues;
use crate::errors::CheckError;
use crate::info::{Info, InfoValue};
use crate::issue_manager::{IssueFindings, IssueManager};

/// The least median distance; cleanlab's `EPSILON`.
const SMALLEST_MEDIAN: f64 = 1e-6;

/// A distance that is no more counts as none; the absolute tolerance of `numpy.isclose`.
const NO_DISTANCE: f64 = 1e-8;

/// Flags rows that are nearer to each other than `threshold` times the median distance from a nearest neighbour.
///
/// The score of a row is 1 − exp(−d / median), where d is the distance from its nearest neighbour: 0 for exact
/// duplicates. The details hold, for every row, its `near_duplicate_sets` — the rows that are near it, first its own
/// neighbours, nearest first, then other rows that have it as a neighbour — and its `distance_to_nearest_neighbor`.
///
/// # Example
///
/// ```
/// use cleanlab_datalab::{
///     Checks, ColumnValues, Datalab, FindIssuesOptions, Inputs, NearDuplicateCheck, Task,
/// };
/// use ndarray::array;
///
/// let features = array![[0.0, 0.0], [4.0, 1.0], [0.0, 0.001], [2.0, 9.0]];
/// let mut lab = Datalab::unlabeled(4, Task::Classification)?;
/// let check = NearDuplicateCheck::default().with_k(2);
/// let options = FindIssuesOptions::default().with_checks(Checks::none().with(check));
/// lab.find_issues(&Inputs::default().with_features(&features), &options)?;
/// let findings = lab.get_findings("near_duplicate")?;
/// assert_eq!(findings.issue_rows(), [0, 2]);
/// let sets = ColumnValues::IntegerLists(vec![vec![2], vec![], vec![0], vec![]]);
/// assert_eq!(findings.details.column("near_duplicate_sets"), Some(&sets));
/// # Ok::<(), cleanlab_datalab::DatalabError>(())
/// ```
///
/// # Source
///
/// `cleanlab.datalab.internal.issue_manager.duplicate.NearDuplicateIssueManager`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct NearDuplicateCheck {
    /// Number of neighbours. Default 10.
    pub k: usize,
    /// The metric. Default: [`Metric::default_for`] the number of features.
    pub metric: Option<Metric>,
    /// How near is nearly equal, in median distances from a nearest neighbour. Below 0 is 0. Default 0.13.
    pub threshold: f64,
}

impl Default for NearDuplicateCheck {
    fn default() -> Self {
        Self { k: 10, metric: None, threshold: 0.13 }
    }
}

impl NearDuplicateCheck {
    /// Sets the number of neighbours.
    #[must_use]
    pub fn with_k(mut self, k: usize) -> Self {
        self.k = k;
        self
    }

    /// Sets the metric.
    #[must_use]
    pub fn with_metric(mut self, metric: Metric) -> Self {
        self.metric = Some(metric);
        self
    }

    /// Sets how near is nearly equal.
    #[must_use]
    pub fn with_threshold(mut self, threshold: f64) -> Self {
        self.threshold = threshold;
        self
    }
}

impl IssueManager for NearDuplicateCheck {
    fn issue_name(&self) -> &'static str {
        "near_duplicate"
    }

    fn description(&self) -> &'static str {
        "Examples that are equal or extremely similar to others, compared with the rest of the data."
    }

    fn missing_input(&self, context: &CheckContext<'_>) -> Option<String> {
        let has_neighbors = context.features().is_some() || context.inputs().knn_graph.is_some();
        (!has_neighbors).then(|| "features or a knn_graph".to_owned())
    }

    fn neighbors_needed(&self, _context: &CheckContext<'_>) -> Option<usize> {
        Some(self.k)
    }

    fn find_issues(&self, context: &CheckContext<'_>) -> Result<IssueFindings, CheckError> {
        if self.threshold.is_nan() {
            let (option, value) = ("threshold", self.threshold);
            return Err(CheckError::OptionOutOfRange { option, value, bound: "a number" });
        }
        let threshold = self.threshold.max(0.0);
        let found = context.knn_graph(self.k, self.metric)?;
        let nearest = found.graph.distances().column(0).to_vec();
        let median = median(&nearest).max(SMALLEST_MEDIAN);
        let sets = neighbors_within_radius(&found.graph, threshold * median)?;
        let is_issue: Array1<bool> = sets.iter().map(|set| !set.is_empty()).collect();
        let temperature = 1.0 / median;
        let score = |&d: &f64| if d <= NO_DISTANCE { 0.0 } else { 1.0 - (-temperature * d).exp() };
        let scores: Array1<f64> = nearest.iter().map(score).collect();
        let average = (pairwise_sum(&scores.to_vec()) / scores.len() as f64).clamp(0.0, 1.0);
        let mut info = Info::default()
            .with("average_near_duplicate_score", InfoValue::Float(average))
            .with("metric", metric_value(found.metric))
            .with("k", InfoValue::Integer(self.k as i64))
            .with("threshold", InfoValue::Float(threshold))
            .with("score_threshold", InfoValue::Float(1.0 - (-threshold).exp()));
        insert_nearest_neighbors(&mut info, &found.graph);
        info.insert("median_distance_to_nearest_neighbor", InfoValue::Float(median));
        let sets = sets.iter().map(<[u32]>::to_vec).collect();
        let mut findings = IssueFindings::of_rows(is_issue, scores).with_score(average);
        if self.threshold < 0.0 {
            findings =
                findings.with_warning(format!("the threshold {} is below 0; 0 was taken", self.threshold));
        }
        Ok(findings
            .with_detail("near_duplicate_sets", ColumnValues::IntegerLists(sets))?
            .with_detail("distance_to_nearest_neighbor", ColumnValues::Floats(nearest.into()))?
            .with_info(info))
    }
}
