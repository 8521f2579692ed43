//! Examples that are of little use to a model.

use cleanlab_data_valuation::{DataShapleyOptions, data_shapley_knn};
use cleanlab_neighbors::Metric;
use serde::{Deserialize, Serialize};

use super::graph_facts::metric_value;
use crate::check_context::{CheckContext, KeptGraph};
use crate::errors::CheckError;
use crate::info::{Info, InfoValue};
use crate::issue_manager::{IssueFindings, IssueManager};
use crate::targets::Targets;

/// Flags rows whose KNN-Shapley value is below `threshold`: those that teach a nearest-neighbour model more wrong than
/// right. Values are those of [`data_shapley_knn`], in [0, 1]; the score of the whole is their mean.
///
/// Not made by default.
///
/// # Example
///
/// ```
/// use cleanlab_core::ClassNames;
/// use cleanlab_datalab::{Checks, DataValuationCheck, Datalab, FindIssuesOptions, Inputs};
/// use ndarray::array;
///
/// // Row 2 has a label unlike those around it.
/// let encoded = ClassNames::encode_strings(&["a", "a", "b", "a", "b", "b"])?;
/// let features = array![[0.0], [0.11], [0.2], [0.32], [5.0], [5.3]];
/// let mut lab = Datalab::classification(encoded.labels, encoded.class_names)?;
/// let checks = Checks::none().with(DataValuationCheck::default().with_k(3));
/// let options = FindIssuesOptions::default().with_checks(checks);
/// lab.find_issues(&Inputs::default().with_features(&features), &options)?;
/// let findings = lab.get_findings("data_valuation")?;
/// assert!(findings.is_issue[2] && !findings.is_issue[0]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Source
///
/// `cleanlab.datalab.internal.issue_manager.data_valuation.DataValuationIssueManager`.
///
/// # Differences
///
/// Rows with sets of classes are valued too, two labels being equal if the sets are; cleanlab lists the check for them and
/// then refuses their labels.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct DataValuationCheck {
    /// Number of neighbours that count. Default 10.
    pub k: usize,
    /// The value below which a row is flagged, in [0, 1]. Default 0.5.
    pub threshold: f64,
    /// The metric of the neighbours. Default: [`Metric::default_for`] the number of features.
    pub metric: Option<Metric>,
}

impl Default for DataValuationCheck {
    fn default() -> Self {
        Self { k: 10, threshold: 0.5, metric: None }
    }
}

impl DataValuationCheck {
    /// Sets the number of neighbours that count.
    #[must_use]
    pub fn with_k(mut self, k: usize) -> Self {
        self.k = k;
        self
    }

    /// Sets the value below which a row is flagged.
    #[must_use]
    pub fn with_threshold(mut self, threshold: f64) -> Self {
        self.threshold = threshold;
        self
    }

    /// Sets the metric of the neighbours.
    #[must_use]
    pub fn with_metric(mut self, metric: Metric) -> Self {
        self.metric = Some(metric);
        self
    }
}

impl IssueManager for DataValuationCheck {
    fn issue_name(&self) -> &'static str {
        "data_valuation"
    }

    fn description(&self) -> &'static str {
        "Examples that contribute least to a model trained on the data."
    }

    fn missing_input(&self, context: &CheckContext<'_>) -> Option<String> {
        if matches!(context.targets(), Targets::Unlabeled { .. }) {
            return Some("labels".to_owned());
        }
        (!context.has_knn_graph(self.k)).then(|| "features or a knn_graph".to_owned())
    }

    fn neighbors_needed(&self, context: &CheckContext<'_>) -> Option<usize> {
        self.missing_input(context).is_none().then_some(self.k)
    }

    fn find_issues(&self, context: &CheckContext<'_>) -> Result<IssueFindings, CheckError> {
        if !(0.0..=1.0).contains(&self.threshold) {
            let (option, value) = ("threshold", self.threshold);
            return Err(CheckError::OptionOutOfRange { option, value, bound: "between 0 and 1" });
        }
        if matches!(context.targets(), Targets::Unlabeled { .. }) {
            return Err(CheckError::needs("labels"));
        }
        let KeptGraph { graph, metric } = context.knn_graph(self.k, self.metric)?;
        let options = DataShapleyOptions::default().with_k(self.k);
        let values = match context.targets() {
            Targets::Unlabeled { .. } => return Err(CheckError::needs("labels")),
            Targets::Classes { labels, .. } => data_shapley_knn(labels.as_slice(), &graph, &options)?,
            Targets::Numbers(labels) => data_shapley_knn(&labels.to_vec(), &graph, &options)?,
            Targets::ClassSets { labels, .. } => data_shapley_knn(&labels.to_lists(), &graph, &options)?,
        };
        let findings = IssueFindings::of_rows(values.mapv(|value| value < self.threshold), values);
        let info = Info::default()
            .with("num_low_valuation_issues", InfoValue::Integer(findings.num_issues() as i64))
            .with("average_data_valuation", InfoValue::Float(findings.score))
            .with("metric", metric_value(metric))
            .with("k", InfoValue::Integer(self.k as i64))
            .with("threshold", InfoValue::Float(self.threshold));
        Ok(findings.with_info(info))
    }
}
