//! Sets of classes that are probably wrong.

use cleanlab_core::{Float, PredProbs, pairwise_sum};
use cleanlab_filter::FilterBy;
use cleanlab_multilabel::{
    Aggregator, FindMultilabelIssuesOptions, MultiLabels, MultilabelConfidentJoint, MultilabelProbs,
    MultilabelScoreOptions, find_label_issues, get_label_quality_scores,
};
use cleanlab_rank::LabelQualityMethod;
use ndarray::{Array3, ArrayView2};
use serde::{Deserialize, Serialize};

use crate::check_context::CheckContext;
use crate::column_values::ColumnValues;
use crate::errors::CheckError;
use crate::inputs::Matrix;
use crate::issue_manager::{IssueFindings, IssueManager};
use crate::targets::Targets;

/// A class above this probability is predicted; cleanlab's `_PREDICTED_LABEL_THRESH`.
const PREDICTED_ABOVE: f64 = 0.5;

/// How the scores of a row's classes become one.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ClassAggregation {
    /// An exponential moving average of the scores in descending order, so that the worst weighs most.
    ExponentialMovingAverage {
        /// The weight of each next score, between 0 and 1.
        alpha: f64,
    },
    /// Their mean, weighed by the softmax of how bad they are.
    Softmin {
        /// The lower, the nearer to the minimum; at least 0.
        temperature: f64,
    },
}

impl Default for ClassAggregation {
    fn default() -> Self {
        Self::ExponentialMovingAverage { alpha: 0.8 }
    }
}

/// Flags rows whose set of classes is probably wrong: a class that is given and should not be, or the reverse.
///
/// # Example
///
/// ```
/// use cleanlab_core::ClassNames;
/// use cleanlab_datalab::{Checks, Datalab, FindIssuesOptions, Inputs, MultilabelLabelCheck};
/// use cleanlab_multilabel::MultiLabels;
/// use ndarray::array;
///
/// let labels = MultiLabels::from_lists(&[vec![0], vec![0, 1], vec![1], vec![], vec![0]], 2)?;
/// let mut lab = Datalab::multilabel(labels, ClassNames::indices(2))?;
/// let pred_probs = array![[0.9, 0.1], [0.8, 0.7], [0.1, 0.9], [0.2, 0.1], [0.1, 0.1]];
/// let checks = Checks::none().with(MultilabelLabelCheck::default());
/// let inputs = Inputs::default().with_pred_probs(&pred_probs);
/// lab.find_issues(&inputs, &FindIssuesOptions::default().with_checks(checks))?;
/// assert_eq!(lab.get_findings("label")?.issue_rows(), [4]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Source
///
/// `cleanlab.datalab.internal.issue_manager.multilabel.label.MultilabelIssueManager`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct MultilabelLabelCheck {
    /// Which labels are flagged. Default [`FilterBy::PruneByNoiseRate`].
    pub filter_by: FilterBy,
    /// The share of the estimated wrong labels to flag. Default 1.
    pub frac_noise: f64,
    /// How many labels to flag of each class. Default: as estimated.
    pub num_to_remove_per_class: Option<Vec<u64>>,
    /// Classes with no more rows are not flagged by methods that prune. Default 1.
    pub min_examples_per_class: u64,
    /// For every class counts of (given, true), row by row. Default: as estimated.
    pub confident_joint: Option<Vec<[[u64; 2]; 2]>>,
    /// How the label of each class is scored. Default [`LabelQualityMethod::SelfConfidence`].
    pub label_quality: LabelQualityMethod,
    /// How these scores become one. Default: an exponential moving average with weight 0.8.
    pub aggregation: ClassAggregation,
}

impl Default for MultilabelLabelCheck {
    fn default() -> Self {
        Self {
            filter_by: FilterBy::default(),
            frac_noise: 1.0,
            num_to_remove_per_class: None,
            min_examples_per_class: 1,
            confident_joint: None,
            label_quality: LabelQualityMethod::default(),
            aggregation: ClassAggregation::default(),
        }
    }
}

impl MultilabelLabelCheck {
    /// Sets which labels are flagged.
    #[must_use]
    pub fn with_filter_by(mut self, filter_by: FilterBy) -> Self {
        self.filter_by = filter_by;
        self
    }

    /// Sets the share of the estimated wrong labels to flag.
    #[must_use]
    pub fn with_frac_noise(mut self, frac_noise: f64) -> Self {
        self.frac_noise = frac_noise;
        self
    }

    /// Sets how many labels to flag of each class.
    #[must_use]
    pub fn with_num_to_remove_per_class(mut self, num_to_remove_per_class: Vec<u64>) -> Self {
        self.num_to_remove_per_class = Some(num_to_remove_per_class);
        self
    }

    /// Sets how many rows a class may have and not be flagged.
    #[must_use]
    pub fn with_min_examples_per_class(mut self, min_examples_per_class: u64) -> Self {
        self.min_examples_per_class = min_examples_per_class;
        self
    }

    /// Gives, for every class, counts of (given, true), row by row.
    #[must_use]
    pub fn with_confident_joint(mut self, confident_joint: Vec<[[u64; 2]; 2]>) -> Self {
        self.confident_joint = Some(confident_joint);
        self
    }

    /// Sets how the label of each class is scored.
    #[must_use]
    pub fn with_label_quality(mut self, label_quality: LabelQualityMethod) -> Self {
        self.label_quality = label_quality;
        self
    }

    /// Sets how the scores of a row's classes become one.
    #[must_use]
    pub fn with_aggregation(mut self, aggregation: ClassAggregation) -> Self {
        self.aggregation = aggregation;
        self
    }

    fn judge<F: Float>(
        &self,
        labels: &MultiLabels,
        pred_probs: ArrayView2<'_, F>,
    ) -> Result<IssueFindings, CheckError> {
        let data = MultilabelProbs::new(labels.clone(), PredProbs::new(pred_probs)?)?;
        let mut options = FindMultilabelIssuesOptions::default()
            .with_filter_by(self.filter_by)
            .with_frac_noise(self.frac_noise)
            .with_min_examples_per_class(self.min_examples_per_class);
        options.num_to_remove_per_class.clone_from(&self.num_to_remove_per_class);
        if let Some(joint) = &self.confident_joint {
            let counts = Array3::from_shape_fn((joint.len(), 2, 2), |(class, given, truth)| {
                joint[class][given][truth]
            });
            options = options.with_confident_joint(MultilabelConfidentJoint::from_counts(counts)?);
        }
        let found = find_label_issues(&data, &options)?;
        let aggregator = match self.aggregation {
            ClassAggregation::ExponentialMovingAverage { alpha } => {
                Aggregator::ExponentialMovingAverage { alpha: Some(alpha) }
            }
            ClassAggregation::Softmin { temperature } => Aggregator::Softmin { temperature },
        };
        let score_options =
            MultilabelScoreOptions::default().with_method(self.label_quality).with_aggregator(aggregator);
        // A probability may leave [0, 1] within the tolerance of `PredProbs`.
        let scores =
            get_label_quality_scores(&data, &score_options)?.mapv_into(|score| score.clamp(0.0, 1.0));
        let average = (pairwise_sum(&scores.to_vec()) / scores.len() as f64).clamp(0.0, 1.0);
        let given = (0..labels.len()).map(|row| labels.classes_of(row).map(|class| class as u32).collect());
        let predicted = pred_probs.rows().into_iter().map(|row| {
            let above = row.iter().enumerate().filter(|(_, p)| p.to_f64() > PREDICTED_ABOVE);
            above.map(|(class, _)| class as u32).collect()
        });
        let mut findings = IssueFindings::of_rows(found.mask, scores)
            .with_score(average)
            .with_detail("given_label", ColumnValues::IntegerLists(given.collect()))?
            .with_detail("predicted_label", ColumnValues::IntegerLists(predicted.collect()))?;
        for warning in found.warnings {
            findings = findings.with_warning(warning.to_string());
        }
        Ok(findings)
    }
}

impl IssueManager for MultilabelLabelCheck {
    fn issue_name(&self) -> &'static str {
        "label"
    }

    fn description(&self) -> &'static str {
        "Examples whose given set of labels is probably wrong, for instance by a mistake of annotation."
    }

    fn missing_input(&self, context: &CheckContext<'_>) -> Option<String> {
        if !matches!(context.targets(), Targets::ClassSets { .. }) {
            return Some("labels that are sets of classes".to_owned());
        }
        context.pred_probs().is_none().then(|| "pred_probs".to_owned())
    }

    fn find_issues(&self, context: &CheckContext<'_>) -> Result<IssueFindings, CheckError> {
        let Targets::ClassSets { labels, .. } = context.targets() else {
            return Err(CheckError::needs("labels that are sets of classes"));
        };
        match context.pred_probs() {
            Some(Matrix::F32(pred_probs)) => self.judge(labels, pred_probs),
            Some(Matrix::F64(pred_probs)) => self.judge(labels, pred_probs),
            None => Err(CheckError::needs("pred_probs")),
        }
    }
}
