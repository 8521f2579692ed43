//! The nearest-neighbour classifier is scikit-learn's, and obeys its laws.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[allow(dead_code, reason = "each test file reads some of the recordings")]
mod recorded;

use approx::assert_abs_diff_eq;
use cleanlab_learning::{
    Classifier, CleanLearning, CleanLearningInputs, CleanLearningWarning, CrossValidationOptions,
    FittedClassifier, KNearestNeighbors, LearningError, Metric, NeighborWeights, TrainingSet,
    cross_val_predict,
};
use ndarray::{Array1, Array2, Axis, array};
use proptest::prelude::*;
use recorded::{Matrix, largest_difference};
use serde::Deserialize;

const WEIGHTS: [NeighborWeights; 2] = [NeighborWeights::Uniform, NeighborWeights::Distance];

#[derive(Deserialize)]
struct Case {
    name: String,
    features: Matrix,
    labels: Vec<u32>,
    n_neighbors: usize,
    weights: String,
    metric: String,
    classes: Vec<u32>,
    asked: Matrix,
    pred_probs: Matrix,
    predicted: Vec<u32>,
}

fn recipe(n_neighbors: usize, weights: NeighborWeights) -> KNearestNeighbors {
    KNearestNeighbors::default().with_n_neighbors(n_neighbors).with_weights(weights)
}

#[test]
fn fit_model_recorded_cases_agree() {
    for case in recorded::cases::<Case>("k_nearest_neighbors") {
        let weights = WEIGHTS[usize::from(case.weights == "distance")];
        let metric = if case.metric == "cosine" { Metric::Cosine } else { Metric::Euclidean };
        let n_classes = *case.classes.last().unwrap() as usize + 1;
        let data = TrainingSet::new(case.features.0.view(), &case.labels, n_classes).unwrap();
        let model = recipe(case.n_neighbors, weights).with_metric(metric).fit_model(&data).unwrap();
        let pred_probs = model.predict_proba(case.asked.0.view()).unwrap();
        let columns: Vec<usize> = case.classes.iter().map(|&class| class as usize).collect();
        let difference = largest_difference(&pred_probs.select(Axis(1), &columns), &case.pred_probs.0);
        assert!(difference <= 1e-12, "{}: {difference:e}", case.name);
        assert_abs_diff_eq!(pred_probs.sum(), case.asked.0.nrows() as f64, epsilon = 1e-10);
        assert_eq!(model.predict(case.asked.0.view()).unwrap(), case.predicted, "{}", case.name);
    }
}

#[test]
fn fit_model_bad_options_are_refused() {
    let features = array![[0.0], [1.0]];
    let data = TrainingSet::new(features.view(), &[0, 1], 2).unwrap();
    for n_neighbors in [0, 3] {
        assert!(matches!(
            recipe(n_neighbors, NeighborWeights::Uniform).fit_model(&data),
            Err(LearningError::InvalidOption { option: "n_neighbors", value, .. }) if value == n_neighbors as f64
        ));
    }
    let weights = array![1.0, 2.0];
    let weighted = data.with_sample_weight(weights.view()).unwrap();
    let model = recipe(1, NeighborWeights::Uniform);
    assert!(!model.supports_sample_weight());
    assert!(matches!(model.fit_model(&weighted), Err(LearningError::WeightsUnsupported)));
    let huge = array![[0.0], [1e200]];
    let data = TrainingSet::new(huge.view(), &[0, 1], 2).unwrap();
    assert!(matches!(model.fit_model(&data), Err(LearningError::Neighbors(_))));
}

#[test]
fn predict_proba_bad_features_are_refused() {
    let features = array![[0.0], [1.0]];
    let data = TrainingSet::new(features.view(), &[0, 1], 2).unwrap();
    let model = recipe(1, NeighborWeights::Uniform).fit(&data).unwrap();
    assert!(matches!(
        model.predict_proba(array![[0.0, 1.0]].view()),
        Err(LearningError::FeatureCount { expected: 1, found: 2 })
    ));
    assert!(matches!(
        model.predict_proba(array![[f64::NAN]].view()),
        Err(LearningError::NonFiniteFeature { row: 0, column: 0, .. })
    ));
    assert!(matches!(model.predict_proba(array![[1e200]].view()), Err(LearningError::Neighbors(_))));
    assert_eq!(model.predict_proba(Array2::zeros((0, 1)).view()).unwrap().dim(), (0, 2));
}

#[test]
fn predict_proba_ties_take_the_first_rows() {
    // All four training rows are at the same distance from 0.
    let features = array![[1.0, 0.0], [0.0, 1.0], [-1.0, 0.0], [0.0, -1.0]];
    let data = TrainingSet::new(features.view(), &[2, 0, 1, 1], 3).unwrap();
    for weights in WEIGHTS {
        let asked =
            |k| recipe(k, weights).fit(&data).unwrap().predict_proba(array![[0.0, 0.0]].view()).unwrap();
        assert_eq!(asked(1), array![[0.0, 0.0, 1.0]]);
        assert_eq!(asked(2), array![[0.5, 0.0, 0.5]]);
        assert_eq!(asked(4), array![[0.25, 0.5, 0.25]]);
    }
    // Constant features: all distances are 0.
    let constant = Array2::from_elem((4, 2), 7.5);
    let data = TrainingSet::new(constant.view(), &[2, 0, 1, 1], 3).unwrap();
    for (weights, metric) in WEIGHTS.into_iter().flat_map(|w| [(w, Metric::Cosine), (w, Metric::Euclidean)]) {
        let model = recipe(3, weights).with_metric(metric).fit(&data).unwrap();
        let third = 1.0 / 3.0;
        assert_eq!(model.predict_proba(constant.view()).unwrap().row(0), array![third, third, third]);
    }
}

#[test]
fn predict_proba_distance_zero_leaves_others_out() {
    let features = array![[1.0, 2.0], [3.0, 6.0], [0.3, 0.6], [2.0, 1.0]];
    let data = TrainingSet::new(features.view(), &[0, 0, 1, 1], 2).unwrap();
    let asked = array![[0.7, 1.4], [2.0, 1.0]];
    let of = |metric| {
        let model = recipe(4, NeighborWeights::Distance).with_metric(metric).fit(&data).unwrap();
        model.predict_proba(asked.view()).unwrap()
    };
    // Three rows in the same direction count alike, whatever rounding leaves of their distance.
    let cosine = of(Metric::Cosine);
    assert_eq!(cosine.row(0), array![2.0 / 3.0, 1.0 / 3.0]);
    assert_eq!(cosine.row(1), array![0.0, 1.0]);
    assert_eq!(of(Metric::Euclidean).row(1), array![0.0, 1.0]);
}

#[test]
fn predict_proba_tiny_distances_do_not_overflow() {
    let features = array![[1e-150], [2e-150], [4e-150]];
    let data = TrainingSet::new(features.view(), &[0, 1, 1], 2).unwrap();
    let model = recipe(3, NeighborWeights::Distance).fit(&data).unwrap();
    let pred_probs = model.predict_proba(array![[0.0], [1e150]].view()).unwrap();
    assert_abs_diff_eq!(pred_probs.row(0), array![1.0 / 1.75, 0.75 / 1.75], epsilon = 1e-12);
    assert_abs_diff_eq!(pred_probs.row(1), array![1.0 / 3.0, 2.0 / 3.0], epsilon = 1e-12);
}

#[test]
fn cross_val_predict_more_neighbors_than_rows_names_the_fold() {
    let features = array![[0.0], [1.0], [2.0], [3.0]];
    let data = TrainingSet::new(features.view(), &[0, 1, 0, 1], 2).unwrap();
    let options = CrossValidationOptions::default().with_n_splits(2);
    let error = cross_val_predict(&KNearestNeighbors::default(), &data, &options).unwrap_err();
    let LearningError::Fold { fold: 0, source } = error else { panic!("{error}") };
    assert!(matches!(*source, LearningError::InvalidOption { option: "n_neighbors", value: 5.0, .. }));
}

#[test]
fn clean_learning_finds_wrong_labels_without_weights() {
    let features = Array2::from_shape_fn((60, 2), |(row, column)| {
        let noise = ((row * 7 + column * 13) as f64).sin();
        if row % 2 == 0 { noise } else { noise + 8.0 }
    });
    let labels: Vec<u32> = (0..60).map(|row| u32::from((row % 2 == 1) != (row % 15 == 4))).collect();
    let data = TrainingSet::new(features.view(), &labels, 2).unwrap();
    let model =
        CleanLearning::new(KNearestNeighbors::default()).fit(&data, &CleanLearningInputs::default()).unwrap();
    assert_eq!(model.get_label_issues().indices(), [4, 19, 34, 49]);
    assert!(model.get_label_issues().sample_weight.is_none());
    assert!(!model.issues().warnings.contains(&CleanLearningWarning::NoSampleWeights));
}

#[test]
fn predict_proba_any_number_of_threads_gives_the_same_bits() {
    let features = Array2::from_shape_fn((1500, 6), |(row, column)| ((row * 31 + column * 17) as f64).sin());
    let labels: Vec<u32> = (0..1500).map(|row| row % 4).collect();
    let data = TrainingSet::new(features.view(), &labels, 4).unwrap();
    let on = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| {
            let asked = &features + 0.01;
            recipe(9, NeighborWeights::Distance).fit(&data).unwrap().predict_proba(asked.view()).unwrap()
        })
    };
    let one = on(1);
    for threads in [2, 5] {
        assert_eq!(on(threads), one, "{threads} threads");
    }
}

prop_compose! {
    fn data()(
        n in 4_usize..40, p in 1_usize..5,
    )(
        features in prop::collection::vec(-3.0..3.0_f64, n * p),
        labels in prop::collection::vec(0..4_u32, n),
        k in 1..=n,
        p in Just(p),
    ) -> (Array2<f64>, Vec<u32>, usize) {
        (Array2::from_shape_vec((labels.len(), p), features).expect("n rows of p"), labels, k)
    }
}

proptest! {
    #[test]
    fn predict_proba_rows_sum_to_one_and_follow_the_classes((features, labels, k) in data()) {
        let renamed: Vec<u32> = labels.iter().map(|&label| 3 - label).collect();
        for (weights, metric) in WEIGHTS.into_iter().flat_map(|w| [(w, Metric::Cosine), (w, Metric::Euclidean)]) {
            let ask = |labels: &[u32]| {
                let data = TrainingSet::new(features.view(), labels, 5).unwrap();
                let model = recipe(k, weights).with_metric(metric).fit(&data).unwrap();
                model.predict_proba((&features + 0.5).view()).unwrap()
            };
            let pred_probs = ask(&labels);
            prop_assert!(pred_probs.iter().all(|p| (0.0..=1.0).contains(p)));
            prop_assert!(pred_probs.column(4).iter().all(|&p| p == 0.0));
            assert_abs_diff_eq!(pred_probs.sum_axis(Axis(1)), Array1::ones(labels.len()), epsilon = 1e-12);
            let others = ask(&renamed);
            for class in 0..4 {
                assert_abs_diff_eq!(pred_probs.column(class), others.column(3 - class), epsilon = 1e-12);
            }
        }
    }

    #[test]
    fn predict_proba_of_all_neighbors_is_the_share_of_classes((features, labels, _) in data()) {
        let data = TrainingSet::new(features.view(), &labels, 4).unwrap();
        let n = labels.len();
        let model = recipe(n, NeighborWeights::Uniform).fit(&data).unwrap();
        let shares: Array1<f64> = data.label_counts().iter().map(|&count| count as f64 / n as f64).collect();
        for row in model.predict_proba(features.view()).unwrap().rows() {
            assert_abs_diff_eq!(row, shares.view(), epsilon = 1e-15);
        }
    }
}
