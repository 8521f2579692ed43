//! Columns that hold values of different kinds.

use ndarray::Array1;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::value_kind::{ValueKind, kind_of};
use crate::check_context::CheckContext;
use crate::checked_columns::CheckedColumns;
use crate::column_values::ColumnValues;
use crate::errors::CheckError;
use crate::info::{Info, InfoValue};
use crate::issue_manager::{IssueFindings, IssueManager};

/// Rows with odd values that are named.
const LISTED: usize = 5;

/// Characters of an odd value that are shown.
const SHOWN: usize = 40;

/// Flags columns most of whose values are numbers, dates or booleans, but not all.
///
/// Text is taken for what it says: `12` for a number, `2024-02-29` for a date, `yes` for a boolean; see the details.
/// Blank text is missing, and missing values do not count. A column is flagged if the share of its odd values is above
/// 0 and below `max_odd_share`; that share is then its score: the fewer odd values there are, the surer they are
/// mistakes. Other columns score 1; the score of the whole is the mean.
///
/// Details: `kind` that most values have, `odd_share`, and `odd_rows` and `odd_values` of the first five odd values.
///
/// # Example
///
/// ```
/// use cleanlab_datalab::{
///     Checks, Datalab, FindIssuesOptions, Inputs, MixedTypeColumnCheck, Task, TextColumns,
/// };
/// let columns = TextColumns::default().with_column("age", ["31", "45", "unknown", "28"]);
/// let mut lab = Datalab::unlabeled(4, Task::Regression)?;
/// let checks = Checks::none().with(MixedTypeColumnCheck::default());
/// lab.find_issues(&Inputs::default().with_columns(&columns), &FindIssuesOptions::default().with_checks(checks))?;
/// let findings = lab.get_findings("mixed_type_column")?;
/// assert_eq!((findings.issue_rows(), findings.scores[0]), (vec![0], 0.25));
/// let detail = |name| findings.details.column(name).and_then(|values| values.text_at(0));
/// assert_eq!(detail("kind").as_deref(), Some("number"));
/// assert_eq!(detail("odd_rows").as_deref(), Some("2"));
/// assert_eq!(detail("odd_values").as_deref(), Some("unknown"));
/// # Ok::<(), cleanlab_datalab::DatalabError>(())
/// ```
///
/// # Source
///
/// Our own.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct MixedTypeColumnCheck {
    /// The share of odd values from which on a column is taken for text, in [0, 0.5]. Default 0.5.
    pub max_odd_share: f64,
}

impl Default for MixedTypeColumnCheck {
    fn default() -> Self {
        Self { max_odd_share: 0.5 }
    }
}

impl MixedTypeColumnCheck {
    /// Sets the share of odd values from which on a column is taken for text.
    #[must_use]
    pub fn with_max_odd_share(mut self, max_odd_share: f64) -> Self {
        self.max_odd_share = max_odd_share;
        self
    }
}

impl IssueManager for MixedTypeColumnCheck {
    fn issue_name(&self) -> &'static str {
        "mixed_type_column"
    }

    fn description(&self) -> &'static str {
        "Columns most of whose values are numbers, dates or booleans, but not all."
    }

    fn missing_input(&self, context: &CheckContext<'_>) -> Option<String> {
        context.columns().is_none().then(|| "columns".to_owned())
    }

    fn find_issues(&self, context: &CheckContext<'_>) -> Result<IssueFindings, CheckError> {
        if !(0.0..=0.5).contains(&self.max_odd_share) {
            let (option, value) = ("max_odd_share", self.max_odd_share);
            return Err(CheckError::OptionOutOfRange { option, value, bound: "between 0 and 0.5" });
        }
        let given = context.columns().and_then(|_| CheckedColumns::of(context));
        let columns = given.ok_or_else(|| CheckError::needs("columns"))?;
        let n_columns = columns.names.len();
        let mixtures: Vec<Mixture> =
            (0..n_columns).into_par_iter().map(|column| self.mixture(&columns, column)).collect();
        let is_issue: Array1<bool> = mixtures.iter().map(|mixture| mixture.kind.is_some()).collect();
        let scores =
            mixtures.iter().map(|mixture| if mixture.kind.is_some() { mixture.odd_share } else { 1.0 });
        let scores: Array1<f64> = scores.collect();
        let found: Array1<i64> =
            (0..n_columns).filter(|&column| is_issue[column]).map(|column| column as i64).collect();
        let info = Info::default()
            .with("num_mixed_type_columns", InfoValue::Integer(found.len() as i64))
            .with("mixed_type_columns", InfoValue::Values(ColumnValues::Integers(found)))
            .with("max_odd_share", InfoValue::Float(self.max_odd_share));
        let kinds = mixtures.iter().map(|mixture| Some(mixture.kind?.name().to_owned())).collect();
        let odd_shares = mixtures.iter().map(|mixture| mixture.odd_share).collect();
        let odd_values = mixtures.iter().map(|mixture| mixture.kind.map(|_| mixture.odd_values.join("; ")));
        let odd_values = odd_values.collect();
        let odd_rows = mixtures.into_iter().map(|mixture| mixture.odd_rows).collect();
        let findings = IssueFindings::of_columns(columns.names, is_issue, scores)?
            .with_detail("kind", ColumnValues::Texts(kinds))?
            .with_detail("odd_share", ColumnValues::Floats(odd_shares))?
            .with_detail("odd_rows", ColumnValues::IntegerLists(odd_rows))?
            .with_detail("odd_values", ColumnValues::Texts(odd_values))?;
        Ok(findings.with_info(info))
    }
}

/// The values of a column that are not of the kind that most are.
struct Mixture {
    /// The kind that most values have; `None` for a column that is no mixture.
    kind: Option<ValueKind>,
    odd_share: f64,
    odd_rows: Vec<u32>,
    odd_values: Vec<String>,
}

impl MixedTypeColumnCheck {
    fn mixture(&self, columns: &CheckedColumns<'_>, column: usize) -> Mixture {
        let none = Mixture { kind: None, odd_share: 0.0, odd_rows: Vec::new(), odd_values: Vec::new() };
        let mut counts = [0_usize; ValueKind::ALL.len()];
        for kind in columns.cells(column).filter_map(|cell| kind_of(&cell)) {
            counts[kind as usize] += 1;
        }
        let n_values: usize = counts.iter().sum();
        let most = ValueKind::ALL.into_iter().rev().max_by_key(|&kind| counts[kind as usize]);
        let Some(most) = most.filter(|&kind| kind != ValueKind::Text) else {
            return none;
        };
        let n_odd = n_values - counts[most as usize];
        let odd_share = n_odd as f64 / n_values.max(1) as f64;
        if n_odd == 0 || odd_share >= self.max_odd_share {
            return none;
        }
        let odd = (0..columns.n_rows)
            .filter(|&row| kind_of(&columns.cell(row, column)).is_some_and(|kind| kind != most))
            .take(LISTED);
        let odd_rows: Vec<u32> = odd.map(|row| row as u32).collect();
        let shown = |&row: &u32| -> Option<String> {
            let text = columns.cell(row as usize, column).to_text()?;
            let text = text.trim();
            let cut = text.char_indices().nth(SHOWN).map(|(at, _)| format!("{}…", &text[..at]));
            Some(cut.unwrap_or_else(|| text.to_owned()))
        };
        let odd_values = odd_rows.iter().filter_map(shown).collect();
        Mixture { kind: Some(most), odd_share, odd_rows, odd_values }
    }
}
