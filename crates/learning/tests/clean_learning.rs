//! What `CleanLearning` does with good, odd and impossible input.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::ops::ControlFlow;
use std::sync::Arc;

use cleanlab_core::{LabeledProbs, Labels, PredProbs, RandomState};
use cleanlab_count::{ConfidentJoint, CountError};
use cleanlab_filter::{FilterBy, FilterError, FindLabelIssuesOptions, find_label_issues};
use cleanlab_learning::{
    Classifier, CleanLearning, CleanLearningInputs, CleanLearningWarning, CrossValidationOptions,
    CrossValidationWarning, FittedClassifier, GivenLabelIssues, LabelIssuesTable, LearningError,
    LogisticRegression, MemoryUse, TrainingSet, ValidationRows, cross_val_predict,
};
use ndarray::{Array1, Array2, ArrayView2, array};
use proptest::prelude::*;

/// Classes that lie apart along the first feature, with every tenth label wrong.
fn blobs(n: usize, k: usize, seed: u32) -> (Array2<f64>, Vec<u32>) {
    let mut stream = RandomState::new(seed);
    let features = Array2::from_shape_fn((n, 2), |(row, column)| {
        stream.standard_normal() * 0.3 + if column == 0 { (row % k) as f64 * 2.0 - k as f64 } else { 0.0 }
    });
    let labels = (0..n).map(|row| ((row + usize::from(row % 10 == 9)) % k) as u32).collect();
    (features, labels)
}

fn recipe() -> CleanLearning {
    CleanLearning::new(LogisticRegression::default())
}

fn nothing<'a>() -> CleanLearningInputs<'a> {
    CleanLearningInputs::default()
}

/// A model that does what a test wants.
#[derive(Clone)]
struct Scripted {
    /// Gives the probabilities of rows, by their features and the number of classes.
    probabilities: fn(ArrayView2<'_, f64>, usize) -> Result<Array2<f64>, LearningError>,
    /// Overrides the predicted class of every row.
    class: Option<u32>,
    validated: bool,
}

struct FittedScripted(Scripted, usize);

impl Classifier for Scripted {
    fn fit(&self, training: &TrainingSet<'_>) -> Result<Box<dyn FittedClassifier>, LearningError> {
        if self.validated {
            return Err(LearningError::classifier("there must be rows to validate on"));
        }
        Ok(Box::new(FittedScripted(self.clone(), training.n_classes())))
    }
    fn fit_with_validation(
        &self,
        training: &TrainingSet<'_>,
        validation: &TrainingSet<'_>,
    ) -> Result<Box<dyn FittedClassifier>, LearningError> {
        assert!(validation.n_rows() > 0 && validation.n_rows() < training.n_rows());
        Ok(Box::new(FittedScripted(self.clone(), training.n_classes())))
    }
}

impl FittedClassifier for FittedScripted {
    fn n_classes(&self) -> usize {
        self.1
    }
    fn predict_proba(&self, features: ArrayView2<'_, f64>) -> Result<Array2<f64>, LearningError> {
        (self.0.probabilities)(features, self.1)
    }
    fn predict(&self, features: ArrayView2<'_, f64>) -> Result<Vec<u32>, LearningError> {
        Ok(vec![self.0.class.unwrap_or(0); features.nrows()])
    }
}

#[allow(clippy::unnecessary_wraps, reason = "it stands where a model may fail")]
fn even(features: ArrayView2<'_, f64>, k: usize) -> Result<Array2<f64>, LearningError> {
    Ok(Array2::from_elem((features.nrows(), k), 1.0 / k as f64))
}

fn scripted(probabilities: fn(ArrayView2<'_, f64>, usize) -> Result<Array2<f64>, LearningError>) -> Scripted {
    Scripted { probabilities, class: None, validated: false }
}

fn found_error(classifier: impl Classifier + 'static) -> LearningError {
    let (features, labels) = blobs(30, 2, 1);
    let data = TrainingSet::new(features.view(), &labels, 2).unwrap();
    CleanLearning::new(classifier).find_label_issues(&data, &nothing()).unwrap_err()
}

#[test]
fn fit_wrong_labels_are_left_out_and_weighed_for() {
    let (features, labels) = blobs(200, 3, 4);
    let data = TrainingSet::new(features.view(), &labels, 3).unwrap();
    let model = recipe().fit(&data, &nothing()).unwrap();
    let wrong: Vec<usize> = (0..200).filter(|row| row % 10 == 9).collect();
    let table = model.get_label_issues();
    assert_eq!(table.indices(), wrong);
    assert_eq!(table.n_issues() + table.clean_rows().len(), table.n_rows());
    let weights = table.sample_weight.as_ref().unwrap();
    let noise = &model.issues().noise.as_ref().unwrap().noise_matrix;
    for (row, &weight) in weights.iter().enumerate() {
        let label = labels[row] as usize;
        let expected = if row % 10 == 9 { 0.0 } else { 1.0 / noise[[label, label]] };
        assert_eq!(weight, expected, "row {row}");
    }
    assert!(weights.iter().any(|&weight| weight > 1.0));
    let truth: Vec<u32> = (0..200).map(|row| row % 3).collect();
    assert_eq!(model.predict(features.view()).unwrap(), truth);
    assert_eq!(model.issues().pred_probs.as_ref().unwrap().dim(), (200, 3));
    let plain = model.save_space();
    assert_eq!(plain.predict(features.view()).unwrap(), truth);
}

#[test]
fn fit_given_issues_equals_finding_them() {
    let (features, labels) = blobs(120, 3, 7);
    let data = TrainingSet::new(features.view(), &labels, 3).unwrap();
    let whole = recipe().fit(&data, &nothing()).unwrap();
    let issues = recipe().find_label_issues(&data, &nothing()).unwrap();
    let probabilities =
        |model: &cleanlab_learning::FittedCleanLearning| model.predict_proba(features.view()).unwrap();
    let again = recipe().fit_with_label_issues(&data, GivenLabelIssues::Found(&issues), &nothing()).unwrap();
    assert_eq!(probabilities(&again), probabilities(&whole));
    assert_eq!(again.get_label_issues(), whole.get_label_issues());
    // A noise matrix of the caller's weighs as the estimate does; the mask alone cannot.
    let mask = GivenLabelIssues::Mask(issues.table.is_label_issue.view());
    let noise = &issues.noise.as_ref().unwrap().noise_matrix;
    let with_matrix = nothing().with_noise_matrix(noise.view());
    let weighed = recipe().fit_with_label_issues(&data, mask, &with_matrix).unwrap();
    assert_eq!(probabilities(&weighed), probabilities(&whole));
    let unweighed = recipe().fit_with_label_issues(&data, mask, &nothing()).unwrap();
    assert_eq!(unweighed.issues().warnings, [CleanLearningWarning::NoSampleWeights]);
    assert!(unweighed.get_label_issues().sample_weight.is_none());
    assert_ne!(probabilities(&unweighed), probabilities(&whole));
}

#[test]
fn fit_given_weights_take_the_place_of_automatic_ones() {
    let (features, labels) = blobs(120, 2, 8);
    let weights = Array1::from_shape_fn(120, |row| 1.0 + (row % 3) as f64);
    let data = TrainingSet::new(features.view(), &labels, 2).unwrap();
    let weighted = data.with_sample_weight(weights.view()).unwrap();
    let model = recipe().fit(&weighted, &nothing()).unwrap();
    assert!(model.get_label_issues().sample_weight.is_none());
    // They play no part in finding the issues.
    let issues = recipe().find_label_issues(&data, &nothing()).unwrap();
    assert_eq!(model.get_label_issues().label_quality, issues.table.label_quality);
    let error = CleanLearning::new(scripted(even)).fit(&weighted, &nothing()).unwrap_err();
    assert!(matches!(error, LearningError::WeightsUnsupported));
    let other_final = CleanLearning::new(scripted(even)).with_final_classifier(LogisticRegression::default());
    assert!(other_final.fit(&weighted, &nothing()).is_ok());
}

#[test]
fn fit_small_class_is_a_warning() {
    let (mut features, mut labels) = blobs(60, 2, 9);
    features[[0, 0]] = 9.0;
    features[[1, 0]] = 9.0;
    (labels[0], labels[1]) = (2, 2);
    let data = TrainingSet::new(features.view(), &labels, 3).unwrap();
    let model = recipe().fit(&data, &nothing()).unwrap();
    let is_split = |warning: &CleanLearningWarning| {
        matches!(warning, CleanLearningWarning::CrossValidation(CrossValidationWarning::Split(_)))
    };
    assert!(model.issues().warnings.iter().any(is_split), "{:?}", model.issues().warnings);
    assert!(
        model.issues().warnings.iter().any(|warning| matches!(warning, CleanLearningWarning::Filter(_))),
        "classes of 10 rows and fewer are left alone"
    );
}

#[test]
fn fit_odd_features_work() {
    // More features than rows, and all of them constant but one.
    let features =
        Array2::from_shape_fn(
            (30, 40),
            |(row, column)| {
                if column == 0 { (row % 2) as f64 } else { column as f64 }
            },
        );
    let labels: Vec<u32> = (0..30).map(|row| row % 2).collect();
    let data = TrainingSet::new(features.view(), &labels, 2).unwrap();
    assert_eq!(recipe().fit(&data, &nothing()).unwrap().score(&data).unwrap(), 1.0);
    let constant = Array2::from_elem((30, 3), 2.5);
    let data = TrainingSet::new(constant.view(), &labels, 2).unwrap();
    assert_eq!(recipe().fit(&data, &nothing()).unwrap().score(&data).unwrap(), 0.5);
}

#[test]
fn fit_class_pruned_away_is_told() {
    let (features, labels) = blobs(30, 3, 2);
    let data = TrainingSet::new(features.view(), &labels, 3).unwrap();
    let of_class_1: Vec<usize> = (0..30).filter(|&row| labels[row] == 1).collect();
    let model =
        recipe().fit_with_label_issues(&data, GivenLabelIssues::Indices(&of_class_1), &nothing()).unwrap();
    let expected = CleanLearningWarning::ClassesPrunedAway { classes: vec![1] };
    assert!(model.issues().warnings.contains(&expected));
    assert_eq!(model.predict_proba(features.view()).unwrap().column(1).sum(), 0.0);
}

#[test]
fn find_label_issues_bad_classifier_names_the_fold() {
    let failing = scripted(|_, _| Err(LearningError::classifier("out of order")));
    let error = found_error(failing);
    assert_eq!(error.to_string(), "fold 0: the classifier failed: out of order");
    let nan = found_error(scripted(|rows, k| Ok(Array2::from_elem((rows.nrows(), k), f64::NAN))));
    let LearningError::Fold { fold: 0, source } = nan else { panic!("{nan}") };
    assert!(matches!(*source, LearningError::NotAProbability { column: 0, .. }));
    let one_class_more = found_error(scripted(|rows, k| even(rows, k + 1)));
    let LearningError::Fold { fold: 0, source } = one_class_more else { panic!("{one_class_more}") };
    assert!(matches!(*source, LearningError::PredictedShape { columns: 3, expected_columns: 2, .. }));
}

#[test]
fn predict_bad_final_model_is_refused() {
    let (features, labels) = blobs(30, 2, 1);
    let data = TrainingSet::new(features.view(), &labels, 2).unwrap();
    let with_final =
        |classifier: Scripted| recipe().with_final_classifier(classifier).fit(&data, &nothing()).unwrap();
    let model = with_final(Scripted { class: Some(2), ..scripted(even) });
    let error = model.score(&data).unwrap_err();
    assert!(matches!(error, LearningError::UnknownClass { row: 0, class: 2, n_classes: 2 }));
    let model = with_final(scripted(|_, k| Ok(Array2::zeros((1, k)))));
    let error = model.predict_proba(features.view()).unwrap_err();
    assert!(matches!(error, LearningError::PredictedShape { rows: 1, expected_rows: 30, .. }));
    let few = FewPredictions;
    let error = recipe().with_final_classifier(few).fit(&data, &nothing()).unwrap().score(&data).unwrap_err();
    assert!(matches!(error, LearningError::PredictedRows { found: 0, expected: 30 }));
}

struct FewPredictions;

impl Classifier for FewPredictions {
    fn fit(&self, _: &TrainingSet<'_>) -> Result<Box<dyn FittedClassifier>, LearningError> {
        Ok(Box::new(FewPredictions))
    }
}

impl FittedClassifier for FewPredictions {
    fn n_classes(&self) -> usize {
        2
    }
    fn predict_proba(&self, features: ArrayView2<'_, f64>) -> Result<Array2<f64>, LearningError> {
        even(features, 2)
    }
    fn predict(&self, _: ArrayView2<'_, f64>) -> Result<Vec<u32>, LearningError> {
        Ok(Vec::new())
    }
}

#[test]
fn fit_failing_final_model_says_so() {
    let (features, labels) = blobs(30, 2, 1);
    let data = TrainingSet::new(features.view(), &labels, 2).unwrap();
    let needs_validation = Scripted { validated: true, ..scripted(even) };
    let error = recipe().with_final_classifier(needs_validation).fit(&data, &nothing()).unwrap_err();
    assert!(matches!(&error, LearningError::FinalFit { .. }));
    assert!(error.to_string().starts_with("final model: "), "{error}");
}

#[test]
fn find_label_issues_held_out_rows_reach_the_classifier() {
    let (features, labels) = blobs(30, 2, 1);
    let data = TrainingSet::new(features.view(), &labels, 2).unwrap();
    let needs_validation = CleanLearning::new(Scripted { validated: true, ..scripted(even) });
    assert!(needs_validation.find_label_issues(&data, &nothing()).is_err());
    let given = needs_validation.with_validation(ValidationRows::HeldOut);
    assert!(given.find_label_issues(&data, &nothing()).is_ok());
}

#[test]
fn find_label_issues_too_few_rows_for_the_folds_are_refused() {
    let features = array![[0.0], [1.0], [2.0], [3.0], [4.0], [5.0], [6.0], [7.0], [8.0]];
    let data = TrainingSet::new(features.view(), &[0, 0, 0, 0, 1, 1, 1, 1, 1], 2).unwrap();
    let error = recipe().find_label_issues(&data, &nothing()).unwrap_err();
    assert!(matches!(error, LearningError::TooFewRowsForFolds { rows: 9, classes: 2, n_splits: 5 }));
    let error = recipe().with_n_splits(usize::MAX).find_label_issues(&data, &nothing()).unwrap_err();
    assert!(matches!(error, LearningError::TooFewRowsForFolds { n_splits: usize::MAX, .. }));
    assert!(recipe().with_n_splits(4).find_label_issues(&data, &nothing()).is_ok());
    let pred_probs = PredProbs::new(Array2::from_elem((9, 2), 0.5)).unwrap();
    assert!(recipe().find_label_issues(&data, &nothing().with_pred_probs(pred_probs)).is_ok());
}

#[test]
fn find_label_issues_bad_noise_matrices_are_refused() {
    let (features, labels) = blobs(30, 2, 1);
    let data = TrainingSet::new(features.view(), &labels, 2).unwrap();
    let refused = |matrix: Array2<f64>| {
        recipe().find_label_issues(&data, &nothing().with_noise_matrix(matrix.view())).unwrap_err()
    };
    let error = refused(array![[0.5, 0.5], [0.5, 0.5]]);
    assert!(matches!(error, LearningError::TraceTooSmall { what: "noise_matrix", trace: 1.0 }));
    let error = refused(array![[1.2, 0.0], [-0.2, 1.0]]);
    assert!(matches!(error, LearningError::NotARate { row: 0, column: 0, value: 1.2, .. }));
    assert!(matches!(refused(array![[f64::NAN, 0.0], [0.0, 1.0]]), LearningError::NotARate { .. }));
    let error = refused(Array2::eye(3));
    assert!(matches!(error, LearningError::Count(CountError::WrongShape { rows: 3, expected: 2, .. })));
    let error = refused(array![[1.0, 1.0], [1.0, 1.0]]);
    assert!(matches!(error, LearningError::SingularNoiseMatrix(_)), "{error}");
    let half = array![[0.5, 0.5], [0.5, 0.5]];
    let error =
        recipe().find_label_issues(&data, &nothing().with_inverse_noise_matrix(half.view())).unwrap_err();
    assert!(matches!(error, LearningError::TraceTooSmall { what: "inverse_noise_matrix", .. }));
}

#[test]
fn find_label_issues_transposed_noise_matrix_is_told() {
    let (features, labels) = blobs(30, 2, 1);
    let data = TrainingSet::new(features.view(), &labels, 2).unwrap();
    let transposed = array![[0.9, 0.1], [0.3, 0.7]];
    let inputs = nothing().with_noise_matrix(transposed.view());
    let warnings = recipe().find_label_issues(&data, &inputs).unwrap().warnings;
    let told = |warning: &CleanLearningWarning| matches!(warning, CleanLearningWarning::ColumnDoesNotSumToOne { column: 0, sum, .. } if *sum > 1.19);
    assert!(warnings.iter().any(told), "{warnings:?}");
}

#[test]
fn find_label_issues_options_that_do_not_fit_are_refused() {
    let (features, labels) = blobs(45, 3, 1);
    let data = TrainingSet::new(features.view(), &labels, 3).unwrap();
    let error = recipe().with_pu_learning(1).find_label_issues(&data, &nothing()).unwrap_err();
    assert!(matches!(error, LearningError::PuLearning { class: 1, n_classes: 3 }));
    let pred_probs = PredProbs::new(Array2::from_elem((45, 4), 0.25)).unwrap();
    let error = recipe().find_label_issues(&data, &nothing().with_pred_probs(pred_probs)).unwrap_err();
    assert!(matches!(error, LearningError::PredProbsClasses { found: 4, expected: 3 }));
    let joint = ConfidentJoint::from_counts(array![[3, 1], [0, 2]]).unwrap();
    let with_joint = recipe().with_find_label_issues_options(|options| options.with_confident_joint(joint));
    let error = with_joint.find_label_issues(&data, &nothing()).unwrap_err();
    let expected = FilterError::ConfidentJointShape { found: 2, expected: 3 };
    assert!(matches!(error, LearningError::Filter(error) if error == expected));
    let one_class = vec![1; 45];
    let data = TrainingSet::new(features.view(), &one_class, 3).unwrap();
    assert!(recipe().find_label_issues(&data, &nothing()).is_err());
}

#[test]
fn fit_with_label_issues_that_do_not_fit_are_refused() {
    let (features, labels) = blobs(20, 2, 1);
    let data = TrainingSet::new(features.view(), &labels, 2).unwrap();
    let refused =
        |issues: GivenLabelIssues<'_>| recipe().fit_with_label_issues(&data, issues, &nothing()).unwrap_err();
    let mask = Array1::from_elem(19, false);
    let error = refused(GivenLabelIssues::Mask(mask.view()));
    assert!(matches!(error, LearningError::LabelIssuesLength { found: 19, expected: 20 }));
    let error = refused(GivenLabelIssues::Indices(&[3, 20]));
    assert!(matches!(error, LearningError::LabelIssueOutOfRange { index: 20, rows: 20 }));
    let error = refused(GivenLabelIssues::Indices(&[3, 5, 3]));
    assert!(matches!(error, LearningError::RepeatedLabelIssue { index: 3 }));
    let mut other = labels.clone();
    other[6] = 1 - other[6];
    let table = LabelIssuesTable::new(Array1::from_elem(20, false), other.into());
    let error = refused(GivenLabelIssues::Table(&table));
    assert!(matches!(error, LearningError::GivenLabelDiffers { row: 6, .. }));
    let short_column = LabelIssuesTable::new(Array1::from_elem(20, false), labels.clone().into())
        .with_label_quality(Array1::zeros(3));
    let error = refused(GivenLabelIssues::Table(&short_column));
    assert!(matches!(error, LearningError::LabelIssuesLength { found: 3, expected: 20 }));
    let all = Array1::from_elem(20, true);
    let error = refused(GivenLabelIssues::Mask(all.view()));
    assert!(matches!(error, LearningError::NoCleanRows { rows: 20 }));
    let mut of_other_classes = recipe().find_label_issues(&data, &nothing()).unwrap();
    of_other_classes.noise.as_mut().unwrap().noise_matrix = array![[1.0]];
    let error = refused(GivenLabelIssues::Found(&of_other_classes));
    assert!(matches!(error, LearningError::Count(CountError::WrongShape { rows: 1, expected: 2, .. })));
}

#[test]
fn fit_with_label_issues_ignored_inputs_are_told() {
    let (features, labels) = blobs(40, 2, 1);
    let data = TrainingSet::new(features.view(), &labels, 2).unwrap();
    let inputs = nothing().with_thresholds(array![0.5, 0.5]);
    let model = recipe().fit_with_label_issues(&data, GivenLabelIssues::Indices(&[9]), &inputs).unwrap();
    let ignored = |warning: &CleanLearningWarning| {
        matches!(warning, CleanLearningWarning::InputIgnored { input: "thresholds", .. })
    };
    assert!(model.issues().warnings.iter().any(ignored));
}

#[test]
fn find_label_issues_low_memory_flags_the_lowest_self_confidence() {
    let (features, labels) = blobs(200, 3, 4);
    let data = TrainingSet::new(features.view(), &labels, 3).unwrap();
    let low = recipe()
        .with_memory_use(MemoryUse::Low)
        .with_find_label_issues_options(|options| options.with_filter_by(FilterBy::Both));
    let issues = low.find_label_issues(&data, &nothing().with_thresholds(array![0.5, 0.5, 0.5])).unwrap();
    let pred_probs = PredProbs::new(issues.pred_probs.as_ref().unwrap().view()).unwrap();
    let labeled = LabeledProbs::new(Labels::new(&labels).unwrap(), pred_probs).unwrap();
    let by = |filter_by| {
        let options = FindLabelIssuesOptions::default().with_filter_by(filter_by);
        find_label_issues(&labeled, &options).unwrap().mask
    };
    let expected = by(FilterBy::LowSelfConfidence) & by(FilterBy::PredictedNeqGiven);
    assert!(expected.iter().filter(|&&issue| issue).count() > 10);
    assert_eq!(issues.table.is_label_issue, expected);
    assert!(issues.noise.is_none());
    let ignored: Vec<&str> = issues
        .warnings
        .iter()
        .filter_map(|warning| match warning {
            CleanLearningWarning::InputIgnored { input, .. } => Some(*input),
            _ => None,
        })
        .collect();
    assert_eq!(ignored, ["find_label_issues_options", "thresholds"]);
    let model = low.fit(&data, &nothing()).unwrap();
    assert!(model.issues().warnings.contains(&CleanLearningWarning::NoSampleWeights));
}

#[test]
fn find_label_issues_pu_learning_clears_one_class() {
    let (features, mut labels) = blobs(200, 2, 4);
    for (row, label) in labels.iter_mut().enumerate() {
        // Class 1 holds no wrong label: only true 1s are labelled 0.
        *label = if row % 2 == 1 && row % 10 == 9 { 0 } else { (row % 2) as u32 };
    }
    let data = TrainingSet::new(features.view(), &labels, 2).unwrap();
    let issues = recipe().with_pu_learning(1).find_label_issues(&data, &nothing()).unwrap();
    let noise = issues.noise.unwrap();
    assert_eq!(noise.noise_matrix.column(0), array![1.0, 0.0]);
    assert_eq!(noise.inverse_noise_matrix.column(1), array![0.0, 1.0]);
    assert_eq!(noise.confident_joint.counts()[[1, 0]], 0);
    assert!(issues.table.indices().iter().all(|&row| labels[row] == 0));
    assert!(!issues.table.indices().is_empty());
}

#[test]
fn find_label_issues_progress_may_stop_it() {
    let (features, labels) = blobs(30, 2, 1);
    let data = TrainingSet::new(features.view(), &labels, 2).unwrap();
    let stopped = recipe().with_progress(Arc::new(|_| ControlFlow::Break(())));
    let error = stopped.find_label_issues(&data, &nothing()).unwrap_err();
    assert!(matches!(error, LearningError::Cancelled { done: 0, total: 5 }));
}

#[test]
fn clean_learning_is_itself_a_classifier() {
    let (features, labels) = blobs(120, 2, 3);
    let data = TrainingSet::new(features.view(), &labels, 2).unwrap();
    let options = CrossValidationOptions::default().with_n_splits(3);
    let out_of_sample = cross_val_predict(&recipe(), &data, &options).unwrap();
    assert_eq!(out_of_sample.pred_probs.dim(), (120, 2));
    let right = (0..120).filter(|&row| out_of_sample.pred_probs[[row, row % 2]] > 0.5).count();
    assert_eq!(right, 120);
}

#[test]
fn fit_any_number_of_threads_gives_the_same_bits() {
    let (features, labels) = blobs(400, 4, 11);
    let data = TrainingSet::new(features.view(), &labels, 4).unwrap();
    let on = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| {
            let model = recipe().fit(&data, &nothing()).unwrap();
            (model.predict_proba(features.view()).unwrap(), model.issues().clone())
        })
    };
    let one = on(1);
    for threads in [2, 5] {
        assert!(on(threads) == one, "{threads} threads");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn find_label_issues_same_predictions_give_the_same_issues(seed: u32, n in 30_usize..200, k in 2_usize..5) {
        let (features, labels) = blobs(n, k, seed);
        let data = TrainingSet::new(features.view(), &labels, k).unwrap();
        let issues = recipe().with_n_splits(3).find_label_issues(&data, &nothing()).unwrap();
        let pred_probs = PredProbs::new(issues.pred_probs.as_ref().unwrap().view()).unwrap();
        let given = recipe().find_label_issues(&data, &nothing().with_pred_probs(pred_probs.borrowed())).unwrap();
        prop_assert_eq!(&given.table, &issues.table);
        let labeled = LabeledProbs::new(Labels::new(&labels).unwrap(), pred_probs.borrowed()).unwrap();
        let alone = recipe().find_label_issues_from_probabilities(&labeled, &nothing()).unwrap();
        prop_assert_eq!(&alone.noise, &issues.noise);
        // What the model is trained on is what is not flagged, and never a row whose label is predicted.
        let predicted = issues.table.predicted_label.as_ref().unwrap();
        for row in issues.table.indices() {
            prop_assert_ne!(predicted[row], labels[row]);
        }
    }
}
