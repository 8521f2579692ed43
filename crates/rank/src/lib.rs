//! A quality score for every label, from one model's predicted probabilities or from an ensemble's.
//!
//! Scores lie in [0, 1]; the lower, the more likely the label is wrong. Numbers are those of `cleanlab.rank` 2.9.0.
//!
//! # A one-minute example
//!
//! ```
//! use cleanlab_core::{LabeledProbs, Labels, PredProbs};
//! use cleanlab_rank::{LabelQualityMethod, find_top_issues, get_label_quality_scores};
//! use ndarray::array;
//!
//! let pred_probs = array![[0.9, 0.1], [0.2, 0.8], [0.7, 0.3]];
//! let data = LabeledProbs::new(Labels::new(&[0, 1, 1])?, PredProbs::new(pred_probs)?)?;
//! let scores = get_label_quality_scores(&data, LabelQualityMethod::SelfConfidence)?;
//! assert_eq!(scores.to_vec(), [0.9, 0.8, 0.3]);
//! assert_eq!(find_top_issues(scores.view(), 1), [2]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # When not to use it
//!
//! A score orders labels; it does not say how many are wrong. `cleanlab-filter` decides that.

#![forbid(unsafe_code)]

mod batch_scores;
mod ensemble;
mod entropy;
mod errors;
mod order;
mod scores;

pub use batch_scores::LabelQualityScorer;
pub use ensemble::{EnsembleOptions, EnsembleScores, EnsembleWeighting, get_label_quality_ensemble_scores};
pub use entropy::confidence_weighted_entropy;
pub use errors::RankError;
pub use order::{find_top_issues, order_label_issues};
pub use scores::{
    LabelQualityMethod, get_confidence_weighted_entropy_for_each_label, get_label_quality_scores,
    get_normalized_margin_for_each_label, get_self_confidence_for_each_label,
};
