//! The checks of the data as a whole: laws, refused options, and what counts for the health score.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use cleanlab_core::ClassNames;
use cleanlab_datalab::{
    CheckOutcome, Checks, ConstantColumnCheck, DataValuationCheck, Datalab, ExactDuplicateCheck,
    FindIssuesOptions, IdentifierColumnCheck, Inputs, IssueFindings, IssueManager, MixedTypeColumnCheck,
    NonIidCheck, NullCheck, SplitLeakageCheck, Task, TextColumns, list_default_issue_types,
    list_possible_issue_types,
};
use cleanlab_multilabel::MultiLabels;
use ndarray::{Array2, array};
use proptest::prelude::*;

fn run(lab: &mut Datalab, inputs: &Inputs<'_>, check: impl IssueManager + 'static) {
    let options = FindIssuesOptions::default().with_checks(Checks::none().with(check));
    lab.find_issues(inputs, &options).unwrap();
}

fn unlabeled(n_rows: usize) -> Datalab {
    Datalab::unlabeled(n_rows, Task::Classification).unwrap()
}

fn findings(inputs: &Inputs<'_>, n_rows: usize, check: impl IssueManager + 'static) -> IssueFindings {
    let name = check.issue_name().to_owned();
    let mut lab = unlabeled(n_rows);
    run(&mut lab, inputs, check);
    lab.get_findings(&name).unwrap().clone()
}

fn failure(inputs: &Inputs<'_>, n_rows: usize, check: impl IssueManager + 'static) -> String {
    let mut lab = unlabeled(n_rows);
    run(&mut lab, inputs, check);
    let failed: Vec<String> = lab.failed_checks().map(|(_, reason)| reason.to_owned()).collect();
    assert_eq!(failed.len(), 1);
    failed[0].clone()
}

fn detail(findings: &IssueFindings, name: &str, row: usize) -> Option<String> {
    findings.details.column(name).unwrap().text_at(row)
}

fn walk(n_rows: usize) -> Array2<f64> {
    Array2::from_shape_fn((n_rows, 2), |(row, column)| {
        (row as f64 * 0.618).sin() + (row * (column + 1)) as f64 * 0.01
    })
}

#[test]
fn default_checks_are_cleanlabs_and_our_own() {
    let ours =
        ["exact_duplicate", "split_leakage", "identifier_column", "constant_column", "mixed_type_column"];
    for task in [Task::Classification, Task::Regression, Task::Multilabel] {
        let defaults = list_default_issue_types(task);
        let cleanlab = Checks::cleanlab_defaults(task);
        for name in ours {
            assert!(defaults.iter().any(|other| other == name), "{name}");
            assert!(!cleanlab.names().contains(&name), "{name}");
        }
        assert!(cleanlab.names().iter().all(|name| defaults.iter().any(|other| other == name)));
        assert!(cleanlab.names().contains(&"non_iid"));
        assert!(!defaults.contains(&"data_valuation".to_owned()));
        assert!(list_possible_issue_types(task).contains(&"data_valuation".to_owned()));
    }
}

#[test]
fn health_score_leaves_our_own_checks_out() {
    let features = array![[1.0, 2.0], [1.0, 2.0], [f64::NAN, 4.0], [1.0, f64::NAN]];
    let inputs = Inputs::default().with_features(&features);
    let mut lab = unlabeled(4);
    run(&mut lab, &inputs, ExactDuplicateCheck::default());
    assert_eq!(lab.health_score(), None);
    run(&mut lab, &inputs, NullCheck::default());
    assert_eq!(lab.health_score(), Some(0.75));
    assert_eq!(lab.issue_summary().len(), 2);
}

#[test]
fn non_iid_flags_at_most_the_worst_row_and_keeps_no_graph_of_predictions() {
    let pred_probs = walk(120).mapv(|value| 1.0 / (1.0 + value.exp()));
    let mut lab = unlabeled(120);
    run(&mut lab, &Inputs::default().with_pred_probs(&pred_probs), NonIidCheck::default());
    let found = lab.get_findings("non_iid").unwrap();
    let worst = found.scores.iter().copied().fold(f64::INFINITY, f64::min);
    assert_eq!(found.num_issues(), 1);
    assert_eq!(found.scores[found.issue_rows()[0]], worst);
    assert!(lab.kept_graph().is_none());
}

#[test]
fn non_iid_predictions_serve_classification_alone() {
    let pred_probs = walk(30).mapv(|value| 1.0 / (1.0 + value.exp()));
    let mut lab = Datalab::unlabeled(30, Task::Multilabel).unwrap();
    run(&mut lab, &Inputs::default().with_pred_probs(&pred_probs), NonIidCheck::default());
    assert_eq!(lab.failed_checks().next(), Some(("non_iid", "it needs features or a knn_graph")));
}

#[test]
fn non_iid_seed_none_still_tells_drift_from_chance() {
    let features = walk(200);
    let check = NonIidCheck::default().with_seed(None);
    assert_eq!(findings(&Inputs::default().with_features(&features), 200, check).num_issues(), 1);
}

#[test]
fn non_iid_two_rows_give_a_p_value_of_one_half() {
    let features = array![[0.0], [1.0]];
    let found = findings(&Inputs::default().with_features(&features), 2, NonIidCheck::default().with_k(1));
    assert_eq!(found.score, 0.5);
    assert_eq!(found.num_issues(), 0);
}

#[test]
fn non_iid_gives_the_same_bits_on_any_number_of_threads() {
    let features = walk(3000);
    let on_threads = |n_threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(n_threads).build().unwrap();
        pool.install(|| findings(&Inputs::default().with_features(&features), 3000, NonIidCheck::default()))
    };
    assert_eq!(on_threads(1), on_threads(4));
}

#[test]
fn options_out_of_range_are_refused() {
    let features = walk(30);
    let columns = TextColumns::default().with_column("split", vec!["a"; 30]);
    let inputs = Inputs::default().with_features(&features).with_columns(&columns).with_split_column("split");
    let refused = |message: String, option: &str| assert!(message.starts_with(option), "{message}");
    refused(failure(&inputs, 30, NonIidCheck::default().with_num_permutations(1)), "num_permutations is 1");
    let endless = NonIidCheck::default().with_num_permutations(usize::MAX);
    refused(failure(&inputs, 30, endless), "num_permutations is 18446744073709552000");
    refused(
        failure(&inputs, 30, NonIidCheck::default().with_significance_threshold(2.0)),
        "significance_threshold is 2",
    );
    refused(
        failure(&inputs, 30, MixedTypeColumnCheck::default().with_max_odd_share(0.6)),
        "max_odd_share is 0.6",
    );
    refused(failure(&inputs, 30, SplitLeakageCheck::default().with_threshold(-1.0)), "threshold is -1");
    let mut lab = Datalab::regression(features.column(0).to_owned()).unwrap();
    run(&mut lab, &inputs, DataValuationCheck::default().with_threshold(f64::NAN));
    assert!(lab.failed_checks().next().unwrap().1.starts_with("threshold is NaN"));
    assert!(serde_json::from_str::<NonIidCheck>(r#"{"num_permutation": 3}"#).is_err());
    assert_eq!(
        serde_json::from_str::<NonIidCheck>(r#"{"metric": "cosine", "seed": null}"#).unwrap(),
        NonIidCheck::default().with_metric(cleanlab_neighbors::Metric::Cosine).with_seed(None)
    );
}

#[test]
fn data_valuation_too_small_a_graph_and_missing_labels_fail_with_reasons() {
    let features = walk(5);
    let inputs = Inputs::default().with_features(&features);
    assert_eq!(failure(&inputs, 5, DataValuationCheck::default()), "it needs labels");
    let mut lab = Datalab::regression(features.column(0).to_owned()).unwrap();
    run(&mut lab, &inputs, DataValuationCheck::default());
    assert_eq!(lab.failed_checks().count(), 1);
}

#[test]
fn data_valuation_sets_of_classes_are_valued_as_classes_are() {
    let features = walk(40);
    let inputs = Inputs::default().with_features(&features);
    let classes: Vec<u32> = (0..40).map(|row| u32::from(row % 7 < 3)).collect();
    let lists: Vec<Vec<u32>> =
        classes.iter().map(|&class| if class == 1 { vec![0, 1] } else { vec![] }).collect();
    let labels = cleanlab_core::Labels::new(&classes).unwrap();
    let mut single = Datalab::classification(labels, ClassNames::indices(2)).unwrap();
    let sets = MultiLabels::from_lists(&lists, 2).unwrap();
    let mut multi = Datalab::multilabel(sets, ClassNames::indices(2)).unwrap();
    for lab in [&mut single, &mut multi] {
        run(lab, &inputs, DataValuationCheck::default());
    }
    let scores = |lab: &Datalab| lab.get_findings("data_valuation").unwrap().scores.clone();
    assert_eq!(scores(&single), scores(&multi));
}

#[test]
fn exact_duplicates_of_columns_leave_out_label_and_split() {
    let columns = TextColumns::default()
        .with_column("text", ["good", "bad", "good", "fine"])
        .with_column("label", ["+", "-", "-", "+"])
        .with_column("split", ["train", "train", "test", "test"]);
    let encoded = ClassNames::encode_strings(&["+", "-", "-", "+"]).unwrap();
    let mut lab = Datalab::classification(encoded.labels, encoded.class_names).unwrap();
    let inputs =
        Inputs::default().with_columns(&columns).with_label_column("label").with_split_column("split");
    run(&mut lab, &inputs, ExactDuplicateCheck::default());
    let found = lab.get_findings("exact_duplicate").unwrap();
    assert_eq!(found.scores, array![0.0, 1.0, 0.0, 1.0]);
    assert_eq!(detail(found, "conflicting_labels", 0).as_deref(), Some("-"));
    assert_eq!(detail(found, "conflicting_labels", 2).as_deref(), Some("+"));
    assert_eq!(detail(found, "exact_duplicate_sets", 2).as_deref(), Some("0"));
}

#[test]
fn exact_duplicates_missing_values_equal_each_other_and_empty_rows_equal_none() {
    let (nan, other_nan) = (f64::NAN, -f64::NAN);
    let features = array![[1.0, nan], [1.0, other_nan], [nan, nan], [nan, nan], [0.0, 1.0], [-0.0, 1.0]];
    let found = findings(&Inputs::default().with_features(&features), 6, ExactDuplicateCheck::default());
    assert_eq!(found.issue_rows(), [0, 1, 4, 5]);
    assert_eq!(found.scores[0], 0.5);
}

#[test]
fn exact_duplicates_of_many_rows_list_the_first_ten() {
    let features = Array2::<f32>::zeros((500, 3));
    let labels: Vec<String> = (0..500).map(|row| row.to_string()).collect();
    let encoded = ClassNames::encode_strings(&labels).unwrap();
    let mut lab = Datalab::classification(encoded.labels, encoded.class_names).unwrap();
    run(&mut lab, &Inputs::default().with_features(&features), ExactDuplicateCheck::default());
    let found = lab.get_findings("exact_duplicate").unwrap();
    assert_eq!(detail(found, "exact_duplicate_sets", 3).as_deref(), Some("0 1 2 4 5 6 7 8 9 10"));
    assert_eq!(detail(found, "conflicting_labels", 3).as_deref(), Some("0; 1; 2; 4; 5; 6; 7; 8; 9; 10"));
    assert_eq!(found.info.number("num_conflicting_sets"), Some(1.0));
}

#[test]
fn columns_are_those_of_the_data_before_the_features() {
    let features = array![[1.0_f32, 0.5], [1.0, 0.7], [1.0, 0.9]];
    let columns =
        TextColumns::default().with_column("id", ["2", "1", "3"]).with_column("unit", ["kg", "kg", "kg"]);
    let by_features = Inputs::default().with_features(&features);
    let by_columns = by_features.with_columns(&columns);
    assert_eq!(
        detail(&findings(&by_features, 3, ConstantColumnCheck::default()), "column", 0).unwrap(),
        "feature 0"
    );
    assert_eq!(findings(&by_features, 3, ConstantColumnCheck::default()).scores, array![0.0, 1.0]);
    assert_eq!(findings(&by_columns, 3, ConstantColumnCheck::default()).issue_rows(), [1]);
    let identifiers = findings(&by_columns, 3, IdentifierColumnCheck::default());
    assert_eq!((identifiers.issue_rows(), identifiers.score), (vec![0], 0.0));
    assert_eq!(findings(&by_features, 3, IdentifierColumnCheck::default()).score, 1.0);
    // Features have no types.
    let mut lab = unlabeled(3);
    lab.find_issues(&by_features, &FindIssuesOptions::default()).unwrap();
    let mixed = lab.checks().iter().find(|record| record.issue_type == "mixed_type_column").unwrap();
    assert_eq!(mixed.outcome, CheckOutcome::NotRun { needs: "columns".into() });
}

#[test]
fn mixed_types_are_named_with_their_rows() {
    let dates =
        ["2024-01-31", "x".repeat(100).as_str(), "2024-02-01", "", "2024-02-02"].map(ToOwned::to_owned);
    let columns = TextColumns::default()
        .with_column("date", dates)
        .with_column("half", ["1", "2", "a", "b", ""])
        .with_column("number", ["1", "2", "3", "4", "5"])
        .with_column("words", ["a", "b", "c", "d", "5"]);
    let found = findings(&Inputs::default().with_columns(&columns), 5, MixedTypeColumnCheck::default());
    assert_eq!(found.issue_rows(), [0]);
    assert_eq!(found.scores[0], 0.25);
    assert_eq!(detail(&found, "kind", 0).as_deref(), Some("date"));
    assert_eq!(detail(&found, "odd_rows", 0).as_deref(), Some("1"));
    assert_eq!(detail(&found, "odd_values", 0), Some(format!("{}…", "x".repeat(40))));
    assert_eq!(detail(&found, "kind", 1), None);
}

#[test]
fn split_leakage_finds_near_rows_of_other_splits_alone() {
    let mut features =
        Array2::from_shape_fn((40, 2), |(row, column)| (row * row * (column + 1)) as f64 * 0.1);
    for (row, other, shift) in [(5, 30, 1e-3), (6, 7, 1e-3), (8, 31, 0.0)] {
        let moved = features.row(row).mapv(|value| value + shift);
        features.row_mut(other).assign(&moved);
    }
    let split = (0..40).map(|row| if row < 20 { "train" } else { "test" });
    let columns = TextColumns::default().with_column("split", split);
    let inputs = Inputs::default().with_features(&features).with_columns(&columns).with_split_column("split");
    let found = findings(&inputs, 40, SplitLeakageCheck::default());
    assert_eq!(found.issue_rows(), [5, 8, 30, 31]);
    assert_eq!((found.scores[8], found.scores[31]), (0.0, 0.0));
    assert!(found.scores[5] > 0.0 && found.scores[5] < 0.01);
    assert_eq!(detail(&found, "leaked_rows", 30).as_deref(), Some("5"));
    assert_eq!(detail(&found, "leaked_splits", 30).as_deref(), Some("train"));
    assert_eq!(detail(&found, "split", 30).as_deref(), Some("test"));
    assert!(found.warnings.is_empty());
}

#[test]
fn split_leakage_more_duplicates_than_neighbors_are_found_all_the_same() {
    let features = Array2::<f64>::ones((60, 2));
    let split = (0..60).map(|row| if row < 59 { "train" } else { "test" });
    let columns = TextColumns::default().with_column("split", split);
    let inputs = Inputs::default().with_features(&features).with_columns(&columns).with_split_column("split");
    let found = findings(&inputs, 60, SplitLeakageCheck::default());
    assert_eq!(found.num_issues(), 60);
    assert_eq!(found.score, 0.0);
}

#[test]
fn split_leakage_an_unknown_column_and_a_single_split_are_told() {
    let columns = TextColumns::default().with_column("text", ["a", "a"]).with_column("split", ["all", "all"]);
    let inputs = Inputs::default().with_columns(&columns);
    let message = failure(&inputs.with_split_column("fold"), 2, SplitLeakageCheck::default());
    assert_eq!(message, r#"it needs a split column "fold"; the columns are text, split"#);
    let found = findings(&inputs.with_split_column("split"), 2, SplitLeakageCheck::default());
    assert_eq!((found.num_issues(), found.warnings.len()), (0, 1));
    let message = failure(&inputs, 2, SplitLeakageCheck::default());
    assert_eq!(message, "it needs columns and the name of a split column");
}

proptest! {
    #[test]
    fn exact_duplicates_are_the_rows_with_an_equal_row(values in prop::collection::vec(0_u8..3, 1..60)) {
        let n_rows = values.len().div_ceil(2);
        let features = Array2::from_shape_fn((n_rows, 2), |(row, column)| {
            f64::from(values.get(2 * row + column).copied().unwrap_or(0))
        });
        let texts = |column: usize| features.column(column).iter().map(ToString::to_string).collect::<Vec<_>>();
        let columns = TextColumns::default().with_column("a", texts(0)).with_column("b", texts(1));
        let by_features = Inputs::default().with_features(&features);
        let found = findings(&by_features, n_rows, ExactDuplicateCheck::default());
        for row in 0..n_rows {
            let has_equal = (0..n_rows).any(|other| other != row && features.row(other) == features.row(row));
            prop_assert_eq!(found.is_issue[row], has_equal);
        }
        let by_columns = findings(&Inputs::default().with_columns(&columns), n_rows, ExactDuplicateCheck::default());
        prop_assert_eq!(found, by_columns);
    }

    #[test]
    fn split_leakage_rows_leak_into_each_other(seed in any::<u32>(), n_rows in 2_usize..40) {
        let mut stream = cleanlab_core::RandomState::new(seed);
        let features = Array2::from_shape_simple_fn((n_rows, 1), || stream.randint(0, 12).unwrap() as f64);
        let splits: Vec<String> = (0..n_rows).map(|_| stream.randint(0, 3).unwrap().to_string()).collect();
        let columns = TextColumns::default().with_column("split", splits.clone());
        let inputs = Inputs::default().with_features(&features).with_columns(&columns).with_split_column("split");
        let found = findings(&inputs, n_rows, SplitLeakageCheck::default());
        for row in 0..n_rows {
            let leaks = (0..n_rows).any(|other| splits[other] != splits[row] && features[[other, 0]] == features[[row, 0]]);
            prop_assert_eq!(found.is_issue[row], leaks);
            prop_assert_eq!(found.scores[row], if leaks { 0.0 } else { 1.0 });
        }
    }
}
