//! Columns that merely number the rows.

use ndarray::Array1;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::check_context::CheckContext;
use crate::checked_columns::CheckedColumns;
use crate::column_values::ColumnValues;
use crate::data_columns::Cell;
use crate::errors::CheckError;
use crate::info::{Info, InfoValue};
use crate::issue_manager::{IssueFindings, IssueManager};

/// Flags columns that merely number the rows: whole numbers c, c + 1, …, c + N − 1 in any order, each once.
///
/// A model that is given such a column learns the order of the rows. Looked at are the data's own columns, text that
/// consists of whole numbers included, or without them the features. Flagged columns score 0, others 1; the score of the
/// whole is 0 if there is such a column.
///
/// # Example
///
/// ```
/// use cleanlab_datalab::{Checks, Datalab, FindIssuesOptions, IdentifierColumnCheck, Inputs, Task};
/// use ndarray::array;
/// let features = array![[7.0, 0.3], [5.0, 0.1], [6.0, 0.7]];
/// let mut lab = Datalab::unlabeled(3, Task::Regression)?;
/// let options = FindIssuesOptions::default().with_checks(Checks::none().with(IdentifierColumnCheck::default()));
/// lab.find_issues(&Inputs::default().with_features(&features), &options)?;
/// assert_eq!(lab.get_findings("identifier_column")?.issue_rows(), [0]);
/// # Ok::<(), cleanlab_datalab::DatalabError>(())
/// ```
///
/// # Source
///
/// `cleanlab.datalab.internal.issue_manager.identifier_column.IdentifierColumnIssueManager`.
///
/// # Differences
///
/// cleanlab does not register the check, so that Datalab cannot run it, and gives every row the score 1. It documents the
/// rule above, but flags every column of integers whose distinct values are consecutive, such as one of zeros and ones.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct IdentifierColumnCheck {}

impl IssueManager for IdentifierColumnCheck {
    fn issue_name(&self) -> &'static str {
        "identifier_column"
    }

    fn description(&self) -> &'static str {
        "Columns that merely number the rows."
    }

    fn missing_input(&self, context: &CheckContext<'_>) -> Option<String> {
        CheckedColumns::of(context).is_none().then(|| "columns or features".to_owned())
    }

    fn find_issues(&self, context: &CheckContext<'_>) -> Result<IssueFindings, CheckError> {
        let columns = CheckedColumns::of(context).ok_or_else(|| CheckError::needs("columns or features"))?;
        let n_columns = columns.names.len();
        let is_issue: Vec<bool> =
            (0..n_columns).into_par_iter().map(|column| numbers_rows(columns.cells(column))).collect();
        let found: Array1<i64> =
            (0..n_columns).filter(|&column| is_issue[column]).map(|c| c as i64).collect();
        let is_issue = Array1::from(is_issue);
        let scores = is_issue.mapv(|is_issue| if is_issue { 0.0 } else { 1.0 });
        let score = if found.is_empty() { 1.0 } else { 0.0 };
        let info = Info::default()
            .with("num_identifier_columns", InfoValue::Integer(found.len() as i64))
            .with("identifier_columns", InfoValue::Values(ColumnValues::Integers(found)));
        Ok(IssueFindings::of_columns(columns.names, is_issue, scores)?.with_score(score).with_info(info))
    }
}

/// Whether two or more values are consecutive whole numbers in any order.
fn numbers_rows<'a>(cells: impl Iterator<Item = Cell<'a>>) -> bool {
    let whole = |cell: Cell<'_>| match cell {
        Cell::Integer(value) => Some(value),
        Cell::Text(text) => text.trim().parse().ok(),
        Cell::Missing | Cell::Boolean(_) | Cell::Float(_) => None,
    };
    let Some(mut values) = cells.map(whole).collect::<Option<Vec<i64>>>() else {
        return false;
    };
    values.sort_unstable();
    values.len() > 1 && values.array_windows().all(|&[a, b]| a.checked_add(1) == Some(b))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(values: &[i64]) -> bool {
        numbers_rows(values.iter().map(|&value| Cell::Integer(value)))
    }

    #[test]
    fn numbers_rows_wants_consecutive_numbers_each_once() {
        assert!(numbers(&[3, 1, 2]));
        assert!(numbers(&[-1, 0]));
        assert!(!numbers(&[0, 1, 1]));
        assert!(!numbers(&[0, 2, 3]));
        assert!(!numbers(&[5]));
        assert!(!numbers(&[]));
        assert!(!numbers(&[i64::MAX, i64::MIN]));
    }

    #[test]
    fn numbers_rows_takes_whole_numbers_in_text_and_nothing_else() {
        let texts =
            |values: &[&'static str]| numbers_rows(values.iter().map(|&text| Cell::Text(text.into())));
        assert!(texts(&["001", " 002"]));
        assert!(!texts(&["1", "2.0"]));
        assert!(!texts(&["1", "two"]));
        assert!(!numbers_rows([Cell::Integer(1), Cell::Missing].into_iter()));
        assert!(!numbers_rows([Cell::Float(1.5), Cell::Float(2.5)].into_iter()));
    }
}
