//! cleanlab in Rust: finds wrong labels in datasets, and estimates how many there are.
//!
//! This crate only re-exports the others, each behind a feature of its name, so that one dependency serves.
//!
//! | feature | what for |
//! |---|---|
//! | always there: `core`, `count` | validated inputs; thresholds, confident joint, noise matrices, numbers of issues |
//! | by default: `filter`, `rank`, `dataset` | which labels are wrong, a score for each, the health of all |
//! | `learning` | models trained in spite of wrong labels, classifiers, cross-validation |
//! | `multilabel` | rows with any number of classes |
//! | `regression` | numeric labels |
//! | `report` | audits as terminal text, JSON and HTML |
//! | `neighbors`, `outlier` | nearest neighbours; how unusual examples are |
//! | `pca` | principal components, in `neighbors` |
//! | `data-valuation` | what each example is worth |
//! | `noise-generation` | labels made wrong on purpose |
//! | `stream` | labels, scores and health of files larger than memory |
//! | `table` | reading and writing files; by far the largest to compile |
//!
//! # A one-minute example
//!
//! ```
//! # #[cfg(feature = "filter")]
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use cleanlab::core::ndarray::array;
//! use cleanlab::core::{LabeledProbs, Labels, PredProbs};
//! use cleanlab::filter::{FindLabelIssuesOptions, find_label_issues};
//!
//! let pred_probs = array![[0.9, 0.1], [0.8, 0.2], [0.1, 0.9], [0.2, 0.8], [0.95, 0.05]];
//! let data = LabeledProbs::new(Labels::new(&[0, 0, 1, 1, 1])?, PredProbs::new(pred_probs)?)?;
//! assert_eq!(find_label_issues(&data, &FindLabelIssuesOptions::default())?.indices(), [4]);
//! # Ok(())
//! # }
//! # #[cfg(not(feature = "filter"))]
//! # fn main() {}
//! ```
//!
//! # When not to use it
//!
//! To compile less, depend on the one crate you need, such as `cleanlab-filter`.

#![forbid(unsafe_code)]

pub use cleanlab_core as core;
pub use cleanlab_count as count;
#[cfg(feature = "data-valuation")]
pub use cleanlab_data_valuation as data_valuation;
#[cfg(feature = "dataset")]
pub use cleanlab_dataset as dataset;
#[cfg(feature = "filter")]
pub use cleanlab_filter as filter;
#[cfg(feature = "learning")]
pub use cleanlab_learning as learning;
#[cfg(feature = "multilabel")]
pub use cleanlab_multilabel as multilabel;
#[cfg(feature = "neighbors")]
pub use cleanlab_neighbors as neighbors;
#[cfg(feature = "noise-generation")]
pub use cleanlab_noise_generation as noise_generation;
#[cfg(feature = "outlier")]
pub use cleanlab_outlier as outlier;
#[cfg(feature = "rank")]
pub use cleanlab_rank as rank;
#[cfg(feature = "regression")]
pub use cleanlab_regression as regression;
#[cfg(feature = "report")]
pub use cleanlab_report as report;
#[cfg(feature = "stream")]
pub use cleanlab_stream as stream;
#[cfg(feature = "table")]
pub use cleanlab_table as table;

/// The examples of README.md, compiled and run as tests.
#[cfg(all(doctest, feature = "filter", feature = "rank"))]
#[doc = include_str!("../../../README.md")]
struct ReadmeExamples;
