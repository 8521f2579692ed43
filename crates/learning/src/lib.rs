//! Classifiers, cross-validation, the noise estimators that train a model, and training in spite of wrong labels.
//!
//! Confident learning needs predicted probabilities for every example by a model that had not seen it. This crate makes
//! them: [`cross_val_predict`] with any [`Classifier`], and cleanlab's estimators that go on to count label noise.
//! [`LogisticRegression`], [`RandomForest`], [`GradientBoosting`], [`GaussianNaiveBayes`] and [`KNearestNeighbors`] are
//! built in. Folds, models and estimates are those of scikit-learn 1.9 and
//! cleanlab 2.9.0 for the same data and seed.
//!
//! # A one-minute example
//!
//! ```
//! use cleanlab_learning::{
//!     CvEstimationOptions, LogisticRegression, TrainingSet, estimate_py_noise_matrices_and_cv_pred_proba,
//! };
//! use ndarray::array;
//!
//! let features = array![[-2.0], [-1.5], [-1.0], [1.0], [1.5], [2.0], [-1.8]];
//! // The last row is labelled 1 but lies among the rows of class 0.
//! let labels = [0, 0, 0, 1, 1, 1, 1];
//! let data = TrainingSet::new(features.view(), &labels, 2)?;
//! let options = CvEstimationOptions::default().with_n_splits(3);
//! let estimates =
//!     estimate_py_noise_matrices_and_cv_pred_proba(&LogisticRegression::default(), &data, &options)?;
//! assert_eq!(estimates.confident_joint.counts(), array![[3, 0], [1, 3]]);
//! assert!(estimates.out_of_sample.pred_probs[[6, 0]] > 0.5);
//! # Ok::<(), cleanlab_learning::LearningError>(())
//! ```
//!
//! # Training in spite of wrong labels
//!
//! [`CleanLearning`] goes all the way: it cross-validates, finds the wrong labels, and trains a final model on the
//! others.
//!
//! # Any model
//!
//! A model of another crate joins by implementing [`Classifier`] and [`FittedClassifier`], some thirty lines shown at
//! [`Classifier`]. Splits alone are at [`KFold`], [`StratifiedKFold`] and [`train_test_split`].
//!
//! # Features
//!
//! `smartcore`: `SmartcoreClassifier`, decision trees and others of the smartcore crate.
//!
//! # When not to use it
//!
//! If out-of-sample predictions exist already, say from a network trained elsewhere, give them to `cleanlab-filter` or
//! `cleanlab-rank` directly. Predictions for rows that the model was trained on hide exactly the errors that are sought.

#![forbid(unsafe_code)]

mod classifier;
mod clean_learning;
mod counted_rows;
mod cross_validation;
mod decision_tree;
mod errors;
mod estimators;
mod gaussian_naive_bayes;
mod gradient_boosting;
mod k_nearest_neighbors;
mod lbfgs;
mod logistic_regression;
mod random_forest;
#[cfg(feature = "smartcore")]
mod smartcore_classifier;
mod splits;
mod training_set;

pub use classifier::{Classifier, FitWarning, FittedClassifier};
pub use clean_learning::{
    CleanLearning, CleanLearningInputs, CleanLearningIssues, CleanLearningNoise, CleanLearningWarning,
    FittedCleanLearning, GivenLabelIssues, LabelIssuesTable, MemoryUse,
};
pub use cleanlab_neighbors::{Metric, Neighbors};
pub use cross_validation::{
    AbsentClasses, CrossValidated, CrossValidationOptions, CrossValidationWarning, Progress,
    ProgressCallback, Splitter, ValidationRows, cross_val_predict,
};
pub use errors::LearningError;
pub use estimators::{
    CvConfidentJoint, CvEstimationOptions, CvNoiseEstimates, NoiseMatrices,
    estimate_confident_joint_and_cv_pred_proba, estimate_cv_predicted_probabilities, estimate_noise_matrices,
    estimate_py_noise_matrices_and_cv_pred_proba,
};
pub use gaussian_naive_bayes::{FittedGaussianNaiveBayes, GaussianNaiveBayes};
pub use gradient_boosting::{EarlyStopping, FittedGradientBoosting, GradientBoosting};
pub use k_nearest_neighbors::{FittedKNearestNeighbors, KNearestNeighbors, NeighborWeights};
pub use logistic_regression::{FittedLogisticRegression, Intercept, LogisticRegression};
pub use ndarray;
pub use random_forest::{FittedRandomForest, MaxFeatures, RandomForest, RowSampling};
#[cfg(feature = "smartcore")]
pub use smartcore_classifier::SmartcoreClassifier;
pub use splits::{
    Folds, KFold, RowOrder, Split, SplitWarning, StratifiedKFold, TestRows, TestSize, train_test_split,
};
pub use training_set::TrainingSet;
