//! Columns that say nothing.

use ndarray::Array1;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::check_context::CheckContext;
use crate::checked_columns::{CheckedColumns, is_missing};
use crate::column_values::ColumnValues;
use crate::data_columns::Cell;
use crate::errors::CheckError;
use crate::info::{Info, InfoValue};
use crate::issue_manager::{IssueFindings, IssueManager};

/// Flags columns that have the same value in every row, or none in any.
///
/// Looked at are the data's own columns, or without them the features. Where one value is there in some rows only, its
/// absence may say something, and the column is not flagged. Nor is any column of a single row. Flagged columns score
/// 0, others 1; the score of the whole is the mean.
///
/// Details: `value`, the one value, none if all are missing.
///
/// # Example
///
/// ```
/// use cleanlab_datalab::{
///     Checks, ConstantColumnCheck, Datalab, FindIssuesOptions, Inputs, Task, TextColumns,
/// };
/// let columns = TextColumns::default().with_column("unit", ["kg", "kg"]).with_column("weight", ["3", "4"]);
/// let mut lab = Datalab::unlabeled(2, Task::Regression)?;
/// let options = FindIssuesOptions::default().with_checks(Checks::none().with(ConstantColumnCheck::default()));
/// lab.find_issues(&Inputs::default().with_columns(&columns), &options)?;
/// let findings = lab.get_findings("constant_column")?;
/// assert_eq!(findings.issue_rows(), [0]);
/// assert_eq!(findings.details.column("value").and_then(|values| values.text_at(0)).as_deref(), Some("kg"));
/// # Ok::<(), cleanlab_datalab::DatalabError>(())
/// ```
///
/// # Source
///
/// Our own.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct ConstantColumnCheck {}

impl IssueManager for ConstantColumnCheck {
    fn issue_name(&self) -> &'static str {
        "constant_column"
    }

    fn description(&self) -> &'static str {
        "Columns that have the same value in every row, or none in any."
    }

    fn missing_input(&self, context: &CheckContext<'_>) -> Option<String> {
        CheckedColumns::of(context).is_none().then(|| "columns or features".to_owned())
    }

    fn find_issues(&self, context: &CheckContext<'_>) -> Result<IssueFindings, CheckError> {
        let columns = CheckedColumns::of(context).ok_or_else(|| CheckError::needs("columns or features"))?;
        let n_columns = columns.names.len();
        let is_issue: Vec<bool> =
            (0..n_columns).into_par_iter().map(|column| is_constant(columns.cells(column))).collect();
        let of_issues = (0..n_columns).filter(|&column| is_issue[column]);
        let found: Array1<i64> = of_issues.map(|column| column as i64).collect();
        let value = |column: usize| is_issue[column].then(|| present(columns.cell(0, column))?.to_text())?;
        let values = ColumnValues::Texts((0..n_columns).map(value).collect());
        let is_issue = Array1::from(is_issue);
        let scores = is_issue.mapv(|is_issue| if is_issue { 0.0 } else { 1.0 });
        let info = Info::default()
            .with("num_constant_columns", InfoValue::Integer(found.len() as i64))
            .with("constant_columns", InfoValue::Values(ColumnValues::Integers(found)));
        let findings = IssueFindings::of_columns(columns.names, is_issue, scores)?;
        Ok(findings.with_detail("value", values)?.with_info(info))
    }
}

fn present(cell: Cell<'_>) -> Option<Cell<'_>> {
    (!is_missing(&cell)).then_some(cell)
}

/// Whether two or more cells are all equal or all missing.
fn is_constant<'a>(cells: impl Iterator<Item = Cell<'a>>) -> bool {
    let mut cells = cells.map(present);
    let Some(first) = cells.next() else {
        return false;
    };
    let mut n_others = 0_usize;
    let all_equal = cells.inspect(|_| n_others += 1).all(|cell| cell == first);
    all_equal && n_others > 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_constant_all_missing_or_all_equal_and_not_a_mixture() {
        let (nan, missing) = (Cell::Float(f64::NAN), Cell::Missing);
        assert!(is_constant([nan.clone(), missing.clone()].into_iter()));
        assert!(is_constant([Cell::Float(0.0), Cell::Float(-0.0)].into_iter()));
        assert!(!is_constant([Cell::Integer(1), missing.clone()].into_iter()));
        assert!(!is_constant([missing, Cell::Integer(1)].into_iter()));
        assert!(!is_constant([Cell::Integer(1), Cell::Integer(2)].into_iter()));
        assert!(!is_constant([Cell::Integer(1)].into_iter()));
        assert!(!is_constant([].into_iter()));
    }
}
