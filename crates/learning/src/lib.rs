//! Classifiers, cross-validation and the noise estimators that train a model.
