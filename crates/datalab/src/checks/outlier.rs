//! Rows that are unlike all others.

use cleanlab_core::{Float, LabeledProbs, PredProbs, pairwise_sum};
use cleanlab_neighbors::{KnnGraph, Metric};
use cleanlab_outlier::{
    OodMethod, PredictionOutlierOptions, fit_score_predictions, get_ood_predictions_scores,
};
use ndarray::{Array1, ArrayView2};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::graph_facts::{insert_nearest_neighbors, metric_value};
use super::order_statistics::{median, quantile};
use crate::check_context::CheckContext;
use crate::column_values::ColumnValues;
use crate::errors::CheckError;
use crate::info::{Info, InfoValue};
use crate::inputs::Matrix;
use crate::issue_manager::{IssueFindings, IssueManager};
use crate::targets::{Targets, Task};

/// The least that distances are divided by; cleanlab's `EPSILON`.
const SMALLEST_SCALE: f64 = 1e-6;

/// Distances within so many units of rounding are no distance; cleanlab's `C`.
const ROUNDING_UNITS: f64 = 100.0;

/// Whether predicted probabilities are adjusted for how confident the model is in each class.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ProbabilityAdjustment {
    /// By the confident thresholds, which need labels.
    #[default]
    ConfidentThresholds,
    /// They are taken as they are.
    None,
}

/// Flags rows that are far from their nearest neighbours, or that no class fits.
///
/// With features or a neighbour graph, d is the mean distance of a row from its neighbours. A row is an outlier if
/// d > Q3 + (1 / `threshold` − 1) · (Q3 − Q1), where Q1 and Q3 are the quartiles of all d; with the default threshold
/// that is 1.7 times the interquartile range above the third quartile. Its score is exp(−`t` · d / `scaling_factor`),
/// and 1 where d is 0 up to rounding.
///
/// With predicted probabilities alone a row is an outlier if its score, by default how far the adjusted probabilities
/// are from all classes being equally likely, is below `threshold` times the median score.
///
/// # Example
///
/// ```
/// use cleanlab_datalab::{Checks, Datalab, FindIssuesOptions, Inputs, OutlierCheck, Task};
/// use ndarray::Array2;
///
/// let features = Array2::from_shape_fn((30, 1), |(row, _)| if row == 17 { 500.0 } else { row as f64 });
/// let mut lab = Datalab::unlabeled(30, Task::Regression)?;
/// let options = FindIssuesOptions::default().with_checks(Checks::none().with(OutlierCheck::default()));
/// lab.find_issues(&Inputs::default().with_features(&features), &options)?;
/// // The ends of the line are unusual too, but none as much as that row.
/// assert_eq!(lab.get_findings("outlier")?.ranked_issues()[0], 17);
/// # Ok::<(), cleanlab_datalab::DatalabError>(())
/// ```
///
/// # Source
///
/// `cleanlab.datalab.internal.issue_manager.outlier.OutlierIssueManager`.
///
/// # Differences
///
/// Options for predicted probabilities have an effect. In cleanlab `ood_kwargs` are overwritten by `k`, and any other
/// option makes the check fail where only predicted probabilities are given.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct OutlierCheck {
    /// Number of neighbours. Default 10.
    pub k: usize,
    /// How fast scores fall with the distance, at least 0. Default 1.
    pub t: f64,
    /// The metric. Default: [`Metric::default_for`] the number of features.
    pub metric: Option<Metric>,
    /// What distances are divided by. Default: their median.
    pub scaling_factor: Option<f64>,
    /// How easily a row is an outlier: between 0 and 1 for features, at least 0 for predicted probabilities. Default
    /// 0.37037 and 0.13.
    pub threshold: Option<f64>,
    /// What makes predicted probabilities look like those of an outlier. Default [`OodMethod::Entropy`].
    pub ood_method: OodMethod,
    /// Whether predicted probabilities are adjusted first. Default: they are.
    pub adjustment: ProbabilityAdjustment,
}

impl Default for OutlierCheck {
    fn default() -> Self {
        Self {
            k: 10,
            t: 1.0,
            metric: None,
            scaling_factor: None,
            threshold: None,
            ood_method: OodMethod::default(),
            adjustment: ProbabilityAdjustment::default(),
        }
    }
}

impl OutlierCheck {
    /// Sets the number of neighbours.
    #[must_use]
    pub fn with_k(mut self, k: usize) -> Self {
        self.k = k;
        self
    }

    /// Sets how fast scores fall with the distance.
    #[must_use]
    pub fn with_t(mut self, t: f64) -> Self {
        self.t = t;
        self
    }

    /// Sets the metric.
    #[must_use]
    pub fn with_metric(mut self, metric: Metric) -> Self {
        self.metric = Some(metric);
        self
    }

    /// Sets what distances are divided by.
    #[must_use]
    pub fn with_scaling_factor(mut self, scaling_factor: f64) -> Self {
        self.scaling_factor = Some(scaling_factor);
        self
    }

    /// Sets how easily a row is an outlier.
    #[must_use]
    pub fn with_threshold(mut self, threshold: f64) -> Self {
        self.threshold = Some(threshold);
        self
    }

    /// Sets what makes predicted probabilities look like those of an outlier.
    #[must_use]
    pub fn with_ood_method(mut self, method: OodMethod) -> Self {
        self.ood_method = method;
        self
    }

    /// Sets whether predicted probabilities are adjusted first.
    #[must_use]
    pub fn with_adjustment(mut self, adjustment: ProbabilityAdjustment) -> Self {
        self.adjustment = adjustment;
        self
    }

    /// Predicted probabilities, if the check can do with them.
    fn usable_probabilities<'a>(&self, context: &CheckContext<'a>) -> Option<Matrix<'a>> {
        let has_labels = matches!(context.targets(), Targets::Classes { .. });
        let can_do = context.task() == Task::Classification
            && (has_labels || self.adjustment == ProbabilityAdjustment::None);
        context.pred_probs().filter(|_| can_do)
    }

    fn judge_neighbors(&self, context: &CheckContext<'_>) -> Result<IssueFindings, CheckError> {
        const DEFAULT_THRESHOLD: f64 = 0.37037;
        let threshold = self.threshold.unwrap_or(DEFAULT_THRESHOLD);
        check_option("threshold", threshold, 0.0..=1.0, "between 0 and 1")?;
        check_option("t", self.t, 0.0..=f64::MAX, "finite and at least 0")?;
        if let Some(factor) = self.scaling_factor {
            check_option("scaling_factor", factor, 0.0..=f64::MAX, "finite and at least 0")?;
        }
        let found = context.knn_graph(self.k, self.metric)?;
        let distances = mean_distances(&found.graph);
        let mut sorted = distances.clone();
        sorted.par_sort_unstable_by(f64::total_cmp);
        let (first, third) = (quantile(&sorted, 0.25), quantile(&sorted, 0.75));
        // 1 / 0 is infinite, and then nothing is beyond.
        let issue_threshold = third + (1.0 / threshold - 1.0) * (third - first);
        let default_scale = || quantile(&sorted, 0.5).max(ROUNDING_UNITS * f64::EPSILON);
        let scaling_factor = self.scaling_factor.unwrap_or_else(default_scale);
        let smallest = match found.metric {
            Some(Metric::Cosine) => ROUNDING_UNITS * f64::EPSILON / 2.0,
            Some(_) => (ROUNDING_UNITS * f64::EPSILON).sqrt(),
            // Distances of a metric that is not known are not corrected.
            None => f64::NEG_INFINITY,
        };
        let scale = scaling_factor.max(SMALLEST_SCALE);
        let score = |&d: &f64| if d < smallest { 1.0 } else { (-self.t * d / scale).exp() };
        let scores: Array1<f64> = distances.iter().map(score).collect();
        let is_issue: Array1<bool> = distances.iter().map(|&d| d > issue_threshold).collect();
        let mut info = self.info(&scores, threshold, issue_threshold);
        info.insert("k", InfoValue::Integer(self.k as i64));
        insert_nearest_neighbors(&mut info, &found.graph);
        info.insert("metric", metric_value(found.metric));
        info.insert("scaling_factor", InfoValue::Float(scaling_factor));
        info.insert("t", InfoValue::Float(self.t));
        info.insert("find_issues_inputs", inputs_value(false));
        Ok(findings(is_issue, scores).with_info(info))
    }

    fn judge_probabilities<F: Float>(
        &self,
        context: &CheckContext<'_>,
        pred_probs: ArrayView2<'_, F>,
    ) -> Result<IssueFindings, CheckError> {
        const DEFAULT_THRESHOLD: f64 = 0.13;
        let threshold = self.threshold.unwrap_or(DEFAULT_THRESHOLD);
        check_option("threshold", threshold, 0.0..=f64::MAX, "finite and at least 0")?;
        let pred_probs = PredProbs::new(pred_probs)?;
        let (scores, confident_thresholds) = match (self.adjustment, context.targets()) {
            (ProbabilityAdjustment::ConfidentThresholds, Targets::Classes { labels, .. }) => {
                let data = LabeledProbs::new(labels.borrowed(), pred_probs)?;
                let fitted = fit_score_predictions(&data, self.ood_method)?;
                let thresholds = ColumnValues::Floats(fitted.confident_thresholds);
                (fitted.scores, InfoValue::Values(thresholds))
            }
            _ => {
                let options = PredictionOutlierOptions::default().with_method(self.ood_method);
                (get_ood_predictions_scores(&pred_probs, &options)?, InfoValue::Null)
            }
        };
        let issue_threshold = threshold * median(&scores.to_vec());
        let is_issue = scores.mapv(|score| score < issue_threshold);
        // Rounding can carry the entropy of equal or certain probabilities out of the range of scores.
        let scores = scores.mapv_into(|score| score.clamp(0.0, 1.0));
        let info = self
            .info(&scores, threshold, issue_threshold)
            .with("confident_thresholds", confident_thresholds)
            .with("find_issues_inputs", inputs_value(true));
        Ok(findings(is_issue, scores).with_info(info))
    }

    fn info(&self, scores: &Array1<f64>, threshold: f64, issue_threshold: f64) -> Info {
        let adjusts = self.adjustment == ProbabilityAdjustment::ConfidentThresholds;
        let method = match self.ood_method {
            OodMethod::LeastConfidence => "least_confidence",
            OodMethod::Gen { .. } => "gen",
            _ => "entropy",
        };
        Info::default()
            .with("average_ood_score", InfoValue::Float(mean(scores)))
            .with("threshold", InfoValue::Float(threshold))
            .with("issue_threshold", InfoValue::Float(issue_threshold))
            .with("method", InfoValue::Text(method.to_owned()))
            .with("adjust_pred_probs", InfoValue::Boolean(adjusts))
    }
}

impl IssueManager for OutlierCheck {
    fn issue_name(&self) -> &'static str {
        "outlier"
    }

    fn description(&self) -> &'static str {
        "Examples that are very different from the rest of the data: rare, anomalous, or of another kind."
    }

    fn missing_input(&self, context: &CheckContext<'_>) -> Option<String> {
        let has_neighbors = context.features().is_some() || context.inputs().knn_graph.is_some();
        if has_neighbors || self.usable_probabilities(context).is_some() {
            return None;
        }
        Some("features, a knn_graph, or pred_probs together with labels that are classes".to_owned())
    }

    fn neighbors_needed(&self, _context: &CheckContext<'_>) -> Option<usize> {
        Some(self.k)
    }

    fn find_issues(&self, context: &CheckContext<'_>) -> Result<IssueFindings, CheckError> {
        match self.usable_probabilities(context).filter(|_| !context.has_knn_graph(self.k)) {
            Some(Matrix::F32(pred_probs)) => self.judge_probabilities(context, pred_probs),
            Some(Matrix::F64(pred_probs)) => self.judge_probabilities(context, pred_probs),
            None => self.judge_neighbors(context),
        }
    }
}

fn findings(is_issue: Array1<bool>, scores: Array1<f64>) -> IssueFindings {
    let score = mean(&scores);
    IssueFindings::of_rows(is_issue, scores).with_score(score)
}

/// The mean in NumPy's order; rounding must not carry it out of the range of scores.
fn mean(scores: &Array1<f64>) -> f64 {
    (pairwise_sum(&scores.to_vec()) / scores.len() as f64).clamp(0.0, 1.0)
}

fn mean_distances(graph: &KnnGraph) -> Vec<f64> {
    let distances = graph.distances();
    let k = graph.k() as f64;
    let mean = |row: usize| match distances.row(row).to_slice() {
        Some(distances) => pairwise_sum(distances) / k,
        None => pairwise_sum(&distances.row(row).to_vec()) / k,
    };
    (0..graph.n_rows()).into_par_iter().with_min_len(1024).map(mean).collect()
}

fn inputs_value(from_probabilities: bool) -> InfoValue {
    let inputs = Info::default()
        .with("features", InfoValue::Boolean(false))
        .with("pred_probs", InfoValue::Boolean(from_probabilities))
        .with("knn_graph", InfoValue::Boolean(!from_probabilities));
    InfoValue::Map(inputs)
}

fn check_option(
    option: &'static str,
    value: f64,
    range: std::ops::RangeInclusive<f64>,
    bound: &'static str,
) -> Result<(), CheckError> {
    if range.contains(&value) { Ok(()) } else { Err(CheckError::OptionOutOfRange { option, value, bound }) }
}
