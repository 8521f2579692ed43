//! Wrong labels in data with numeric labels: which they are, and models trained in spite of them.
//!
//! [`get_label_quality_scores`] scores labels by predictions that exist already. [`CleanLearning`] makes predictions by
//! cross-validation with any [`Regressor`], finds out what share of the labels is wrong, and trains a final model on the
//! others. Numbers are those of `cleanlab.regression` 2.9.0 for the same data and seed.
//!
//! # A one-minute example
//!
//! ```
//! use cleanlab_regression::{CleanLearning, FindLabelIssuesOptions, LinearRegression, RegressionSet};
//! use ndarray::{Array1, Array2};
//!
//! // y = 3x + 1 with a little noise, and one label that is far off.
//! let features = Array2::from_shape_fn((40, 1), |(row, _)| row as f64 / 10.0);
//! let mut labels: Array1<f64> =
//!     features.column(0).iter().enumerate().map(|(i, x)| 3.0 * x + 1.0 + 0.05 * (i as f64 * 7.7).sin()).collect();
//! labels[17] = 30.0;
//!
//! let data = RegressionSet::new(features.view(), labels.view())?;
//! let learning = CleanLearning::new(LinearRegression::default());
//! let model = learning.fit(&data, &FindLabelIssuesOptions::default())?;
//! assert!(model.get_label_issues().is_label_issue[17]);
//! assert!((model.predict(features.view())?[17] - 6.1).abs() < 0.05);
//! # Ok::<(), cleanlab_regression::RegressionError>(())
//! ```
//!
//! # Any model
//!
//! A model of another crate joins by implementing [`Regressor`] and [`FittedRegressor`], some thirty lines shown at
//! [`Regressor`].
//!
//! # When not to use it
//!
//! Numbers that stand for classes, such as 0, 1 and 2 for three species, are for `cleanlab-learning` and
//! `cleanlab-filter`. Where the noise of labels depends on the features by nature, as prices of large houses vary more,
//! transform the labels first.

#![forbid(unsafe_code)]

mod clean_learning;
mod errors;
mod label_quality;
mod least_squares;
mod linear_regression;
mod r_squared;
mod regression_set;
mod regressor;

pub use clean_learning::{
    AleatoricUncertainty, CleanLearning, CleanLearningIssues, CleanLearningWarning, FindLabelIssuesOptions,
    FittedCleanLearning, GivenLabelIssues, LabelIssuesTable, Uncertainty,
};
pub use cleanlab_learning::Intercept;
pub use errors::RegressionError;
pub use label_quality::{LabelQualityMethod, get_label_quality_scores};
pub use linear_regression::{FittedLinearRegression, LinearRegression};
pub use ndarray;
pub use r_squared::r2_score;
pub use regression_set::RegressionSet;
pub use regressor::{FittedRegressor, Regressor};
