//! Classifiers, cross-validation and the noise estimators that train a model.

mod classifier;
mod errors;
mod lbfgs;
mod logistic_regression;
mod training_set;

pub use classifier::{Classifier, FitWarning, FittedClassifier};
pub use errors::LearningError;
pub use logistic_regression::{FittedLogisticRegression, Intercept, LogisticRegression};
pub use ndarray;
pub use training_set::TrainingSet;
