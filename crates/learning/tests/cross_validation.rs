//! Cross-validation is scikit-learn's, the estimators are cleanlab's, and nothing depends on the number of threads.

#[allow(dead_code, reason = "each test file reads some of the recordings")]
mod recorded;

use std::ops::ControlFlow;
use std::sync::{Arc, Mutex};

use approx::assert_abs_diff_eq;
use cleanlab_core::constants::FLOATING_POINT_COMPARISON;
use cleanlab_count::{ConfidentJointOptions, Convergence, PyMethod};
use cleanlab_learning::{
    Classifier, CrossValidationOptions, CrossValidationWarning, CvEstimationOptions, FitWarning,
    FittedClassifier, Folds, KFold, LearningError, LogisticRegression, RowOrder, SplitWarning, Splitter,
    TrainingSet, cross_val_predict, estimate_cv_predicted_probabilities, estimate_noise_matrices,
    estimate_py_noise_matrices_and_cv_pred_proba,
};
use ndarray::{Array1, Array2, ArrayView2, array};
use proptest::prelude::*;
use recorded::{Matrix, largest_difference};
use serde::Deserialize;

#[derive(Deserialize)]
struct CrossValidationCase {
    name: String,
    features: Matrix,
    labels: Vec<u32>,
    n_classes: usize,
    n_splits: usize,
    tolerance: f64,
    pred_probs: Matrix,
}

#[test]
fn cross_val_predict_recorded_cases_agree() {
    for case in recorded::cases::<CrossValidationCase>("cross_val_predict") {
        let data = TrainingSet::new(case.features.0.view(), &case.labels, case.n_classes).unwrap();
        let options = CrossValidationOptions::default().with_n_splits(case.n_splits);
        let result = cross_val_predict(&LogisticRegression::default(), &data, &options).unwrap();
        let difference = largest_difference(&result.pred_probs, &case.pred_probs.0);
        assert!(difference <= case.tolerance, "{}: {difference:e}", case.name);
        let absent = result
            .warnings
            .iter()
            .any(|warning| matches!(warning, CrossValidationWarning::AbsentClasses { classes, .. } if *classes == [3]));
        assert_eq!(absent, case.name == "class of one member");
    }
}

#[derive(Deserialize)]
struct EstimateCase {
    name: String,
    features: Matrix,
    labels: Vec<u32>,
    n_classes: usize,
    seed: u32,
    n_splits: usize,
    converge: bool,
    py_method: String,
    thresholds: Option<Vec<f64>>,
    tolerance: f64,
    pred_probs: Matrix,
    confident_joint: Matrix,
    py: Vec<f64>,
    noise_matrix: Matrix,
    inverse_noise_matrix: Matrix,
    iterated_noise_matrix: Matrix,
    iterated_inverse_noise_matrix: Matrix,
}

impl EstimateCase {
    fn options(&self) -> CvEstimationOptions {
        let options = CvEstimationOptions::default().with_seed(self.seed).with_n_splits(self.n_splits);
        match &self.thresholds {
            None => options,
            Some(thresholds) => {
                let thresholds = Array1::from(thresholds.clone());
                options.with_confident_joint(ConfidentJointOptions::default().with_thresholds(thresholds))
            }
        }
    }
}

#[test]
fn estimators_recorded_cases_agree() {
    for case in recorded::cases::<EstimateCase>("noise_estimates") {
        let data = TrainingSet::new(case.features.0.view(), &case.labels, case.n_classes).unwrap();
        let mut options = case.options();
        if case.py_method == "eqn" {
            options = options.with_py_method(PyMethod::Equation);
        }
        if case.converge {
            options = options.with_convergence(Convergence::Iterate);
        }
        let model = LogisticRegression::default();
        let estimates = estimate_py_noise_matrices_and_cv_pred_proba(&model, &data, &options).unwrap();
        let close = |what: &str, ours: &Array2<f64>, theirs: &Matrix| {
            let difference = largest_difference(ours, &theirs.0);
            assert!(difference <= case.tolerance, "{}, {what}: {difference:e}", case.name);
        };
        close("pred_probs", &estimates.out_of_sample.pred_probs, &case.pred_probs);
        assert_eq!(
            estimates.confident_joint.counts().mapv(|count| count as f64),
            case.confident_joint.0,
            "{}",
            case.name
        );
        assert_abs_diff_eq!(estimates.latent.py, Array1::from(case.py.clone()), epsilon = case.tolerance);
        close("noise_matrix", &estimates.latent.noise_matrix, &case.noise_matrix);
        close("inverse", &estimates.latent.inverse_noise_matrix, &case.inverse_noise_matrix);
        let noise = estimate_noise_matrices(&model, &data, &case.options()).unwrap();
        close("iterated noise_matrix", &noise.noise_matrix, &case.iterated_noise_matrix);
        close("iterated inverse", &noise.inverse_noise_matrix, &case.iterated_inverse_noise_matrix);
    }
}

/// Two well-separated classes, and a third with a single member, at row 4.
fn lonely_class() -> (Array2<f64>, [u32; 10]) {
    let features = Array2::from_shape_fn((10, 1), |(row, _)| row as f64 - 4.5);
    (features, [0, 0, 0, 0, 2, 1, 1, 1, 1, 1])
}

#[test]
fn estimate_cv_predicted_probabilities_lonely_row_is_borrowed_and_reported() {
    let (features, labels) = lonely_class();
    let data = TrainingSet::new(features.view(), &labels, 3).unwrap();
    let options = CvEstimationOptions::default().with_n_splits(4);
    let result =
        estimate_cv_predicted_probabilities(&LogisticRegression::default(), &data, &options).unwrap();
    assert_eq!(result.pred_probs.row(4), array![0.0, 0.0, 1.0]);
    let smallest = SplitWarning::SmallClass { class: 2, members: 1, n_splits: 4 };
    assert_eq!(result.warnings[0], CrossValidationWarning::Split(smallest));
    assert!(matches!(result.warnings[1], CrossValidationWarning::BorrowedRow { class: 2, row: 4, .. }));
    assert_eq!(result.warnings.len(), 2);
}

#[test]
fn cross_val_predict_class_without_rows_gets_a_column_of_zeros() {
    let features = Array2::from_shape_fn((8, 1), |(row, _)| row as f64);
    let data = TrainingSet::new(features.view(), &[0, 0, 0, 0, 2, 2, 2, 2], 4).unwrap();
    let options = CrossValidationOptions::default().with_n_splits(2);
    let result = cross_val_predict(&LogisticRegression::default(), &data, &options).unwrap();
    assert!(result.pred_probs.column(1).iter().chain(result.pred_probs.column(3)).all(|&p| p == 0.0));
    assert!(result.warnings.is_empty());
}

/// Predicts what it was made with, for as many rows as it is asked about.
struct Recites(fn(rows: usize) -> Array2<f64>);

impl Classifier for Recites {
    fn fit(&self, _training: &TrainingSet<'_>) -> Result<Box<dyn FittedClassifier>, LearningError> {
        Ok(Box::new(Recites(self.0)))
    }
}

impl FittedClassifier for Recites {
    fn n_classes(&self) -> usize {
        2
    }
    fn predict_proba(&self, features: ArrayView2<'_, f64>) -> Result<Array2<f64>, LearningError> {
        Ok((self.0)(features.nrows()))
    }
    fn warnings(&self) -> &[FitWarning] {
        &[]
    }
}

fn source_of(error: LearningError, expected_fold: usize) -> LearningError {
    match error {
        LearningError::Fold { fold, source } if fold == expected_fold => *source,
        other => panic!("{other:?}"),
    }
}

#[test]
fn cross_val_predict_wrong_predictions_name_fold_and_row() {
    let features = Array2::from_shape_fn((6, 1), |(row, _)| row as f64);
    let data = TrainingSet::new(features.view(), &[0, 1, 0, 1, 0, 1], 2).unwrap();
    // Fold 0 holds out rows 1 and 3, fold 1 the others.
    let folds = Folds::from_test_folds(vec![1, 0, 1, 0, 1, 1]).unwrap();
    let options = CrossValidationOptions::default().with_splitter(Splitter::Folds(folds));
    let run = |predictions| cross_val_predict(&Recites(predictions), &data, &options);

    let error = run(|rows| Array2::zeros((rows, 3))).unwrap_err();
    assert!(matches!(
        source_of(error, 0),
        LearningError::PredictedShape { rows: 2, columns: 3, expected_rows: 2, expected_columns: 2 }
    ));
    let error = run(|rows| {
        let mut predictions = Array2::from_elem((rows, 2), 0.5);
        if rows == 2 {
            predictions[[1, 0]] = f64::NAN;
        }
        predictions
    })
    .unwrap_err();
    assert!(error.to_string().starts_with("fold 0: the classifier predicted NaN for row 3, class 0"));
    let error = run(|rows| {
        let mut predictions = Array2::from_elem((rows, 2), 0.5);
        if rows == 4 {
            predictions[[3, 1]] = 1.1;
        }
        predictions
    })
    .unwrap_err();
    assert!(matches!(source_of(error, 1), LearningError::NotAProbability { row: 5, column: 1, value: 1.1 }));
    assert!(run(|rows| Array2::from_elem((rows, 2), 1.0 + 0.5 * FLOATING_POINT_COMPARISON)).is_ok());
}

#[test]
fn cross_val_predict_first_failing_fold_is_reported() {
    let features = Array2::from_shape_fn((12, 1), |(row, _)| row as f64);
    let labels = [0, 0, 0, 0, 1, 1, 1, 1, 0, 1, 0, 1];
    let data = TrainingSet::new(features.view(), &labels, 2).unwrap();
    let options = CrossValidationOptions::default().with_splitter(Splitter::KFold(KFold::new(12)));
    for _ in 0..20 {
        let error = cross_val_predict(&Recites(|_| array![[f64::NAN, 0.0]]), &data, &options).unwrap_err();
        assert!(matches!(source_of(error, 0), LearningError::NotAProbability { row: 0, .. }));
    }
}

#[test]
fn cross_val_predict_fold_of_one_class_is_an_error() {
    let features = Array2::from_shape_fn((4, 1), |(row, _)| row as f64);
    let data = TrainingSet::new(features.view(), &[0, 0, 1, 1], 2).unwrap();
    let options = CrossValidationOptions::default().with_splitter(Splitter::KFold(KFold::new(2)));
    let error = cross_val_predict(&LogisticRegression::default(), &data, &options).unwrap_err();
    assert!(matches!(source_of(error, 0), LearningError::OneClass { class: 1 }));
}

#[test]
fn cross_val_predict_folds_of_other_rows_are_refused() {
    let features = Array2::zeros((4, 1));
    let data = TrainingSet::new(features.view(), &[0, 0, 1, 1], 2).unwrap();
    let folds = KFold::new(2).split(5).unwrap();
    let options = CrossValidationOptions::default().with_splitter(Splitter::Folds(folds));
    assert!(matches!(
        cross_val_predict(&LogisticRegression::default(), &data, &options),
        Err(LearningError::FoldRows { folds: 5, rows: 4 })
    ));
}

#[test]
fn cross_val_predict_weights_reach_the_classifier_or_are_refused() {
    let (features, labels) = lonely_class();
    let weights = Array1::from_elem(10, 2.0);
    let data = TrainingSet::new(features.view(), &labels, 3).unwrap();
    let weighted = data.with_sample_weight(weights.view()).unwrap();
    let options = CrossValidationOptions::default().with_n_splits(4);
    assert!(matches!(
        cross_val_predict(&Recites(|rows| Array2::zeros((rows, 3))), &weighted, &options),
        Err(LearningError::WeightsUnsupported)
    ));
    // Every row twice is C twice as large.
    let doubled = LogisticRegression::default().with_tolerance(1e-9);
    let with_weights = cross_val_predict(&doubled, &weighted, &options).unwrap().pred_probs;
    let with_c = cross_val_predict(&doubled.clone().with_c(2.0), &data, &options).unwrap().pred_probs;
    assert_abs_diff_eq!(with_weights, with_c, epsilon = 1e-9);
}

#[test]
fn with_progress_every_fold_is_counted_and_a_break_stops() {
    let (features, labels) = lonely_class();
    let data = TrainingSet::new(features.view(), &labels, 3).unwrap();
    let seen = Arc::new(Mutex::new(Vec::new()));
    let options = CvEstimationOptions::default().with_n_splits(4).with_progress({
        let seen = Arc::clone(&seen);
        Arc::new(move |progress| {
            seen.lock().unwrap().push((progress.done, progress.total));
            ControlFlow::Continue(())
        })
    });
    estimate_cv_predicted_probabilities(&LogisticRegression::default(), &data, &options).unwrap();
    assert_eq!(*seen.lock().unwrap(), [(0, 4), (1, 4), (2, 4), (3, 4), (4, 4)]);

    let options = options.with_progress(Arc::new(|progress| {
        if progress.done == 1 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }));
    let one_thread = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    let error = one_thread
        .install(|| estimate_cv_predicted_probabilities(&LogisticRegression::default(), &data, &options))
        .unwrap_err();
    assert!(matches!(error, LearningError::Cancelled { done: 1, total: 4 }));
}

#[test]
fn with_progress_break_after_the_last_fold_changes_nothing() {
    let (features, labels) = lonely_class();
    let data = TrainingSet::new(features.view(), &labels, 3).unwrap();
    let options = CrossValidationOptions::default().with_n_splits(4).with_progress(Arc::new(|progress| {
        if progress.done == progress.total { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }));
    assert!(cross_val_predict(&LogisticRegression::default(), &data, &options).is_ok());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn cross_val_predict_any_number_of_threads_gives_the_same_bits(
        features in prop::collection::vec(-2.0..2.0_f64, 600), classes in 2_u32..12, seed in any::<u32>(),
    ) {
        let features = Array2::from_shape_vec((200, 3), features).unwrap();
        let labels: Vec<u32> = (0..200).map(|row| (row * row + row / 7) % classes).collect();
        let data = TrainingSet::new(features.view(), &labels, classes as usize).unwrap();
        let folds = KFold::new(5).with_row_order(RowOrder::Shuffled { seed });
        let options = CrossValidationOptions::default().with_splitter(Splitter::KFold(folds));
        let run = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| cross_val_predict(&LogisticRegression::default(), &data, &options)).unwrap()
        };
        let bits = |values: &Array2<f64>| values.iter().map(|value| value.to_bits()).collect::<Vec<_>>();
        let one = run(1);
        for threads in [2, 4] {
            let many = run(threads);
            prop_assert_eq!(bits(&one.pred_probs), bits(&many.pred_probs));
            prop_assert_eq!(&one.warnings, &many.warnings);
        }
    }
}
