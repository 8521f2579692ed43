//! Comparisons of two audits.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use cleanlab_core::ClassNames;
use cleanlab_datalab::{
    AuditDiff, CheckChange, CheckContext, CheckError, Checks, Datalab, DiffOptions, FindIssuesOptions,
    Inputs, IssueFindings, IssueManager, MatchRows, MatchedBy, RowKeys, SaveOptions, Task, TextColumns,
    Trend, diff,
};
use ndarray::Array1;

/// A check that gives what it was made with.
struct Given(&'static str, Result<IssueFindings, &'static str>);

impl IssueManager for Given {
    fn issue_name(&self) -> &str {
        self.0
    }

    fn description(&self) -> &'static str {
        "Made for a test."
    }

    fn find_issues(&self, _: &CheckContext<'_>) -> Result<IssueFindings, CheckError> {
        self.1.clone().map_err(CheckError::custom)
    }
}

#[allow(clippy::unnecessary_wraps, reason = "findings as a check gives them, which may fail")]
fn rows(scores: &[f64]) -> Result<IssueFindings, &'static str> {
    let flags = scores.iter().map(|&score| score < 0.5).collect();
    Ok(IssueFindings::of_rows(flags, scores.iter().copied().collect()))
}

fn audited(n_rows: usize, checks: Vec<Given>) -> Datalab {
    let mut lab = Datalab::unlabeled(n_rows, Task::Classification).unwrap();
    let checks = checks.into_iter().fold(Checks::none(), Checks::with);
    lab.find_issues(&Inputs::default(), &FindIssuesOptions::default().with_checks(checks)).unwrap();
    lab
}

#[test]
fn diff_checks_appear_vanish_fail_and_recover() {
    let old = audited(
        1,
        vec![
            Given("same", rows(&[0.9])),
            Given("gone", rows(&[0.9])),
            Given("breaks", rows(&[0.9])),
            Given("broken", Err("before")),
            Given("repaired", Err("before")),
        ],
    );
    let new = audited(
        1,
        vec![
            Given("same", rows(&[0.9])),
            Given("breaks", Err("now")),
            Given("broken", Err("now")),
            Given("repaired", rows(&[0.9])),
            Given("fresh", rows(&[0.1])),
        ],
    );
    let diff = diff(&old, &new, &DiffOptions::default());
    let changes: Vec<(&str, CheckChange, Trend)> = diff
        .checks
        .iter()
        .map(|check| (check.issue_type.as_str(), check.change.clone(), check.trend))
        .collect();
    let expected = [
        ("same", CheckChange::Compared, Trend::Same),
        ("breaks", CheckChange::FailsNow { reason: "now".into() }, Trend::Unknown),
        ("broken", CheckChange::StillFails { reason: "now".into() }, Trend::Unknown),
        ("repaired", CheckChange::Recovered { reason: "before".into() }, Trend::Unknown),
        ("fresh", CheckChange::Appeared, Trend::Unknown),
        ("gone", CheckChange::Vanished, Trend::Unknown),
    ];
    assert_eq!(changes, expected);
    let json = serde_json::to_string(&diff).unwrap();
    assert_eq!(serde_json::from_str::<AuditDiff>(&json).unwrap(), diff);
}

#[test]
fn diff_rows_by_number_are_new_gone_or_still_there() {
    let old = audited(4, vec![Given("low", rows(&[0.1, 0.9, 0.2, 0.3]))]);
    let new = audited(5, vec![Given("low", rows(&[0.1, 0.3, 0.8, 0.2, 0.0]))]);
    let old = old.with_row_numbers(vec![0, 1, 2, 7]).unwrap();
    let found = diff(&old, &new, &DiffOptions::default());
    assert_eq!((found.n_matched, &found.matched_by), (3, &MatchedBy::RowNumber));
    assert_eq!(found.rows_removed.entries[0].old, Some(7));
    assert_eq!(found.rows_added.n_total, 2);
    let low = &found.checks[0];
    assert_eq!((low.trend, low.n_still), (Trend::Worse, 1));
    let appeared: Vec<_> = low.appeared.entries.iter().map(|entry| (entry.old, entry.new)).collect();
    assert_eq!(appeared, [(None, Some(4)), (None, Some(3)), (Some(1), Some(1))]);
    let gone: Vec<_> = low.gone.entries.iter().map(|entry| (entry.old, entry.new, entry.new_score)).collect();
    assert_eq!(gone, [(Some(2), Some(2), Some(0.8)), (Some(7), None, None)]);
    assert_eq!((low.n_appeared_with_row, low.n_gone_with_row), (2, 1));

    let short = diff(&old, &new, &DiffOptions::default().with_max_entries(1)).checks.remove(0);
    assert_eq!((short.appeared.entries.len(), short.appeared.n_total), (1, 3));
}

#[test]
fn diff_rows_by_keys_survive_saving_and_another_order() {
    let columns = |ids: &[&str]| TextColumns::default().with_column("id", ids.iter().copied());
    let keyed = |ids: &[&str], scores: &[f64]| {
        let keys = RowKeys::from_column(&columns(ids), "id").unwrap();
        audited(ids.len(), vec![Given("low", rows(scores))]).with_row_keys(keys).unwrap()
    };
    let old = keyed(&["a", "b", "c"], &[0.1, 0.2, 0.9]);
    let new = keyed(&["c", "b", "x"], &[0.9, 0.9, 0.9]);
    let folder = tempfile::tempdir().unwrap();
    old.save(folder.path(), &SaveOptions::default()).unwrap();
    let loaded = Datalab::load(folder.path()).unwrap();
    let found = diff(&loaded, &new, &DiffOptions::default());
    assert_eq!((found.n_matched, &found.matched_by), (2, &MatchedBy::Column("id".into())));
    assert_eq!(found.rows_removed.entries[0].key.as_deref(), Some("a"));
    assert_eq!(found.rows_added.entries[0].key.as_deref(), Some("x"));
    let gone: Vec<_> = found.checks[0].gone.entries.iter().map(|entry| entry.key.as_deref()).collect();
    assert_eq!((gone, found.checks[0].trend), (vec![Some("a"), Some("b")], Trend::Better));
    assert_eq!(found, diff(&old, &new, &DiffOptions::default()));

    let by_number = diff(&old, &new, &DiffOptions::default().with_match_rows(MatchRows::ByRowNumbers));
    assert_eq!((by_number.n_matched, by_number.matched_by), (3, MatchedBy::RowNumber));
}

#[test]
fn diff_columns_are_matched_by_name() {
    let of_columns = |names: &[&str], flags: &[bool]| {
        let names = names.iter().map(|&name| name.to_owned()).collect();
        let flags: Array1<bool> = flags.iter().copied().collect();
        let scores = flags.mapv(|flag| if flag { 0.0 } else { 1.0 });
        Ok(IssueFindings::of_columns(names, flags, scores).unwrap())
    };
    let old = audited(2, vec![Given("constant", of_columns(&["a", "b", "c"], &[true, false, true]))]);
    let new = audited(2, vec![Given("constant", of_columns(&["b", "a", "d"], &[true, true, true]))]);
    let check = diff(&old, &new, &DiffOptions::default()).checks.remove(0);
    let key = |entries: &cleanlab_datalab::DiffEntries| -> Vec<Option<String>> {
        entries.entries.iter().map(|entry| entry.key.clone()).collect()
    };
    assert_eq!(key(&check.appeared), [Some("b".to_owned()), Some("d".to_owned())]);
    assert_eq!((key(&check.gone), check.n_still), (vec![Some("c".to_owned())], 1));
}

#[test]
fn diff_changed_labels_are_counted() {
    let lab = |labels: &[&str]| {
        let encoded = ClassNames::encode_strings(labels).unwrap();
        Datalab::classification(encoded.labels, encoded.class_names).unwrap()
    };
    // The classes' numbers differ; their names count.
    let found = diff(&lab(&["b", "c", "b"]), &lab(&["b", "a", "b"]), &DiffOptions::default());
    assert_eq!((found.labels_changed, found.n_matched, found.checks.len()), (1, 3, 0));
}
