//! What a check is, and what it finds.

use ndarray::Array1;
use serde::{Deserialize, Serialize};

use crate::check_context::CheckContext;
use crate::column_values::{ColumnValues, IssueTable};
use crate::errors::{CheckError, DatalabError};
use crate::info::Info;

/// A check for one kind of issue.
///
/// The checks of this crate are option structs that implement it, and so can be a type of your own:
/// [`Checks::with`](crate::Checks::with) takes either.
///
/// # Example
///
/// ```
/// use cleanlab_datalab::{
///     CheckContext, CheckError, Checks, Datalab, FindIssuesOptions, Inputs, IssueFindings, IssueManager, Task,
/// };
/// use ndarray::{Array1, array};
///
/// /// Flags rows whose first feature is negative.
/// struct Negative;
///
/// impl IssueManager for Negative {
///     fn issue_name(&self) -> &str {
///         "negative"
///     }
///
///     fn description(&self) -> &str {
///         "Rows whose first feature is negative."
///     }
///
///     fn find_issues(&self, context: &CheckContext<'_>) -> Result<IssueFindings, CheckError> {
///         let features = context.features_f64().ok_or_else(|| CheckError::needs("features"))?;
///         let is_issue: Array1<bool> = features.column(0).mapv(|value| value < 0.0);
///         let scores = is_issue.mapv(|is_issue| if is_issue { 0.0 } else { 1.0 });
///         Ok(IssueFindings::of_rows(is_issue, scores))
///     }
/// }
///
/// let mut lab = Datalab::unlabeled(2, Task::Classification)?;
/// let features = array![[1.0], [-1.0]];
/// let options = FindIssuesOptions::default().with_checks(Checks::none().with(Negative));
/// lab.find_issues(&Inputs::default().with_features(&features), &options)?;
/// assert_eq!(lab.get_findings("negative")?.issue_rows(), [1]);
/// # Ok::<(), cleanlab_datalab::DatalabError>(())
/// ```
///
/// # Source
///
/// `cleanlab.datalab.internal.issue_manager.IssueManager`.
pub trait IssueManager: Send + Sync {
    /// The name of the kind of issue, in snake case: `outlier`.
    fn issue_name(&self) -> &str;

    /// What the issue is, in a sentence or two for readers of a report.
    fn description(&self) -> &str;

    /// What the check needs and was not given, in words; `None` if it can run.
    fn missing_input(&self, _context: &CheckContext<'_>) -> Option<String> {
        None
    }

    /// How many neighbours per row the check is going to ask the context for, so that a graph is made only once.
    fn neighbors_needed(&self, _context: &CheckContext<'_>) -> Option<usize> {
        None
    }

    /// Makes the check.
    ///
    /// # Errors
    ///
    /// Whatever keeps it from a result. It is recorded and shown; the other checks go on.
    fn find_issues(&self, context: &CheckContext<'_>) -> Result<IssueFindings, CheckError>;
}

/// What the entries of a check's result stand for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Scope {
    /// Examples.
    Rows,
    /// Columns of the data.
    Columns,
}

/// What a check found.
///
/// # Shapes
///
/// One flag and one score in [0, 1] per row, 0 the worst; or per column of the data, as [`IssueFindings::scope`] says.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct IssueFindings {
    /// Whether the entries are rows or columns.
    pub scope: Scope,
    /// Whether each has the issue.
    pub is_issue: Array1<bool>,
    /// The quality of each in this regard: 1 is fine, 0 is bad.
    pub scores: Array1<f64>,
    /// The quality of the whole data set in this regard, in [0, 1].
    pub score: f64,
    /// More about each, such as `given_label` and `predicted_label`, or the `column` that is meant.
    pub details: IssueTable,
    /// More about the whole.
    pub info: Info,
    /// What a reader should know of the result.
    pub warnings: Vec<String>,
}

impl IssueFindings {
    /// A result for every row, whose mean score is that of the whole.
    #[must_use]
    pub fn of_rows(is_issue: Array1<bool>, scores: Array1<f64>) -> Self {
        let score = scores.mean().unwrap_or(1.0);
        let details = IssueTable::new(is_issue.len());
        Self {
            scope: Scope::Rows,
            is_issue,
            scores,
            score,
            details,
            info: Info::default(),
            warnings: Vec::new(),
        }
    }

    /// A result for every column of the data, whose mean score is that of the whole; 1 if there are no columns.
    ///
    /// # Errors
    ///
    /// [`DatalabError::ColumnLength`] unless there is one name per column.
    pub fn of_columns(
        names: Vec<String>,
        is_issue: Array1<bool>,
        scores: Array1<f64>,
    ) -> Result<Self, DatalabError> {
        let names = ColumnValues::Texts(names.into_iter().map(Some).collect());
        let mut findings = Self { scope: Scope::Columns, ..Self::of_rows(is_issue, scores) };
        findings.details = findings.details.with_column("column", names)?;
        Ok(findings)
    }

    /// Sets the score of the whole.
    #[must_use]
    pub fn with_score(mut self, score: f64) -> Self {
        self.score = score;
        self
    }

    /// Adds what there is to know of each row or column.
    ///
    /// # Errors
    ///
    /// [`DatalabError::ColumnLength`] unless there is one value for each.
    pub fn with_detail(mut self, name: &str, values: ColumnValues) -> Result<Self, DatalabError> {
        self.details = self.details.with_column(name, values)?;
        Ok(self)
    }

    /// Sets what there is to know of the whole.
    #[must_use]
    pub fn with_info(mut self, info: Info) -> Self {
        self.info = info;
        self
    }

    /// Adds something that a reader should know.
    #[must_use]
    pub fn with_warning(mut self, warning: impl Into<String>) -> Self {
        self.warnings.push(warning.into());
        self
    }

    /// How many rows or columns have the issue.
    #[must_use]
    pub fn num_issues(&self) -> usize {
        self.is_issue.iter().filter(|&&is_issue| is_issue).count()
    }

    /// The rows or columns with the issue, ascending.
    #[must_use]
    pub fn issue_rows(&self) -> Vec<usize> {
        self.is_issue.iter().enumerate().filter(|&(_, &is_issue)| is_issue).map(|(row, _)| row).collect()
    }

    /// The rows or columns with the issue, worst score first, ties in their order, and those without a score last.
    #[must_use]
    pub fn ranked_issues(&self) -> Vec<usize> {
        let mut rows = self.issue_rows();
        // As many scores as flags are promised only of what a check has put into an audit.
        let score = |row: usize| self.scores.get(row).copied().unwrap_or(f64::NAN);
        rows.sort_by(|&a, &b| score(a).total_cmp(&score(b)));
        rows
    }

    /// The result as a table: `is_<name>_issue`, `<name>_score`, then the details.
    #[must_use]
    pub fn to_table(&self, issue_name: &str) -> IssueTable {
        let flags = ColumnValues::Booleans(self.is_issue.clone());
        let scores = ColumnValues::Floats(self.scores.clone());
        let columns = [(format!("is_{issue_name}_issue"), flags), (format!("{issue_name}_score"), scores)];
        let details = self.details.columns().iter().cloned();
        let mut table = IssueTable::new(self.is_issue.len());
        for (name, values) in columns.into_iter().chain(details) {
            // Lengths were checked when the details were put in and by `check`.
            let inserted = table.insert(name, values);
            debug_assert!(inserted.is_ok());
        }
        table
    }

    /// Refuses results that do not fit the data.
    pub(crate) fn check(self, n_rows: usize) -> Result<Self, CheckError> {
        let expected = if self.scope == Scope::Rows { n_rows } else { self.details.n_rows() };
        for (what, found) in [
            ("flags", self.is_issue.len()),
            ("scores", self.scores.len()),
            ("details", self.details.n_rows()),
        ] {
            if found != expected {
                return Err(CheckError::ResultLength { what, found, expected });
            }
        }
        let in_range = |score: f64| (0.0..=1.0).contains(&score);
        match self.scores.iter().position(|&score| !in_range(score)) {
            Some(row) => Err(CheckError::ScoreOutOfRange { row, value: self.scores[row] }),
            None if in_range(self.score) => Ok(self),
            None => Err(CheckError::OptionOutOfRange {
                option: "the score of the whole",
                value: self.score,
                bound: "between 0 and 1",
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn ranked_issues_put_the_worst_first_and_those_without_a_score_last() {
        let findings =
            IssueFindings::of_rows(array![true, true, false, true, true, true], array![0.3, 0.1, 0.0, 0.1]);
        assert_eq!(findings.ranked_issues(), [1, 3, 0, 4, 5]);
        assert_eq!(findings.num_issues(), 5);
    }

    #[test]
    fn check_names_what_does_not_fit_the_data() {
        let findings = || IssueFindings::of_rows(array![true, false], array![0.3, 1.0]);
        assert!(findings().check(2).is_ok());
        assert!(matches!(
            findings().check(3),
            Err(CheckError::ResultLength { what: "flags", found: 2, expected: 3 })
        ));
        let few = IssueFindings::of_rows(array![true, false], array![0.3]);
        assert!(matches!(
            few.check(2),
            Err(CheckError::ResultLength { what: "scores", found: 1, expected: 2 })
        ));
        let beyond = IssueFindings::of_rows(array![true, false], array![0.3, 1.5]);
        assert!(matches!(beyond.check(2), Err(CheckError::ScoreOutOfRange { row: 1, .. })));
        assert!(findings().with_score(-0.1).check(2).is_err());
    }
}
