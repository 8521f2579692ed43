//! A class with far fewer rows than the others.

use ndarray::Array1;
use serde::{Deserialize, Serialize};

use crate::check_context::CheckContext;
use crate::column_values::ColumnValues;
use crate::errors::CheckError;
use crate::info::{Info, InfoValue};
use crate::issue_manager::{IssueFindings, IssueManager};
use crate::targets::Targets;

/// Flags the rows of the rarest class if its share of the rows is below `threshold` / K.
///
/// Of classes with equally few rows the first counts as the rarest. The score of its rows, and of the whole, is its
/// share; other rows have 1.
///
/// # Example
///
/// ```
/// use cleanlab_core::ClassNames;
/// use cleanlab_datalab::{Checks, ClassImbalanceCheck, Datalab, FindIssuesOptions, Inputs};
///
/// let labels: Vec<&str> = (0..50).map(|row| if row == 7 { "rare" } else { "usual" }).collect();
/// let encoded = ClassNames::encode_strings(&labels)?;
/// let mut lab = Datalab::classification(encoded.labels, encoded.class_names)?;
/// let checks = Checks::none().with(ClassImbalanceCheck::default());
/// lab.find_issues(&Inputs::default(), &FindIssuesOptions::default().with_checks(checks))?;
/// let findings = lab.get_findings("class_imbalance")?;
/// assert_eq!(findings.issue_rows(), [7]);
/// assert_eq!(findings.score, 0.02);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Source
///
/// `cleanlab.datalab.internal.issue_manager.imbalance.ClassImbalanceIssueManager`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct ClassImbalanceCheck {
    /// The share of an even distribution that every class should have, in [0, 1]. Default 0.1.
    pub threshold: f64,
}

impl Default for ClassImbalanceCheck {
    fn default() -> Self {
        Self { threshold: 0.1 }
    }
}

impl ClassImbalanceCheck {
    /// Sets the share of an even distribution that every class should have.
    #[must_use]
    pub fn with_threshold(mut self, threshold: f64) -> Self {
        self.threshold = threshold;
        self
    }
}

impl IssueManager for ClassImbalanceCheck {
    fn issue_name(&self) -> &'static str {
        "class_imbalance"
    }

    fn description(&self) -> &'static str {
        "Examples of the most under-represented class."
    }

    fn missing_input(&self, context: &CheckContext<'_>) -> Option<String> {
        let has_classes = matches!(context.targets(), Targets::Classes { .. });
        (!has_classes).then(|| "labels that are classes".to_owned())
    }

    fn find_issues(&self, context: &CheckContext<'_>) -> Result<IssueFindings, CheckError> {
        let Targets::Classes { labels, class_names } = context.targets() else {
            return Err(CheckError::needs("labels that are classes"));
        };
        if !(0.0..=1.0).contains(&self.threshold) {
            let (option, value) = ("threshold", self.threshold);
            return Err(CheckError::OptionOutOfRange { option, value, bound: "between 0 and 1" });
        }
        let n_rows = labels.len() as f64;
        let n_classes = class_names.len();
        // As NumPy counts: classes after the last that occurs are left out.
        let shares: Vec<f64> =
            labels.counts(labels.max_class() + 1).iter().map(|&count| count as f64 / n_rows).collect();
        let rarest = (0..shares.len()).fold(
            0,
            |rarest, class| {
                if shares[class] < shares[rarest] { class } else { rarest }
            },
        );
        let share = shares[rarest];
        let exists = share < self.threshold * (1.0 / n_classes as f64);
        let is_rarest: Array1<bool> =
            labels.as_slice().iter().map(|&label| label as usize == rarest).collect();
        let scores = is_rarest.mapv(|is_rarest| if is_rarest { share } else { 1.0 });
        let rarest_name = if exists { context.class_name(rarest).into_owned() } else { "NA".to_owned() };
        let given_label = ColumnValues::Categories {
            codes: labels.as_slice().iter().copied().collect(),
            names: class_names.as_slice().to_vec(),
        };
        let info = Info::default()
            .with("threshold", InfoValue::Float(self.threshold))
            .with("Rarest Class", InfoValue::Text(rarest_name));
        let findings = IssueFindings::of_rows(is_rarest.mapv(|is_rarest| is_rarest && exists), scores);
        Ok(findings.with_score(share).with_detail("given_label", given_label)?.with_info(info))
    }
}
