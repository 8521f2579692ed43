//! Logistic regression is scikit-learn's, and obeys its laws.

#[allow(dead_code, reason = "each test file reads some of the recordings")]
mod recorded;

use approx::assert_abs_diff_eq;
use cleanlab_learning::{
    Classifier, FitWarning, FittedClassifier, Intercept, LearningError, LogisticRegression, TrainingSet,
};
use ndarray::{Array1, Array2, array};
use proptest::prelude::*;
use recorded::{Matrix, largest_difference};
use serde::Deserialize;

#[derive(Deserialize)]
struct Case {
    name: String,
    features: Matrix,
    labels: Vec<u32>,
    weights: Option<Vec<f64>>,
    c: f64,
    tol: f64,
    max_iter: usize,
    fit_intercept: bool,
    tolerance: f64,
    iterations: usize,
    classes: Vec<u32>,
    coefficients: Matrix,
    intercepts: Vec<f64>,
    pred_probs: Matrix,
}

#[test]
fn fit_model_recorded_cases_agree() {
    for case in recorded::cases::<Case>("logistic_regression") {
        let n_classes = case.classes.last().unwrap() + 1;
        let weights = case.weights.map(Array1::from);
        let mut data = TrainingSet::new(case.features.0.view(), &case.labels, n_classes as usize).unwrap();
        if let Some(weights) = &weights {
            data = data.with_sample_weight(weights.view()).unwrap();
        }
        let model = LogisticRegression::default()
            .with_c(case.c)
            .with_tolerance(case.tol)
            .with_max_iterations(case.max_iter)
            .with_intercept(if case.fit_intercept { Intercept::Fitted } else { Intercept::Zero })
            .fit_model(&data)
            .unwrap();
        assert_eq!(model.classes(), case.classes, "{}", case.name);
        let pred_probs = model.predict_proba(case.features.0.view()).unwrap();
        let columns: Vec<usize> = case.classes.iter().map(|&class| class as usize).collect();
        let present = pred_probs.select(ndarray::Axis(1), &columns);
        let difference = largest_difference(&present, &case.pred_probs.0);
        assert!(difference <= case.tolerance, "{}: {difference:e}", case.name);
        assert_abs_diff_eq!(present.sum(), pred_probs.sum(), epsilon = 1e-9);
        if case.tolerance > 1e-6 {
            // Where rounding errors are amplified, only probabilities can be compared.
            continue;
        }
        assert_eq!(model.iterations(), case.iterations, "{}", case.name);
        let difference = largest_difference(&model.coefficients().to_owned(), &case.coefficients.0);
        assert!(difference <= 10.0 * case.tolerance, "{}: coefficients {difference:e}", case.name);
        let intercepts = Array1::from(case.intercepts);
        assert_abs_diff_eq!(*model.intercepts(), intercepts, epsilon = 10.0 * case.tolerance);
        let stopped_early = model.iterations() == case.max_iter;
        assert_eq!(model.warnings().is_empty(), !stopped_early, "{}", case.name);
    }
}

#[test]
fn fit_model_stopped_early_warns() {
    let features = array![[0.0, 1.0], [1.0, 3.0], [2.0, 0.5], [3.0, -1.0]];
    let data = TrainingSet::new(features.view(), &[0, 1, 0, 1], 2).unwrap();
    let model = LogisticRegression::default().with_max_iterations(2).fit_model(&data).unwrap();
    let [FitWarning::IterationLimit { iterations: 2, gradient }] = model.warnings() else {
        panic!("{:?}", model.warnings());
    };
    assert!(*gradient > 1e-4);
}

#[test]
fn fit_model_bad_options_and_labels_are_refused() {
    let features = array![[0.0], [1.0]];
    let data = TrainingSet::new(features.view(), &[0, 1], 2).unwrap();
    let refused = |model: LogisticRegression| match model.fit_model(&data) {
        Err(LearningError::InvalidOption { option, .. }) => option,
        other => panic!("{other:?}"),
    };
    let model = LogisticRegression::default;
    assert_eq!(refused(model().with_c(0.0)), "c");
    assert_eq!(refused(model().with_c(f64::NAN)), "c");
    assert_eq!(refused(model().with_tolerance(-1.0)), "tolerance");
    assert_eq!(refused(model().with_tolerance(f64::INFINITY)), "tolerance");
    assert_eq!(refused(model().with_max_iterations(0)), "max_iterations");
    assert!(model().with_c(f64::INFINITY).with_max_iterations(3).fit_model(&data).is_ok());

    let one_class = TrainingSet::new(features.view(), &[1, 1], 2).unwrap();
    assert!(matches!(model().fit_model(&one_class), Err(LearningError::OneClass { class: 1 })));
}

#[test]
fn predict_proba_bad_features_are_refused() {
    let features = array![[0.0], [1.0]];
    let data = TrainingSet::new(features.view(), &[0, 1], 2).unwrap();
    let model = LogisticRegression::default().fit(&data).unwrap();
    assert!(matches!(
        model.predict_proba(array![[0.0, 1.0]].view()),
        Err(LearningError::FeatureCount { expected: 1, found: 2 })
    ));
    assert!(matches!(
        model.predict_proba(array![[0.0], [f64::NAN]].view()),
        Err(LearningError::NonFiniteFeature { row: 1, column: 0, .. })
    ));
    assert_eq!(model.predict_proba(Array2::zeros((0, 1)).view()).unwrap().dim(), (0, 2));
    assert_eq!(model.predict(array![[-9.0], [9.0]].view()).unwrap(), [0, 1]);
}

prop_compose! {
    /// Features, labels of up to `classes` classes with at least two of them, and weights that are whole numbers.
    fn data(classes: u32)(
        n in 6_usize..60, p in 1_usize..7,
    )(
        features in prop::collection::vec(-3.0..3.0_f64, n * p),
        labels in prop::collection::vec(0..classes, n),
        weights in prop::collection::vec(0_u32..4, n),
        p in Just(p),
    ) -> (Array2<f64>, Vec<u32>, Vec<u32>) {
        let (n, mut labels, mut weights) = (labels.len(), labels, weights);
        (labels[0], labels[1]) = (0, 1);
        (weights[0], weights[1]) = (1, 1);
        (Array2::from_shape_vec((n, p), features).expect("n rows of p"), labels, weights)
    }
}

fn tight() -> LogisticRegression {
    LogisticRegression::default().with_tolerance(1e-9).with_max_iterations(1000)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn predict_proba_rows_sum_to_one((features, labels, _) in data(9)) {
        let training = TrainingSet::new(features.view(), &labels, 9).unwrap();
        let pred_probs = LogisticRegression::default().fit_model(&training).unwrap().predict_proba(features.view()).unwrap();
        for row in pred_probs.rows() {
            assert_abs_diff_eq!(row.sum(), 1.0, epsilon = 1e-12);
        }
        prop_assert!(pred_probs.iter().all(|p| (0.0..=1.0).contains(p)));
    }

    #[test]
    fn fit_model_whole_weights_equal_repeated_rows((features, labels, weights) in data(4)) {
        let as_floats: Array1<f64> = weights.iter().map(|&weight| f64::from(weight)).collect();
        let training = TrainingSet::new(features.view(), &labels, 4).unwrap();
        let weighted = training.with_sample_weight(as_floats.view()).unwrap();
        let rows: Vec<usize> =
            weights.iter().enumerate().flat_map(|(row, &weight)| vec![row; weight as usize]).collect();
        let repeated_features = features.select(ndarray::Axis(0), &rows);
        let repeated_labels: Vec<u32> = rows.iter().map(|&row| labels[row]).collect();
        // A class all of whose weights are 0 would still be a class of the weighted model.
        prop_assume!((0..4).all(|class| labels.contains(&class) == repeated_labels.contains(&class)));
        let repeated = TrainingSet::new(repeated_features.view(), &repeated_labels, 4).unwrap();
        let a = tight().fit_model(&weighted).unwrap().predict_proba(features.view()).unwrap();
        let b = tight().fit_model(&repeated).unwrap().predict_proba(features.view()).unwrap();
        prop_assert!(largest_difference(&a, &b) < 1e-6);
    }

    #[test]
    fn fit_model_renamed_classes_are_renamed_in_the_predictions((features, labels, _) in data(5)) {
        let renamed: Vec<u32> = labels.iter().map(|&label| 4 - label).collect();
        let pred_probs = |labels: &[u32]| {
            let training = TrainingSet::new(features.view(), labels, 5).unwrap();
            tight().fit_model(&training).unwrap().predict_proba(features.view()).unwrap()
        };
        let mut expected = pred_probs(&renamed);
        expected.invert_axis(ndarray::Axis(1));
        prop_assert!(largest_difference(&pred_probs(&labels), &expected) < 1e-6);
    }

    #[test]
    fn fit_model_any_layout_of_features_gives_the_same_bits((features, labels, _) in data(3)) {
        let fortran = features.t().as_standard_layout().reversed_axes().to_owned();
        let coefficients = |features: &Array2<f64>| {
            let training = TrainingSet::new(features.view(), &labels, 3).unwrap();
            LogisticRegression::default().fit_model(&training).unwrap().coefficients().to_owned()
        };
        prop_assert_eq!(coefficients(&features), coefficients(&fortran));
    }

    /// The gradient vanishes at the optimum: coefficients are C times the sum of residuals times features.
    #[test]
    fn fit_model_tight_tolerance_meets_the_first_order_condition((features, labels, _) in data(4)) {
        let training = TrainingSet::new(features.view(), &labels, 4).unwrap();
        let model = tight().fit_model(&training).unwrap();
        let mut residuals = -model.predict_proba(features.view()).unwrap();
        for (row, &label) in labels.iter().enumerate() {
            residuals[[row, label as usize]] += 1.0;
        }
        let present = |matrix: &Array2<f64>| {
            let classes: Vec<usize> = match model.classes() {
                [_, second] => vec![*second as usize],
                all => all.iter().map(|&class| class as usize).collect(),
            };
            matrix.select(ndarray::Axis(1), &classes)
        };
        let stationary = present(&residuals).t().dot(&features);
        prop_assert!(largest_difference(&stationary, &model.coefficients().to_owned()) < 1e-5);
        prop_assert!(present(&residuals).sum_axis(ndarray::Axis(0)).iter().all(|sum| sum.abs() < 1e-5));
    }
}
