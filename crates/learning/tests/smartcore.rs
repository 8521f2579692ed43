//! Classifiers of smartcore take part in cross-validation like any other.
#![cfg(feature = "smartcore")]

use cleanlab_learning::{
    Classifier, CrossValidationOptions, LearningError, LogisticRegression, SmartcoreClassifier, TrainingSet,
    cross_val_predict,
};
use ndarray::{Array1, Array2, Axis};

/// Three clusters; class 1 of 4 does not occur.
fn clusters() -> (Array2<f64>, Vec<u32>) {
    let features = Array2::from_shape_fn((60, 2), |(row, column)| {
        let jitter = ((row * 37 + column * 11) % 23) as f64 / 10.0;
        let corner = match (row % 3, column) {
            (1, 0) | (2, 1) => 3.0,
            _ => 0.0,
        };
        corner + jitter
    });
    (features, (0..60).map(|row| [0, 2, 3][row % 3]).collect())
}

#[test]
fn cross_val_predict_smartcore_models_find_the_clusters() {
    let (features, labels) = clusters();
    let data = TrainingSet::new(features.view(), &labels, 4).unwrap();
    for model in [
        SmartcoreClassifier::NearestNeighbors { k: 5 },
        SmartcoreClassifier::DecisionTree { max_depth: Some(4), min_samples_leaf: 2 },
        SmartcoreClassifier::LogisticRegression { c: 1.0 },
    ] {
        let result = cross_val_predict(&model, &data, &CrossValidationOptions::default()).unwrap();
        let right = result
            .pred_probs
            .rows()
            .into_iter()
            .zip(&labels)
            .filter(|(row, label)| row[**label as usize] > 0.5)
            .count();
        assert!(right >= 55, "{model:?}: {right} of 60");
        assert!(result.pred_probs.column(1).iter().all(|&p| p == 0.0));
        assert!(result.pred_probs.sum_axis(Axis(1)).iter().all(|sum| (sum - 1.0).abs() < 1e-9));
    }
}

#[test]
fn fit_smartcore_logistic_regression_has_the_same_optimum() {
    let (features, labels) = clusters();
    for (n_classes, rows) in [(4, 60), (3, 2)] {
        let labels: Vec<u32> =
            labels.iter().map(|&label| if rows == 2 { label % 3 } else { label }).collect();
        let data = TrainingSet::new(features.view(), &labels, n_classes).unwrap();
        let theirs = SmartcoreClassifier::LogisticRegression { c: 0.5 }.fit(&data).unwrap();
        let ours = LogisticRegression::default().with_c(0.5).with_tolerance(1e-8).fit(&data).unwrap();
        let difference =
            theirs.predict_proba(features.view()).unwrap() - ours.predict_proba(features.view()).unwrap();
        assert!(difference.iter().all(|p| p.abs() < 1e-3), "{difference}");
    }
}

#[test]
fn fit_smartcore_bad_input_is_an_error() {
    let (features, labels) = clusters();
    let data = TrainingSet::new(features.view(), &labels, 4).unwrap();
    let weights = Array1::ones(60);
    let weighted = data.with_sample_weight(weights.view()).unwrap();
    let model = SmartcoreClassifier::NearestNeighbors { k: 3 };
    assert!(matches!(model.fit(&weighted).err(), Some(LearningError::WeightsUnsupported)));
    assert!(matches!(
        SmartcoreClassifier::NearestNeighbors { k: 0 }.fit(&data).err(),
        Some(LearningError::Classifier(_))
    ));
    assert!(matches!(
        SmartcoreClassifier::LogisticRegression { c: 0.0 }.fit(&data).err(),
        Some(LearningError::InvalidOption { option: "c", .. })
    ));
    let fitted = model.fit(&data).unwrap();
    assert!(matches!(
        fitted.predict_proba(Array2::zeros((1, 3)).view()),
        Err(LearningError::FeatureCount { expected: 2, found: 3 })
    ));
}
