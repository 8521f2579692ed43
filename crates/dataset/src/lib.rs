//! Label health of classes and whole data sets: which classes are labelled worst, which are mistaken for each other,
//! one score for all, and how sure each of these numbers is.
//!
//! Every function reads a [`HealthSource`]: labels and predicted probabilities, or a joint distribution or confident
//! joint that is known already. Numbers and orders are those of `cleanlab.dataset` 2.9.0.
//!
//! # A one-minute example
//!
//! ```
//! use cleanlab_core::{LabeledProbs, Labels, PredProbs};
//! use cleanlab_dataset::{HealthSource, IntervalOptions, Symmetry, health_intervals, health_summary};
//! use ndarray::array;
//!
//! let pred_probs = array![[0.9, 0.1], [0.8, 0.2], [0.1, 0.9], [0.2, 0.8], [0.95, 0.05]];
//! let data = LabeledProbs::new(Labels::new(&[0, 0, 1, 1, 1])?, PredProbs::new(pred_probs)?)?;
//! let source = HealthSource::probabilities(&data);
//! let summary = health_summary(&source, Symmetry::Symmetric)?;
//! // One label in five is wrong: a 0 that is labelled 1.
//! assert_eq!(summary.overall_label_health_score, 0.8);
//! assert_eq!(summary.classes_by_label_quality[0].class, 1);
//!
//! // Five examples say little: the true score may be 30 % as well as 99 %.
//! let intervals = health_intervals(&source, &summary, &IntervalOptions::default())?;
//! let score = intervals.overall_label_health_score;
//! assert!(score.low < 0.3 && score.high > 0.99);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # When not to use it
//!
//! To know which labels are wrong, use `cleanlab-filter`. For labels that are sets of classes, use
//! `cleanlab-multilabel`.

#![forbid(unsafe_code)]

mod beta_quantile;
mod class_quality;
mod errors;
mod health;
mod health_source;
mod interval_options;
mod intervals;
mod overlapping_classes;
mod proportion_intervals;
mod resampled_counts;

pub use class_quality::{ClassLabelQuality, rank_classes_by_label_quality};
pub use errors::DatasetError;
pub use health::{HealthSummary, health_summary, overall_label_health_score};
pub use health_source::{HealthCounts, HealthSource};
pub use interval_options::{Interval, IntervalMethod, IntervalOptions};
pub use intervals::{
    ClassNoiseIntervals, HealthIntervals, class_noise_intervals, health_intervals, num_label_issues_interval,
    overall_label_health_score_interval, overlap_intervals,
};
pub use overlapping_classes::{OverlappingClasses, Symmetry, find_overlapping_classes};
