//! What each example is worth to a model that is trained on it: KNN-Shapley values.
//!
//! An example is worth something when its neighbours have its label, and harms when they have another one. The value is
//! the Shapley value of an example for the accuracy of a nearest-neighbour classifier, in closed form and without training
//! anything. Values lie between 0 and 1; below 0.5 an example does harm. Numbers are those of
//! `cleanlab.data_valuation` 2.9.0, which needs an N × N matrix for them; here it is N numbers.
//!
//! # A one-minute example
//!
//! ```
//! use cleanlab_data_valuation::data_shapley_knn_from_features;
//! use cleanlab_neighbors::KnnGraphOptions;
//! use ndarray::array;
//!
//! // Two clusters; the fourth row has the label of the other one.
//! let features = array![[0.0], [0.1], [0.23], [0.3], [0.45], [7.0], [7.1], [7.25], [7.4]];
//! let labels = ["cat", "cat", "cat", "dog", "cat", "dog", "dog", "dog", "dog"];
//! let options = KnnGraphOptions::default().with_k(3);
//! let values = data_shapley_knn_from_features(&labels, features.view(), &options)?;
//! assert!(values[3] < 0.5);
//! assert!(values.iter().enumerate().all(|(row, &value)| row == 3 || value >= 0.5));
//! # Ok::<(), cleanlab_data_valuation::DataValuationError>(())
//! ```
//!
//! # When not to use it
//!
//! Values judge an example by its k nearest neighbours alone: to find wrong labels with a model of your own use
//! `cleanlab-filter`, for examples unlike all others `cleanlab-outlier`. Labels are equal or not: numeric labels that
//! are merely close to each other count as different.

#![forbid(unsafe_code)]

mod errors;
mod shapley_values;

pub use errors::DataValuationError;
pub use shapley_values::{DataShapleyOptions, data_shapley_knn, data_shapley_knn_from_features};
