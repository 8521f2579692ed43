//! A group of similar rows that the model does badly on.

use std::collections::BTreeMap;

use cleanlab_core::{LabeledProbs, PredProbs, pairwise_sum};
use cleanlab_neighbors::{KnnGraph, Metric};
use cleanlab_rank::get_self_confidence_for_each_label;
use ndarray::Array1;
use serde::{Deserialize, Serialize};

use super::density_clusters::{IN_NO_CLUSTER, density_clusters};
use super::graph_facts::{insert_nearest_neighbors, metric_value};
use crate::check_context::CheckContext;
use crate::column_values::ColumnValues;
use crate::errors::CheckError;
use crate::info::{Info, InfoValue};
use crate::inputs::Matrix;
use crate::issue_manager::{IssueFindings, IssueManager};
use crate::targets::Targets;

/// What stands for the worst group where none is bad; cleanlab's `NO_UNDERPERFORMING_CLUSTER_ID`.
const NO_WORST_GROUP: i64 = IN_NO_CLUSTER - 1;

/// How rows are put into groups, by DBSCAN over the neighbour graph.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct ClusteringOptions {
    /// The largest distance of rows that are next to each other, above 0. Default 0.5.
    pub eps: f64,
    /// How many rows, itself among them, a row needs within that distance to be inside a group. Default 5.
    pub min_samples: usize,
}

impl Default for ClusteringOptions {
    fn default() -> Self {
        Self { eps: 0.5, min_samples: 5 }
    }
}

impl ClusteringOptions {
    /// Sets the largest distance of rows that are next to each other.
    #[must_use]
    pub fn with_eps(mut self, eps: f64) -> Self {
        self.eps = eps;
        self
    }

    /// Sets how many rows a row needs close to it.
    #[must_use]
    pub fn with_min_samples(mut self, min_samples: usize) -> Self {
        self.min_samples = min_samples;
        self
    }

    /// The cluster of every row of a graph, numbered from 0 in the order of their first core rows; −1 for rows in none.
    ///
    /// # Errors
    ///
    /// [`CheckError::OptionOutOfRange`].
    ///
    /// # Example
    ///
    /// ```
    /// use cleanlab_datalab::ClusteringOptions;
    /// use cleanlab_neighbors::{KnnGraphOptions, create_knn_graph};
    /// use ndarray::array;
    ///
    /// let features = array![[5.0], [0.0], [0.1], [99.0], [5.1], [0.2], [5.2]];
    /// let graph = create_knn_graph(features.view(), &KnnGraphOptions::default().with_k(3))?;
    /// let options = ClusteringOptions::default().with_eps(0.25).with_min_samples(3);
    /// assert_eq!(options.clusters(&graph)?, [0, 1, 1, -1, 0, 1, 0]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Source
    ///
    /// `sklearn.cluster.DBSCAN(metric="precomputed")` of a sparse matrix.
    pub fn clusters(&self, graph: &KnnGraph) -> Result<Vec<i64>, CheckError> {
        self.check()?;
        Ok(density_clusters(graph, self.eps, self.min_samples))
    }

    fn check(&self) -> Result<(), CheckError> {
        if self.eps.is_nan() || self.eps <= 0.0 {
            return Err(CheckError::OptionOutOfRange { option: "eps", value: self.eps, bound: "above 0" });
        }
        if self.min_samples == 0 {
            let (option, bound) = ("min_samples", "at least 1");
            return Err(CheckError::OptionOutOfRange { option, value: 0.0, bound });
        }
        Ok(())
    }
}

/// Flags the rows of the group that the model does worst on, if that is bad enough.
///
/// Rows are put into groups by DBSCAN over the neighbour graph, unless `cluster_ids` are given. How well the model does
/// on a group is the mean probability of the given labels. A group that does worse than all grouped rows together
/// scores the ratio of the two, and its rows with it; all other rows score 1. The group with the lowest score, which is
/// the score of the whole, is flagged if that is below `threshold`.
///
/// # Example
///
/// ```
/// use cleanlab_core::ClassNames;
/// use cleanlab_datalab::{Checks, Datalab, FindIssuesOptions, Inputs, UnderperformingGroupCheck};
/// use ndarray::{Array1, Array2};
///
/// let labels: Vec<&str> = (0..40).map(|row| if row % 2 == 0 { "cat" } else { "dog" }).collect();
/// let encoded = ClassNames::encode_strings(&labels)?;
/// let mut lab = Datalab::classification(encoded.labels, encoded.class_names)?;
/// let cluster_ids = Array1::from_shape_fn(40, |row| if row < 10 { 1 } else { 0 });
/// // In cluster 1 the model is always wrong.
/// let pred_probs = Array2::from_shape_fn((40, 2), |(row, class)| {
///     if (class == row % 2) == (row < 10) { 0.01 } else { 0.99 }
/// });
/// let inputs = Inputs::default().with_pred_probs(&pred_probs).with_cluster_ids(cluster_ids.view());
/// let checks = Checks::none().with(UnderperformingGroupCheck::default());
/// lab.find_issues(&inputs, &FindIssuesOptions::default().with_checks(checks))?;
/// let findings = lab.get_findings("underperforming_group")?;
/// assert_eq!(findings.issue_rows(), (0..10).collect::<Vec<_>>());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Source
///
/// `cleanlab.datalab.internal.issue_manager.underperforming_group.UnderperformingGroupIssueManager`.
///
/// # Differences
///
/// The worst group is the one with the lowest score; of equally bad groups it is the one with the lowest id. cleanlab
/// compares how well a group does with the ratio of the worst one before it, so that a better group can take its place.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct UnderperformingGroupCheck {
    /// Number of neighbours. Default 10.
    pub k: usize,
    /// The metric. Default: [`Metric::default_for`] the number of features.
    pub metric: Option<Metric>,
    /// The score below which a group is flagged. Below 0 is 0. Default 0.1.
    pub threshold: f64,
    /// How rows are put into groups.
    pub clustering: ClusteringOptions,
    /// Groups with fewer rows are left out. Default 5.
    pub min_cluster_samples: usize,
}

impl Default for UnderperformingGroupCheck {
    fn default() -> Self {
        Self {
            k: 10,
            metric: None,
            threshold: 0.1,
            clustering: ClusteringOptions::default(),
            min_cluster_samples: 5,
        }
    }
}

impl UnderperformingGroupCheck {
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

    /// Sets the score below which a group is flagged.
    #[must_use]
    pub fn with_threshold(mut self, threshold: f64) -> Self {
        self.threshold = threshold;
        self
    }

    /// Sets how rows are put into groups.
    #[must_use]
    pub fn with_clustering(mut self, clustering: ClusteringOptions) -> Self {
        self.clustering = clustering;
        self
    }

    /// Sets how many rows a group needs.
    #[must_use]
    pub fn with_min_cluster_samples(mut self, min_cluster_samples: usize) -> Self {
        self.min_cluster_samples = min_cluster_samples;
        self
    }

    fn check_options(&self) -> Result<(), CheckError> {
        self.clustering.check()?;
        let threshold = self.threshold;
        if threshold.is_nan() {
            let (option, bound) = ("threshold", "a number");
            return Err(CheckError::OptionOutOfRange { option, value: threshold, bound });
        }
        Ok(())
    }
}

/// The probability of the given label of every row.
fn self_confidence(context: &CheckContext<'_>) -> Result<Array1<f64>, CheckError> {
    let Targets::Classes { labels, .. } = context.targets() else {
        return Err(CheckError::needs("labels that are classes"));
    };
    let labels = labels.borrowed();
    match context.pred_probs().ok_or_else(|| CheckError::needs("pred_probs"))? {
        Matrix::F32(view) => {
            let data = LabeledProbs::allowing_one_class(labels, PredProbs::new(view)?)?;
            Ok(get_self_confidence_for_each_label(&data))
        }
        Matrix::F64(view) => {
            let data = LabeledProbs::allowing_one_class(labels, PredProbs::new(view)?)?;
            Ok(get_self_confidence_for_each_label(&data))
        }
    }
}

impl IssueManager for UnderperformingGroupCheck {
    fn issue_name(&self) -> &'static str {
        "underperforming_group"
    }

    fn description(&self) -> &'static str {
        "A group of similar examples for which the predictions of the model are particularly poor."
    }

    fn missing_input(&self, context: &CheckContext<'_>) -> Option<String> {
        let inputs = context.inputs();
        let has_groups =
            inputs.features.is_some() || inputs.knn_graph.is_some() || inputs.cluster_ids.is_some();
        let has_labels = matches!(context.targets(), Targets::Classes { .. });
        if has_labels && has_groups && inputs.pred_probs.is_some() {
            return None;
        }
        Some("labels that are classes, pred_probs, and features, a knn_graph or cluster_ids".to_owned())
    }

    fn neighbors_needed(&self, context: &CheckContext<'_>) -> Option<usize> {
        context.inputs().cluster_ids.is_none().then_some(self.k)
    }

    fn find_issues(&self, context: &CheckContext<'_>) -> Result<IssueFindings, CheckError> {
        self.check_options()?;
        let confidence = self_confidence(context)?;
        let mut info = Info::default().with("k", InfoValue::Integer(self.k as i64));
        let given_ids = context.inputs().cluster_ids;
        let threshold = InfoValue::Float(self.threshold.max(0.0));
        let cluster_ids: Vec<i64> = if let Some(given) = given_ids {
            info = info.with("metric", metric_value(self.metric)).with("threshold", threshold);
            given.to_vec()
        } else {
            let found = context.knn_graph(self.k, self.metric)?;
            info = info.with("metric", metric_value(found.metric)).with("threshold", threshold);
            insert_nearest_neighbors(&mut info, &found.graph);
            self.clustering.clusters(&found.graph)?
        };
        let groups = self.groups(&cluster_ids)?;
        let mean_of = |rows: &mut dyn Iterator<Item = usize>| {
            let values: Vec<f64> = rows.map(|row| confidence[row]).collect();
            pairwise_sum(&values) / values.len() as f64
        };
        let is_grouped = |&row: &usize| groups.contains_key(&cluster_ids[row]);
        let mean = mean_of(&mut (0..cluster_ids.len()).filter(is_grouped));
        let (mut worst, mut worst_score) = (NO_WORST_GROUP, 1.0);
        let mut scores = Array1::ones(cluster_ids.len());
        for (&id, rows) in &groups {
            let performance = mean_of(&mut rows.iter().copied());
            if performance >= mean {
                continue;
            }
            // A probability may be below 0 within the tolerance of `PredProbs`.
            let score = (performance / mean).max(0.0);
            for &row in rows {
                scores[row] = score;
            }
            if score < worst_score {
                (worst, worst_score) = (id, score);
            }
        }
        if worst_score >= self.threshold {
            worst = NO_WORST_GROUP;
        }
        let is_issue = cluster_ids.iter().map(|&id| id == worst).collect();
        let stats = Info::default()
            .with("n_clusters", InfoValue::Integer(groups.len() as i64))
            .with("cluster_ids", InfoValue::Values(ColumnValues::Integers(cluster_ids.into())))
            .with("underperforming_cluster_id", InfoValue::Integer(worst));
        info.insert("clustering", self.clustering_info(given_ids.is_none(), stats));
        Ok(IssueFindings::of_rows(is_issue, scores).with_score(worst_score).with_info(info))
    }
}

impl UnderperformingGroupCheck {
    /// The rows of each group that is large enough, by id.
    fn groups(&self, cluster_ids: &[i64]) -> Result<BTreeMap<i64, Vec<usize>>, CheckError> {
        let mut groups: BTreeMap<i64, Vec<usize>> = BTreeMap::new();
        for (row, &id) in cluster_ids.iter().enumerate() {
            if id < IN_NO_CLUSTER {
                return Err(CheckError::ClusterId { row, id });
            }
            if id != IN_NO_CLUSTER {
                groups.entry(id).or_default().push(row);
            }
        }
        groups.retain(|_, rows| rows.len() >= self.min_cluster_samples);
        if groups.is_empty() {
            Err(CheckError::NoGroups { least: self.min_cluster_samples })
        } else {
            Ok(groups)
        }
    }

    fn clustering_info(&self, performed: bool, stats: Info) -> InfoValue {
        let (algorithm, params) = if performed {
            let params = Info::default()
                .with("metric", InfoValue::Text("precomputed".to_owned()))
                .with("eps", InfoValue::Float(self.clustering.eps))
                .with("min_samples", InfoValue::Integer(self.clustering.min_samples as i64));
            (InfoValue::Text("DBSCAN".to_owned()), params)
        } else {
            (InfoValue::Null, Info::default())
        };
        let info = Info::default()
            .with("algorithm", algorithm)
            .with("params", InfoValue::Map(params))
            .with("stats", InfoValue::Map(stats));
        InfoValue::Map(info)
    }
}
