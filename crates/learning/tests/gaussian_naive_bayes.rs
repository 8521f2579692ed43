//! Gaussian naive Bayes is scikit-learn's, and obeys its laws.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[allow(dead_code, reason = "each test file reads some of the recordings")]
mod recorded;

use approx::{assert_abs_diff_eq, assert_relative_eq};
use cleanlab_learning::{Classifier, FittedClassifier, GaussianNaiveBayes, LearningError, TrainingSet};
use ndarray::{Array1, Array2, Axis, array, concatenate};
use proptest::prelude::*;
use recorded::{Matrix, largest_difference};
use serde::Deserialize;

#[derive(Deserialize)]
struct Case {
    name: String,
    features: Matrix,
    labels: Vec<u32>,
    weights: Option<Vec<f64>>,
    var_smoothing: f64,
    priors: Option<Vec<f64>>,
    classes: Vec<u32>,
    class_priors: Vec<f64>,
    means: Matrix,
    variances: Matrix,
    asked: Matrix,
    pred_probs: Matrix,
}

#[test]
fn fit_model_recorded_cases_agree() {
    for case in recorded::cases::<Case>("gaussian_naive_bayes") {
        let n_classes = case.classes.last().unwrap() + 1;
        let weights = case.weights.map(Array1::from);
        let mut data = TrainingSet::new(case.features.0.view(), &case.labels, n_classes as usize).unwrap();
        if let Some(weights) = &weights {
            data = data.with_sample_weight(weights.view()).unwrap();
        }
        let model = GaussianNaiveBayes::default()
            .with_var_smoothing(case.var_smoothing)
            .with_priors(case.priors.map(Array1::from))
            .fit_model(&data)
            .unwrap();
        // scikit-learn keeps a class all of whose rows have weight 0, and gives it probability 0.
        let kept: Vec<usize> =
            (0..case.classes.len()).filter(|&at| model.classes().contains(&case.classes[at])).collect();
        assert_eq!(kept.len(), model.classes().len(), "{}", case.name);
        let of_kept = |matrix: &Matrix| matrix.0.select(Axis(0), &kept);
        assert_abs_diff_eq!(
            model.priors().to_owned(),
            Array1::from(case.class_priors).select(Axis(0), &kept),
            epsilon = 1e-12
        );
        assert_relative_eq!(model.means(), of_kept(&case.means), max_relative = 1e-12, epsilon = 1e-14);
        assert_relative_eq!(model.variances(), of_kept(&case.variances), max_relative = 1e-9);
        let pred_probs = model.predict_proba(case.asked.0.view()).unwrap();
        let columns: Vec<usize> = case.classes.iter().map(|&class| class as usize).collect();
        let difference = largest_difference(&pred_probs.select(Axis(1), &columns), &case.pred_probs.0);
        assert!(difference <= 1e-9, "{}: {difference:e}", case.name);
        assert_abs_diff_eq!(pred_probs.sum(), case.asked.0.nrows() as f64, epsilon = 1e-9);
    }
}

#[test]
fn fit_model_bad_options_are_refused() {
    let features = array![[0.0], [1.0]];
    let data = TrainingSet::new(features.view(), &[0, 1], 3).unwrap();
    let refused = |model: GaussianNaiveBayes| match model.fit_model(&data) {
        Err(LearningError::InvalidOption { option, value, .. }) => (option, value),
        other => panic!("{other:?}"),
    };
    let model = GaussianNaiveBayes::default;
    assert_eq!(refused(model().with_var_smoothing(-1.0)), ("var_smoothing", -1.0));
    assert_eq!(refused(model().with_var_smoothing(f64::INFINITY)).0, "var_smoothing");
    assert_eq!(refused(model().with_priors(Some(array![0.5, 0.5]))), ("priors", 2.0));
    assert_eq!(refused(model().with_priors(Some(array![1.5, -0.5, 0.0]))), ("priors", 1.5));
    assert_eq!(refused(model().with_priors(Some(array![f64::NAN, 0.5, 0.5]))).0, "priors");
    assert_eq!(refused(model().with_priors(Some(array![0.25, 0.25, 0.25]))), ("priors", 0.75));
    assert_eq!(refused(model().with_priors(Some(array![0.0, 0.0, 1.0]))), ("priors", 0.0));
    assert!(model().with_priors(Some(array![0.5, 0.25, 0.25])).fit_model(&data).is_ok());
}

#[test]
fn predict_proba_bad_features_are_refused() {
    let features = array![[0.0], [1.0]];
    let data = TrainingSet::new(features.view(), &[0, 1], 2).unwrap();
    let model = GaussianNaiveBayes::default().fit(&data).unwrap();
    assert!(matches!(
        model.predict_proba(array![[0.0, 1.0]].view()),
        Err(LearningError::FeatureCount { expected: 1, found: 2 })
    ));
    assert!(matches!(
        model.predict_proba(array![[f64::NAN]].view()),
        Err(LearningError::NonFiniteFeature { row: 0, column: 0, .. })
    ));
    assert_eq!(model.predict_proba(Array2::zeros((0, 1)).view()).unwrap().dim(), (0, 2));
}

#[test]
fn predict_proba_constant_features_gives_the_priors() {
    let features = Array2::from_elem((4, 3), 7.5);
    let data = TrainingSet::new(features.view(), &[0, 0, 0, 2], 3).unwrap();
    for var_smoothing in [0.0, 1e-9] {
        let model = GaussianNaiveBayes::default().with_var_smoothing(var_smoothing).fit(&data).unwrap();
        let pred_probs = model.predict_proba(array![[7.5, 7.5, 7.5], [0.0, 1e300, -4.0]].view()).unwrap();
        assert_abs_diff_eq!(pred_probs, array![[0.75, 0.0, 0.25], [0.75, 0.0, 0.25]], epsilon = 1e-12);
    }
}

#[test]
fn predict_proba_far_from_all_classes_gives_the_limit() {
    let features = array![[-1.0], [1.0], [8.0], [12.0]];
    let data = TrainingSet::new(features.view(), &[0, 0, 1, 1], 2).unwrap();
    let model = GaussianNaiveBayes::default().fit(&data).unwrap();
    // The standard deviation of class 1 is twice that of class 0: far away on either side it is the nearer one.
    for x in [1e150, -1e200, 1e308, -f64::MAX] {
        assert_eq!(model.predict_proba(array![[x]].view()).unwrap(), array![[0.0, 1.0]]);
    }
}

#[test]
fn predict_proba_scaled_features_gives_the_same() {
    let features = array![[1.0, 5.0], [2.0, 4.0], [1.5, 6.0], [3.0, 9.0], [4.0, 7.0], [3.5, 8.0]];
    let weights = array![1.0, 2.0, 0.5, 1.0, 1.0, 3.0];
    let pred_probs = |scale: f64, weight: f64| {
        let (features, weights) = (&features * scale, &weights * weight);
        let data = TrainingSet::new(features.view(), &[0, 0, 0, 1, 1, 1], 2).unwrap();
        let data = data.with_sample_weight(weights.view()).unwrap();
        let model = GaussianNaiveBayes::default().fit_model(&data).unwrap();
        assert!(model.means().iter().all(|mean| (1.0..9.0).contains(&(mean / scale))));
        model.predict_proba((array![[2.4, 6.4], [2.0, 6.9]] * scale).view()).unwrap()
    };
    let expected = pred_probs(1.0, 1.0);
    assert!(expected.iter().all(|p| *p > 1e-4));
    for (scale, weight) in [(1e300, 1.0), (1e-300, 1.0), (1.0, 1e300), (1.0, 1e-300), (1e-150, 1e200)] {
        assert_abs_diff_eq!(pred_probs(scale, weight), expected, epsilon = 1e-12);
    }
    // Digits are lost among the smallest numbers, but it stays a model.
    let tiny = &features * f64::from_bits(1);
    let data = TrainingSet::new(tiny.view(), &[0, 0, 0, 1, 1, 1], 2).unwrap();
    let model = GaussianNaiveBayes::default().fit(&data).unwrap();
    assert_eq!(model.predict(tiny.view()).unwrap(), [0, 0, 0, 1, 1, 1]);
    assert!(model.predict_proba(array![[1e300, -1e300]].view()).unwrap().iter().all(|p| !p.is_nan()));
}

prop_compose! {
    fn data()(
        n in 4_usize..40, p in 1_usize..5,
    )(
        features in prop::collection::vec(-3.0..3.0_f64, n * p),
        labels in prop::collection::vec(0..4_u32, n),
        weights in prop::collection::vec(0_u32..4, n),
        p in Just(p),
    ) -> (Array2<f64>, Vec<u32>, Vec<u32>) {
        let (n, mut weights) = (labels.len(), weights);
        weights[0] = 1;
        (Array2::from_shape_vec((n, p), features).expect("n rows of p"), labels, weights)
    }
}

fn pred_probs(features: &Array2<f64>, labels: &[u32], asked: &Array2<f64>) -> Array2<f64> {
    // Enough smoothing that a class of one row, or of a few, does not amplify rounding errors.
    let training = TrainingSet::new(features.view(), labels, 4).unwrap();
    let model = GaussianNaiveBayes::default().with_var_smoothing(1e-2).fit(&training).unwrap();
    model.predict_proba(asked.view()).unwrap()
}

proptest! {
    #[test]
    fn predict_proba_rows_sum_to_one_in_range((features, labels, _) in data(), scale in -300..300_i32) {
        let scaled = &features * 10.0_f64.powi(scale);
        let asked = concatenate![Axis(0), features, scaled];
        for features in [&features, &scaled] {
            let training = TrainingSet::new(features.view(), &labels, 5).unwrap();
            let pred_probs = GaussianNaiveBayes::default().fit(&training).unwrap().predict_proba(asked.view()).unwrap();
            prop_assert!(pred_probs.iter().all(|p| (0.0..=1.0).contains(p)));
            prop_assert!(pred_probs.column(4).iter().all(|&p| p == 0.0));
            for row in pred_probs.rows() {
                assert_abs_diff_eq!(row.sum(), 1.0, epsilon = 1e-12);
            }
        }
    }

    /// All but the smoothing, which takes the unweighted variance.
    #[test]
    fn naive_bayes_whole_weights_equal_repeated_rows((features, labels, weights) in data()) {
        let as_floats: Array1<f64> = weights.iter().map(|&weight| f64::from(weight)).collect();
        let training = TrainingSet::new(features.view(), &labels, 4).unwrap();
        let weighted = training.with_sample_weight(as_floats.view()).unwrap();
        let rows: Vec<usize> =
            weights.iter().enumerate().flat_map(|(row, &weight)| vec![row; weight as usize]).collect();
        let repeated_features = features.select(Axis(0), &rows);
        let repeated_labels: Vec<u32> = rows.iter().map(|&row| labels[row]).collect();
        let repeated = TrainingSet::new(repeated_features.view(), &repeated_labels, 4).unwrap();
        let model = GaussianNaiveBayes::default().with_var_smoothing(0.0);
        let (a, b) = (model.fit_model(&weighted).unwrap(), model.fit_model(&repeated).unwrap());
        prop_assert_eq!(a.classes(), b.classes());
        assert_abs_diff_eq!(a.priors(), b.priors(), epsilon = 1e-14);
        assert_abs_diff_eq!(a.means(), b.means(), epsilon = 1e-13);
        assert_abs_diff_eq!(a.variances(), b.variances(), epsilon = 1e-12);
    }

    #[test]
    fn fit_naive_bayes_renamed_classes_are_renamed_in_the_predictions((features, labels, _) in data()) {
        let renamed: Vec<u32> = labels.iter().map(|&label| 3 - label).collect();
        let mut expected = pred_probs(&features, &renamed, &features);
        expected.invert_axis(Axis(1));
        prop_assert!(largest_difference(&pred_probs(&features, &labels, &features), &expected) < 1e-12);
    }

    #[test]
    fn fit_model_permuted_rows_give_the_same((features, labels, _) in data()) {
        let backwards: Vec<usize> = (0..labels.len()).rev().collect();
        let permuted_labels: Vec<u32> = backwards.iter().map(|&row| labels[row]).collect();
        let permuted = pred_probs(&features.select(Axis(0), &backwards), &permuted_labels, &features);
        prop_assert!(largest_difference(&pred_probs(&features, &labels, &features), &permuted) < 1e-9);
    }
}
