//! Which labels are wrong.
//!
//! [`find_label_issues`] flags rows by any of cleanlab's seven methods; [`LabelIssues::ranked_by`] puts the worst
//! first. Masks, counts and rankings are those of `cleanlab.filter` 2.9.0.
//!
//! # A one-minute example
//!
//! ```
//! use cleanlab_core::{LabeledProbs, Labels, PredProbs};
//! use cleanlab_filter::{FindLabelIssuesOptions, find_label_issues};
//! use cleanlab_rank::LabelQualityMethod;
//! use ndarray::array;
//!
//! let pred_probs = array![
//!     [0.9, 0.1], [0.8, 0.2], [0.05, 0.95], // labelled 0; the last looks like a 1
//!     [0.1, 0.9], [0.2, 0.8], [0.97, 0.03], // labelled 1; the last looks like a 0
//! ];
//! let data = LabeledProbs::new(Labels::new(&[0, 0, 0, 1, 1, 1])?, PredProbs::new(pred_probs)?)?;
//! let issues = find_label_issues(&data, &FindLabelIssuesOptions::default())?;
//! assert_eq!(issues.indices(), [2, 5]);
//! assert_eq!(issues.ranked_by(&data, LabelQualityMethod::SelfConfidence)?, [5, 2]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # When not to use it
//!
//! For labels that are sets of classes, or numbers. And to merely look at the most suspicious labels, whether or not
//! they are wrong, the scores of `cleanlab-rank` are enough.

#![forbid(unsafe_code)]

mod argmax_baselines;
mod errors;
mod label_issues;
mod options;
mod prune_counts;

pub use argmax_baselines::{
    ArgmaxConfusionOptions, find_label_issues_using_argmax_confusion_matrix, find_predicted_neq_given,
};
pub use errors::FilterError;
pub use label_issues::{LabelIssues, LabelIssuesWarning, find_label_issues};
pub use options::{FilterBy, FindLabelIssuesOptions};
pub use prune_counts::PruneCounts;
