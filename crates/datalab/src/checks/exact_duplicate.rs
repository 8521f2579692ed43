//! Rows that are equal, and those among them that are labelled differently.

use ndarray::Array1;
use serde::{Deserialize, Serialize};

use crate::check_context::CheckContext;
use crate::column_values::ColumnValues;
use crate::equal_rows::{can_compare_rows, equal_rows};
use crate::errors::CheckError;
use crate::info::{Info, InfoValue};
use crate::issue_manager::{IssueFindings, IssueManager};

/// Other rows, and other labels, that are listed for a row.
const LISTED: usize = 10;

/// The score of a row that has equals, all with its label.
const SCORE_OF_DUPLICATE: f64 = 0.5;

/// Flags rows that are equal to others, and names their labels where these differ.
///
/// Rows are equal if all features are, or without features all columns but those of the label and of the split.
/// Missing values equal each other; a row of nothing else equals none. A row with an equal of another label scores 0:
/// one of the labels is wrong, or the data do not tell the two apart. Other rows with equals score 0.5, the rest 1; the
/// score of the whole is the mean.
///
/// Details: `exact_duplicate_sets`, the other rows that a row equals, and `conflicting_labels`, their labels that are not
/// its own; the first ten of each. Info has all the sets in full.
///
/// # Example
///
/// ```
/// use cleanlab_core::ClassNames;
/// use cleanlab_datalab::{Checks, Datalab, ExactDuplicateCheck, FindIssuesOptions, Inputs};
/// use ndarray::array;
///
/// let encoded = ClassNames::encode_strings(&["cat", "dog", "cat", "dog", "dog"])?;
/// let features = array![[1.0, 2.0], [1.0, 2.0], [3.0, 4.0], [5.0, 6.0], [5.0, 6.0]];
/// let mut lab = Datalab::classification(encoded.labels, encoded.class_names)?;
/// let options = FindIssuesOptions::default().with_checks(Checks::none().with(ExactDuplicateCheck::default()));
/// lab.find_issues(&Inputs::default().with_features(&features), &options)?;
///
/// let findings = lab.get_findings("exact_duplicate")?;
/// assert_eq!(findings.scores, array![0.0, 0.0, 1.0, 0.5, 0.5]);
/// let conflict = findings.details.column("conflicting_labels").and_then(|labels| labels.text_at(0));
/// assert_eq!(conflict.as_deref(), Some("dog"));
/// assert_eq!(findings.info.number("num_conflicting_sets"), Some(1.0));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Source
///
/// Our own.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct ExactDuplicateCheck {}

impl IssueManager for ExactDuplicateCheck {
    fn issue_name(&self) -> &'static str {
        "exact_duplicate"
    }

    fn description(&self) -> &'static str {
        "Examples that are equal to others, worst where their labels differ."
    }

    fn missing_input(&self, context: &CheckContext<'_>) -> Option<String> {
        (!can_compare_rows(context)).then(|| "features or columns".to_owned())
    }

    fn find_issues(&self, context: &CheckContext<'_>) -> Result<IssueFindings, CheckError> {
        let sets = equal_rows(context).ok_or_else(|| CheckError::needs("features or columns"))?;
        let n_rows = context.n_rows();
        let mut scores = Array1::from_elem(n_rows, 1.0);
        let mut others: Vec<Vec<u32>> = vec![Vec::new(); n_rows];
        let mut conflicts: Vec<Option<String>> = vec![None; n_rows];
        let mut n_conflicting = 0;
        for set in &sets {
            let labels: Vec<Option<String>> =
                set.iter().map(|&row| context.targets().label_text(row)).collect();
            // As many as are listed, and one for a row's own.
            let mut distinct: Vec<&String> = Vec::new();
            for label in labels.iter().flatten() {
                if distinct.len() <= LISTED && !distinct.contains(&label) {
                    distinct.push(label);
                }
            }
            let has_conflict = distinct.len() > 1;
            n_conflicting += i64::from(has_conflict);
            for (&row, own) in set.iter().zip(&labels) {
                scores[row] = if has_conflict { 0.0 } else { SCORE_OF_DUPLICATE };
                others[row] = set
                    .iter()
                    .filter(|&&other| other != row)
                    .take(LISTED)
                    .map(|&other| other as u32)
                    .collect();
                if has_conflict {
                    let differing = distinct.iter().filter(|&&label| Some(label) != own.as_ref());
                    let names: Vec<&str> = differing.take(LISTED).map(|label| label.as_str()).collect();
                    conflicts[row] = Some(names.join("; "));
                }
            }
        }
        let is_issue = scores.mapv(|score| score < 1.0);
        let n_sets = sets.len() as i64;
        let sets = sets.into_iter().map(|set| set.into_iter().map(|row| row as u32).collect()).collect();
        let info = Info::default()
            .with("num_exact_duplicate_sets", InfoValue::Integer(n_sets))
            .with("num_conflicting_sets", InfoValue::Integer(n_conflicting))
            .with("exact_duplicate_sets", InfoValue::Values(ColumnValues::IntegerLists(sets)));
        let findings = IssueFindings::of_rows(is_issue, scores)
            .with_detail("exact_duplicate_sets", ColumnValues::IntegerLists(others))?
            .with_detail("conflicting_labels", ColumnValues::Texts(conflicts))?;
        Ok(findings.with_info(info))
    }
}
