//! What a comparison of two audits tells, whatever it is rendered as.

use serde::{Deserialize, Serialize};

use crate::issue_manager::{IssueFindings, Scope};
use crate::targets::Task;

/// The version of [`AuditDiff`] as JSON. It grows when a field changes its meaning or goes.
pub const AUDIT_DIFF_FORMAT_VERSION: u32 = 1;

/// What became better or worse between two audits; made by [`diff`](crate::diff).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct AuditDiff {
    /// [`AUDIT_DIFF_FORMAT_VERSION`].
    pub format_version: u32,
    /// The earlier audit.
    pub old: AuditSide,
    /// The later audit.
    pub new: AuditSide,
    /// How rows were matched.
    pub matched_by: MatchedBy,
    /// Rows that both versions have.
    pub n_matched: usize,
    /// How many of them have another label.
    pub labels_changed: usize,
    /// Rows that the new version alone has.
    pub rows_added: DiffEntries,
    /// Rows that the old version alone has.
    pub rows_removed: DiffEntries,
    /// The checks: those of the new audit in its order, then those of the old one alone.
    pub checks: Vec<CheckDiff>,
}

/// One of two audits.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct AuditSide {
    /// The kind of labels.
    pub task: Task,
    /// Number of examples.
    pub n_rows: usize,
    /// The mean of the scores of all checks with a result.
    pub health_score: Option<f64>,
}

/// How rows of two versions were matched.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum MatchedBy {
    /// By the values of a column.
    Column(String),
    /// By what is in them, other than the label.
    Content,
    /// By their row numbers.
    RowNumber,
}

/// Rows, or columns, and how many there are in all.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct DiffEntries {
    /// Those that are listed.
    pub entries: Vec<DiffEntry>,
    /// How many there are; more than `entries` when these are the first.
    pub n_total: usize,
}

/// A row, or a column, in two versions.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct DiffEntry {
    /// The value by which rows were matched, or the name of the column.
    pub key: Option<String>,
    /// Its row number in the old version; `None` if it is not there.
    pub old: Option<usize>,
    /// Its row number in the new version; `None` if it is not there.
    pub new: Option<usize>,
    /// Its score in the old version.
    pub old_score: Option<f64>,
    /// Its score in the new version.
    pub new_score: Option<f64>,
}

/// How the result of a check came to be another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "change")]
#[non_exhaustive]
pub enum CheckChange {
    /// Both audits have a result.
    Compared,
    /// The new audit alone has made the check.
    Appeared,
    /// The old audit alone has made the check.
    Vanished,
    /// It fails, and did not before.
    FailsNow {
        /// Why.
        reason: String,
    },
    /// It had failed, and has a result now.
    Recovered {
        /// Why it had failed.
        reason: String,
    },
    /// It fails as before.
    StillFails {
        /// Why.
        reason: String,
    },
}

/// Whether something became better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Trend {
    /// The score is higher, or the same with fewer issues.
    Better,
    /// Score and number of issues are the same.
    Same,
    /// The score is lower, or the same with more issues.
    Worse,
    /// One of the audits has no result.
    Unknown,
}

/// The result of a check in one audit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CheckSide {
    /// The quality of the whole in this regard.
    pub score: f64,
    /// How many rows or columns have the issue.
    pub num_issues: usize,
}

impl CheckSide {
    pub(super) fn of(findings: &IssueFindings) -> Self {
        Self { score: findings.score, num_issues: findings.num_issues() }
    }
}

/// A check in two audits.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CheckDiff {
    /// The name of the kind of issue.
    pub issue_type: String,
    /// How the result came to be another.
    #[serde(flatten)]
    pub change: CheckChange,
    /// Whether the whole became better in this regard.
    pub trend: Trend,
    /// Whether entries are rows or columns.
    pub scope: Scope,
    /// The old result.
    pub old: Option<CheckSide>,
    /// The new result.
    pub new: Option<CheckSide>,
    /// Those that have the issue now and had not before, worst first.
    pub appeared: DiffEntries,
    /// How many of these the old version does not have.
    pub n_appeared_with_row: usize,
    /// Those that had the issue and have it no more, once worst first.
    pub gone: DiffEntries,
    /// How many of these the new version does not have.
    pub n_gone_with_row: usize,
    /// How many have the issue in both.
    pub n_still: usize,
}
