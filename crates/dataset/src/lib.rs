//! Label health of whole data sets.
//!
//! # A one-minute example
//!
//! ```
//! use cleanlab_core::{LabeledProbs, Labels, PredProbs};
//! use cleanlab_dataset::overall_label_health_score;
//! use ndarray::array;
//!
//! let pred_probs = array![[0.9, 0.1], [0.8, 0.2], [0.1, 0.9], [0.2, 0.8], [0.95, 0.05]];
//! let data = LabeledProbs::new(Labels::new(&[0, 0, 1, 1, 1])?, PredProbs::new(pred_probs)?)?;
//! assert_eq!(overall_label_health_score(&data)?, 0.8);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # When not to use it
//!
//! To know which labels are wrong, use `cleanlab-filter`.

use cleanlab_core::{Float, LabeledProbs};
use cleanlab_count::{CountError, EstimationMethod, num_label_issues};

/// The share of labels estimated to be right: 1 − [`num_label_issues`] / N, in [0, 1].
///
/// # Errors
///
/// As [`num_label_issues`].
///
/// # Source
///
/// `cleanlab.dataset.overall_label_health_score(labels, pred_probs)`.
pub fn overall_label_health_score<F: Float>(data: &LabeledProbs<'_, F>) -> Result<f64, CountError> {
    Ok(1.0 - num_label_issues(data, &EstimationMethod::OffDiagonal)? as f64 / data.len() as f64)
}
