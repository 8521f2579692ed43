//! What the checks of labels, outliers, near duplicates and groups do with input that is hard or wrong.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::Arc;

use cleanlab_core::{ClassNames, Labels};
use cleanlab_datalab::{
    CheckOutcome, Checks, ClusteringOptions, ColumnValues, Datalab, DatalabError, FindIssuesOptions, Inputs,
    IssueFindings, LabelCheck, NearDuplicateCheck, OutlierCheck, ProbabilityAdjustment, RegressionLabelCheck,
    Task, UnderperformingGroupCheck, list_default_issue_types, list_possible_issue_types,
};
use cleanlab_neighbors::{KnnGraphOptions, Metric, create_knn_graph};
use ndarray::{Array1, Array2, array};
use proptest::prelude::*;
use serde_json::json;

fn features(n_rows: usize, n_columns: usize) -> Array2<f64> {
    Array2::from_shape_fn((n_rows, n_columns), |(row, column)| {
        ((row * 37 + column * 101) as f64).sin() + row as f64 / 50.0
    })
}

fn labelled(n_rows: usize) -> Datalab {
    let labels: Vec<u32> = (0..n_rows as u32).map(|row| row % 2).collect();
    Datalab::classification(Labels::from_vec(labels).unwrap(), ClassNames::indices(2)).unwrap()
}

fn audit(mut lab: Datalab, inputs: &Inputs<'_>, checks: Checks) -> Datalab {
    lab.find_issues(inputs, &FindIssuesOptions::default().with_checks(checks)).unwrap();
    lab
}

fn unlabelled(features: &Array2<f64>, checks: Checks) -> Datalab {
    let lab = Datalab::unlabeled(features.nrows(), Task::Regression).unwrap();
    audit(lab, &Inputs::default().with_features(features), checks)
}

/// Why a check failed.
fn reason(lab: &Datalab, name: &str) -> String {
    let record = lab.checks().iter().find(|record| record.issue_type == name).unwrap();
    match &record.outcome {
        CheckOutcome::Failed { reason } => reason.clone(),
        other => panic!("{name} is {other:?}"),
    }
}

fn neighbor_checks() -> Checks {
    Checks::none().with(OutlierCheck::default()).with(NearDuplicateCheck::default())
}

#[test]
fn default_checks_of_each_task_stand_in_the_order_of_cleanlab() {
    let own = ["label", "outlier", "near_duplicate", "underperforming_group"];
    for (task, n_own) in [(Task::Classification, 4), (Task::Regression, 3), (Task::Multilabel, 3)] {
        let mut names = list_default_issue_types(task);
        assert!(names.iter().all(|name| list_possible_issue_types(task).contains(name)));
        names.retain(|name| own.contains(&name.as_str()));
        assert_eq!(names, &own[..n_own]);
    }
}

#[test]
fn with_json_wrong_options_are_named() {
    let refused = |name: &str, options: serde_json::Value| {
        Checks::none().with_json(Task::Classification, name, &options).unwrap_err()
    };
    for (name, options, fault) in [
        ("outlier", json!({"k": 3, "treshold": 1.0}), "treshold"),
        ("outlier", json!({"threshold": 0.3, "k": "many"}), "k: "),
        ("label", json!({"filter_by": "all"}), "filter_by: "),
        ("underperforming_group", json!({"clustering": {"epsilon": 1.0}}), "clustering: "),
        ("near_duplicate", json!([1, 2]), "an object"),
    ] {
        let error = refused(name, options);
        assert!(matches!(error, DatalabError::CheckOptions { .. }));
        assert!(error.to_string().contains(fault), "{error}");
    }
    assert!(matches!(refused("outliers", json!({})), DatalabError::NoSuchCheck { .. }));
    let checks = Checks::none().with_json(Task::Regression, "label", &json!({"seed": 3})).unwrap();
    assert_eq!(
        checks.with_json(Task::Regression, "outlier", &json!(null)).unwrap().names(),
        ["label", "outlier"]
    );
}

#[test]
fn options_survive_json() {
    let check = LabelCheck::default().with_noise_matrix(vec![vec![0.9, 0.2], vec![0.1, 0.8]]).with_k(4);
    let text = serde_json::to_string(&check).unwrap();
    assert_eq!(serde_json::from_str::<LabelCheck>(&text).unwrap(), check);
    let check = OutlierCheck::default().with_metric(Metric::Cosine).with_threshold(0.25);
    let text = serde_json::to_string(&check).unwrap();
    assert_eq!(serde_json::from_str::<OutlierCheck>(&text).unwrap(), check);
}

#[test]
fn find_issues_feature_that_is_not_finite_is_named() {
    let mut features = features(20, 3);
    features[[7, 2]] = f64::NAN;
    let lab = unlabelled(&features, neighbor_checks());
    for name in ["outlier", "near_duplicate"] {
        assert!(reason(&lab, name).contains("row 7, column 2 is NaN"), "{}", reason(&lab, name));
    }
    let lab = audit(
        labelled(20),
        &Inputs::default().with_features(&features),
        Checks::none().with(LabelCheck::default()),
    );
    assert!(reason(&lab, "label").contains("row 7, column 2"));
}

#[test]
fn find_issues_fewer_rows_than_neighbors_fails_with_the_bound() {
    for n_rows in [1, 2, 10] {
        let features = features(n_rows, 2);
        let lab = unlabelled(&features, neighbor_checks());
        assert_eq!(lab.failed_checks().count(), 2);
    }
    let few = features(10, 2);
    assert!(reason(&unlabelled(&few, neighbor_checks()), "outlier").contains("between 1 and 9"));
    // A check that asks for too many fails alone.
    let checks = neighbor_checks().with(OutlierCheck::default().with_k(9));
    let lab = unlabelled(&few, checks);
    assert!(lab.get_findings("outlier").is_ok() && lab.get_findings("near_duplicate").is_err());
}

#[test]
fn find_issues_equal_rows_are_duplicates_and_no_outliers() {
    for features in [Array2::zeros((15, 6)), Array2::ones((15, 2))] {
        let lab = unlabelled(&features, neighbor_checks());
        let near = lab.get_findings("near_duplicate").unwrap();
        assert_eq!((near.num_issues(), near.score), (15, 0.0));
        let outlier = lab.get_findings("outlier").unwrap();
        assert_eq!((outlier.num_issues(), outlier.score), (0, 1.0));
    }
}

#[test]
fn find_issues_row_of_zeros_under_cosine_is_far_from_all() {
    let mut features = features(40, 5) + 3.0;
    features.row_mut(11).fill(0.0);
    let lab = unlabelled(&features, neighbor_checks());
    assert_eq!(lab.get_findings("outlier").unwrap().ranked_issues()[0], 11);
    assert!(!lab.get_findings("near_duplicate").unwrap().is_issue[11]);
}

#[test]
fn find_issues_one_class_fails_where_two_are_needed() {
    let lab =
        Datalab::classification(Labels::from_vec(vec![0; 20]).unwrap(), ClassNames::indices(2)).unwrap();
    let features = features(20, 2);
    let pred_probs = Array2::from_elem((20, 2), 0.5);
    let inputs = Inputs::default().with_features(&features).with_pred_probs(&pred_probs);
    let lab = audit(lab, &inputs, neighbor_checks().with(LabelCheck::default()));
    assert!(reason(&lab, "label").contains("class 0"));
    assert!(lab.get_findings("outlier").is_ok());
}

#[test]
fn find_issues_option_out_of_range_is_named() {
    let features = features(30, 2);
    let pred_probs = Array2::from_elem((30, 2), 0.5);
    let predictions = Array1::zeros(30);
    let inputs = Inputs::default().with_features(&features).with_pred_probs(&pred_probs);
    let clustered = |clustering| UnderperformingGroupCheck::default().with_clustering(clustering);
    let wrong_clustering = clustered(ClusteringOptions::default().with_eps(0.0));
    let no_samples = clustered(ClusteringOptions::default().with_min_samples(0));
    let nan_threshold = UnderperformingGroupCheck::default().with_threshold(f64::NAN);
    for (check, option) in
        [(wrong_clustering, "eps"), (no_samples, "min_samples"), (nan_threshold, "threshold")]
    {
        let lab = audit(labelled(30), &inputs, Checks::none().with(check));
        assert!(reason(&lab, "underperforming_group").starts_with(option));
    }
    for (check, option) in [
        (OutlierCheck::default().with_threshold(1.5), "threshold"),
        (OutlierCheck::default().with_t(-1.0), "t "),
        (OutlierCheck::default().with_scaling_factor(f64::NAN), "scaling_factor"),
        (OutlierCheck::default().with_k(0), "k is 0"),
    ] {
        assert!(reason(&unlabelled(&features, Checks::none().with(check)), "outlier").starts_with(option));
    }
    let check = NearDuplicateCheck::default().with_threshold(f64::NAN);
    assert!(
        reason(&unlabelled(&features, Checks::none().with(check)), "near_duplicate").starts_with("threshold")
    );
    let check = LabelCheck::default().with_noise_matrix(vec![vec![1.0], vec![0.0]]);
    assert!(
        reason(&audit(labelled(30), &inputs, Checks::none().with(check)), "label")
            .starts_with("noise_matrix")
    );
    let check = LabelCheck::default().with_confident_joint(vec![vec![1, 2]]);
    let lab = audit(labelled(30), &inputs, Checks::none().with(check));
    assert!(reason(&lab, "label").starts_with("confident_joint"));
    let lab = Datalab::regression(Array1::from_shape_fn(30, |row| row as f64)).unwrap();
    let inputs = Inputs::default().with_predictions(predictions.view());
    let check = RegressionLabelCheck::default().with_threshold(-0.1);
    assert!(reason(&audit(lab, &inputs, Checks::none().with(check)), "label").starts_with("threshold"));
}

#[test]
fn find_issues_groups_that_cannot_be_judged_are_errors() {
    let pred_probs = Array2::from_elem((12, 2), 0.5);
    let with_ids = |ids: Vec<i64>| {
        let ids = Array1::from(ids);
        let inputs = Inputs::default().with_pred_probs(&pred_probs).with_cluster_ids(ids.view());
        audit(labelled(12), &inputs, Checks::none().with(UnderperformingGroupCheck::default()))
    };
    assert!(reason(&with_ids(vec![-1; 12]), "underperforming_group").contains("at least 5"));
    let mut ids = vec![0; 12];
    ids[3] = -2;
    assert!(reason(&with_ids(ids), "underperforming_group").contains("row 3 is -2"));
}

#[test]
fn find_issues_worst_group_is_the_one_with_the_lowest_score() {
    // Means of .30, .35 and .90: cleanlab names the second.
    let ids = Array1::from_shape_fn(30, |row| (row / 10) as i64);
    let confidence = [0.3, 0.35, 0.9];
    let pred_probs = Array2::from_shape_fn((30, 2), |(row, class)| {
        let right = confidence[row / 10];
        if class == row % 2 { right } else { 1.0 - right }
    });
    let inputs = Inputs::default().with_pred_probs(&pred_probs).with_cluster_ids(ids.view());
    let check = UnderperformingGroupCheck::default().with_threshold(1.0);
    let lab = audit(labelled(30), &inputs, Checks::none().with(check));
    let findings = lab.get_findings("underperforming_group").unwrap();
    assert_eq!(findings.issue_rows(), (0..10).collect::<Vec<_>>());
    assert!((findings.score - 0.3 / (1.55 / 3.0)).abs() < 1e-12);
}

#[test]
fn find_issues_again_keeps_what_has_no_new_input_and_uses_the_kept_graph() {
    let features = features(40, 3);
    let pred_probs = Array2::from_shape_fn((40, 2), |(row, class)| if class == row % 2 { 0.8 } else { 0.2 });
    let mut lab = labelled(40);
    let options = FindIssuesOptions::default();
    lab.find_issues(&Inputs::default().with_features(&features), &options).unwrap();
    let near = lab.get_findings("near_duplicate").unwrap().clone();
    let graph = Arc::clone(&lab.kept_graph().unwrap().graph);
    lab.find_issues(&Inputs::default().with_pred_probs(&pred_probs), &options).unwrap();
    assert_eq!(lab.get_findings("near_duplicate").unwrap(), &near);
    assert!(Arc::ptr_eq(&lab.kept_graph().unwrap().graph, &graph));
    let from_graph = lab.get_findings("outlier").unwrap();
    assert!(from_graph.info.get("nearest_neighbor").is_some());
    // Asked for by name, a check makes do with the kept graph.
    let lab = audit(
        lab,
        &Inputs::default(),
        Checks::none().with(NearDuplicateCheck::default().with_threshold(0.5)),
    );
    assert!(lab.get_findings("near_duplicate").unwrap().num_issues() >= near.num_issues());
    let lab = audit(lab, &Inputs::default(), Checks::none().with(NearDuplicateCheck::default().with_k(11)));
    assert!(reason(&lab, "near_duplicate").contains("10 neighbours per row, but 11 are needed"));
}

#[test]
fn find_issues_given_graph_is_taken_and_not_copied() {
    let graph =
        Arc::new(create_knn_graph(features(25, 2).view(), &KnnGraphOptions::default().with_k(3)).unwrap());
    let lab = Datalab::unlabeled(25, Task::Classification).unwrap();
    let lab = audit(lab, &Inputs::default().with_knn_graph(&graph), neighbor_checks());
    assert_eq!(lab.failed_checks().count(), 0);
    assert!(Arc::ptr_eq(&lab.kept_graph().unwrap().graph, &graph));
}

#[test]
fn find_issues_predictions_without_adjustment_need_no_labels() {
    let mut pred_probs = Array2::from_shape_fn((30, 2), |(_, class)| if class == 0 { 0.99 } else { 0.01 });
    pred_probs.row_mut(4).assign(&array![0.5, 0.5]);
    let inputs = Inputs::default().with_pred_probs(&pred_probs);
    let lab = || Datalab::unlabeled(30, Task::Classification).unwrap();
    let check = OutlierCheck::default().with_adjustment(ProbabilityAdjustment::None);
    let found = audit(lab(), &inputs, Checks::none().with(check));
    assert_eq!(found.get_findings("outlier").unwrap().issue_rows(), [4]);
    let refused = audit(lab(), &inputs, Checks::none().with(OutlierCheck::default()));
    assert!(reason(&refused, "outlier").contains("features"));
}

#[test]
fn find_issues_labels_from_neighbors_flag_a_stray_class() {
    // Two groups far apart; one row of the second bears the label of the first.
    let features = Array2::from_shape_fn((60, 2), |(row, column)| {
        (if row < 30 { 0.0 } else { 50.0 }) + ((row * 7 + column * 3) as f64).sin()
    });
    let labels: Vec<u32> = (0..60).map(|row| u32::from(row >= 30 && row != 44)).collect();
    let lab = Datalab::classification(Labels::from_vec(labels).unwrap(), ClassNames::indices(3)).unwrap();
    let lab =
        audit(lab, &Inputs::default().with_features(&features), Checks::none().with(LabelCheck::default()));
    let findings = lab.get_findings("label").unwrap();
    assert_eq!(findings.issue_rows(), [44]);
    assert_eq!(findings.scores[44], 0.0);
}

fn all_findings(features: &Array2<f64>, pred_probs: &Array2<f64>, threads: usize) -> Vec<IssueFindings> {
    let inputs = Inputs::default().with_features(features).with_pred_probs(pred_probs);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
    pool.install(|| {
        let mut lab = labelled(features.nrows());
        lab.find_issues(&inputs, &FindIssuesOptions::default()).unwrap();
        lab.checks().iter().filter_map(|record| record.findings().cloned()).collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn find_issues_any_number_of_threads_gives_the_same_bits(n_rows in 12_usize..400, seed in 0_u32..1000) {
        let features = Array2::from_shape_fn((n_rows, 4), |(row, column)| {
            f64::from((row as u32 * 31 + column as u32 * 17 + seed) % 97).sin()
        });
        let pred_probs = Array2::from_shape_fn((n_rows, 2), |(row, class)| {
            let first = f64::from((row as u32 * 13 + seed) % 101) / 100.0;
            if class == 0 { first } else { 1.0 - first }
        });
        let one = all_findings(&features, &pred_probs, 1);
        let three = all_findings(&features, &pred_probs, 3);
        // NaN in an info would differ from itself, so that the parts are compared.
        prop_assert_eq!(one.len(), three.len());
        prop_assert!(one.len() >= 4);
        for (one, three) in one.iter().zip(&three) {
            prop_assert_eq!(&one.is_issue, &three.is_issue);
            prop_assert_eq!(&one.scores, &three.scores);
            prop_assert_eq!(one.score.to_bits(), three.score.to_bits());
            prop_assert_eq!(&one.details, &three.details);
        }
    }

    #[test]
    fn find_issues_near_duplicate_sets_are_mutual(n_rows in 12_usize..200, seed in 0_u32..1000) {
        let features = Array2::from_shape_fn((n_rows, 2), |(row, column)| {
            f64::from((row as u32 * 31 + column as u32 * 17 + seed) % 13)
        });
        let lab = unlabelled(&features, Checks::none().with(NearDuplicateCheck::default()));
        let findings = lab.get_findings("near_duplicate").unwrap();
        let Some(ColumnValues::IntegerLists(sets)) =
            findings.details.column("near_duplicate_sets")
        else {
            panic!("no sets");
        };
        for (row, set) in sets.iter().enumerate() {
            prop_assert_eq!(findings.is_issue[row], !set.is_empty());
            for &other in set {
                prop_assert!(sets[other as usize].contains(&(row as u32)));
            }
        }
    }
}
