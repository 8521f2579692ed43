//! Data that are hard to learn from, with every classifier: an answer that is documented, or an error that says where.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::Arc;

use cleanlab_learning::{
    Classifier, CleanLearning, CleanLearningInputs, CleanLearningWarning, CrossValidationOptions,
    CrossValidationWarning, GaussianNaiveBayes, GradientBoosting, KNearestNeighbors, LearningError,
    LogisticRegression, NeighborWeights, RandomForest, SplitWarning, TrainingSet, cross_val_predict,
};
use ndarray::{Array2, Axis, array, s};

fn classifiers() -> [(&'static str, Arc<dyn Classifier>); 6] {
    let by_distance = KNearestNeighbors::default().with_weights(NeighborWeights::Distance);
    [
        ("logistic regression", Arc::new(LogisticRegression::default())),
        ("naive Bayes", Arc::new(GaussianNaiveBayes::default())),
        ("nearest neighbours", Arc::new(KNearestNeighbors::default())),
        ("nearest neighbours by distance", Arc::new(by_distance)),
        ("forest", Arc::new(RandomForest::default().with_n_trees(10))),
        ("boosting", Arc::new(GradientBoosting::default())),
    ]
}

/// Two groups of rows, far apart.
fn groups(n: usize, p: usize) -> (Array2<f64>, Vec<u32>) {
    let features = Array2::from_shape_fn((n, p), |(row, column)| {
        ((row * 29 + column * 13) as f64).sin() + if row % 2 == 0 { 0.0 } else { 6.0 }
    });
    (features, (0..n).map(|row| (row % 2) as u32).collect())
}

fn fit(
    classifier: &Arc<dyn Classifier>,
    features: &Array2<f64>,
    labels: &[u32],
    n_classes: usize,
) -> (Array2<f64>, Vec<CleanLearningWarning>) {
    let data = TrainingSet::new(features.view(), labels, n_classes).unwrap();
    let learning = CleanLearning::new(Arc::clone(classifier));
    let model = learning.fit(&data, &CleanLearningInputs::default()).unwrap();
    let pred_probs = model.predict_proba(features.view()).unwrap();
    assert!(pred_probs.iter().all(|p| (0.0..=1.0).contains(p)));
    assert!(pred_probs.sum_axis(Axis(1)).iter().all(|sum| (sum - 1.0).abs() < 1e-9));
    (pred_probs, model.issues().warnings.clone())
}

#[test]
fn fit_constant_features_predicts_for_every_row_alike() {
    let features = Array2::from_elem((40, 3), 2.5);
    let labels: Vec<u32> = (0..40).map(|row| u32::from(row % 4 == 0)).collect();
    for (name, classifier) in classifiers() {
        let (pred_probs, _) = fit(&classifier, &features, &labels, 2);
        let first = pred_probs.row(0);
        assert!(pred_probs.rows().into_iter().all(|row| row == first), "{name}");
    }
}

#[test]
fn fit_more_features_than_rows_works() {
    // Boosted trees have leaves of at least 20 rows: with fewer than 40 they could not split at all.
    let (features, labels) = groups(60, 80);
    for (name, classifier) in classifiers() {
        let (pred_probs, _) = fit(&classifier, &features, &labels, 2);
        let right = (0..60).filter(|&row| pred_probs[[row, row % 2]] > 0.5).count();
        assert!(right >= 58, "{name}: {right}");
    }
}

#[test]
fn fit_class_with_fewer_rows_than_folds_is_a_warning() {
    let (mut features, mut labels) = groups(60, 2);
    for (row, label) in labels.iter_mut().enumerate().take(3) {
        features.row_mut(row).fill(-20.0 + row as f64);
        *label = 2;
    }
    for (name, classifier) in classifiers() {
        let (_, warnings) = fit(&classifier, &features, &labels, 3);
        let expected = |warning: &CleanLearningWarning| {
            matches!(
                warning,
                CleanLearningWarning::CrossValidation(CrossValidationWarning::Split(
                    SplitWarning::SmallClass { class: 2, members: 3, n_splits: 5 }
                ))
            )
        };
        assert!(warnings.iter().any(expected), "{name}: {warnings:?}");
    }
}

#[test]
fn cross_val_predict_class_of_one_row_gets_probability_0_and_a_warning() {
    let (features, mut labels) = groups(40, 2);
    labels[11] = 2;
    let data = TrainingSet::new(features.view(), &labels, 3).unwrap();
    for (name, classifier) in classifiers() {
        let found = cross_val_predict(&*classifier, &data, &CrossValidationOptions::default()).unwrap();
        assert_eq!(found.pred_probs[[11, 2]], 0.0, "{name}");
        let absent = |warning: &CrossValidationWarning| matches!(warning, CrossValidationWarning::AbsentClasses { classes, .. } if classes == &[2]);
        assert_eq!(found.warnings.iter().filter(|warning| absent(warning)).count(), 1, "{name}");
    }
}

#[test]
fn predict_proba_wrong_shape_or_value_is_refused() {
    let (features, labels) = groups(20, 3);
    let data = TrainingSet::new(features.view(), &labels, 2).unwrap();
    let mut infinite = features.clone();
    infinite[[4, 1]] = f64::INFINITY;
    for (name, classifier) in classifiers() {
        let model = classifier.fit(&data).unwrap();
        let error = model.predict_proba(features.slice(s![.., ..2])).unwrap_err();
        assert!(matches!(error, LearningError::FeatureCount { expected: 3, found: 2 }), "{name}: {error}");
        let error = model.predict_proba(infinite.view()).unwrap_err();
        assert!(
            matches!(error, LearningError::NonFiniteFeature { row: 4, column: 1, .. }),
            "{name}: {error}"
        );
    }
}

#[test]
fn new_unknown_class_or_unusable_feature_is_refused_before_any_classifier() {
    let features = array![[0.0], [1.0], [f64::NAN]];
    let new = |labels| TrainingSet::new(features.view(), labels, 2).unwrap_err();
    assert!(matches!(new(&[0, 2, 1]), LearningError::LabelOutOfRange { row: 1, label: 2, n_classes: 2 }));
    assert!(matches!(new(&[0, 1]), LearningError::LabelCount { labels: 2, rows: 3 }));
    assert!(matches!(new(&[0, 1, 1]), LearningError::NonFiniteFeature { row: 2, column: 0, .. }));
}
