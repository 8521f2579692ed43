//! Missing values.

use std::collections::HashMap;

use ndarray::{Array1, ArrayView2};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::check_context::CheckContext;
use crate::column_values::ColumnValues;
use crate::errors::CheckError;
use crate::info::{Info, InfoValue};
use crate::inputs::Matrix;
use crate::issue_manager::{IssueFindings, IssueManager};

/// Flags rows that are missing, that is NaN, in every feature. The score of a row is the share of its features that are
/// there.
///
/// # Example
///
/// ```
/// use cleanlab_datalab::{Checks, Datalab, FindIssuesOptions, Inputs, NullCheck, Task};
/// use ndarray::array;
/// let features = array![[1.0, f64::NAN], [f64::NAN, f64::NAN], [1.0, 2.0]];
/// let mut lab = Datalab::unlabeled(3, Task::Classification)?;
/// let options = FindIssuesOptions::default().with_checks(Checks::none().with(NullCheck::default()));
/// lab.find_issues(&Inputs::default().with_features(&features), &options)?;
/// let findings = lab.get_findings("null")?;
/// assert_eq!(findings.issue_rows(), [1]);
/// assert_eq!(findings.scores, array![0.5, 0.0, 1.0]);
/// # Ok::<(), cleanlab_datalab::DatalabError>(())
/// ```
///
/// # Source
///
/// `cleanlab.datalab.internal.issue_manager.null.NullIssueManager`.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct NullCheck {}

impl IssueManager for NullCheck {
    fn issue_name(&self) -> &'static str {
        "null"
    }

    fn description(&self) -> &'static str {
        "Examples that are missing in every feature."
    }

    fn missing_input(&self, context: &CheckContext<'_>) -> Option<String> {
        context.features().is_none().then(|| "features".to_owned())
    }

    fn find_issues(&self, context: &CheckContext<'_>) -> Result<IssueFindings, CheckError> {
        let missing = match context.features().ok_or_else(|| CheckError::needs("features"))? {
            Matrix::F32(features) => missing_of(features, f32::is_nan),
            Matrix::F64(features) => missing_of(features, f64::is_nan),
        };
        let n_columns = missing.n_columns;
        let per_row = missing.per_row.iter();
        let is_issue: Array1<bool> = per_row.clone().map(|&n_missing| n_missing == n_columns).collect();
        let scores: Array1<f64> =
            per_row.map(|&n_missing| (n_columns - n_missing) as f64 / n_columns as f64).collect();
        let findings = IssueFindings::of_rows(is_issue, scores);
        let info = Info::default()
            .with("average_null_score", InfoValue::Float(findings.score))
            .with("most_common_issue", InfoValue::Map(missing.most_common_pattern()))
            .with("column_impact", InfoValue::Values(ColumnValues::Floats(missing.column_impact())));
        Ok(findings.with_info(info))
    }
}

/// Where values are missing.
struct Missing {
    n_rows: usize,
    n_columns: usize,
    per_row: Vec<usize>,
    /// The rows with a missing value, and which of their values are.
    rows: Vec<(usize, Vec<bool>)>,
}

fn missing_of<T: Copy + Sync>(features: ArrayView2<'_, T>, is_missing: fn(T) -> bool) -> Missing {
    let (n_rows, n_columns) = features.dim();
    let per_row: Vec<usize> = (0..n_rows)
        .into_par_iter()
        .with_min_len(1024)
        .map(|row| features.row(row).iter().filter(|&&value| is_missing(value)).count())
        .collect();
    let incomplete = per_row.iter().enumerate().filter(|&(_, &n_missing)| n_missing > 0);
    let rows = incomplete
        .map(|(row, _)| (row, features.row(row).iter().map(|&value| is_missing(value)).collect()))
        .collect();
    Missing { n_rows, n_columns, per_row, rows }
}

impl Missing {
    /// The share of rows in which each column is missing.
    fn column_impact(&self) -> Array1<f64> {
        let mut counts = Array1::<f64>::zeros(self.n_columns);
        for (_, pattern) in &self.rows {
            for (count, &is_missing) in counts.iter_mut().zip(pattern) {
                *count += f64::from(u8::from(is_missing));
            }
        }
        counts / self.n_rows as f64
    }

    /// The most common set of missing columns, the first of equally common ones.
    fn most_common_pattern(&self) -> Info {
        let mut counts: HashMap<&[bool], usize> = HashMap::new();
        for (_, pattern) in &self.rows {
            *counts.entry(pattern).or_default() += 1;
        }
        let most = counts.values().copied().max().unwrap_or(0);
        let pattern =
            self.rows.iter().map(|(_, pattern)| pattern.as_slice()).find(|pattern| counts[pattern] == most);
        let text = pattern.map_or_else(
            || "no_null".to_owned(),
            |pattern| pattern.iter().map(|&is_missing| if is_missing { '1' } else { '0' }).collect(),
        );
        let rows = self.rows.iter().filter(|(_, other)| Some(other.as_slice()) == pattern);
        let rows_affected: Array1<i64> = rows.map(|&(row, _)| row as i64).collect();
        Info::default()
            .with("pattern", InfoValue::Text(text))
            .with("rows_affected", InfoValue::Values(ColumnValues::Integers(rows_affected)))
            .with("count", InfoValue::Integer(most as i64))
    }
}
