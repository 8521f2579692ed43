//! Numeric labels that are probably wrong.

use cleanlab_core::pairwise_sum;
use cleanlab_regression::{
    AleatoricUncertainty, CleanLearning, FindLabelIssuesOptions, LabelQualityMethod, LinearRegression,
    RegressionSet, Uncertainty, get_label_quality_scores,
};
use ndarray::{Array1, ArrayView1};
use serde::{Deserialize, Serialize};

use super::order_statistics::median;
use crate::check_context::CheckContext;
use crate::column_values::ColumnValues;
use crate::errors::CheckError;
use crate::info::{Info, InfoValue};
use crate::issue_manager::{IssueFindings, IssueManager};
use crate::targets::Targets;

/// Flags rows whose numeric label is probably wrong.
///
/// With predictions, those whose score is below `threshold` times the median score. With features alone, those that
/// [`CleanLearning`] with a linear regression finds, which trains models in turns; the options from `n_splits` on are
/// for that.
///
/// # Example
///
/// ```
/// use cleanlab_datalab::{Checks, Datalab, FindIssuesOptions, Inputs, RegressionLabelCheck};
/// use ndarray::Array1;
///
/// let predictions = Array1::from_shape_fn(50, |row| row as f64);
/// let mut labels = &predictions + 0.1;
/// labels[31] = 500.0;
/// let mut lab = Datalab::regression(labels)?;
/// let checks = Checks::none().with(RegressionLabelCheck::default());
/// let inputs = Inputs::default().with_predictions(predictions.view());
/// lab.find_issues(&inputs, &FindIssuesOptions::default().with_checks(checks))?;
/// assert_eq!(lab.get_findings("label")?.issue_rows(), [31]);
/// # Ok::<(), cleanlab_datalab::DatalabError>(())
/// ```
///
/// # Source
///
/// `cleanlab.datalab.internal.issue_manager.regression.label.RegressionLabelIssueManager`.
///
/// # Differences
///
/// There is always a seed. For another regressor than a linear one use `cleanlab-regression`, and give its predictions.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct RegressionLabelCheck {
    /// How far below the median score a wrong label is, at least 0. Default 0.05.
    pub threshold: f64,
    /// How labels are scored by predictions. Default [`LabelQualityMethod::Outre`].
    pub label_quality: LabelQualityMethod,
    /// Number of folds. Default 5.
    pub n_splits: usize,
    /// Rounds in which the epistemic uncertainty is estimated. Default 5.
    pub n_boot: usize,
    /// Whether the aleatoric uncertainty is estimated. Default: it is.
    pub aleatoric_uncertainty: AleatoricUncertainty,
    /// Seed of the folds. Default 0.
    pub seed: u32,
    /// The same uncertainty for every row, in place of estimates. Default: they are estimated.
    pub uncertainty: Option<f64>,
    /// Shares of wrong labels to try. Default 0.01, 0.05, 0.1, 0.15 and 0.2.
    pub coarse_search_range: Vec<f64>,
    /// How many more shares to try between the best one and each of its neighbours. Default 3.
    pub fine_search_size: usize,
}

impl Default for RegressionLabelCheck {
    fn default() -> Self {
        let search = FindLabelIssuesOptions::default();
        Self {
            threshold: 0.05,
            label_quality: LabelQualityMethod::default(),
            n_splits: 5,
            n_boot: 5,
            aleatoric_uncertainty: AleatoricUncertainty::default(),
            seed: 0,
            uncertainty: None,
            coarse_search_range: search.coarse_search_range,
            fine_search_size: search.fine_search_size,
        }
    }
}

impl RegressionLabelCheck {
    /// Sets how far below the median score a wrong label is.
    #[must_use]
    pub fn with_threshold(mut self, threshold: f64) -> Self {
        self.threshold = threshold;
        self
    }

    /// Sets how labels are scored by predictions.
    #[must_use]
    pub fn with_label_quality(mut self, label_quality: LabelQualityMethod) -> Self {
        self.label_quality = label_quality;
        self
    }

    /// Sets the number of folds.
    #[must_use]
    pub fn with_n_splits(mut self, n_splits: usize) -> Self {
        self.n_splits = n_splits;
        self
    }

    /// Sets the rounds in which the epistemic uncertainty is estimated.
    #[must_use]
    pub fn with_n_boot(mut self, n_boot: usize) -> Self {
        self.n_boot = n_boot;
        self
    }

    /// Sets whether the aleatoric uncertainty is estimated.
    #[must_use]
    pub fn with_aleatoric_uncertainty(mut self, aleatoric_uncertainty: AleatoricUncertainty) -> Self {
        self.aleatoric_uncertainty = aleatoric_uncertainty;
        self
    }

    /// Sets the seed of the folds.
    #[must_use]
    pub fn with_seed(mut self, seed: u32) -> Self {
        self.seed = seed;
        self
    }

    /// Gives every row the same uncertainty.
    #[must_use]
    pub fn with_uncertainty(mut self, uncertainty: f64) -> Self {
        self.uncertainty = Some(uncertainty);
        self
    }

    /// Sets the shares of wrong labels to try.
    #[must_use]
    pub fn with_coarse_search_range(mut self, fractions: Vec<f64>) -> Self {
        self.coarse_search_range = fractions;
        self
    }

    /// Sets how many more shares to try between the best one and each of its neighbours.
    #[must_use]
    pub fn with_fine_search_size(mut self, fine_search_size: usize) -> Self {
        self.fine_search_size = fine_search_size;
        self
    }

    fn judge_predictions(
        &self,
        labels: ArrayView1<'_, f64>,
        predictions: ArrayView1<'_, f64>,
    ) -> Result<IssueFindings, CheckError> {
        let (option, value) = ("threshold", self.threshold);
        if value.is_nan() || value < 0.0 {
            return Err(CheckError::OptionOutOfRange { option, value, bound: "at least 0" });
        }
        let scores = get_label_quality_scores(labels, predictions, self.label_quality)?;
        let bound = median(&scores.to_vec()) * self.threshold;
        let is_issue = scores.mapv(|score| score < bound);
        findings(is_issue, scores, labels.to_owned(), Some(predictions.to_owned()))
    }

    fn judge_features(
        &self,
        context: &CheckContext<'_>,
        labels: ArrayView1<'_, f64>,
    ) -> Result<IssueFindings, CheckError> {
        let features = context.features_f64().ok_or_else(|| CheckError::needs("predictions or features"))?;
        let mut options = FindLabelIssuesOptions::default()
            .with_coarse_search_range(self.coarse_search_range.clone())
            .with_fine_search_size(self.fine_search_size);
        if let Some(uncertainty) = self.uncertainty {
            options = options.with_uncertainty(Uncertainty::Same(uncertainty));
        }
        let found = CleanLearning::new(LinearRegression::default())
            .with_n_splits(self.n_splits)
            .with_n_boot(self.n_boot)
            .with_aleatoric_uncertainty(self.aleatoric_uncertainty)
            .with_seed(self.seed)
            .find_label_issues(&RegressionSet::new(features.view(), labels)?, &options)?;
        let table = found.table;
        let scores = table.label_quality.unwrap_or_else(|| Array1::ones(labels.len()));
        let mut findings = findings(table.is_label_issue, scores, table.given_label, table.predicted_label)?;
        for warning in found.warnings {
            findings = findings.with_warning(warning.to_string());
        }
        Ok(findings)
    }
}

impl IssueManager for RegressionLabelCheck {
    fn issue_name(&self) -> &'static str {
        "label"
    }

    fn description(&self) -> &'static str {
        "Examples whose given label is probably wrong, for instance by a mistake of measurement."
    }

    fn missing_input(&self, context: &CheckContext<'_>) -> Option<String> {
        if !matches!(context.targets(), Targets::Numbers(_)) {
            return Some("labels that are numbers".to_owned());
        }
        let has_inputs = context.predictions().is_some() || context.features().is_some();
        (!has_inputs).then(|| "predictions or features".to_owned())
    }

    fn find_issues(&self, context: &CheckContext<'_>) -> Result<IssueFindings, CheckError> {
        let Targets::Numbers(labels) = context.targets() else {
            return Err(CheckError::needs("labels that are numbers"));
        };
        match context.predictions() {
            Some(predictions) => self.judge_predictions(labels.view(), predictions),
            None => self.judge_features(context, labels.view()),
        }
    }
}

fn findings(
    is_issue: Array1<bool>,
    scores: Array1<f64>,
    given: Array1<f64>,
    predicted: Option<Array1<f64>>,
) -> Result<IssueFindings, CheckError> {
    let n_issues = is_issue.iter().filter(|&&is_issue| is_issue).count();
    let average = (pairwise_sum(&scores.to_vec()) / scores.len() as f64).clamp(0.0, 1.0);
    let info = Info::default()
        .with("num_label_issues", InfoValue::Integer(n_issues as i64))
        .with("average_label_quality", InfoValue::Float(average));
    let mut findings = IssueFindings::of_rows(is_issue, scores)
        .with_score(average)
        .with_detail("given_label", ColumnValues::Floats(given))?
        .with_info(info);
    if let Some(predicted) = predicted {
        findings = findings.with_detail("predicted_label", ColumnValues::Floats(predicted))?;
    }
    Ok(findings)
}
