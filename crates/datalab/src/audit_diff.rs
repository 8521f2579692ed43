//! What became better or worse between two audits of two versions of a data set.

mod model;
mod row_matching;

use std::collections::HashMap;

pub use self::model::{
    AUDIT_DIFF_FORMAT_VERSION, AuditDiff, AuditSide, CheckChange, CheckDiff, CheckSide, DiffEntries,
    DiffEntry, MatchedBy, Trend,
};
use self::row_matching::{Matching, match_rows};
use crate::datalab::{CheckOutcome, CheckRecord, Datalab};
use crate::issue_manager::{IssueFindings, Scope};

/// How rows of two versions are matched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum MatchRows {
    /// By their keys of the same column, else by their keys by content, else by their row numbers.
    #[default]
    ByKeys,
    /// By their row numbers.
    ByRowNumbers,
}

/// How [`diff`] compares.
///
/// ```
/// use cleanlab_datalab::{DiffOptions, MatchRows};
/// let options = DiffOptions::default().with_match_rows(MatchRows::ByRowNumbers).with_max_entries(10);
/// assert_eq!(options.max_entries, 10);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct DiffOptions {
    /// How rows are matched.
    pub match_rows: MatchRows,
    /// Entries of a list, which says how many there are in all. Default 1000.
    pub max_entries: usize,
}

impl Default for DiffOptions {
    fn default() -> Self {
        Self { match_rows: MatchRows::ByKeys, max_entries: 1000 }
    }
}

impl DiffOptions {
    /// Sets how rows are matched.
    #[must_use]
    pub fn with_match_rows(mut self, match_rows: MatchRows) -> Self {
        self.match_rows = match_rows;
        self
    }

    /// Sets how many entries a list has at most.
    #[must_use]
    pub fn with_max_entries(mut self, max_entries: usize) -> Self {
        self.max_entries = max_entries;
        self
    }
}

/// What became better or worse between two audits of two versions of a data set.
///
/// Rows are matched by [`RowKeys`](crate::RowKeys) or row number; of equal keys the first is matched with the first, and
/// so on. For every check the score and the number of issues are compared, and every flagged row is new, gone, or
/// still flagged; a flagged row that only one version has is new or gone with its row. Columns are matched by name. A check
/// that has a result in one audit alone has appeared, vanished, failed or recovered.
///
/// # Example
///
/// ```
/// use cleanlab_datalab::{
///     CheckChange, Checks, Datalab, DiffOptions, FindIssuesOptions, Inputs, NullCheck, RowKeys, Task, TextColumns, Trend,
///     diff,
/// };
/// use ndarray::array;
///
/// let audit = |ids: &[&str], features: &ndarray::Array2<f64>| {
///     let columns = TextColumns::default().with_column("id", ids.iter().copied());
///     let mut lab = Datalab::unlabeled(ids.len(), Task::Classification)?;
///     let checks = Checks::none().with(NullCheck::default());
///     lab.find_issues(
///         &Inputs::default().with_features(features),
///         &FindIssuesOptions::default().with_checks(checks),
///     )?;
///     lab.with_row_keys(RowKeys::from_column(&columns, "id")?)
/// };
/// let missing = f64::NAN;
/// let old = audit(&["a", "b", "c"], &array![[missing], [2.0], [missing]])?;
/// // `a` was filled in, and `d` has come.
/// let new = audit(&["d", "c", "b", "a"], &array![[4.0], [missing], [2.0], [1.0]])?;
///
/// let diff = diff(&old, &new, &DiffOptions::default());
/// assert_eq!((diff.n_matched, diff.rows_added.n_total, diff.rows_removed.n_total), (3, 1, 0));
/// let nulls = &diff.checks[0];
/// assert_eq!((nulls.change.clone(), nulls.trend), (CheckChange::Compared, Trend::Better));
/// assert_eq!((nulls.gone.n_total, nulls.n_still, nulls.appeared.n_total), (1, 1, 0));
/// assert_eq!(nulls.gone.entries[0].key.as_deref(), Some("a"));
/// # Ok::<(), cleanlab_datalab::DatalabError>(())
/// ```
#[must_use]
pub fn diff(old: &Datalab, new: &Datalab, options: &DiffOptions) -> AuditDiff {
    let rows = match_rows(old, new, options.match_rows);
    let mut checks: Vec<CheckDiff> = Vec::new();
    for record in new.checks() {
        let before = old.checks().iter().find(|before| before.issue_type == record.issue_type);
        checks.extend(check_diff(&Compared { old, new, rows: &rows, options }, before, Some(record)));
    }
    for record in old.checks() {
        if !new.checks().iter().any(|after| after.issue_type == record.issue_type) {
            checks.extend(check_diff(&Compared { old, new, rows: &rows, options }, Some(record), None));
        }
    }
    let labels_changed = rows
        .pairs
        .iter()
        .filter(|&&(a, b)| old.targets().label_text(a) != new.targets().label_text(b))
        .count();
    let entry = |old_row: Option<usize>, new_row: Option<usize>| DiffEntry {
        key: key_of(old, new, &rows, old_row, new_row),
        old: old_row.map(|row| old.row_number(row)),
        new: new_row.map(|row| new.row_number(row)),
        old_score: None,
        new_score: None,
    };
    AuditDiff {
        format_version: AUDIT_DIFF_FORMAT_VERSION,
        old: side(old),
        new: side(new),
        n_matched: rows.pairs.len(),
        labels_changed,
        rows_added: listed(rows.added.iter().map(|&row| entry(None, Some(row))).collect(), options),
        rows_removed: listed(rows.removed.iter().map(|&row| entry(Some(row), None)).collect(), options),
        checks,
        matched_by: rows.by,
    }
}

fn side(lab: &Datalab) -> AuditSide {
    AuditSide { task: lab.targets().task(), n_rows: lab.n_rows(), health_score: lab.health_score() }
}

fn listed(mut entries: Vec<DiffEntry>, options: &DiffOptions) -> DiffEntries {
    let n_total = entries.len();
    entries.truncate(options.max_entries);
    DiffEntries { entries, n_total }
}

fn key_of(
    old: &Datalab,
    new: &Datalab,
    rows: &Matching,
    old_row: Option<usize>,
    new_row: Option<usize>,
) -> Option<String> {
    // Checksums tell a reader nothing.
    if !matches!(rows.by, MatchedBy::Column(_)) {
        return None;
    }
    let key = |lab: &Datalab, row: usize| Some(lab.row_keys()?.as_slice().get(row)?.clone());
    new_row.and_then(|row| key(new, row)).or_else(|| old_row.and_then(|row| key(old, row)))
}

struct Compared<'a> {
    old: &'a Datalab,
    new: &'a Datalab,
    rows: &'a Matching,
    options: &'a DiffOptions,
}

/// How a check has changed; `None` if it has a result or a failure on neither side.
fn check_diff(
    compared: &Compared<'_>,
    old: Option<&CheckRecord>,
    new: Option<&CheckRecord>,
) -> Option<CheckDiff> {
    let record = new.or(old)?;
    let (before, after) = (old.and_then(CheckRecord::findings), new.and_then(CheckRecord::findings));
    let failure = |record: Option<&CheckRecord>| match record.map(|record| &record.outcome) {
        Some(CheckOutcome::Failed { reason }) => Some(reason.clone()),
        _ => None,
    };
    let change = match (before, after, failure(old), failure(new)) {
        (Some(_), Some(_), ..) => CheckChange::Compared,
        (_, _, Some(_), Some(reason)) => CheckChange::StillFails { reason },
        (.., None, Some(reason)) => CheckChange::FailsNow { reason },
        (_, Some(_), Some(reason), _) => CheckChange::Recovered { reason },
        (None, Some(_), None, _) => CheckChange::Appeared,
        (Some(_), None, ..) | (_, None, Some(_), None) => CheckChange::Vanished,
        (None, None, None, None) => return None,
    };
    let (appeared, gone, n_still) = match (before, after) {
        (Some(before), Some(after)) if before.scope == after.scope => {
            changed_entries(compared, before, after)
        }
        _ => (Vec::new(), Vec::new(), 0),
    };
    Some(CheckDiff {
        issue_type: record.issue_type.clone(),
        change,
        trend: trend(before, after),
        scope: after.or(before).map_or(Scope::Rows, |findings| findings.scope),
        old: before.map(CheckSide::of),
        new: after.map(CheckSide::of),
        n_appeared_with_row: appeared.iter().filter(|entry| entry.old.is_none()).count(),
        n_gone_with_row: gone.iter().filter(|entry| entry.new.is_none()).count(),
        appeared: listed(appeared, compared.options),
        gone: listed(gone, compared.options),
        n_still,
    })
}

/// By the score of the whole; if that is the same, by the number of issues.
fn trend(before: Option<&IssueFindings>, after: Option<&IssueFindings>) -> Trend {
    let (Some(before), Some(after)) = (before, after) else {
        return Trend::Unknown;
    };
    let by_score = after.score.total_cmp(&before.score);
    match by_score.then(before.num_issues().cmp(&after.num_issues())) {
        std::cmp::Ordering::Less => Trend::Worse,
        std::cmp::Ordering::Equal => Trend::Same,
        std::cmp::Ordering::Greater => Trend::Better,
    }
}

/// The entries that have the issue in the new version alone, those that had it in the old one alone, both worst first, and
/// the number of those that have it in both.
fn changed_entries(
    compared: &Compared<'_>,
    before: &IssueFindings,
    after: &IssueFindings,
) -> (Vec<DiffEntry>, Vec<DiffEntry>, usize) {
    let of_rows = before.scope == Scope::Rows;
    let columns;
    let matching = if of_rows {
        compared.rows
    } else {
        columns = match_columns(before, after);
        &columns
    };
    let (mut appeared, mut gone, mut n_still) = (Vec::new(), Vec::new(), 0);
    for &(a, b) in &matching.pairs {
        match (before.is_issue[a], after.is_issue[b]) {
            (false, true) => appeared.push((Some(a), Some(b))),
            (true, false) => gone.push((Some(a), Some(b))),
            (true, true) => n_still += 1,
            (false, false) => {}
        }
    }
    appeared.extend(matching.added.iter().filter(|&&b| after.is_issue[b]).map(|&b| (None, Some(b))));
    gone.extend(matching.removed.iter().filter(|&&a| before.is_issue[a]).map(|&a| (Some(a), None)));
    let entry = |(a, b): (Option<usize>, Option<usize>)| DiffEntry {
        key: if of_rows {
            key_of(compared.old, compared.new, compared.rows, a, b)
        } else {
            b.map(|b| column_name(after, b)).or_else(|| a.map(|a| column_name(before, a)))
        },
        old: a.map(|a| if of_rows { compared.old.row_number(a) } else { a }),
        new: b.map(|b| if of_rows { compared.new.row_number(b) } else { b }),
        old_score: a.map(|a| before.scores[a]),
        new_score: b.map(|b| after.scores[b]),
    };
    let mut appeared: Vec<DiffEntry> = appeared.into_iter().map(entry).collect();
    let mut gone: Vec<DiffEntry> = gone.into_iter().map(entry).collect();
    let key = |score: Option<f64>| score.unwrap_or(1.0);
    appeared.sort_by(|a, b| key(a.new_score).total_cmp(&key(b.new_score)).then(a.new.cmp(&b.new)));
    gone.sort_by(|a, b| key(a.old_score).total_cmp(&key(b.old_score)).then(a.old.cmp(&b.old)));
    (appeared, gone, n_still)
}

fn column_name(findings: &IssueFindings, column: usize) -> String {
    let names = findings.details.column("column");
    names.and_then(|names| names.text_at(column)).unwrap_or_else(|| column.to_string())
}

fn match_columns(before: &IssueFindings, after: &IssueFindings) -> Matching {
    let mut left: HashMap<String, usize> =
        (0..before.is_issue.len()).map(|column| (column_name(before, column), column)).collect();
    let mut matching = Matching::empty(MatchedBy::RowNumber);
    for column in 0..after.is_issue.len() {
        match left.remove(&column_name(after, column)) {
            Some(earlier) => matching.pairs.push((earlier, column)),
            None => matching.added.push(column),
        }
    }
    matching.removed = left.into_values().collect();
    matching.removed.sort_unstable();
    matching
}
